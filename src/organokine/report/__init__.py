"""The report: one page from the tables of a run alone, and the same quality for MultiQC."""

from __future__ import annotations

from organokine.report.multiqc import FOLDER as MULTIQC_FOLDER
from organokine.report.multiqc import multiqc_files
from organokine.report.page import build, render
from organokine.report.sections import SECTIONS

__all__ = ["MULTIQC_FOLDER", "SECTIONS", "build", "multiqc_files", "render"]
