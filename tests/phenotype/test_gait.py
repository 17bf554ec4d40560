"""Gait: parameters at equal speed, as one family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import false_discovery_control

from organokine.phenotype import TESTS, Trials
from tests.simulated_function import gait


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def effects(trials: Trials) -> pd.DataFrame:
    return TESTS["gait"].run(trials).effects


def primary(trials: Trials) -> pd.DataFrame:
    table = effects(trials)
    return table[table["role"] == "primary"].reset_index(drop=True)


def test_one_run_each_is_least_squares_with_speed() -> None:
    trials = gait(rng(1), 6, n_parameters=2, n_runs=1, sex=True)
    for measure, found in zip(trials.measures, primary(trials).to_dict("records"), strict=True):
        rows = trials.of(measure)
        fit = smf.ols("value ~ case + sex + speed", rows.assign(case=(rows["group"] == "old") * 1.0)).fit()
        assert found["measure"] == measure
        assert found["p"] == pytest.approx(fit.pvalues["case"])
        assert found["adjusted_for"] == "sex;speed"


def test_q_is_benjamini_hochberg_over_the_declared_parameters() -> None:
    table = primary(gait(rng(2), 5, n_parameters=6))
    assert len(table) == 6
    np.testing.assert_allclose(table["q"], false_discovery_control(table["p"]))


def test_a_difference_of_speed_is_none_of_gait() -> None:
    """The parameters rise with speed alone, and the old walk slower."""
    trials = gait(rng(3), 20, n_parameters=1, slower=8, shared=0)
    table = effects(trials).set_index("role")
    assert table.loc["primary", "p"] > 0.05
    assert table.loc["secondary", "p"] < 0.001
    assert table.loc["secondary", "method"] == "speed not adjusted for"


def test_a_difference_at_equal_speed_stays() -> None:
    assert primary(gait(rng(4), 10, n_parameters=1, effect=3, shared=0))["p"].iloc[0] < 0.001


def test_runs_are_no_animals() -> None:
    table = primary(gait(rng(5), 4, n_runs=10, n_parameters=2))
    assert (table["df"] < 8).all()
    assert (table["n_units"] == 8).all()


def test_speed_is_not_adjusted_for_itself() -> None:
    trials = gait(rng(6), 4, n_parameters=1)
    rows = pd.concat([trials.rows, trials.rows.assign(measure="average speed", value=trials.rows["speed"])])
    table = effects(replace(trials, rows=rows.reset_index(drop=True), measures=("parameter 0", "average speed")))
    own = table[table["measure"] == "average speed"]
    assert own["state"].tolist() == ["estimated"]
    assert own["adjusted_for"].tolist() == [""]


def test_without_speed_this_is_told() -> None:
    trials = gait(rng(7), 4, n_parameters=1)
    found = TESTS["gait"].run(replace(trials, rows=trials.rows.assign(speed=np.nan)))
    assert [remark.flag for remark in found.remarks] == ["no_speed"]
    assert found.effects["role"].tolist() == ["primary"]
