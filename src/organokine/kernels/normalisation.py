"""Bring the samples of one assay to a common level. Nothing is imputed: what is NaN stays NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from organokine.kernels.smoothing import lowess

Floats = NDArray[np.float64]


def reference_features(values: Floats, *, minimum_complete: int = 50) -> NDArray[np.bool_]:
    """Features on which samples may be compared without a share of missing values deciding.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.
    minimum_complete : int
        Features measured in all samples that are needed; 50 give a median to about 0.2 standard deviations of the
        between-feature spread of the differences. With fewer, every feature with a value is taken.

    Returns
    -------
    numpy.ndarray
        (n_features,) True for the features measured in all samples, or for all measured features if those are too few.
    """
    measured = np.isfinite(values)
    complete: NDArray[np.bool_] = np.all(measured, axis=1)
    return complete if complete.sum() >= minimum_complete else np.asarray(np.any(measured, axis=1))


def median_shift(values: Floats, *, minimum_complete: int = 50) -> Floats:
    """How far the median of each sample lies above the common level.

    The median is taken over the reference features, so that a sample in which more low features are missing does not look
    brighter than it is.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.
    minimum_complete : int
        See `reference_features`.

    Returns
    -------
    numpy.ndarray
        (n_samples,) log2, to be subtracted; its median is zero. NaN for a sample without any value.
    """
    reference = values[reference_features(values, minimum_complete=minimum_complete)]
    level = np.array([_median(sample) for sample in reference.T])
    return level - _median(level)


def stable_shift(values: Floats, *, stable_share: float = 0.5, rounds: int = 20, minimum_complete: int = 50) -> Floats:
    """How far each sample lies above the common level of the features that vary least.

    A sample's shift is the median of its log ratios to the mean of all samples, over the stable half of the features:
    those whose values differ least between samples once shifted, found by turns. The plain median of a sample moves with
    the features that truly change (one fifth of them up by 1 moves it by about 0.2, and every other feature seems to fall
    by as much); the stable half holds few of those.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.
    stable_share : float
        Share of the features taken as stable. A half is right as long as no more than half change, and keeps enough of
        them for a precise median (least trimmed squares makes the same choice: Huber et al. 2002).
    rounds : int
        Most turns of shifting and choosing; they end when the choice repeats.
    minimum_complete : int
        See `reference_features`.

    Returns
    -------
    numpy.ndarray
        (n_samples,) log2, to be subtracted; its median is zero. NaN for a sample without any value.

    References
    ----------
    Least trimmed squares in normalisation: Huber et al. 2002, doi:10.1093/bioinformatics/18.suppl_1.S96; median of
    ratios: Anders and Huber 2010, doi:10.1186/gb-2010-11-10-r106.
    """
    silent = ~np.isfinite(values).any(axis=0)
    rows = reference_features(values[:, ~silent], minimum_complete=minimum_complete)
    used = values[:, ~silent][rows]
    measured = np.isfinite(used)
    # A feature measured once agrees with its own mean, and says nothing.
    used, measured = used[measured.sum(axis=1) > 1], measured[measured.sum(axis=1) > 1]
    shift = np.full(values.shape[1], np.nan)
    level = np.zeros(used.shape[1])
    stable = np.ones(len(used), dtype=bool)
    seen: set[bytes] = set()
    while len(used) > 0 and stable.tobytes() not in seen and len(seen) < rounds:
        seen.add(stable.tobytes())
        ratio = used - level
        ratio -= row_means(ratio)[:, None]
        level = level + np.nan_to_num([_median(sample) for sample in ratio[stable].T])
        ratio = used - level
        ratio -= row_means(ratio)[:, None]
        variance = np.nansum(ratio**2, axis=1) / (measured.sum(axis=1) - 1)
        stable = variance <= np.quantile(variance, stable_share)
    shift[~silent] = level - np.median(level)
    return shift


def quantile_normalise(values: Floats) -> Floats:
    """Give all samples the same distribution.

    Each sample's measured values are placed on a common scale from 0 to 1 by rank (ties share their mean rank) and read off the
    mean of all samples' quantile functions. Missing values are taken as missing at random within a sample: with many
    low values missing this pulls the rest down, and `median` is the safer choice.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.

    Returns
    -------
    numpy.ndarray
        Same shape, NaN at the same places.

    References
    ----------
    Bolstad et al. 2003, doi:10.1093/bioinformatics/19.2.185.
    """
    grid = np.linspace(0.0, 1.0, values.shape[0])
    measured = np.isfinite(values)
    used = np.flatnonzero(measured.any(axis=0))
    quantiles = [np.interp(grid, *_quantile_function(values[measured[:, sample], sample])) for sample in used]
    result = np.full(values.shape, np.nan)
    if len(used) == 0:
        return result
    target = np.mean(quantiles, axis=0)
    for sample in used:
        rows = measured[:, sample]
        place = (rankdata(values[rows, sample]) - 1.0) / max(int(rows.sum()) - 1, 1)
        result[rows, sample] = np.interp(place, grid, target)
    return result


def cyclic_loess(values: Floats, *, iterations: int = 3, span: float = 0.7, minimum_complete: int = 50) -> Floats:
    """Take away the part of each sample's deviation from the mean sample that depends on the level.

    The fast form: in each round every sample is compared with the mean of all samples, and a robust local line through
    (mean, deviation) is subtracted. The line is fitted on the reference features; the others get its value at their own
    mean, and beyond the fitted range its value at the end.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.
    iterations : int
        Rounds; the curves settle within 3 (Ballman et al. 2004).
    span : float
        Share of the features in each local fit; 0.7 follows Ballman et al. 2004 and limma.
    minimum_complete : int
        See `reference_features`.

    Returns
    -------
    numpy.ndarray
        Same shape, NaN at the same places.

    References
    ----------
    Bolstad et al. 2003, doi:10.1093/bioinformatics/19.2.185; Ballman et al. 2004, doi:10.1093/bioinformatics/bth327.
    """
    result = values.copy()
    measured = np.isfinite(values)
    reference = reference_features(values, minimum_complete=minimum_complete)
    for _ in range(iterations):
        mean = row_means(result)
        for sample in np.flatnonzero(measured.any(axis=0)):
            fitted_rows = reference & measured[:, sample]
            rows = measured[:, sample]
            x = mean[fitted_rows]
            curve = lowess(x, result[fitted_rows, sample] - x, span=span)
            order = np.argsort(x, kind="stable")
            result[rows, sample] -= np.interp(mean[rows], x[order], curve[order])
    return result


def _median(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) > 0 else float("nan")


def _quantile_function(values: Floats) -> tuple[Floats, Floats]:
    return np.linspace(0.0, 1.0, len(values)), np.sort(values)


def row_means(values: Floats) -> Floats:
    """Mean of the measured values of each row; NaN for a row without any."""
    measured = np.isfinite(values)
    n = measured.sum(axis=1)
    total = np.where(measured, values, 0.0).sum(axis=1)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)
