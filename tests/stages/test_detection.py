from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine import tables
from organokine.kernels.detection import detection_test
from organokine.stages.detection import change_bound, detection_table, missing_by_batch, sample_depth
from organokine.study_file import ContrastSection

CONTRAST = ContrastSection(factor="age", case="old", control="young")


def prepared(values: np.ndarray, *, modality: str = "protein", subjects: list[str] | None = None) -> anndata.AnnData:
    """A prepared assay of features x samples, the first half of the samples young."""
    n_features, n_samples = values.shape
    names = [f"s{sample:02d}" for sample in range(n_samples)]
    obs = pd.DataFrame(
        {
            "subject": names if subjects is None else subjects,
            "age": ["young"] * (n_samples // 2) + ["old"] * (n_samples - n_samples // 2),
            "plex": [f"p{sample % 3}" for sample in range(n_samples)],
        },
        index=names,
    )
    measured = np.isfinite(values)
    total = np.where(measured, values, 0).sum(axis=1)
    var = pd.DataFrame(
        {
            "gene": [f"Gene{row}" for row in range(n_features)],
            "protein": "P12345",
            "representative": True,
            "precursors": 3.0,
            "kept": True,
            "reason": "",
            "mean_log2": np.where(measured.any(axis=1), total / np.maximum(measured.sum(axis=1), 1), np.nan),
        },
        index=[f"f{row:04d}" for row in range(n_features)],
    )
    about = {"name": f"muscle_{modality}", "organ": "muscle", "modality": modality, "scale": "log2"}
    return anndata.AnnData(values.T.copy(), obs=obs, var=var, uns={"organokine": about})


def simulated(seed: int, n: int, depth: np.ndarray | float = 0.0, n_features: int = 1500) -> np.ndarray:
    """Levels without any difference; low ones are missing more often, and all in samples of little depth."""
    rng = np.random.default_rng(seed)
    level = rng.normal(22, 2.5, (n_features, 1))
    values = level + rng.normal(0, 0.3, (n_features, 2 * n))
    values[rng.random(values.shape) > 1 / (1 + np.exp(-(level - 20 + depth)))] = np.nan
    return values


def table(values: np.ndarray, **options: object) -> pd.DataFrame:
    return detection_table({"muscle": prepared(values, **options)}, CONTRAST)


def test_rows_are_the_features_with_and_without_values_in_their_own_order() -> None:
    values = simulated(1, 5)
    values[0] = np.nan
    found = table(values)
    measured = np.isfinite(values)
    partly = measured.any(axis=1) & ~measured.all(axis=1)
    assert sorted(found["feature"]) == [f"f{row:04d}" for row in np.flatnonzero(partly)]
    assert found["rank"].tolist() == list(range(1, len(found) + 1))
    assert found["p"].is_monotonic_increasing
    share = (found["detected_case"] / 5 - found["detected_control"] / 5).abs()
    tied = found["p"].round(12).duplicated(keep=False)
    assert (share[tied].diff()[found["p"].diff() == 0].dropna() <= 1e-12).all()
    assert list(found.columns) == tables.DETECTION.names()
    assert set(found["state"]) == {"tested"}
    row = found.iloc[0]
    at = int(row["feature"][1:])
    assert (row["detected_control"], row["detected_case"]) == (measured[at, :5].sum(), measured[at, 5:].sum())
    assert (row["log_odds"] > 0) == (row["detected_case"] > row["detected_control"])


def test_a_protein_of_one_group_only_leads_the_list() -> None:
    values = simulated(2, 6)
    values[7, :6], values[7, 6:] = np.nan, 23.0
    values[8, 6:], values[8, :6] = np.nan, 26.0
    found = table(values).set_index("feature")
    assert set(found.index[:2]) == {"f0007", "f0008"}
    assert (found.loc[["f0007", "f0008"], "p"] < 0.002).all()
    limits = [np.quantile(column[np.isfinite(column)], 0.05) for column in values.T]
    assert found.at["f0007", "log2fc_bound"] == pytest.approx(23.0 - np.mean(limits[:6]))
    assert found.at["f0008", "log2fc_bound"] == pytest.approx(-(26.0 - np.mean(limits[6:])))
    read = found["p"] <= 0.05
    assert (found["ci_low"][read] < found["log_odds"][read]).all()
    assert found["ci_low"][~read].isna().all()


def test_three_animals_are_described_and_not_tested() -> None:
    found = table(simulated(3, 3))
    assert set(found["state"]) == {"descriptive"}
    assert found[["p", "q", "ci_low", "ci_high"]].isna().all(axis=None)
    assert found["log_odds"].notna().all()
    difference = (found["detected_case"] - found["detected_control"]).abs()
    assert difference.is_monotonic_decreasing
    # Twelve samples of three animals a group are three animals.
    twice = table(simulated(3, 6), subjects=[f"m{sample // 2}" for sample in range(12)])
    assert set(twice["state"]) == {"descriptive"}


def test_counts_and_complete_assays_have_no_rows() -> None:
    values = simulated(4, 4)
    assert len(detection_table({"rna": prepared(values, modality="rna")}, CONTRAST)) == 0
    assert len(table(np.nan_to_num(values, nan=15.0))) == 0
    assert len(detection_table({}, CONTRAST)) == 0


def test_values_missing_by_plex_are_told_from_values_missing_by_animal() -> None:
    values = simulated(5, 6)
    by_plex = values.copy()
    rng = np.random.default_rng(5)
    for plex in range(3):
        by_plex[np.ix_(rng.random(len(values)) < 0.2, np.arange(12) % 3 == plex)] = np.nan
    by_plex[~np.isfinite(values).all(axis=1)] = 20.0
    found = table(by_plex)
    assert set(found["state"]) == {"by_batch"}
    assert found[["p", "q", "ci_low", "ci_high"]].isna().all(axis=None)
    adjusted = ContrastSection(factor="age", case="old", control="young", covariates=("plex",))
    assert set(detection_table({"muscle": prepared(by_plex)}, adjusted)["state"]) == {"tested"}


def test_differences_between_the_groups_are_not_taken_for_batches() -> None:
    measured = np.ones((500, 12), dtype=bool)
    measured[:400, :6] = False
    group = np.column_stack([np.ones(12), np.arange(12) < 6])
    assert not missing_by_batch(measured, group)
    assert missing_by_batch(measured, np.ones((12, 1)))
    assert not missing_by_batch(np.isfinite(simulated(6, 6)), group)


@pytest.mark.parametrize(("n", "bound"), [(4, 0.0703), (6, 0.0386)])
def test_null_features_are_rejected_no_more_often_than_enumeration_says(n: int, bound: float) -> None:
    found = pd.concat([table(simulated(seed, n, n_features=600)) for seed in range(10)])
    rejected = int((found["p"] <= 0.05).sum())
    assert stats.binomtest(rejected, len(found), bound, alternative="greater").pvalue > 0.001
    assert rejected / len(found) <= 0.05
    assert (found["q"] < 0.1).sum() == 0


def test_groups_of_unequal_depth_do_not_differ_in_every_feature() -> None:
    """Without the depth of the samples the test says so of far more than 5 % of the features."""
    depth = np.repeat([0.0, -1.5], 6)
    plain, ours = [], []
    for seed in range(6):
        values = simulated(seed, 6, depth)
        ours.append(table(values)["p"].to_numpy())
        measured = np.isfinite(values)
        partly = measured.any(axis=1) & ~measured.all(axis=1)
        design = np.column_stack([np.ones(12), np.repeat([0.0, 1.0], 6)])
        plain.append(detection_test(measured[partly], design, [0, 1]).p)
    assert (np.concatenate(ours) <= 0.05).mean() <= 0.05
    assert (np.concatenate(plain) <= 0.05).mean() > 0.08


def test_depth_follows_the_detected_share_and_needs_many_features() -> None:
    measured = np.random.default_rng(7).random((5000, 4)) < np.array([0.5, 0.5, 0.8, 0.2])
    depth = sample_depth(measured)
    np.testing.assert_allclose(depth, [0, 0, np.log(4), -np.log(4)], atol=0.1)
    np.testing.assert_array_equal(sample_depth(measured[:99]), np.zeros(4))


def test_no_bound_where_missing_values_are_not_low_ones() -> None:
    is_case = np.arange(8) >= 4
    low = simulated(8, 4)
    low[3, :4], low[3, 4:] = np.nan, 25.0
    assert change_bound(low, is_case)[3] > 2
    ratios = np.random.default_rng(8).normal(0, 1, (2000, 8))
    ratios[np.random.default_rng(9).random(ratios.shape) < 0.05] = np.nan
    ratios[3, :4], ratios[3, 4:] = np.nan, 3.0
    assert np.isnan(change_bound(ratios, is_case)).all()


def test_no_bound_for_levels_that_could_be_absent_themselves() -> None:
    is_case = np.arange(8) >= 4
    values = simulated(8, 4)
    values[3, :4], values[3, 4:] = np.nan, 5.0
    assert np.isnan(change_bound(values, is_case)[3])


def test_workers_and_the_input_do_not_change() -> None:
    assays = {"one": prepared(simulated(9, 4)), "two": prepared(simulated(10, 4))}
    assays["two"].uns["organokine"]["name"] = "fat_protein"
    before = {name: adata.X.copy() for name, adata in assays.items()}
    pd.testing.assert_frame_equal(detection_table(assays, CONTRAST), detection_table(assays, CONTRAST, workers=2))
    for name, adata in assays.items():
        np.testing.assert_array_equal(adata.X, before[name])
