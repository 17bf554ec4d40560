"""Prior of variances with unequal degrees of freedom, by maximum likelihood of the F distribution."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, polygamma

from organokine.kernels.f_distribution import lower_quantile, lower_tail, upper_quantile, upper_tail
from organokine.kernels.prior_moments import outlier_df

Floats = NDArray[np.float64]

# Between these the likelihood is searched; at the upper end the prior is as good as known exactly.
_LEAST_DF = 1e-2
_MOST_DF = 1e5
# How often the censoring bounds follow the fit; the third round moves the prior degrees of freedom by less than 1 %.
_CENSORING_ROUNDS = 3
# Of the search: a step that promises to raise the mean log likelihood by less is the last; the error it leaves is its square.
_SMALL_GAIN = 1e-10
_MOST_STEPS = 200
_LEAST_SHARE = 1e-8
# In log prior variance, and in 1 / (1 + d0): farther off the parabola tells nothing about the likelihood.
_LONGEST_STEP = 2.0
# With few features the likelihood may have a second, lower peak: of these prior df the best is where the search starts.
_STARTING_DF = (1.0, 4.0, 16.0, 64.0)


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


class _Terms(NamedTuple):
    """Log likelihood of each feature of a group, (n,), and its derivatives by log prior variance and prior df."""

    value: Floats
    by_prior: Floats
    by_df: Floats
    by_prior_twice: Floats
    by_both: Floats
    by_df_twice: Floats


class _Loss(NamedTuple):
    """Negative mean log likelihood, its slope and its curvature."""

    value: float
    slope: Floats
    curvature: Floats


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
    logs = np.log(variance)
    spline, df_prior = _start(logs, df, basis)
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


def _start(logs: Floats, df: Floats, basis: Floats) -> tuple[Floats, float]:
    """Least squares of the log variances less what their mean would be, at the likeliest of a few prior df."""
    centred = logs - digamma(df / 2) + np.log(df / 2)
    everything = [_group(logs, df, basis, np.zeros(len(logs)), 0)]
    starts = [(basis.T @ (centred + digamma(d0 / 2) - np.log(d0 / 2)) / len(logs), d0) for d0 in _STARTING_DF]
    return min(starts, key=lambda start: _loss(np.append(start[0], 1 / (1 + start[1])), everything).value)


def _maximise(
    logs: Floats, df: Floats, basis: Floats, spline: Floats, df_prior: float, side: Floats
) -> tuple[Floats, float]:
    """Maximum-likelihood spline coefficients of the log prior variance, and prior degrees of freedom (Newton)."""
    groups = [_group(logs, df, basis, side, sign) for sign in (0, 1, -1) if np.any(side == sign)]
    # 1 / (1 + d0), so that an infinite d0 is an ordinary end of the range.
    at = _within_range(np.append(spline, 1 / (1 + df_prior)))
    loss = _loss(at, groups)
    for _ in range(_MOST_STEPS):
        step = _newton_step(loss, at)
        if -loss.slope @ step < _SMALL_GAIN:
            at = _within_range(at + step)
            break
        before = loss.value
        at, loss = _downhill(at, loss, step, groups)
        if loss.value == before:
            break
    return at[:-1], float(1 / at[-1] - 1)


def _within_range(at: Floats) -> Floats:
    return np.append(at[:-1], np.clip(at[-1], 1 / (1 + _MOST_DF), 1 / (1 + _LEAST_DF)))


def _newton_step(loss: _Loss, at: Floats) -> Floats:
    """To the bottom of the parabola that touches the loss; an end of the range is not left outwards."""
    free = np.ones(len(at), dtype=bool)
    slightly = np.append(np.zeros(len(at) - 1), -1e-12 * np.sign(loss.slope[-1]))
    free[-1] = not np.array_equal(_within_range(at + slightly), at)
    values, vectors = np.linalg.eigh(loss.curvature[np.ix_(free, free)])
    # Where the loss bends down the parabola has no bottom: walk downhill all the same.
    bend = np.maximum(np.abs(values), 1e-8 * np.abs(values).max())
    step = np.zeros(len(at))
    step[free] = -vectors @ (vectors.T @ loss.slope[free] / bend)
    return step / max(1.0, float(np.abs(step).max()) / _LONGEST_STEP)


def _downhill(at: Floats, loss: _Loss, step: Floats, groups: list[_Group]) -> tuple[Floats, _Loss]:
    """The first of ever smaller shares of a step that lowers the loss; none: where it started."""
    share = 1.0
    while share > _LEAST_SHARE:
        tried = _within_range(at + share * step)
        # Far off the likelihood overflows, which is no gain.
        with np.errstate(all="ignore"):
            found = _loss(tried, groups)
        if found.value < loss.value:
            return tried, found
        share /= 2
    return at, loss


def _group(logs: Floats, df: Floats, basis: Floats, side: Floats, sign: int) -> _Group:
    rows = side == sign
    return _Group(sign, logs[rows], basis[rows], df[rows], *np.unique(df[rows], return_inverse=True))


def _loss(at: Floats, groups: list[_Group]) -> _Loss:
    d0 = 1 / at[-1] - 1
    by_position, by_position_twice = -((1 + d0) ** 2), 2 * (1 + d0) ** 3
    n, value = 0, 0.0
    slope, curvature = np.zeros(len(at)), np.zeros((len(at), len(at)))
    for group in groups:
        distance = group.logs - group.basis @ at[:-1]
        terms = _measured(distance, group, d0)
        if group.sign != 0:
            terms = _beyond(distance, group, d0, terms)
        n += len(distance)
        value += float(terms.value.sum())
        by_df = float(terms.by_df.sum())
        slope += np.append(group.basis.T @ terms.by_prior, by_position * by_df)
        curvature[:-1, :-1] += (group.basis.T * terms.by_prior_twice) @ group.basis
        curvature[-1, :-1] += by_position * (group.basis.T @ terms.by_both)
        curvature[-1, -1] += by_position**2 * float(terms.by_df_twice.sum()) + by_position_twice * by_df
    curvature[:-1, -1] = curvature[-1, :-1]
    return _Loss(-value / n, -slope / n, -curvature / n)


def _measured(distance: Floats, group: _Group, d0: float) -> _Terms:
    """Of measured log ratios `distance` of variance and prior variance: the log density of the logarithm of an F variable."""
    df, half = group.df, group.distinct_df / 2
    odds = df * np.exp(distance) / d0
    share = odds / (1 + odds)
    half_total = (df + d0) / 2
    pull, give = half_total * share, half_total * share * (1 - share)
    logs = np.log1p(odds)
    value = (half * np.log(2 * half / d0) - betaln(half, d0 / 2))[group.which] + df / 2 * distance - half_total * logs
    digammas = (digamma(half + d0 / 2) - digamma(d0 / 2))[group.which]
    trigammas = (polygamma(1, half + d0 / 2) - polygamma(1, d0 / 2))[group.which]
    by_df = (digammas - logs - df / d0) / 2 + pull / d0
    by_df_twice = trigammas / 4 + share / d0 + (df / 2 - pull - give) / d0**2
    return _Terms(value, pull - df / 2, by_df, -give, share / 2 - give / d0, by_df_twice)


def _beyond(distance: Floats, group: _Group, d0: float, density: _Terms) -> _Terms:
    """Of log ratios known only to lie above (sign 1) or below (-1) `distance`, from what holds for the density there."""
    tail = upper_tail if group.sign > 0 else lower_tail
    ratio, step = np.exp(distance), 1e-4 * d0
    less, value, more = (np.log(tail(ratio, group.df, d0 + change)) for change in (-step, 0.0, step))
    hazard = group.sign * np.exp(density.value - value)
    by_df = (more - less) / (2 * step)
    return _Terms(
        value,
        hazard,
        by_df,
        hazard * (density.by_prior - hazard),
        hazard * (density.by_df - by_df),
        (more - 2 * value + less) / step**2,
    )
