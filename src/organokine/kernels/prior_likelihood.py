"""Prior of variances with unequal degrees of freedom, by maximum likelihood of the F distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma

from organokine.kernels.f_distribution import log_density, lower_quantile, lower_tail, upper_quantile, upper_tail
from organokine.kernels.prior_moments import moment_prior, outlier_df, trend_degrees_of_freedom
from organokine.kernels.smoothing import natural_spline_basis

Floats = NDArray[np.float64]

# Between these the likelihood is searched; at the upper end the prior is as good as known exactly.
_LEAST_DF = 1e-2
_MOST_DF = 1e5
# How often the censoring bounds follow the fit; the third round moves the prior degrees of freedom by less than 1 %.
_CENSORING_ROUNDS = 3


def likelihood_prior(
    variance: Floats, df: Floats, x: Floats | None, tails: tuple[float, float] | None
) -> tuple[Floats, Floats]:
    """Maximise the likelihood of `variance / prior ~ F(df, df_prior)` over both unknowns.

    The log prior variance is constant or a natural spline of `x`. With `tails`, features beyond these quantiles of the
    fitted distribution are censored: they count as "beyond", however far, so that outliers have bounded influence.

    Parameters
    ----------
    variance, df : numpy.ndarray
        (n_features,) positive.
    x : numpy.ndarray, optional
        (n_features,) finite covariate.
    tails : tuple of float, optional
        Lower and upper share that is censored; None for none.

    Returns
    -------
    prior, df_prior : numpy.ndarray
        (n_features,); with `tails`, `df_prior` is smaller for features of outlying variance.
    """
    n = len(variance)
    # Columns of mean square 1, so that all unknowns have likelihoods of like curvature.
    basis = np.ones((n, 1)) if x is None else n**0.5 * natural_spline_basis(x, trend_degrees_of_freedom(n, x))
    start_prior, start_df = moment_prior(variance, df, x)
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
    low = log_prior + np.log(lower_quantile(tails[0], df, df_prior))
    high = log_prior + np.log(upper_quantile(tails[1], df, df_prior))
    return np.clip(logs, low, high), (logs > high).astype(float) - (logs < low)


def _maximise(
    logs: Floats, df: Floats, basis: Floats, spline: Floats, df_prior: float, side: Floats
) -> tuple[Floats, float]:
    """Maximum-likelihood spline coefficients of the log prior variance, and prior degrees of freedom."""
    inside = side == 0

    def loss(parameters: Floats) -> tuple[float, Floats]:
        # 1 / (1 + d0), so that an infinite d0 is an ordinary end of the range.
        d0 = 1 / parameters[-1] - 1
        distance = logs - basis @ parameters[:-1]
        by_prior = np.empty(len(logs))
        value, by_prior[inside], by_d0 = _inside(distance[inside], df[inside], d0)
        for sign in (1, -1):
            beyond = side == sign
            if beyond.any():
                tail_value, by_prior[beyond], tail_by_d0 = _beyond(distance[beyond], df[beyond], d0, sign)
                value, by_d0 = value + tail_value, by_d0 + tail_by_d0
        slope = np.append(basis.T @ by_prior, -by_d0 * (1 + d0) ** 2)
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


def _inside(distance: Floats, df: Floats, d0: float) -> tuple[float, Floats, float]:
    """Log likelihood of log ratios `distance`, and its slopes by each log prior and by the prior degrees of freedom."""
    odds = df * np.exp(distance) / d0
    share = odds / (1 + odds)
    half_total = (df + d0) / 2
    logs = np.log1p(odds)
    value = df / 2 * (np.log(df / d0) + distance) - betaln(df / 2, d0 / 2) - half_total * logs
    by_d0 = (digamma(half_total) - digamma(d0 / 2) - logs - df / d0) / 2 + half_total * share / d0
    return float(value.sum()), half_total * share - df / 2, float(by_d0.sum())


def _beyond(distance: Floats, df: Floats, d0: float, sign: int) -> tuple[float, Floats, float]:
    """The same for log ratios known only to lie above (`sign` 1) or below (-1)."""
    tail = upper_tail if sign > 0 else lower_tail
    ratio = np.exp(distance)
    probability = tail(ratio, df, d0)
    by_prior = sign * np.exp(log_density(ratio, df, d0) + distance) / probability
    step = 1e-4 * d0
    by_d0 = (np.log(tail(ratio, df, d0 + step)) - np.log(tail(ratio, df, d0 - step))) / (2 * step)
    return float(np.log(probability).sum()), by_prior, float(by_d0.sum())
