"""Evidence lines: one file each, one line in `LINES`."""

from __future__ import annotations

from organokine.evidence import (
    arrival,
    link,
    origin,
    perturbation,
    phenotype,
    plasma_change,
    population,
    receptor,
    release,
    response,
    reversal,
    source_change,
)
from organokine.evidence.base import EvidenceInput, Line

LINES: tuple[Line, ...] = (
    source_change.LINE,
    release.LINE,
    origin.LINE,
    plasma_change.LINE,
    arrival.LINE,
    receptor.LINE,
    response.LINE,
    link.LINE,
    perturbation.LINE,
    reversal.LINE,
    phenotype.LINE,
    population.LINE,
)
"""Every line of a run, in the order of the chain."""

__all__ = ["LINES", "EvidenceInput", "Line"]
