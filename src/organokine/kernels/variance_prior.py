"""Empirical Bayes for variances: what one feature's variance says is weighed against all the others'.

Model: a feature's residual variance `s2` on `d` degrees of freedom is scaled chi-squared around its true variance, and
the true variances scatter around a prior variance with the strength of `d0` degrees of freedom, so that
`s2 / prior ~ F(d, d0)`. The posterior variance is `(d0 * prior + d * s2) / (d0 + d)`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from organokine.kernels.prior_likelihood import likelihood_prior
from organokine.kernels.prior_moments import moment_prior, trend_basis, winsorised_prior

Floats = NDArray[np.float64]

# Below three variances their scatter says nothing: nothing is borrowed.
_FEWEST_VARIANCES = 3
# Smaller variances enter the fit of the prior as this share of the median variance, so that the logarithm of what is
# nearly rounding cannot decide the prior; where tails are winsorised it hardly matters.
_SMALLEST_SHARE = 1e-5
_SMALLEST_SHARE_WINSORISED = 1e-12


class SqueezedVariance(NamedTuple):
    """Moderated variances; all (n_features,).

    Attributes
    ----------
    posterior : numpy.ndarray
        Moderated variance; NaN where the feature had none of its own.
    prior : numpy.ndarray
        Prior variance: constant, or a smooth function of the covariate; NaN where nothing could be borrowed.
    df_prior : numpy.ndarray
        Prior degrees of freedom: constant, or (robust) smaller for features of outlying variance; infinite where the
        variances scatter no more than chance, 0 where nothing could be borrowed.
    """

    posterior: Floats
    prior: Floats
    df_prior: Floats


def squeeze_variance(
    variance: ArrayLike,
    df: ArrayLike,
    *,
    mean: ArrayLike | None = None,
    robust: bool = True,
    legacy: bool = False,
    winsorised_tails: tuple[float, float] = (0.05, 0.1),
) -> SqueezedVariance:
    """Moderate the residual variances of many features.

    With equal degrees of freedom the moments of the log variances are matched (Smyth 2004); with a covariate around a
    natural cubic spline of four degrees of freedom (Sartor 2006). With unequal ones (missing values) the moments weigh a
    feature with one degree of freedom like a feature with ten; the F likelihood, which weighs them by what they tell,
    is maximised instead. Robust: the tails are winsorised, in the likelihood censored, and features in the upper tail
    get a smaller `df_prior` of their own (Phipson 2016).

    Parameters
    ----------
    variance : array_like
        (n_features,) residual variances. NaN: none. Zero takes no part in the fit of the prior and is moderated by it.
    df : array_like
        (n_features,) residual degrees of freedom. Features with 0 are left out.
    mean : array_like, optional
        (n_features,) covariate of the prior variance, usually the mean log2 abundance, or (n_features, n_covariates) of
        several: the log prior variance is the sum of a spline of each. The second is usually log2 of the number of
        precursors or peptides that a protein rests on, which says how noisy its summary is (Zhu 2020). A constant
        covariate changes nothing. A feature that lacks any of them (NaN) takes the prior of the fit without covariates.
    robust : bool
        Protect the prior from features of outlying variance.
    legacy : bool
        Match moments even when the degrees of freedom differ, and let variances of zero take part in the fit (raised to
        a small share of the median), as limma before 3.61 does.
    winsorised_tails : tuple of float
        Lower and upper share of the variances that is winsorised (defaults of Phipson 2016).

    Returns
    -------
    SqueezedVariance
        One value per feature, in order.

    Raises
    ------
    ValueError
        The covariates are not those of as many features.

    References
    ----------
    Smyth 2004, doi:10.2202/1544-6115.1027; Sartor 2006, doi:10.1186/1471-2105-7-538; Phipson 2016,
    doi:10.1214/16-AOAS920; Zhu 2020, doi:10.1074/mcp.TIR119.001646.
    """
    own = np.asarray(variance, dtype=np.float64)
    own_df = np.broadcast_to(np.asarray(df, dtype=np.float64), own.shape)
    usable = np.isfinite(own) & (own >= 0) & (own_df > 0)
    prior = np.full(own.shape, np.nan)
    df_prior = np.full(own.shape, np.nan)
    tails = winsorised_tails if robust else None
    covariates = _covariates(mean, len(own))
    placed = usable & np.isfinite(covariates).all(axis=1)
    if not np.array_equal(placed, usable):
        prior[usable], df_prior[usable] = _fit_prior(own[usable], own_df[usable], None, tails, legacy=legacy)
    if placed.any():
        x = covariates[placed]
        prior[placed], df_prior[placed] = _fit_prior(own[placed], own_df[placed], x, tails, legacy=legacy)
    return SqueezedVariance(np.where(usable, _posterior(own, own_df, prior, df_prior), np.nan), prior, df_prior)


def _covariates(mean: ArrayLike | None, n_features: int) -> Floats:
    """(n_features, n_covariates); without any, one that nobody has."""
    if mean is None:
        return np.full((n_features, 1), np.nan)
    given = np.asarray(mean, dtype=np.float64)
    columns = given[:, None] if given.ndim == 1 else given
    if columns.ndim != 2 or len(columns) != n_features or columns.shape[1] == 0:
        message = f"The covariates of {n_features} variances have the shape {given.shape}; needed is one row for each."
        raise ValueError(message)
    return columns


def _fit_prior(
    variance: Floats, df: Floats, x: Floats | None, tails: tuple[float, float] | None, *, legacy: bool
) -> tuple[Floats, Floats]:
    positive = variance > 0
    if positive.sum() < _FEWEST_VARIANCES:
        return np.full(variance.shape, np.nan), np.zeros(variance.shape)
    if legacy or positive.all():
        return _fit_positive(variance, df, x, tails, legacy=legacy)
    # A variance of zero is a matter of rounding, not of noise: it takes the prior of the others at its covariate.
    x_fitted = None if x is None else x[positive]
    fitted, df_fitted = _fit_positive(variance[positive], df[positive], x_fitted, tails, legacy=False)
    prior, df_prior = np.full(variance.shape, fitted[0]), np.full(variance.shape, df_fitted.max())
    prior[positive], df_prior[positive] = fitted, df_fitted
    if x is not None and x_fitted is not None:
        prior[~positive] = _carried_over(x_fitted, fitted, x[~positive])
    return prior, df_prior


def _carried_over(x: Floats, prior: Floats, to: Floats) -> Floats:
    """The prior at other covariates: interpolated over one, of several that of the feature nearest in standard deviations."""
    if x.shape[1] == 1:
        order = np.argsort(x[:, 0])
        return np.interp(to[:, 0], x[order, 0], prior[order])
    size = x.std(axis=0)
    size[size == 0] = 1.0
    _, nearest = KDTree(x / size).query(to / size)
    return prior[nearest]


def _fit_positive(
    variance: Floats, df: Floats, x: Floats | None, tails: tuple[float, float] | None, *, legacy: bool
) -> tuple[Floats, Floats]:
    median = float(np.median(variance)) or float(np.median(variance[variance > 0]))
    raised = np.maximum(variance, _SMALLEST_SHARE * median)
    if x is not None:
        varies = np.ptp(x, axis=0) > 0
        x = x[:, varies] if varies.any() else x[:, :1]
    trend = None if x is None else trend_basis(x)
    if not legacy and df.max() - df.min() > 1e-9 * df.max():
        return likelihood_prior(raised, df, trend, tails)
    plain = moment_prior(raised, df, trend)
    if tails is None:
        return plain
    return winsorised_prior(np.maximum(variance, _SMALLEST_SHARE_WINSORISED * median), df, x, plain, tails)


def _posterior(variance: Floats, df: Floats, prior: Floats, df_prior: Floats) -> Floats:
    share = 1 / (1 + np.divide(df, df_prior, out=np.full(df.shape, np.inf), where=df_prior > 0))
    return np.where(share > 0, share * prior + (1 - share) * variance, variance)
