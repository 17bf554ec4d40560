"""Which columns of a table of proteins are samples, and what the sample sheet may call them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count
from organokine.readers.cells import is_missing, to_numbers
from organokine.readers.grid import Grid
from organokine.readers.precursors.runs import run_stem


@dataclass(frozen=True)
class SampleColumn:
    """A column of intensities.

    Attributes
    ----------
    column : str
        Its name in the table.
    names : tuple of str
        What the sample sheet may call it; the first is its name where there is no sheet.
    """

    column: str
    names: tuple[str, ...]


class ChosenSamples(NamedTuple):
    """Columns that are read.

    Attributes
    ----------
    samples : dict of str to str
        Name of the column to name of the sample, in the order of the table.
    counts : tuple of Count
        Columns that the sample sheet does not name.
    """

    samples: dict[str, str]
    counts: tuple[Count, ...]


def run_column(column: str, run: str | None = None) -> SampleColumn:
    """A column of a run: known by the stem of its raw file, by its file name or by its path."""
    written = (column if run is None else run).strip()
    return SampleColumn(
        column, tuple(dict.fromkeys((run_stem(written), written.replace("\\", "/").split("/")[-1], written)))
    )


def holds_numbers(column: pd.Series) -> bool:
    """Whether a column may be a sample: it is empty, or at least one cell is a number."""
    held = column[~is_missing(column)].reset_index(drop=True)
    return len(held) == 0 or len(to_numbers(held.to_frame()).refused) < len(held)


def open_columns(
    grid: Grid, annotation: Collection[str], known: Collection[str] | None
) -> tuple[list[SampleColumn], list[Count]]:
    """Columns of runs in a table whose other columns are known by name; a column of words only is none, and counted."""
    others = [run_column(name) for name in grid.header if name not in annotation]
    text = [
        column.column
        for column in others
        if (known is None or _name_in_sheet(column, known) is None) and not holds_numbers(grid.body[column.column])
    ]
    runs = [column for column in others if column.column not in text]
    if len(text) == 0:
        return runs, []
    note = "columns that are no samples and hold no named annotation: left out"
    return runs, [Count("text columns ignored", len(text), len(grid.header), first_examples(text), note)]


def filled_quantity(
    grid: Grid, found: Mapping[str, Sequence[SampleColumn]]
) -> tuple[str, Sequence[SampleColumn], list[str]]:
    """Choose among quantities.

    Parameters
    ----------
    grid : Grid
        The table.
    found : mapping of str to sequence of SampleColumn
        Columns of each quantity, in the order of preference.

    Returns
    -------
    tuple
        The first quantity with a value other than zero, else the first that has columns; its columns; the other quantities
        that have columns.
    """
    present = {quantity: columns for quantity, columns in found.items() if len(columns) > 0}
    if len(present) == 0:
        return "", (), []
    taken = next((quantity for quantity, columns in present.items() if _is_filled(grid, columns)), next(iter(present)))
    return taken, present[taken], [quantity for quantity in present if quantity != taken]


def _is_filled(grid: Grid, columns: Sequence[SampleColumn]) -> bool:
    cells = to_numbers(grid.body[[column.column for column in columns]])
    return len(cells.refused) > 0 or bool((np.nan_to_num(cells.numbers) != 0).any())


def _name_in_sheet(column: SampleColumn, known: Collection[str]) -> str | None:
    """What the sheet calls a column: exactly one of its names, the longest first, or a raw file of the same stem."""
    exact = next((name for name in sorted(column.names, key=len, reverse=True) if name in known), None)
    return exact if exact is not None else min((name for name in known if run_stem(name) in column.names), default=None)


def choose_samples(columns: Sequence[SampleColumn], known: Collection[str] | None, where: str) -> ChosenSamples:
    """Choose the columns that the sample sheet names.

    Parameters
    ----------
    columns : sequence of SampleColumn
        Columns of intensities.
    known : collection of str or None
        Samples of the sheet; None if every column is a sample.
    where : str
        What to call the table in messages.

    Returns
    -------
    ChosenSamples
        Which column is which sample.

    Raises
    ------
    DataError
        If no column is a sample, or two are the same one.
    """
    if known is None:
        samples = {column.column: column.names[0] for column in columns}
    else:
        called = {column.column: _name_in_sheet(column, known) for column in columns}
        samples = {column: name for column, name in called.items() if name is not None}
    rest = [column.names[0] for column in columns if column.column not in samples]
    if len(samples) == 0:
        raise DataError(_none(rest, known, where))
    names = list(samples.values())
    twice = list(dict.fromkeys(name for name in names if names.count(name) > 1))
    if len(twice) > 0:
        pair = first_examples(column for column, name in samples.items() if name == twice[0])
        what = f"{len(twice)} samples have several columns, first {first_examples(twice, 1)} in {pair}"
        why = "It is not known which of them is the sample"
        raise DataError(Problem(where, what, why, "Give each run its own name, or leave the copy out"))
    if len(rest) == 0:
        return ChosenSamples(samples, ())
    note = "columns of numbers that the sample sheet does not name: left out"
    count = Count("columns without a row in the sheet", len(rest), len(columns), first_examples(rest), note)
    return ChosenSamples(samples, (count,))


def _none(rest: list[str], known: Collection[str] | None, where: str) -> Problem:
    if known is None:
        remedy = "Export the table with the quantities of the single runs"
        return Problem(where, "no column holds the intensities of a run", "A sample is a column of intensities", remedy)
    return Problem(
        where,
        f"none of the {len(known)} samples of the sample sheet ({first_examples(sorted(known), 2)}) is a column of the table "
        f"({first_examples(rest, 2)})",
        "Values are joined to animals by the name of the sample",
        "Write the names of the samples as the table has them into the column `sample` of the sample sheet",
    )
