"""Row-wise correlation of paired residuals, and its null by breaking pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats


class PairedCorrelation(NamedTuple):
    """Row-wise correlation, each array (n_features,).

    Attributes
    ----------
    r : numpy.ndarray
        Pearson correlation of the residuals; NaN with too few pairs or no variation.
    n : numpy.ndarray
        Complete pairs.
    df : numpy.ndarray
        Degrees of freedom: ``n - n_coefficients - 1``.
    t : numpy.ndarray
        ``r sqrt(df / (1 - r^2))``.
    """

    r: np.ndarray
    n: np.ndarray
    df: np.ndarray
    t: np.ndarray


def paired_correlation(source: np.ndarray, target: np.ndarray, n_coefficients: int) -> PairedCorrelation:
    """Correlate residuals row by row over the pairs in which both are measured.

    Parameters
    ----------
    source, target : numpy.ndarray
        (n_features, n_pairs) residuals after group and covariates were taken out; NaN is not measured. Columns are the
        same animals in the same order.
    n_coefficients : int
        Coefficients of the design that was taken out.

    Returns
    -------
    PairedCorrelation
        NaN where fewer than one degree of freedom is left or one side does not vary.
    """
    both = np.isfinite(source) & np.isfinite(target)
    left = np.where(both, source, 0.0)
    right = np.where(both, target, 0.0)
    n = both.sum(axis=1)
    df = n - n_coefficients - 1
    spread = np.sqrt(np.einsum("ij,ij->i", left, left) * np.einsum("ij,ij->i", right, right))
    usable = (df >= 1) & (spread > 0)
    r = np.full(len(n), np.nan)
    r[usable] = np.clip(np.einsum("ij,ij->i", left, right)[usable] / spread[usable], -1.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt(df / (1.0 - r**2))
    return PairedCorrelation(r, n, df.astype(float), t)


def pair_breaking_p(
    source: np.ndarray,
    target: np.ndarray,
    groups: np.ndarray,
    n_coefficients: int,
    rng: np.random.Generator,
    n_permutations: int = 200,
) -> np.ndarray:
    """One-sided p-value of "the target follows the source", by giving each animal another animal's target.

    Partners are shuffled within groups, the same shuffle for all rows. Each row is turned into its parametric p-value (so
    that rows with different numbers of pairs are comparable), and its place is read off the pooled values of all rows and
    shuffles: exact on average over rows, and as fine as rows times shuffles.

    Null hypothesis: within a group, which source belongs to which target does not matter.

    Parameters
    ----------
    source, target : numpy.ndarray
        (n_features, n_pairs) residuals, NaN not measured.
    groups : numpy.ndarray
        (n_pairs,) group of each animal.
    n_coefficients : int
        Coefficients of the design that was taken out.
    rng : numpy.random.Generator
        Source of the shuffles.
    n_permutations : int
        Shuffles. 200 with 1,000 rows resolve p down to 5e-6; more rarely matter, since all rows share each shuffle.

    Returns
    -------
    numpy.ndarray
        (n_features,) p-values; NaN where no correlation could be had.
    """
    observed = _upper_tail(paired_correlation(source, target, n_coefficients))
    shuffled = [
        _upper_tail(paired_correlation(source, target[:, _within(groups, rng)], n_coefficients))
        for _ in range(n_permutations)
    ]
    pooled = np.sort(np.concatenate(shuffled))
    pooled = pooled[np.isfinite(pooled)]
    place = np.searchsorted(pooled, observed, side="right")
    return np.where(np.isfinite(observed), (place + 1.0) / (len(pooled) + 1.0), np.nan)


def _upper_tail(correlation: PairedCorrelation) -> np.ndarray:
    df = np.where(correlation.df >= 1, correlation.df, np.nan)
    return np.asarray(stats.t.sf(correlation.t, df))


def _within(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = np.arange(len(groups))
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        order[members] = rng.permutation(members)
    return order
