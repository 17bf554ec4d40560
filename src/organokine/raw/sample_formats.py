"""Forms of a sheet of raw runs, each turned into the same rows: our own, and the manifest of FragPipe. `sdrf` has the third."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple, NoReturn, TypeAlias

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.base import Count
from organokine.readers.grid import grid_of_rows

Kind: TypeAlias = Literal["sheet", "sdrf", "fragpipe"]
DATA_TYPES = ("DDA", "DDA+", "DIA", "GPF-DIA", "DIA-QUANT", "DIA-LIB")
"""Words that FragPipe writes into the fourth column of a manifest, in capitals."""
MANIFEST = ("path", "experiment", "replicate", "data_type")
FRACTIONS = "Fractions of one sample are not put together"
_OTHER_NAMES = ("file", "folder", "raw file", "filename", "run")
_JOINED = "Runs are found through this column"


class SheetRows(NamedTuple):
    """Rows of a sheet, whatever its form.

    Attributes
    ----------
    kind : str
        Form of the sheet.
    lines : tuple of int
        Line of the sheet, or row of its workbook, of each run, from 1.
    paths : tuple of str
        Folders as written, stripped.
    samples : tuple of str or None
        Names of the samples, stripped; None where the folder gives the name.
    others : pandas.DataFrame
        All other columns as text, stripped; one row per run.
    counts : tuple of Count
        What was repaired.
    problems : tuple of Problem
        What is wrong, and does not keep the rows from being read.
    """

    kind: Kind
    lines: tuple[int, ...]
    paths: tuple[str, ...]
    samples: tuple[str | None, ...]
    others: pd.DataFrame
    counts: tuple[Count, ...]
    problems: tuple[Problem, ...] = ()


def is_manifest(first: Sequence[str]) -> bool:
    """Whether the first row of a file is one of a FragPipe manifest: no header, and a data type in the last of four columns."""
    cells = [cell.strip() for cell in first]
    return len(cells) >= 4 and cells[3].upper() in DATA_TYPES and all(cell == "" for cell in cells[4:])


def sheet_rows(rows: list[list[str]], counts: list[Count], where: str) -> SheetRows:
    """Rows of a sheet with the column `path` and mostly `sample`.

    Parameters
    ----------
    rows : list of list of str
        Cells of the file; the position of a row is its line.
    counts : list of Count
        What was counted so far.
    where : str
        What to call the file in messages.

    Returns
    -------
    SheetRows
        Its runs.

    Raises
    ------
    DataError
        If there is no row, no column `path`, a column that is nearly `sample`, or `path` or `sample` twice.
    """
    _refuse_without_header(rows, where)
    grid = grid_of_rows(_without_last_delimiter(rows), counts, where)
    body, more = stripped(grid.body)
    names = [name.lower() for name in grid.header]
    repeated = [name for name in ("path", "sample") if names.count(name) > 1]
    if len(repeated) > 0:
        twice = [name for name in grid.header if name.lower() in repeated]
        what = f"columns differ only in letter case: {first_examples(twice, 4)}"
        raise DataError(Problem(where, what, "It is not known which column is meant", "Keep one of them"))
    body.columns = [name.lower() if name.lower() in ("path", "sample") else name for name in grid.header]
    if "path" not in body.columns:
        _refuse_without_path(body, where)
    others = body.drop(columns=["path", "sample"], errors="ignore").rename(columns={"": "unnamed column 1"})
    samples: tuple[str | None, ...] = (None,) * len(body)
    if "sample" in body.columns:
        samples = tuple(body["sample"])
    else:
        _refuse_near_sample(list(others.columns), where)
    return SheetRows("sheet", grid.lines, tuple(body["path"]), samples, others, (*grid.counts, *more))


def manifest_rows(rows: list[list[str]], counts: list[Count], where: str) -> SheetRows:
    """Rows of a FragPipe manifest: path, experiment, bioreplicate and data type, without a header.

    Parameters
    ----------
    rows : list of list of str
        Cells of the file; the position of a row is its line.
    counts : list of Count
        What was counted so far.
    where : str
        What to call the file in messages.

    Returns
    -------
    SheetRows
        Its runs; a sample is `experiment_replicate`, what there is of the two, or named after its folder.

    Raises
    ------
    DataError
        If a row has more than four cells.
    """
    lines = [number for number, row in enumerate(rows, start=1) if any(cell.strip() != "" for cell in row)]
    long = [number for number in lines if any(cell.strip() != "" for cell in rows[number - 1][4:])]
    if len(long) > 0:
        what = f"{len(long)} lines have more than the four cells of a FragPipe manifest, first line {long[0]}"
        raise DataError(
            Problem(where, what, "It is not known which cell is which", "Save the manifest again in FragPipe")
        )
    cells = [(rows[number - 1] + [""] * len(MANIFEST))[: len(MANIFEST)] for number in lines]
    body, more = stripped(pd.DataFrame(cells, columns=list(MANIFEST), dtype=object))
    samples: list[str | None] = []
    for experiment, replicate in zip(body["experiment"], body["replicate"], strict=True):
        parts = [part for part in (experiment, replicate) if part != ""]
        samples.append("_".join(parts) if len(parts) > 0 else None)
    others = body[["experiment", "replicate", "data_type"]]
    problems = []
    fractions = [name for name, n in Counter(samples).items() if n > 1 and name is not None]
    if len(fractions) > 0:
        what = f"{len(fractions)} experiments have several files of one replicate: {first_examples(fractions)}"
        remedy = "Give each file a replicate of its own if they are no fractions, or leave these experiments out"
        problems.append(Problem(where, what, FRACTIONS, remedy))
    return SheetRows(
        "fragpipe", tuple(lines), tuple(body["path"]), tuple(samples), others, (*counts, *more), tuple(problems)
    )


def stripped(body: pd.DataFrame) -> tuple[pd.DataFrame, list[Count]]:
    """Take blanks off the ends of all cells of text, and count where there were any."""
    plain = body.map(str.strip)
    changed = [str(cell) for cell in body.to_numpy()[(plain != body).to_numpy()]]
    if len(changed) == 0:
        return plain, []
    note = "blanks at the ends of cells were taken off"
    return plain, [Count("cells stripped", len(changed), int(body.size), first_examples(changed), note)]


def _without_last_delimiter(rows: list[list[str]]) -> list[list[str]]:
    """Lines that all end with a delimiter the header lacks would be taken for lines with row names."""
    width = next((len(row) for row in rows if any(cell.strip() != "" for cell in row)), 0)
    return [row[:width] if all(cell.strip() == "" for cell in row[width:]) else row for row in rows]


def _refuse_without_header(rows: list[list[str]], where: str) -> None:
    first = next((row for row in rows if any(cell.strip() != "" for cell in row)), [])
    runs = [cell for cell in first if _is_run(cell)]
    if len(runs) > 0:
        what = f"the first line names a run, {first_examples(runs, 1)}: there is no header"
        remedy = (
            "Put a line with path and sample above it (a FragPipe manifest has four columns, the last with DDA or DIA)"
        )
        raise DataError(Problem(where, what, _JOINED, remedy))


def _is_run(cell: str) -> bool:
    return cell.strip().rstrip("/\\").lower().endswith(".d")


def _refuse_without_path(body: pd.DataFrame, where: str) -> NoReturn:
    header = [str(name) for name in body.columns]
    folders = [name for name in header if body[name].map(_is_run).all()]
    guesses = (nearest(word, header) for word in ("path", *_OTHER_NAMES))
    near = folders[0] if len(folders) > 0 else next((guess for guess in guesses if guess is not None), None)
    remedy = f"Add it, with the .d folder of each run; there are {first_examples(header, 8)}"
    if near is not None:
        remedy = f"Rename {near!r} to 'path' if it holds the .d folders; there are {first_examples(header, 8)}"
    raise DataError(Problem(f"{where} path", "the sheet has no column 'path'", _JOINED, remedy))


def _refuse_near_sample(header: list[str], where: str) -> None:
    near = nearest("sample", header)
    if near is not None:
        what = f"the sheet has no column 'sample', but one that is nearly called so, {near!r}"
        remedy = f"Rename {near!r} to 'sample' if it is meant, or add a column 'sample'"
        raise DataError(Problem(f"{where} sample", what, "Samples would be named after their folders", remedy))
