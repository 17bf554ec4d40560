"""Correction for many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def benjamini_hochberg(p: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Benjamini-Hochberg q-values, optionally weighted.

    Parameters
    ----------
    p : array_like
        (n_tests,) p-values. NaN: not tested; it stays NaN and does not count as a test.
    weights : array_like, optional
        (n_tests,) weights, none negative, declared before the p-values were seen. They are rescaled to mean 1 over the
        tests made, and each p is divided by its weight; weight 0 gives q = 1.

    Returns
    -------
    numpy.ndarray
        (n_tests,) the smallest false discovery rate at which each test is rejected. Equal `p / weight` share one q, that
        of the last of them. Null hypothesis and dependence are those of the p-values (valid under independence or
        positive regression dependence).

    Raises
    ------
    ValueError
        If a p-value lies outside 0 to 1, or a weight of a test made is negative or not finite, or all are zero.

    References
    ----------
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x; weights: Genovese, Roeder and Wasserman 2006,
    doi:10.1093/biomet/93.3.509.
    """
    given = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(given)
    used = given[tested]
    if np.any((used < 0) | (used > 1)):
        message = "p-values must lie between 0 and 1"
        raise ValueError(message)
    q = np.full(given.shape, np.nan)
    if used.size == 0:
        return q
    if weights is not None:
        used = _weighted(used, np.asarray(weights, dtype=np.float64)[tested])
    order = np.argsort(used, kind="stable")
    step = used[order] * used.size / np.arange(1, used.size + 1)
    # From the largest down, so that q never falls where p rises.
    monotone = np.minimum.accumulate(step[::-1])[::-1]
    result = np.empty_like(used)
    result[order] = np.minimum(monotone, 1.0)
    q[tested] = result
    return q


def _weighted(p: Floats, weights: Floats) -> Floats:
    if not np.all(np.isfinite(weights) & (weights >= 0)) or weights.sum() == 0:
        message = "weights must be finite, none negative, and not all zero"
        raise ValueError(message)
    relative = weights / weights.mean()
    scaled = np.full(p.shape, np.inf)
    np.divide(p, relative, out=scaled, where=relative > 0)
    return scaled
