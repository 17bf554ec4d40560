"""How many animals, and how small an effect: power of the t test of two groups of equal size."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammainccinv, gammaincinv, gammaln, ndtr, ndtri, stdtrit

Floats = NDArray[np.float64]

_QUADRATURE_POINTS = 128


def power_of_t_test(effect_size: float, n: int, alpha: float, covariates: int = 0, *, one_sided: bool = False) -> float:
    """Power of a t test of two independent groups.

    Parameters
    ----------
    effect_size : float
        Difference of the group means in units of the residual standard deviation. Its sign counts only if `one_sided`.
    n : int
        Animals per group.
    alpha : float
        Level of the test.
    covariates : int
        Further coefficients in the model; each takes one residual degree of freedom. They are taken to be unrelated to
        the group.
    one_sided : bool
        Test in the direction of a positive effect only.

    Returns
    -------
    float
        Probability of a rejection; 0 where no residual degree of freedom is left.
    """
    return power_of_t(effect_size * np.sqrt(n / 2), 2 * n - 2 - covariates, alpha, one_sided=one_sided)


def power_of_t(shift: float, df: int, alpha: float, *, one_sided: bool = False) -> float:
    """Power of any t test: an estimate over its standard error, of expectation `shift` with the true error.

    Parameters
    ----------
    shift : float
        Effect over the true standard error of its estimate: the noncentrality of t.
    df : int
        Degrees of freedom of the estimated error.
    alpha : float
        Level of the test.
    one_sided : bool
        Test in the direction of a positive effect only.

    Returns
    -------
    float
        Probability of a rejection; 0 where no degree of freedom is left.
    """
    if df < 1:
        return 0.0
    critical = -float(stdtrit(df, alpha if one_sided else alpha / 2))
    spread, mass = _chi_quadrature(df, (abs(shift) + 9) / critical)
    rejected = ndtr(shift - critical * spread)
    if not one_sided:
        rejected = rejected + ndtr(-shift - critical * spread)
    return float(mass @ rejected)


def _chi_quadrature(df: int, largest: float) -> tuple[Floats, Floats]:
    """Nodes and masses of the distribution of the estimated sd over the true one, up to `largest`.

    A noncentral t tail is the normal tail averaged over it; beyond `largest` that tail is zero to rounding. (SciPy's
    `nctdtr` loses the tails of a large shift.)
    """
    nodes, weights = _legendre()
    low, high = np.sqrt(2 * gammaincinv(df / 2, 1e-16) / df), np.sqrt(2 * gammainccinv(df / 2, 1e-16) / df)
    high = max(low, min(high, largest))
    spread = low + (high - low) * (nodes + 1) / 2
    log_density = np.log(2) + df / 2 * np.log(df / 2) - gammaln(df / 2) + (df - 1) * np.log(spread) - df / 2 * spread**2
    return spread, (high - low) / 2 * weights * np.exp(log_density)


@cache
def _legendre() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(_QUADRATURE_POINTS)


def animals_per_group(
    effect_size: float,
    alpha: float,
    power: float,
    covariates: int = 0,
    maximum: int = 1000,
    *,
    one_sided: bool = False,
) -> int | None:
    """Smallest number of animals per group with which a t test of two groups has the wanted power.

    Parameters
    ----------
    effect_size : float
        Difference of the group means in units of the residual standard deviation (its size; the sign is ignored).
    alpha, power : float
        Level of the test and wanted power, between 0 and 1.
    covariates : int
        Further coefficients in the model; each takes one residual degree of freedom.
    maximum : int
        The largest number looked at.
    one_sided : bool
        Test in the direction of the effect only.

    Returns
    -------
    int or None
        Animals per group, at least 2; None if more than `maximum` are needed.

    Raises
    ------
    ValueError
        If `alpha` or `power` is not between 0 and 1, or `alpha` is not below `power`.

    References
    ----------
    Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, chapter 2.
    """
    _check(alpha, power)
    size = abs(effect_size)

    def enough(n: int) -> bool:
        return power_of_t_test(size, n, alpha, covariates, one_sided=one_sided) >= power

    low, high = 1, max(2, maximum)
    if not np.isfinite(size) or not enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def smallest_effect(n: int, alpha: float, power: float, covariates: int = 0, *, one_sided: bool = False) -> float:
    """Smallest effect that a t test of two groups of `n` animals finds with the wanted power.

    Parameters
    ----------
    n : int
        Animals per group.
    alpha, power : float
        Level of the test and wanted power, between 0 and 1.
    covariates : int
        Further coefficients in the model; each takes one residual degree of freedom.
    one_sided : bool
        Test in the direction of the effect only.

    Returns
    -------
    float
        In units of the residual standard deviation; NaN where no residual degree of freedom is left.

    Raises
    ------
    ValueError
        If `alpha` or `power` is not between 0 and 1, or `alpha` is not below `power`.
    """
    _check(alpha, power)
    if 2 * n - 2 - covariates < 1:
        return float("nan")

    def missing(size: float) -> float:
        return power_of_t_test(size, n, alpha, covariates, one_sided=one_sided) - power

    high = 1.0
    while missing(high) < 0:
        high *= 2
    return float(brentq(missing, 0.0, high, xtol=1e-10))


def pairs_for_correlation(r: float, alpha: float, power: float, n_controlled: int = 0) -> int:
    """Smallest number of pairs with which a one-sided test finds a partial correlation, by Fisher's z.

    Parameters
    ----------
    r : float
        Correlation to be found, above 0 and below 1.
    alpha, power : float
        Level of the test and wanted power, between 0 and 1.
    n_controlled : int
        Variables taken out on both sides (group, covariates); each takes one degree of freedom.

    Returns
    -------
    int
        Pairs.

    Raises
    ------
    ValueError
        If `alpha` or `power` is not between 0 and 1, or `alpha` is not below `power`.

    References
    ----------
    Fisher 1924, Metron 3, 329-332 (partial correlations).
    """
    _check(alpha, power)
    return int(np.ceil(((ndtri(1 - alpha) + ndtri(power)) / np.arctanh(r)) ** 2 + 3 + n_controlled))


def _check(alpha: float, power: float) -> None:
    if not 0 < alpha < power < 1:
        message = f"needed: 0 < alpha < power < 1; given alpha {alpha}, power {power}"
        raise ValueError(message)
