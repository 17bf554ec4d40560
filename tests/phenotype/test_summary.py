"""What stands for an animal, its days and its group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from organokine.phenotype.summary import animal_facts, animal_table, day_table, learning_curve
from tests.simulated_function import as_trials, rotarod


def test_facts_are_means_and_counts_of_each_animal() -> None:
    frame = pd.DataFrame(
        {
            "subject": ["b", "a", "a", "b", "a"],
            "group": ["young", "old", "old", "young", "old"],
            "measure": "latency",
            "value": [10.0, 300, 100, 20, 300],
            "weight": [20.0, 30, np.nan, 22, 32],
            "sex": ["f", "m", "m", "f", "m"],
            "batch": ["1", "2", "2", "1", "2"],
        }
    )
    trials = as_trials("rotarod", frame, ceiling=300.0, covariates=("batch",))
    facts = animal_facts(trials.rows, trials)
    assert facts["subject"].tolist() == ["a", "b"]
    assert facts["value"].tolist() == pytest.approx([700 / 3, 15])
    assert facts["weight"].tolist() == [31, 21]
    assert facts["n_values"].tolist() == [3, 2]
    assert facts["n_at_ceiling"].tolist() == [2, 0]
    assert facts["batch"].tolist() == ["2", "1"]
    table = animal_table(facts, trials, "latency")
    assert table["is_case"].tolist() == [True, False]
    assert table["unit"].tolist() == ["s", "s"]


def test_days_are_means_of_animals_and_curves_means_of_these() -> None:
    trials = rotarod(np.random.default_rng(1), 4, drop_out=0.4)
    days = day_table(trials.rows, trials, "latency")
    expected = trials.rows.groupby(["subject", "day"])["value"].mean()
    assert days.set_index(["subject", "day"])["value"].to_dict() == pytest.approx(expected.to_dict())
    curve = learning_curve(days)
    old = days[(days["group"] == "old") & (days["day"] == 1)]["value"]
    point = curve[(curve["group"] == "old") & (curve["x"] == 1)].iloc[0]
    assert point["n"] == len(old)
    assert point["y"] == pytest.approx(old.mean())
    half = t.ppf(0.975, len(old) - 1) * old.sem()
    assert [point["y_low"], point["y_high"]] == pytest.approx([old.mean() - half, old.mean() + half])


def test_one_day_is_no_learning_curve() -> None:
    trials = rotarod(np.random.default_rng(2), 3, n_days=1)
    days = day_table(trials.rows, trials, "latency")
    assert len(days) == 0
    assert len(learning_curve(days)) == 0


def test_one_animal_on_a_day_has_a_point_without_interval() -> None:
    rows = rotarod(np.random.default_rng(3), 3).rows
    last = rows["subject"] == rows["subject"].iloc[0]
    group = rows["group"].iloc[0]
    kept = rows[(rows["group"] != group) | (rows["day"] < 3) | last].reset_index(drop=True)
    curve = learning_curve(day_table(kept, as_trials("rotarod", kept), "latency"))
    point = curve[(curve["group"] == group) & (curve["x"] == 3)].iloc[0]
    assert point["n"] == 1
    assert np.isnan(point["y_low"])
    assert np.isfinite(point["y"])
