"""`-ln p` of a correlation: exact, finite however strong it is, and as a rational function for millions of them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

LARGEST_R = float(np.nextafter(1.0, 0.0))
"""A correlation of 1 is taken for the largest number below it: p is then small, never zero."""
LAST_FITTED_R = 0.97
"""The rational function serves up to here; beyond, where -ln p rises without bound, the exact path is taken."""
_SAFE_P = 1e-290
"""Below this the incomplete beta function nears the smallest number there is, and its leading series takes over."""
_N_NODES = 400
_ROUNDS = 12
_DEGREES = (8, 6)
"""Terms of numerator and denominator; with (8, 6) no df from 3 to 5,000 is off by more than 2e-5 of its value."""


class RationalFit(NamedTuple):
    """`-ln p` of |r| up to `LAST_FITTED_R` at one df.

    ``|r| (a_0 + a_1 |r| + ...) / (1 + b_1 |r| + ...)``

    Attributes
    ----------
    numerator : numpy.ndarray
        (8,) a_0, a_1, ...
    denominator : numpy.ndarray
        (7,) 1, b_1, ...
    error : float
        Largest relative error at the nodes.
    """

    numerator: Floats
    denominator: Floats
    error: float


def minus_log_p(r: ArrayLike, df: ArrayLike) -> Floats:
    """`-ln p` (natural logarithm) of the two-sided test of a correlation, by Student's t.

    p = I(1 - r^2; df / 2, 1 / 2), the regularised incomplete beta function.

    Null hypothesis: the correlation is zero, and one side is normal.

    Parameters
    ----------
    r : array_like
        Correlations, -1 to 1; NaN gives NaN. 1 is taken for the largest number below it.
    df : array_like
        Degrees of freedom: pairs less 2 and less what was adjusted for. NaN below 1.

    Returns
    -------
    numpy.ndarray
        0 and more, finite for every r. Relative error below 1e-10, but for what the digits of r itself leave open near 1.
    """
    size, freedom = np.broadcast_arrays(np.abs(np.asarray(r, dtype=float)), np.asarray(df, dtype=float))
    size = np.minimum(size, LARGEST_R)
    freedom = np.where(freedom >= 1, freedom, np.nan)
    rest = (1.0 - size) * (1.0 + size)
    p = special.betainc(freedom / 2, 0.5, rest)
    with np.errstate(divide="ignore"):
        # Near r = 0 the tail is near 1, and only its complement has digits.
        result = np.where(p > 0.5, -np.log1p(-special.betainc(0.5, freedom / 2, size**2)), -np.log(p))
    tiny = p < _SAFE_P
    if np.any(tiny):
        result = np.where(tiny, _leading_series(rest, freedom / 2), result)
    return np.asarray(result, dtype=float)


def _leading_series(rest: Floats, half: Floats) -> Floats:
    """-ln I(x; a, 1/2) for small x: x^a / (a B(a, 1/2)) times 2F1(a, 1/2; a + 1; x)."""
    series = special.hyp2f1(half, 0.5, half + 1.0, rest)
    result: Floats = -(half * np.log(rest) - np.log(half) - special.betaln(half, 0.5) + np.log(series))
    return result


@lru_cache(maxsize=4096)
def rational_fit(df: int) -> RationalFit:
    """Fit the rational function for one df, by least squares of relative errors with growing weights where they are largest.

    Parameters
    ----------
    df : int
        Degrees of freedom, 1 or more.

    Returns
    -------
    RationalFit
        Its `error` says how good it is.
    """
    width = min(6.0 / np.sqrt(df), LAST_FITTED_R)
    node = (1.0 - np.cos(np.pi * (np.arange(_N_NODES) + 0.5) / _N_NODES)) / 2.0
    r = np.unique(np.concatenate([node * LAST_FITTED_R, node * width]))
    wanted = minus_log_p(r, df)
    above = np.vander(r, _DEGREES[0], increasing=True) * r[:, None]
    below = np.vander(r, _DEGREES[1] + 1, increasing=True)[:, 1:]
    scale, weight = wanted.copy(), np.ones_like(r)
    best = RationalFit(np.zeros(_DEGREES[0]), np.eye(_DEGREES[1] + 1)[0], np.inf)
    for _ in range(_ROUNDS):
        system = np.hstack([above, -wanted[:, None] * below]) * (weight / scale)[:, None]
        norm = np.linalg.norm(system, axis=0)
        solution = np.linalg.lstsq(system / norm, wanted * weight / scale, rcond=1e-15)[0] / norm
        denominator = 1.0 + below @ solution[_DEGREES[0] :]
        error = np.abs(above @ solution[: _DEGREES[0]] / denominator / wanted - 1.0)
        if denominator.min() > 0 and error.max() < best.error:
            best = RationalFit(solution[: _DEGREES[0]], np.append(1.0, solution[_DEGREES[0] :]), float(error.max()))
        scale = wanted * np.where(denominator > 0, denominator, np.abs(denominator) + 1e-3)
        weight = weight * np.sqrt((error + 0.05 * error.mean()) / (1.05 * error.mean()))
        weight /= weight.mean()
    return best
