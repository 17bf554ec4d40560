"""Which gene sets of the target go with a leading candidate, beyond all other target genes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from organokine.population.adjusted import Adjusted, Candidate, without
from organokine.references.signatures import SignatureSet

Floats = NDArray[np.float64]

LISTED_P = 0.05
"""Sets with a p up to here are listed: all that anybody would look at."""
LISTED_ANYHOW = 20
"""Best sets listed of every candidate whatever their p, so that a candidate without a set shows what came nearest."""
_ROUNDING = 1e-9
"""Length of what is left of a set's course, beside that of the sums it is made of, below which it is rounding."""


class Collection(NamedTuple):
    """Gene sets over the target genes of a pair.

    Attributes
    ----------
    name : str
        Of the collection.
    sets : numpy.ndarray
        (n_sets,) names.
    place : numpy.ndarray
        (n_genes,) places of the genes that take part, among the target genes.
    weights : scipy.sparse.csc_array
        (n_genes, n_sets) 1 for the genes of a plain set; 0 outside.
    sums : numpy.ndarray
        (n_sets, n_individuals) weighted sums of the unit vectors of the genes.
    total : numpy.ndarray
        (n_individuals,) sum of the unit vectors of all genes that take part.
    """

    name: str
    sets: NDArray[np.object_]
    place: NDArray[np.int64]
    weights: sparse.csc_array
    sums: Floats
    total: Floats


def target_collections(adjusted: Adjusted, collections: Sequence[SignatureSet]) -> list[Collection]:
    """Lay gene sets over the usable target genes of a pair."""
    genes = adjusted.data.target_genes
    usable = np.flatnonzero(adjusted.usable)
    found = []
    for each in collections:
        weights = each.over(list(genes[usable]))
        place = pd.Index(genes).get_indexer(weights.index)
        table = sparse.csc_array(weights.to_numpy(dtype=float))
        vectors = adjusted.target.vectors[place].astype(float)
        names = weights.columns.to_numpy(dtype=object)
        found.append(Collection(each.name, names, place, table, np.asarray(table.T @ vectors), vectors.sum(axis=0)))
    return found


def pathway_rows(
    adjusted: Adjusted,
    candidate: Candidate,
    collections: Sequence[Collection],
    minimum_genes: int,
    maximum_genes: int,
) -> pd.DataFrame:
    """Test every set against a candidate.

    A set stands as the mean course of its genes over the individuals less the mean course of all others (with weights: the sum of
    courses, each times its weight less the mean weight), and is correlated with the candidate on the individuals that have the
    candidate. The genes of a set may go together as they like: they enter as one course, whose every correlation with a candidate
    that has nothing to do with the target is equally likely. The same gene in the target takes no part. Where a target gene was not
    measured, zero, the mean of its residuals, stands in.

    Null hypothesis: given the covariates, the candidate goes with the genes of the set no more than with the others. The p holds for a
    candidate that was not chosen for its correlations; see `Candidate.q_of`.

    Parameters
    ----------
    adjusted : Adjusted
        The pair of organs.
    candidate : Candidate
        A gene of the source.
    collections : sequence of Collection
        See `target_collections`.
    minimum_genes, maximum_genes : int
        Genes of a set measured in the target, outside of which it is not tested.

    Returns
    -------
    pandas.DataFrame
        Rows of table `population_pathways`, best first: all sets with p up to `LISTED_P`, and at least the best `LISTED_ANYHOW`; `q`
        and `n_tested` count all that were tested.
    """
    parts = [_of_collection(adjusted, candidate, each, minimum_genes, maximum_genes) for each in collections]
    if sum(len(part) for part in parts) == 0:
        return pd.DataFrame()
    rows = pd.concat([part for part in parts if len(part) > 0], ignore_index=True)
    rows = rows.assign(q=candidate.q_of(rows["p"]), n_tested=len(rows), **adjusted.key, gene=candidate.gene)
    rows = rows.sort_values(["p", "collection", "set"], kind="stable")
    return rows[(rows["p"] <= LISTED_P) | (np.arange(len(rows)) < LISTED_ANYHOW)]


def _of_collection(
    adjusted: Adjusted, candidate: Candidate, given: Collection, minimum_genes: int, maximum_genes: int
) -> pd.DataFrame:
    member = given.weights.copy()
    member.data = np.abs(member.data)
    sums, total, n_genes = given.sums, given.total, len(given.place)
    own = given.place == candidate.own
    weights = given.weights
    if own.any():
        vector = adjusted.target.vectors[candidate.own].astype(float)
        of_own = weights[np.flatnonzero(own)[0]].toarray().ravel()
        sums, total, n_genes = sums - np.outer(of_own, vector), total - vector, n_genes - 1
        kept = sparse.diags_array(np.where(own, 0.0, 1.0))
        weights, member = (kept @ weights).tocsc(), (kept @ member).tocsc()
        weights.eliminate_zeros()
        member.eliminate_zeros()
    n = np.diff(weights.indptr)
    course = sums - np.outer(np.asarray(weights.sum(axis=0)) / max(n_genes, 1), total)
    r = _correlation(adjusted, candidate, course, np.linalg.norm(sums, axis=1) + np.linalg.norm(total))
    mean, others = _mean_r(candidate.r[given.place], weights, member, own)
    n_pairs = int(np.isfinite(candidate.values).sum())
    frame = pd.DataFrame({"collection": given.name, "set": given.sets, "n_genes": n, "mean_r": mean})
    frame = frame.assign(other_mean_r=others, r=r, p=adjusted.p(r, n_pairs))
    return frame[(n >= minimum_genes) & (n <= maximum_genes) & np.isfinite(r)]


def _correlation(adjusted: Adjusted, candidate: Candidate, course: Floats, scale: Floats) -> Floats:
    """Correlation of the candidate with every course on its own individuals, in their residual space; NaN without variation."""
    measured = np.isfinite(candidate.values)
    design = adjusted.design[measured]
    x = without(candidate.unit.vectors[:, measured], design)[0]
    left = without(course[:, measured], design)
    length = np.linalg.norm(left, axis=1)
    varies = length > _ROUNDING * scale
    lengths = length * np.linalg.norm(x)
    r = np.divide(left @ x, lengths, out=np.full(len(left), np.nan), where=varies & (lengths > 0))
    return np.asarray(np.clip(r, -1.0, 1.0))


def _mean_r(
    r: Floats, weights: sparse.csc_array, member: sparse.csc_array, own: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Mean correlation of the genes of every set (with weights, weighted), and of the genes outside it."""
    known = np.isfinite(r) & ~own
    value, inside = np.where(known, r, 0.0), member.astype(bool).astype(float)
    size, n_inside = member.T @ known.astype(float), inside.T @ known.astype(float)
    n_outside = known.sum() - n_inside
    mean = np.divide(weights.T @ value, size, out=np.full(len(size), np.nan), where=size > 0)
    outside = value.sum() - inside.T @ value
    return mean, np.divide(outside, n_outside, out=np.full(len(size), np.nan), where=n_outside > 0)
