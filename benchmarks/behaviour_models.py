"""Type I error of the models of behaviour tests: nothing differs between the groups, and the share of p < 0.05 is printed.

    python benchmarks/behaviour_models.py --studies 1000

Trials over days (mixed model: group, and group by day) with animals that differ by a given standard deviation (trials: 1), all trials
or 20 % missing and one animal that leaves early, also in cages, with a treatment by animal or by cage; beside it the same fit with
lmerTest's degrees of freedom, the t test of the animals' means, and trials taken as animals. Then learning where the slopes of animals
differ by a given standard deviation, by random intercepts and by the animals' own slopes; slips (quasi-Poisson, dispersion held
at one or not, and trials as rows), time to fall (clustered Cox model, and its plain robust z), latency under a ceiling (Tobit), and the
coverage of intervals of a difference without an effect.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, ttest_ind
from threadpoolctl import threadpool_limits

from organokine.errors import DataError
from organokine.phenotype.models import (
    contrast_of,
    cox_clustered,
    mean_difference,
    ordinary,
    over_dispersed_counts,
    random_intercept_tobit,
    random_intercepts,
)

LEVEL = 0.05
GROUP = np.array([0.0, 1.0, 0.0, 0.0])
LEARNING = np.array([0.0, 0.0, 0.0, 1.0])


class Rotarod(NamedTuple):
    """One study without an effect: three trials on each of three days."""

    value: np.ndarray
    design: np.ndarray
    animal: np.ndarray
    cage: np.ndarray


def rotarod(
    rng: np.random.Generator,
    n: int,
    animal_sd: float,
    *,
    missing: bool = False,
    n_cages: int | None = None,
    cage_sd: float = 0.0,
    by_cage: bool = False,
) -> Rotarod:
    animal = np.repeat(np.arange(2 * n), 9)
    day = np.tile(np.repeat([-1.0, 0.0, 1.0], 3), 2 * n)
    cage = animal // (2 * n // (2 * n if n_cages is None else n_cages))
    group = (cage if by_cage else animal) % 2.0
    value = cage_sd * rng.normal(size=2 * n)[cage] + animal_sd * rng.normal(size=2 * n)[animal]
    value += rng.normal(size=len(animal))
    if missing:
        value[(rng.random(len(animal)) < 0.2) | ((animal == rng.integers(2 * n)) & (day > -1))] = np.nan
    return Rotarod(value, np.column_stack([np.ones(len(animal)), group, day, group * day]), animal, cage)


def rejections(study: Rotarod, *, cages: bool) -> dict[str, bool]:
    """Which ways of testing reject a group effect (or, `learning`, a difference in slope)."""
    value, design, animal, cage = study
    fit = random_intercepts(value, design, animal, cage if cages else None)
    theirs = replace(fit, covariance=fit.model_covariance)
    units = np.unique(animal[~np.isnan(value)])
    means = np.array([np.nanmean(value[animal == each]) for each in units])
    group = np.array([design[animal == each, 1][0] for each in units])
    p = {
        "mixed model": contrast_of(fit, GROUP).p,
        "learning": contrast_of(fit, LEARNING).p,
        "lmerTest": contrast_of(theirs, GROUP, df=fit.satterthwaite_df(GROUP)).p,
        "means": ttest_ind(means[group == 1], means[group == 0]).pvalue,
        "trials": contrast_of(ordinary(value, design), GROUP).p,
    }
    return {way: bool(each < LEVEL) for way, each in p.items()}


def learning_rejections(rng: np.random.Generator, n: int, slope_sd: float) -> dict[str, bool]:
    """Ways of testing whether groups learn differently, of animals that do."""
    study = rotarod(rng, n, 0.7)
    day = study.design[:, 2]
    value = study.value + slope_sd * rng.normal(size=2 * n)[study.animal] * day
    # All animals have all trials: days are centred, and the slope is a sum of products.
    slopes = np.bincount(study.animal, day * value) / np.bincount(study.animal, day**2)
    own = ordinary(slopes, np.column_stack([np.ones(2 * n), np.arange(2 * n) % 2]))
    fit = random_intercepts(value, study.design, study.animal)
    p = {"random intercepts": contrast_of(fit, LEARNING).p, "slopes of animals": contrast_of(own, [0, 1]).p}
    return {way: bool(each < LEVEL) for way, each in p.items()}


def slips(rng: np.random.Generator, n: int, mean: float, shape: float) -> dict[str, bool]:
    """Slips of 2n animals on three to six crossings; `shape` of the animals' gamma rates, infinite for Poisson counts."""
    group, crossings = np.arange(2 * n) % 2, rng.integers(3, 7, 2 * n)
    rate = mean * (rng.gamma(shape, 1 / shape, 2 * n) if np.isfinite(shape) else np.ones(2 * n)) / 5
    trial = np.repeat(np.arange(2 * n), crossings)
    by_trial = rng.poisson(rate[trial])
    design = np.column_stack([np.ones(2 * n), group])
    fit = over_dispersed_counts(np.bincount(trial, by_trial, 2 * n), design, np.log(crossings))
    rows = over_dispersed_counts(by_trial, design[trial], np.zeros(len(trial)))
    free = replace(fit, covariance=fit.unheld_covariance)
    p = {
        "held": contrast_of(fit, [0, 1]).p,
        "not held": contrast_of(free, [0, 1]).p,
        "trials": contrast_of(rows, [0, 1]).p,
    }
    return {way: bool(each < LEVEL) for way, each in p.items()}


def falls(rng: np.random.Generator, n: int) -> dict[str, bool]:
    animal = np.repeat(np.arange(2 * n), 6)
    latency = rng.exponential(np.exp(5 + 0.6 * rng.normal(size=2 * n)[animal]))
    fit = cox_clustered(np.minimum(latency, 300), latency < 300, (animal % 2.0)[:, None], animal)
    z = abs(fit.coefficients[0]) / np.sqrt(fit.robust_covariance[0, 0])
    return {"widened, t": contrast_of(fit, [1]).p < LEVEL, "robust z": bool(2 * norm.sf(z) < LEVEL)}


def ceilings(rng: np.random.Generator, n: int) -> dict[str, bool]:
    animal = np.repeat(np.arange(2 * n), 9)
    value = 280 + 40 * rng.normal(size=2 * n)[animal] + 40 * rng.normal(size=len(animal))
    design = np.column_stack([np.ones(len(animal)), animal % 2])
    fit = random_intercept_tobit(np.minimum(value, 300), design, animal, 300)
    return {"t": contrast_of(fit, [0, 1]).p < LEVEL, "z": contrast_of(fit, [0, 1], df=1e9).p < LEVEL}


def misses(rng: np.random.Generator, n: int) -> dict[str, bool]:
    """Which intervals of a difference of nothing miss it."""
    found = mean_difference(*rng.normal(size=(2, n)), rng=rng, n_resamples=1000, fewest_for_bootstrap=2)
    return {"bootstrap": not found.bootstrap_low < 0 < found.bootstrap_high, "Welch": found.welch.p < LEVEL}


def rate(one, rng: np.random.Generator, n_studies: int, *arguments: object, **options: object) -> str:
    """Share of rejections of each way; studies that a model refuses are counted."""
    found, refused = [], 0
    for _ in range(n_studies):
        try:
            found.append(one(rng, *arguments, **options))
        except DataError:
            refused += 1
    shares = {way: np.mean([each[way] for each in found]) for way in found[0]}
    return "  ".join(f"{way} {share:.3f}" for way, share in shares.items()) + (
        f"  refused {refused}" if refused else ""
    )


def rotarod_rejections(rng: np.random.Generator, n: int, animal_sd: float, **options) -> dict[str, bool]:
    return rejections(rotarod(rng, n, animal_sd, **options), cages=options.get("n_cages") is not None)


def print_rotarod(rng: np.random.Generator, n_studies: int) -> None:
    for n in (3, 4, 8):
        for animal_sd in (0.0, 0.3, 1.0):
            for missing in (False, True):
                line = rate(rotarod_rejections, rng, n_studies, n, animal_sd, missing=missing)
                print(f"rotarod n {n} animals' sd {animal_sd}{' missing' if missing else ''}: {line}", flush=True)
    for n, n_cages, by_cage in ((8, 4, False), (8, 8, False), (8, 8, True), (12, 12, True), (8, 4, True)):
        for cage_sd in (0.0, 1.5):
            options = {"missing": True, "n_cages": n_cages, "by_cage": by_cage, "cage_sd": cage_sd}
            line = rate(rotarod_rejections, rng, n_studies, n, 0.7, **options)
            unit = "by cage" if by_cage else "in cages"
            print(f"rotarod n {n} {n_cages} cages, {unit}, cages' sd {cage_sd} missing: {line}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    n_studies, rng = arguments.studies, np.random.default_rng(arguments.seed)
    with threadpool_limits(1):
        print_rotarod(rng, n_studies)
        for n in (4, 8):
            for slope_sd in (0.0, 0.3, 0.6):
                line = rate(learning_rejections, rng, n_studies, n, slope_sd)
                print(f"learning n {n} slopes' sd {slope_sd}: {line}", flush=True)
        for n in (4, 8):
            for mean, shape in ((6.0, 1.5), (6.0, np.inf), (1.0, 1.5), (1.0, np.inf)):
                print(
                    f"slips n {n} mean {mean} shape {shape}: {rate(slips, rng, n_studies, n, mean, shape)}", flush=True
                )
        for n in (4, 8, 20):
            print(f"time to fall n {n}: {rate(falls, rng, n_studies, n)}", flush=True)
        for n in (4, 8):
            print(f"ceiling n {n}: {rate(ceilings, rng, max(n_studies // 4, 1), n)}", flush=True)
        for n in (3, 4, 5, 8):
            print(f"intervals that miss, n {n}: {rate(misses, rng, n_studies, n)}", flush=True)


if __name__ == "__main__":
    main()
