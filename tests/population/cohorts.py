"""Simulated populations as the rooms of population mode take them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.population.cohort import Cohort, OrganMatrix
from organokine.population_section import PopulationSection
from organokine.simulate.cohort import CohortOptions, SimulatedCohort, simulate_cohort

SMALL = {"organs": ("muscle", "fat"), "messages": (), "n_individuals": 40, "n_genes": 300, "secreted_share": 0.2}


def cohort_of(simulated: SimulatedCohort, seed: int = 1, **settings) -> Cohort:
    """A simulated population as a cohort; settings are those of `[population]`."""
    matrices = {organ: _matrix(organ, table, simulated.individuals) for organ, table in simulated.levels.items()}
    genes = sorted({str(gene) for table in simulated.levels.values() for gene in table.columns})
    secreted = pd.Index(genes).isin(simulated.secreted)
    routes = pd.DataFrame(
        {"route": np.where(secreted, "classical", "intracellular"), "secreted": secreted}, index=genes
    )
    traits = simulated.traits.copy()
    traits.attrs["messengers"] = list(simulated.messages["gene"])
    return Cohort(matrices, routes, PopulationSection(**settings), seed=seed, traits=traits)


def small_cohort(seed: int, settings: dict | None = None, **options) -> Cohort:
    """Two organs of 40 individuals without any message, unless told otherwise."""
    simulated = simulate_cohort(CohortOptions(**{**SMALL, **options}), seed)
    return cohort_of(simulated, seed, **{"permutations": 999, "covariates": ["age"], **(settings or {})})


def _matrix(organ: str, table: pd.DataFrame, individuals: pd.DataFrame) -> OrganMatrix:
    genes = table.columns.to_numpy(dtype=object)
    values = np.ascontiguousarray(table.to_numpy(dtype=float).T)
    return OrganMatrix(
        organ, organ, "protein", values, genes, np.full(len(genes), "", dtype=object), individuals.loc[table.index]
    )
