"""The reader of plain matrices: one row per feature, one column per sample."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import annotate, find_column, identifiers_of, unique_identifiers
from organokine.readers.base import Count, RawTable
from organokine.readers.cells import looks_numeric, to_numbers
from organokine.readers.grid import Grid, read_grid

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection


def read_matrix(path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str) -> RawTable:
    """Read features x samples from tsv, csv, xlsx or parquet, gzip or not.

    Parameters
    ----------
    path : pathlib.Path
        The table. Its kind, delimiter and decimal sign are found out.
    assay : AssaySection
        Its section: names of annotation columns, and the file of features.
    folder : pathlib.Path
        What the path of the file of features is relative to.
    known : collection of str or None
        Samples of the sheet: their columns are read, others are counted. None: every column of numbers is a sample.
    where : str
        What to call the table in messages.

    Returns
    -------
    RawTable
        Values and symbols as written; a cell of text in a sample is refused unless it is a mark of a missing value.

    Raises
    ------
    DataError
        With everything that is wrong with the table.
    """
    grid = read_grid(path, where)
    samples = () if known is None else known
    id_column, identifiers, id_counts = identifiers_of(grid, assay, samples, where)
    beside = None if assay.features is None else folder / assay.features
    features, used, counts = annotate(grid, identifiers, assay, beside, samples, where)
    names, column_counts = _samples(grid, {id_column, *used.values()}, known, where)
    index, unique_counts = unique_identifiers(identifiers)
    values, cell_counts = values_of(grid, names, index, where)
    features.index = index
    values.index = index
    all_counts = (*grid.counts, *id_counts, *unique_counts, *counts, *column_counts, *cell_counts)
    return RawTable(values, features, all_counts)


def is_matrix(sniffed: Sniffed) -> bool:  # noqa: ARG001  it is asked last, and its messages fit any file
    """A plain matrix is what no other reader knows."""
    return True


def _samples(
    grid: Grid, annotation: set[str], known: Collection[str] | None, where: str
) -> tuple[list[str], list[Count]]:
    others = [name for name in grid.header if name not in annotation]
    if known is None:
        numeric = [name for name in others if looks_numeric(grid.body[name])]
        samples = [name for name in numeric if find_column([name], "precursors") is None]
    else:
        samples = [name for name in others if name in known]
        rest = [name for name in others if name not in known]
        numeric = [name for name in rest if looks_numeric(grid.body[name])]
    if len(samples) == 0:
        raise DataError(_no_sample(others, known, where))
    text = [name for name in others if name not in samples and name not in numeric]
    counts = []
    if known is not None and len(numeric) > 0:
        note = "columns of numbers that the sample sheet does not name: left out"
        counts.append(
            Count("columns without a row in the sheet", len(numeric), len(others), first_examples(numeric), note)
        )
    if len(text) > 0:
        note = "columns that are no samples and hold no named annotation: left out"
        counts.append(Count("text columns ignored", len(text), len(grid.header), first_examples(text), note))
    return samples, counts


def _no_sample(others: list[str], known: Collection[str] | None, where: str) -> Problem:
    if known is None:
        why = "A sample is a column of numbers"
        return Problem(where, "no column holds numbers", why, "Look at the decimal sign and the delimiter of the table")
    return Problem(
        where,
        f"none of the {len(known)} samples of the sample sheet ({first_examples(sorted(known), 2)}) is a column of the table "
        f"({first_examples(others, 2)})",
        "Values are joined to animals by the name of the sample",
        "Write the names of the columns into the column `sample` of the sample sheet",
    )


def values_of(grid: Grid, names: list[str], index: pd.Index, where: str) -> tuple[pd.DataFrame, list[Count]]:
    """Read the columns of the samples as numbers.

    Parameters
    ----------
    grid : Grid
        The table.
    names : list of str
        Columns of the samples.
    index : pandas.Index
        Identifier of each row, for messages.
    where : str
        What to call the table in messages.

    Returns
    -------
    tuple
        Rows x columns with a plain row index, NaN where a cell is empty or a mark of a missing value; and what was counted.

    Raises
    ------
    DataError
        If a cell is neither a number nor a mark of a missing value.
    """
    cells = to_numbers(grid.body[names])
    if len(cells.refused) > 0:
        places = (f"{text} in row {index[i]}, column {names[j]}" for i, j, text in cells.refused)
        what = f"{len(cells.refused)} cells are no numbers, first {first_examples(places)}"
        why = "A value that cannot be read must not be taken for a missing one"
        remedy = "Correct these cells, or leave them empty if nothing was measured"
        raise DataError(Problem(where, what, why, remedy))
    frame = pd.DataFrame(cells.numbers, columns=names)
    counts = []
    if cells.decimal_commas > 0:
        note = "a comma was taken as the decimal sign"
        counts.append(Count("decimal commas", cells.decimal_commas, frame.size, "", note))
    if len(cells.marks) > 0:
        note = "words that stand for a missing value"
        n_marks = sum(cells.marks.values())
        counts.append(Count("marks of missing values", n_marks, frame.size, first_examples(cells.marks), note))
    return frame, counts
