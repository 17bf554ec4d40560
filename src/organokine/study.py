"""`Study`: the subjects, one AnnData per assay, and what was lost on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from organokine.study_file import StudyFile


@dataclass(frozen=True)
class Study:
    """All inputs of one study, joined and counted. Never changed in place.

    Attributes
    ----------
    file : StudyFile
        The resolved study file: everything detected is written into it.
    subjects : pandas.DataFrame
        Index `subject`; the design columns that are constant within each subject.
    assays : mapping of str to anndata.AnnData
        By assay name. `obs`: index sample, column `subject`, then design columns; only samples of the contrast.
        `var`: index native identifier, columns `gene` (symbol, empty if unmapped), `genes` (all genes of a protein group,
        joined by `;`), `protein` (accession or empty), `precursors` (float, NaN if unknown), `representative` (bool).
        `X`: float64, samples x features; NaN is not measured, zero is zero; on the scale named in
        `uns["organokine"]` (`organ`, `modality`, `scale` = log2 | counts, `file`, `sha256`, `reader`).
    joins : pandas.DataFrame
        Table `joins`: what was matched, lost, repaired, and why.
    flags : pandas.DataFrame
        Table `flags`: remarks on samples, assays and genes.
    """

    file: StudyFile
    subjects: pd.DataFrame
    assays: Mapping[str, AnnData]
    joins: pd.DataFrame
    flags: pd.DataFrame

    def find(self, organ: str, modality: str) -> str | None:
        """Name of the assay of an organ and modality, or None; perturbation arms are not looked at."""
        arms = {arm.assay for arm in self.file.perturbation}
        for assay in self.file.assay:
            if assay.name not in arms and (assay.organ, assay.modality) == (organ, modality):
                return assay.name
        return None
