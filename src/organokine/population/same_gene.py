"""Whether genes follow themselves from one organ to the other, and secreted genes more than the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.kernels.permutation_tail import permutation_p
from organokine.population.adjusted import Adjusted, without
from organokine.population.units import exact_rows, same_rows, unit_rows

Floats = NDArray[np.float64]

DRAWS = 2000
"""Permutations of the individuals. They resolve p to 0.0005, enough for one question about a pair, and put 0.05 within 0.005."""
UNCLEAR = ("ev_cargo", "unknown")
"""Routes whose genes are in neither mean. Catalogues of vesicles hold much of what any cell is made of, and of genes without an entry
nothing is known: among them are immunoglobulins, and proteins of the mouse that have no human ortholog. In liver and plasma of 36 mice
they are 107 of 193 genes."""


class SameGene(NamedTuple):
    """Genes measured in both organs.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows of table `population_same_gene`.
    summary : dict of str to float
        Columns `same_gene_*` of table `population_pairs`; NaN where there is no gene of a kind.
    """

    table: pd.DataFrame
    summary: dict[str, float]


NOTHING = dict.fromkeys(
    (
        "same_gene_secreted",
        "same_gene_secreted_p",
        "same_gene_other",
        "same_gene_other_p",
        "same_gene_difference_p",
    ),
    np.nan,
)
"""Summary of a pair without any gene in both organs."""


def same_genes(
    adjusted: Adjusted,
    routes: pd.DataFrame,
    n_draws: int,
    rng: np.random.Generator,
    unclear: Sequence[str] = UNCLEAR,
) -> SameGene:
    """Correlate every gene with itself in the other organ.

    Where secreted genes follow themselves and the others do not, a product is carried over: from the source, or to it, as with blood
    in a tissue that was not rinsed. What both do alike is tissue that was sampled with the other, a variant active in both organs, or
    what else the individuals differ in.

    Null hypothesis of the p of the table: the gene has nothing to do with itself in the other organ beyond the covariates. Of the p of
    the means, one-sided: given the covariates, which individual of the source belongs to which of the target does not matter, so that
    the mean is no larger than zero (no larger than that of the others). The individuals of the source are permuted for all genes
    together: genes that go together do so in every draw. See `_draws`.

    Parameters
    ----------
    adjusted : Adjusted
        The pair of organs.
    routes : pandas.DataFrame
        Index gene: `route`, `secreted`.
    n_draws : int
        Permutations.
    rng : numpy.random.Generator
        Their source.
    unclear : sequence of str
        Routes of genes that are in neither mean.

    Returns
    -------
    SameGene
        Genes with too few pairs stand in the table without r, and are not in the means.
    """
    data = adjusted.data
    genes = np.array(sorted(set(data.source_genes) & set(data.target_genes)), dtype=object)
    left = data.source_values[pd.Index(data.source_genes).get_indexer(pd.Index(genes))]
    place = pd.Index(data.target_genes).get_indexer(pd.Index(genes))
    right = data.target_values[place]
    source, target = unit_rows(left, adjusted.design, adjusted.statistic), adjusted.target.rows(place)
    r, n = same_rows(source, target)
    holed = np.flatnonzero(n < left.shape[1])
    r[holed], n[holed] = exact_rows(left[holed], right[holed], adjusted.design, adjusted.statistic)
    known = np.isfinite(r) & (n >= max(data.least_pairs, adjusted.n_adjusted + 3))
    r = np.where(known, r, np.nan)
    p = adjusted.p(r, n)
    told = routes.loc[list(genes)]
    secreted = told["secreted"].to_numpy(dtype=bool)
    frame = pd.DataFrame(
        {"gene": genes, "route": told["route"].to_numpy(), "secreted": secreted, "n": n, "r": r, "p": p}
    )
    frame = frame.assign(q=benjamini_hochberg(p), **adjusted.key)
    clear = known & ~told["route"].isin(list(unclear)).to_numpy()
    kinds = (clear & secreted, clear & ~secreted)
    means = [float(r[kind].mean()) if kind.any() else np.nan for kind in kinds]
    vectors = [tuple(without(each.vectors[kind], adjusted.design) for each in (source, target)) for kind in kinds]
    return SameGene(frame, _summary(means, vectors, adjusted.design.shape[1], n_draws, rng))


def _summary(
    means: list[float], kinds: list[tuple[Floats, ...]], n_columns: int, n_draws: int, rng: np.random.Generator
) -> dict[str, float]:
    order = _orders(kinds[0][0].shape[1], n_draws, rng)
    observed, draws = zip(*(_draws(source, target, order, n_columns) for source, target in kinds), strict=True)
    values = [
        means[0],
        _one_p(observed[0], draws[0]),
        means[1],
        _one_p(observed[1], draws[1]),
        _one_p(observed[0] - observed[1], draws[0] - draws[1]),
    ]
    return dict(zip(NOTHING, values, strict=True))


def _orders(n: int, n_draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """(n_draws, n) orders of the individuals."""
    return np.asarray(rng.permuted(np.tile(np.arange(n), (n_draws, 1)), axis=1))


def _draws(source: Floats, target: Floats, order: NDArray[np.int64], n_columns: int) -> tuple[float, Floats]:
    """Mean product of unit vectors of the same gene, as it is and with the individuals of the source in other orders.

    It is the mean r where nothing is missing; where a gene was not measured, zero stands in, in the data as in the draws. All that
    the sum over the genes needs is one table of individuals by individuals. A permuted vector regains a part along the covariates,
    which the product with a vector without them loses: on average (n - columns) / (n - 1) of its square is left. The draws are scaled
    up by that, so that they vary as the residuals do.
    """
    if len(source) == 0:
        return np.nan, np.full(len(order), np.nan)
    n = source.shape[1]
    table = source.T @ target / len(source)
    scale = np.sqrt((n - 1) / (n - n_columns))
    return float(np.trace(table)), scale * table[order, np.arange(n)].sum(axis=1)


def _one_p(observed: float, draws: Floats) -> float:
    """One-sided p; NaN without genes."""
    return np.nan if np.isnan(observed) else float(permutation_p(observed, draws))
