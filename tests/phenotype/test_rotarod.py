"""Rotarod: latency over days, learning, ceiling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from organokine.phenotype import TESTS, Trials
from organokine.phenotype.censoring import CENSORED_SHARE
from organokine.phenotype.rotarod import slopes
from tests.simulated_function import rotarod


def effects(trials: Trials) -> pd.DataFrame:
    return TESTS["rotarod"].run(trials).effects


def row(trials: Trials, term: str = "group", role: str = "primary") -> pd.Series:
    table = effects(trials)
    (found,) = [each for _, each in table.iterrows() if (each["term"], each["role"]) == (term, role)]
    return found


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_learning_difference_is_the_t_test_of_the_slopes() -> None:
    trials = rotarod(rng(1), 5)
    own = {}
    for name, rows in trials.rows.groupby("subject"):
        own[name] = (rows["group"].iloc[0], np.polyfit(rows["day"], rows["value"], 1)[0])
    old, young = ([slope for group, slope in own.values() if group == level] for level in ("old", "young"))
    expected, found = ttest_ind(old, young), row(trials, "group x day", "secondary")
    assert found["estimate"] == pytest.approx(np.mean(old) - np.mean(young))
    assert found["p"] == pytest.approx(expected.pvalue)
    assert (found["df"], found["unit"], found["n_values"]) == (8, "s per day", 90)


def test_a_difference_that_grows_is_seen_as_learning_and_at_the_middle_day() -> None:
    trials = rotarod(rng(2), 8)
    grown = trials.rows["value"] + np.where(trials.rows["group"] == "old", -40 * (trials.rows["day"] - 1), 0)
    later = replace(trials, rows=trials.rows.assign(value=grown))
    assert row(later, "group x day", "secondary")["estimate"] == pytest.approx(
        row(trials, "group x day", "secondary")["estimate"] - 40
    )
    assert row(later)["estimate"] == pytest.approx(row(trials)["estimate"] - 40, rel=1e-4)


def test_animals_of_one_day_have_no_slope_but_count_in_the_mean() -> None:
    trials = rotarod(rng(3), 4)
    rows = trials.rows
    gone = rows["subject"] == rows["subject"].iloc[0]
    short = replace(trials, rows=rows[~gone | (rows["day"] == 1)].reset_index(drop=True))
    assert len(slopes(short.rows)) == 7
    assert (row(short)["n_units"], row(short, "group x day", "secondary")["n_units"]) == (8, 7)


def test_one_day_asks_nothing_of_learning() -> None:
    trials = rotarod(rng(4), 4, n_days=1)
    assert effects(trials)["term"].tolist() == ["group"]
    days = trials.rows.groupby("subject")["value"].mean()
    groups = trials.rows.groupby("subject")["group"].first()
    assert row(trials)["p"] == pytest.approx(ttest_ind(days[groups == "old"], days[groups == "young"]).pvalue, rel=1e-5)


def test_one_trial_each_is_the_t_test_of_the_trials() -> None:
    trials = rotarod(rng(5), 4, n_days=1, n_trials=1)
    old, young = (trials.rows.loc[trials.rows["group"] == level, "value"] for level in ("old", "young"))
    assert row(trials)["p"] == pytest.approx(ttest_ind(old, young).pvalue)


def test_two_animals_per_group_are_analysed() -> None:
    found = row(rotarod(rng(6), 2))
    assert (found["state"], found["df"]) == ("estimated", pytest.approx(2))


def test_a_ceiling_adds_an_estimate_without_p_and_a_remark() -> None:
    trials = rotarod(rng(7), 8, effect=-40, animal_sd=10, share_at_ceiling=0.4)
    found = TESTS["rotarod"].run(trials)
    tobit = row(trials, role="estimate")
    assert tobit["estimate"] < row(trials)["estimate"] < 0
    assert np.isnan(tobit["p"])
    assert tobit["ci_low"] < tobit["estimate"] < tobit["ci_high"]
    at = trials.rows["value"] >= trials.ceiling
    share = at[trials.rows["group"] == "young"].mean()
    assert f"{share:.0%} of the trials of young" in found.remarks[0].detail
    assert int(found.animals["n_at_ceiling"].sum()) == int(at.sum())


@pytest.mark.parametrize(("share", "n_rows"), [(CENSORED_SHARE, 0), (CENSORED_SHARE + 0.02, 1)])
def test_the_share_at_the_ceiling_from_which_it_is_estimated(share: float, n_rows: int) -> None:
    trials = rotarod(rng(8), 5, n_days=2, n_trials=5)
    ceiling = float(np.quantile(trials.rows["value"], 1 - share, method="higher"))
    rows = trials.rows.assign(value=trials.rows["value"].clip(upper=ceiling))
    n = int((rows["value"] >= ceiling).sum())
    assert (n / 100 > CENSORED_SHARE) == (n_rows == 1), n
    assert (effects(replace(trials, rows=rows, ceiling=ceiling))["role"] == "estimate").sum() == n_rows


def test_a_group_that_never_falls_has_a_mean_and_says_why_no_estimate() -> None:
    trials = rotarod(rng(9), 4)
    rows = trials.rows.assign(value=trials.rows["value"].where(trials.rows["group"] == "old", 300).clip(upper=300))
    full = replace(trials, rows=rows, ceiling=300.0)
    tobit = row(full, role="estimate")
    assert (tobit["state"], row(full)["state"]) == ("not_estimated", "estimated")
    assert "all of one group are there" in tobit["note"]
