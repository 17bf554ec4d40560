"""Moderated tests of linear models of many features at once, each on the samples where it was measured.

The variance of a contrast is that of the samples really used (no approximation for missing values), and the residual
variance is moderated over features.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, stdtr

from organokine.kernels.least_squares import (
    Basis,
    Fit,
    combine,
    correlated_blocks,
    directions_of,
    fit_features,
    orthonormal_basis,
)
from organokine.kernels.variance_prior import SqueezedVariance, squeeze_variance

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

# Numerical, not scientific: a combination of contrasts that is zero up to rounding asks nothing.
_SMALLEST_SINGULAR_VALUE = 1e-7


class ModeratedTest(NamedTuple):
    """One contrast of every feature. All arrays are (n_features,); NaN where `estimable` is False, if not said otherwise.

    Attributes
    ----------
    effect : numpy.ndarray
        Estimate of the contrast, in the unit of the values (log2 fold change for log2 values). Kept where the contrast
        can be estimated but no residual degree of freedom is left.
    se : numpy.ndarray
        Standard error of `effect` from the moderated variance.
    df : numpy.ndarray
        Degrees of freedom of `t`: residual plus prior, no more than all residual ones together.
    t, p : numpy.ndarray
        Moderated t and its two-sided p. Null hypothesis: the contrast is zero; with a minimum effect: its size is no
        more than that, and t is the distance from it in standard errors (0 within).
    sd : numpy.ndarray
        Moderated residual standard deviation.
    mean : numpy.ndarray
        Mean of the measured values, NaN if there are none.
    n : numpy.ndarray of int
        Number of measured samples.
    estimable : numpy.ndarray of bool
        Whether a test was possible: contrast estimable from the measured samples, and a residual degree of freedom.
    df_prior : numpy.ndarray
        Prior degrees of freedom (infinite if the variances are all alike).
    """

    effect: Floats
    se: Floats
    df: Floats
    t: Floats
    p: Floats
    sd: Floats
    mean: Floats
    n: NDArray[np.int64]
    estimable: Booleans
    df_prior: Floats


class JointTest(NamedTuple):
    """Several contrasts of every feature tested together; (n_features,) if not said otherwise.

    NaN where `estimable` is False. A feature of which the measured samples leave any of the contrasts undetermined is
    not tested on the others: that would be another question than the one asked of its neighbours.

    Attributes
    ----------
    effects : numpy.ndarray
        (n_features, n_contrasts) estimates in the unit of the values; each kept wherever it can be estimated.
    f : numpy.ndarray
        Moderated F. Null hypothesis: all contrasts are zero.
    df_numerator : numpy.ndarray
        Number of independent contrasts, the same for all tested features.
    df : numpy.ndarray
        Degrees of freedom of the denominator: residual plus prior, no more than all residual ones together.
    p : numpy.ndarray
        Upper tail of F.
    sd : numpy.ndarray
        Moderated residual standard deviation.
    mean : numpy.ndarray
        Mean of the measured values, NaN if there are none.
    n : numpy.ndarray of int
        Number of measured samples.
    estimable : numpy.ndarray of bool
        Whether a test was possible: all contrasts estimable from the measured samples, and a residual degree of freedom.
    df_prior : numpy.ndarray
        Prior degrees of freedom (infinite if the variances are all alike).
    """

    effects: Floats
    f: Floats
    df_numerator: Floats
    df: Floats
    p: Floats
    sd: Floats
    mean: Floats
    n: NDArray[np.int64]
    estimable: Booleans
    df_prior: Floats


class Residuals(NamedTuple):
    """What a design leaves.

    Attributes
    ----------
    values : numpy.ndarray
        (n_features, n_samples) residuals in the unit of the values; NaN where not measured.
    df : numpy.ndarray
        (n_features,) residual degrees of freedom: measured samples less the rank of the design on them.
    """

    values: Floats
    df: Floats


class _Model(NamedTuple):
    """A fit and its moderated variance; `df` are the degrees of freedom of a test."""

    fit: Fit
    basis: Basis
    prior: SqueezedVariance
    df: Floats


def moderated_test(  # noqa: PLR0913 - every option is named, and has a default
    values: ArrayLike,
    design: ArrayLike,
    contrast: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    trend: bool = True,
    robust: bool = True,
    covariate: ArrayLike | None = None,
    legacy: bool = False,
    minimum_effect: float = 0.0,
    blocks: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
) -> ModeratedTest:
    """Test one contrast of every feature by weighted least squares and a variance moderated over features.

    Parameters
    ----------
    values : array_like
        (n_features, n_samples), usually log2. NaN (and infinite) is not measured.
    design : array_like
        (n_samples, n_coefficients). Need not have full rank.
    contrast : array_like
        (n_coefficients,) weights of the coefficients.
    weights : array_like, optional
        (n_features, n_samples) or (n_samples,) precision weights (inverse variances up to a factor). A weight that is
        not a positive number marks a value as not measured.
    trend : bool
        Let the prior variance depend on `covariate`: low-abundance features are noisier (Sartor 2006).
    robust : bool
        Keep features of very large variance from inflating the prior of all others (Phipson 2016).
    covariate : array_like, optional
        (n_features,) or (n_features, k) covariates of the trend; by default the mean of the measured values.
    legacy : bool
        Use the moment estimator of the prior even where the residual degrees of freedom differ between features
        (see `squeeze_variance`).
    minimum_effect : float
        Effects of this size or smaller, in the unit of the values, are part of the null hypothesis (TREAT, McCarthy and
        Smyth 2009). A test against it is stricter than a test against zero followed by a cut at the same size.
    blocks : array_like, optional
        (n_samples,) labels: samples with the same label (repeated samples of one animal) are correlated.
    correlation : array_like, optional
        Correlation of two samples of one block, after the design and with the values times the root of their weight: one
        for all features (`block_correlation(...).consensus`) or (n_features,). Needed with `blocks`. It is taken as
        known; generalised least squares is then exact for every feature, missing values or not.

    Returns
    -------
    ModeratedTest
        One row per feature, in order. A feature that cannot be tested has NaN and never stops the others.

    Raises
    ------
    ValueError
        If `minimum_effect` is negative or no number, `blocks` come without `correlation` or the reverse, a sample has no
        block label, or a correlation is not between -1 / (samples of the largest block - 1) and 1.

    References
    ----------
    Smyth 2004, doi:10.2202/1544-6115.1027; Sartor 2006, doi:10.1186/1471-2105-7-538; Phipson 2016,
    doi:10.1214/16-AOAS920; McCarthy and Smyth 2009, doi:10.1093/bioinformatics/btp053; Smyth, Michaud and Scott 2005,
    doi:10.1093/bioinformatics/bti270.
    """
    if not minimum_effect >= 0 or np.isinf(minimum_effect):
        message = f"minimum_effect is {minimum_effect}; a size of effect, at least 0, is needed."
        raise ValueError(message)
    fit, basis = _fit(values, design, weights, blocks, correlation)
    model = _moderate(fit, basis, trend=trend, robust=robust, covariate=covariate, legacy=legacy)
    effects, covariance, determined = _contrasts(model, np.asarray(contrast, dtype=np.float64)[:, None])
    effect = effects[:, 0]
    estimable = determined[:, 0] & np.isfinite(model.prior.posterior)
    sd, df, df_prior = _where(estimable, np.sqrt(model.prior.posterior), model.df, model.prior.df_prior)
    se = sd * np.sqrt(covariance[fit.group, 0, 0] / fit.scale)
    t, p = _t_and_p(effect, se, df, minimum_effect)
    return ModeratedTest(effect, se, df, t, p, sd, fit.mean, fit.n, estimable, df_prior)


def joint_test(  # noqa: PLR0913 - every option is named, and has a default
    values: ArrayLike,
    design: ArrayLike,
    contrasts: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    trend: bool = True,
    robust: bool = True,
    covariate: ArrayLike | None = None,
    legacy: bool = False,
    blocks: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
) -> JointTest:
    """Test several contrasts of every feature together: moderated F, exact for the samples each was measured in.

    limma takes the correlation of the contrasts from the complete design; with missing values that is exact only where they
    are uncorrelated whatever is missing. There is no minimum effect here: it is a matter of one contrast.

    Parameters
    ----------
    values, design, weights, trend, robust, covariate, legacy, blocks, correlation
        As in `moderated_test`.
    contrasts : array_like
        (n_coefficients, n_contrasts), one contrast a column. A column that follows from the others changes nothing.

    Returns
    -------
    JointTest
        One row per feature, in order. A feature of which any contrast cannot be estimated has NaN.

    Raises
    ------
    ValueError
        If all contrasts are zero, and as `moderated_test`.

    References
    ----------
    Smyth 2004, doi:10.2202/1544-6115.1027.
    """
    asked = np.asarray(contrasts, dtype=np.float64)
    if not np.any(asked):
        message = "The contrasts are all zero; at least one that is not is needed."
        raise ValueError(message)
    fit, basis = _fit(values, design, weights, blocks, correlation)
    model = _moderate(fit, basis, trend=trend, robust=robust, covariate=covariate, legacy=legacy)
    effects, _, determined = _contrasts(model, asked)
    all_determined = np.all(determined, axis=1, keepdims=True)[:, 0]
    estimable = all_determined & np.isfinite(model.prior.posterior)
    squares, rank = _sum_of_squares(model, asked, all_determined)
    sd, df, df_prior, df_numerator = _where(
        estimable, np.sqrt(model.prior.posterior), model.df, model.prior.df_prior, np.full(len(effects), float(rank))
    )
    variance = rank * sd**2
    f = np.divide(squares, variance, out=np.full(len(effects), np.nan), where=variance > 0)
    p = np.asarray(fdtrc(df_numerator, df, f), dtype=np.float64)
    return JointTest(effects, f, df_numerator, df, p, sd, fit.mean, fit.n, estimable, df_prior)


def residuals(values: ArrayLike, design: ArrayLike) -> Residuals:
    """Residuals of every feature after least squares on the samples where it was measured.

    Parameters
    ----------
    values : array_like
        (n_features, n_samples). NaN (and infinite) is not measured.
    design : array_like
        (n_samples, n_coefficients). Need not have full rank.

    Returns
    -------
    Residuals
        In the shape of `values`, NaN where not measured.
    """
    basis = orthonormal_basis(np.asarray(design, dtype=np.float64))
    fit = fit_features(np.asarray(values, dtype=np.float64), basis, keep_residuals=True)
    return Residuals(fit.residuals, fit.df)


def _fit(
    values: ArrayLike,
    design: ArrayLike,
    weights: ArrayLike | None,
    blocks: ArrayLike | None,
    correlation: ArrayLike | None,
) -> tuple[Fit, Basis]:
    table = np.asarray(values, dtype=np.float64)
    if (blocks is None) != (correlation is None):
        message = "blocks need a correlation and a correlation needs blocks; see block_correlation."
        raise ValueError(message)
    correlated = None
    if blocks is not None and correlation is not None:
        correlated = correlated_blocks(blocks, correlation, (table.shape[0], table.shape[1]))
    basis = orthonormal_basis(np.asarray(design, dtype=np.float64))
    precision = None if weights is None else np.broadcast_to(np.asarray(weights, dtype=np.float64), table.shape)
    return fit_features(table, basis, precision, correlated), basis


def _moderate(
    fit: Fit, basis: Basis, *, trend: bool, robust: bool, covariate: ArrayLike | None, legacy: bool
) -> _Model:
    variance = np.divide(fit.rss, fit.df, out=np.full(fit.df.shape, np.nan), where=fit.df > 0)
    trend_covariate = (fit.mean if covariate is None else np.asarray(covariate, dtype=float)) if trend else None
    prior = squeeze_variance(variance, fit.df, mean=trend_covariate, robust=robust, legacy=legacy)
    return _Model(fit, basis, prior, np.minimum(fit.df + prior.df_prior, np.nansum(fit.df)))


def _contrasts(model: _Model, contrasts: Floats) -> tuple[Floats, Floats, Booleans]:
    """Estimates (n_features, k), NaN where not determined, unscaled covariance by group, and what is determined."""
    directions, in_design = directions_of(model.basis, contrasts)
    found = combine(model.fit, model.basis, directions)
    determined = (found.determined & in_design)[model.fit.group]
    return np.where(determined, found.estimates, np.nan), found.covariance, determined


def _sum_of_squares(model: _Model, contrasts: Floats, determined: Booleans) -> tuple[Floats, int]:
    """Sum of squares of the contrasts in units of the residual variance, and how many of them are independent."""
    directions, _ = directions_of(model.basis, contrasts)
    size = np.linalg.norm(directions, axis=0)
    left, singular, _ = np.linalg.svd(directions[:, size > 0] / size[size > 0], full_matrices=False)
    independent = left[:, singular > singular.max(initial=0.0) * _SMALLEST_SINGULAR_VALUE]
    found = combine(model.fit, model.basis, independent)
    rank = independent.shape[1]
    covariance = found.covariance
    # A matrix that no determined feature uses may be singular.
    covariance[~found.determined.all(axis=1)] = np.eye(rank)
    inverse = np.linalg.inv(covariance)[model.fit.group]
    squares = np.einsum("fa,fab,fb->f", found.estimates, inverse, found.estimates) * model.fit.scale
    return np.where(determined, squares, np.nan), rank


def _t_and_p(effect: Floats, se: Floats, df: Floats, minimum_effect: float) -> tuple[Floats, Floats]:
    blank = np.full(effect.shape, np.nan)
    if minimum_effect == 0:
        t = np.divide(effect, se, out=blank, where=se > 0)
        return t, 2.0 * stdtr(df, -np.abs(t))
    size = np.abs(effect)
    beyond = np.divide(size - minimum_effect, se, out=blank.copy(), where=se > 0)
    opposite = np.divide(size + minimum_effect, se, out=blank, where=se > 0)
    return np.sign(effect) * np.maximum(beyond, 0.0), stdtr(df, -beyond) + stdtr(df, -opposite)


def _where(condition: Booleans, *columns: Floats) -> tuple[Floats, ...]:
    return tuple(np.where(condition, column, np.nan) for column in columns)
