"""RNA counts: library scaling (TMM), log counts per million, expressed features, precision weights (voom)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from organokine.kernels.linear_model import residuals
from organokine.kernels.smoothing import lowess

Floats = NDArray[np.float64]


# Numerical, not scientific: a scatter of 1e-8 log2 is rounding, and would give a weight without bound.
_SMALLEST_ROOT_SD = 1e-4


class VoomWeights(NamedTuple):
    """Log counts and how precise each is; both (n_features, n_samples).

    Attributes
    ----------
    log2_cpm : numpy.ndarray
        log2 counts per million; NaN where the count is.
    weights : numpy.ndarray
        Inverse of the expected variance of each `log2_cpm`.
    """

    log2_cpm: Floats
    weights: Floats


def tmm_factors(
    counts: ArrayLike, *, log_ratio_trim: float = 0.3, abundance_trim: float = 0.05, quantile: float = 0.75
) -> Floats:
    """Scaling factors of libraries by the trimmed mean of M values.

    Parameters
    ----------
    counts : array_like
        (n_features, n_samples) counts. Features with a NaN are left out.
    log_ratio_trim, abundance_trim : float
        Share of the features trimmed at each end of the log ratios and of the log abundances (defaults of the paper).
    quantile : float
        The reference is the library whose count at this quantile, relative to its size, is nearest to the mean.

    Returns
    -------
    numpy.ndarray
        (n_samples,) factors with product 1. Library size times factor is the effective library size. A library without
        features in common with the reference has 1 before scaling.

    References
    ----------
    Robinson and Oshlack 2010, doi:10.1186/gb-2010-11-3-r25.
    """
    table = np.asarray(counts, dtype=np.float64)
    table = table[np.isfinite(table).all(axis=1) & (table > 0).any(axis=1)]
    size = table.sum(axis=0)
    if len(table) == 0 or table.shape[1] == 1:
        return np.ones(table.shape[1])
    upper = np.quantile(table, quantile, axis=0) / np.maximum(size, 1.0)
    if np.median(upper) < 1e-20:
        # Most features are zero everywhere: the library with the most features is the reference.
        reference = int(np.argmax(np.sqrt(table).sum(axis=0)))
    else:
        reference = int(np.argmin(np.abs(upper - upper.mean())))
    trims = (log_ratio_trim, abundance_trim)
    log_factors = np.array([_log2_factor(column, table[:, reference], trims) for column in table.T])
    return np.asarray(2.0 ** (log_factors - log_factors.mean()), dtype=np.float64)


def _log2_factor(observed: Floats, reference: Floats, trims: tuple[float, float]) -> float:
    """Weighted trimmed mean of the log2 ratios of one library to the reference."""
    size, reference_size = observed.sum(), reference.sum()
    both = (observed > 0) & (reference > 0)
    y, z = observed[both], reference[both]
    ratio = np.log2((y / size) / (z / reference_size))
    n = len(ratio)
    if n == 0 or np.abs(ratio).max() < 1e-6:
        return 0.0
    abundance = (np.log2(y / size) + np.log2(z / reference_size)) / 2
    variance = (size - y) / size / y + (reference_size - z) / reference_size / z
    kept = _untrimmed(ratio, trims[0]) & _untrimmed(abundance, trims[1])
    if not kept.any():
        return 0.0
    return float(np.average(ratio[kept], weights=1 / variance[kept]))


def _untrimmed(values: Floats, share: float) -> NDArray[np.bool_]:
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[group]
    lowest = int(len(values) * share) + 1
    return (rank >= lowest) & (rank <= len(values) + 1 - lowest)


def log2_cpm(counts: ArrayLike, library_size: ArrayLike, prior_count: float = 0.5) -> Floats:
    """log2 counts per million.

    Parameters
    ----------
    counts : array_like
        (n_features, n_samples) counts; NaN stays NaN.
    library_size : array_like
        (n_samples,) library sizes, scaled by `tmm_factors` if wanted.
    prior_count : float
        Added to each count, and twice to the library size, so that zero has a logarithm and no cpm exceeds a million
        (0.5: Law 2014).

    Returns
    -------
    numpy.ndarray
        (n_features, n_samples) log2 counts per million.
    """
    size = np.asarray(library_size, dtype=np.float64) + 2 * prior_count
    return np.asarray(np.log2((np.asarray(counts, dtype=np.float64) + prior_count) / size * 1e6), dtype=np.float64)


def expressed(
    counts: ArrayLike, group_sizes_min: int, library_size: ArrayLike, minimum_count: float = 10
) -> NDArray[np.bool_]:
    """Which features have enough counts to be worth a test.

    A feature is expressed if it has `minimum_count` in a library of median size, in counts per million, in at least as
    many samples as the smaller group has. Conditions are not looked at, so the filter does not favour changed features.

    Parameters
    ----------
    counts : array_like
        (n_features, n_samples) counts; NaN is never enough.
    group_sizes_min : int
        Samples in the smaller group.
    library_size : array_like
        (n_samples,) library sizes.
    minimum_count : float
        Counts in a library of median size (10: Chen 2016).

    Returns
    -------
    numpy.ndarray of bool
        (n_features,).

    References
    ----------
    Chen, Lun and Smyth 2016, doi:10.12688/f1000research.8987.2.
    """
    size = np.asarray(library_size, dtype=np.float64)
    cutoff = minimum_count / np.median(size)
    return np.asarray((np.asarray(counts, dtype=np.float64) / size >= cutoff).sum(axis=1) >= group_sizes_min)


def voom_weights(counts: ArrayLike, design: ArrayLike, library_size: ArrayLike, *, span: float = 0.5) -> VoomWeights:
    """Precision weights of log counts, from the trend of the residual spread over the count.

    Parameters
    ----------
    counts : array_like
        (n_features, n_samples) counts; NaN is not measured.
    design : array_like
        (n_samples, n_coefficients).
    library_size : array_like
        (n_samples,) effective library sizes: size times `tmm_factors`.
    span : float
        Share of the features in each local fit of the trend (0.5: Law 2014).

    Returns
    -------
    VoomWeights
        log2 counts per million and their weights; weights of 1 where fewer than two features have a residual degree of
        freedom.

    References
    ----------
    Law 2014, doi:10.1186/gb-2014-15-2-r29.
    """
    table = np.asarray(counts, dtype=np.float64)
    size = np.asarray(library_size, dtype=np.float64)
    logs = log2_cpm(table, size)
    left = residuals(logs, design)
    informative = (left.df > 0) & (np.nansum(table, axis=1) > 0)
    if informative.sum() < 2:
        return VoomWeights(logs, np.where(np.isnan(logs), np.nan, 1.0))
    # From log counts per million to log counts, at the geometric mean library size.
    to_count = float(np.mean(np.log2(size + 1)) - np.log2(1e6))
    x = np.nanmean(logs[informative], axis=1) + to_count
    root_sd = (np.nansum(left.values[informative] ** 2, axis=1) / left.df[informative]) ** 0.25
    trend = lowess(x, root_sd, span=span)
    knots, first = np.unique(x, return_index=True)
    fitted_count = logs - left.values + np.log2(size + 1) - np.log2(1e6)
    expected_root_sd = np.interp(fitted_count, knots, trend[first])
    return VoomWeights(logs, np.maximum(expected_root_sd, _SMALLEST_ROOT_SD) ** -4.0)
