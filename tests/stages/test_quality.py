"""Quality of whole assays: measures, pairs, panels, columns of the sheet, and remarks that keep to their error rate."""

from __future__ import annotations

from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine import tables
from organokine.references import References, load_references
from organokine.simulate import simulate_tables
from organokine.stages.prepare import prepare
from organokine.stages.quality import Quality, assay_quality
from organokine.stages.quality_batch import BATCH_Q, batch_flags, batch_rows
from organokine.stages.quality_panels import panel_members, panel_rows, plain_accession
from organokine.study import assemble_study
from organokine.study_file import ContrastSection, StudyFile
from tests.arm_study import GAIN, assembled, simulated, with_arms

CONTRAST = ContrastSection(factor="age", case="old", control="young")
N = 12


@pytest.fixture(scope="module")
def references() -> References:
    return load_references("mouse")


def hand(
    values: np.ndarray, genes: list[str] | None = None, modality: str = "protein", **columns: Any
) -> anndata.AnnData:
    """A prepared assay `a` of muscle from features x samples; the first half of the samples is young."""
    n_features, n_samples = values.shape
    half = n_samples // 2
    names = genes if genes is not None else [f"gene{row}" for row in range(n_features)]
    obs = pd.DataFrame(
        {"subject": [f"m{place}" for place in range(n_samples)], "age": ["young"] * half + ["old"] * (n_samples - half)}
        | columns,
        index=[f"s{place}" for place in range(n_samples)],
    )
    features = pd.DataFrame(
        {"gene": names, "protein": "", "representative": True, "kept": True},
        index=[f"f{row}" for row in range(n_features)],
    )
    about = {"name": "a", "organ": "muscle", "modality": modality, "reader": "matrix"}
    return anndata.AnnData(values.T.copy(), obs=obs, var=features, uns={"organokine": about})


def quality(
    data: anndata.AnnData, references: References | None = None, contrast: bool = True, **options: Any
) -> Quality:
    """All tables of one hand-made assay."""
    obs = data.obs
    qc = pd.DataFrame(
        {
            "assay": "a",
            "sample": obs.index,
            "group": obs["age"] if contrast else "",
            "n_detected": np.isfinite(data.X).sum(axis=1),
            "outlier": False,
        }
    )
    sections: dict[str, Any] = {
        "study": {"name": "hand", "species": "mouse", "samples": "samples.tsv"},
        "assay": [{"name": "a", "organ": "muscle", "modality": "protein", "file": "a.tsv"}],
    }
    if contrast:
        sections["contrast"] = CONTRAST.model_dump()
    file = StudyFile.model_validate(sections | options.pop("file", {}))
    runs = options.pop("runs", tables.RUNS.empty())
    qc = qc.assign(**options.pop("qc", {}))
    return assay_quality({"a": data}, tables.QC.conform(qc), runs, file, references, **options)


def level(seed: int, n_samples: int = N, n_features: int = 80) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(20.0, 2.0, size=(n_features, 1)) + rng.normal(0.0, 0.3, size=(n_features, n_samples))


def measured(found: Quality, group: str, measure: str) -> pd.Series:
    rows = found.assay[(found.assay["group"] == group) & (found.assay["measure"] == measure)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_tables_keep_their_schema_and_assays_are_not_changed(references) -> None:
    simulated = simulate_tables(4, n_genes=300, n_proteins=200, n_plasma=60)
    study = assemble_study(simulated.file, simulated.tables, simulated.samples)
    prepared = prepare(study, references)
    before = {name: (np.array(data.X), data.obs.copy()) for name, data in prepared.assays.items()}
    found = assay_quality(prepared.assays, prepared.qc, study.runs, study.file, references)
    for table, frame in zip(
        (tables.QC_ASSAY, tables.QC_BATCH, tables.QC_PANELS, tables.QC_PAIRS, tables.FLAGS), found, strict=True
    ):
        pd.testing.assert_frame_equal(table.conform(frame), frame)
    assert set(found.assay["assay"]) == set(found.batch["assay"]) == set(study.assays)
    for name, (values, obs) in before.items():
        np.testing.assert_array_equal(prepared.assays[name].X, values)
        pd.testing.assert_frame_equal(prepared.assays[name].obs, obs)
    again = assay_quality(prepared.assays, prepared.qc, study.runs, study.file, references)
    for one, other in zip(found, again, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_measures_by_group() -> None:
    values = level(1)
    values[0, :6] = np.nan
    values[1, 3] = np.nan
    found = quality(hand(values))
    assert measured(found, "", "features")["value"] == 80
    assert measured(found, "young", "identified")["value"] == 79
    assert measured(found, "young", "missing")["value"] == pytest.approx(7 / 480)
    assert (measured(found, "young", "complete")["value"], measured(found, "young", "absent")["value"]) == (78, 1)
    assert (measured(found, "old", "complete")["value"], measured(found, "", "absent")["value"]) == (80, 0)
    log = values[1:, :6] * np.log(2.0)
    cv = np.sqrt(np.expm1(np.nanvar(log, axis=1, ddof=1)))
    for at in (5, 25, 50, 75, 95):
        row = measured(found, "young", f"cv_{at:02d}")
        assert row["value"] == pytest.approx(np.quantile(cv, at / 100))
        assert row["n"] == 79
    r = pd.DataFrame(values).corr().to_numpy()
    across = r[:6, 6:]
    assert measured(found, "", "correlation")["value"] == pytest.approx(np.median(across))
    assert measured(found, "", "lowest_correlation")["value"] == pytest.approx(across.min())
    assert measured(found, "young", "correlation")["n"] == 15
    assert not (found.assay["measure"].str.startswith("cv") & (found.assay["group"] == "")).any()


def test_pairs_are_all_pairs_once_and_none_above_the_declared_number() -> None:
    values = level(2)
    found = quality(hand(values))
    assert len(found.pairs) == 66
    row = found.pairs[(found.pairs["sample"] == "s2") & (found.pairs["other"] == "s9")].iloc[0]
    assert row["r"] == pytest.approx(np.corrcoef(values[:, 2], values[:, 9])[0, 1])
    capped = quality(hand(values), most_samples=11)
    assert len(capped.pairs) == 0
    assert measured(capped, "young", "correlation")["note"] == "12 samples: pairs are not kept above 11"
    assert measured(capped, "young", "correlation")["value"] == measured(found, "young", "correlation")["value"]


def test_without_a_contrast_there_is_one_group_and_no_remark() -> None:
    values = level(3)
    values[:, 1::2] += np.random.default_rng(0).normal(0, 3, size=(80, 1))
    found = quality(hand(values, batch=["p", "q"] * 6), contrast=False)
    assert set(found.assay["group"]) == {""}
    assert measured(found, "", "cv_50")["n"] == 80
    assert set(found.batch["given"]) == {""}
    assert set(found.batch["role"]) == {"other"}
    assert found.batch["confounding"].isna().all()
    assert found.batch.loc[found.batch["column"] == "batch", "q"].min() < 1e-6
    assert len(found.flags) == 0


@pytest.mark.parametrize("kind", ["nothing measured", "one sample in a group", "one sample", "no feature kept"])
def test_odd_assays_are_looked_at_without_complaint(kind: str, references) -> None:
    values = level(4)
    data = hand(values, batch=["p", "q"] * 6)
    if kind == "nothing measured":
        data = hand(np.full((5, N), np.nan), batch=["p", "q"] * 6)
    elif kind == "one sample in a group":
        data = data[5:].copy()
    elif kind == "one sample":
        data = data[:1].copy()
    else:
        data.var["kept"] = False
    found = quality(data, references)
    assert set(found.assay["assay"]) == {"a"}
    assert len(found.flags) == 0
    if kind == "one sample in a group":
        assert measured(found, "young", "cv_50")["note"] == "one sample has no scatter"
        assert measured(found, "young", "correlation")["n"] == 0
    if kind == "nothing measured":
        assert set(found.batch["note"]) == {"no feature is measured in all samples"}
        assert measured(found, "young", "missing")["value"] == 1.0


def test_a_batch_outside_the_model_is_found_and_named() -> None:
    values = level(5)
    values[:, 1::2] += np.random.default_rng(0).normal(0, 0.5, size=(80, 1))
    values[:, 6:] += np.random.default_rng(1).normal(0, 0.5, size=(80, 1))
    data = hand(values, plate=["p", "q"] * 6, hour=np.random.default_rng(2).normal(size=12))
    found = quality(data)
    flag = found.flags.set_index("flag").loc["batch_effect"]
    assert (flag["scope"], flag["name"], flag["source"]) == ("assay", "a", "quality")
    assert flag["detail"].startswith("'plate' explains 9")
    assert "of what age leaves" in flag["detail"]
    assert "name it in covariates" in flag["detail"]
    assert "hour" not in flag["detail"]
    adjusted = quality(data, file={"contrast": CONTRAST.model_dump() | {"covariates": ("plate",)}})
    assert len(adjusted.flags) == 0
    row = adjusted.batch[(adjusted.batch["column"] == "plate") & (adjusted.batch["given"] == "age")]
    assert set(row["role"]) == {"covariate"}
    assert row["share"].max() > 0.9


def test_a_batch_that_goes_with_the_group_is_said_to_be_so_and_never_called_an_effect() -> None:
    values = level(6)
    values[:, 6:] += np.random.default_rng(1).normal(0, 1, size=(80, 1))
    found = quality(hand(values, cage=["c1"] * 6 + ["c2"] * 3 + ["c3"] * 3, box=["b1"] * 6 + ["b2"] * 6))
    assert found.flags["flag"].tolist() == ["batch_confounded"]
    assert "'cage' goes with age (100% of the contrast); 'box' goes with age" in found.flags["detail"].iloc[0]
    box = found.batch[(found.batch["column"] == "box") & (found.batch["given"] == "age")].iloc[0]
    assert (box["component"], box["note"]) == (0, "follows from age")
    assert np.isnan(box["p"])
    assert box["confounding"] == pytest.approx(1.0)
    assert box["confounding_by_chance"] == pytest.approx(1 / 11)


def test_columns_that_cannot_be_looked_at_say_why() -> None:
    ids = [f"id{place}" for place in range(N)]
    found = quality(
        hand(
            level(7),
            id=ids,
            constant="x",
            empty=np.nan,
            lane=[1, 2, 3] * 4,
            dose=np.linspace(0, 1, N),
            part=["x"] * 5 + [None] * 7,
        )
    )
    notes = found.batch.drop_duplicates("column").set_index("column")["note"]
    assert "empty" not in notes.index
    assert "subject" not in notes.index
    assert notes["id"] == "12 labels for 12 samples: names, not batches"
    assert notes["constant"] == notes["part"] == "the same in all samples"
    assert notes["lane"] == "3 whole numbers, taken for labels"
    assert notes["dose"] == ""
    df = found.batch.groupby("column")["df"].max()
    assert (df["lane"], df["dose"]) == (2, 1)
    small = quality(hand(level(7, n_samples=6), lane=["x", "y", "z"] * 2))
    row = small.batch[(small.batch["column"] == "lane") & (small.batch["given"] == "age")].iloc[0]
    assert row["note"] == "too few samples: 2 degrees of freedom are left"


def test_numbers_that_stand_once_are_an_order_and_not_labels() -> None:
    found = quality(hand(level(7, n_samples=6), run_order=[3, 1, 2, 6, 5, 4]))
    rows = found.batch[(found.batch["column"] == "run_order") & (found.batch["given"] == "")]
    assert (set(rows["df"]), set(rows["note"])) == ({1}, {""})


def test_times_of_the_run_order_are_a_number() -> None:
    values = level(8)
    order = np.random.default_rng(5).permutation(N)
    values += np.outer(np.random.default_rng(1).normal(0, 0.2, 80), order)
    times = [f"2024-05-{day + 1:02d} 08:00" for day in order]
    runs = pd.DataFrame({"assay": "a", "sample": [f"s{place}" for place in range(N)], "run_order": 24.0 * order})
    found = quality(hand(values, run_order=times), runs=tables.RUNS.conform(runs))
    assert "'run_order' explains" in found.flags.set_index("flag").loc["batch_effect", "detail"]
    without = quality(hand(values, run_order=times))
    assert without.batch.loc[without.batch["column"] == "run_order", "note"].iloc[0].startswith("12 labels")


def test_samples_that_stand_apart_are_left_out_of_this_look_and_it_is_said() -> None:
    values = level(9)
    values[:, 0] += np.random.default_rng(0).normal(0, 10, 80)
    outlier = np.arange(N) == 0
    found = quality(hand(values, plate=["p", "q"] * 6), qc={"outlier": outlier})
    assert set(found.batch["n"]) == {11}
    assert found.batch["note"].str.endswith("looked at without s0, named as standing apart").all()
    alone = quality(hand(values[:, 1:], plate=(["p", "q"] * 6)[1:], age=["young"] * 5 + ["old"] * 6))
    columns = ["component", "share", "p", "q"]
    pd.testing.assert_frame_equal(found.batch[columns], alone.batch[columns])
    assert len(found.pairs) == 66, "nothing is removed elsewhere"


def test_several_samples_of_one_animal_give_no_p() -> None:
    found = quality(hand(level(10), plate=["p", "q"] * 6, subject=[f"m{place // 2}" for place in range(N)]))
    assert found.batch["p"].isna().all()
    assert found.batch["note"].str.contains("several samples of one animal: no p-value").all()
    assert found.batch["share"].notna().any()


def test_a_covariate_that_explains_much_does_not_lower_the_bar_for_others() -> None:
    values = level(11)
    values[:, 1::2] += np.random.default_rng(0).normal(0, 2, size=(80, 1))
    data = hand(values, sex=["f", "m"] * 6, plate=["p", "p", "q"] * 4)
    contrast = CONTRAST.model_copy(update={"covariates": ("sex",)})
    table = batch_rows(data, data.obs, np.zeros(N, dtype=bool), contrast)
    plates = table[(table["column"] == "plate") & (table["given"] != "")]
    alone = np.minimum.accumulate((np.sort(plates["p"]) * 3 / np.arange(1, 4))[::-1])[::-1]
    np.testing.assert_allclose(np.sort(plates["q"]), np.minimum(alone, 1.0))


def test_without_a_batch_the_remark_keeps_to_its_rate() -> None:
    rng = np.random.default_rng(10)
    n_assays, n_samples = 120, 10
    contrast = CONTRAST.model_copy(update={"covariates": ("sex",)})
    data = hand(np.zeros((40, n_samples)), sex=["f", "m"] * 5)
    group = (data.obs["age"] == "old").to_numpy(dtype=float)
    said = 0
    for _ in range(n_assays):
        common = rng.normal(size=(40, 2)) @ rng.normal(size=(2, n_samples)) + np.outer(rng.normal(size=40), group)
        data.X = (20.0 + common + rng.normal(size=(40, n_samples))).T
        plate = rng.permutation(np.resize(["p", "q"], n_samples))
        sheet = data.obs.assign(plate=plate, hour=rng.normal(size=n_samples))
        flags = batch_flags(batch_rows(data, sheet, np.zeros(n_samples, dtype=bool), contrast), contrast)
        said += sum(flag["flag"] == "batch_effect" for flag in flags)
    # At the nominal rate one run in a thousand would say it more often; never would mean that it cannot be said.
    assert 0 < said <= stats.binom.ppf(1 - 1e-3, n_assays, BATCH_Q)


def test_panels_by_symbol_and_by_accession(references) -> None:
    genes = [
        "Krt10",
        "Krt1",
        "Krt2",
        "Hba-a1",
        "Hbb-bs",
        "Alas2",
        "Ighm",
        "",
        "",
        "",
        "Krt8",
        *[f"g{row}" for row in range(69)],
    ]
    data = hand(level(12), genes=genes)
    names = data.var_names.to_numpy(dtype=object).copy()
    names[7:10] = ["CON__P00761", "sp|P02769|ALBU_BOVIN", "P04264-2;Q9XXX1"]
    data.var_names = pd.Index(names)
    members = panel_members(data.var, references)
    found = {panel: list(np.flatnonzero(rows)) for panel, rows in members.items()}
    assert found["keratin"] == [0, 1, 2, 9]
    assert found["reagent"] == [7, 8]
    assert found["erythrocyte"] == [3, 4, 5]
    assert found["immunoglobulin"] == [6]
    rows = panel_rows(data, references)
    keratin = rows[rows["panel"] == "keratin"].set_index("sample")
    linear = 2.0 ** np.asarray(data.X)
    np.testing.assert_allclose(keratin["share"], linear[:, [0, 1, 2, 9]].sum(axis=1) / linear.sum(axis=1))
    centred = np.asarray(data.X) - np.asarray(data.X).mean(axis=0)
    np.testing.assert_allclose(keratin["level"], centred[:, [0, 1, 2, 9]].mean(axis=1), atol=1e-9)
    assert rows.loc[rows["panel"] == "reagent", "level"].isna().all(), "two proteins are too few for a level"
    summary = quality(data, references).assay
    shown = summary[(summary["measure"] == "keratin") & (summary["group"] == "young")]["value"].iloc[0]
    assert shown == pytest.approx(np.median(keratin["share"].iloc[:6]))


def test_contaminated_sample_has_the_highest_share(references) -> None:
    values = level(13)
    values[:3, 4] += 5.0
    rows = panel_rows(hand(values, genes=["Krt10", "Krt1", "Krt2", *[f"g{row}" for row in range(77)]]), references)
    assert rows.set_index("sample")["share"].idxmax() == rows.set_index("sample")["level"].idxmax() == "s4"


def test_ratios_and_affinity_panels_have_levels_and_no_shares(references) -> None:
    genes = ["Krt10", "Krt1", "Krt2", *[f"g{row}" for row in range(77)]]
    ratios = quality(hand(level(14) - 20.0, genes=genes), references)
    assert ratios.panels["share"].isna().all()
    assert ratios.panels["level"].notna().all()
    assert "no share of a sum" in measured(ratios, "", "keratin")["note"]
    assert np.isfinite(measured(ratios, "old", "keratin_level")["value"])
    affinity = hand(level(14), genes=genes)
    affinity.uns["organokine"]["reader"] = "olink"
    assert panel_rows(affinity, references)["share"].isna().all()


def test_no_panels_in_rna_nor_without_references_and_no_own_ones_in_plasma(references) -> None:
    genes = ["Krt10", "Krt1", "Krt2", "Alb", "Hba-a1", *[f"g{row}" for row in range(75)]]
    assert len(panel_rows(hand(level(15), genes=genes, modality="rna"), references)) == 0
    assert len(panel_rows(hand(level(15), genes=genes), None)) == 0
    plasma = hand(level(15), genes=genes)
    plasma.uns["organokine"]["organ"] = "plasma"
    assert set(panel_rows(plasma, references)["panel"]) == {"keratin", "erythrocyte"}


@pytest.mark.parametrize(
    "text",
    ["P04264", "CON__P04264", "Cont_P04264", "sp|P04264|K2C1_HUMAN", "sp|Cont_P04264|K", " P04264-2", "P04264.3"],
)
def test_accessions_as_files_write_them(text: str) -> None:
    assert plain_accession(text) == "P04264"


def test_covariates_of_a_perturbation_are_in_its_model() -> None:
    made = with_arms(simulated(n_genes=120, n_proteins=100), lambda arm: arm | {"covariates": ("sex",)})
    study = assembled(made)
    prepared = prepare(study, None)
    found = assay_quality(prepared.assays, prepared.qc, study.runs, study.file, None).batch
    roles = found[found["assay"] == GAIN].set_index("column")["role"]
    assert set(roles["sex"]) == {"covariate"}
    assert set(roles["virus"]) == {"factor"}
