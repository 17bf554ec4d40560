"""Functional tests: one file each."""

from __future__ import annotations

from organokine.phenotype.base import Findings, FunctionalTest, Trials

__all__ = ["Findings", "FunctionalTest", "Trials"]
