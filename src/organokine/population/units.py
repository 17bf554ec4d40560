"""Genes as unit vectors over the individuals, so that a correlation is a dot product."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from organokine.kernels.linear_model import residuals
from organokine.kernels.midcorrelation import STATISTICS, plain

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

_ROUNDING = 1e-10
"""Length of what is left of a gene, beside the length of its values, below which it is rounding: the gene does not vary."""


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
    measured: NDArray[np.bool_] | None
    varies: NDArray[np.bool_]
    fallback: NDArray[np.bool_]

    def rows(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Units:
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
    measured = np.isfinite(values)
    left = residuals(values, design).values
    size = np.linalg.norm(np.where(measured, values, 0.0), axis=1)
    varies = np.linalg.norm(np.nan_to_num(left), axis=1) > _ROUNDING * size
    weighed = STATISTICS[statistic](left)
    found = np.nan_to_num(_without(weighed.values, design[:, 1:]))
    length = np.linalg.norm(found, axis=1)
    varies &= length > _ROUNDING * np.linalg.norm(np.nan_to_num(weighed.values), axis=1)
    vectors = np.divide(found, length[:, None], out=np.zeros_like(found), where=varies[:, None])
    return Units(vectors.astype(np.float32), None if measured.all() else measured, varies, weighed.fallback)


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
