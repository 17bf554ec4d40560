"""Genes without a secretion route, of like level in the source, that a candidate is held against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIKE_MATCHED_P = 0.05
"""A candidate that does not stand out from matched genes at this level is said to be like them."""


def background_rows(values: Floats, least: int, n_wanted: int) -> NDArray[np.int64]:
    """Choose genes to be held against, evenly spread over the levels.

    Parameters
    ----------
    values : numpy.ndarray
        (n_genes, n_individuals) log2 of genes without a secretion route; NaN is not measured.
    least : int
        Individuals with a value that a gene must have.
    n_wanted : int
        How many; all if there are no more.

    Returns
    -------
    numpy.ndarray
        Their rows, in order.
    """
    n = np.isfinite(values).sum(axis=1)
    rows = np.flatnonzero(n >= least)
    if len(rows) <= n_wanted:
        return rows
    level = np.nanmean(values[rows], axis=1)
    ordered = rows[np.argsort(level, kind="stable")]
    return np.sort(ordered[np.linspace(0, len(ordered) - 1, n_wanted).round().astype(np.int64)])


def competitive_p(statistic: Floats, level: Floats, n_candidates: int, n_matched: int) -> Floats:
    """Share of background genes of like level whose statistic is at least as large.

    Null hypothesis: the candidate goes with the target like any gene of its level in the source.

    Parameters
    ----------
    statistic : numpy.ndarray
        (n_rows,) candidates first, then background; NaN has none.
    level : numpy.ndarray
        (n_rows,) mean log2 in the source.
    n_candidates : int
        How many rows are candidates.
    n_matched : int
        Background genes nearest in level that are taken; all if there are fewer. Where all genes
        are candidates, one without a route is among its own matches.

    Returns
    -------
    numpy.ndarray
        (n_rows,) (1 + as large) / (1 + matched) of candidates; NaN for background rows, and without any match.
    """
    result = np.full(len(statistic), np.nan)
    background = np.arange(n_candidates, len(statistic))
    background = background[np.isfinite(statistic[background])]
    if len(background) == 0:
        return result
    background = background[np.argsort(level[background], kind="stable")]
    width = min(n_matched, len(background))
    candidates = np.flatnonzero(np.isfinite(statistic[:n_candidates]))
    place = np.searchsorted(level[background], level[candidates])
    start = np.clip(place - width // 2, 0, len(background) - width)
    matched = statistic[background[start[:, None] + np.arange(width)]]
    as_large = (matched >= statistic[candidates, None]).sum(axis=1)
    result[candidates] = (1.0 + as_large) / (1.0 + width)
    return result
