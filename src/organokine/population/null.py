"""The null of a pair of organs: genes with normal values in random order, treated like any other gene."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from organokine.kernels.linear_model import residuals
from organokine.population.blocks import SOURCE_BLOCK, score_rows
from organokine.population.units import Units, unit_rows

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

FIRST_DRAWS = 1000
"""Draws of a gene's own null; more only while fewer than `ENOUGH` of them score as high as the gene."""
ENOUGH = 10
"""Draws as high as the gene at which its p is known well enough (Besag and Clifford 1991, doi:10.1093/biomet/78.2.301)."""


class Scores(NamedTuple):
    """Secretion scores and their parts, each (n,): means over the targets of -ln p, and of that of risers and fallers."""

    score: Floats
    positive: Floats
    negative: Floats


class Setting(NamedTuple):
    """What every gene of a cell is treated with.

    Attributes
    ----------
    target : Units
        The targets.
    design : numpy.ndarray
        (n_individuals, n_columns) of full rank, the intercept first.
    statistic : str
        `bicor`, `pearson` or `spearman`.
    least_pairs : int
        Pairs below which two genes are not correlated.
    """

    target: Units
    design: Floats
    statistic: str
    least_pairs: int

    @property
    def n_adjusted(self) -> int:
        """Columns taken out beside the intercept."""
        return int(self.design.shape[1]) - 1


def score(genes: Units, setting: Setting) -> Scores:
    """Secretion scores of genes: means over all targets with enough pairs."""
    sums = score_rows(genes, setting.target, setting.n_adjusted, setting.least_pairs)
    n = np.maximum(sums.n_targets, 1)
    return Scores(sums.total / n, sums.positive / n, (sums.total - sums.positive) / n)


def shared_null(
    setting: Setting, measured: Booleans, observed: Floats, draws: tuple[int, int], rng: np.random.Generator
) -> Scores:
    """Scores of genes that have nothing to do with the target: normal scores in random order.

    The null of a gene depends on it only through the set of its values, so that all genes of much the same set share one. A
    draw keeps the missing values of a gene; what is random is which of the measured individuals has which value. It then goes
    through all that a gene goes through: covariates and hidden factors are taken out, it is weighed, and scored.

    Null hypothesis: given what is adjusted for, which individual of the source belongs to which of the target does not matter.

    Parameters
    ----------
    setting : Setting
        Targets and design.
    measured : numpy.ndarray
        (n_genes, n_individuals) where the genes that share the null are measured; draws take them in turn.
    observed : numpy.ndarray
        (n_genes,) their scores.
    draws : (int, int)
        Draws that are made, and draws up to which it goes on while `ENOUGH` are not as high as the highest of the scores.
    rng : numpy.random.Generator
        Source of the orders.

    Returns
    -------
    Scores
        Each (draws made,).

    References
    ----------
    Freedman and Lane 1983, doi:10.1080/07350015.1983.10509354, for permutation before the design is taken out again.
    """

    def draw(n: int, made: int) -> Scores:
        own = measured[np.arange(made, made + n) % len(measured)]
        return score(unit_rows(_random_rows(own, rng), setting.design, setting.statistic), setting)

    return _draw_on(draw, float(np.nanmax(observed)), draws)


def _draw_on(draw: Callable[[int, int], Scores], highest: float, draws: tuple[int, int]) -> Scores:
    """Draw block by block: the first number of draws, and on to the second while fewer than `ENOUGH` are as high.

    (1 + as high) / (1 + draws) stays a valid p of the gene that is waited for. Whoever stopped early has at least (`ENOUGH` + 1) /
    (draws + 1); so a p of a or less, first in reach at some block, needs at most a (draws + 1) - 1 draws as high at that block.
    """
    first, most = draws
    parts: list[Scores] = []
    made, as_high = 0, 0
    while made < most and (made < first or as_high < ENOUGH):
        n = min(SOURCE_BLOCK, (first if made < first else most) - made)
        parts.append(draw(n, made))
        made += n
        as_high += int((parts[-1].score >= highest).sum())
    return Scores(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _random_rows(measured: Booleans, rng: np.random.Generator) -> Floats:
    """Normal scores of each row's number of values, in random order over where it is measured."""
    order = np.where(measured, rng.random(measured.shape), np.inf).argsort(axis=1)
    rows = np.empty(measured.shape)
    np.put_along_axis(rows, order, ordered_scores(measured.sum(axis=1, keepdims=True), measured.shape[1]), axis=1)
    return np.where(measured, rows, np.nan)


def ordered_scores(n: NDArray[np.int64], width: int | None = None) -> Floats:
    """Blom's normal scores of n values in rising order.

    Parameters
    ----------
    n : numpy.ndarray
        (n_rows, 1) numbers of values.
    width : int, optional
        Columns; NaN beyond n. The largest n if left out.

    Returns
    -------
    numpy.ndarray
        (n_rows, width).
    """
    place = np.arange(int(n.max()) if width is None else width)[None, :]
    return np.where(place < n, special.ndtri((np.minimum(place, n - 1) + 0.625) / (n + 0.25)), np.nan)


def own_null(values: Floats, observed: float, setting: Setting, n_draws: int, rng: np.random.Generator) -> Scores:
    """The null of one gene that has ties or far outliers: its own residuals in random order.

    Parameters
    ----------
    values : numpy.ndarray
        (n_individuals,) of the gene, log2; NaN is not measured.
    observed : float
        Its score: draws stop after `FIRST_DRAWS` once `ENOUGH` are as high.
    setting, rng
        As for `shared_null`.
    n_draws : int
        Never more draws than this.

    Returns
    -------
    Scores
        Each (draws made,).
    """
    left = residuals(values[None, :], setting.design).values[0]
    measured = np.isfinite(left)

    def draw(n: int, _made: int) -> Scores:
        rows = np.full((n, len(values)), np.nan)
        rows[:, measured] = rng.permuted(np.tile(left[measured], (n, 1)), axis=1)
        return score(unit_rows(rows, setting.design, setting.statistic), setting)

    return _draw_on(draw, observed, (min(FIRST_DRAWS, n_draws), n_draws))
