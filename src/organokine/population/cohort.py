"""The individuals and their organs: what population mode computes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.population_section import PopulationSection

Floats = NDArray[np.float64]
Words = NDArray[np.object_]

ALL = "all"
"""Name of the stratum of all individuals."""
UNADJUSTED = "none"
"""Name of the rung at which nothing is taken out."""


@dataclass(frozen=True)
class OrganMatrix:
    """One assay of one organ, genes in rows, one column per individual.

    Attributes
    ----------
    name, organ, modality : str
        As in the study file.
    values : numpy.ndarray
        (n_genes, n_individuals) normalised log2; NaN is not measured. May be memory-mapped.
    genes, proteins : numpy.ndarray
        (n_genes,) symbols, each once; leading accessions or empty.
    individuals : pandas.DataFrame
        Index subject, in the order of the columns of `values`; the design columns of the assay's samples.
    """

    name: str
    organ: str
    modality: str
    values: Floats
    genes: Words
    proteins: Words
    individuals: pd.DataFrame


@dataclass(frozen=True)
class Cohort:
    """All organs of a population, and what is known of their genes.

    Attributes
    ----------
    matrices : mapping of str to OrganMatrix
        By assay name, in the order of the study file.
    routes : pandas.DataFrame
        Index gene: `route` (text), `secreted` (bool: a route of weight above 0), for every gene of any matrix. Genes that are
        not secreted are the background of the competitive comparison.
    options : PopulationSection
        Settings.
    factor : str or None
        Factor of the contrast, adjusted for as a covariate; None without a contrast.
    seed : int
        Seed of everything random.
    fdr : float
        Error rate at which candidates are counted as significant.
    traits : pandas.DataFrame
        Index subject; one column of numbers per trait; empty without.
    """

    matrices: Mapping[str, OrganMatrix]
    routes: pd.DataFrame
    options: PopulationSection = field(default_factory=PopulationSection)
    factor: str | None = None
    seed: int = 1
    fdr: float = 0.1
    traits: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def secreted(self) -> dict[str, NDArray[np.bool_]]:
        """By assay name, which of its genes are secreted, in their order; looked up once, since every cell asks for all assays."""
        by_gene = self.routes["secreted"]
        return {name: by_gene.loc[list(each.genes)].to_numpy(dtype=bool) for name, each in self.matrices.items()}


class Pair(NamedTuple):
    """An ordered pair of assays, by name."""

    source: str
    target: str


class Cell(NamedTuple):
    """The unit of work: one pair of assays, one stratum, one rung. Cells are computed apart, in any order and anywhere."""

    source: str
    target: str
    stratum: str
    rung: str

    @property
    def name(self) -> str:
        """What names its random numbers and its file."""
        return "/".join(self)


class CellResult(NamedTuple):
    """What one cell gives: rows of the tables `population_ladder` and `population_null`."""

    ladder: pd.DataFrame
    null: pd.DataFrame
