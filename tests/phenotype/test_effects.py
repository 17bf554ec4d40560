"""Rows of effects against plain t tests and least squares, and what they do not depend on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as t_distribution
from scipy.stats import ttest_ind

from organokine.phenotype import Trials
from organokine.phenotype.effects import (
    ESTIMATED,
    LEAST_DF,
    NOT_ESTIMATED,
    Told,
    cage_sensitivity,
    effect_table,
    hedges_g,
    linear_effect,
    sex_interaction,
)
from tests.simulated_function import as_trials, gait, grip, rotarod, scalar

NUMBERS = ["estimate", "se", "df", "ci_low", "ci_high", "p"]
SEEDS = st.integers(0, 10_000)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def effect(trials: Trials, **given_: Any) -> dict:
    return linear_effect(trials.rows, trials, trials.measures[0], **given_)


def over_days(trials: Trials) -> dict:
    return effect(trials, numbers=("day",), interaction="day")


def with_rows(trials: Trials, rows: pd.DataFrame) -> Trials:
    return replace(trials, rows=rows.reset_index(drop=True))


def means(trials: Trials, unit: str = "subject") -> tuple[np.ndarray, np.ndarray]:
    by_unit = trials.rows.groupby([unit, "group"])["value"].mean().reset_index()
    return tuple(by_unit.loc[by_unit["group"] == level, "value"].to_numpy() for level in ("old", "young"))


def same(one: dict, other: dict, **tolerance: float) -> None:
    np.testing.assert_allclose(
        [one[key] for key in NUMBERS], [other[key] for key in NUMBERS], **({"rtol": 1e-5} | tolerance)
    )


@pytest.mark.parametrize("animal_sd", [0.0, 30.0])
@pytest.mark.parametrize("n", [2, 4, 8])
def test_balanced_trials_are_the_t_test_of_the_animals(n: int, animal_sd: float) -> None:
    """Also where the trials hide the variance between animals, which is then estimated as zero."""
    trials = rotarod(rng(n), n, animal_sd=animal_sd)
    found, expected = over_days(trials), ttest_ind(*means(trials))
    assert found["df"] == pytest.approx(2 * n - 2)
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-5)
    assert [found["ci_low"], found["ci_high"]] == pytest.approx(list(expected.confidence_interval()), rel=1e-5)
    assert (found["n_case"], found["n_control"], found["n_units"], found["n_values"]) == (n, n, 2 * n, 18 * n)


def test_one_value_each_is_least_squares() -> None:
    trials = grip(rng(3), 6, sex=True, pulls=1)
    found = effect(trials, numbers=("weight",))
    rows = trials.rows.assign(case=(trials.rows["group"] == "old") * 1.0)
    expected = smf.ols("value ~ case + sex + weight", rows).fit()
    assert found["estimate"] == pytest.approx(expected.params["case"])
    assert found["p"] == pytest.approx(expected.pvalues["case"])
    assert found["df"] == expected.df_resid
    assert found["adjusted_for"] == "sex;weight"


def test_an_interaction_is_that_of_least_squares() -> None:
    trials = scalar(rng(4), 6, sex=True)
    (found,) = sex_interaction(trials.rows, trials, "distance")
    rows = trials.rows.assign(case=(trials.rows["group"] == "old") * 1.0, male=(trials.rows["sex"] == "m") * 1.0)
    expected = smf.ols("value ~ case * male", rows).fit()
    assert found["estimate"] == pytest.approx(expected.params["case:male"])
    assert found["p"] == pytest.approx(expected.pvalues["case:male"])
    assert (found["term"], found["role"]) == ("group x sex", "secondary")


def test_no_interaction_is_asked_of_too_few_animals_or_one_sex() -> None:
    for n in (2, 3, 4):
        trials = scalar(rng(), n, sex=True)
        assert len(sex_interaction(trials.rows, trials, "distance")) == (2 * n - 4 >= LEAST_DF)
    trials = scalar(rng(), 8)
    assert sex_interaction(trials.rows, trials, "distance") == []
    only = trials.rows.assign(sex=np.where(trials.rows["group"] == "old", "m", "f"))
    assert sex_interaction(only, trials, "distance") == []


def test_cages_of_one_group_are_the_unit() -> None:
    trials = rotarod(rng(5), 6, cages="of one group", cage_sd=30)
    found, expected = over_days(trials), ttest_ind(*means(trials, "cage"))
    assert (found["n_units"], found["df"]) == (6, pytest.approx(4))
    assert found["p"] == pytest.approx(expected.pvalue, rel=1e-5)


def test_one_cage_per_group_has_an_estimate_and_no_p() -> None:
    trials = scalar(rng(6), 4, cages="of one group", of_cage=4)
    found = effect(trials)
    old, young = means(trials)
    assert found["state"] == ESTIMATED
    assert found["estimate"] == pytest.approx(old.mean() - young.mean())
    assert np.isnan([found["p"], found["ci_low"], found["ci_high"]]).all()
    assert "cannot be told from the cage" in found["note"]
    assert "no degree of freedom" in found["note"]


def test_few_cages_are_blocks_beside_the_answer() -> None:
    trials = scalar(rng(7), 8, cages="mixed", of_cage=4, cage_sd=10)
    assert effect(trials)["p"] == pytest.approx(ttest_ind(*means(trials)).pvalue)
    (row,) = cage_sensitivity(trials.rows, trials, "distance")
    rows = trials.rows.assign(case=(trials.rows["group"] == "old") * 1.0)
    expected = smf.ols("value ~ case + cage", rows).fit()
    assert row["p"] == pytest.approx(expected.pvalues["case"])
    assert (row["role"], row["df"]) == ("sensitivity", expected.df_resid)
    assert cage_sensitivity(rows.assign(cage=""), trials, "distance") == []


def test_cages_of_which_some_hold_one_group_are_blocks() -> None:
    """Without them, three animals of one cage and one group would count as three of the group."""
    trials = scalar(rng(14), 4)
    trials = with_rows(trials, trials.rows.sort_values("group").assign(cage=list("aaabbccc")))
    rows = trials.rows.assign(case=(trials.rows["group"] == "old") * 1.0)
    expected, found = smf.ols("value ~ case + cage", rows).fit(), effect(trials)
    assert found["p"] == pytest.approx(expected.pvalues["case"])
    assert "cages are blocks" in found["note"]
    assert cage_sensitivity(trials.rows, trials, "distance") == []


def test_cages_that_tell_part_of_the_effect_give_their_degrees_of_freedom() -> None:
    crossed, partly = list("abcdefgh" * 2), list("aabbccdeffgghhde")
    for cage, df in ((crossed, 7), (partly, 6)):
        trials = scalar(rng(15), 8)
        rows = trials.rows.sort_values("group").assign(cage=cage)
        rows["value"] += 10 * rng(16).normal(size=8)[rows["cage"].map("abcdefgh".index)]
        found = effect(with_rows(trials, rows))
        assert "random intercepts" in found["note"]
        assert found["df"] == pytest.approx(df, abs=0.75)


def test_a_ratio_is_the_exponential_of_a_difference_of_logarithms() -> None:
    trials = scalar(rng(8), 5)
    logs = trials.rows.assign(value=np.log(trials.rows["value"]))
    ratio = linear_effect(logs, trials, "distance", told=Told(is_log=True))
    difference = linear_effect(logs, trials, "distance")
    for key in ("estimate", "ci_low", "ci_high"):
        assert ratio[key] == pytest.approx(np.exp(difference[key]))
    assert (ratio["se"], ratio["p"]) == (difference["se"], difference["p"])
    assert (ratio["scale"], ratio["unit"]) == ("ratio", "")


def test_a_group_without_spread_has_the_pooled_t_test() -> None:
    trials = scalar(rng(9), 5)
    rows = trials.rows.assign(value=trials.rows["value"].where(trials.rows["group"] == "old", 40.0))
    found = effect(with_rows(trials, rows))
    old = rows.loc[rows["group"] == "old", "value"]
    # The pooled variance of five and five animals, of which five do not vary.
    t = (old.mean() - 40) / np.sqrt(old.var() / 2 * (2 / 5))
    assert found["p"] == pytest.approx(2 * t_distribution.sf(abs(t), 8))


@pytest.mark.parametrize("change", ["all alike", "one animal left", "no animal left"])
def test_what_cannot_be_estimated_says_why(change: str) -> None:
    trials = grip(rng(10), 4, pulls=1)
    rows, is_old = trials.rows.copy(), trials.rows["group"] == "old"
    if change == "all alike":
        rows["value"] = 1.0
    else:
        rows.loc[is_old, "weight"] = np.where(np.arange(4) < (change == "one animal left"), 30.0, np.nan)
    found = effect(with_rows(trials, rows), numbers=("weight",))
    assert found["state"] == NOT_ESTIMATED
    assert "p" not in found
    assert ("do not vary" if change == "all alike" else "too few to compare") in found["note"]


def test_a_value_copied_into_all_rows_of_an_animal_is_one_value() -> None:
    trials = scalar(rng(11), 5)
    copied = with_rows(trials, pd.concat([trials.rows] * 4))
    same(effect(copied), effect(trials))
    assert effect(copied)["n_values"] == 10


@given(seed=SEEDS, drop_out=st.sampled_from([0.0, 0.3]))
@settings(max_examples=15)
def test_order_and_names_do_not_matter(seed: int, drop_out: float) -> None:
    trials = rotarod(rng(seed), 4, drop_out=drop_out, cages="of one group")
    names = dict(zip(sorted(set(trials.rows["subject"])), rng(seed + 1).permutation(8), strict=False))
    rows = trials.rows.assign(
        subject=trials.rows["subject"].map(lambda name: f"x{names[name]}"),
        cage=trials.rows["cage"].map(lambda name: f"9{name}"),
    )
    same(over_days(with_rows(trials, rows.sample(frac=1, random_state=seed))), over_days(trials), rtol=1e-4)


@given(seed=SEEDS)
@settings(max_examples=15)
def test_swapping_case_and_control_flips_the_sign(seed: int) -> None:
    trials = rotarod(rng(seed), 4, drop_out=0.3, sex=True)
    one, other = over_days(trials), over_days(replace(trials, case="young", control="old"))
    assert other["estimate"] == pytest.approx(-one["estimate"], rel=1e-5)
    assert [other["ci_low"], other["ci_high"]] == pytest.approx([-one["ci_high"], -one["ci_low"]], rel=1e-5, abs=1e-4)
    assert other["p"] == pytest.approx(one["p"], rel=1e-5)
    assert (other["n_case"], other["n_control"]) == (one["n_control"], one["n_case"])


@given(seed=SEEDS, shift=st.floats(-1e3, 1e3), scale=st.sampled_from([1e-3, 0.5, 1e3]))
@settings(max_examples=15)
def test_shift_and_scale_of_the_values(seed: int, shift: float, scale: float) -> None:
    trials = rotarod(rng(seed), 4, drop_out=0.3)
    moved = with_rows(trials, trials.rows.assign(value=(trials.rows["value"] + shift) * scale))
    one, other = over_days(trials), over_days(moved)
    assert other["p"] == pytest.approx(one["p"], rel=1e-3)
    assert other["estimate"] == pytest.approx(scale * one["estimate"], rel=1e-3, abs=1e-6 * scale)


@given(seed=SEEDS, copies=st.integers(2, 5), drop_out=st.sampled_from([0.0, 0.3]))
@settings(max_examples=15)
def test_copies_of_trials_are_no_animals(seed: int, copies: int, drop_out: float) -> None:
    """The test that a trial-level analysis fails: its p falls without bound."""
    trials = rotarod(rng(seed), 4, drop_out=drop_out)
    one, many = over_days(trials), over_days(with_rows(trials, pd.concat([trials.rows] * copies)))
    assert many["df"] < 8
    if drop_out == 0:
        assert many["p"] == pytest.approx(one["p"], rel=1e-4)
    assert many["p"] > 0.2 * one["p"]


def test_hedges_g_is_its_formula_and_counts_animals() -> None:
    animals = pd.DataFrame({"group": ["old"] * 3 + ["young"] * 4, "value": [1.0, 2, 6, 4, 5, 9, 10]})
    trials = scalar(rng(), 3)
    old, young = animals["value"][:3], animals["value"][3:]
    pooled = np.sqrt((2 * old.var() + 3 * young.var()) / 5)
    expected = (old.mean() - young.mean()) / pooled * (1 - 3 / (4 * 5 - 1))
    assert hedges_g(old.mean() - young.mean(), animals, trials) == pytest.approx(expected)
    assert np.isnan(hedges_g(1.0, animals.assign(value=1.0), trials))
    assert np.isnan(hedges_g(1.0, animals.iloc[[0, 3]], trials))


def test_q_is_over_the_primary_rows_that_have_a_p() -> None:
    trials = gait(rng(12), 5, n_parameters=3)
    rows = [
        linear_effect(trials.of(measure), trials, measure, told=Told(role, role))
        for measure in trials.measures
        for role in ("primary", "secondary")
    ]
    rows[0] = {key: value for key, value in rows[0].items() if key not in NUMBERS} | {"state": NOT_ESTIMATED}
    table = effect_table(rows)
    p = np.sort([rows[2]["p"], rows[4]["p"]])
    assert sorted(table["q"].dropna()) == pytest.approx(sorted([min(2 * p[0], p[1]), p[1]]))
    assert table.loc[table["q"].notna(), "role"].eq("primary").all()
    assert len(effect_table([])) == 0


def test_the_sex_of_one_group_only_leaves_the_group() -> None:
    rows = scalar(rng(13), 5).rows
    trials = as_trials("scalar", rows.assign(sex=np.where(rows["group"] == "old", "m", "f")))
    found = effect(trials)
    assert found["p"] == pytest.approx(ttest_ind(*means(trials)).pvalue)
    assert found["adjusted_for"] == ""
    assert "sex cannot be told from the group" in found["note"]
