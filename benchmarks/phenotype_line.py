"""The line phenotype: level and power of within-group association and of joint significance, and the naive analysis beside them.

    python benchmarks/phenotype_line.py > docs/mediation-figures.md

Each study has 100 candidates in source and plasma and three functions of the same animals. Two functions share 60 % of their
variance within group, the places of a candidate half of it. Candidates and functions change with the group by two standard
deviations; half of the animals are female. Candidates of one study share the functions and so move together: intervals are those of
studies.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from organokine.kernels.mediation import bootstrap_indirect, mediation
from organokine.kernels.within_group import Part, largest_association_p, within_group_association

N_CANDIDATES, N_FUNCTIONS = 100, 3
LEVEL = 0.05
SIZES = (4, 5, 8, 12)
PLACE_SHARE, FUNCTION_SHARE = 0.5, 0.6
CASE = 1


def study(
    seed: int,
    n: int,
    *,
    rho: float = 0.0,
    change: float = 2.0,
    spread: float = 1.0,
    nuisance: float = 0.0,
    ceiling: bool = False,
) -> list[Part]:
    """Source and plasma; with `rho` there is one candidate, whose source level and first function it correlates within group.

    `spread` is the standard deviation in the case (1 in the control), of levels and functions alike; `nuisance` the loading of
    levels and functions on a state of the animal, in standard deviations.
    """
    rng = np.random.default_rng(seed)
    case, sex = np.repeat([0.0, 1.0], n), np.tile([0.0, 1.0], n)
    sd = np.where(case == 1, spread, 1.0)
    n_candidates = 1 if rho != 0 else N_CANDIDATES
    health = rng.normal(size=2 * n)

    def tied(share: float, common: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        return np.sqrt(share) * common + np.sqrt(1 - share) * rng.normal(size=shape)

    common = rng.normal(size=(n_candidates, 2 * n))
    levels = [tied(PLACE_SHARE, common, common.shape) for _ in range(2)]
    functions = tied(FUNCTION_SHARE, rng.normal(size=(1, 2 * n)), (N_FUNCTIONS, 2 * n))
    if rho != 0:
        functions[0] = rho * levels[0][0] + np.sqrt(1 - rho**2) * functions[0]
    loadings = rng.normal(size=(n_candidates, 1))
    levels = [(level + nuisance * loadings * health) * sd + change * case + 0.3 * sex for level in levels]
    functions = (functions + nuisance * health) * sd - 2.0 * case + 0.5 * sex
    if ceiling:
        # Of each function the upper two fifths of the controls end at one value.
        functions = np.minimum(functions, np.quantile(functions[:, case == 0], 0.6, axis=1, keepdims=True))
    design = np.column_stack([np.ones(2 * n), case, sex])
    groups = np.where(case == 1, "case", "control")
    return [Part(np.arange(n_candidates), level, functions, design, groups, np.arange(2 * n)) for level in levels]


def rates(seed: int, n: int, **how: float) -> np.ndarray:
    """Shares of candidates at p <= 0.05: line, joint significance, least t-test with Bonferroni, one t-test, naive pooled."""
    with threadpool_limits(limits=1):
        parts = study(seed, n, **how)
        n_candidates = len(parts[0].rows)
        found = largest_association_p(parts, n_candidates, np.random.default_rng(seed), n_most=2000)
        p = np.hstack([within_group_association(part).p for part in parts])
        a_p = np.empty(n_candidates)
        for k, part in enumerate(parts):
            here = found.part == k
            a_p[here] = mediation(part.candidates[here], part.functions[found.function[here]], part.design, CASE).a_p
        one = parts[0]
        r = np.corrcoef(one.candidates, one.functions[0])[:-1, -1]
        pooled = 2 * stats.t.sf(np.abs(r) * np.sqrt((2 * n - 2) / (1 - r**2)), 2 * n - 2)
        columns = (found.p, np.maximum(found.p, a_p), p.min(axis=1) * p.shape[1], p[:, 0], pooled)
        return np.array([(column <= LEVEL).mean() for column in columns])


def coverage(seed: int, n: int) -> bool:
    """Whether the bootstrap interval of one candidate holds the true product."""
    with threadpool_limits(limits=1):
        part = study(seed, n, rho=-0.7)[0]
        low, high = bootstrap_indirect(
            part.candidates[0], part.functions[0], part.design, CASE, np.random.default_rng(seed)
        )
    return low <= -2.0 * 0.7 <= high


def share(found: np.ndarray) -> str:
    """Mean of the studies with the 95 % interval of studies, exact where each has one candidate."""
    if set(np.unique(found)) <= {0.0, 1.0}:
        ends = stats.binomtest(int(found.sum()), len(found)).proportion_ci(0.95, "exact")
        return f"{found.mean():.3f} ({ends.low:.3f}-{ends.high:.3f})"
    half = stats.t.ppf(0.975, len(found) - 1) * found.std(ddof=1) / np.sqrt(len(found))
    return f"{found.mean():.3f} ({max(found.mean() - half, 0):.3f}-{found.mean() + half:.3f})"


def table(pool: ProcessPoolExecutor, rows: dict[str, dict[str, float]], n_studies: int, sizes: tuple[int, ...]) -> None:
    """Rates by situation and animals."""
    print(
        "| situation | animals | line | joint significance | least t-test, Bonferroni | one t-test within group | naive: pooled |"
    )
    print("|---|---|---|---|---|---|---|")
    for words, how in rows.items():
        for n in sizes:
            one: Callable[[int], np.ndarray] = partial(rates, n=n, **how)
            found = np.array(list(pool.map(one, range(n_studies), chunksize=10)))
            print(f"| {words} | {n} + {n} | " + " | ".join(share(column) for column in found.T) + " |", flush=True)


NULLS: dict[str, dict[str, float]] = {
    "both change with the group": {},
    "both spread three times as much in the case": {"spread": 3.0},
    "two fifths of the controls at the ceiling": {"ceiling": True},
    "the candidate does not change": {"change": 0.0},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print("# Figures of the line phenotype\n")
    print(
        f"Made by `benchmarks/phenotype_line.py`: {given.studies} simulated studies per cell, as the script says; two places, three "
        "functions."
    )
    print("Shares at p <= 0.05, with 95 % intervals over studies.\n")
    with ProcessPoolExecutor(given.workers) as pool:
        print("## No association within groups\n")
        table(pool, NULLS, given.studies, (4, 8))
        print("\n## An animal's state moves candidates and functions\n")
        print("Here every association is real and none is of the candidate's doing: health, say, loads on both.\n")
        table(pool, {f"loading {size:g}": {"nuisance": size} for size in (0.5, 1.0)}, given.studies, (4, 8))
        print("\n## Power\n")
        print(
            "The source level and one function are correlated by -0.7 within group. The line looks at six pairs; one t-test is what looking at one would give.\n"
        )
        table(pool, {"rho -0.7": {"rho": -0.7}}, 2 * given.studies, (5, 8, 12))
        print("\n## The bootstrap interval\n")
        print("Share of the 95 % percentile intervals that hold the true product of the paths, at the same rho.\n")
        print("| animals | holds the truth |\n|---|---|")
        for n in (5, 8, 12):
            held = np.array(list(pool.map(partial(coverage, n=n), range(2 * given.studies), chunksize=10)), dtype=float)
            print(f"| {n} + {n} | {share(held)} |", flush=True)


if __name__ == "__main__":
    main()
