"""A pair of organs with its covariates taken out: what the leading candidates are looked at with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from organokine.kernels.least_squares import orthonormal_basis
from organokine.kernels.log_p import minus_log_p
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.population.cohort import Cohort, Pair
from organokine.population.pairing import PairData, rung_design
from organokine.population.units import Units, unit_rows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

COVARIATES_ALONE = "0"
"""Step of adjustment that everything is shown at: covariates taken out, and no hidden factor."""
SMALLEST_P = float(np.finfo(float).tiny)
"""A smaller p is written as this, 2e-308: it is never zero."""


class Adjusted(NamedTuple):
    """A pair of organs, all individuals, covariates taken out.

    Attributes
    ----------
    pair : Pair
        The two assays.
    data : PairData
        Values, genes and individuals.
    design : numpy.ndarray
        (n_individuals, n_columns) what is taken out, the intercept first.
    statistic : str
        `bicor`, `pearson` or `spearman`.
    target : Units
        Every target gene, in the order of `data.target_genes`.
    usable : numpy.ndarray
        (n_targets,) bool: varies, and has as many values as two genes need to be correlated.
    """

    pair: Pair
    data: PairData
    design: Floats
    statistic: str
    target: Units
    usable: Booleans

    @property
    def n_adjusted(self) -> int:
        """Columns taken out beside the intercept; each costs a degree of freedom."""
        return int(self.design.shape[1]) - 1

    @property
    def key(self) -> dict[str, str]:
        """First columns of every table."""
        return self.pair._asdict()

    def p(self, r: ArrayLike, n: ArrayLike) -> Floats:
        """Two-sided p of correlations of n individuals by Student's t; never zero."""
        df = np.asarray(n, dtype=float) - 2.0 - self.n_adjusted
        return np.maximum(np.exp(-minus_log_p(r, df)), SMALLEST_P)


class Candidate(NamedTuple):
    """One leading candidate.

    Attributes
    ----------
    gene : str
        Its symbol.
    p, q : float
        Its p and q in table `population`.
    values : numpy.ndarray
        (n_individuals,) log2; NaN is not measured.
    unit : Units
        The same as one unit vector.
    own : int
        Place of the same gene among the targets; -1 if it was not measured there.
    r : numpy.ndarray
        (n_targets,) correlation with every target, by the weights that each gene has over all its own individuals; NaN with too few
        pairs.
    n : numpy.ndarray
        (n_targets,) individuals with both.
    """

    gene: str
    p: float
    q: float
    values: Floats
    unit: Units
    own: int
    r: Floats
    n: Integers

    def q_of(self, p: ArrayLike) -> Floats:
        """False discovery rate of p of this candidate, no smaller than its own.

        Leading candidates were chosen for having many and strong correlations, so that their targets, sets and modules have small p
        far too often where there is nothing, though those of any one candidate do not. What is said of a candidate holds only if the
        candidate does, and that its own q says, which counts all candidates.
        """
        return np.maximum(benjamini_hochberg(p), self.q)


def adjust(cohort: Cohort, pair: Pair, data: PairData) -> Adjusted:
    """Take the covariates out of all target genes of a pair."""
    design = rung_design(data, COVARIATES_ALONE)
    target = unit_rows(data.target_values, design, cohort.options.statistic)
    usable = target.varies & (np.isfinite(data.target_values).sum(axis=1) >= data.least_pairs)
    return Adjusted(pair, data, design, cohort.options.statistic, target, usable)


def candidates_of(adjusted: Adjusted, rows: pd.DataFrame) -> list[Candidate]:
    """Hold genes of the source against all targets, all at once; `rows` are theirs in table `population`."""
    data = adjusted.data
    genes = pd.Index(rows["gene"])
    values = data.source_values[pd.Index(data.source_genes).get_indexer(genes)]
    units = unit_rows(values, adjusted.design, adjusted.statistic)
    r, n = _correlate(units, adjusted.target)
    r[n < max(data.least_pairs, adjusted.n_adjusted + 3)] = np.nan
    own = pd.Index(data.target_genes).get_indexer(genes)
    p, q = (rows[column].astype(float).tolist() for column in ("p", "q"))
    return [
        Candidate(str(gene), p[i], q[i], values[i], units.row(i), int(own[i]), r[i], n[i])
        for i, gene in enumerate(genes)
    ]


def _correlate(source: Units, target: Units) -> tuple[Floats, Integers]:
    """Correlations (n_sources, n_targets) by the weights that each gene has over its own individuals, and their pairs."""
    left, right = source.vectors, target.vectors
    left_mask, right_mask = source.mask(), target.mask()
    n = np.rint(left_mask @ right_mask.T).astype(np.int64)
    spread = ((left * left) @ right_mask.T).astype(np.float64) * (left_mask @ (right * right).T)
    r = np.divide(left @ right.T, np.sqrt(spread), out=np.full(n.shape, np.nan), where=spread > 0)
    return np.clip(r, -1.0, 1.0), n


def without(vectors: ArrayLike, design: Floats) -> Floats:
    """Rows (n_rows, n_individuals) in the residual space of a design of any rank: nothing of its columns is left."""
    rows = np.asarray(vectors, dtype=np.float64)
    basis = orthonormal_basis(design).columns
    return rows - (rows @ basis) @ basis.T
