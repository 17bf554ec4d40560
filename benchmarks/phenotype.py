"""Error rates of functional tests, the analysis of the package and the usual one side by side, and power, on simulated animals.

    python benchmarks/phenotype.py --studies 400 --tobit 150

Nothing differs between the groups (grip: given body weight; gait: given speed), with 4 and 8 animals each. Printed is a table in
Markdown of the share of studies with p < 0.05 by the primary analysis of each test and by the one that is common, then the estimates
under a ceiling of a true difference of 60 s, then power. The simulated animals are those of tests/simulated_function.py.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from organokine.phenotype import TESTS, Trials
from organokine.phenotype.design import make_design
from organokine.phenotype.effects import linear_effect
from organokine.phenotype.models import contrast_of, ordinary, random_intercepts
from tests import simulated_function as simulated

SIZES = (4, 8)
LEVEL = 0.05
Made = Callable[..., Trials]


def values(trials: Trials, rows: pd.DataFrame | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Values of the case and of the control."""
    table = trials.rows if rows is None else rows
    return tuple(table.loc[table["group"] == level, "value"].to_numpy() for level in (trials.case, trials.control))


def trials_as_animals(trials: Trials) -> float:
    return float(stats.ttest_ind(*values(trials)).pvalue)


def over_days(trials: Trials) -> float:
    return linear_effect(trials.rows, trials, "latency", numbers=("day",), interaction="day").get("p", np.nan)


def mixed_z(trials: Trials) -> float:
    """A mixed model whose t is read as normal, as most software does."""
    design = make_design(trials.rows, trials, numbers=("day",), interaction="day")
    fit = random_intercepts(trials.rows["value"], design.matrix, trials.rows["subject"])
    weights = design.weights("group")
    error = float(np.sqrt(weights @ fit.model_covariance @ weights))
    return float(2 * stats.norm.sf(abs(weights @ fit.coefficients) / error))


def without_cages(trials: Trials) -> float:
    rows = trials.rows.assign(cage="")
    return linear_effect(rows, trials, "latency", numbers=("day",), interaction="day").get("p", np.nan)


def primary(trials: Trials, measure: str) -> float:
    table = TESTS[trials.test].run(trials).effects
    own = table[(table["measure"] == measure) & (table["role"] == "primary") & (table["term"] == "group")]
    return float(own["p"].iloc[0])


def only(make: Made, measure: str) -> Made:
    def made(*given: Any, **keys: Any) -> Trials:
        from dataclasses import replace

        trials = make(*given, **keys)
        return replace(trials, rows=trials.of(measure), measures=(measure,))

    return made


def poisson_of_trials(trials: Trials) -> float:
    case, control = values(trials)
    if min(case.sum(), control.sum()) == 0:
        return float("nan")
    difference = np.log(case.mean() / control.mean())
    return float(2 * stats.norm.sf(abs(difference) / np.sqrt(1 / case.sum() + 1 / control.sum())))


def ratio_to_weight(trials: Trials) -> float:
    means = trials.rows.groupby(["subject", "group"])[["value", "weight"]].mean().reset_index()
    return float(stats.ttest_ind(*values(trials, means.assign(value=means["value"] / means["weight"]))).pvalue)


def at_weight(trials: Trials) -> float:
    return primary(trials, "force")


def at_speed(trials: Trials) -> float:
    measure = trials.measures[0]
    return linear_effect(trials.of(measure), trials, measure, numbers=("speed",)).get("p", np.nan)


def gait_as_it_is(trials: Trials) -> float:
    means = trials.of(trials.measures[0]).groupby(["subject", "group"])["value"].mean().reset_index()
    return float(stats.ttest_ind(*values(trials, means)).pvalue)


def molecule(rng: np.random.Generator, n: int) -> np.ndarray:
    """Level of a molecule and function of 2n animals, both changed by age and otherwise unrelated: columns group, level, function."""
    is_old = np.repeat([0.5, -0.5], n)
    return np.column_stack([is_old, 2 * is_old + rng.normal(size=2 * n), -2 * is_old + rng.normal(size=2 * n)])


def pooled_correlation(table: Any) -> float:
    return float(stats.pearsonr(table[:, 1], table[:, 2]).pvalue)


def within_groups(table: Any) -> float:
    design = np.column_stack([np.ones(len(table)), table[:, :2]])
    return contrast_of(ordinary(table[:, 2], design), [0.0, 0.0, 1.0]).p


def of_one_group(rng: np.random.Generator, n: int) -> Trials:
    return simulated.rotarod(rng, n, cages="of one group", cage_sd=25)


NULLS: tuple[tuple[str, str, str, Made, Callable[[Any], float], Callable[[Any], float]], ...] = (
    ("rotarod, 9 trials each", "mixed model, animals as units", "t test of trials", simulated.rotarod, over_days, trials_as_animals),
    ("rotarod, 9 trials each", "mixed model, animals as units", "mixed model read as normal (z)", simulated.rotarod, over_days, mixed_z),
    ("rotarod, cages of two of one group", "cages as units", "animals as units", of_one_group, over_days, without_cages),
    ("beam, over-dispersed slips", "quasi-Poisson of animal totals", "Poisson of trials", only(simulated.beam, "slips"), lambda t: primary(t, "slips"), poisson_of_trials),
    ("grip, cases 6 g heavier", "force at equal weight", "force / weight", simulated.grip, at_weight, ratio_to_weight),
    ("gait, cases slower by 3 cm/s", "parameter at equal speed", "parameter as it is", lambda rng, n: simulated.gait(rng, n, n_parameters=1), at_speed, gait_as_it_is),
    ("molecule and function both change with age", "within groups", "pooled correlation", molecule, within_groups, pooled_correlation),
)  # fmt: skip


def shares(make: Made, ways: tuple[Callable[[Any], float], ...], n: int, n_studies: int) -> tuple[list[float], int]:
    """Share of p < 0.05 by each way, among the studies in which all gave a p; and how many these are."""
    found = []
    for seed in range(n_studies):
        study = make(np.random.default_rng([n, seed]), n)
        found.append([way(study) for way in ways])
    p = np.array(found)
    p = p[np.isfinite(p).all(axis=1)]
    return (p < LEVEL).mean(axis=0).tolist(), len(p)


def error_rates(n_studies: int, named: str) -> Iterator[str]:
    yield "| no effect | here | 4 per group | 8 per group | usual | 4 per group | 8 per group |"
    yield "|---|---|---|---|---|---|---|"
    for situation, ours, naive, make, way, other in NULLS:
        if named not in situation:
            continue
        rates = [shares(make, (way, other), n, n_studies)[0] for n in SIZES]
        cells = [[f"{100 * each[k]:.1f} %" for each in rates] for k in (0, 1)]
        yield f"| {situation} | {ours} | {' | '.join(cells[0])} | {naive} | {' | '.join(cells[1])} |"


def under_a_ceiling(n_studies: int, share: float = 0.43, effect: float = -60.0) -> Iterator[str]:
    """Mean estimates of a true difference where that share of the trials of the control ends at the ceiling."""
    yield f"\ndifference of {effect:g} s, {share:.0%} of the control's trials at the ceiling: mean estimate (standard error of the mean)\n"
    yield "| animals per group | means of animals | Tobit | studies with a Tobit estimate |"
    yield "|---|---|---|---|"
    for n in SIZES:
        found, at_ceiling = [], []
        for seed in range(n_studies):
            trials = simulated.rotarod(np.random.default_rng([9, n, seed]), n, effect=effect, share_at_ceiling=share)
            table = TESTS["rotarod"].run(trials).effects.set_index("role")["estimate"]
            found.append([float(table.get(role, np.nan)) for role in ("primary", "estimate")])
            young = trials.rows[trials.rows["group"] == "young"]
            at_ceiling.append(float((young["value"] >= trials.ceiling).mean()))
        estimates = np.array(found)
        both = estimates[np.isfinite(estimates).all(axis=1)]
        cells = [f"{column.mean():.1f} ({column.std(ddof=1) / np.sqrt(len(column)):.1f})" for column in both.T]
        yield f"| {n} | {cells[0]} | {cells[1]} | {len(both)} of {n_studies} ({np.mean(at_ceiling):.0%} at the ceiling) |"


def power(n_studies: int) -> Iterator[str]:
    yield "\n| effect | 4 per group | 8 per group |"
    yield "|---|---|---|"
    cases: tuple[tuple[str, Made, Callable[[Any], float]], ...] = (
        ("rotarod, -45 s of 150 s (1.5 SD of animals)", lambda rng, n: simulated.rotarod(rng, n, effect=-45), over_days),
        ("rotarod, the same, 43 % of the control's trials at the ceiling", lambda rng, n: simulated.rotarod(rng, n, effect=-45, share_at_ceiling=0.43), over_days),
        ("beam, twice the slips", only(lambda rng, n: simulated.beam(rng, n, ratio=2), "slips"), lambda t: primary(t, "slips")),
        ("grip, -15 g of 110 g, cases 6 g heavier", lambda rng, n: simulated.grip(rng, n, effect=-15), at_weight),
    )  # fmt: skip
    for name, make, way in cases:
        cells = [f"{shares(make, (way,), n, n_studies)[0][0]:.0%}" for n in SIZES]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=400, help="simulated studies of each size")
    parser.add_argument("--tobit", type=int, default=150, help="simulated studies under a ceiling")
    parser.add_argument("--situation", default="", help="only error rates of situations with this in their name")
    options = parser.parse_args()
    further = (under_a_ceiling(options.tobit), power(options.studies)) if options.situation == "" else ()
    with threadpool_limits(1), warnings.catch_warnings():
        # Groups without any failure or slip, in the simulated studies of the beam.
        warnings.simplefilter("ignore", RuntimeWarning)
        for part in (error_rates(options.studies, options.situation), *further):
            for line in part:
                print(line, flush=True)


if __name__ == "__main__":
    main()
