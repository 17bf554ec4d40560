"""What a sample looks like beside the others of its assay."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation, for normal values."""
_NEARLY_ONE = 1 - 1e-12  # numerical: samples that are the same have an infinite z


class PrincipalComponents(NamedTuple):
    """The leading principal components of the samples.

    Attributes
    ----------
    scores : numpy.ndarray
        (n_samples, n_components) in the unit of the values; NaN for components that do not exist.
    share : numpy.ndarray
        (n_components,) share of the variance, 0 to 1; NaN likewise.
    n_features : int
        Features measured in all samples, on which they rest.
    """

    scores: Floats
    share: Floats
    n_features: int


def sample_correlation(values: Floats) -> Floats:
    """Pearson correlation of every two samples, each pair over the features measured in both.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.

    Returns
    -------
    numpy.ndarray
        (n_samples, n_samples) symmetric; NaN on the diagonal, and where two samples share fewer than three features or one
        of them does not vary.
    """
    measured = np.isfinite(values)
    n_measured = np.maximum(measured.sum(axis=0), 1)
    # Sums of squares of large numbers lose their digits, so each sample is centred first.
    centre = np.where(measured, values, 0.0).sum(axis=0) / n_measured
    filled = np.where(measured, values - centre, 0.0)
    indicator = measured.astype(np.float64)
    n = indicator.T @ indicator
    total = filled.T @ indicator
    squares = (filled**2).T @ indicator
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = filled.T @ filled - total * total.T / n
        variance = squares - total**2 / n
        varies = variance > 1e-12 * np.maximum(squares, squares.T)
        usable = (n >= 3) & varies & varies.T
        correlation = np.where(usable, covariance / np.sqrt(np.where(usable, variance * variance.T, 1.0)), np.nan)
    np.fill_diagonal(correlation, np.nan)
    return np.asarray(correlation)


def median_correlation(values: Floats) -> Floats:
    """Median Pearson correlation of each sample with the other samples.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.

    Returns
    -------
    numpy.ndarray
        (n_samples,) NaN where no other sample can be compared; see `sample_correlation`.
    """
    correlation = sample_correlation(values)
    return np.array([np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in correlation])


def principal_components(values: Floats, n_components: int = 2) -> PrincipalComponents:
    """Principal components over the features that are measured in all samples.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.
    n_components : int
        How many.

    Returns
    -------
    PrincipalComponents
        Each feature centred over the samples, not scaled. The sign of a component is such that its largest loading is positive.
    """
    complete = values[np.isfinite(values).all(axis=1)]
    n_samples = values.shape[1]
    scores = np.full((n_samples, n_components), np.nan)
    share = np.full(n_components, np.nan)
    if len(complete) == 0 or n_samples < 2:
        return PrincipalComponents(scores, share, len(complete))
    centred = complete - complete.mean(axis=1, keepdims=True)
    loadings, spread, samples = np.linalg.svd(centred, full_matrices=False)
    total = float((spread**2).sum())
    existing = np.flatnonzero(spread[:n_components] > 1e-12 * max(float(np.abs(complete).max()), 1.0))
    for component in existing:
        loading = loadings[:, component]
        sign = np.sign(loading[np.argmax(np.abs(loading))])
        scores[:, component] = sign * spread[component] * samples[component]
        share[component] = spread[component] ** 2 / total
    return PrincipalComponents(scores, share, len(complete))


def mean_centred_level(values: Floats) -> Floats:
    """Mean level of each sample over a panel of features, each centred over the samples in which it was measured.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2 of the panel; NaN is not measured.

    Returns
    -------
    numpy.ndarray
        (n_samples,) log2 above the average sample; NaN for a sample in which nothing of the panel was measured.
    """
    measured = np.isfinite(values)
    filled = np.where(measured, values, 0.0)
    n_samples = np.maximum(measured.sum(axis=1, keepdims=True), 1)
    centred = np.where(measured, values - filled.sum(axis=1, keepdims=True) / n_samples, 0.0)
    n_features = measured.sum(axis=0)
    return np.where(n_features > 0, centred.sum(axis=0) / np.maximum(n_features, 1), np.nan)


def stands_apart(correlation: Floats, *, n_deviations: float = 3.5, least_drop: float = 0.25) -> NDArray[np.bool_]:
    """Which samples are far less like the others than is usual among them.

    Correlations are compared as Fisher's z, on which a drop means the same at 0.2 and at 0.99: near 1 it is half the logarithm of
    how many times farther off (1 - r) the sample lies.

    Parameters
    ----------
    correlation : numpy.ndarray
        (n,) median correlation of each sample with the others, see `median_correlation`; NaN is never called far.
    n_deviations : float
        Scaled median absolute deviations below the median of the samples; 3.5 as Iglewicz and Hoaglin advise. With few samples this
        alone names one far too often where nothing is wrong: their spread comes out small by chance.
    least_drop : float
        Least drop below the median, in Fisher's z. 0.25 is 1.6 times as far off as usual: animals that merely differ seldom are, so
        that with both limits at most about one of twenty assays with nothing wrong has a sample named, while what was found at
        five deviations still is (`benchmarks/outliers.py`).

    Returns
    -------
    numpy.ndarray
        (n,) True where far below in both ways; all False for fewer than three samples.

    References
    ----------
    Iglewicz and Hoaglin 1993, How to detect and handle outliers; Fisher 1915, doi:10.2307/2331838.
    """
    z = np.arctanh(np.clip(correlation, -_NEARLY_ONE, _NEARLY_ONE))
    known = z[np.isfinite(z)]
    if len(known) < 3:
        return np.zeros(len(z), dtype=bool)
    centre = np.median(known)
    deviation = MAD_TO_SD * np.median(np.abs(known - centre))
    return np.asarray(centre - z > max(n_deviations * deviation, least_drop))
