"""How far two signatures agree: rank correlation, quadrants, and a map of overlaps to look at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom, rankdata

Floats = NDArray[np.float64]


class Quadrants(NamedTuple):
    """Genes by the sign of both effects; `up_down` is up in the first and down in the second."""

    up_up: int
    down_down: int
    up_down: int
    down_up: int


class OverlapMap(NamedTuple):
    """Overlaps of the tops of two rankings, a picture only.

    Attributes
    ----------
    steps : numpy.ndarray of int
        (n_steps,) genes counted from the top of each ranking.
    signed : numpy.ndarray
        (n_steps, n_steps) minus log10 of the hypergeometric tail, positive where more genes are common than chance gives
        independent genes, negative where fewer are; rows the first ranking, columns the second; cut at the cap.
    """

    steps: NDArray[np.int64]
    signed: Floats


def rank_correlations(reference: Floats, columns: Floats) -> Floats:
    """Spearman correlation of one vector with every column of a table.

    Parameters
    ----------
    reference : numpy.ndarray
        (n_genes,) without NaN.
    columns : numpy.ndarray
        (n_genes, n_columns) without NaN.

    Returns
    -------
    numpy.ndarray
        (n_columns,); NaN where a side does not vary or there are fewer than two genes. Ties have their mean rank.
    """
    n = len(reference)
    centred = rankdata(reference) - (n + 1) / 2
    own = float(centred @ centred)
    places = np.arange(1, n + 1) - (n + 1) / 2
    untied = float(places @ places)
    result = np.full(columns.shape[1], np.nan)
    if n < 2 or own == 0:
        return result
    for number, column in enumerate(np.ascontiguousarray(columns.T)):
        order = np.argsort(column)
        ordered = column[order]
        if np.any(ordered[1:] == ordered[:-1]):
            ranks = rankdata(column) - (n + 1) / 2
            size = float(ranks @ ranks)
            result[number] = centred @ ranks / np.sqrt(own * size) if size > 0 else np.nan
        else:
            result[number] = places @ centred[order] / np.sqrt(own * untied)
    return result


def quadrants(first: Floats, second: Floats) -> Quadrants:
    """Count genes by the sign of two effects; zero and NaN are counted nowhere."""
    up, down = first > 0, first < 0
    also_up, also_down = second > 0, second < 0
    return Quadrants(
        int((up & also_up).sum()),
        int((down & also_down).sum()),
        int((up & also_down).sum()),
        int((down & also_up).sum()),
    )


def overlap_map(first: Floats, second: Floats, n_steps: int = 24, cap: float = 50.0) -> OverlapMap:
    """Overlap of the tops of two rankings, for every pair of depths (rank-rank hypergeometric overlap).

    The hypergeometric tail takes genes as independent, which they are not: between animals that were labelled by chance, correlated
    genes overlap strongly. The map shows where two rankings agree; it is no test, and its values are no p-values.

    Parameters
    ----------
    first, second : numpy.ndarray
        (n_genes,) statistics without NaN, ranked from high to low.
    n_steps : int
        Depths, evenly spread over the ranking.
    cap : float
        Largest value shown: beyond, colours would tell only the number of genes.

    Returns
    -------
    OverlapMap
        Empty with fewer genes than steps.

    References
    ----------
    Plaisier 2010, doi:10.1093/nar/gkq636; Cahill 2018, doi:10.1038/s41598-018-27903-2 (signed, both directions).
    """
    n = len(first)
    if n < n_steps + 1:
        return OverlapMap(np.empty(0, dtype=np.int64), np.empty((0, 0)))
    steps = np.unique(np.linspace(0, n, n_steps + 2)[1:-1].astype(np.int64))
    place = [rankdata(-each, method="ordinal") for each in (first, second)]
    bins = [np.searchsorted(steps, each, side="left") for each in place]
    counts = np.zeros((len(steps) + 1, len(steps) + 1))
    np.add.at(counts, (bins[0], bins[1]), 1)
    common = counts.cumsum(axis=0).cumsum(axis=1)[:-1, :-1]
    rows, columns = steps[:, None], steps[None, :]
    more = hypergeom.logsf(common - 1, n, rows, columns)
    fewer = hypergeom.logcdf(common, n, rows, columns)
    is_more = common * n >= rows * columns
    size = np.minimum(-np.where(is_more, more, fewer) / np.log(10), cap)
    return OverlapMap(steps, np.where(is_more, size, -size))
