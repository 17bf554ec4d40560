"""Genes as unit vectors over the individuals, so that a correlation is a dot product."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from organokine.kernels.linear_model import residuals
from organokine.kernels.midcorrelation import STATISTICS, plain

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Booleans = NDArray[np.bool_]

_ROUNDING = 1e-10
"""Length of what is left of a gene, beside the length of its values, below which it is rounding: the gene does not vary."""

_ROWS_AT_ONCE = 512
"""Genes that are turned at once: few enough for the cache, and so that double precision is never needed for all."""


class Units(NamedTuple):
    """Genes in rows.

    Attributes
    ----------
    vectors : numpy.ndarray
        (n_genes, n_individuals) float32 of unit length, without the design; zero where not measured, and for a gene that
        does not vary.
    measured : numpy.ndarray or None
        (n_genes, n_individuals) bool; None if all are.
    varies : numpy.ndarray
        (n_genes,) bool: the gene has a correlation with anything.
    fallback : numpy.ndarray
        (n_genes,) bool: its median absolute deviation is zero, so that Pearson's correlation stands in for bicor.
    """

    vectors: Singles
    measured: Booleans | None
    varies: Booleans
    fallback: Booleans

    def rows(self, rows: slice | NDArray[np.intp] | Booleans) -> Units:
        """Some of the genes."""
        measured = None if self.measured is None else self.measured[rows]
        return Units(self.vectors[rows], measured, self.varies[rows], self.fallback[rows])

    def row(self, i: int) -> Units:
        """One gene, as a table of one row."""
        return self.rows(slice(i, i + 1))

    def mask(self) -> Singles:
        """(n_genes, n_individuals) 1 where measured and varying, else 0."""
        if self.measured is None:
            return np.repeat(self.varies[:, None], self.vectors.shape[1], axis=1).astype(np.float32)
        return (self.measured & self.varies[:, None]).astype(np.float32)


def unit_rows(values: Floats, design: Floats, statistic: str) -> Units:
    """Turn genes into unit vectors.

    What the design explains is taken out first; the residuals are weighed by the statistic (nothing for Pearson, ranks for
    Spearman, the biweight for bicor), and the covariates are taken out once more, since weights and ranks bring some of them
    back. Without covariates the dot product is the ordinary statistic.

    Parameters
    ----------
    values : numpy.ndarray
        (n_genes, n_individuals) usually log2; NaN is not measured.
    design : numpy.ndarray
        (n_individuals, n_columns): the intercept, then what is adjusted for.
    statistic : str
        `bicor`, `pearson` or `spearman`.

    Returns
    -------
    Units
        In the order of the genes.
    """
    vectors = np.empty(values.shape, dtype=np.float32)
    varies, fallback = np.empty(len(values), dtype=bool), np.empty(len(values), dtype=bool)
    for start in range(0, len(values), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        vectors[rows], varies[rows], fallback[rows] = _unit_vectors(values[rows], design, statistic)
    measured = np.isfinite(values)
    return Units(vectors, None if measured.all() else measured, varies, fallback)


def exact_rows(left: Floats, right: Floats, design: Floats, statistic: str) -> tuple[Floats, NDArray[np.int64]]:
    """Correlation of every row with the same row of another table on the individuals that have both, in double precision.

    Everything is done again on those individuals: adjustment, medians, weights, ranks. That is what the bicor of WGCNA does
    with missing values (`use = "pairwise.complete.obs"`, `quick = 0`), and what `unit_rows` with a sum over the common
    individuals comes near to.

    Parameters
    ----------
    left, right : numpy.ndarray
        (n_rows, n_individuals) usually log2; NaN is not measured.
    design, statistic
        As for `unit_rows`.

    Returns
    -------
    r : numpy.ndarray
        (n_rows,); NaN where one of them does not vary beyond the design, or fewer than three individuals have both.
    n : numpy.ndarray
        (n_rows,) individuals with both.
    """
    both = np.isfinite(left) & np.isfinite(right)
    n = both.sum(axis=1)
    one, varies, _ = _unit_vectors(np.where(both, left, np.nan), design, statistic)
    other, other_varies, _ = _unit_vectors(np.where(both, right, np.nan), design, statistic)
    r = np.clip(np.einsum("ij,ij->i", one, other), -1.0, 1.0)
    return np.where(varies & other_varies & (n >= 3), r, np.nan), n


def exact_pair(source_row: Floats, target_row: Floats, design: Floats, statistic: str) -> tuple[float, int]:
    """`exact_rows` of two genes, each (n_individuals,)."""
    r, n = exact_rows(source_row[None, :], target_row[None, :], design, statistic)
    return float(r[0]), int(n[0])


def _unit_vectors(values: Floats, design: Floats, statistic: str) -> tuple[Floats, Booleans, Booleans]:
    """Vectors of unit length in double precision, which genes vary, and for which of them Pearson's stands in."""
    measured = np.isfinite(values)
    missing = None if measured.all() else ~measured
    # Without covariates least squares would only take out the mean.
    left = plain(values).values if design.shape[1] == 1 else residuals(values, design).values
    weighed = STATISTICS[statistic](left)
    found = _without(weighed.values, design[:, 1:])
    length = _lengths(found, missing)
    varies = _lengths(left, missing) > _ROUNDING * _lengths(values, missing)
    if found is not weighed.values:
        varies &= length > _ROUNDING * _lengths(weighed.values, missing)
    varies &= length > 0
    found = found * np.divide(1.0, length, out=np.zeros_like(length), where=varies)[:, None]
    if missing is not None:
        found[missing] = 0.0
    return found, varies, weighed.fallback


def _lengths(values: Floats, missing: Booleans | None) -> Floats:
    """Euclidean length of each row over what is measured."""
    known = values if missing is None else np.where(missing, 0.0, values)
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", known, known)))


def _without(values: Floats, columns: Floats) -> Floats:
    """Values without what the covariates explain; their own centre stays, since bicor's is the median."""
    if columns.shape[1] == 0:
        return values
    centre = values - plain(values).values
    return residuals(values, np.column_stack([np.ones(len(columns)), columns])).values + centre


def same_rows(left: Units, right: Units) -> tuple[Floats, NDArray[np.int64]]:
    """Correlation of every row with the same row of another table, and its pairs.

    Returns
    -------
    r : numpy.ndarray
        (n_genes,); NaN where one side does not vary over the common individuals.
    n : numpy.ndarray
        (n_genes,) individuals with both.
    """
    one, other = left.vectors.astype(np.float64), right.vectors.astype(np.float64)
    both = (left.mask() * right.mask()).astype(np.float64)
    spread = (one**2 * both).sum(axis=1) * (other**2 * both).sum(axis=1)
    r = np.divide((one * other).sum(axis=1), np.sqrt(spread), out=np.full(len(one), np.nan), where=spread > 0)
    return np.clip(r, -1.0, 1.0), np.rint(both.sum(axis=1)).astype(np.int64)
