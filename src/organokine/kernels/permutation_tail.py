"""p-values against draws of a null, and a generalised-Pareto tail where the draws end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

N_TAIL = 250
"""Draws that the tail is fitted to (Knijnenburg et al. 2009, doi:10.1093/bioinformatics/btp211)."""
LEAST_EXCEEDANCES = 10
"""With this many draws beyond a value its p needs no tail (same source)."""
LEAST_FIT_P = 0.05
"""Goodness of fit (Cramer-von Mises) below which the tail is not believed, and fewer draws are tried."""
_LARGEST_SHARE = 0.05
"""Of the draws, that count as the tail; a larger one reaches into the bulk of a normal null, and its p is three times too large."""
_STEP = 10
_LEAST_TAIL = 50


class Tail(NamedTuple):
    """p-values of observed values, each in the shape of the values.

    Attributes
    ----------
    p : numpy.ndarray
        (1 + draws at least as large) / (1 + draws); never zero; NaN for NaN.
    extrapolated : numpy.ndarray
        From the generalised-Pareto tail, where fewer than `LEAST_EXCEEDANCES` draws are as large and the tail fits; else NaN.
    """

    p: Floats
    extrapolated: Floats


def permutation_p(observed: ArrayLike, draws: ArrayLike) -> Floats:
    """(1 + draws at least as large) / (1 + draws).

    Null hypothesis: the observed value is one more draw.

    Parameters
    ----------
    observed : array_like
        Any shape; NaN gives NaN.
    draws : array_like
        (n_draws,), without NaN.

    References
    ----------
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585.
    """
    values, null = np.asarray(observed, dtype=float), np.sort(np.asarray(draws, dtype=float))
    beyond = len(null) - np.searchsorted(null, values, side="left")
    return np.where(np.isnan(values), np.nan, (1.0 + beyond) / (1.0 + len(null)))


def tail_p(observed: ArrayLike, draws: ArrayLike) -> Tail:
    """p-values against draws, and beyond them from a generalised-Pareto distribution of the largest.

    The extrapolation is no test: it rests on the shape of the tail, and is to be shown as what it is. Tails that fall faster than
    an exponential one are taken for exponential, so that p is too large rather than too small.

    Parameters
    ----------
    observed, draws
        As for `permutation_p`.

    Returns
    -------
    Tail
        `extrapolated` is never zero and never above `p`, and NaN everywhere if no tail of 250 down to 50 draws fits, nor more
        than one draw in twenty.
    """
    values, null = np.asarray(observed, dtype=float), np.sort(np.asarray(draws, dtype=float))
    p = permutation_p(values, null)
    extrapolated = np.full(values.shape, np.nan)
    few = np.isfinite(values) & (p * (1 + len(null)) - 1 < LEAST_EXCEEDANCES)
    for n_tail in range(min(N_TAIL, round(_LARGEST_SHARE * len(null))), _LEAST_TAIL - 1, -_STEP) if few.any() else ():
        threshold = (null[-n_tail] + null[-n_tail - 1]) / 2.0
        beyond = null[-n_tail:] - threshold
        if not beyond.min() > 0:
            continue
        shape, scale = _fit(beyond)
        fit = stats.cramervonmises(beyond, "genpareto", args=(shape, 0.0, scale))
        if fit.pvalue < LEAST_FIT_P:
            continue
        tail = np.asarray(stats.genpareto.sf(values[few] - threshold, shape, 0.0, scale)) * n_tail / len(null)
        extrapolated[few] = np.clip(tail, np.finfo(float).tiny, p[few])
        break
    return Tail(p, extrapolated)


def _fit(beyond: Floats) -> tuple[float, float]:
    """Shape and scale by maximum likelihood, with a shape of at least 0.

    A negative shape gives the tail an end, and zero for everything beyond it, which no finite number of draws can show. Of a
    few hundred draws the shape is known to 0.06 or so, and half of all exponential tails would be given such an end.
    """
    shape, _, scale = stats.genpareto.fit(beyond, floc=0.0)
    return (float(shape), float(scale)) if shape > 0 else (0.0, float(beyond.mean()))
