"""What is looked at for the leading candidates of one ordered pair of organs, and for genes measured in both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.population.adjusted import adjust, candidates_of
from organokine.population.cell import ASKED
from organokine.population.cohort import Cohort, Pair
from organokine.population.pairing import PairData, covariates_of, pair_data
from organokine.population.pathways import pathway_rows, target_collections
from organokine.population.same_gene import DRAWS, NOTHING, same_genes
from organokine.population.targets import strongest_targets, target_rows
from organokine.population.traits import individual_rows, module_of, trait_rows
from organokine.population_tables import (
    POPULATION_INDIVIDUALS,
    POPULATION_PATHWAYS,
    POPULATION_SAME_GENE,
    POPULATION_TARGETS,
    POPULATION_TRAITS,
)
from organokine.randomness import named_generator
from organokine.references.signatures import SignatureSet
from organokine.study_file_sets import PathwaysSection
from organokine.table_schema import Table

SIZES = PathwaysSection()
"""Smallest and largest set unless told otherwise: those of `[pathways]`."""
_SHOWN = (POPULATION_TARGETS, POPULATION_PATHWAYS, POPULATION_TRAITS, POPULATION_INDIVIDUALS)


class Leading(NamedTuple):
    """What one pair of organs gives.

    Attributes
    ----------
    tables : dict of str to pandas.DataFrame
        `population_targets`, `population_pathways`, `population_traits`, `population_individuals`, `population_same_gene`.
    summary : dict of str to float
        Columns `same_gene_*` of the pair's row in table `population_pairs`.
    """

    tables: dict[str, pd.DataFrame]
    summary: dict[str, float]


def lead(
    cohort: Cohort,
    pair: Pair,
    rows: pd.DataFrame,
    collections: Sequence[SignatureSet],
    sizes: PathwaysSection = SIZES,
    n_draws: int = DRAWS,
) -> Leading:
    """Look at the leading candidates of a pair: targets, gene sets, traits, individuals; and at genes measured in both organs.

    All of it in all individuals, with covariates and no hidden factor taken out, by the statistic of the options.

    Parameters
    ----------
    cohort : Cohort
        The population.
    pair : Pair
        Assays of the sending and the receiving organ.
    rows : pandas.DataFrame
        Rows of table `population` of this pair, best first; the first `options.leading` of those with a p are looked at.
    collections : sequence of SignatureSet
        Gene sets in the symbols of the study; may be empty.
    sizes : PathwaysSection
        Smallest and largest set.
    n_draws : int
        Permutations of the individuals for the means over genes measured in both organs.

    Returns
    -------
    Leading
        The same whatever other pairs are looked at. Tables without rows, and NaN, if the pair cannot be scored.
    """
    data = pair_data(cohort, pair)
    if isinstance(data, str):
        empty = {table.name: table.empty() for table in (*_SHOWN, POPULATION_SAME_GENE)}
        return Leading(empty, dict(NOTHING))
    adjusted = adjust(cohort, pair, data)
    sets = target_collections(adjusted, collections)
    told = _told(cohort, pair, data)
    found: dict[str, list[pd.DataFrame]] = {table.name: [] for table in _SHOWN}
    asked = rows[rows["state"] == ASKED].head(cohort.options.leading)
    for candidate in candidates_of(adjusted, asked):
        targets = strongest_targets(adjusted, candidate, cohort.options.targets)
        module = module_of(adjusted, candidate, targets)
        parts = (
            target_rows(adjusted, candidate, targets),
            pathway_rows(adjusted, candidate, sets, sizes.minimum_genes, sizes.maximum_genes),
            trait_rows(adjusted, candidate, module, cohort.traits, cohort.options.minimum_df),
            individual_rows(adjusted, candidate, module, told),
        )
        for table, part in zip(_SHOWN, parts, strict=True):
            found[table.name].append(part)
    tables = {table.name: _joined(table, found[table.name]) for table in _SHOWN}
    traits = tables[POPULATION_TRAITS.name]
    # The larger of two rates, as p is the larger of two p: leading candidates were chosen, and their own q counts the others.
    traits["q"] = np.maximum(traits["q"], benjamini_hochberg(traits["trait_p"]))
    rng = named_generator(cohort.seed, f"same_gene/{pair.source}/{pair.target}")
    same = same_genes(adjusted, cohort.routes, n_draws, rng)
    tables[POPULATION_SAME_GENE.name] = POPULATION_SAME_GENE.conform(same.table)
    return Leading(tables, same.summary)


def _joined(table: Table, parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part) > 0]
    return table.empty() if len(filled) == 0 else table.conform(pd.concat(filled, ignore_index=True))


def _told(cohort: Cohort, pair: Pair, data: PairData) -> pd.DataFrame:
    """Sex and group of every individual as text; empty where not known.

    The group is the level of the first covariate in words; without one, of the contrast's factor.
    """
    names = data.individuals.index
    sheet = data.individuals.combine_first(cohort.matrices[pair.target].individuals.loc[names]).loc[names]
    sex = cohort.options.sex
    named = [
        name
        for name in covariates_of(cohort, pair)
        if name != sex and (name == cohort.factor or sheet[name].dtype.kind not in "iuf")
    ]
    told = {}
    for column, names_of in (("sex", [sex] if sex in sheet else []), ("group", named[:1])):
        values = sheet[names_of[0]] if len(names_of) > 0 else pd.Series(np.nan, index=names, dtype=object)
        told[column] = values.astype(object).where(values.notna(), "").map(str)
    return pd.DataFrame(told)
