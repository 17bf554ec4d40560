"""Perturbation arms: level, coverage, power and time of the concordance of an arm with a contrast.

    python benchmarks/perturbation.py > docs/perturbation-figures.md

Genes are correlated: in each animal 40 % of their variance lies in five factors, the same ones in contrast and arm. Intervals of
shares are exact binomial ones (Clopper and Pearson 1934, doi 10.1093/biomet/26.4.404).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from organokine.kernels.concordance import rank_correlations
from organokine.kernels.linear_model import moderated_test
from organokine.kernels.relabeling import permutation_p, relabeled_t, relabelings
from organokine.kernels.signature_score import fraction_reproduced, leave_one_out, signature_of

N_GENES = 600
CASE = np.array([0.0, 1.0])
SIZES = (3, 4, 5, 6)


class Study(NamedTuple):
    """Values and designs of contrast and arm, and what is true of both."""

    contrast: np.ndarray
    whole: np.ndarray
    arm: np.ndarray
    part: np.ndarray
    effect: np.ndarray
    arm_effect: np.ndarray


def two_groups(n_case: int, n_control: int) -> np.ndarray:
    return np.column_stack([np.ones(n_case + n_control), np.repeat([1.0, 0.0], [n_case, n_control])])


def animals(rng: np.random.Generator, n: int, loadings: np.ndarray, sd: np.ndarray) -> np.ndarray:
    noise = np.sqrt(0.4) * loadings @ rng.normal(size=(5, n)) + np.sqrt(0.6) * rng.normal(size=(len(sd), n))
    return 20.0 + sd[:, None] * noise


def sparse(rng: np.random.Generator, share: float, size: float) -> np.ndarray:
    return np.where(rng.random(N_GENES) < share, rng.normal(0, size, N_GENES), 0.0)


def study(seed: int, n: int, n_arm: int, fraction: float, *, share: float = 0.3, own: str = "some") -> Study:
    """A contrast that changes a share of the genes, and an arm that carries a fraction of it and changes genes of its own."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(size=(N_GENES, 5)) / np.sqrt(5)
    sd = 0.3 * np.exp(rng.normal(0, 0.3, N_GENES))
    effect = sparse(rng, share, 0.6)
    others = {"none": 0.0, "some": sparse(rng, 0.05, 0.6), "many": sparse(rng, 0.3, 0.9)}.get(own)
    if others is None:  # changes along the same few axes on which animals differ anyway, in both
        effect = effect + 0.3 * loadings @ rng.normal(size=5)
        others = 0.3 * loadings @ rng.normal(size=5)
    arm_effect = fraction * effect + others
    whole, part = two_groups(n, n), two_groups(n_arm, n_arm)
    contrast = animals(rng, 2 * n, loadings, sd) + np.outer(effect, whole[:, 1])
    arm = animals(rng, 2 * n_arm, loadings, sd) + np.outer(arm_effect, part[:, 1])
    return Study(contrast, whole, arm, part, effect, arm_effect)


def p_of(made: Study, rng: np.random.Generator) -> float:
    t = moderated_test(made.contrast, made.whole, CASE).t
    orders = relabelings(made.part[:, 1].tolist(), [0] * len(made.part), 1000, rng).orders
    rho = [rank_correlations(t, found) for _, found in relabeled_t(made.arm, made.part, CASE, orders)]
    return permutation_p(np.concatenate(rho))


def claims(seed: int, n: int, fraction: float, own: str = "some", n_arm: int | None = None) -> bool:
    """Whether one arm is said to reproduce its contrast."""
    with threadpool_limits(limits=1):
        made = study(seed, n, n if n_arm is None else n_arm, fraction, own=own)
        return p_of(made, np.random.default_rng(seed)) <= 0.05


def interaction(seed: int, n: int, share: float = 0.0) -> bool:
    """Whether an interaction of virus and genotype, of which the virus carries the contrast, is said to reproduce it (199 arrangements)."""
    with threadpool_limits(limits=1):
        made = study(seed, 6, 6, 0.0, own="none")
        rng = np.random.default_rng([seed, 1])
        loadings, sd = rng.normal(size=(N_GENES, 5)) / np.sqrt(5), 0.3 * np.exp(rng.normal(0, 0.3, N_GENES))
        contrast = animals(rng, 12, loadings, sd) + np.outer(made.effect, made.whole[:, 1])
        virus, genotype = np.repeat([1.0, 1.0, 0.0, 0.0], n), np.repeat([1.0, 0.0, 1.0, 0.0], n)
        design = np.column_stack([np.ones(4 * n), virus, genotype, virus * genotype])
        changes = np.column_stack([made.effect, sparse(rng, 0.3, 0.6), share * made.effect])
        arm = animals(rng, 4 * n, loadings, sd) + changes @ design[:, 1:].T
        t = moderated_test(contrast, made.whole, CASE).t
        orders = relabelings([tuple(row) for row in design], [0] * len(design), 199, rng).orders
        rho = [
            rank_correlations(t, found) for _, found in relabeled_t(arm, design, np.array([0.0, 0.0, 0.0, 1.0]), orders)
        ]
        return permutation_p(np.concatenate(rho)) <= 0.05


def by_genes(seed: int, n: int) -> bool:
    """The same by a test that takes genes as independent."""
    made = study(seed, n, n, 0.0, own="none")
    t = [moderated_test(values, made.whole, CASE).t for values in (made.contrast, made.arm)]
    return bool(stats.spearmanr(*t, alternative="greater").pvalue <= 0.05)


def shared(seed: int, n: int, *, divide: bool) -> bool:
    """The same with one control group for both, left shared or divided."""
    with threadpool_limits(limits=1):
        made = study(seed, n, n, 0.0, own="none")
        control = made.contrast[:, n:]
        half = n // 2 if divide else 0
        contrast = np.hstack([made.contrast[:, :n], control[:, half:]])
        arm = np.hstack([made.arm[:, :n], control[:, :half] if divide else control])
        changed = made._replace(
            contrast=contrast, whole=two_groups(n, n - half), arm=arm, part=two_groups(n, half if divide else n)
        )
        return p_of(changed, np.random.default_rng(seed)) <= 0.05


def interval(seed: int, n: int, n_arm: int, fraction: float, share: float) -> tuple[float, float, float, float]:
    """Error of the fraction, whether both intervals hold the truth, and the width of the one reported; NaN where refused."""
    with threadpool_limits(limits=1):
        made = study(seed, n, n_arm, fraction, share=share)
        test = moderated_test(made.contrast, made.whole, CASE)
        signature = signature_of(test.effect, test.se, test.df)
        middle = (made.arm[:, :n_arm].mean(axis=1) + made.arm[:, n_arm:].mean(axis=1)) / 2
        without = leave_one_out(made.contrast, made.whole, CASE)
        groups = made.whole[:, 1].tolist()
        found = fraction_reproduced(made.arm, middle, made.part, CASE, signature, without, groups)
        # Without variation between the animals of the signature only the t interval of the arm is left.
        alone = fraction_reproduced(made.arm, middle, made.part, CASE, signature, [signature] * len(groups), groups)
    weight = signature.weight
    centred = made.effect - weight @ made.effect
    spread = float(weight * centred @ centred)
    truth = float(weight * centred @ made.arm_effect) / spread if spread > 0 else 0.0
    if not np.isfinite(found.slope):
        return np.nan, np.nan, np.nan, np.nan
    return (
        found.slope - truth,
        found.low <= truth <= found.high,
        alone.low <= truth <= alone.high,
        found.high - found.low,
    )


def percent(hits: list[bool]) -> str:
    """Share with its 95 % interval."""
    ends = stats.binomtest(int(sum(hits)), len(hits)).proportion_ci(0.95, "exact")
    return f"{np.mean(hits):.2f} ({ends.low:.2f}-{ends.high:.2f})"


def row(
    pool: ProcessPoolExecutor, words: str, one: Callable[..., bool], n_studies: int, sizes: tuple[int, ...]
) -> None:
    cells = [percent(list(pool.map(partial(one, n=n), range(n_studies), chunksize=10))) for n in sizes]
    print(f"| {words} | " + " | ".join(cells) + " |", flush=True)


def level(pool: ProcessPoolExecutor, n_studies: int) -> None:
    print("## Arms that are said to reproduce their contrast at p <= 0.05\n")
    print("Nothing is reproduced in any of these.\n")
    print("| | " + " | ".join(f"{n} + {n} animals" for n in SIZES) + " |\n|---|" + "---|" * len(SIZES))
    row(pool, "the arm does nothing", partial(claims, fraction=0.0, own="none"), n_studies, SIZES)
    row(pool, "the same, genes taken as independent (not used here)", by_genes, n_studies, SIZES)
    row(
        pool,
        "the same, with one control group for both, left shared (refused here)",
        partial(shared, divide=False),
        n_studies,
        SIZES,
    )
    row(
        pool,
        "the arm changes three in ten genes strongly, others than the contrast",
        partial(claims, fraction=0.0, own="many"),
        n_studies,
        SIZES,
    )
    row(
        pool,
        "the arm changes all genes along the axes on which animals differ anyway, and so does the contrast",
        partial(claims, fraction=0.0, own="axes"),
        n_studies,
        SIZES,
    )
    row(
        pool, "it carries half of the contrast with the opposite sign", partial(claims, fraction=-0.5), n_studies, SIZES
    )
    print("\nOne control group for both, divided between them:\n")
    print("| | 4 controls | 6 controls | 8 controls |\n|---|---|---|---|")
    row(pool, "the arm does nothing", partial(shared, divide=True), n_studies, (4, 6, 8))
    interactions(pool, n_studies)


def interactions(pool: ProcessPoolExecutor, n_studies: int) -> None:
    print(
        "\nTwo factors: one carries the contrast, the other changes three in ten genes, and their interaction is asked:\n"
    )
    print("| | " + " | ".join(f"4 x {n} animals" for n in SIZES) + " |\n|---|" + "---|" * len(SIZES))
    row(pool, "no interaction", interaction, n_studies, SIZES)
    row(pool, "it carries the contrast as well", partial(interaction, share=1.0), n_studies, SIZES)


def coverage(pool: ProcessPoolExecutor, n_studies: int) -> None:
    print("\n## The fraction and its interval\n")
    print(
        "Changed genes: 3 or 1 in 10. Refused: the spread of the contrast's changes is not clear of that of their errors.\n"
    )
    print(
        "| contrast | arm | changed | true fraction | refused | median error | interval holds the truth | that of the arm alone would | median width |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for n, n_arm in ((6, 6), (6, 3), (4, 4), (3, 3)):
        for share in (0.3, 0.1):
            for fraction in (0.0, 0.5, 1.0):
                one = partial(interval, n=n, n_arm=n_arm, fraction=fraction, share=share)
                found = np.array(list(pool.map(one, range(n_studies), chunksize=10)))
                kept = found[np.isfinite(found[:, 0])]
                held, alone = (percent([bool(each) for each in kept[:, place]]) for place in (1, 2))
                print(
                    f"| {n} + {n} | {n_arm} + {n_arm} | {share:.0%} | {fraction:g} | {1 - len(kept) / len(found):.0%} | "
                    f"{np.median(kept[:, 0]):+.2f} | {held} | {alone} | {np.median(kept[:, 3]):.2f} |",
                    flush=True,
                )


def is_refused(seed: int, n: int) -> bool:
    """Whether a contrast that changes nothing is given no fraction."""
    return bool(np.isnan(interval(seed, n, 4, 0.0, 0.0)[3]))


def refusals(pool: ProcessPoolExecutor, n_studies: int) -> None:
    print("\nContrasts that change nothing, and are given no fraction:\n")
    print("| | " + " | ".join(f"{n} + {n} animals" for n in SIZES) + " |\n|---|" + "---|" * len(SIZES))
    row(pool, "refused", is_refused, n_studies, SIZES)


def power(pool: ProcessPoolExecutor, n_studies: int) -> None:
    print("\n## Arms that do reproduce part of their contrast, and are found\n")
    print("The contrast has 6 + 6 animals and changes 3 in 10 genes; the arm changes 1 in 20 of its own.\n")
    print("| fraction carried | " + " | ".join(f"{n} + {n} animals" for n in SIZES) + " |\n|---|" + "---|" * len(SIZES))
    for fraction in (0.25, 0.5, 1.0):
        cells = [
            percent(list(pool.map(partial(claims, n=6, n_arm=n, fraction=fraction), range(n_studies), chunksize=10)))
            for n in SIZES
        ]
        print(f"| {fraction:g} | " + " | ".join(cells) + " |", flush=True)


def speed() -> None:
    print("\n## Time\n")
    rng = np.random.default_rng(0)
    values, design = rng.normal(20, 1, (20_000, 12)), two_groups(6, 6)
    reference = rng.normal(size=20_000)
    orders = relabelings(list(range(12)), [0] * 12, 1000, rng).orders
    for share in (0.0, 0.05):
        values[rng.random(values.shape) < share] = np.nan
        start, used = time.perf_counter(), time.process_time()
        with threadpool_limits(limits=1):
            for _, t in relabeled_t(values, design, CASE, orders):
                rank_correlations(reference, np.nan_to_num(t))
        clock, processor = time.perf_counter() - start, time.process_time() - used
        print(
            f"- 20,000 genes x 12 animals x 1,001 arrangements, {share:.0%} missing, one thread: {processor:.1f} processor "
            f"seconds ({clock:.1f} by the clock, beside other work)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print("# Figures of perturbation arms\n")
    print(
        f"Made by `benchmarks/perturbation.py`: {given.studies} simulated studies per cell of {N_GENES} correlated genes, as the script says."
    )
    print("Shares with exact 95 % intervals.\n")
    with ProcessPoolExecutor(given.workers) as pool:
        level(pool, given.studies)
        coverage(pool, given.studies)
        refusals(pool, given.studies)
        power(pool, given.studies)
    speed()


if __name__ == "__main__":
    main()
