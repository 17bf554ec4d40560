"""How often the differential table is wrong where the truth is known: simulated tables of one organ.

    python benchmarks/differential.py --tables 100

Each table has 2,000 proteins of 2 x n animals: levels over five orders of magnitude, a spread that falls with the level and differs
between proteins (inverse chi-squared, 6 degrees of freedom), five hidden factors that make proteins err together, sample shifts of
0.3 log2; with missing values (the lower the level the likelier, 2 % at random besides; about 20 % in all) and with a batch of its own
per third animal (0.4 log2 per protein, in the model). Every table is compared by `organokine.differential` with nothing set. Where
something changes, 10 % of the proteins do, by a normal deviate of 1 log2. Type I error is the share of unchanged proteins with p < 0.05.
Intervals: 95 % over tables.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

import organokine as ok
from organokine.kernels.multiple_testing import benjamini_hochberg, storey_q

GROUP_SIZES = (3, 4, 6)
SETTINGS = {"complete": (False, False), "missing values": (True, False), "batch": (False, True), "both": (True, True)}
METHODS = ("discovery", "bh", "storey")
"""The default order of discovery, Benjamini-Hochberg on p, Storey's q."""
CALLED = 0.05


class Table(NamedTuple):
    """Values (proteins x samples, log2), samples, and which proteins are changed."""

    values: pd.DataFrame
    samples: pd.DataFrame
    changed: np.ndarray


class Outcome(NamedTuple):
    """One table: rates of the p-values, and of the calls of each method."""

    type_one: float
    tested: int
    fdp: dict[str, float]
    tpr: dict[str, float]
    any_call: dict[str, float]


def simulate(
    seed: int, n: int, changed: float, *, missing: bool, batch: bool, n_features: int = 2000, factors: int = 5
) -> Table:
    rng = np.random.default_rng([seed, n])
    level = rng.normal(22.0, 2.5, (n_features, 1))
    sd = (0.15 + 0.35 * np.exp(-(level - 17.0) / 3.0)) * np.sqrt(6.0 / rng.chisquare(6.0, (n_features, 1)))
    loadings = rng.normal(0.0, 0.25, (n_features, factors))
    own = np.sqrt(1 - factors * 0.25**2)
    noise = own * rng.normal(size=(n_features, 2 * n)) + loadings @ rng.normal(size=(factors, 2 * n))
    is_case = np.repeat([False, True], n)
    run = np.arange(2 * n) % 3 == 0
    is_changed = rng.random(n_features) < changed
    effect = np.where(is_changed, rng.normal(0.0, 1.0, n_features), 0.0)
    values = level + sd * noise + np.outer(effect, is_case) + rng.normal(0.0, 0.3, 2 * n)
    if batch:
        values += np.outer(rng.normal(0.0, 0.4, n_features), run)
    if missing:
        lost = rng.random(values.shape) < 0.02 + 0.98 / (1 + np.exp(1.2 * (values - 19.5)))
        values[lost] = np.nan
    names = [f"s{index}" for index in range(2 * n)]
    samples = pd.DataFrame(
        {"sample": names, "group": np.where(is_case, "case", "control"), "run": np.where(run, "x", "y")}
    )
    index = pd.Index([f"protein{number}" for number in range(n_features)])
    return Table(pd.DataFrame(values, index=index, columns=names), samples, is_changed)


def outcome(seed: int, n: int, changed: float, *, batch: bool, **how: Any) -> Outcome:
    data = simulate(seed, n, changed, batch=batch, **how)
    with threadpool_limits(1):
        table = ok.differential(
            data.values,
            data.samples,
            factor="group",
            case="case",
            control="control",
            covariates=("run",) if batch else (),
        )
    p = table["p"].to_numpy()
    tested = np.isfinite(p)
    q = {"discovery": table["q"].to_numpy(), "bh": benjamini_hochberg(p), "storey": storey_q(p).q}
    called = {method: q[method] < CALLED for method in METHODS}
    return Outcome(
        float((p < 0.05)[tested & ~data.changed].mean()),
        int((tested & ~data.changed).sum()),
        {name: float((hits & ~data.changed).sum() / max(hits.sum(), 1)) for name, hits in called.items()},
        {
            name: float((hits & data.changed).sum() / max((tested & data.changed).sum(), 1))
            for name, hits in called.items()
        },
        {name: float(hits.any()) for name, hits in called.items()},
    )


def with_interval(values: list[float]) -> str:
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{np.mean(values):.3f} ({max(np.mean(values) - half, 0):.3f}-{np.mean(values) + half:.3f})"


def of_all(pool: ProcessPoolExecutor, n_tables: int, n: int, changed: float, setting: str) -> list[Outcome]:
    missing, batch = SETTINGS[setting]
    return list(pool.map(partial(outcome, n=n, changed=changed, missing=missing, batch=batch), range(n_tables)))


def shares(hits: list[float]) -> str:
    found = stats.binomtest(int(sum(hits)), len(hits)).proportion_ci(0.95, "exact")
    return f"{np.mean(hits):.2f} ({found.low:.2f}-{found.high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=100, help="simulated tables per cell")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    given = parser.parse_args()
    with ProcessPoolExecutor(given.workers) as pool:
        print(
            "| nothing changes | setting | type I error at 0.05 | tables with any call, discovery | on p |\n|---|---|---|---|---|"
        )
        for n in GROUP_SIZES:
            for setting in SETTINGS:
                found = of_all(pool, given.tables, n, 0.0, setting)
                calls = [shares([each.any_call[method] for each in found]) for method in METHODS[:2]]
                print(
                    f"| {n} + {n} | {setting} | {with_interval([each.type_one for each in found])} | {' | '.join(calls)} |",
                    flush=True,
                )
        print("\n| 10 % change | setting | method | FDR at q < 0.05 | TPR |\n|---|---|---|---|---|")
        for n in GROUP_SIZES:
            for setting in SETTINGS:
                found = of_all(pool, given.tables, n, 0.1, setting)
                for method in METHODS:
                    false, true = ([getattr(each, rate)[method] for each in found] for rate in ("fdp", "tpr"))
                    print(
                        f"| {n} + {n} | {setting} | {method} | {with_interval(false)} | {np.mean(true):.3f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
