"""One cell: every candidate of a pair of organs at one step of adjustment, against permuted individuals and matched genes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.kernels.log_p import minus_log_p
from organokine.kernels.permutation_tail import permutation_p, tail_p
from organokine.population.blocks import score_rows
from organokine.population.cohort import Cell, CellResult, Cohort, Pair
from organokine.population.matching import background_rows, competitive_p
from organokine.population.null import Scores, Setting, ordered_scores, own_null, shared_null
from organokine.population.pairing import PairData, pair_data, rung_design
from organokine.population.plan import candidate_rows, enough_draws
from organokine.population.units import Units, same_rows, unit_rows
from organokine.population_tables import POPULATION_LADDER, POPULATION_NULL
from organokine.randomness import named_generator

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ASKED = "asked"
LARGEST_TIE_SHARE = 0.2
"""Share of a gene's values that repeat others from which it has its own null: the shared one has no ties."""
LARGEST_SHAPE = 1.5
"""Fourth moment of a gene's vector, beside that of the shared null's, from which it has its own: far outliers. Normal values reach it by
chance in 6 of 100 genes of 40 individuals by Pearson, hardly ever by bicor: an own null costs time and never an error."""
BUCKET = 0.1
"""Candidates whose numbers of values differ by less than this share of the individuals share a null."""
OWN, OWN_BY_PEARSON = "own", "own, Pearson"
"""Names of the null of one gene alone; the second where Pearson's correlation stands in for bicor."""
_COMPLETE = "complete"
_NUMBERS = ("null_mean", "null_sd", "p", "p_extrapolated", "p_positive", "p_negative", "z")
_QUANTILES = np.concatenate([np.linspace(0, 0.99, 100), 1 - np.geomspace(0.009, 1e-5, 40), [1.0]])


class _Rows(NamedTuple):
    """Genes of the source that are scored: candidates first, then background.

    Attributes
    ----------
    place : numpy.ndarray
        (n_rows,) their places among the source genes.
    n_candidates : int
        How many of them are candidates.
    values : numpy.ndarray
        (n_rows, n_individuals) log2.
    units : Units
        Their unit vectors.
    n : numpy.ndarray
        (n_rows,) individuals with a value.
    usable : numpy.ndarray
        (n_rows,) bool: enough values, and varying.
    """

    place: Integers
    n_candidates: int
    values: Floats
    units: Units
    n: Integers
    usable: NDArray[np.bool_]


def run_cell(cohort: Cohort, cell: Cell) -> CellResult:
    """Score all candidates of a cell.

    Parameters
    ----------
    cohort : Cohort
        The population.
    cell : Cell
        What to compute.

    Returns
    -------
    CellResult
        The same whatever else is computed, where, and in which order; without rows if the pair cannot be scored.
    """
    data = pair_data(cohort, Pair(cell.source, cell.target), cell.stratum)
    if isinstance(data, str):
        return CellResult(POPULATION_LADDER.empty(), POPULATION_NULL.empty())
    design = rung_design(data, cell.rung)
    options = cohort.options
    # Targets that can never have enough pairs are left out; table `population_pairs` counts them.
    known = np.isfinite(data.target_values).sum(axis=1) >= data.least_pairs
    target = unit_rows(data.target_values[known], design, options.statistic)
    setting = Setting(target, design, options.statistic, data.least_pairs)
    rows = _rows(cohort, cell.source, data, design)
    observed, n_targets = _without_same_gene(rows, data.source_genes, data.target_genes[known], setting)
    buckets = _buckets(rows.n, len(data.individuals))
    draws = options.permutations, enough_draws(cohort)
    nulls = {
        bucket: shared_null(
            setting,
            np.isfinite(rows.values[members]),
            observed.score[members],
            draws,
            named_generator(cohort.seed, f"{cell.name}/{_name(bucket)}"),
        )
        for bucket, members in _members(buckets, rows, observed.score).items()
    }
    table = _against_nulls(observed, buckets, nulls, rows)
    _own_nulls((cohort.seed, f"{cell.name}/own"), draws[1], table, rows, observed, setting)
    level = np.nanmean(np.where(rows.usable[:, None], rows.values, 0.0), axis=1)
    table["p_competitive"] = competitive_p(table["z"].to_numpy(dtype=float), level, rows.n_candidates, options.matched)
    table["n"], table["n_targets"] = rows.n, n_targets
    table["gene"] = data.source_genes[rows.place]
    table["state"] = np.select(
        [rows.n < data.least_pairs, ~rows.usable, n_targets < 2],
        ["too_few_values", "constant", "too_few_targets"],
        ASKED,
    )
    key = dict(zip(("source", "target", "stratum", "rung"), cell, strict=True))
    ladder = table.iloc[: rows.n_candidates].drop(columns=["z"]).assign(**key)
    return CellResult(POPULATION_LADDER.conform(ladder), _null_table(nulls, key))


def _rows(cohort: Cohort, source: str, data: PairData, design: Floats) -> _Rows:
    candidates = candidate_rows(cohort, source)
    others = np.flatnonzero(~data.secreted)
    chosen = others[background_rows(data.source_values[others], data.least_pairs, cohort.options.background)]
    place = np.concatenate([candidates, chosen])
    values = data.source_values[place]
    units = unit_rows(values, design, cohort.options.statistic)
    n = np.isfinite(values).sum(axis=1)
    return _Rows(place, len(candidates), values, units, n, (n >= data.least_pairs) & units.varies)


def _without_same_gene(
    rows: _Rows, genes: NDArray[np.object_], targets: NDArray[np.object_], setting: Setting
) -> tuple[Scores, Integers]:
    """Scores without the gene itself in the target, which a variant active in both organs makes follow."""
    sums = score_rows(rows.units, setting.target, setting.n_adjusted, setting.least_pairs)
    where = pd.Index(targets).get_indexer(pd.Index(genes[rows.place]))
    both = np.flatnonzero(where >= 0)
    r, n = same_rows(rows.units.rows(both), setting.target.rows(where[both]))
    used = np.isfinite(r) & (n >= max(setting.least_pairs, setting.n_adjusted + 3))
    own = np.where(used, minus_log_p(np.where(used, r, 0.0), np.where(used, n - 2.0 - setting.n_adjusted, 1.0)), 0.0)
    total, positive, count = sums.total.copy(), sums.positive.copy(), sums.n_targets.copy()
    total[both] -= own
    positive[both] -= np.where(r > 0, own, 0.0)
    count[both] -= used
    n_used = np.maximum(count, 1)
    scores = (each / n_used for each in (total, positive, total - positive))
    return Scores(*(np.where(rows.usable & (count >= 2), each, np.nan) for each in scores)), count


def _buckets(n: Integers, n_individuals: int) -> Integers:
    """Number of the bucket of each row: 0 without missing values, then by steps of `BUCKET` of the individuals."""
    return np.ceil((n_individuals - n) / max(BUCKET * n_individuals, 1.0)).astype(np.int64)


def _members(buckets: Integers, rows: _Rows, observed: Floats) -> dict[int, Integers]:
    """Candidates of each bucket that has any with a score. Background genes of other buckets have no null, and match nobody."""
    candidate = (np.arange(len(buckets)) < rows.n_candidates) & np.isfinite(observed)
    return {int(bucket): np.flatnonzero((buckets == bucket) & candidate) for bucket in np.unique(buckets[candidate])}


def _name(bucket: int) -> str:
    return _COMPLETE if bucket == 0 else f"missing to {bucket * BUCKET:.0%}"


def _against_nulls(observed: Scores, buckets: Integers, nulls: dict[int, Scores], rows: _Rows) -> pd.DataFrame:
    table = pd.DataFrame(
        {"score": observed.score, "score_positive": observed.positive, "score_negative": observed.negative}
    )
    table[list(_NUMBERS)] = np.nan
    table["null_name"] = ""
    for bucket, null in nulls.items():
        own = (buckets == bucket) & rows.usable
        table.loc[own, list(_NUMBERS)] = _held_against(Scores(*(each[own] for each in observed)), null)
        table.loc[own, "null_name"] = _name(bucket)
    return table


def _held_against(observed: Scores, null: Scores) -> Floats:
    """What scores are against a null: (n, 7), in the order of `_NUMBERS`."""
    tail = tail_p(observed.score, null.score)
    mean, sd = float(null.score.mean()), float(null.score.std(ddof=1))
    return np.column_stack(
        [
            np.full(len(observed.score), mean),
            np.full(len(observed.score), sd),
            tail.p,
            tail.extrapolated,
            permutation_p(observed.positive, null.positive),
            permutation_p(observed.negative, null.negative),
            (observed.score - mean) / sd,
        ]
    )


def _own_nulls(
    named: tuple[int, str], most_draws: int, table: pd.DataFrame, rows: _Rows, observed: Scores, setting: Setting
) -> None:
    """Give candidates that are unlike the shared null their own p, in place."""
    unlike = _unlike(rows, setting.design, setting.statistic)
    for i in np.flatnonzero(unlike[: rows.n_candidates] & np.isfinite(observed.score[: rows.n_candidates])):
        rng = named_generator(named[0], f"{named[1]}/{i}")
        null = own_null(rows.values[i], float(observed.score[i]), setting, most_draws, rng)
        table.loc[i, list(_NUMBERS)] = _held_against(Scores(*(each[[i]] for each in observed)), null)[0]
        table.loc[i, "null_name"] = OWN_BY_PEARSON if rows.units.fallback[i] else OWN


def _unlike(rows: _Rows, design: Floats, statistic: str) -> NDArray[np.bool_]:
    """Rows whose values repeat, or lie further out than those of the shared null."""
    # NaN is sorted to the end, and equals nothing.
    tied = (np.diff(np.sort(rows.values, axis=1), axis=1) == 0).sum(axis=1) / np.maximum(rows.n, 1)
    fourth = (rows.units.vectors.astype(float) ** 4).sum(axis=1) * rows.n
    usual = unit_rows(ordered_scores(np.array([[rows.values.shape[1]]])), design[:, :1], statistic).vectors.astype(
        float
    )
    limit = LARGEST_SHAPE * float((usual**4).sum()) * usual.shape[1]
    unlike: NDArray[np.bool_] = rows.usable & ((tied > LARGEST_TIE_SHARE) | (fourth > limit) | rows.units.fallback)
    return unlike


def _null_table(nulls: dict[int, Scores], key: dict[str, str]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "null_name": _name(bucket),
                "share": _QUANTILES,
                "value": np.quantile(null.score, _QUANTILES),
                "n_draws": len(null.score),
            }
        )
        for bucket, null in nulls.items()
    ]
    if len(parts) == 0:
        return POPULATION_NULL.empty()
    return POPULATION_NULL.conform(pd.concat(parts, ignore_index=True).assign(**key))
