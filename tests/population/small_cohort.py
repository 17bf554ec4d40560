"""Small populations of two organs, made in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.population.adjusted import Adjusted, Candidate, adjust, candidates_of
from organokine.population.cohort import Cohort, OrganMatrix, Pair
from organokine.population.pairing import PairData, pair_data
from organokine.population_section import PopulationSection
from organokine.population_tables import POPULATION

PAIR = Pair("liver_protein", "fat_protein")
Floats = NDArray[np.float64]


def organ(name: str, values: Floats, genes: Sequence[str], individuals: pd.DataFrame) -> OrganMatrix:
    words = np.array(list(genes), dtype=object)
    return OrganMatrix(
        name, name.partition("_")[0], "protein", values, words, np.full(len(words), "", dtype=object), individuals
    )


def sheet(n: int) -> pd.DataFrame:
    """Individuals of two sexes and three batches."""
    names = pd.Index([f"s{i:03d}" for i in range(n)], name="subject")
    sex = ["F" if i % 2 == 0 else "M" for i in range(n)]
    return pd.DataFrame({"sex": sex, "batch": [f"b{i % 3}" for i in range(n)]}, index=names)


def cohort_of(
    source: Floats,
    target: Floats,
    *,
    shared: int = 0,
    secreted: Sequence[bool] | None = None,
    individuals: pd.DataFrame | None = None,
    traits: pd.DataFrame | None = None,
    factor: str | None = None,
    **options: object,
) -> Cohort:
    """A population of source genes S0, S1, ... and target genes T0, T1, ...; the first `shared` are the same genes, G0, G1, ..."""
    individuals = sheet(source.shape[1]) if individuals is None else individuals
    left = [f"G{i}" if i < shared else f"S{i}" for i in range(len(source))]
    right = [f"G{i}" if i < shared else f"T{i}" for i in range(len(target))]
    every = sorted({*left, *right})
    routes = pd.DataFrame({"route": "intracellular", "secreted": False}, index=pd.Index(every, name="gene"))
    chosen = [True] * len(left) if secreted is None else list(secreted)
    routes.loc[left, "secreted"] = chosen
    routes.loc[routes["secreted"], "route"] = "classical"
    return Cohort(
        {
            PAIR.source: organ(PAIR.source, source, left, individuals),
            PAIR.target: organ(PAIR.target, target, right, individuals),
        },
        routes,
        PopulationSection(**options),  # type: ignore[arg-type]
        factor=factor,
        traits=pd.DataFrame() if traits is None else traits,
    )


def data_of(cohort: Cohort) -> PairData:
    data = pair_data(cohort, PAIR)
    assert isinstance(data, PairData)
    return data


def adjusted_of(cohort: Cohort) -> Adjusted:
    return adjust(cohort, PAIR, data_of(cohort))


def candidate_in(adjusted: Adjusted, gene: str, p: float = 0.001, q: float = 0.0) -> Candidate:
    return candidates_of(adjusted, pd.DataFrame({"gene": [gene], "p": [p], "q": [q]}))[0]


def ranked(genes: Sequence[str], q: float = 0.0, state: str = "asked") -> pd.DataFrame:
    """Rows of table `population` as far as they are looked at."""
    rows = pd.DataFrame({**PAIR._asdict(), "gene": list(genes), "p": 0.001, "q": q, "state": state})
    return POPULATION.conform(rows.assign(rank=np.arange(1, len(genes) + 1)))
