"""Generalised least squares of many features at once, each on the samples where it was measured.

Features with the same measured samples share one decomposition, so a table with missing values costs little more than a
complete one. Samples of one block may be correlated: the inverse of a compound-symmetric matrix is known in closed form
for any subset of the samples, so that blocks need no decomposition of their own. Rows are fitted in chunks, so that the
memory needed beside the values stays small.
"""

from __future__ import annotations

from math import isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

# Numerical, not scientific: the design is made orthonormal first, so that a direction is lost only if its share of the
# measured samples is zero up to rounding.
_SMALLEST_EIGENVALUE = 1e-10
_LARGEST_UNSEEN_PART = 1e-6
# Values fitted at once: few enough to stay in the cache of the processor.
_VALUES_PER_CHUNK = 2**17


class Basis(NamedTuple):
    """An orthonormal basis of the columns of a design, and the way back to its coefficients."""

    columns: Floats
    from_coefficients: Floats
    to_coefficients: Floats
    holds_constant: bool
    constant: Floats


class Blocks(NamedTuple):
    """Samples that belong together, as (n_samples, n_blocks) of 0 and 1.

    `correlation` is that of two samples of one block: (1,) for all features, or (n_features,).
    """

    membership: Floats
    correlation: Floats


class Fit(NamedTuple):
    """Least squares of centred features, in the coordinates of an orthonormal basis of the design.

    `inverse` and `range_projector` are (n_groups, rank, rank); `group` says which is each feature's. Unscaled variances
    of a feature are those of its inverse divided by `scale`. `residuals` (NaN where not measured) only if asked for.
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


class Combinations(NamedTuple):
    """Linear combinations of the coefficients of every feature.

    `estimates` are (n_features, k), their unscaled `covariance` (n_groups, k, k); `determined` (n_groups, k) says which of
    them the measured samples determine.
    """

    estimates: Floats
    covariance: Floats
    determined: Booleans


def orthonormal_basis(design: Floats) -> Basis:
    """Orthonormal basis of the columns of a design of any rank."""
    size = np.abs(design).max(axis=0, initial=0.0)
    size[size == 0] = 1.0
    left, singular, right = np.linalg.svd(design / size, full_matrices=False)
    kept = singular > singular.max(initial=0.0) * np.sqrt(_SMALLEST_EIGENVALUE)
    columns = left[:, kept]
    to_coefficients = (right[kept] / singular[kept, None] / size).T
    ones = np.ones(len(design))
    constant = columns.T @ ones
    holds_constant = bool(np.allclose(columns @ constant, ones, rtol=0, atol=1e-10))
    return Basis(columns, columns.T @ design, to_coefficients, holds_constant, constant)


def membership(labels: ArrayLike, n_samples: int) -> Floats:
    """Indicators (n_samples, n_blocks) of the block labels of the samples, in order of appearance.

    Raises
    ------
    ValueError
        If the number of labels is not that of the samples, or a label is missing (None or NaN).
    """
    listed = np.asarray(labels, dtype=object).tolist()
    if len(listed) != n_samples:
        message = f"There are {len(listed)} block labels for {n_samples} samples; every sample needs one."
        raise ValueError(message)
    missing = [
        position
        for position, label in enumerate(listed)
        if label is None or (isinstance(label, float) and isnan(label))
    ]
    if missing:
        message = f"{len(missing)} samples have no block label, first the one at position {missing[0]}."
        raise ValueError(message)
    number = {label: k for k, label in enumerate(dict.fromkeys(listed))}
    return np.eye(len(number))[[number[label] for label in listed]]


def correlated_blocks(labels: ArrayLike, correlation: ArrayLike, shape: tuple[int, int]) -> Blocks:
    """Blocks of samples with a checked correlation, for values of this shape.

    Raises
    ------
    ValueError
        If a correlation is NaN or outside (-1 / (largest block - 1), 1), where it is that of no random variables, or
        the number of correlations is neither one nor that of the features.
    """
    members = membership(labels, shape[1])
    given = np.atleast_1d(np.asarray(correlation, dtype=np.float64))
    if given.shape not in ((1,), (shape[0],)):
        message = f"correlation has shape {given.shape}; one number or one per feature ({shape[0]}) is needed."
        raise ValueError(message)
    largest = members.sum(axis=0).max(initial=1.0)
    lowest = -1.0 / max(largest - 1.0, 1.0)
    outside = ~((given > lowest) & (given < 1))
    if outside.any():
        message = (
            f"{outside.sum()} correlations are not between {lowest:.4g} and 1 (both excluded), first {given[outside][0]}:"
            f" with blocks of up to {largest:.0f} samples there is no other."
        )
        raise ValueError(message)
    return Blocks(members, given)


def fit_features(
    values: Floats,
    basis: Basis,
    weights: Floats | None = None,
    blocks: Blocks | None = None,
    *,
    keep_residuals: bool = False,
) -> Fit:
    """Fit every feature.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples). NaN (and infinite) is not measured.
    basis : Basis
        The design.
    weights : numpy.ndarray, optional
        (n_features, n_samples) inverse variances up to a factor; not a positive number: not measured.
    blocks : Blocks, optional
        Values times the root of their weight have this correlation within blocks; without, none.
    keep_residuals : bool
        Return the residuals in the shape of the values; otherwise (0, n_samples).

    Returns
    -------
    Fit
        One row per feature, in order.
    """
    parts = []
    n_groups = 0
    residuals = np.empty(values.shape if keep_residuals else (0, values.shape[1]))
    for rows in row_chunks(values):
        own = blocks
        if blocks is not None and len(blocks.correlation) > 1:
            own = Blocks(blocks.membership, blocks.correlation[rows])
        part = _fit_chunk(values[rows], basis, None if weights is None else weights[rows], own)
        if keep_residuals:
            residuals[rows] = part.residuals
        parts.append(part._replace(group=part.group + n_groups, residuals=residuals[:0]))
        n_groups += len(part.inverse)
    return Fit(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))._replace(residuals=residuals)


def row_chunks(values: Floats) -> list[slice]:
    """Slices of rows with few values each; at least one, even if there is no row."""
    step = max(1, _VALUES_PER_CHUNK // max(1, values.shape[1]))
    return [slice(start, start + step) for start in range(0, max(1, len(values)), step)]


def combine(fit: Fit, basis: Basis, directions: Floats) -> Combinations:
    """Linear combinations of the coefficients in the coordinates of the basis; `directions` is (rank, k)."""
    size = np.linalg.norm(directions, axis=0)
    unseen = np.linalg.norm(fit.range_projector @ directions - directions, axis=1)
    covariance = directions.T @ fit.inverse @ directions
    estimates = fit.coefficients @ directions
    if basis.holds_constant:
        share = basis.constant @ directions
        # The mean may be 1e8 times the effect: what is a share of it by rounding only is none.
        share[np.abs(share) <= 1e-10 * size * np.linalg.norm(basis.constant)] = 0.0
        if share.any():
            estimates += np.where(share != 0, fit.mean[:, None] * share, 0.0)
    return Combinations(estimates, covariance, unseen <= _LARGEST_UNSEEN_PART * size)


def directions_of(basis: Basis, contrasts: Floats) -> tuple[Floats, Booleans]:
    """Contrasts (n_coefficients, k) in the coordinates of the basis, and which of them the whole design determines."""
    directions = basis.to_coefficients.T @ contrasts
    size = np.abs(basis.from_coefficients).max(axis=0, initial=0.0)
    size[size == 0] = 1.0
    missed = (basis.from_coefficients.T @ directions - contrasts) / size[:, None]
    asked = np.linalg.norm(contrasts / size[:, None], axis=0)
    return directions, np.linalg.norm(missed, axis=0) <= _LARGEST_UNSEEN_PART * asked


def _fit_chunk(values: Floats, basis: Basis, weights: Floats | None, blocks: Blocks | None) -> Fit:
    measured = np.isfinite(values)
    if weights is not None:
        measured &= np.isfinite(weights) & (weights > 0)
    missing = None if measured.all() else ~measured
    n = measured.sum(axis=1)
    used = values if missing is None else np.where(measured, values, 0.0)
    mean = np.divide(used.sum(axis=1), n, out=np.full(len(n), np.nan), where=n > 0)
    # Centred first: values of 1e8 with differences of 1 keep their differences.
    left = used - (mean[:, None] if basis.holds_constant else 0.0)
    if missing is not None:
        left[missing] = 0.0
    equal = weights is None and blocks is None
    root, scale = (None, np.ones(len(values))) if equal else relative_roots(weights, measured)
    if root is None or (weights is None and blocks is not None and len(blocks.correlation) == 1):
        roots, group = _patterns(measured)
    else:
        roots, group = root, np.arange(len(values))
    shrinkage = None if blocks is None else _shrinkage(roots > 0, blocks)
    inverse, range_projector, rank = _invert(roots, basis.columns, blocks, shrinkage)
    own_shrinkage = None if shrinkage is None else shrinkage[group]
    coefficients = np.einsum("frs,fs->fr", inverse[group], _whitened(left, root, blocks, own_shrinkage) @ basis.columns)
    left -= coefficients @ basis.columns.T
    if missing is not None:
        left[missing] = 0.0
    rss = np.einsum("fs,fs->f", _whitened(left, root, blocks, own_shrinkage), left) * scale
    largest = np.maximum(used.max(axis=1, initial=0.0), -used.min(axis=1, initial=0.0))
    rss[rss <= scale * n * (4 * np.finfo(float).eps * largest) ** 2 * _amplification(blocks)] = 0.0
    if missing is not None:
        left[missing] = np.nan
    df = (n - rank[group]).astype(np.float64)
    return Fit(coefficients, inverse, range_projector, group, scale, left, rss, df, mean, n)


def _patterns(measured: Booleans) -> tuple[Floats, NDArray[np.intp]]:
    """Distinct rows of `measured` as 0 and 1, and which of them each row is."""
    if len(measured) > 0 and measured.all():
        return np.ones((1, measured.shape[1])), np.zeros(len(measured), dtype=np.intp)
    packed = np.ascontiguousarray(np.packbits(measured, axis=1))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return measured[first].astype(np.float64), group


def relative_roots(weights: Floats | None, measured: Booleans) -> tuple[Floats, Floats]:
    """Roots of the weights as shares of the largest of their row, 0 where not measured, and those largest weights."""
    if weights is None:
        return measured.astype(np.float64), np.ones(len(measured))
    used = np.where(measured, weights, 0.0)
    largest = used.max(axis=1, initial=0.0)
    largest[largest == 0] = 1.0
    return np.sqrt(used / largest[:, None]), largest


def _shrinkage(measured: Booleans, blocks: Blocks) -> Floats:
    """What the inverse of the correlation takes off a block's sum: r / (1 - r + r m) with m measured samples."""
    r = blocks.correlation[:, None]
    return np.asarray(r / (1.0 - r + r * (measured @ blocks.membership)))


def _whitened(values: Floats, root: Floats | None, blocks: Blocks | None, shrinkage: Floats | None) -> Floats:
    """Values times the inverse of their covariance matrix."""
    if root is None:
        return values
    if blocks is None or shrinkage is None:
        return values * root**2
    scaled = values * root
    scaled -= (shrinkage * (scaled @ blocks.membership)) @ blocks.membership.T
    scaled /= 1.0 - blocks.correlation[:, None]
    scaled *= root
    return scaled


def _amplification(blocks: Blocks | None) -> Floats:
    """Bound of the eigenvalues of the inverse of the correlation matrix of any subset of the samples."""
    if blocks is None:
        return np.ones(1)
    r = blocks.correlation
    largest = blocks.membership.sum(axis=0).max(initial=1.0)
    return np.asarray(np.maximum(1 / (1 - r), 1 / (1 - r + r * largest)))


def _invert(
    roots: Floats, columns: Floats, blocks: Blocks | None, shrinkage: Floats | None
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Pseudo-inverse of the information matrix of each row of roots of weights, the projector on its range, its rank."""
    n_samples, size = columns.shape
    products = np.einsum("sa,sb->sab", columns, columns).reshape(n_samples, size * size)
    gram = (roots**2 @ products).reshape(-1, size, size)
    if blocks is not None and shrinkage is not None:
        sums = block_sums(roots, columns, blocks.membership)
        gram -= (sums * shrinkage[:, :, None]).swapaxes(1, 2) @ sums
        gram /= 1.0 - blocks.correlation[:, None, None]
    eigenvalues, vectors = np.linalg.eigh(gram)
    kept = eigenvalues > _SMALLEST_EIGENVALUE * _amplification(blocks)[:, None]
    reciprocal = np.divide(1.0, eigenvalues, out=np.zeros_like(eigenvalues), where=kept)
    transposed = vectors.swapaxes(1, 2)
    return (vectors * reciprocal[:, None, :]) @ transposed, (vectors * kept[:, None, :]) @ transposed, kept.sum(axis=1)


def block_sums(roots: Floats, columns: Floats, members: Floats) -> Floats:
    """Sums over each block of the design times the root of the weights: (n_rows, n_blocks, rank)."""
    spread = members[:, :, None] * columns[:, None, :]
    return (roots @ spread.reshape(len(columns), -1)).reshape(len(roots), members.shape[1], columns.shape[1])
