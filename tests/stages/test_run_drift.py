from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine import tables
from organokine.stages.run_drift import drift_flags


def made_runs(n: int = 12, seed: int = 0, **columns: object) -> pd.DataFrame:
    """Runs of one assay in random order over two groups, without a drift."""
    rng = np.random.default_rng(seed)
    given = {
        "assay": "muscle_protein", "organ": "muscle", "modality": "protein", "sample": [f"s{place}" for place in range(n)],
        "group": ["old", "young"] * (n // 2), "run_order": rng.permutation(n) + 1.0,
        "n_precursors": rng.integers(40_000, 44_000, n), "n_with_mobility": 100, "mobility_unit": "1/K0",
        "median_deviation": rng.normal(0, 0.002, n), "mad_deviation": 0.004, "mad_trend": rng.normal(0.02, 0.001, n),
    }  # fmt: skip
    return tables.RUNS.conform(pd.DataFrame(given | columns))


def flags_of(runs: pd.DataFrame) -> dict[str, str]:
    found = drift_flags(runs)
    pd.testing.assert_frame_equal(tables.FLAGS.conform(found), found)
    return dict(zip(found["flag"], found["detail"], strict=True))


def test_a_planted_drift_is_named_with_its_size() -> None:
    runs = made_runs()
    runs["median_deviation"] += 0.001 * runs["run_order"]
    said = flags_of(runs)
    assert list(said) == ["mobility_drift"]
    change = float(said["mobility_drift"].split("changes by ")[1].split(" 1/K0")[0])
    assert change == pytest.approx(0.011, rel=0.4)
    assert "within a run it scatters by 0.004" in said["mobility_drift"]


def test_fewer_precursors_with_every_run_are_named() -> None:
    runs = made_runs()
    runs["n_precursors"] = (50_000 - 1000 * runs["run_order"]).astype("Int64")
    said = flags_of(runs)
    assert list(said) == ["precursor_drift"]
    assert "-11,000 (-25%) from the first to the last of 12 runs" in said["precursor_drift"]


def test_without_a_prediction_the_scatter_around_the_trend_is_asked() -> None:
    runs = made_runs(median_deviation=np.nan)
    assert flags_of(runs) == {}
    runs["mad_trend"] = 0.02 + 0.001 * runs["run_order"]
    assert "the scatter of ion mobility around its trend changes by +0.011 1/K0" in flags_of(runs)["mobility_drift"]


def test_without_a_run_order_nothing_is_said() -> None:
    runs = made_runs(run_order=np.nan)
    runs["median_deviation"] = np.arange(12.0)
    assert flags_of(runs) == {}
    assert len(drift_flags(tables.RUNS.empty())) == 0


def test_groups_that_differ_are_no_drift() -> None:
    runs = made_runs(run_order=np.arange(12.0), group=["old"] * 6 + ["young"] * 6)
    runs["n_precursors"] = runs["n_precursors"] + pd.array([0] * 6 + [20_000] * 6, dtype="Int64")
    runs["median_deviation"] += [0.0] * 6 + [0.1] * 6
    assert flags_of(runs) == {}


def test_without_a_drift_few_studies_get_a_remark() -> None:
    remarks = [len(flags_of(made_runs(seed=seed))) > 0 for seed in range(150)]
    assert np.mean(remarks) <= 0.06
