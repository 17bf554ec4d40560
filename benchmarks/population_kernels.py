"""The figures "Speed and memory" of docs/population-figures.md: what the secretion score costs, beside WGCNA and bare products.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/population_kernels.py

All in one run on one thread, so that ratios hold; processor time is the least of several rounds. WGCNA is run by
`population_wgcna.R` with whatever BLAS the R of the machine uses, which is printed, and left out where Rscript with WGCNA is not
installed. Memory is the peak of a process of its own. The data are simulated: 20 factors, which two organs share, noise, and
outliers in 2 of 1,000 values. The last parts hold correlations with missing values against exact ones, and extrapolated p-values
against distributions whose tail is known.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from organokine.kernels.permutation_tail import tail_p
from organokine.population.blocks import SOURCE_BLOCK, TARGET_BLOCK, correlate_one, score_rows
from organokine.population.units import Units, exact_pair, unit_rows

SOURCES, TARGETS, INDIVIDUALS = 2_000, 20_000, 300
DRAWS = 10_000
GTEX_PAIRS = 49 * 48
LEAST_PAIRS = 20
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Cost(NamedTuple):
    """Seconds."""

    cpu: float
    wall: float

    def __str__(self) -> str:
        return f"{self.cpu:.2f} | {self.wall:.2f}"


def organs(n: int, *n_genes: int, single: bool = False) -> list[np.ndarray]:
    """One table per number of genes, genes in rows, of the same individuals."""
    rng = np.random.default_rng(7)
    kind = np.float32 if single else np.float64
    factors = rng.standard_normal((20, n), dtype=kind)
    tables = []
    for m in n_genes:
        values = rng.standard_normal((m, n), dtype=kind)
        values += 0.15 * rng.standard_normal((m, 20), dtype=kind) @ factors
        outliers = rng.integers(0, values.size, values.size // 500)
        values.ravel()[outliers] *= 8
        values += 8
        tables.append(values)
    return tables


def intercept(n: int) -> np.ndarray:
    return np.ones((n, 1))


def least(rounds: int, *works: Callable[[], object]) -> list[Cost]:
    """Least processor and wall time of each, in turns, so that what else the machine does falls on all of them."""
    found: list[list[Cost]] = [[] for _ in works]
    for _ in range(rounds):
        for work, costs in zip(works, found, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            work()
            costs.append(Cost(time.process_time() - cpu, time.perf_counter() - wall))
    return [Cost(*(min(column) for column in zip(*costs, strict=True))) for costs in found]


def products(source: Units, target: Units) -> None:
    """Nothing but the matrix products of the score, block by block."""
    for i in range(0, len(source.vectors), SOURCE_BLOCK):
        for j in range(0, len(target.vectors), TARGET_BLOCK):
            _ = source.vectors[i : i + SOURCE_BLOCK] @ target.vectors[j : j + TARGET_BLOCK].T


class Wgcna(NamedTuple):
    """What R printed."""

    blas: str
    bicor: Cost
    whole: Cost
    peak: float
    scores: np.ndarray


def wgcna(source: np.ndarray, target: np.ndarray, rounds: int, blas_file: str | None = None) -> Wgcna | None:
    """None where it is not installed; with the BLAS of this file instead of the one that R was set up with."""
    if shutil.which("Rscript") is None:
        return None
    ask = 'quit(status = !requireNamespace("WGCNA", quietly = TRUE))'
    if subprocess.run(["Rscript", "-e", ask], capture_output=True, check=False).returncode != 0:
        return None
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("source", "target", "scores")]
        source.tofile(files[0])
        target.tofile(files[1])
        shape = (source.shape[1], len(source), len(target), rounds)
        script = Path(__file__).with_name("population_wgcna.R")
        command = ["Rscript", *map(str, (script, *files, *shape))]
        environment = os.environ | ONE_THREAD | ({} if blas_file is None else {"LD_PRELOAD": blas_file})
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        blas, numbers = done.stdout.strip().splitlines()[-2:]
        times = [float(word) for word in numbers.split()]
        return Wgcna(blas.strip(), Cost(*times[:2]), Cost(*times[2:4]), times[4], np.fromfile(files[2]))


def gate(name: str, value: float, limit: float, *, at_least: bool) -> None:
    holds = value >= limit if at_least else value <= limit
    print(
        f"- {name}: {value:.2f} ({'at least' if at_least else 'at most'} {limit:g}): {'holds' if holds else 'MISSED'}."
    )


def print_speed(rounds: int, rounds_of_r: int, blas_file: str | None) -> None:
    source, target = organs(INDIVIDUALS, SOURCES, TARGETS)
    design = intercept(INDIVIDUALS)
    left, right = (unit_rows(values, design, "bicor") for values in (source, target))
    sums = score_rows(left, right, 0, LEAST_PAIRS)

    def standardise() -> None:
        for values in (source, target):
            unit_rows(values, design, "bicor")

    score, bare, prepared = least(
        rounds, lambda: score_rows(left, right, 0, LEAST_PAIRS), lambda: products(left, right), standardise
    )
    ours = Cost(score.cpu + prepared.cpu, score.wall + prepared.wall)
    print(f"\n{SOURCES:,} sources x {TARGETS:,} targets x {INDIVIDUALS} individuals, one thread:\n")
    print("| | CPU, s | wall, s |\n|---|---|---|")
    print(f"| standardise both organs | {prepared} |\n| score | {score} |\n| both | {ours} |")
    print(f"| bare matrix products, same blocks | {bare} |\n")
    gate("score / bare products, CPU", score.cpu / bare.cpu, 2, at_least=False)
    print(f"- Epilogue: {1e9 * (score.cpu - bare.cpu) / (SOURCES * TARGETS):.2f} ns per pair of genes,")
    print(f"  beside {1e9 * bare.cpu / (SOURCES * TARGETS):.2f} ns of the product.", flush=True)
    for file in (None, blas_file)[: 1 if blas_file is None else 2]:
        theirs = wgcna(source, target, rounds_of_r, file)
        if theirs is None:
            print("- WGCNA: not measured, Rscript with WGCNA is not installed.")
            return
        print_wgcna(theirs, ours, sums.total / sums.n_targets)


def print_wgcna(theirs: Wgcna, ours: Cost, scores: np.ndarray) -> None:
    finite = np.isfinite(theirs.scores)
    print(f"\nWGCNA with {Path(theirs.blas).parent.name}/{Path(theirs.blas).name}, {theirs.peak:.1f} GB:\n")
    print("| | CPU, s | wall, s |\n|---|---|---|")
    print(f"| bicor | {theirs.bicor} |\n| bicor, corPvalueStudent, row sums | {theirs.whole} |\n")
    gate("WGCNA / standardise and score, CPU", theirs.whole.cpu / ours.cpu, 20, at_least=True)
    apart = np.abs(scores / theirs.scores - 1)[finite].max()
    print(f"- Scores: {apart:.0e} relative apart at most; {(~finite).sum()} of WGCNA's are infinite.", flush=True)


def memory_child(kind: str) -> None:
    """Score of 20,000 x 20,000 genes from this kind of input, and the peak of this process in GB."""
    source, target = organs(INDIVIDUALS, TARGETS, TARGETS, single=kind == "float32")
    if "missing" in kind:
        rng = np.random.default_rng(8)
        for values in (source, target):
            values.ravel()[rng.integers(0, values.size, values.size // 100)] = np.nan
    design = intercept(INDIVIDUALS)
    left, right = (unit_rows(values, design, "bicor") for values in (source, target))
    start = time.process_time()
    score_rows(left, right, 0, LEAST_PAIRS)
    scored = time.process_time() - start
    print(peak_memory(), scored)


def peak_memory() -> float:
    """Of this process in GB. `ru_maxrss` of Linux would include what the parent held when it started this one."""
    status = Path("/proc/self/status")
    if status.is_file():
        return float(re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8")).group(1)) / 1024**2
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**3


def print_memory() -> None:
    print(
        f"\n{TARGETS:,} x {TARGETS:,} genes x {INDIVIDUALS} individuals, standardised and scored in a process of its own:\n"
    )
    print("| input | peak memory, GB | CPU of the score, s |\n|---|---|---|")
    peaks = []
    for kind in ("float32", "float64", "float64, 1 in 100 missing"):
        command = [sys.executable, __file__, "--memory-child", kind]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | ONE_THREAD)
        peak, scored = (float(word) for word in done.stdout.split())
        peaks.append(peak)
        print(f"| {kind} | {peak:.2f} | {scored:.1f} |", flush=True)
    print()
    gate("Peak memory, complete, GB", max(peaks[:2]), 1, at_least=False)
    matrix = 8 * TARGETS**2 / 1024**3
    print(f"- One matrix of all pairs in double precision would take {matrix:.1f} GB.")


def print_growth(rounds: int) -> None:
    print(
        "\nCPU of the score, s:\n\n| sources | targets | individuals | complete | 1 in 100 missing |\n|---|---|---|---|---|"
    )
    shapes = [(500, 5_000, 300), (1_000, 5_000, 300), (1_000, 10_000, 300), (1_000, 10_000, 100), (1_000, 10_000, 900)]
    for n_source, n_target, n in shapes:
        tables = organs(n, n_source, n_target)
        complete = [unit_rows(values, intercept(n), "bicor") for values in tables]
        rng = np.random.default_rng(8)
        for values in tables:
            values.ravel()[rng.integers(0, values.size, values.size // 100)] = np.nan
        masked = [unit_rows(values, intercept(n), "bicor") for values in tables]
        for left, right in (complete, masked):
            score_rows(left, right, 0, LEAST_PAIRS)
        costs = least(
            rounds, lambda c=complete: score_rows(*c, 0, LEAST_PAIRS), lambda m=masked: score_rows(*m, 0, LEAST_PAIRS)
        )
        print(f"| {n_source:,} | {n_target:,} | {n} | {costs[0].cpu:.3f} | {costs[1].cpu:.3f} |", flush=True)
    one, other = (values[0] for values in organs(INDIVIDUALS, 1, 1))
    pair = least(rounds, lambda: [exact_pair(one, other, intercept(INDIVIDUALS), "bicor") for _ in range(200)])[0]
    print(f"\n- `exact_pair` at {INDIVIDUALS} individuals: {1e6 * pair.cpu / 200:.0f} microseconds per pair.")


def print_extrapolation(rounds: int) -> None:
    """Cost of one pair of organs at one step of adjustment, times all pairs of GTEx."""
    source, target = organs(INDIVIDUALS, TARGETS, TARGETS)
    design = intercept(INDIVIDUALS)
    right = unit_rows(target, design, "bicor")
    left = unit_rows(source[:SOURCES], design, "bicor")
    rng = np.random.default_rng(9)
    scores = stats.norm.ppf((np.arange(INDIVIDUALS) + 0.5) / INDIVIDUALS)
    draws = unit_rows(rng.permuted(np.tile(scores, (DRAWS, 1)), axis=1), design, "pearson")
    names = ("standardise 20,000 + 20,000 genes", f"score {SOURCES:,} candidates", f"score {DRAWS:,} draws of a null")
    costs = least(
        rounds,
        lambda: [unit_rows(values, design, "bicor") for values in (source, target)],
        lambda: score_rows(left, right, 0, LEAST_PAIRS),
        lambda: score_rows(draws, right, 0, LEAST_PAIRS),
    )
    print(
        f"\nOne pair of organs, one step of adjustment, and all {GTEX_PAIRS:,} ordered pairs of 49 tissues (extrapolated):\n"
    )
    print("| | CPU of one pair, s | CPU of all, minutes |\n|---|---|---|")
    for name, cost in zip(names, costs, strict=True):
        print(f"| {name} | {cost.cpu:.2f} | {cost.cpu * GTEX_PAIRS / 60:.0f} |")
    whole = sum(cost.cpu for cost in costs)
    print(f"| together | {whole:.2f} | {whole * GTEX_PAIRS / 60:.0f} |", flush=True)


def print_tail(seeds: int) -> None:
    nulls = {
        "exponential": stats.expon(),
        "chi2, 3 df": stats.chi2(3),
        "gamma, 20": stats.gamma(20),
        "normal": stats.norm(),
    }
    print(f"\nExtrapolated p as a multiple of the exact one: median (10 to 90 %) of {seeds} sets of draws.\n")
    print("| null | draws | at 1 / draws | at 1 / (10 draws) |\n|---|---|---|---|")
    for name, null in nulls.items():
        for n_draws in (1_000, DRAWS):
            cells = []
            for p in (1 / n_draws, 0.1 / n_draws):
                value = null.isf(p)
                sets = (null.rvs(n_draws, random_state=np.random.default_rng(seed)) for seed in range(seeds))
                found = np.array([float(tail_p(value, draws).extrapolated) for draws in sets]) / p
                low, median, high = np.nanquantile(found, [0.1, 0.5, 0.9])
                cells.append(f"{median:.1f} ({low:.1f}-{high:.1f})")
            print(f"| {name} | {n_draws:,} | {' | '.join(cells)} |", flush=True)


def print_masked(n_genes: int = 50) -> None:
    """How far correlations with missing values, whose medians are those of all individuals, are from exact ones."""
    print("\nBicor with missing values, against the same computed again for each pair of genes:\n")
    print("| individuals | missing | largest difference | root mean square |\n|---|---|---|---|")
    for n in (40, INDIVIDUALS):
        for share in (0.01, 0.05, 0.2):
            rng = np.random.default_rng(8)
            source, target = organs(n, n_genes, n_genes)
            for values in (source, target):
                values[rng.random(values.shape) < share] = np.nan
            design = intercept(n)
            left, right = (unit_rows(values, design, "bicor") for values in (source, target))
            exact = np.array([[exact_pair(one, other, design, "bicor")[0] for other in target] for one in source])
            apart = np.abs(np.array([correlate_one(left.row(i), right)[0] for i in range(n_genes)]) - exact)
            print(
                f"| {n} | {100 * share:.0f} in 100 | {apart.max():.3f} | {np.sqrt(np.mean(apart**2)):.4f} |", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of which the fastest counts")
    parser.add_argument("--rounds-of-r", type=int, default=3, help="the same of WGCNA")
    parser.add_argument(
        "--r-blas", help="library of another BLAS, such as the reference one, to measure WGCNA with as well"
    )
    parser.add_argument("--seeds", type=int, default=50, help="sets of draws for the tail")
    parser.add_argument("--memory-child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    with threadpool_limits(1):
        if given.memory_child is not None:
            memory_child(given.memory_child)
            return
        print_speed(given.rounds, given.rounds_of_r, given.r_blas)
        print_memory()
        print_growth(given.rounds)
        print_extrapolation(max(given.rounds // 2, 1))
        print_masked()
        print_tail(given.seeds)


if __name__ == "__main__":
    main()
