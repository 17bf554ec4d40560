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
    n = measured.sum(axis=1)
    # NaN is sorted to the end. Sorting rows of some hundred values is faster than looking for their middle.
    ordered = np.sort(values if measured.all() else np.where(measured, values, np.nan), axis=1)
    some = np.flatnonzero(n > 0)
    result = np.full(len(values), np.nan)
    result[some] = (ordered[some, (n[some] - 1) // 2] + ordered[some, n[some] // 2]) / 2.0
    return result


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
    centred = values - row_medians(values)[:, None]
    distance = np.abs(centred)
    spread = row_medians(distance)
    fallback = ~(spread > _ROUNDING * np.fmax.reduce(distance, axis=1, initial=0.0))
    u = centred / np.where(fallback, np.inf, BIWEIGHT_REACH * spread)[:, None]
    weight = np.square(1.0 - np.minimum(np.square(u), 1.0))
    weighed = centred * weight
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
