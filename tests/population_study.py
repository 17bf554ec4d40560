"""A small population on disk, and cheap stand-ins for what scores it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from organokine import population_run
from organokine.population.cohort import Cell, CellResult, Cohort
from organokine.population_tables import POPULATION_LADDER, POPULATION_NULL, POPULATION_TABLES
from organokine.simulate.cohort_folder import write_population
from tests.population_cells import quick_cell

SMALL = {"n_individuals": 40, "n_genes": 60, "organs": ("muscle", "fat"), "messages": (("muscle", "fat"),)}


def write_small_population(folder: Path, **options: object) -> Path:
    """Forty mice with two organs of sixty genes; gives the study file."""
    return write_population(folder, permutations=999, **{**SMALL, **options})


def edit(path: Path, old: str, new: str) -> Path:
    """Change one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def quick_tables(
    cohort: Cohort, planned: object, results: Mapping[Cell, CellResult], collections: object = ()
) -> dict[str, pd.DataFrame]:
    """The cells one after the other, and the other tables empty."""
    made = {table.name: table.empty() for table in POPULATION_TABLES}
    cells = [results[cell] for cell in planned.cells]
    made["population_ladder"] = POPULATION_LADDER.conform(pd.concat([cell.ladder for cell in cells]))
    made["population_null"] = POPULATION_NULL.conform(pd.concat([cell.null for cell in cells]))
    return made | {"population_pairs": planned.pairs}


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let population mode run without its numbers and its page."""
    assemble, page = ModuleType("assemble"), ModuleType("page")
    assemble.assemble = quick_tables
    page.build_population = lambda out: (out / "report.html").write_text("<p>a page</p>", encoding="utf-8")
    page.in_words = lambda *_tables: ["In words."]
    monkeypatch.setitem(sys.modules, "organokine.population.assemble", assemble)
    monkeypatch.setitem(sys.modules, "organokine.report.population_page", page)
    monkeypatch.setattr(population_run, "run_cell", quick_cell)
