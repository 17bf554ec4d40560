"""Grip: force at equal body weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from organokine.phenotype import TESTS, Trials
from tests.simulated_function import grip


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def effects(trials: Trials) -> pd.DataFrame:
    return TESTS["grip"].run(trials).effects


def best(trials: Trials) -> pd.DataFrame:
    """Mean of the three strongest pulls of each animal, by plain means."""
    own = trials.rows.groupby("subject")
    table = own[["group", "sex", "weight"]].first()
    table["force"] = [np.sort(values)[-3:].mean() for _, values in own["value"]]
    return table.assign(case=(table["group"] == "old") * 1.0, ratio=table["force"] / table["weight"])


def test_the_answer_is_analysis_of_covariance_of_the_three_strongest_pulls() -> None:
    trials = grip(rng(1), 6, sex=True)
    expected = smf.ols("force ~ case + sex + weight", best(trials)).fit()
    found = effects(trials).iloc[0]
    assert (found["role"], found["adjusted_for"], found["n_units"]) == ("primary", "sex;weight", 12)
    assert found["estimate"] == pytest.approx(expected.params["case"])
    assert found["p"] == pytest.approx(expected.pvalues["case"])
    assert found["df"] == expected.df_resid == 8


def test_raw_force_ratio_and_slopes_are_secondary() -> None:
    trials = grip(rng(2), 6)
    table, own = effects(trials).set_index("method"), best(trials)
    raw = smf.ols("force ~ case", own).fit()
    ratio = smf.ols("ratio ~ case", own).fit()
    slopes = smf.ols("force ~ case * weight", own).fit()
    assert table.loc["linear model of animals, weight not adjusted for", "p"] == pytest.approx(raw.pvalues["case"])
    assert table.loc["force divided by weight", "p"] == pytest.approx(ratio.pvalues["case"])
    assert table.loc["force divided by weight", "unit"] == "per unit of weight"
    assert table.loc["linear model of animals", "p"] == pytest.approx(slopes.pvalues["case:weight"])
    assert (table["role"] == "primary").sum() == 1


def test_a_heavier_group_of_equal_strength_differs_in_the_ratio_only() -> None:
    """Force rises by 2 g per gram from 110 g at 27 g: less than in proportion, so that the ratio falls with weight."""
    table = effects(grip(rng(3), 60, slope=1)).set_index("method")
    assert table.loc["linear model of animals (ANCOVA)", "p"] > 0.05
    assert table.loc["force divided by weight", "p"] < 1e-6


def test_fewer_pulls_than_three_are_all_used() -> None:
    trials = grip(rng(4), 4, pulls=2)
    found = TESTS["grip"].run(trials).animals.set_index("subject")["value"]
    expected = trials.rows.groupby("subject")["value"].mean()
    assert found.to_dict() == pytest.approx(expected.to_dict())


def test_without_weights_force_is_compared_as_it_is_and_this_is_told() -> None:
    trials = grip(rng(5), 5)
    bare = replace(trials, rows=trials.rows.assign(weight=np.nan))
    found = TESTS["grip"].run(bare)
    own = best(trials)
    assert found.effects.iloc[0]["p"] == pytest.approx(smf.ols("force ~ case", own).fit().pvalues["case"])
    assert [remark.flag for remark in found.remarks] == ["no_weight", "no_unit"]


def test_animals_without_a_weight_are_left_out_of_the_answer_and_told() -> None:
    trials = grip(rng(6), 5)
    name = trials.rows["subject"].iloc[0]
    rows = trials.rows.assign(weight=trials.rows["weight"].where(trials.rows["subject"] != name))
    found = TESTS["grip"].run(replace(trials, rows=rows))
    own = best(trials).drop(index=name)
    assert found.effects.iloc[0]["p"] == pytest.approx(smf.ols("force ~ case + weight", own).fit().pvalues["case"])
    assert found.effects.iloc[0]["n_units"] == 9
    assert [remark.flag for remark in found.remarks] == ["weight_missing", "no_unit"]
    assert len(found.animals) == 10


def test_two_animals_per_group_have_one_degree_of_freedom() -> None:
    table = effects(grip(rng(7), 2))
    assert table.iloc[0]["df"] == 1
    assert "group x weight" not in set(table["term"])
