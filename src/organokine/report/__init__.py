"""The report: one page from the tables of a run alone."""

from __future__ import annotations

from organokine.report.page import build, render
from organokine.report.sections import SECTIONS

__all__ = ["SECTIONS", "build", "render"]
