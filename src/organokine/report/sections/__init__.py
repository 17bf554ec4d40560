"""Sections of the report: one file each, one line in `SECTIONS`."""

from __future__ import annotations

from organokine.report.sections import (
    answer,
    appraisal,
    calibration,
    candidates,
    detection,
    evidence_cards,
    joins,
    links,
    methods,
    pathways,
    perturbation,
    phenotype,
    population,
    provenance,
    quality,
    runs,
    volcano,
)
from organokine.report.sections.base import Section

SECTIONS: tuple[Section, ...] = (
    answer.SECTION,
    candidates.SECTION,
    evidence_cards.SECTION,
    appraisal.SECTION,
    volcano.SECTION,
    detection.SECTION,
    links.SECTION,
    perturbation.SECTION,
    phenotype.SECTION,
    population.SECTION,
    pathways.SECTION,
    calibration.SECTION,
    quality.SECTION,
    runs.SECTION,
    joins.SECTION,
    methods.SECTION,
    provenance.SECTION,
)
"""Every section, in the order of the page."""

__all__ = ["SECTIONS", "Section"]
