from __future__ import annotations

from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

from organokine import tables
from organokine.errors import DataError
from organokine.kernels.counts import log2_cpm, tmm_factors
from organokine.references import References, load_references
from organokine.simulate import simulate_tables
from organokine.stages.prepare import Prepared, prepare
from organokine.study import Study, assemble_study
from organokine.study_file import StudyFile

SMALL: dict[str, Any] = {"n_genes": 300, "n_proteins": 200, "n_plasma": 60}


@pytest.fixture(scope="module")
def references() -> References:
    return load_references("mouse")


@pytest.fixture(scope="module")
def study() -> Study:
    return assembled(seed=4, **SMALL)


@pytest.fixture(scope="module")
def prepared(study, references) -> Prepared:
    return prepare(study, references)


def assembled(seed: int, **options: Any) -> Study:
    simulated = simulate_tables(seed, **options)
    return assemble_study(simulated.file, simulated.tables, simulated.samples)


def hand_study(
    values: np.ndarray, *, scale: str = "log2", modality: str = "protein", genes: list[str] | None = None, **file: Any
) -> Study:
    """One assay, features x samples; the first half of the samples is young."""
    n_features, n_samples = values.shape
    names = genes if genes is not None else [f"gene{row}" for row in range(n_features)]
    obs = pd.DataFrame(
        {
            "subject": [f"m{sample}" for sample in range(n_samples)],
            "age": ["young"] * (n_samples // 2) + ["old"] * (n_samples - n_samples // 2),
        },
        index=[f"s{sample}" for sample in range(n_samples)],
    )
    var = pd.DataFrame(
        {"gene": names, "protein": "", "representative": True}, index=[f"f{row}" for row in range(n_features)]
    )
    about = {"organ": "muscle", "modality": modality, "scale": scale}
    data = anndata.AnnData(values.T.copy(), obs=obs, var=var, uns={"organokine": about})
    sections: dict[str, Any] = {
        "study": {"name": "hand", "species": "mouse", "samples": "samples.tsv"},
        "contrast": {"factor": "age", "case": "old", "control": "young"},
        "assay": [{"name": "a", "organ": "muscle", "modality": modality, "file": "a.tsv"}],
    }
    model = StudyFile.model_validate({key: value for key, value in (sections | file).items() if value is not None})
    return Study(model, obs[["age"]], {"a": data}, tables.RUNS.empty(), tables.JOINS.empty(), tables.FLAGS.empty())


@pytest.fixture
def level() -> np.ndarray:
    rng = np.random.default_rng(8)
    return rng.normal(17.0, 2.0, size=(120, 1)) + rng.normal(0.0, 0.2, size=(120, 8))


def test_tables_keep_their_schema(study, prepared) -> None:
    pd.testing.assert_frame_equal(tables.QC.conform(prepared.qc), prepared.qc)
    pd.testing.assert_frame_equal(tables.FLAGS.conform(prepared.flags), prepared.flags)
    assert list(prepared.assays) == list(study.assays)
    assert len(prepared.qc) == sum(data.n_obs for data in study.assays.values())


def test_the_study_is_not_changed_and_the_answer_repeats(study, prepared, references) -> None:
    before = {name: data.copy() for name, data in study.assays.items()}
    again = prepare(study, references)
    for name, data in study.assays.items():
        np.testing.assert_array_equal(data.X, before[name].X)
        pd.testing.assert_frame_equal(data.var, before[name].var)
        pd.testing.assert_frame_equal(data.obs, before[name].obs)
        assert data.uns["organokine"] == before[name].uns["organokine"]
        assert "weights" not in data.layers
        np.testing.assert_array_equal(again.assays[name].X, prepared.assays[name].X)
        pd.testing.assert_frame_equal(again.assays[name].obs, data.obs)
    pd.testing.assert_frame_equal(again.qc, prepared.qc)


def test_the_default_normalisation_takes_the_recorded_shift_and_imputes_nothing(study, prepared) -> None:
    data, raw = prepared.assays["muscle_protein"], study.assays["muscle_protein"]
    shift = prepared.qc[prepared.qc["assay"] == "muscle_protein"].set_index("sample")["shift"][data.obs_names]
    np.testing.assert_allclose(raw.X - shift.to_numpy()[:, None], data.X, rtol=1e-12)
    np.testing.assert_array_equal(np.isnan(raw.X), np.isnan(data.X))
    np.testing.assert_allclose(data.var["mean_log2"], np.nanmean(data.X, axis=0), rtol=1e-12)
    assert data.uns["organokine"]["normalisation"] == "stable"
    assert data.uns["organokine"]["name"] == "muscle_protein"


def test_counts_become_tmm_scaled_log_cpm_with_weights(study, prepared) -> None:
    data, raw = prepared.assays["muscle_rna"], np.asarray(study.assays["muscle_rna"].X).T
    kept = data.var["kept"].to_numpy()
    library = raw.sum(axis=0) * tmm_factors(raw[kept])
    np.testing.assert_allclose(data.X.T, log2_cpm(raw, library), rtol=1e-12)
    assert np.isfinite(data.X).all()
    weights = data.layers["weights"]
    assert (weights[:, kept] > 0).all()
    assert np.isnan(weights[:, ~kept]).all()
    assert set(data.var["reason"][~kept]) == {"low_counts"}
    assert "Alb" in data.var_names[~kept]
    qc = prepared.qc[prepared.qc["assay"] == "muscle_rna"]
    np.testing.assert_array_equal(qc["total"], raw.sum(axis=0))
    np.testing.assert_array_equal(qc["n_detected"], (raw > 0).sum(axis=0))
    np.testing.assert_allclose(qc["shift"], np.log2(library) - np.log2(library).mean(), atol=1e-12)


@pytest.mark.parametrize(("n_samples", "needed"), [(8, 2), (9, 2), (10, 3)])
def test_values_needed_per_group(level, references, n_samples: int, needed: int) -> None:
    values = np.hstack([level, level])[:, :n_samples]
    half = n_samples // 2
    values[0, needed - 1 : half] = np.nan
    values[1, needed:half] = np.nan
    values[2, half + needed - 1 :] = np.nan
    values[3] = np.nan
    var = prepare(hand_study(values), references).assays["a"].var
    assert var["reason"].tolist()[:5] == ["too_few_values", "", "too_few_values", "too_few_values", ""]
    assert var["kept"].tolist()[:5] == [False, True, False, False, True]
    assert np.isnan(var["mean_log2"].iloc[3])


def test_thresholds_are_those_of_the_study_file(level, references) -> None:
    level[0, 2:4] = np.nan
    strict = {"prepare": {"minimum_values": 3}}
    assert prepare(hand_study(level), references).assays["a"].var["kept"].iloc[0]
    assert not prepare(hand_study(level, **strict), references).assays["a"].var["kept"].iloc[0]


def test_a_constant_feature_is_found_although_normalisation_moves_it(level, references) -> None:
    level[0] = 12.5
    level[1] = [12.5, np.nan, 12.5, 12.5, 12.5, np.nan, 12.5, 12.5]
    data = prepare(hand_study(level + np.linspace(0, 1, 8) * (np.arange(120) > 1)[:, None]), references).assays["a"]
    assert np.ptp(data.X[:, 0]) > 0
    assert data.var["reason"].tolist()[:3] == ["constant", "constant", ""]


@pytest.mark.parametrize("method", ["none", "stable", "median", "quantile", "cyclic_loess"])
def test_every_normalisation_is_recorded_and_keeps_missing_missing(level, references, method: str) -> None:
    values = level + np.linspace(-1, 1, 8)
    values[:30, 0] = np.nan
    found = prepare(hand_study(values, prepare={"normalise": method}), references)
    data = found.assays["a"]
    np.testing.assert_array_equal(np.isnan(data.X.T), np.isnan(values))
    spread = np.ptp((data.X[:, 30:] - data.X[:, 30:].mean(axis=0)).mean(axis=1))
    assert (spread > 1.5) if method == "none" else (spread < 0.3)
    np.testing.assert_allclose(found.qc["shift"], np.linspace(-1, 1, 8) * (method != "none"), atol=0.25)
    assert data.uns["organokine"]["normalisation"] == method


def test_an_assay_may_have_its_own_normalisation(level, references) -> None:
    assay = {"name": "a", "organ": "muscle", "modality": "protein", "file": "a.tsv", "normalise": "none"}
    data = prepare(hand_study(level, assay=[assay]), references).assays["a"]
    np.testing.assert_array_equal(data.X.T, level)


def test_counts_refuse_a_normalisation_of_intensities(references) -> None:
    counts = np.random.default_rng(1).poisson(50.0, size=(60, 8)).astype(float)
    assay = {"name": "a", "organ": "muscle", "modality": "rna", "file": "a.tsv"}
    with pytest.raises(DataError, match=r"\[assay a\] normalise: 'quantile' is a normalisation of intensities"):
        prepare(
            hand_study(counts, scale="counts", modality="rna", assay=[assay | {"normalise": "quantile"}]), references
        )
    plain = prepare(
        hand_study(counts, scale="counts", modality="rna", assay=[assay | {"normalise": "none"}]), references
    )
    np.testing.assert_allclose(plain.assays["a"].X.T, log2_cpm(counts, counts.sum(axis=0)), rtol=1e-12)


def test_a_library_of_size_zero_is_refused(references) -> None:
    counts = np.random.default_rng(1).poisson(50.0, size=(60, 8)).astype(float)
    counts[:, 2] = 0.0
    with pytest.raises(DataError, match="1 of 8 samples have no counts at all, first in column 3"):
        prepare(hand_study(counts, scale="counts", modality="rna"), references)


def test_sample_numbers(level, references) -> None:
    level[:90, 3] = np.nan
    found = prepare(hand_study(level), references)
    row = found.qc.set_index("sample").loc["s3"]
    assert row["n_detected"] == 30
    assert row["missing_fraction"] == 0.75
    assert row["total"] == np.median(level[90:, 3])
    assert (row["subject"], row["group"], row["organ"], row["modality"]) == ("m3", "young", "muscle", "protein")
    flags = found.flags.set_index("name")
    assert flags.loc["a: s3", "flag"] == "high_missingness"
    assert "75%" in flags.loc["a: s3", "detail"]


def test_an_outlier_is_named_and_stays(level, references) -> None:
    level[:, 2] = np.random.default_rng(2).permutation(level[:, 2])
    found = prepare(hand_study(level), references)
    assert found.qc["outlier"].tolist() == [False, False, True, False, False, False, False, False]
    assert found.flags[["name", "flag"]].to_numpy().tolist() == [["a: s2", "outlier"]]
    assert found.assays["a"].n_obs == 8


def test_blood_index_follows_the_blood_in_a_sample_and_a_difference_is_flagged(level, references) -> None:
    content = np.array([0.0, 0.3, -0.2, 0.1, 1.0, 1.2, 0.9, 1.3])
    level[:6] += content
    genes = ["Alb", "Hba-a1", "Hbb-bs", "Ighm", "Hpx", "Trf"] + [f"gene{row}" for row in range(114)]
    found = prepare(hand_study(level, genes=genes), references)
    np.testing.assert_allclose(found.qc["blood_index"], content - content.mean(), atol=0.25)
    flag = found.flags.set_index("flag").loc["blood_differs"]
    assert (flag["scope"], flag["name"]) == ("assay", "a")
    means = found.qc.groupby("group")["blood_index"].mean()
    assert f"{means['old'] - means['young']:+.2f} log2 in old against young" in flag["detail"]
    unmoved = prepare(hand_study(level - np.outer(np.arange(120) < 6, content), genes=genes), references)
    assert "blood_differs" not in set(unmoved.flags["flag"])


def test_no_blood_index_in_plasma_or_from_too_few_genes(level, references, prepared) -> None:
    genes = ["Alb", "Hpx"] + [f"gene{row}" for row in range(118)]
    assert prepare(hand_study(level, genes=genes), references).qc["blood_index"].isna().all()
    assert prepared.qc.loc[prepared.qc["assay"] == "plasma_protein", "blood_index"].isna().all()
    assert prepared.qc.loc[prepared.qc["assay"] == "muscle_protein", "blood_index"].notna().all()


def test_blood_in_rna_is_told_by_haemoglobin_only(references) -> None:
    rng = np.random.default_rng(1)
    content = np.linspace(-1, 1, 8)
    expected = np.full((60, 8), 500.0)
    expected[:3] *= 2.0**content
    expected[3:6] *= 2.0**-content
    genes = ["Hba-a1", "Hba-a2", "Hbb-bs", "Alb", "Hpx", "Trf"] + [f"gene{row}" for row in range(54)]
    study = hand_study(rng.poisson(expected).astype(float), scale="counts", modality="rna", genes=genes)
    np.testing.assert_allclose(prepare(study, references).qc["blood_index"], content, atol=0.15)


def test_an_assay_of_a_perturbation_is_filtered_by_its_own_groups(level, references) -> None:
    arm = {"name": "AAV", "gene": "Anxa2", "kind": "gain", "assay": "a", "factor": "virus", "case": "x", "control": "y"}
    level[0, [1, 3, 5]] = np.nan
    study = hand_study(level, perturbation=[arm])
    study.assays["a"].obs["virus"] = ["x", "y"] * 4
    found = prepare(study, references)
    assert found.qc["group"].tolist() == ["x", "y"] * 4
    assert found.assays["a"].var["reason"].tolist()[:2] == ["too_few_values", ""]


def test_a_study_without_contrast_is_one_group(level, references) -> None:
    level[0, :4] = np.nan
    found = prepare(hand_study(level, contrast=None), references)
    assert found.assays["a"].var["kept"].iloc[0]
    assert set(found.qc["group"]) == {""}
