"""Weights for multiple testing from a covariate that is independent of p where nothing changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_SMALLEST_P = float(np.finfo(np.float64).tiny)


def covariate_weights(
    p: ArrayLike,
    covariate: ArrayLike,
    *,
    rng: np.random.Generator,
    n_bins: int = 8,
    n_folds: int = 5,
    fdr: float = 0.1,
    least_per_bin: int = 200,
    equal_discoveries: float = 20.0,
) -> Floats:
    """Weights for `benjamini_hochberg` that favour the range of a covariate where more is found.

    Tests are cut into bins of the covariate and split at random into folds. For each fold the other folds say how dense small p
    are in each bin; the thresholds at which all bins have the same density (of equal local false discovery rate) find most at
    the given rate, and the weights are proportional to them. No p takes part in choosing its own weight.

    Parameters
    ----------
    p : array_like
        (n_tests,) p-values. NaN: not tested.
    covariate : array_like
        (n_tests,) any number that is independent of p where the null hypothesis holds, such as the mean over all samples or
        the standard deviation of the moderated test (not the effect). Only its ranks matter; equal values share a bin.
    rng : numpy.random.Generator
        Draws the folds.
    n_bins : int
        Most bins. The covariate's influence is taken as constant within one.
    n_folds : int
        Folds; with 5, weights are learnt from four fifths of the tests (Ignatiadis 2016).
    fdr : float
        False discovery rate for which the weights are best; it is kept whatever this is.
    least_per_bin : int
        Fewer bins are made rather than smaller ones, and with fewer than two bins all weights are 1: of 200 tests some 20
        are true in a busy study, too few to learn a density from if there were fewer.
    equal_discoveries : float
        Discoveries added that are indifferent to the covariate. They pull the weights to 1 where few are found, so that a covariate
        that says nothing costs little.

    Returns
    -------
    numpy.ndarray
        (n_tests,) weights, none negative, of mean 1 over the tests of each fold; 1 where the covariate is missing or cannot
        be used, NaN where there is no p.

    Raises
    ------
    ValueError
        If p and covariate differ in shape, p is no probability, or a setting is out of range.

    References
    ----------
    Ignatiadis, Klaus, Zaugg and Huber 2016, doi:10.1038/nmeth.3885; cross-weighting: Ignatiadis and Huber 2021,
    doi:10.1111/rssb.12411.
    """
    given, by = np.asarray(p, dtype=np.float64), np.asarray(covariate, dtype=np.float64)
    _check(given, by, n_folds, fdr)
    weights = np.where(np.isnan(given), np.nan, 1.0)
    used = np.flatnonzero(~np.isnan(given) & ~np.isnan(by))
    n_used_bins = min(n_bins, len(used) // max(least_per_bin, 1))
    if n_used_bins < 2:
        return weights
    # Folds are drawn for the sorted tests, so that the order in which they are given does not matter.
    used = used[np.lexsort((by[used], given[used]))]
    tests, bins = np.maximum(given[used], _SMALLEST_P), _bins(by[used], n_used_bins)
    fold = rng.permutation(len(used)) % n_folds
    for one in range(n_folds):
        inside = fold == one
        learnt = _bin_weights(tests[~inside], bins[~inside], n_used_bins, fdr, equal_discoveries)[bins[inside]]
        weights[used[inside]] = learnt / learnt.mean()
    return weights


def _check(p: Floats, covariate: Floats, n_folds: int, fdr: float) -> None:
    if p.shape != covariate.shape:
        message = f"{p.shape} p-values but a covariate of shape {covariate.shape}"
        raise ValueError(message)
    if np.any((p < 0) | (p > 1)):
        message = "p-values must lie between 0 and 1"
        raise ValueError(message)
    if n_folds < 2 or not 0 < fdr < 1:
        message = "at least two folds and a false discovery rate between 0 and 1 are needed"
        raise ValueError(message)


def _bins(covariate: Floats, n_bins: int) -> Integers:
    ranks = rankdata(covariate, method="average")
    return np.minimum((ranks - 0.5) * n_bins / len(ranks), n_bins - 1).astype(np.intp)


def _bin_weights(p: Floats, bins: Integers, n_bins: int, fdr: float, equal_discoveries: float) -> Floats:
    """Weight of each bin, of mean 1 over the tests, from thresholds of equal density."""
    steps = [_density(p[bins == one]) for one in range(n_bins)]
    bin_of = np.repeat(np.arange(n_bins), [len(width) for width, _ in steps])
    width = np.concatenate([width for width, _ in steps])
    density = np.concatenate([height for _, height in steps])
    n = np.bincount(bins, minlength=n_bins)
    densest = np.lexsort((bin_of, -density))
    expected_false = np.cumsum((n[bin_of] * width)[densest])
    found = np.cumsum((n[bin_of] * width * density)[densest])
    # The next densest step is added as long as the false discovery rate is kept; it only rises on the way.
    taken = densest[expected_false <= fdr * found]
    threshold = np.bincount(bin_of[taken], weights=width[taken], minlength=n_bins)
    mean = float(n @ threshold) / len(p)
    if mean == 0:
        return np.ones(n_bins)
    n_found = float((n[bin_of] * width * density)[taken].sum())
    weights = (n_found * threshold / mean + equal_discoveries) / (n_found + equal_discoveries)
    return np.asarray(weights, dtype=np.float64)


def _density(p: Floats) -> tuple[Floats, Floats]:
    """Widths and heights of the falling step function that is the likeliest density of p (Grenander 1956)."""
    if p.size == 0:
        return np.ones(1), np.ones(1)
    at, count = np.unique(p, return_counts=True)
    edges = np.concatenate([[0.0], at, [1.0]])
    share = np.concatenate([count / len(p), [0.0]])
    width = np.diff(edges)
    real = width > 0
    width, share = width[real], share[real]
    height = isotonic_regression(share / width, weights=width, increasing=False).x
    return np.asarray(width, dtype=np.float64), np.asarray(height, dtype=np.float64)
