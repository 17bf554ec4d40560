"""Two ways to fill missing values, only to ask whether a result depends on what is filled in; no result rests on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_ROWS_AT_ONCE = 256
"""Features whose distances to all others are held at once: 16 MB for 8,000 features."""


def downshift(values: ArrayLike, rng: np.random.Generator, *, shift: float = 1.8, width: float = 0.3) -> Floats:
    """Fill missing values as if they lay below what was seen: normal numbers from the lower flank of their sample.

    Parameters
    ----------
    values : array_like
        (n_features, n_samples) log2 levels; NaN is not measured.
    rng : numpy.random.Generator
        Source of the draws, one per missing value, in the order of the array.
    shift : float
        How far below the mean of the sample's measured values, in their standard deviations. The default is Perseus'.
    width : float
        Standard deviation of what is drawn, in the same unit. The default is Perseus'.

    Returns
    -------
    numpy.ndarray
        (n_features, n_samples) log2 levels. Samples with fewer than two measured values keep their NaN.

    References
    ----------
    Tyanova et al. 2016, doi:10.1038/nmeth.3901.
    """
    given = np.asarray(values, dtype=np.float64)
    measured = np.isfinite(given)
    n = measured.sum(axis=0)
    enough = np.where(n >= 2, n, np.nan)
    mean = np.where(measured, given, 0.0).sum(axis=0) / enough
    deviation = np.where(measured, given - mean, 0.0)
    sd = np.sqrt((deviation**2).sum(axis=0) / (enough - 1.0))
    drawn = np.zeros(given.shape)
    drawn[~measured] = rng.standard_normal(int((~measured).sum()))
    return np.where(measured, given, mean - shift * sd + width * sd * drawn)


def nearest_neighbours(values: ArrayLike, *, k: int = 10) -> Floats:
    """Fill missing values with the levels of the features that are most alike where both were measured.

    The distance of two features is the root mean square difference over the samples in which both were measured. A missing
    value becomes the mean of the `k` nearest features measured in that sample, weighted by the inverse distance.

    Parameters
    ----------
    values : array_like
        (n_features, n_samples) log2 levels; NaN is not measured.
    k : int
        Neighbours; 10 to 20 were best, and little different, in the source.

    Returns
    -------
    numpy.ndarray
        (n_features, n_samples) log2 levels. NaN stays where no other feature was measured in that sample and in another
        one with this feature: so in features without any value.

    Raises
    ------
    ValueError
        If `k` is below 1.

    References
    ----------
    Troyanskaya et al. 2001, doi:10.1093/bioinformatics/17.6.520.
    """
    if k < 1:
        message = f"at least one neighbour is needed, not {k}"
        raise ValueError(message)
    given = np.asarray(values, dtype=np.float64)
    measured = np.isfinite(given)
    filled = np.where(measured, given, np.nan)
    if not measured.any():
        return filled
    centred = np.where(measured, given - given[measured].mean(), 0.0)
    incomplete = np.flatnonzero(measured.any(axis=1) & ~measured.all(axis=1))
    for start in range(0, len(incomplete), _ROWS_AT_ONCE):
        rows = incomplete[start : start + _ROWS_AT_ONCE]
        distance = _distances(centred, measured, rows)
        for sample in range(given.shape[1]):
            lacking = ~measured[rows, sample]
            known = np.flatnonzero(measured[:, sample])
            filled[rows[lacking], sample] = _weighted(distance[lacking][:, known], given[known, sample], k)
    return filled


def _distances(centred: Floats, measured: Booleans, rows: NDArray[np.intp]) -> Floats:
    """Root mean square differences of some features to all; infinite without a common sample."""
    seen = measured.astype(np.float64)
    common = seen[rows] @ seen.T
    squares = centred**2
    total = squares[rows] @ seen.T + seen[rows] @ squares.T - 2.0 * centred[rows] @ centred.T
    mean = np.divide(np.maximum(total, 0.0), common, out=np.full(common.shape, np.inf), where=common > 0)
    root: Floats = np.sqrt(mean)
    return root


def _weighted(distance: Floats, levels: Floats, k: int) -> Floats:
    """Mean of the k nearest levels of each row, weighted by inverse distance; NaN without any at a finite distance."""
    if distance.size == 0:
        return np.full(len(distance), np.nan)
    if distance.shape[1] > k:
        nearest = np.argpartition(distance, k - 1, axis=1)[:, :k]
        distance, levels = np.take_along_axis(distance, nearest, axis=1), levels[nearest]
    # A distance of zero would have all the weight; below the resolution of the levels it means nothing.
    weight = 1.0 / np.maximum(distance, 1e-6)
    total = weight.sum(axis=1)
    mean: Floats = np.divide((weight * levels).sum(axis=1), total, out=np.full(len(total), np.nan), where=total > 0)
    return mean
