"""The figures of docs/statistics.md: agreement with R's limma and edgeR, what the differences on purpose are worth, and speed.

    OMP_NUM_THREADS=1 python benchmarks/linear_model.py

R's numbers come from `tests/golden`, each folder with the script that made them. Speed is processor time on one thread, best of
several fits, as a ratio to limma run beside it with the linear algebra that R came with, once without trend and robustness on
both sides and once with both; it is left out where Rscript with limma and statmod is not installed. Memory is the peak that
one fit allocates beyond its input.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
import tomllib
import tracemalloc
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from organokine.kernels.counts import tmm_factors, voom_weights
from organokine.kernels.linear_model import moderated_test
from organokine.kernels.normalisation import cyclic_loess, quantile_normalise
from organokine.kernels.power import animals_per_group
from organokine.kernels.variance_prior import squeeze_variance

GOLDENS = Path(__file__).resolve().parents[1] / "tests/golden"
KINDS = {
    "plain": {"trend": False, "robust": False},
    "trend": {"trend": True, "robust": False},
    "robust": {"trend": False, "robust": True},
    "trend_robust": {"trend": True, "robust": True},
}
# Speed is compared without and with what the fit of the prior costs.
TIMED_KINDS = ("plain", "trend_robust")
# Reads values (rows are features) and design from raw doubles; prints the least processor time of one fit without and of one
# with trend and robustness. limma's message about partially estimable coefficients is silenced.
R_FIT = """
suppressMessages(library(limma)); invisible(loadNamespace("statmod"))
given <- commandArgs(TRUE); n <- as.integer(given[3:5])
y <- matrix(readBin(given[1], "double", n[1] * n[2]), n[1], byrow = TRUE); y[is.nan(y)] <- NA
x <- matrix(readBin(given[2], "double", n[2] * n[3]), n[2], byrow = TRUE)
seconds <- function(asked) sum(system.time(
  eBayes(suppressWarnings(lmFit(y, x)), trend = asked, robust = asked))[c("user.self", "sys.self")])
for (asked in c(FALSE, TRUE)) cat(min(replicate(as.integer(given[6]), seconds(asked))), "")
"""


class Golden(NamedTuple):
    """What R was given, and what it found."""

    given: pd.DataFrame
    expected: pd.DataFrame
    design: np.ndarray
    contrast: np.ndarray


def read_golden(name: str) -> Golden:
    about: dict[str, Any] = tomllib.loads((GOLDENS / name / "about.toml").read_text(encoding="utf-8"))
    given, expected = (pd.read_csv(GOLDENS / name / file, index_col=0) for file in ("input.csv", "expected.csv"))
    design = about.get("design", {"matrix": [], "contrast": []})
    return Golden(given, expected, np.array(design["matrix"], float), np.array(design["contrast"], float))


def apart(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Largest difference, relative where they exceed 1; refuses values missing on one side only."""
    if not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        message = "values are missing on one side only"
        raise SystemExit(message)
    return f"{np.nanmax(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))):.0e}"


def print_agreement() -> None:
    print("| golden | " + " | ".join(f"t, {kind.replace('_', ' and ')}" for kind in KINDS) + " |")
    print("|---|" + "---|" * len(KINDS))
    for name in ("limma_complete", "limma_missing", "limma_alike"):
        case = read_golden(name)
        values = case.given.to_numpy()
        tests = {kind: moderated_test(values, case.design, case.contrast, legacy=True, **KINDS[kind]) for kind in KINDS}
        cells = [apart(test.t, case.expected[f"t_{kind}"].to_numpy()) for kind, test in tests.items()]
        print(f"| `{name}` | " + " | ".join(cells) + " |")
    case = read_golden("limma_voom")
    counts = case.given.to_numpy(dtype=float)
    voom = voom_weights(counts, case.design, counts.sum(axis=0) * tmm_factors(counts))
    cells = []
    for kind in ("plain", "robust"):
        test = moderated_test(voom.log2_cpm, case.design, case.contrast, weights=voom.weights, **KINDS[kind])
        cells.append(apart(test.t, case.expected[f"t_{kind}"].to_numpy()))
    print(f"| `limma_voom` | {cells[0]} | | {cells[1]} | |\n")
    theirs = case.expected[[f"weight_{sample}" for sample in case.given.columns]].to_numpy()
    print(f"- voom weights: {np.abs(voom.weights / theirs - 1).max():.0e} relative.")
    case = read_golden("edger_tmm")
    factors = tmm_factors(case.given.to_numpy(dtype=float))
    print(f"- TMM factors of edgeR: {apart(factors, case.expected['factor'].to_numpy())}.")
    case = read_golden("limma_normalise")
    values, expected = case.given.to_numpy(), case.expected.to_numpy()
    complete = np.isfinite(values).all(axis=1)
    loess = cyclic_loess(values[complete], minimum_complete=1)
    n = values.shape[1]
    print(f"- Quantile normalisation: {apart(quantile_normalise(values), expected[:, :n])}; cyclic loess:")
    print(f"  {apart(loess, expected[complete, n:])}.")


def print_contrasts_fit() -> None:
    """How far `contrasts.fit` on cell means is from the exact answer in features with missing values."""
    case = read_golden("limma_missing")
    exact = moderated_test(case.given.to_numpy(), case.design, case.contrast, legacy=True, **KINDS["plain"])
    incomplete = case.given.isna().any(axis=1).to_numpy() & exact.estimable
    off = np.abs(case.expected["t_plain_contrasts"].to_numpy() / exact.t - 1)[incomplete]
    print(
        f"- `contrasts.fit`: t off by more than 5 % in {100 * np.mean(off > 0.05):.0f} % of {len(off)} incomplete features."
    )


def drawn(rng: np.random.Generator, df: np.ndarray, df_prior: float) -> np.ndarray:
    """Residual variances around a prior variance of 1."""
    return df_prior / rng.chisquare(df_prior, len(df)) * rng.chisquare(df) / df


def print_prior(tables: int) -> None:
    """Error of 1 / df_prior with unequal residual degrees of freedom, and what one constant feature does to the moments."""
    truth = 5.0
    errors: dict[bool, list[float]] = {False: [], True: []}
    for seed in range(tables):
        rng = np.random.default_rng(seed)
        df = rng.choice([1.0, 2.0, 3.0, 10.0], 500, p=[0.4, 0.3, 0.2, 0.1])
        variance = drawn(rng, df, truth)
        for legacy, found in errors.items():
            found.append(1 / squeeze_variance(variance, df, robust=False, legacy=legacy).df_prior[0] - 1 / truth)
    likelihood, moments = (np.sqrt(np.mean(np.square(found))) for found in errors.values())
    print(f"- Error of 1/d0 (root mean square, {tables} tables of 500 features): likelihood {likelihood:.3f}, moments")
    print(f"  {moments:.3f}, ratio {likelihood / moments:.2f}.")
    halves = []
    for seed in range(tables):
        variance = drawn(np.random.default_rng(seed), np.full(200, 4.0), truth)
        without = squeeze_variance(variance[1:], np.full(199, 4.0), robust=False, legacy=True).df_prior[0]
        variance[0] = 0
        halves.append(squeeze_variance(variance, np.full(200, 4.0), robust=False, legacy=True).df_prior[0] / without)
    print(
        f"- One constant feature among 200, moments: d0 falls to {np.median(halves):.2f} of its value (median of {tables}"
    )
    print(f"  tables; {min(halves):.2f} to {max(halves):.2f}).")


def speed_tables() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Values and design: a proteome with holes, and a large complete cohort."""
    rng = np.random.default_rng(11)
    small = rng.normal(20, 2, (8000, 1)) + rng.normal(size=(8000, 16)) * np.sqrt(6 / rng.chisquare(6, (8000, 1)))
    holes = rng.random(small.shape) < rng.beta(0.2, 1.5, (8000, 1))
    # limma's trend refuses a feature without any value; here every feature keeps four.
    holes[holes.sum(axis=1) > 12] = False
    small[holes] = np.nan
    large = rng.normal(20, 2, (20_000, 1)) + rng.normal(size=(20_000, 500))
    tables = {}
    for values in (small, large):
        n = values.shape[1]
        design = np.column_stack([np.ones(n), np.repeat([0.0, 1.0], n // 2), np.tile([0.0, 1.0], n // 2)])
        patterns = len(np.unique(np.isnan(values), axis=0))
        kind = f"{patterns:,} patterns of missing values" if patterns > 1 else "complete"
        tables[f"{len(values):,} x {n}, {kind}"] = values, design
    return tables


def our_seconds(values: np.ndarray, design: np.ndarray, kind: str, fits: int) -> float:
    """Least processor time of one fit."""
    seconds = []
    for _ in range(fits):
        start = time.process_time()
        moderated_test(values, design, [0.0, 1.0, 0.0], **KINDS[kind])
        seconds.append(time.process_time() - start)
    return min(seconds)


def our_memory(values: np.ndarray, design: np.ndarray, kind: str) -> float:
    """Peak of what one fit allocates, as a multiple of the values."""
    tracemalloc.start()
    moderated_test(values, design, [0.0, 1.0, 0.0], **KINDS[kind])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / values.nbytes


def limma_seconds(values: np.ndarray, design: np.ndarray, fits: int) -> list[float]:
    """The same of limma, for each of `TIMED_KINDS`."""
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        script, *files = [Path(folder, name) for name in ("fit.R", "values", "design")]
        script.write_text(R_FIT, encoding="utf-8")
        for path, array in zip(files, (values, design), strict=True):
            array.tofile(path)
        shape = (*values.shape, design.shape[1])
        command = ["Rscript", *map(str, (script, *files, *shape, fits))]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | one_thread)
    return [float(seconds) for seconds in done.stdout.split()]


def has_limma() -> bool:
    if shutil.which("Rscript") is None:
        return False
    ask = 'quit(status = !(requireNamespace("limma", quietly = TRUE) && requireNamespace("statmod", quietly = TRUE)))'
    return subprocess.run(["Rscript", "-e", ask], capture_output=True, check=False).returncode == 0


def print_speed(tables: dict[str, tuple[np.ndarray, np.ndarray]], fits: int) -> None:
    if not has_limma():
        print("- Speed: not measured, Rscript with limma and statmod is not installed.")
        return
    for name, (values, design) in tables.items():
        for kind, theirs in zip(TIMED_KINDS, limma_seconds(values, design, fits), strict=True):
            ours = our_seconds(values, design, kind, fits)
            print(f"- {name}, {kind.replace('_', ' and ')}: limma takes {theirs / ours:.1f} times as long")
            print(f"  ({theirs:.2f} s against {ours:.2f} s).", flush=True)


def print_memory(tables: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    for name, (values, design) in tables.items():
        found = [f"{our_memory(values, design, kind):.2f} ({kind.replace('_', ' and ')})" for kind in TIMED_KINDS]
        print(f"- {name}: memory beyond the input {' and '.join(found)} times the input.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=200, help="simulated tables for the prior")
    parser.add_argument("--fits", type=int, default=3, help="fits of which the fastest counts")
    given = parser.parse_args()
    with threadpool_limits(1):
        print_agreement()
        print_contrasts_fit()
        print_prior(given.tables)
        print(f"- Animals per group, one residual standard deviation: {animals_per_group(1.0, 0.05, 0.8)}.")
        tables = speed_tables()
        print_speed(tables, given.fits)
        print_memory(tables)


if __name__ == "__main__":
    main()
