"""Row-wise partial correlation of paired tables, and its null by breaking pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import linalg, stats

from organokine.kernels.linear_model import residuals


class PairedCorrelation(NamedTuple):
    """Row-wise correlation, each array (n_features,).

    Attributes
    ----------
    r : numpy.ndarray
        Partial Pearson correlation; NaN with too few pairs or no variation.
    n : numpy.ndarray
        Complete pairs.
    df : numpy.ndarray
        Degrees of freedom: pairs less the rank of the design on them, less 1.
    t : numpy.ndarray
        ``r sqrt(df / (1 - r^2))``.
    """

    r: np.ndarray
    n: np.ndarray
    df: np.ndarray
    t: np.ndarray


def paired_correlation(source: np.ndarray, target: np.ndarray, design: np.ndarray) -> PairedCorrelation:
    """Correlate two tables row by row, given a design: partial correlation over the pairs in which both are measured.

    Both sides are projected onto what the design leaves of their common pairs, so that a row with missing values is as exact
    as a complete one.

    Parameters
    ----------
    source, target : numpy.ndarray
        (n_features, n_pairs) values, usually log2; NaN is not measured. Columns are the same animals in the same order.
    design : numpy.ndarray
        (n_pairs, n_coefficients) group and covariates to take out, with intercept.

    Returns
    -------
    PairedCorrelation
        NaN where fewer than one degree of freedom is left or one side does not vary.
    """
    both = np.isfinite(source) & np.isfinite(target)
    left = residuals(np.where(both, source, np.nan), design)
    right = residuals(np.where(both, target, np.nan), design)
    return _correlate(np.nan_to_num(left.values), np.nan_to_num(right.values), both.sum(axis=1), left.df - 1.0)


def pair_breaking_p(
    source: np.ndarray,
    target: np.ndarray,
    design: np.ndarray,
    groups: np.ndarray,
    rng: np.random.Generator,
    n_permutations: int = 100,
) -> np.ndarray:
    """One-sided p-value of "the target follows the source", by giving each animal another animal's target.

    What the design leaves of the target is shuffled within groups, the same shuffle for all rows, and correlated anew given
    the design: without that second projection shuffled residuals would correlate less than real ones do by chance. Each row
    is turned into its parametric p-value (so that rows with different numbers of pairs are comparable), and its place is
    read off the pooled values of all rows and shuffles: right on average over rows, and as fine as rows times shuffles.

    Null hypothesis: within a group, which source belongs to which target does not matter.

    Parameters
    ----------
    source, target : numpy.ndarray
        (n_features, n_pairs) values; NaN is not measured.
    design : numpy.ndarray
        (n_pairs, n_coefficients) group and covariates to take out, with intercept.
    groups : numpy.ndarray
        (n_pairs,) group of each animal.
    rng : numpy.random.Generator
        Source of the shuffles.
    n_permutations : int
        Shuffles. 100 with 1,000 rows resolve p down to 1e-5; more hardly matter, since all rows share each shuffle.

    Returns
    -------
    numpy.ndarray
        (n_features,) p-values; NaN where no correlation could be had.

    References
    ----------
    Freedman and Lane (1983), doi 10.1080/07350015.1983.10509354; Winkler et al. (2014),
    doi 10.1016/j.neuroimage.2014.01.060.
    """
    observed = _upper_tail(paired_correlation(source, target, design))
    complete = np.isfinite(source).all(axis=1) & np.isfinite(target).all(axis=1)
    left = residuals(source, design).values
    right = residuals(target, design).values
    shuffled = []
    for _ in range(n_permutations):
        order = _within(groups, rng)
        shuffled.append(_upper_tail(_complete_correlation(left[complete], right[complete][:, order], design)))
        shuffled.append(_upper_tail(paired_correlation(left[~complete], right[~complete][:, order], design)))
    pooled = np.sort(np.concatenate(shuffled))
    pooled = pooled[np.isfinite(pooled)]
    place = np.searchsorted(pooled, observed, side="right")
    return np.where(np.isfinite(observed), (place + 1.0) / (len(pooled) + 1.0), np.nan)


def _complete_correlation(left: np.ndarray, right: np.ndarray, design: np.ndarray) -> PairedCorrelation:
    """The same for rows without missing values, of which the left ones are residuals already: one matrix product."""
    basis = linalg.orth(design)
    n = np.full(len(left), design.shape[0])
    df = n - basis.shape[1] - 1.0
    return _correlate(left, right - (right @ basis) @ basis.T, n, df)


def _correlate(left: np.ndarray, right: np.ndarray, n: np.ndarray, df: np.ndarray) -> PairedCorrelation:
    spread = np.sqrt(np.einsum("ij,ij->i", left, left) * np.einsum("ij,ij->i", right, right))
    usable = (df >= 1) & (spread > 0)
    r = np.full(len(n), np.nan)
    r[usable] = np.clip(np.einsum("ij,ij->i", left, right)[usable] / spread[usable], -1.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt(df / (1.0 - r**2))
    return PairedCorrelation(r, n, df, t)


def _upper_tail(correlation: PairedCorrelation) -> np.ndarray:
    df = np.where(correlation.df >= 1, correlation.df, np.nan)
    return np.asarray(stats.t.sf(correlation.t, df))


def _within(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = np.arange(len(groups))
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        order[members] = rng.permutation(members)
    return order
