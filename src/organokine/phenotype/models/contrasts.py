"""A weighted sum of the coefficients of a model: estimate, interval and t test."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]


class Fit(Protocol):
    """What every fitted model can tell of its coefficients."""

    @property
    def coefficients(self) -> Floats:
        """(p,) estimates."""

    @property
    def covariance(self) -> Floats:
        """(p, p) covariance of the estimates."""

    def df_of(self, weights: Floats) -> float:
        """Degrees of freedom of the standard error of a weighted sum of the coefficients; NaN if there are none."""


class Contrast(NamedTuple):
    """A weighted sum of coefficients, on the scale of the model (the logarithm of a rate or hazard where it has one).

    `p` is two-sided, for the null hypothesis that the sum is zero. `df`, `t`, `p` and the interval are NaN where no degree
    of freedom is left: one animal per group, one cage per treatment.
    """

    estimate: float
    se: float
    df: float
    t: float
    p: float
    ci_low: float
    ci_high: float


def contrast_of(fit: Fit, weights: ArrayLike, *, confidence: float = 0.95, df: float | None = None) -> Contrast:
    """Estimate a weighted sum of coefficients and test it against zero by Student's t.

    Parameters
    ----------
    fit : MixedFit, LinearFit, TobitFit, RateFit or HazardFit
        A fitted model.
    weights : (p,) array-like
        One weight per column of the design, at least one not zero.
    confidence : float
        Of the interval, between 0 and 1.
    df : float, optional
        Degrees of freedom; by default those of the model (`fit.df_of`).

    Returns
    -------
    Contrast

    Raises
    ------
    ValueError
        If the weights are not one finite number per coefficient, or all are zero, or the confidence is not between 0 and 1.
    """
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != fit.coefficients.shape or not np.isfinite(given).all() or not given.any():
        message = f"needed: {len(fit.coefficients)} finite weights, not all zero; given: {given.tolist()}"
        raise ValueError(message)
    if not 0 < confidence < 1:
        message = f"confidence is between 0 and 1; given: {confidence}"
        raise ValueError(message)
    estimate = float(given @ fit.coefficients)
    se = float(np.sqrt(given @ fit.covariance @ given))
    left = fit.df_of(given) if df is None else df
    if not left > 0:
        return Contrast(estimate, se, *[float("nan")] * 5)
    t = estimate / se
    reach = float(stdtrit(left, (1 + confidence) / 2)) * se
    return Contrast(estimate, se, left, t, 2 * float(stdtr(left, -abs(t))), estimate - reach, estimate + reach)
