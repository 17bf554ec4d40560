from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from organokine.design import design_matrix
from organokine.references import load_references
from organokine.simulate import Simulated, simulate_tables, write_study
from organokine.simulate.genes import BLOOD, PLANTED
from organokine.study import assemble_study, read_study
from organokine.study_file_reader import read_study_file

SMALL: dict[str, Any] = {"n_genes": 300, "n_proteins": 200, "n_plasma": 60}
MANY: dict[str, Any] = {**SMALL, "n_per_group": 100, "missing": False}
ORGANS = ("muscle", "cerebellum")


@pytest.fixture(scope="module")
def demo() -> Simulated:
    return simulate_tables(3, **SMALL)


@pytest.fixture(scope="module")
def many() -> Simulated:
    return simulate_tables(3, **MANY)


def change(simulated: Simulated, assay: str) -> pd.Series:
    """Mean old minus young, counts as log2 of counts per million."""
    values = levels(simulated, assay)
    age = simulated.samples.set_index("sample").loc[values.columns, "age"].to_numpy()
    return values.loc[:, age == "old"].mean(axis=1) - values.loc[:, age == "young"].mean(axis=1)


def levels(simulated: Simulated, assay: str) -> pd.DataFrame:
    table = simulated.tables[assay]
    if table.scale == "log2":
        return table.values - table.values.drop(index=list(BLOOD)).median()
    return np.log2((table.values + 0.5) / table.values.sum() * 1e6)


def residuals(simulated: Simulated, assay: str) -> pd.DataFrame:
    """What the design does not explain, one row per feature measured in all samples, one column per subject."""
    values = levels(simulated, assay).dropna()
    obs = simulated.samples.set_index("sample").loc[values.columns]
    design = design_matrix(obs, simulated.file.contrast).matrix
    fitted = design @ np.linalg.lstsq(design, values.to_numpy().T, rcond=None)[0]
    return pd.DataFrame(values.to_numpy() - fitted.T, index=values.index, columns=obs["subject"])


def test_the_same_seed_gives_the_same_tables_and_another_one_does_not(demo) -> None:
    again, other = simulate_tables(3, **SMALL), simulate_tables(4, **SMALL)
    for name, table in demo.tables.items():
        pd.testing.assert_frame_equal(again.tables[name].values, table.values)
        assert not other.tables[name].values.equals(table.values)
    pd.testing.assert_frame_equal(again.truth, demo.truth)
    pd.testing.assert_frame_equal(again.samples, demo.samples)


def test_seed_zero_is_a_seed_of_its_own(demo) -> None:
    zero = simulate_tables(0, **SMALL)
    assert not zero.tables["muscle_protein"].values.equals(demo.tables["muscle_protein"].values)
    assert zero.file.study.seed == 0


def test_leaving_out_an_assay_does_not_change_the_others(demo) -> None:
    fewer = simulate_tables(3, **SMALL, with_plasma=False, with_rna=False)
    assert list(fewer.tables) == ["muscle_protein", "cerebellum_protein"]
    for name, table in fewer.tables.items():
        pd.testing.assert_frame_equal(table.values, demo.tables[name].values)


def test_assembles_without_a_remark(demo) -> None:
    study = assemble_study(demo.file, demo.tables, demo.samples)
    assert list(study.assays) == list(demo.tables)
    assert {data.n_obs for data in study.assays.values()} == {12}
    assert len(study.flags) == 0


@pytest.mark.parametrize("n_per_group", [2, 3, 5, 6, 8])
def test_sex_and_batch_are_alike_in_both_groups(n_per_group: int) -> None:
    simulated = simulate_tables(1, **SMALL, n_per_group=n_per_group, with_rna=False, with_plasma=False)
    mice = simulated.samples[simulated.samples["assay"] == "muscle_protein"]
    parts = [mice.loc[mice["age"] == age, ["sex", "batch"]].to_numpy().tolist() for age in ("young", "old")]
    assert parts[0] == parts[1]
    assert len(mice) == 2 * n_per_group


def test_symbols_are_those_of_real_mouse_genes(demo) -> None:
    genes = sorted(set().union(*(table.values.index for table in demo.tables.values())))
    references = load_references("mouse")
    assert ((references.resolve(genes) == genes) | np.isin(genes, references.panels()["gene"])).all()
    assert {*PLANTED, *BLOOD} <= set(genes)
    drawn_from = [f"Gene{number}" for number in range(500)]
    own = simulate_tables(1, **SMALL, genes=tuple(drawn_from))
    assert set(own.tables["muscle_rna"].values.index) <= {*drawn_from, *PLANTED, *BLOOD}


def test_sizes_and_overlap_of_the_organs() -> None:
    simulated = simulate_tables(1)
    index = {name: set(table.values.index) for name, table in simulated.tables.items()}
    for organ in ORGANS:
        assert 1950 <= len(index[f"{organ}_protein"]) <= 2000
        assert len(index[f"{organ}_rna"] - set(BLOOD)) == 6000
    shared = len(index["muscle_rna"] & index["cerebellum_rna"]) / 6000
    assert 0.74 < shared < 0.76
    assert 0.4 < len(index["muscle_protein"] & index["cerebellum_protein"]) / 2000 < 0.8
    assert 250 <= len(index["plasma_protein"]) <= 300


def test_missing_values_are_plausible_and_more_frequent_at_low_levels() -> None:
    simulated = simulate_tables(1)
    for organ in ORGANS:
        values = simulated.tables[f"{organ}_protein"].values
        missing = values.isna().mean(axis=1)
        assert 0.05 < missing.mean() < 0.15
        order = values.mean(axis=1).sort_values().index
        assert missing[order[:200]].mean() > 0.3
        assert missing[order[-200:]].mean() < 0.04
        assert simulated.tables[f"{organ}_rna"].values.notna().all(axis=None)
    assert simulate_tables(1, **SMALL, missing=False).tables["muscle_protein"].values.notna().all(axis=None)


def test_what_the_truth_says_is_in_the_tables(many) -> None:
    truth = many.truth.set_index("gene")
    columns = {"source_protein": "muscle_protein", "source_rna": "muscle_rna", "target_protein": "cerebellum_protein"}
    columns |= {"target_rna": "cerebellum_rna", "plasma": "plasma_protein"}
    for column, assay in columns.items():
        found = change(many, assay)
        planted = truth[column].reindex(found.index).fillna(0.0)
        # Blood proteins vary with the blood of the sample, and have no counts worth a logarithm.
        ordinary = ~found.index.isin(BLOOD)
        assert np.corrcoef(planted[ordinary], found[ordinary])[0, 1] > 0.9
        error = (found - planted)[ordinary]
        # The level of whole samples is not planted, so it is taken out.
        assert np.abs(error - error.median()).median() < 0.05


def test_planted_roles(demo) -> None:
    truth = demo.truth.set_index("gene")
    role = truth["role"]
    assert role[["Anxa2", "Gdf15", "Alb", "Igf1", "Apod"]].tolist() == [
        "mediator", "mediator", "blood_leak", "source_only_decoy", "target_only_decoy",
    ]  # fmt: skip
    for gene in ("Anxa2", "Gdf15"):
        row = truth.loc[gene]
        assert 1.2 <= row["source_protein"] == row["source_rna"] <= 1.6
        assert 1.0 <= row["target_protein"] <= 1.3
        assert row["target_rna"] == 0.0
        assert row["plasma"] > 0
    assert truth.loc["Igf1", ["target_protein", "target_rna"]].tolist() == [0.0, 0.0]
    assert truth.loc["Apod", ["source_protein", "source_rna"]].tolist() == [0.0, 0.0]
    routes = load_references("mouse").routes(["Anxa2", "Gdf15", "Igf1", "Apod"])["route"]
    assert routes.tolist() == ["unconventional", "classical", "classical", "classical"]


def test_background_proteins_follow_their_transcript(demo) -> None:
    rows = demo.truth[demo.truth["role"] == "changed_in_source"].dropna(subset=["source_protein", "source_rna"])
    slope = rows["source_protein"] / rows["source_rna"]
    assert len(slope) > 3
    assert slope.between(0.6, 0.8).all()
    assert (rows["target_protein"].fillna(0.0) == 0.0).all()


def test_mediators_link_the_organs_animal_by_animal(many) -> None:
    for linked, simulated in ((True, many), (False, simulate_tables(3, **MANY, paired_link=False))):
        source, target = residuals(simulated, "muscle_protein"), residuals(simulated, "cerebellum_protein")
        for gene in set(PLANTED) & set(source.index) & set(target.index):
            r = np.corrcoef(source.loc[gene], target.loc[gene])[0, 1]
            assert (r > 0.8) if linked and gene in {"Anxa2", "Gdf15"} else (abs(r) < 0.25)


def test_blood_rises_together_in_both_organs_and_has_no_transcript(many) -> None:
    for organ in ORGANS:
        assert many.tables[f"{organ}_rna"].values.reindex(list(BLOOD)).max(axis=None) < 20
        assert change(many, f"{organ}_protein").loc[["Alb", "Trf", "Hpx"]].between(0.5, 1.1).all()
        blood = residuals(many, f"{organ}_protein").reindex(["Alb", "Trf", "Hpx", "Hba-a1"]).to_numpy()
        assert np.corrcoef(blood)[np.triu_indices(4, 1)].min() > 0.2
    assert np.abs(change(many, "plasma_protein").loc[["Alb", "Trf", "Hpx"]]).max() < 0.3


def test_genes_are_correlated_within_an_assay_and_not_between_organs(many) -> None:
    independent = simulate_tables(3, **MANY, correlation=(0.0, 0.0))

    def mean_square(left: pd.DataFrame, right: pd.DataFrame) -> float:
        shared = left.index.intersection(right.index).difference([*BLOOD, *PLANTED])
        correlation = np.corrcoef(left.loc[shared], right.loc[shared])[: len(shared), len(shared) :]
        return float((correlation[~np.eye(len(shared), dtype=bool)] ** 2).mean())

    source, target = residuals(many, "muscle_protein"), residuals(many, "cerebellum_protein")
    alone = residuals(independent, "muscle_protein")
    chance = 1 / 200
    assert mean_square(source, source) > 3 * chance
    assert mean_square(alone, alone) < 2 * chance
    assert mean_square(source, target) < 2 * chance


def test_a_shared_nuisance_ties_every_gene_of_the_organs() -> None:
    median_link = {}
    for loading in (0.0, 1.0):
        simulated = simulate_tables(3, **MANY, scenario="global_null", shared_nuisance=loading, with_rna=False)
        source, target = residuals(simulated, "muscle_protein"), residuals(simulated, "cerebellum_protein")
        shared = source.index.intersection(target.index).difference(BLOOD)
        r = [np.corrcoef(source.loc[gene], target.loc[gene])[0, 1] for gene in shared]
        median_link[loading] = np.median(r)
    assert abs(median_link[0.0]) < 0.05
    assert median_link[1.0] > 0.2


def test_nothing_differs_under_the_global_null() -> None:
    null = simulate_tables(3, **MANY, scenario="global_null")
    assert len(null.truth) == 0
    for assay in ("muscle_protein", "cerebellum_protein", "plasma_protein"):
        assert np.abs(change(null, assay)).max() < 0.35
    source, target = residuals(null, "muscle_protein"), residuals(null, "cerebellum_protein")
    both = [gene for gene in (*PLANTED, *BLOOD) if gene in source.index and gene in target.index]
    assert len(both) > 20
    assert max(abs(np.corrcoef(source.loc[gene], target.loc[gene])[0, 1]) for gene in both) < 0.3


@pytest.mark.parametrize(("scenario", "changed", "still"), [("source_only", 0, 1), ("target_only", 1, 0)])
def test_one_organ_changes_strongly_and_the_other_not(scenario: str, changed: int, still: int) -> None:
    null = simulate_tables(3, **MANY, scenario=scenario)
    role = ("source", "target")
    assert (null.truth[f"{role[still]}_protein"].fillna(0.0) == 0.0).all()
    assert (null.truth["plasma"].fillna(0.0) == 0.0).all()
    assert set(null.truth["role"]) == {f"changed_in_{role[changed]}"}
    moved = np.abs(change(null, f"{ORGANS[changed]}_protein")) > 0.5
    assert 0.2 < moved.mean() < 0.4
    assert np.abs(change(null, f"{ORGANS[still]}_protein")).max() < 0.35


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    return write_study(tmp_path_factory.mktemp("a demo") / "study", 3, **SMALL)


def test_written_files_read_back_as_the_tables_in_memory(written, demo) -> None:
    from_files, in_memory = read_study(written), assemble_study(demo.file, demo.tables, demo.samples)
    assert list(from_files.assays) == list(in_memory.assays)
    for name, data in from_files.assays.items():
        np.testing.assert_array_equal(data.X, in_memory.assays[name].X)
        pd.testing.assert_frame_equal(data.obs, in_memory.assays[name].obs)
        pd.testing.assert_frame_equal(data.var, in_memory.assays[name].var)
    pd.testing.assert_frame_equal(from_files.subjects, in_memory.subjects)
    assert len(from_files.flags) == 0
    truth = pd.read_csv(written.parent / "truth.tsv", sep="\t")
    assert truth["gene"].tolist() == demo.truth["gene"].tolist()


def test_written_files_say_that_they_are_simulated(written) -> None:
    note = (written.parent / "README.txt").read_text(encoding="utf-8")
    assert note.startswith("SIMULATED DATA. No animal was measured")
    assert "truth.tsv" in note
    assert written.read_text(encoding="utf-8").startswith("# SIMULATED DATA")
    assert read_study_file(written).declared["simulated"] is True


def test_the_same_seed_gives_the_same_bytes(written, tmp_path) -> None:
    again = write_study(tmp_path, 3, **SMALL)
    names = sorted(path.name for path in written.parent.iterdir())
    assert names == sorted(path.name for path in again.parent.iterdir())
    for name in names:
        assert (written.parent / name).read_bytes() == (again.parent / name).read_bytes(), name


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"scenario": "global_nul"}, ValueError, "scenario 'global_nul' is not one of demo"),
        ({"n_per_group": 1}, ValueError, "two animals per group"),
        ({"n_genes": 100, "n_proteins": 200}, ValueError, "at least as many transcripts as proteins"),
        ({"genes": ("A", "B")}, ValueError, "genes are needed and 2 symbols are known"),
        ({"n_gene": 100}, TypeError, "n_gene"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        simulate_tables(1, **options)


def test_arms_have_animals_of_their_own_and_change_nothing_else(demo) -> None:
    more = simulate_tables(3, **SMALL, perturbations=True)
    assert list(more.tables)[: len(demo.tables)] == list(demo.tables)
    for name, table in demo.tables.items():
        pd.testing.assert_frame_equal(more.tables[name].values, table.values)
    pd.testing.assert_frame_equal(more.truth, demo.truth)
    arms = more.samples[more.samples["virus"].notna()]
    assert set(arms["assay"]) == {"cerebellum_protein_gain", "cerebellum_protein_loss"}
    assert not set(arms["subject"]) & set(demo.samples["subject"])
    study = assemble_study(more.file, more.tables, more.samples)
    assert len(study.flags) == 0
    gain = more.tables["cerebellum_protein_gain"].values.loc["Anxa2"]
    case = arms.loc[arms["virus"] == "AAV-Anxa2", "sample"]
    assert gain[case].mean() - gain.drop(case).mean() > 2


@pytest.fixture(scope="module")
def behaving() -> Simulated:
    return simulate_tables(3, **MANY, behaviour=True)


def test_behaviour_changes_nothing_else(behaving, many) -> None:
    for name, table in many.tables.items():
        pd.testing.assert_frame_equal(behaving.tables[name].values, table.values)
    pd.testing.assert_frame_equal(behaving.truth.drop(columns="latency"), many.truth)
    assert many.behaviour == {}
    planted = behaving.truth.set_index("gene")["latency"]
    assert planted["Anxa2"] == -0.85
    assert (planted.drop("Anxa2") == 0).all()


def test_latency_follows_the_leaderless_mediator_within_group_and_grip_its_weight(behaving, many) -> None:
    rotarod, grip = behaving.behaviour["rotarod"], behaving.behaviour["grip"]
    assert rotarod["latency"].between(1, 300).all()
    assert 0.001 < (rotarod["latency"] == 300).mean() < 0.2
    assert not rotarod.duplicated(["subject", "day", "trial"]).any()
    latency = rotarod.groupby("subject")["latency"].mean()
    source = residuals(many, "muscle_protein")
    assert len(latency) == len(source.columns) + 8
    within = latency - rotarod.groupby("subject")["age"].first().map(
        latency.groupby(rotarod.groupby("subject")["age"].first()).mean()
    )
    r = source.T.corrwith(within.reindex(source.columns))
    assert r["Anxa2"] < -0.7
    assert r.drop("Anxa2").abs().max() < 0.35
    old = rotarod["age"] == "old"
    assert -115 < rotarod.loc[old, "latency"].mean() - rotarod.loc[~old, "latency"].mean() < -80
    assert np.corrcoef(grip["force"], grip["weight"])[0, 1] > 0.6
    ratio = (grip["force"] / grip["weight"]).groupby(grip["age"]).mean()
    assert ratio["old"] < ratio["young"], "the ratio falls with a weight that takes no strength"


def test_behaviour_is_written_only_if_asked_for(written, tmp_path) -> None:
    assert not (written.parent / "rotarod.tsv").exists()
    path = write_study(tmp_path, 3, **SMALL, behaviour=True)
    text = path.read_text(encoding="utf-8")
    assert text.count("[[phenotype]]") == 2
    assert list(pd.read_csv(tmp_path / "rotarod.tsv", sep="\t")) == ["subject", "age", "sex", "day", "trial", "latency"]
    assert list(pd.read_csv(tmp_path / "grip.tsv", sep="\t")) == ["subject", "age", "sex", "trial", "force", "weight"]
    assert "rotarod.tsv" in (tmp_path / "README.txt").read_text(encoding="utf-8")
