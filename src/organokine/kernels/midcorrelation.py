"""What turns genes into vectors whose dot product is their correlation: nothing, ranks, or the biweight of bicor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

BIWEIGHT_REACH = 9.0
"""Median absolute deviations beyond which a value gets no weight (Langfelder and Horvath 2012, doi:10.18637/jss.v046.i11)."""
_ROUNDING = 1e-10
"""Share of the largest deviation of a row below which a difference is rounding: ties do not stay equal once a design is out."""


class Weighed(NamedTuple):
    """Genes in rows, weighed.

    Attributes
    ----------
    values : numpy.ndarray
        (n_genes, n_individuals); NaN where not measured.
    fallback : numpy.ndarray
        (n_genes,) bool: the biweight is not defined for the gene (its median absolute deviation is zero), and its values are
        left as Pearson's correlation takes them.
    """

    values: Floats
    fallback: NDArray[np.bool_]


def row_medians(values: Floats) -> Floats:
    """Median of each row over what is measured; NaN for a row without a value."""
    measured = np.isfinite(values)
    # NaN is sorted to the end. Sorting rows of some hundred values is faster than looking for their middle.
    ordered = np.sort(values if measured.all() else np.where(measured, values, np.nan), axis=1)
    return _middle(ordered, measured.sum(axis=1))


def _middle(ordered: Floats, n: NDArray[np.int64]) -> Floats:
    some = np.flatnonzero(n > 0)
    result = np.full(len(ordered), np.nan)
    result[some] = (ordered[some, (n[some] - 1) // 2] + ordered[some, n[some] // 2]) / 2.0
    return result


def medians_and_deviations(values: Floats) -> tuple[Floats, Floats]:
    """Median of each row, and the median absolute deviation from it, over what is measured; NaN for a row without a value."""
    n = values.shape[1]
    if n == 0 or not np.isfinite(values).all():
        middle = row_medians(values)
        return middle, row_medians(np.abs(values - middle[:, None]))
    ordered = np.sort(values, axis=1)
    middle = _middle(ordered, np.full(len(values), n))
    return middle, (_nearest(ordered, middle, (n + 1) // 2) + _nearest(ordered, middle, n // 2 + 1)) / 2.0


def _nearest(ordered: Floats, middle: Floats, k: int) -> Floats:
    """Distance of the k-th nearest value: the smallest reach of any k neighbours in the order. Saves sorting a second time."""
    below = middle[:, None] - ordered[:, : ordered.shape[1] - k + 1]
    above = ordered[:, k - 1 :] - middle[:, None]
    return np.asarray(np.maximum(below, above).min(axis=1))


def biweight(values: Floats) -> Weighed:
    """Weigh every value by its distance from the median: bicor is the dot product of such rows of unit length.

    ``(x - med) (1 - u^2)^2`` where ``u = (x - med) / (9 MAD)`` is within 1, else 0.

    Parameters
    ----------
    values : numpy.ndarray
        (n_genes, n_individuals); NaN is not measured.

    Returns
    -------
    Weighed
        A row whose MAD is zero up to rounding is centred on its mean instead, and marked.

    References
    ----------
    Wilcox 2012, Introduction to Robust Estimation; Langfelder and Horvath 2012, doi:10.18637/jss.v046.i11.
    """
    middle, spread = medians_and_deviations(values)
    centred = values - middle[:, None]
    largest = np.maximum(np.fmax.reduce(centred, axis=1, initial=0.0), -np.fmin.reduce(centred, axis=1, initial=0.0))
    fallback = ~(spread > _ROUNDING * largest)
    weight = centred * (1.0 / np.where(fallback, np.inf, BIWEIGHT_REACH * spread))[:, None]
    np.minimum(np.square(weight, out=weight), 1.0, out=weight)
    np.square(np.subtract(1.0, weight, out=weight), out=weight)
    weighed = np.multiply(centred, weight, out=weight)
    if fallback.any():
        weighed[fallback] = plain(values[fallback]).values
    return Weighed(weighed, fallback)


def plain(values: Floats) -> Weighed:
    """Centre every row on its mean: Pearson's correlation."""
    measured = np.isfinite(values)
    n = np.maximum(measured.sum(axis=1), 1)
    mean = np.where(measured, values, 0.0).sum(axis=1) / n
    return Weighed(values - mean[:, None], np.zeros(len(values), dtype=bool))


def ranks(values: Floats) -> Weighed:
    """Centred ranks, the mean rank for ties (values equal up to rounding): Spearman's correlation."""
    centred = plain(values).values
    step = _ROUNDING * np.fmax.reduce(np.abs(centred), axis=1, initial=0.0)[:, None]
    steps = np.rint(np.divide(centred, step, out=np.where(np.isfinite(values), 0.0, np.nan), where=step > 0))
    return plain(np.asarray(stats.rankdata(steps, axis=1, nan_policy="omit"), dtype=float))


STATISTICS: Mapping[str, Callable[[Floats], Weighed]] = {"bicor": biweight, "pearson": plain, "spearman": ranks}
"""Every statistic by name."""
