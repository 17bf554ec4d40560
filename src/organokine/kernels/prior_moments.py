"""Prior of variances from the moments of their logarithms: plain, around a trend, and winsorised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

from organokine.kernels.f_distribution import log_density, lower_quantile, lower_tail, upper_quantile, upper_tail
from organokine.kernels.smoothing import lowess, natural_spline_basis

Floats = NDArray[np.float64]

# Span of the local lines around which log variances are winsorised.
_TREND_SPAN = 0.4
_QUADRATURE_POINTS = 128


def trend_degrees_of_freedom(n_features: int, x: Floats) -> int:
    """Degrees of freedom of the spline of a variance trend: four, and fewer where there are few features."""
    allowed = 1 + (n_features >= 3) + (n_features >= 6) + (n_features >= 30)
    return int(min(allowed, len(np.unique(x))))


def trend_basis(x: Floats) -> Floats:
    """Orthonormal columns that span the trends of a log prior variance: sums of one natural spline of each covariate.

    Parameters
    ----------
    x : numpy.ndarray
        (n_features, n_covariates) finite. A constant covariate, or one that the others determine, adds nothing.

    Returns
    -------
    numpy.ndarray
        (n_features, n_columns), the constant in their span.
    """
    n, n_covariates = x.shape
    # Several covariates share the features that a spline needs for each of its degrees of freedom.
    splines = [natural_spline_basis(column, trend_degrees_of_freedom(n // n_covariates, column)) for column in x.T]
    if n_covariates == 1:
        return splines[0]
    left, singular, _ = np.linalg.svd(np.column_stack(splines), full_matrices=False)
    return left[:, singular > singular[0] * 1e-10]


def moment_prior(variance: Floats, df: Floats, trend: Floats | None) -> tuple[Floats, Floats]:
    """Match mean and variance of the log variances (Smyth 2004, section 6.2), around a trend if given.

    Parameters
    ----------
    variance, df : numpy.ndarray
        (n_features,) positive.
    trend : numpy.ndarray, optional
        (n_features, n_columns) result of `trend_basis`.

    Returns
    -------
    prior, df_prior : numpy.ndarray
        (n_features,) prior variance and prior degrees of freedom, which are infinite if the variances scatter no more
        than chance.
    """
    n = len(variance)
    centred = np.log(variance) - digamma(df / 2) + np.log(df / 2)
    basis = np.full((n, 1), n**-0.5) if trend is None else trend
    location = basis @ (basis.T @ centred)
    spare = n - basis.shape[1]
    scatter = float(np.sum((centred - location) ** 2)) / spare if spare > 0 else 0.0
    excess = scatter - float(np.mean(polygamma(1, df / 2)))
    if excess <= 0:
        prior = np.full(n, variance.mean()) if trend is None else np.exp(location)
        return prior, np.full(n, np.inf)
    half = inverse_trigamma(excess)
    return np.exp(location + digamma(half) - np.log(half)), np.full(n, 2 * half)


def inverse_trigamma(value: float) -> float:
    """The y with trigamma(y) = value, for a positive value (Newton, Smyth 2004, appendix)."""
    if value > 1e7:
        return float(value**-0.5)
    if value < 1e-6:
        return 1 / value
    y = 0.5 + 1 / value
    for _ in range(50):
        trigamma = float(polygamma(1, y))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, y))
        y += step
        if abs(step) < 1e-14 * y:
            break
    return y


def winsorised_prior(
    variance: Floats, df: Floats, x: Floats | None, plain: tuple[Floats, Floats], tails: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Match the moments of winsorised log variances to those of a winsorised F distribution (Phipson 2016).

    Parameters
    ----------
    variance, df : numpy.ndarray
        (n_features,) positive.
    x : numpy.ndarray, optional
        (n_features, n_covariates) finite covariates of the trend. One is smoothed over by local lines. Several are smoothed
        over by the trend of `plain`, the sum of their splines: local lines over one number for each feature need no more
        features than before, stay robust, and set right what outlying variances did to the level of the splines, whose
        order of the features they hardly touch.
    plain : tuple of numpy.ndarray
        Result of `moment_prior`; its degrees of freedom are the least the robust ones can be.
    tails : tuple of float
        Lower and upper share that is winsorised.

    Returns
    -------
    prior, df_prior : numpy.ndarray
        (n_features,); `df_prior` is smaller for features of outlying variance.
    """
    plain_df = float(plain[1][0])
    df_common = float(df.max())
    logs = np.log(_to_common_df(variance, df, plain[0], plain_df, df_common))
    if x is None:
        trend = np.full(len(logs), _trimmed_mean(logs, tails[1]))
    else:
        trend = lowess(x[:, 0] if x.shape[1] == 1 else np.log(plain[0]), logs, span=_TREND_SPAN)
    rest = logs - trend
    wins = np.clip(rest, *np.quantile(rest, [tails[0], 1 - tails[1]]))
    spread = float(wins.var(ddof=1))
    rule = np.polynomial.legendre.leggauss(_QUADRATURE_POINTS)
    df_prior = _matching_df(spread, df_common, plain_df, tails, rule)
    location = trend + wins.mean() - _winsorised_moments(df_common, df_prior, tails, rule)[0]
    ratio = np.exp(logs - location)
    return np.exp(location), outlier_df(ratio, np.full(len(ratio), df_common), df_prior)


def _to_common_df(variance: Floats, df: Floats, prior: Floats, df_prior: float, df_common: float) -> Floats:
    """Variances moved to where they would stand, quantile for quantile, had all features the same degrees of freedom."""
    moved = variance.copy()
    fewer = df < df_common - 1e-12
    ratio, df_of_row = variance[fewer] / prior[fewer], df[fewer]
    upper = upper_tail(ratio, df_of_row, df_prior)
    lower = lower_tail(ratio, df_of_row, df_prior)
    common = np.full(df_of_row.shape, df_common)
    from_upper = upper_quantile(np.maximum(upper, np.finfo(float).tiny), common, df_prior)
    from_lower = lower_quantile(np.maximum(lower, np.finfo(float).tiny), common, df_prior)
    moved[fewer] = np.where(upper < lower, from_upper, from_lower) * prior[fewer]
    return moved


def _trimmed_mean(values: Floats, share: float) -> float:
    cut = int(len(values) * share)
    return float(np.sort(values)[cut : len(values) - cut].mean())


def _matching_df(
    spread: float, df: float, least: float, tails: tuple[float, float], rule: tuple[Floats, Floats]
) -> float:
    """Prior degrees of freedom at which a winsorised log F distribution has the variance `spread`."""

    def excess(position: float) -> float:
        # df_prior from 0 to infinity runs over positions from 0 to 1.
        df_prior = position / (1 - position) if position < 1 else np.inf
        return float(np.log(spread / _winsorised_moments(df, df_prior, tails, rule)[1]))

    if spread <= 0 or excess(1.0) <= 0:
        return np.inf
    lowest = least / (1 + least) if np.isfinite(least) else 1.0
    if excess(lowest) >= 0:
        return least
    root = float(brentq(excess, lowest, 1.0, xtol=1e-14))
    return root / (1 - root) if root < 1 else np.inf


def _winsorised_moments(
    df: float, df_prior: float, tails: tuple[float, float], rule: tuple[Floats, Floats]
) -> tuple[float, float]:
    """Mean and variance of the logarithm of a winsorised F variable, by a quadrature rule over f / (1 + f)."""
    nodes, node_weights = rule
    degrees = np.array([df])
    edges = np.append(lower_quantile(tails[0], degrees, df_prior), upper_quantile(tails[1], degrees, df_prior))
    start, end = edges / (1 + edges)
    position = start + (end - start) * (nodes + 1) / 2
    ratio = position / (1 - position)
    mass = (end - start) / 2 * node_weights * np.exp(log_density(ratio, degrees, df_prior)) / (1 - position) ** 2
    at_edges = np.log(edges)
    mean = float(mass @ np.log(ratio) + at_edges @ np.array(tails))
    variance = float(mass @ (np.log(ratio) - mean) ** 2 + (at_edges - mean) ** 2 @ np.array(tails))
    return mean, variance


def outlier_df(ratio: Floats, df: Floats, df_prior: float) -> Floats:
    """Prior degrees of freedom of each feature: fewer where its variance is larger than the prior explains.

    Parameters
    ----------
    ratio : numpy.ndarray
        (n_features,) variance over prior variance.
    df : numpy.ndarray
        (n_features,) residual degrees of freedom.
    df_prior : float
        Prior degrees of freedom of the features that are no outliers.

    Returns
    -------
    numpy.ndarray
        (n_features,) at most `df_prior` and never larger for the less probable variance (Phipson 2016, section 3.3).
    """
    n = len(ratio)
    tail = upper_tail(ratio, df, df_prior)
    expected = (_average_rank(tail) - 0.5) / n
    ordinary = np.minimum(tail / expected, 1.0)
    if np.all(ordinary >= 1):
        return np.full(n, df_prior)
    order = np.argsort(tail, kind="stable")
    result = np.empty(n)
    if np.isposinf(df_prior):
        pooled = np.where(ordinary < 1, ordinary * df.sum(), np.inf)
        result[order] = np.maximum.accumulate(pooled[order])
        return result
    worst = order[0]
    extreme = _df_with_median(float(ratio[worst]), float(df[worst]), float(tail[worst]), df_prior)
    blended = (ordinary * df_prior + (1 - ordinary) * extreme)[order]
    running = np.cumsum(blended) / np.arange(1, n + 1)
    lowest = int(np.argmin(running))
    blended[: lowest + 1] = running[lowest]
    result[order] = np.maximum.accumulate(blended)
    return result


def _df_with_median(ratio: float, df: float, tail: float, df_prior: float) -> float:
    """Prior degrees of freedom that make `ratio` about the median of its distribution: log tails are nearly linear in them."""
    if tail <= 0:
        return 0.0
    first = float(np.log(0.5) / np.log(tail)) * df_prior
    again = float(upper_tail(np.array([ratio]), np.array([df]), first)[0])
    return float(np.log(0.5) / np.log(again)) * first


def _average_rank(values: Floats) -> Floats:
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[group]
