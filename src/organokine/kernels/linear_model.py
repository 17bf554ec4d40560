"""Linear models of many features at once, each on the samples where it was measured, and the moderated t test.

Features with the same measured samples share one decomposition, so a table with missing values costs little more than a
complete one, and the variance of a contrast is that of the samples really used (no approximation for missing values).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from organokine.kernels.variance_prior import squeeze_variance

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

# Numerical, not scientific: the design is made orthonormal first, so that a direction is lost only if its share of the
# measured samples is zero up to rounding.
_SMALLEST_EIGENVALUE = 1e-10
_LARGEST_UNSEEN_PART = 1e-6


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
        Moderated t and its two-sided p. Null hypothesis: the contrast is zero.
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


class _Fit(NamedTuple):
    """Least squares of centred features, in the coordinates of an orthonormal basis of the design.

    `inverse` and `range_projector` are (n_groups, rank, rank); `group` says which is each feature's. Unscaled variances
    of a feature are those of its inverse divided by `scale`.
    """

    coefficients: Floats
    inverse: Floats
    range_projector: Floats
    group: NDArray[np.intp]
    scale: Floats
    residuals: Floats
    rss: Floats
    df: Floats
    mean: Floats
    n: NDArray[np.int64]


class _Basis(NamedTuple):
    """An orthonormal basis of the columns of a design, and the way back to its coefficients."""

    columns: Floats
    from_coefficients: Floats
    to_coefficients: Floats
    holds_constant: bool
    constant: Floats


def moderated_test(
    values: ArrayLike,
    design: ArrayLike,
    contrast: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    trend: bool = True,
    robust: bool = True,
    covariate: ArrayLike | None = None,
    legacy: bool = False,
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
        (n_features, n_samples) precision weights (inverse variances up to a factor). A weight that is not a positive
        number marks a value as not measured.
    trend : bool
        Let the prior variance depend on `covariate`: low-abundance features are noisier (Sartor 2006).
    robust : bool
        Keep features of very large variance from inflating the prior of all others (Phipson 2016).
    covariate : array_like, optional
        (n_features,) covariate of the trend; by default the mean of the measured values.
    legacy : bool
        Use the moment estimator of the prior even where the residual degrees of freedom differ between features
        (see `squeeze_variance`).

    Returns
    -------
    ModeratedTest
        One row per feature, in order. A feature that cannot be tested has NaN and never stops the others.

    References
    ----------
    Smyth 2004, doi:10.2202/1544-6115.1027; Sartor 2006, doi:10.1186/1471-2105-7-538; Phipson 2016,
    doi:10.1214/16-AOAS920.
    """
    basis = _orthonormal_basis(np.asarray(design, dtype=np.float64))
    fit = _fit(
        np.asarray(values, dtype=np.float64), basis, None if weights is None else np.asarray(weights, dtype=float)
    )
    effect, unscaled_variance = _contrast(fit, basis, np.asarray(contrast, dtype=np.float64))
    variance = np.divide(fit.rss, fit.df, out=np.full(fit.df.shape, np.nan), where=fit.df > 0)
    trend_covariate = (fit.mean if covariate is None else np.asarray(covariate, dtype=float)) if trend else None
    prior = squeeze_variance(variance, fit.df, mean=trend_covariate, robust=robust, legacy=legacy)
    estimable = np.isfinite(unscaled_variance) & np.isfinite(prior.posterior)
    sd = np.where(estimable, np.sqrt(prior.posterior), np.nan)
    se = sd * np.sqrt(unscaled_variance)
    df_pooled = np.nansum(fit.df)
    df = np.where(estimable, np.minimum(fit.df + prior.df_prior, df_pooled), np.nan)
    t = np.divide(effect, se, out=np.full(effect.shape, np.nan), where=se > 0)
    p = 2.0 * stdtr(df, -np.abs(t))
    return ModeratedTest(
        effect, se, df, t, p, sd, fit.mean, fit.n, estimable, np.where(estimable, prior.df_prior, np.nan)
    )


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
    fit = _fit(np.asarray(values, dtype=np.float64), _orthonormal_basis(np.asarray(design, dtype=np.float64)), None)
    return Residuals(fit.residuals, fit.df)


def _orthonormal_basis(design: Floats) -> _Basis:
    size = np.abs(design).max(axis=0, initial=0.0)
    size[size == 0] = 1.0
    left, singular, right = np.linalg.svd(design / size, full_matrices=False)
    kept = singular > singular.max(initial=0.0) * np.sqrt(_SMALLEST_EIGENVALUE)
    columns = left[:, kept]
    to_coefficients = (right[kept] / singular[kept, None] / size).T
    ones = np.ones(len(design))
    constant = columns.T @ ones
    holds_constant = bool(np.allclose(columns @ constant, ones, rtol=0, atol=1e-10))
    return _Basis(columns, columns.T @ design, to_coefficients, holds_constant, constant)


def _fit(values: Floats, basis: _Basis, weights: Floats | None) -> _Fit:
    measured = np.isfinite(values)
    if weights is not None:
        measured &= np.isfinite(weights) & (weights > 0)
    n = measured.sum(axis=1)
    mean = np.divide(np.where(measured, values, 0.0).sum(axis=1), n, out=np.full(len(n), np.nan), where=n > 0)
    # Centred first: values of 1e8 with differences of 1 keep their differences.
    centred = np.where(measured, values - (mean[:, None] if basis.holds_constant else 0.0), 0.0)
    if weights is None:
        information, group = _patterns(measured)
        scale = np.ones(len(values))
        weighted = centred
    else:
        information, scale = _relative_weights(weights, measured)
        group = np.arange(len(values))
        weighted = centred * information
    inverse, range_projector, rank = _invert(information, basis.columns)
    coefficients = np.einsum("frs,fs->fr", inverse[group], weighted @ basis.columns)
    left = np.where(measured, centred - coefficients @ basis.columns.T, np.nan)
    rss = np.nansum(left**2 if weights is None else left**2 * information, axis=1) * scale
    largest = np.where(measured, np.abs(values), 0.0).max(axis=1, initial=0.0)
    rss[rss <= scale * n * (4 * np.finfo(float).eps * largest) ** 2] = 0.0
    df = (n - rank[group]).astype(np.float64)
    return _Fit(coefficients, inverse, range_projector, group, scale, left, rss, df, mean, n)


def _patterns(measured: Booleans) -> tuple[Floats, NDArray[np.intp]]:
    """Distinct rows of `measured` as 0 and 1, and which of them each row is."""
    packed = np.ascontiguousarray(np.packbits(measured, axis=1))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return measured[first].astype(np.float64), group


def _relative_weights(weights: Floats, measured: Booleans) -> tuple[Floats, Floats]:
    used = np.where(measured, weights, 0.0)
    largest = used.max(axis=1, initial=0.0)
    largest[largest == 0] = 1.0
    return used / largest[:, None], largest


def _invert(information: Floats, columns: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Pseudo-inverse of the information matrix of each weight row, the projector on its range, and its rank."""
    n_samples, size = columns.shape
    products = np.einsum("sa,sb->sab", columns, columns).reshape(n_samples, size * size)
    gram = (information @ products).reshape(-1, size, size)
    eigenvalues, vectors = np.linalg.eigh(gram)
    kept = eigenvalues > _SMALLEST_EIGENVALUE
    reciprocal = np.divide(1.0, eigenvalues, out=np.zeros_like(eigenvalues), where=kept)
    transposed = vectors.swapaxes(1, 2)
    return (vectors * reciprocal[:, None, :]) @ transposed, (vectors * kept[:, None, :]) @ transposed, kept.sum(axis=1)


def _contrast(fit: _Fit, basis: _Basis, contrast: Floats) -> tuple[Floats, Floats]:
    """Estimate and unscaled variance of a contrast; NaN where the measured samples do not determine it."""
    direction = basis.to_coefficients.T @ contrast
    unseen = np.linalg.norm(fit.range_projector @ direction - direction, axis=1)
    determined = unseen <= _LARGEST_UNSEEN_PART * np.linalg.norm(direction)
    if not _in_row_space(basis, direction, contrast):
        determined[:] = False
    unscaled = np.where(determined, np.einsum("r,urs,s->u", direction, fit.inverse, direction), np.nan)
    effect = fit.coefficients @ direction
    share = float(direction @ basis.constant) if basis.holds_constant else 0.0
    if abs(share) > 1e-10 * np.abs(contrast).sum():
        effect = effect + fit.mean * share
    return np.where(determined[fit.group], effect, np.nan), unscaled[fit.group] / fit.scale


def _in_row_space(basis: _Basis, direction: Floats, contrast: Floats) -> bool:
    size = np.abs(basis.from_coefficients).max(axis=0, initial=0.0)
    size[size == 0] = 1.0
    missed = (direction @ basis.from_coefficients - contrast) / size
    return bool(np.linalg.norm(missed) <= _LARGEST_UNSEEN_PART * np.linalg.norm(contrast / size))
