from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers import RawMatrix
from organokine.study import Study, assemble_study, read_study
from organokine.study_file import AssaySection, AxisSection, ContrastSection, StudyFile, StudySection
from organokine.study_join import as_text, representative_rows
from tests.public_studies import write_motrpac, write_tsumagari
from tests.small_study import write_small_study

MICE = [f"m{number}" for number in range(1, 9)]
GENES = ["Anxa2", "Il6", "Gfap", "Mbp"]


def study_file(**contrast: object) -> StudyFile:
    return StudyFile(
        study=StudySection(name="x", species="mouse", samples="samples.tsv"),
        contrast=ContrastSection(**({"factor": "age", "case": "24", "control": "3"} | contrast)),
        axis=AxisSection(source="muscle", target="brain"),
        assay=tuple(
            AssaySection(name=organ, organ=organ, modality="protein", file=organ) for organ in ("muscle", "brain")
        ),
    )


def sheet(mice: list[str] = MICE) -> pd.DataFrame:
    ages = dict(zip(MICE, [24] * 4 + [3] * 4, strict=True))
    return pd.DataFrame(
        {
            "sample": mice,
            "subject": mice,
            "age": [ages[mouse] for mouse in mice],
            "plate": [1 + number % 2 for number in range(len(mice))],
        }
    )


def table(genes: list[str] = GENES, mice: list[str] = MICE, seed: int = 0) -> RawMatrix:
    values = np.random.default_rng(seed).normal(20, 1, (len(genes), len(mice)))
    index = pd.Index([f"P{number}" for number in range(len(genes))])
    features = pd.DataFrame({"gene": genes}, index=index)
    return RawMatrix(pd.DataFrame(values, index=index, columns=mice), features, "log2")


def tables() -> dict[str, RawMatrix]:
    return {"muscle": table(), "brain": table(seed=1)}


def count(study: Study, assay: str, item: str) -> int:
    rows = study.joins[(study.joins["assay"] == assay) & (study.joins["item"] == item)]
    return int(rows["n"].iloc[0]) if len(rows) == 1 else 0


def test_the_contract_of_an_assay_is_kept(tmp_path: Path) -> None:
    study = read_study(write_small_study(tmp_path))
    for name, data in study.assays.items():
        assert data.obs_names.tolist() == sorted(data.obs_names)
        assert data.obs.columns[0] == "subject"
        assert {"group", "sex", "batch"} <= set(data.obs.columns)
        assert data.var.columns.tolist() == ["gene", "genes", "protein", "precursors", "representative"]
        assert data.X.dtype == np.float64
        assert data.uns["organokine"]["scale"] == ("counts" if name.endswith("rna") else "log2")
        assert data.var["representative"].all()
    assert study.subjects.index.tolist() == sorted(study.subjects.index)
    assert study.subjects.columns.tolist() == ["group", "sex", "batch"]
    assert [assay.scale for assay in study.file.assay] == ["log2", "counts", "log2", "counts"]
    assert study.find("muscle", "rna") == "muscle_rna"
    assert study.find("liver", "rna") is None


def test_values_follow_their_sample_whatever_the_order() -> None:
    study = assemble_study(study_file(), tables(), sheet())
    shuffled = {name: RawMatrix(raw.values.iloc[:, ::-1], raw.features, raw.scale) for name, raw in tables().items()}
    again = assemble_study(study_file(), shuffled, sheet().iloc[[3, 1, 7, 0, 5, 2, 6, 4]])
    for name, data in study.assays.items():
        np.testing.assert_array_equal(again.assays[name].X, data.X)
        np.testing.assert_array_equal(data.X, tables()[name].values[data.obs_names].to_numpy().T)
        pd.testing.assert_frame_equal(again.assays[name].obs, data.obs)


def test_only_samples_of_the_contrast_and_within_are_kept_and_counted() -> None:
    samples = sheet().assign(age=[24, 24, 24, 15, 3, 3, 3, 15], omics=["yes"] * 5 + ["yes", "no", "yes"])
    study = assemble_study(study_file(within={"omics": "yes"}), tables(), samples)
    assert study.assays["muscle"].obs_names.tolist() == ["m1", "m2", "m3", "m5", "m6"]
    assert study.assays["muscle"].obs["age"].tolist() == ["24", "24", "24", "3", "3"]
    assert count(study, "muscle", "samples used") == 5


def test_without_a_contrast_all_samples_are_kept() -> None:
    file = study_file().model_copy(update={"contrast": None})
    study = assemble_study(file, tables(), sheet())
    assert study.assays["brain"].n_obs == len(MICE)
    assert not study.joins["note"].str.contains("contrast|differential").any()
    asked = assemble_study(study_file(), tables(), sheet()).joins.set_index("item")
    assert asked.loc[["samples used"], "note"].str.startswith("samples of the contrast").all()


def test_levels_are_compared_as_text() -> None:
    assert as_text(pd.Series([24, 3])).tolist() == ["24", "3"]
    assert as_text(pd.Series([24.0, np.nan, 2.5])).tolist() == ["24", "", "2.5"]
    assert as_text(pd.Series(["8W", None])).tolist() == ["8W", ""]


def test_the_representative_is_chosen_by_measured_values_then_precursors_then_mean_then_name() -> None:
    gene = pd.Series(["A", "A", "B", "B", "C", "C", "D", "D", "E", ""], index=list("jihgfedcba"))
    nan = np.nan
    numbers = np.array(
        [
            [9.0, 1.0, 5.0, 5.0, 1.0, 2.0, 4.0, 4.0, nan, 7.0],
            [nan, 1.0, 5.0, 5.0, 1.0, 2.0, 4.0, 4.0, nan, 7.0],
        ]
    )
    precursors = pd.Series([9.0, 1.0, 2.0, 3.0, nan, nan, 1.0, 1.0, nan, 5.0], index=gene.index)
    chosen = representative_rows(gene, numbers, precursors)
    assert gene.index[chosen].tolist() == ["i", "g", "e", "c", "b"]


def test_duplicated_genes_keep_all_rows_and_are_counted() -> None:
    raw = {"muscle": table(["Anxa2", "Anxa2", "Il6", ""]), "brain": table()}
    study = assemble_study(study_file(), raw, sheet())
    data = study.assays["muscle"]
    assert data.n_vars == 4
    assert data.var["representative"].sum() == 2
    assert count(study, "muscle", "genes on several features") == 1


def test_blocks_of_missing_values_are_noticed() -> None:
    genes = [f"Gene{number}" for number in range(40)]
    raw = table(genes)
    raw.values.iloc[:4, [2, 3, 6, 7]] = np.nan
    raw.values.iloc[10, 1] = np.nan
    study = assemble_study(study_file(), {"muscle": raw, "brain": table(genes)}, sheet())
    assert count(study, "muscle", "features missing in whole blocks") == 4
    assert count(study, "muscle", "missing values") == 17
    assert count(study, "brain", "features missing in whole blocks") == 0
    notes = study.joins.set_index("item")["note"]
    assert "name it in covariates" in notes["features missing in whole blocks"]


def test_samples_without_a_column_are_counted() -> None:
    study = assemble_study(
        study_file(), tables(), pd.concat([sheet(), sheet(["m1"]).assign(sample="m99", subject="m99")])
    )
    assert count(study, "study", "samples in the sheet without a column") == 1
    assert count(study, "study", "samples of several assays") == len(MICE)
    by_assay = pd.concat([sheet().assign(assay=name) for name in ("muscle", "brain")])
    extra = pd.concat([by_assay, sheet(["m1"]).assign(assay="brain", sample="m99", subject="m99")])
    study = assemble_study(study_file(), tables(), extra)
    assert count(study, "brain", "samples in the sheet without a column") == 1
    assert count(study, "muscle", "samples in the sheet without a column") == 0


def test_unpaired_organs_are_flagged_not_refused() -> None:
    other = [f"n{number}" for number in range(1, 9)]
    samples = pd.concat([sheet(), sheet().assign(sample=other, subject=other)])
    study = assemble_study(study_file(), {"muscle": table(), "brain": table(mice=other)}, samples)
    assert "unpaired" in study.flags["flag"].tolist()
    assert count(study, "study", "subjects in both organs") == 0
    paired = assemble_study(study_file(), tables(), sheet())
    assert "unpaired" not in paired.flags["flag"].tolist()


def test_every_sample_its_own_subject_is_flagged_loudly(tmp_path: Path) -> None:
    path = write_small_study(tmp_path)
    paired = read_study(path)
    assert count(paired, "study", "subjects with protein and RNA of muscle") == 12
    assert len(paired.flags) == 0
    samples = pd.read_csv(tmp_path / "samples.tsv", sep="\t", dtype=str)
    samples.assign(subject=samples["sample"]).to_csv(tmp_path / "samples.tsv", sep="\t", index=False)
    alone = read_study(path)
    found = alone.flags.set_index(["flag", "name"])["detail"]
    different = "rna_and_protein_of_different_animals"
    assert set(found.index) == {("unpaired", "axis"), (different, "muscle"), (different, "cerebellum")}
    assert set(alone.flags["scope"]) == {"study"}
    assert "link cannot be asked" in found["unpaired", "axis"]
    assert (
        "protein and RNA of cerebellum, so the two cannot be compared animal by animal"
        in found[different, "cerebellum"]
    )
    assert all("the column subject names the animal, alike in all assays" in detail for detail in found)
    rows = alone.joins[alone.joins["item"].str.startswith("subjects with protein and RNA")]
    assert rows[["n", "of"]].to_numpy().tolist() == [[0, 24], [0, 24]]


def test_shared_subjects_show_one_pair_of_samples(tmp_path: Path) -> None:
    joins = read_study(write_small_study(tmp_path)).joins.set_index("item")["example"]
    assert joins["subjects in both organs"] == "'m01' = 'mu_protein_m01', 'cb_protein_m01'"
    assert joins["subjects with protein and RNA of muscle"] == "'m01' = 'mu_protein_m01', 'mu_rna_m01'"


def test_a_label_written_as_a_number_is_flagged() -> None:
    flags = assemble_study(study_file(covariates=("plate",)), tables(), sheet()).flags
    assert flags["flag"].tolist() == ["covariate_read_as_number"]
    assert "C(plate)" in flags["detail"].iloc[0]
    assert len(assemble_study(study_file(covariates=("C(plate)",)), tables(), sheet()).flags) == 0


def test_columns_that_differ_between_organs_are_left_out_of_subjects() -> None:
    by_assay = pd.concat([sheet().assign(assay="muscle", run=1), sheet().assign(assay="brain", run=2)])
    study = assemble_study(study_file(), tables(), by_assay)
    assert study.subjects.columns.tolist() == ["age", "plate"]
    assert "run" in study.assays["brain"].obs.columns


def test_an_animal_of_two_sexes_is_refused() -> None:
    sexes = {"muscle": ["male"] * 4 + ["female"] * 4, "brain": ["male"] * 5 + ["female"] * 3}
    by_assay = pd.concat([sheet().assign(assay=name, sex=sexes[name]) for name in sexes])
    with pytest.raises(DataError, match="1 subjects have several values of 'sex', first 'm5'"):
        assemble_study(study_file(), tables(), by_assay)


def test_inputs_are_not_changed() -> None:
    raw, samples = tables(), sheet()
    values, features, before = raw["muscle"].values.copy(), raw["muscle"].features.copy(), samples.copy()
    study = assemble_study(study_file(), raw, samples)
    study.assays["muscle"].X[:] = 0
    pd.testing.assert_frame_equal(raw["muscle"].values, values)
    pd.testing.assert_frame_equal(raw["muscle"].features, features)
    pd.testing.assert_frame_equal(samples, before)


def test_arms_are_read_apart(tmp_path: Path) -> None:
    path = write_small_study(tmp_path)
    text = path.read_text(encoding="utf-8")
    arm = (
        '\n[[assay]]\nname = "aav"\norgan = "muscle"\nmodality = "protein"\nfile = "aav.tsv"\n'
        '[[perturbation]]\nname = "AAV-Anxa2"\ngene = "Anxa2"\nkind = "gain"\nassay = "aav"\nfactor = "virus"\n'
        'case = "AAV"\ncontrol = "GFP"\n'
    )
    path.write_text(text + arm, encoding="utf-8")
    names = [f"v{number}" for number in range(1, 6)]
    values = pd.read_csv(tmp_path / "muscle protein.tsv", sep="\t").iloc[:, [1, *range(3, 8)]]
    values.set_axis(["gene", *names], axis=1).to_csv(tmp_path / "aav.tsv", sep="\t", index=False)
    samples = pd.read_csv(tmp_path / "samples.tsv", sep="\t", dtype=str)
    viruses = ["AAV", "AAV", "GFP", "GFP", "no"]
    more = pd.DataFrame({"assay": "aav", "sample": names, "subject": [f"a{name}" for name in names], "virus": viruses})
    pd.concat([samples, more]).to_csv(tmp_path / "samples.tsv", sep="\t", index=False)
    study = read_study(path)
    assert study.assays["aav"].obs_names.tolist() == ["v1", "v2", "v3", "v4"]
    assert study.find("muscle", "protein") == "muscle_protein"
    assert "av1" not in study.subjects.index
    assert len(study.flags) == 0


@pytest.mark.public
def test_motrpac_is_read_as_it_is(tmp_path: Path, shared_data: Path) -> None:
    study = read_study(write_motrpac(tmp_path, shared_data))
    # Rats at 8W or SED in the sample table of each assay.
    assert {name: data.n_obs for name, data in study.assays.items()} == {
        "muscle_protein": 21,
        "muscle_rna": 20,
        "fat_protein": 24,
        "fat_rna": 20,
    }
    assert [count(study, name, "samples matched") for name in study.assays] == [57, 50, 60, 48]
    assert {name: assay.scale for name, assay in zip(study.assays, study.file.assay, strict=True)} == {
        "muscle_protein": "log2",
        "muscle_rna": "counts",
        "fat_protein": "log2",
        "fat_rna": "counts",
    }
    # Ratios: a zero is a value.
    assert count(study, "muscle_protein", "zeros that mean missing") == 0
    # Blank symbols of the annotation files; of 772 in muscle RNA the Ensembl gene names 149.
    assert count(study, "muscle_rna", "features without a gene") == 623
    assert count(study, "fat_protein", "features without a gene") == 56
    assert set(study.subjects["sex"]) == {"Female", "Male"}
    data = study.assays["muscle_protein"]
    isoforms = data.var[data.var["gene"] == "Dnaja3"]
    assert len(isoforms) > 1
    assert isoforms["representative"].sum() == 1
    measured = np.isfinite(data[:, isoforms.index].X).sum(axis=0)
    assert measured[isoforms["representative"].to_numpy()][0] == measured.max()


@pytest.mark.public
def test_tsumagari_is_read_as_it_is(tmp_path: Path, shared_data: Path) -> None:
    study = read_study(write_tsumagari(tmp_path, shared_data))
    cortex = study.assays["cortex_protein"]
    assert {name: data.shape for name, data in study.assays.items()} == {
        "cortex_protein": (12, 6821),
        "hippocampus_protein": (12, 6910),
    }
    assert count(study, "study", "subjects in both organs") == 12
    assert count(study, "cortex_protein", "features without a gene") == 98
    assert cortex.var.loc["A0A075B5P6", ["gene", "protein", "precursors"]].tolist() == ["Ighm", "A0A075B5P6", 4.0]
    # The second plex of cortex (replicates 4 to 6 of both ages) lacks its own proteins.
    blocks = study.joins[study.joins["item"] == "features missing in whole blocks"].set_index("assay")
    assert blocks.loc["cortex_protein", "n"] > 0.05 * cortex.n_vars
    assert "Cx_24mo_4" in blocks.loc["cortex_protein", "example"]
