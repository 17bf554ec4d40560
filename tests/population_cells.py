"""Stand-ins for what scores a cell, in a module that workers load quickly."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd

from organokine.population.cohort import Cell, CellResult, Cohort
from organokine.population_tables import POPULATION_LADDER, POPULATION_NULL


def quick_cell(cohort: Cohort, cell: Cell) -> CellResult:
    """A mean over a matrix product for every secreted gene: cheap, and of no meaning."""
    source, target = cohort.matrices[cell.source], cohort.matrices[cell.target]
    secreted = cohort.routes.loc[list(source.genes), "secreted"].to_numpy(dtype=bool)
    left, right = (
        np.nan_to_num(each - np.nanmean(each, axis=1, keepdims=True)) for each in (source.values, target.values)
    )
    score = np.abs(left[secreted] @ right.T).mean(axis=1) + len(cell.rung)
    key = dict(zip(("source", "target", "stratum", "rung"), cell, strict=True))
    ladder = pd.DataFrame({"gene": source.genes[secreted], "score": score}).assign(state="asked", **key)
    draws = np.random.default_rng(cohort.seed).normal(size=3)
    null = pd.DataFrame({"null_name": "complete", "share": [0.0, 0.5, 1.0], "value": draws, "n_draws": 3}).assign(**key)
    return CellResult(POPULATION_LADDER.conform(ladder), POPULATION_NULL.conform(null))


def dying_cell(flag: str, rung: str, cohort: Cohort, cell: Cell) -> CellResult:
    """The same, but the first process that meets a cell of this rung is killed."""
    if cell.rung == rung and not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return quick_cell(cohort, cell)
