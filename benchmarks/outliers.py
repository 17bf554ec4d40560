"""How often a sample is said to stand apart where none does, and where one or two do.

    python benchmarks/outliers.py --assays 400

Assays of 200 features of two groups; in each animal a share of the variance lies in a few factors that many features follow.
Animals are normal or have heavy tails (t with 4 degrees of freedom). A sample that stands apart has further noise, so many times
that of a feature. `before` is the rule that was used before: five scaled median absolute deviations below the median of the
correlations. Shares of assays in which any sample is named, or all planted ones are, with exact 95 % intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

from organokine.kernels.quality import MAD_TO_SD, median_correlation, stands_apart

N_FEATURES = 200
SIZES = (3, 4, 6, 8, 12)
CLEAN = (
    ("three factors, 40 % of the variance", 3, 0.4, 2.0, "normal"),
    ("the same, heavy tails", 3, 0.4, 2.0, "heavy"),
    ("ten factors, half of it", 10, 0.5, 2.0, "normal"),
    ("three factors, 40 %, ratios (r near zero)", 3, 0.4, 0.0, "normal"),
    ("three factors, 80 %", 3, 0.8, 2.0, "normal"),
    ("one factor, 60 %: animals differ along one strong axis", 1, 0.6, 2.0, "normal"),
)
PLANTED = ((1, 2.0), (1, 3.0), (1, 6.0), (2, 3.0))
Rule = Callable[[np.ndarray], np.ndarray]


def before(correlation: np.ndarray) -> np.ndarray:
    """The rule before, which knew no least drop."""
    centre = np.median(correlation)
    return np.asarray(correlation < centre - 5 * MAD_TO_SD * np.median(np.abs(correlation - centre)))


def assay(
    n_per_group: int, n_factors: int, share: float, level: float, tails: str, rng: np.random.Generator
) -> np.ndarray:
    """Values, features x samples: levels of the features, factors, noise and a group that moves every feature a little."""
    n = 2 * n_per_group
    draw = rng.standard_normal if tails == "normal" else lambda size: rng.standard_t(4, size) / np.sqrt(2)
    loadings = rng.normal(0, np.sqrt(share / n_factors), (N_FEATURES, n_factors))
    values = rng.normal(20, level, (N_FEATURES, 1)) + loadings @ draw((n_factors, n))
    values += np.sqrt(1 - share) * draw((N_FEATURES, n))
    return values + np.outer(rng.normal(size=N_FEATURES), np.repeat([0.0, 1.0], n_per_group))


def shares(n_assays: int, n: int, made: tuple, planted: int, size: float) -> list[str]:
    """Of both rules, before and now."""
    rng = np.random.default_rng([n, int(10 * made[2]), made[1], planted, int(size)])
    hits = []
    for _ in range(n_assays):
        values = assay(n, *made[1:], rng)
        odd = rng.choice(2 * n, planted, replace=False)
        values[:, odd] += rng.normal(0, size, (N_FEATURES, planted))
        correlation = median_correlation(values)
        named = [rule(correlation) for rule in (before, stands_apart)]
        hits.append([bool(each[odd].all()) if planted > 0 else bool(each.any()) for each in named])
    return [percent(int(total), n_assays) for total in np.sum(hits, axis=0)]


def percent(hits: int, n: int) -> str:
    low, high = binomtest(hits, n).proportion_ci()
    return f"{hits / n:.2f} ({low:.2f}-{high:.2f})"


def rows(words: str, n_assays: int, made: tuple, planted: int = 0, size: float = 0.0) -> None:
    found = [shares(n_assays, n, made, planted, size) for n in SIZES]
    for place, rule in enumerate(("before", "now")):
        print(f"| {words} | {rule} | " + " | ".join(each[place] for each in found) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assays", type=int, default=400, help="assays in each cell")
    n_assays = parser.parse_args().assays
    head = "| rule | " + " | ".join(f"{n} + {n} samples" for n in SIZES) + " |\n" + "|---" * (len(SIZES) + 2) + "|"
    with threadpool_limits(limits=1):
        print(f"| none stands apart {head}")
        for made in CLEAN:
            rows(made[0], n_assays, made)
        print(f"\n| stand apart, by how many times the noise of a feature {head}")
        for planted, size in PLANTED:
            rows(f"{planted}, {size:g}", n_assays, CLEAN[0], planted, size)


if __name__ == "__main__":
    main()
