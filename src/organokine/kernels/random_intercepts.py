"""Linear mixed model with a random intercept per animal, and per cage, fitted by restricted maximum likelihood (REML).

Values of one animal share its intercept and animals of one cage share that of the cage, so that the inverse of the
covariance of the values is known in closed form, balanced or not, and the likelihood is a function of two ratios of
variances only. The information on the coefficients falls apart into that between cages, between animals of one cage, and
between values of one animal: these strata carry the small-sample degrees of freedom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

# Numerical: where the search starts, where it ends, and the steps of the second differences (truncation and rounding
# both below 1e-5 of the degrees of freedom).
_STARTS = (0.0, 0.03, 0.3, 3.0, 30.0, 1e3)
_N_SEARCHES = 2
_LARGEST_RATIO = 1e8
_STEP = 2e-3


class Nest(NamedTuple):
    """Columns summed by animal: all that the likelihood needs of the values.

    `within` (k, k) is the cross-product of the deviations from the animals' means, `means` (n_subjects, k) are these
    means, `sizes` the values behind each, `cages` the cage of each animal. Without cages every animal has its own.
    """

    within: Floats
    means: Floats
    sizes: Floats
    cages: Codes


class Strata(NamedTuple):
    """What the coefficients owe to each stratum: between cages, between animals of a cage, within animals.

    `covariance` (3, p, p) adds up to that of the coefficients; `df` (3,) are the degrees of freedom left in each, and
    `dispersion` (3,) the weighted mean square of its residuals over the one that the variances expect: 1 in balanced data
    unless a variance is held at zero, NaN where no degree of freedom is left.
    """

    covariance: Floats
    df: Floats
    dispersion: Floats


class RestrictedFit(NamedTuple):
    """A random-intercept model at its highest restricted likelihood.

    `variances` are those of cage, subject and residual, NaN where the layout cannot tell one from the next smaller one
    (every cage with one animal, every animal with one value). `at_boundary` (3,) says which are estimated as zero.
    `variance_covariance` is that of the logarithms of the variances that are neither, `covariance_slope` the derivative
    of the coefficients' covariance by them.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    variances: Floats
    at_boundary: NDArray[np.bool_]
    strata: Strata
    variance_covariance: Floats
    covariance_slope: Floats
    converged: bool


def nest(columns: Floats, subject: Codes, cage: Codes | None = None) -> Nest:
    """Sum columns (n_values, k) by animal; `subject` and `cage` are numbers from 0 for every value."""
    sizes = np.bincount(subject).astype(np.float64)
    means = np.zeros((len(sizes), columns.shape[1]))
    np.add.at(means, subject, columns)
    means /= sizes[:, None]
    deviations = columns - means[subject]
    cages = np.arange(len(sizes))
    if cage is not None:
        cages[subject] = cage
    return Nest(deviations.T @ deviations, means, sizes, cages)


def information(nested: Nest, ratios: Floats) -> Floats:
    """Cross-product with the inverse covariance, (3, k, k) by stratum, in units of the residual variance.

    `ratios` are the variances of cage and subject over that of the residual.
    """
    weight, cage_weight, cage_mean = _weighted(nested, ratios[1])
    deviations = nested.means - cage_mean[nested.cages]
    cage_share = cage_weight / (1 + ratios[0] * cage_weight)
    between = (cage_mean * cage_share[:, None]).T @ cage_mean
    return np.stack([between, (deviations * weight[:, None]).T @ deviations, nested.within])


def strata(nested: Nest, ratios: Floats, residual_variance: float, residual: Floats | None = None) -> Strata:
    """Covariance of the coefficients and degrees of freedom by stratum, for a nest of the design's columns.

    `residual` (k,) makes the residuals out of the columns, where the nest has the values as its last one.

    A stratum with n independent values of which the coefficients use up the trace of (share of the covariance times
    whole information) has the rest as degrees of freedom. They are whole numbers in balanced data, where a coefficient
    is estimated in one stratum only, and add up to values minus coefficients always.
    """
    parts = information(nested, ratios)
    dispersion = np.full(3, np.nan)
    if residual is not None:
        dispersion = np.einsum("i,kij,j->k", residual, parts, residual) / residual_variance
        parts = parts[:, :-1, :-1]
    inverse = np.linalg.inv(parts.sum(axis=0))
    n_subjects, n_cages = len(nested.sizes), int(nested.cages.max()) + 1
    size = np.array([n_cages, n_subjects - n_cages, nested.sizes.sum() - n_subjects])
    used = np.einsum("kij,ji->k", parts, inverse)
    left = size - used
    left[np.abs(left) < 1e-8 * (1 + size)] = 0.0
    dispersion = np.divide(dispersion, left, out=np.full(3, np.nan), where=left > 0)
    return Strata(residual_variance * inverse @ parts @ inverse, left, dispersion)


def restricted_fit(value: Floats, design: Floats, subject: Codes, cage: Codes | None = None) -> RestrictedFit:
    """Fit by REML; the search starts from several ratios of variances and keeps the highest likelihood.

    Parameters
    ----------
    value : (n_values,) array
        Finite.
    design : (n_values, p) array
        Of full column rank, with fewer columns than values.
    subject : (n_values,) array of int
        Number of the animal, from 0 without gaps.
    cage : (n_values,) array of int, optional
        Number of the cage, from 0 without gaps; constant within animals.

    Returns
    -------
    RestrictedFit
        `converged` is False where the likelihood has no maximum: the residual variance goes to zero.

    References
    ----------
    Patterson and Thompson 1971, Biometrika 58, 545, doi:10.1093/biomet/58.3.545.
    """
    basis, triangle = np.linalg.qr(design)
    start = basis.T @ value
    residual = value - basis @ start
    scale = float(np.sqrt(residual @ residual / (len(value) - design.shape[1])))
    nested = nest(np.column_stack([basis, residual / scale]), subject, cage)
    separable = np.array([len(nested.sizes) > nested.cages.max() + 1, bool((nested.sizes > 1).any())])
    ratios, converged = _highest(nested, len(value), separable)
    whole = information(nested, ratios).sum(axis=0)
    offset = np.linalg.solve(whole[:-1, :-1], whole[:-1, -1])
    residual_variance = float((whole[-1, -1] - whole[-1, :-1] @ offset) / (len(value) - design.shape[1]))
    logs = np.log(np.array([*(ratios * residual_variance)[ratios > 0], residual_variance]))
    back = np.linalg.inv(triangle)
    spread, slope = _sensitivity(nested, len(value), logs, ratios > 0)
    layers = strata(nested, ratios, residual_variance, np.append(-offset, 1.0))
    layers = layers._replace(covariance=scale**2 * back @ layers.covariance @ back.T)
    variances = np.array([*np.where(separable, ratios * residual_variance, np.nan), residual_variance]) * scale**2
    return RestrictedFit(
        back @ (start + scale * offset),
        layers.covariance.sum(axis=0),
        _log_likelihood(nested, len(value), ratios, residual_variance)
        - (len(value) - len(back)) * np.log(scale)
        # The basis is orthonormal; the likelihood of the design itself is meant.
        - np.log(np.abs(np.diag(triangle))).sum(),
        variances,
        np.array([*(separable & (ratios == 0)), False]),
        layers,
        spread,
        back @ (slope * scale**2) @ back.T,
        converged,
    )


def _weighted(nested: Nest, subject_ratio: float) -> tuple[Floats, Floats, Floats]:
    """Weights of the animals' means, of the cages' means, and these means."""
    weight = nested.sizes / (1 + subject_ratio * nested.sizes)
    cage_weight = np.bincount(nested.cages, weight).astype(np.float64)
    cage_mean = np.zeros((len(cage_weight), nested.means.shape[1]))
    np.add.at(cage_mean, nested.cages, nested.means * weight[:, None])
    return weight, cage_weight, cage_mean / cage_weight[:, None]


def _log_determinant(nested: Nest, ratios: Floats) -> float:
    """That of the covariance of the values over the residual variance."""
    _, cage_weight, _ = _weighted(nested, ratios[1])
    return float(np.log1p(ratios[1] * nested.sizes).sum() + np.log1p(ratios[0] * cage_weight).sum())


def _log_likelihood(nested: Nest, n_values: int, ratios: Floats, residual_variance: float) -> float:
    whole = information(nested, ratios).sum(axis=0)
    lower = np.linalg.cholesky(whole)
    n_left = n_values - len(lower) + 1
    rss = lower[-1, -1] ** 2
    determinants = _log_determinant(nested, ratios) + 2 * np.log(np.diag(lower)[:-1]).sum()
    return float(-0.5 * (n_left * np.log(2 * np.pi * residual_variance) + determinants + rss / residual_variance))


def _criterion(ratios: Floats, nested: Nest, n_values: int) -> tuple[float, Floats]:
    """Minus the restricted log-likelihood, profiled over the residual variance, up to a constant; and its gradient."""
    weight, cage_weight, cage_mean = _weighted(nested, ratios[1])
    whole = information(nested, ratios).sum(axis=0)
    lower = np.linalg.cholesky(whole)
    n_left = n_values - len(lower) + 1
    log_rss = 2 * np.log(lower[-1, -1])
    value = _log_determinant(nested, ratios) + 2 * np.log(np.diag(lower)[:-1]).sum() + n_left * log_rss
    shrink = ratios[0] * cage_weight / (1 + ratios[0] * cage_weight)
    # Sums over each animal, and each cage, of the columns times the inverse covariance.
    by_subject = weight[:, None] * (nested.means - (shrink[:, None] * cage_mean)[nested.cages])
    by_cage = (cage_weight * (1 - shrink))[:, None] * cage_mean
    inverse = np.linalg.inv(whole)
    inverse_design = np.linalg.inv(whole[:-1, :-1])

    def slope(sums: Floats, log_determinant: float) -> float:
        all_columns = -float(np.sum(sums @ inverse * sums))
        design = -float(np.sum(sums[:, :-1] @ inverse_design * sums[:, :-1]))
        return log_determinant + design + n_left * (all_columns - design)

    of_subject = float(np.sum(weight - (shrink / cage_weight)[nested.cages] * weight**2))
    of_cage = float(np.sum(cage_weight * (1 - shrink)))
    return value / 2, np.array([slope(by_cage, of_cage), slope(by_subject, of_subject)]) / 2


def _highest(nested: Nest, n_values: int, separable: NDArray[np.bool_]) -> tuple[Floats, bool]:
    """The ratios of variances with the highest restricted likelihood, zero where a variance is not separable."""
    free = np.flatnonzero(separable)
    if len(free) == 0:
        return np.zeros(2), True

    def target(logs: Floats) -> tuple[float, Floats]:
        ratios = np.zeros(2)
        ratios[free] = np.expm1(logs)
        value, gradient = _criterion(ratios, nested, n_values)
        return value, gradient[free] * np.exp(logs)

    steps = np.log1p(np.array(_STARTS))
    starts = np.stack(np.meshgrid(*[steps] * len(free)), axis=-1).reshape(-1, len(free))
    order = np.argsort([target(start)[0] for start in starts], kind="stable")
    bounds = [(0.0, np.log1p(_LARGEST_RATIO))] * len(free)
    chosen = starts[order[: _N_SEARCHES * len(free)]]
    found = [
        minimize(target, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10})
        for start in chosen
    ]
    best = min(found, key=lambda each: each.fun)
    _, gradient = target(best.x)
    inner = np.where(best.x > 0, gradient, np.minimum(gradient, 0.0))
    ratios = np.zeros(2)
    ratios[free] = np.expm1(best.x)
    # Numerical: a ratio that moves no value's covariance by more than rounding is zero.
    ratios[ratios < 1e-9] = 0.0
    return ratios, bool(np.abs(inner).max() < 1e-4 and ratios.max() < _LARGEST_RATIO / 10)


def _sensitivity(nested: Nest, n_values: int, logs: Floats, kept: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Covariance of the logarithms of the variances, and the derivatives of the coefficients' covariance by them."""

    def at(point: Floats) -> tuple[float, Floats]:
        variances = np.exp(point)
        ratios = np.zeros(2)
        ratios[kept] = variances[:-1] / variances[-1]
        covariance = variances[-1] * np.linalg.inv(information(nested, ratios).sum(axis=0)[:-1, :-1])
        return _log_likelihood(nested, n_values, ratios, variances[-1]), covariance

    n = len(logs)
    step = _STEP * np.eye(n)
    curvature = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            signs = [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
            difference = sum(sign * at(logs + a * step[i] + b * step[j])[0] for a, b, sign in signs)
            curvature[i, j] = -difference / (4 * _STEP**2)
    slope = np.stack([(at(logs + each)[1] - at(logs - each)[1]) / (2 * _STEP) for each in step])
    return np.asarray(np.linalg.pinv(curvature, hermitian=True), dtype=np.float64), slope
