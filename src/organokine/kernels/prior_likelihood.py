"""Prior of variances with unequal degrees of freedom, by maximum likelihood of the F distribution."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma

from organokine.kernels.f_distribution import log_density, lower_quantile, lower_tail, upper_quantile, upper_tail
from organokine.kernels.prior_moments import moment_prior, outlier_df

Floats = NDArray[np.float64]

# Between these the likelihood is searched; at the upper end the prior is as good as known exactly.
_LEAST_DF = 1e-2
_MOST_DF = 1e5
# How often the censoring bounds follow the fit; the third round moves the prior degrees of freedom by less than 1 %.
_CENSORING_ROUNDS = 3


class _Group(NamedTuple):
    """Features that enter the likelihood alike: measured (`sign` 0), or known only to lie above (1) or below (-1).

    Few degrees of freedom are distinct, so what depends on them alone is computed for `distinct_df` and looked up by `which`.
    """

    sign: int
    logs: Floats
    basis: Floats
    df: Floats
    distinct_df: Floats
    which: NDArray[np.intp]


def likelihood_prior(
    variance: Floats, df: Floats, trend: Floats | None, tails: tuple[float, float] | None
) -> tuple[Floats, Floats]:
    """Maximise the likelihood of `variance / prior ~ F(df, df_prior)` over both unknowns.

    The log prior variance is constant or a sum of natural splines. With `tails`, features beyond these quantiles of the
    fitted distribution are censored: they count as "beyond", however far, so that outliers have bounded influence.

    Parameters
    ----------
    variance, df : numpy.ndarray
        (n_features,) positive.
    trend : numpy.ndarray, optional
        (n_features, n_columns) result of `trend_basis`: the log prior variance lies in its span.
    tails : tuple of float, optional
        Lower and upper share that is censored; None for none.

    Returns
    -------
    prior, df_prior : numpy.ndarray
        (n_features,); with `tails`, `df_prior` is smaller for features of outlying variance.
    """
    n = len(variance)
    # Columns of mean square 1, so that all unknowns have likelihoods of like curvature.
    basis = np.ones((n, 1)) if trend is None else n**0.5 * trend
    start_prior, start_df = moment_prior(variance, df, trend)
    spline = basis.T @ np.log(start_prior) / n
    df_prior = float(np.clip(start_df[0], 1.0, 100.0))
    logs = np.log(variance)
    spline, df_prior = _maximise(logs, df, basis, spline, df_prior, np.zeros(n))
    for _ in range(_CENSORING_ROUNDS if tails is not None else 0):
        bounded, side = _censor(logs, df, basis @ spline, df_prior, tails or (0.0, 0.0))
        spline, df_prior = _maximise(bounded, df, basis, spline, df_prior, side)
    if df_prior > 0.5 * _MOST_DF:
        df_prior = np.inf
    prior = np.exp(basis @ spline)
    if tails is None:
        return prior, np.full(n, df_prior)
    return prior, outlier_df(variance / prior, df, df_prior)


def _censor(
    logs: Floats, df: Floats, log_prior: Floats, df_prior: float, tails: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Log variances cut at the quantiles of the fit, and 1 where cut from above, -1 from below, else 0."""
    # Quantiles are dear; few degrees of freedom are distinct.
    distinct, which = np.unique(df, return_inverse=True)
    low = log_prior + np.log(lower_quantile(tails[0], distinct, df_prior))[which]
    high = log_prior + np.log(upper_quantile(tails[1], distinct, df_prior))[which]
    return np.clip(logs, low, high), (logs > high).astype(float) - (logs < low)


def _maximise(
    logs: Floats, df: Floats, basis: Floats, spline: Floats, df_prior: float, side: Floats
) -> tuple[Floats, float]:
    """Maximum-likelihood spline coefficients of the log prior variance, and prior degrees of freedom."""
    groups = [_group(logs, df, basis, side, sign) for sign in (0, 1, -1) if np.any(side == sign)]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        # 1 / (1 + d0), so that an infinite d0 is an ordinary end of the range.
        d0 = 1 / parameters[-1] - 1
        value, slope = 0.0, np.zeros(len(parameters))
        for group in groups:
            distance = group.logs - group.basis @ parameters[:-1]
            terms = _inside(distance, group, d0) if group.sign == 0 else _beyond(distance, group, d0)
            value += terms[0]
            slope[:-1] += group.basis.T @ terms[1]
            slope[-1] -= terms[2] * (1 + d0) ** 2
        return -value / len(logs), -slope / len(logs)

    bounds = [(None, None)] * basis.shape[1] + [(1 / (1 + _MOST_DF), 1 / (1 + _LEAST_DF))]
    found = minimize(
        loss,
        np.append(spline, 1 / (1 + df_prior)),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-12, "gtol": 1e-7},
    )
    return found.x[:-1], float(1 / found.x[-1] - 1)


def _group(logs: Floats, df: Floats, basis: Floats, side: Floats, sign: int) -> _Group:
    rows = side == sign
    return _Group(sign, logs[rows], basis[rows], df[rows], *np.unique(df[rows], return_inverse=True))


def _inside(distance: Floats, group: _Group, d0: float) -> tuple[float, Floats, float]:
    """Log likelihood of log ratios `distance`, and its slopes by each log prior and by the prior degrees of freedom."""
    df, half = group.df, group.distinct_df / 2
    odds = df * np.exp(distance) / d0
    share = odds / (1 + odds)
    half_total = (df + d0) / 2
    logs = np.log1p(odds)
    constant = (half * np.log(2 * half / d0) - betaln(half, d0 / 2))[group.which]
    by_d0 = (digamma(half + d0 / 2) - digamma(d0 / 2))[group.which] - logs - df / d0
    value = constant + df / 2 * distance - half_total * logs
    return float(value.sum()), half_total * share - df / 2, float((by_d0 / 2 + half_total * share / d0).sum())


def _beyond(distance: Floats, group: _Group, d0: float) -> tuple[float, Floats, float]:
    """The same for log ratios known only to lie above (sign 1) or below (-1)."""
    tail = upper_tail if group.sign > 0 else lower_tail
    ratio = np.exp(distance)
    probability = tail(ratio, group.df, d0)
    by_prior = group.sign * np.exp(log_density(ratio, group.df, d0) + distance) / probability
    step = 1e-4 * d0
    by_d0 = (np.log(tail(ratio, group.df, d0 + step)) - np.log(tail(ratio, group.df, d0 - step))) / (2 * step)
    return float(np.log(probability).sum()), by_prior, float(by_d0.sum())
