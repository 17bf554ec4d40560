"""What the leading components of an assay follow: a design column against each of them, and against the contrast."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

_SMALLEST_SHARE = 1e-9
"""Share of the variance below which a component, and of a column's square below which a direction, is rounding."""
_ROUNDING = 1e-12
"""Spread of a column beside its size below which it is constant."""


class Components(NamedTuple):
    """Leading components of what a design leaves of an assay.

    Attributes
    ----------
    scores : numpy.ndarray
        (n_samples, n_components) of unit length, without the design; NaN for components that do not exist.
    share : numpy.ndarray
        (n_components,) share of the variance that the design leaves, 0 to 1; NaN likewise.
    n_features : int
        Features measured in all samples, on which they rest.
    """

    scores: Floats
    share: Floats
    n_features: int


class Association(NamedTuple):
    """A column against components.

    Attributes
    ----------
    share : numpy.ndarray
        (n_components,) share of each component that the column explains beyond the design, 0 to 1 (partial R squared).
    p : numpy.ndarray
        (n_components,) p of the F-test; NaN without residual degrees of freedom.
    df : int
        Degrees of freedom of the column beyond the design; 0 if the design determines it, and all else is NaN.
    df_residual : int
        Samples less design and column.
    """

    share: Floats
    p: Floats
    df: int
    df_residual: int


def leading_components(values: Floats, given: Floats, n_components: int) -> Components:
    """Principal components of the samples over the features measured in all of them, after a design is taken out.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2; NaN is not measured.
    given : numpy.ndarray
        (n_samples, n_coefficients) design to take out of every feature, with intercept; of any rank.
    n_components : int
        How many.

    Returns
    -------
    Components
        From the samples' products, so that a cohort costs its number of samples squared and not its features.
    """
    complete = values[np.isfinite(values).all(axis=1)]
    n_samples = values.shape[1]
    scores = np.full((n_samples, n_components), np.nan)
    share = np.full(n_components, np.nan)
    if len(complete) == 0 or n_samples == 0:
        return Components(scores, share, len(complete))
    centred = complete - complete.mean(axis=1, keepdims=True)
    left = without(centred.T, given).T
    strength, vectors = np.linalg.eigh(left.T @ left)
    total = float(strength.clip(min=0).sum())
    # What a design explains to the last digit leaves rounding, which has components too.
    if total <= _SMALLEST_SHARE * float((centred**2).sum()):
        return Components(scores, share, len(complete))
    found = min(n_components, n_samples)
    order = np.arange(n_samples)[::-1][:found]
    exists = strength[order] > _SMALLEST_SHARE * total
    share[:found] = np.where(exists, strength[order] / total, np.nan)
    scores[:, :found] = np.where(exists, vectors[:, order], np.nan)
    return Components(scores, share, len(complete))


def explained_share(scores: Floats, column: Floats, given: Floats) -> Association:
    """Share of each component that a design column explains beyond what is given, with an F-test.

    For the indicators of a text column it is one-way analysis of variance, for a number a straight line.

    Null hypothesis: given the design, samples do not differ by the column: they are drawn alike and independently from a
    normal distribution, whatever the correlation of the features. The scores of a component are then a direction drawn at
    random in the space that the design leaves, so that the F-test is exact (a rotation test in closed form); with samples
    of heavier tails it is approximate.

    Parameters
    ----------
    scores : numpy.ndarray
        (n_samples, n_components) of `leading_components`, from which the same design was taken.
    column : numpy.ndarray
        (n_samples, n_columns) indicators of all levels, or the number.
    given : numpy.ndarray
        (n_samples, n_coefficients) the design, with intercept; of any rank.

    Returns
    -------
    Association
        Arrays over components.

    References
    ----------
    Langsrud 2005, doi:10.1007/s11222-005-4789-5.
    """
    n_components = scores.shape[1]
    basis, added = orthonormal(given), _beyond(column, given)
    df, df_residual = added.shape[1], len(scores) - basis.shape[1] - added.shape[1]
    if df == 0:
        return Association(np.full(n_components, np.nan), np.full(n_components, np.nan), 0, df_residual)
    left = without(scores, given)
    total = (left**2).sum(axis=0)
    explained = ((added.T @ left) ** 2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(explained / total, 0.0, 1.0)
        f = (share / df) / ((1.0 - share) / df_residual) if df_residual > 0 else np.full(n_components, np.nan)
    return Association(share, np.asarray(stats.f.sf(f, df, max(df_residual, 1))), df, df_residual)


def confounding(column: Floats, contrast: Floats, given: Floats) -> tuple[float, float]:
    """How much of a contrast goes with a design column, beyond what is given.

    One minus this share is what is left of the information about the contrast once the column is adjusted for. With two
    groups and a text column it is the square of Cramer's V.

    Parameters
    ----------
    column : numpy.ndarray
        (n_samples, n_columns) indicators of all levels, or the number.
    contrast : numpy.ndarray
        (n_samples,) the contrast as one column of a design, such as the indicator of the case group.
    given : numpy.ndarray
        (n_samples, n_coefficients) other columns of the design, with intercept; of any rank.

    Returns
    -------
    share : float
        R squared, 0 to 1; NaN if the design leaves nothing of the contrast.
    by_chance : float
        Its expectation if the contrast were a random direction: the degrees of freedom of the column among those that the
        design leaves.
    """
    basis = orthonormal(given)
    left = without(contrast[:, None], given)[:, 0]
    size = float(left @ left)
    free = len(contrast) - basis.shape[1]
    if free <= 0 or size <= _SMALLEST_SHARE * float(contrast @ contrast):
        return float("nan"), float("nan")
    added = _beyond(column, given)
    return min(float(((added.T @ left) ** 2).sum()) / size, 1.0), added.shape[1] / free


def without(values: Floats, given: Floats) -> Floats:
    """What a design leaves of columns over samples: residuals of least squares, (n_samples, n_columns)."""
    basis = orthonormal(given)
    return np.asarray(values - basis @ (basis.T @ values))


def orthonormal(columns: Floats) -> Floats:
    """Orthonormal basis (n_samples, rank) of columns of any rank and size."""
    return _basis(columns, np.linalg.norm(columns, axis=0))


def _beyond(column: Floats, given: Floats) -> Floats:
    """Orthonormal basis of what columns add to a design; what is rounding beside the column's own spread adds nothing."""
    centred = column - column.mean(axis=0)
    spread = np.linalg.norm(centred, axis=0)
    spread[spread <= _ROUNDING * np.linalg.norm(column, axis=0)] = 0.0
    return _basis(without(centred, given), spread)


def _basis(columns: Floats, size: Floats) -> Floats:
    scaled = np.where(size > 0, columns, 0.0) / np.where(size > 0, size, 1.0)
    left, singular, _ = np.linalg.svd(scaled, full_matrices=False)
    return np.asarray(left[:, singular > np.sqrt(_SMALLEST_SHARE)])
