"""What is to be computed: pairs of organs, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.population.cohort import ALL, Cell, Cohort, Pair
from organokine.population.matching import background_rows
from organokine.population.pairing import (
    PairData,
    covariates_of,
    least_individuals,
    most_factors,
    pair_data,
    rungs_of,
    shared_individuals,
    strata_of,
)
from organokine.population_tables import POPULATION_PAIRS


class Plan(NamedTuple):
    """All work of a population.

    Attributes
    ----------
    cells : tuple of Cell
        In the order of the pairs; what one of them gives does not depend on the others.
    pairs : pandas.DataFrame
        Table `population_pairs` as far as it is known beforehand: who is in both organs, what is adjusted for, and why a
        pair is not scored.
    """

    cells: tuple[Cell, ...]
    pairs: pd.DataFrame


def pairs_of(cohort: Cohort) -> list[Pair]:
    """Ordered pairs of assays of different organs: those asked for, or all."""
    asked = cohort.options.pairs
    matrices = cohort.matrices
    found = [
        Pair(source, target)
        for source, target in permutations(matrices, 2)
        if matrices[source].organ != matrices[target].organ
        and (cohort.options.across_modalities or matrices[source].modality == matrices[target].modality)
    ]
    if len(asked) == 0:
        return found
    return [
        pair
        for organs in asked
        for pair in found
        if (matrices[pair.source].organ, matrices[pair.target].organ) == organs
    ]


def enough_draws(cohort: Cohort) -> int:
    """Draws with which one candidate alone can reach the error rate over all pairs, even if one draw is as high by chance.

    With m candidates the smallest q is m / (draws + 1). Never fewer than `permutations`, nor more than `most_permutations`. It depends
    on all pairs, and with it what any one cell gives.
    """
    options = cohort.options
    tests = sum(len(candidate_rows(cohort, pair.source)) for pair in pairs_of(cohort))
    needed = int(np.ceil(2 * tests / cohort.fdr))
    return max(options.permutations, min(options.most_permutations, needed))


def candidate_rows(cohort: Cohort, source: str) -> NDArray[np.intp]:
    """Rows of the candidates among the genes of a source."""
    secreted = cohort.secreted[source]
    return np.arange(len(secreted)) if cohort.options.candidates == "all" else np.flatnonzero(secreted)


def plan(cohort: Cohort) -> Plan:
    """List the cells of all pairs, and what is known of each pair before anything is scored."""
    cells: list[Cell] = []
    rows = []
    for pair in pairs_of(cohort):
        own, row = _pair(cohort, pair)
        cells.extend(own)
        rows.append(row)
    return Plan(tuple(cells), POPULATION_PAIRS.conform(pd.DataFrame(rows, columns=POPULATION_PAIRS.names())))


def _pair(cohort: Cohort, pair: Pair) -> tuple[list[Cell], dict[str, object]]:
    shared, strata = shared_individuals(cohort, pair), strata_of(cohort, pair)
    data = pair_data(cohort, pair)
    row: dict[str, object] = {
        "source": pair.source,
        "target": pair.target,
        "source_organ": cohort.matrices[pair.source].organ,
        "target_organ": cohort.matrices[pair.target].organ,
        "n": len(shared.both),
        "n_source_only": len(shared.source_only),
        "n_target_only": len(shared.target_only),
        "strata": "; ".join(f"{name} {len(own)}" for name, own in strata.items() if name != ALL),
        "adjusted_for": ";".join(covariates_of(cohort, pair)),
    }
    if isinstance(data, str):
        row |= {"state": data, "note": _why_not(cohort, pair, data)}
        return [], row
    rungs, left_out = rungs_of(cohort, data, ALL)
    cells = [Cell(*pair, ALL, rung) for rung in rungs]
    for name in strata:
        own = None if name == ALL else pair_data(cohort, pair, name)
        if isinstance(own, PairData):
            cells.extend(Cell(*pair, name, rung) for rung in rungs_of(cohort, own, name)[0])
    others = background_rows(data.source_values[~data.secreted], data.least_pairs, cohort.options.background)
    n_left_out = int((~_usable(data.target_values, data.least_pairs)).sum())
    row |= {
        "adjusted_for": ";".join(data.adjusted_for),
        "factors": ";".join(rungs[1:]),
        "factors_left_out": ";".join(str(k) for k in left_out),
        "n_background": len(others),
        "n_targets": len(data.target_genes) - n_left_out,
        "n_targets_left_out": n_left_out,
        "state": "asked",
        "note": "; ".join(_remarks(cohort, pair, data, rungs)),
    }
    return cells, row


def _usable(values: NDArray[np.float64], least: int) -> NDArray[np.bool_]:
    """Genes (rows) with enough values that are not all the same."""
    some = np.flatnonzero(np.isfinite(values).sum(axis=1) >= least)
    usable = np.zeros(len(values), dtype=bool)
    usable[some] = np.nanmax(values[some], axis=1) > np.nanmin(values[some], axis=1)
    return usable


def _why_not(cohort: Cohort, pair: Pair, state: str) -> str:
    shared, options = shared_individuals(cohort, pair), cohort.options
    n, n_lacking = len(shared.both), len(shared.no_covariate)
    match state:
        case "too_few_individuals":
            lacking = f", {n_lacking} of them without a value of {' or '.join(covariates_of(cohort, pair))}"
            said = f"{n + n_lacking} individuals have both organs{lacking if n_lacking > 0 else ''}"
            return f"{said}; {options.minimum_subjects} are needed"
        case "no_degrees_of_freedom":
            fewest = options.factors[0]
            factors = f" and {fewest} hidden factors, the fewest asked for," if fewest > 0 else ""
            return f"covariates{factors} leave fewer than {options.minimum_df} degrees of freedom to {n} individuals"
        case _:
            return "the target has fewer than two genes"


def _remarks(cohort: Cohort, pair: Pair, data: PairData, rungs: Sequence[str]) -> list[str]:
    found = []
    no_covariate, strata = shared_individuals(cohort, pair).no_covariate, strata_of(cohort, pair)
    n_factors = most_factors(data)
    if n_factors < int(rungs[-1]):
        found.append(
            f"only {n_factors} genes without a secretion route: no more hidden factors than that were taken out"
        )
    if len(no_covariate) > 0:
        found.append(f"{len(no_covariate)} individuals lack a covariate and are not used, first {no_covariate[0]!r}")
    idle = [name for name in covariates_of(cohort, pair) if name not in data.adjusted_for]
    if len(idle) > 0:
        found.append(f"{', '.join(idle)} is one value, or follows from the other covariates, and takes nothing out")
    short = [name for name, own in strata.items() if name != ALL and len(own) < least_individuals(cohort, name)]
    if len(short) > 0:
        least = cohort.options.minimum_subjects_within_sex
        found.append(f"not scored within {', '.join(short)}: fewer than {least} individuals")
    if cohort.options.sex not in covariates_of(cohort, pair):
        found.append("no sex is recorded: what differs between the sexes in both organs looks like a message")
    if not bool(data.secreted.any()):
        found.append("no gene of the source has a secretion route")
    return found
