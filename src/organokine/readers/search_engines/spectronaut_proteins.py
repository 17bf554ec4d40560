"""Spectronaut's run pivot report of protein groups: one column of quantities per run."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.readers.base import Count, RawTable
from organokine.readers.cells import to_numbers
from organokine.readers.grid import Grid, read_grid
from organokine.readers.search_engines.protein_tables import (
    Layout,
    first_present,
    quantity_count,
    read_layout,
    required,
)
from organokine.readers.search_engines.samples import SampleColumn, run_column

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ENGINE = "Spectronaut"
_IDENTIFIERS = ("PG.ProteinGroups", "PG.ProteinAccessions", "PG.UniProtIds", "PG.ProteinNames", "PG.Genes")
_RUN = re.compile(r"\[[0-9]+\] *(?P<run>.+)\.(?P<what>PG\.[^.]+)")
_QUANTITIES = ("PG.Quantity", "PG.MS2Quantity", "PG.MS1Quantity")
_PRECURSORS = tuple(
    f"PG.NrOf{what}{suffix}"
    for what in (
        "PrecursorsIdentified",
        "PrecursorsMeasured",
        "StrippedSequencesIdentified",
        "ModifiedSequencesIdentified",
    )
    for suffix in (" (Experiment-wide)", "")
)
_LARGEST = "largest number of precursors"


def is_spectronaut_proteins(sniffed: Sniffed) -> bool:
    """`[1] run.PG.Quantity` beside names of protein groups."""
    pivots = any(_RUN.fullmatch(name) is not None for name in sniffed.header)
    return pivots and not set(sniffed.header).isdisjoint(_IDENTIFIERS) and not _has_peptides(sniffed.header)


def read_spectronaut_proteins(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read Spectronaut's run pivot of protein groups; parameters and errors as in `read_layout`.

    `[3] run.raw.PG.Quantity` is the sample `run`; `Filtered` is missing.
    """
    grid = read_grid(path, where)
    identifier = required(_IDENTIFIERS, grid, _ENGINE, where)
    by_quantity = {quantity: _columns(grid, quantity) for quantity in _QUANTITIES}
    quantity = next((quantity for quantity, columns in by_quantity.items() if len(columns) > 0), _QUANTITIES[0])
    samples = by_quantity[quantity]
    counts = [quantity_count(quantity, [sample.column for sample in samples])] if len(samples) > 0 else []
    grid, precursors, more = _with_precursors(grid)
    protein = ("PG.ProteinGroups", "PG.ProteinAccessions", "PG.UniProtIds")
    layout = Layout(
        _ENGINE,
        samples,
        identifier,
        "",
        ("PG.Genes",),
        protein,
        precursors,
        ("PG.FastaHeaders",),
        counts=[*counts, *more],
    )
    return read_layout(grid, layout, assay, folder, known, where)


def _has_peptides(header: Collection[str]) -> bool:
    return any(name.startswith(("EG.", "FG.", "PEP.", "F.")) for name in header)


def _columns(grid: Grid, what: str) -> list[SampleColumn]:
    matches = [(name, _RUN.fullmatch(name)) for name in grid.header]
    return [run_column(name, match["run"]) for name, match in matches if match is not None and match["what"] == what]


def _with_precursors(grid: Grid) -> tuple[Grid, tuple[str, ...], list[Count]]:
    """The numbers over the experiment, else the largest of the runs."""
    found = first_present(_PRECURSORS, grid.header)
    if found is not None:
        return grid, (found,), []
    for what in _PRECURSORS:
        columns = [column.column for column in _columns(grid, what)]
        cells = to_numbers(grid.body[columns])
        if len(columns) > 0 and len(cells.refused) == 0:
            largest = pd.DataFrame(cells.numbers, index=grid.body.index).max(axis="columns")
            body = grid.body.assign(**{_LARGEST: largest.astype(str)})
            note = f"the largest {what} of the runs was taken, since there is none over the experiment"
            count = Count("precursors from runs", len(columns), None, columns[0], note)
            return replace(grid, header=[*grid.header, _LARGEST], body=body), (_LARGEST,), [count]
    return grid, (), []
