"""Engines for diaPASEF, run where the user has installed them; none is shipped."""

from __future__ import annotations

from organokine.raw.engines.base import Engine, EngineJob, EngineSettings
from organokine.raw.engines.cards import ENGINES
from organokine.raw.engines.find import engine_of, find_engine, no_engine_problem
from organokine.raw.engines.report import read_engine_report
from organokine.raw.engines.run import EngineRun, run_engine

__all__ = [
    "ENGINES",
    "Engine",
    "EngineJob",
    "EngineRun",
    "EngineSettings",
    "engine_of",
    "find_engine",
    "no_engine_problem",
    "read_engine_report",
    "run_engine",
]
