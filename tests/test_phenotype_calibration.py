"""Functional tests in which nothing differs reject as often as they say: few animals, trials, days, cages, ceilings, lost trials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from organokine.phenotype import TESTS, Trials
from organokine.phenotype.effects import linear_effect
from organokine.phenotype.rotarod import slopes
from tests.simulated_function import beam, gait, grip, rotarod, scalar

LEVEL = 0.05
CHANCE_OF_FAILURE = 1e-4
N_STUDIES = 60
"""An analysis that rejects 30 % of null studies breaks the bound with a chance of 97 %, one that rejects 40 % but always.
`benchmarks/phenotype.py` counts smaller errors."""


def rejected(p_of: Callable[[np.random.Generator], float], n_studies: int, seed: int) -> np.ndarray:
    """Whether each study is significant; one without p is not."""
    p = np.array([p_of(np.random.default_rng([seed, study])) for study in range(n_studies)])
    return np.nan_to_num(p, nan=1.0) < LEVEL


def at_most_the_level(found: np.ndarray, level: float = LEVEL) -> None:
    limit = stats.binom.isf(CHANCE_OF_FAILURE, len(found), level)
    assert found.sum() <= limit, f"{found.mean():.3f} of {len(found)} are significant at {level}"


def over_days(trials: Trials) -> float:
    return linear_effect(trials.rows, trials, "latency", numbers=("day",), interaction="day").get("p", np.nan)


def learning(trials: Trials) -> float:
    own = slopes(trials.rows)
    return linear_effect(own, trials, "latency").get("p", np.nan)


def primary(trials: Trials, measure: str) -> float:
    table = TESTS[trials.test].run(trials).effects
    own = table[(table["measure"] == measure) & (table["role"] == "primary") & (table["term"] == "group")]
    return float(own["p"].iloc[0])


def of(trials: Trials, measure: str) -> Trials:
    from dataclasses import replace

    return replace(trials, rows=trials.of(measure), measures=(measure,))


ROTAROD: dict[str, dict[str, Any]] = {
    "ceiling": {"share_at_ceiling": 0.4},
    "lost trials": {"drop_out": 0.4, "slope_sd": 30},
    "cages of one group": {"cages": "of one group", "cage_sd": 30},
    "small differences between cages": {"cages": "of one group", "cage_sd": 8},
    "mixed cages": {"cages": "mixed", "cage_sd": 30},
    "no differences between animals": {"animal_sd": 0, "slope_sd": 0},
    "sexes": {"sex": True, "sex_effect": 40},
    "lost trials in cages of one group": {"cages": "of one group", "cage_sd": 30, "drop_out": 0.4},
}
QUICK = ("ceiling", "lost trials", "cages of one group")


@pytest.mark.parametrize("name", QUICK)
def test_latencies_of_four_animals_per_group(name: str) -> None:
    at_most_the_level(rejected(lambda rng: over_days(rotarod(rng, 4, **ROTAROD[name])), N_STUDIES, 1))


@pytest.mark.slow
@pytest.mark.parametrize("n", [4, 8])
@pytest.mark.parametrize("name", ROTAROD)
def test_latencies(name: str, n: int) -> None:
    at_most_the_level(rejected(lambda rng: over_days(rotarod(rng, n, **ROTAROD[name])), N_STUDIES, 10 + n))


@pytest.mark.parametrize("n", [4, 8])
def test_learning_of_animals_that_learn_at_their_own_pace(n: int) -> None:
    at_most_the_level(
        rejected(lambda rng: learning(rotarod(rng, n, slope_sd=30, drop_out=0.3 * (n == 8))), N_STUDIES, 20 + n)
    )


def test_trials_as_animals_would_be_found_out() -> None:
    """The same bound refuses the analysis that is common: it can fail."""

    def of_trials(rng: np.random.Generator) -> float:
        rows = rotarod(rng, 4).rows
        return float(stats.ttest_ind(*(rows.loc[rows["group"] == level, "value"] for level in ("old", "young"))).pvalue)

    with pytest.raises(AssertionError, match="are significant"):
        at_most_the_level(rejected(of_trials, N_STUDIES, 2))


@pytest.mark.slow
@pytest.mark.parametrize("cages", ["none", "of one group"])
@pytest.mark.parametrize("n", [4, 8])
def test_over_dispersed_slips(n: int, cages: Any) -> None:
    def p_of(rng: np.random.Generator) -> float:
        return primary(of(beam(rng, n, spread=0.7, cages=cages, cage_sd=0.3 * (cages != "none")), "slips"), "slips")

    at_most_the_level(rejected(p_of, N_STUDIES, 30 + n))


def test_rare_slips_that_a_group_may_not_have_at_all() -> None:
    at_most_the_level(rejected(lambda rng: primary(of(beam(rng, 4, slips=0.2), "slips"), "slips"), N_STUDIES, 3))


@pytest.mark.parametrize("n", [4, 8])
def test_crossing_times(n: int) -> None:
    def p_of(rng: np.random.Generator) -> float:
        trials = of(beam(rng, n), "time")
        rows = trials.rows.assign(value=np.log(trials.rows["value"]))
        return linear_effect(rows, trials, "time")["p"]

    at_most_the_level(rejected(p_of, N_STUDIES, 40 + n))


@pytest.mark.slow
@pytest.mark.parametrize("cages", ["none", "of one group"])
def test_failures(cages: Any) -> None:
    def p_of(rng: np.random.Generator) -> float:
        return primary(of(beam(rng, 8, cages=cages, cage_sd=1.0 * (cages != "none")), "failed"), "failed")

    at_most_the_level(rejected(p_of, N_STUDIES, 5))


@pytest.mark.parametrize("sex", [False, True])
@pytest.mark.parametrize("n", [4, 8])
def test_force_of_heavier_cases(n: int, sex: bool) -> None:
    def p_of(rng: np.random.Generator) -> float:
        trials = grip(rng, n, heavier=6, pulls=1, sex=sex)
        return linear_effect(trials.rows, trials, "force", numbers=("weight",))["p"]

    at_most_the_level(rejected(p_of, N_STUDIES, 60 + n))


def test_force_of_heavier_cases_in_cages_of_one_group() -> None:
    def p_of(rng: np.random.Generator) -> float:
        trials = grip(rng, 6, heavier=6, pulls=1, cages="of one group", cage_sd=8)
        return linear_effect(trials.rows, trials, "force", numbers=("weight",))["p"]

    at_most_the_level(rejected(p_of, N_STUDIES, 70))


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["aaabbccc", "aabbccdeffgghhde"])
def test_cages_of_which_some_hold_one_group_only(layout: str) -> None:
    cage = np.array(list(layout))

    def p_of(rng: np.random.Generator) -> float:
        trials = scalar(rng, len(cage) // 2)
        value = trials.rows["value"] + 12 * rng.normal(size=8)[[ord(letter) - ord("a") for letter in cage]]
        return linear_effect(trials.rows.assign(cage=cage, value=value), trials, "distance")["p"]

    at_most_the_level(rejected(p_of, 2 * N_STUDIES, 80))


@pytest.mark.slow
@pytest.mark.parametrize("n", [4, 8])
def test_a_family_of_gait_parameters_at_another_speed(n: int) -> None:
    """No parameter differs at equal speed, so that any discovery is false: the family-wise rate is the false discovery rate."""

    def smallest_q(rng: np.random.Generator) -> float:
        trials = gait(rng, n, n_parameters=5, slower=3)
        p = [linear_effect(trials.of(each), trials, each, numbers=("speed",))["p"] for each in trials.measures]
        return float(stats.false_discovery_control(p).min())

    at_most_the_level(rejected(smallest_q, N_STUDIES, 90 + n))
