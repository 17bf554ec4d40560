"""All tables of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """All tables of a run.

    Attributes
    ----------
    mediators, evidence, differential, detection, sensitivity, pathways : pandas.DataFrame
    qc, qc_assay, qc_batch, qc_panels, qc_pairs, runs, joins, flags, animals : pandas.DataFrame
        Tables of these names; see `organokine.tables`.
    perturbations, perturbation_scores, perturbation_doses, perturbation_genes, perturbation_overlap : pandas.DataFrame
        Tables of these names; empty without a perturbation arm.
    phenotypes, phenotype_animals, phenotype_days, phenotype_curves, phenotype_power, arrive : pandas.DataFrame
        Tables of these names; empty without a functional test.
    population : pandas.DataFrame
        Table of that name over the axis; empty without `[population]`.
    cards : dict
        Evidence cards of the leading candidates, by gene.
    manifest : dict
        Resolved study file, hashes, versions, stages, methods and citations.
    out : pathlib.Path or None
        Output folder, if there was one.
    """

    mediators: pd.DataFrame
    evidence: pd.DataFrame
    differential: pd.DataFrame
    detection: pd.DataFrame
    sensitivity: pd.DataFrame
    pathways: pd.DataFrame
    qc: pd.DataFrame
    qc_assay: pd.DataFrame
    qc_batch: pd.DataFrame
    qc_panels: pd.DataFrame
    qc_pairs: pd.DataFrame
    runs: pd.DataFrame
    joins: pd.DataFrame
    flags: pd.DataFrame
    animals: pd.DataFrame
    perturbations: pd.DataFrame
    perturbation_scores: pd.DataFrame
    perturbation_doses: pd.DataFrame
    perturbation_genes: pd.DataFrame
    perturbation_overlap: pd.DataFrame
    phenotypes: pd.DataFrame
    phenotype_animals: pd.DataFrame
    phenotype_days: pd.DataFrame
    phenotype_curves: pd.DataFrame
    phenotype_power: pd.DataFrame
    arrive: pd.DataFrame
    population: pd.DataFrame
    cards: dict[str, dict[str, Any]]
    manifest: dict[str, object]
    out: Path | None = None
