"""Any table file as a grid of text: tsv, csv, xlsx or parquet, plain or gzip, known by content and not by name."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, first_line
from organokine.readers.base import Count
from organokine.readers.cells import clean_name, count_float_names
from organokine.readers.delimited import text_rows
from organokine.readers.strangers import stranger
from organokine.readers.workbook import SHEETS_NOT_READ, cell_text, workbook_rows

_UNREADABLE = "The table cannot be read"


@dataclass(frozen=True)
class Grid:
    """A table as text.

    Attributes
    ----------
    header : list of str
        Names of the columns, stripped and unique.
    body : pandas.DataFrame
        Cells as text, columns named as in `header`; an empty cell is the empty string.
    counts : tuple of Count
        What was repaired.
    lines : tuple of int
        Line of the file, or row of its workbook, of each row of `body`, from 1; empty for a grid that was made in memory.
    """

    header: list[str]
    body: pd.DataFrame
    counts: tuple[Count, ...]
    lines: tuple[int, ...] = ()


def read_grid(path: Path, where: str) -> Grid:
    """Read a table file as text.

    Parameters
    ----------
    path : pathlib.Path
        The file; its kind is known by its first bytes.
    where : str
        What to call it in messages.

    Returns
    -------
    Grid
        Header and cells.

    Raises
    ------
    DataError
        If the file is absent, empty, damaged, not UTF-8, has one column only, lines longer than the header, columns of one
        name, a quotation mark that does not enclose a whole cell, or a formula without its result.
    """
    return grid_of_rows(*read_rows(path, where), where)


def read_rows(path: Path, where: str, *, one_column: bool = False) -> tuple[list[list[str]], list[Count]]:
    """Read a table file as rows of cells of any length, for formats with several tables or with no header.

    Text of one column is refused unless `one_column`; a `DataError` if the file is no table.
    """
    return _rows(_content(path, where), where, one_column=one_column)


def read_text(path: Path, where: str) -> str:
    """Read a text file whole, gzip or not, for formats that hold more than one table; a `DataError` if it is none."""
    content = _content(path, where)
    return _decoded(content, where)


def grid_of_text(text: str, where: str) -> Grid:
    """Turn text into a grid as `read_grid` does; blank lines are passed over and keep the numbers of lines true."""
    return grid_of_rows(*text_rows(text, where), where)


def grid_of_rows(rows: list[list[str]], counts: list[Count], where: str) -> Grid:
    """Turn rows of cells, the first with the names of the columns, into a grid as `read_grid` does; empty rows are passed over."""
    numbers = [number for number, row in enumerate(rows, start=1) if any(cell.strip() != "" for cell in row)]
    rows = [rows[number - 1] for number in numbers]
    if len(rows) < 2:
        what = "the file is empty" if len(rows) == 0 else "the file has a header and no rows"
        sheets = next((count.example for count in counts if count.item == SHEETS_NOT_READ), "")
        other = f"Put the table into the first sheet; the others, {sheets}, are not read"
        raise DataError(
            Problem(where, what, "There is nothing to read", other if sheets != "" else "Export the table again")
        )
    rows, shape_counts = _rectangular(rows, numbers, where)
    header = [clean_name(name) for name in rows[0]]
    repaired = count_float_names(rows[0])
    if len(repaired) > 0:
        note = "column names of the form 12345.0 are whole numbers read as floats"
        shape_counts.append(Count("column names repaired", len(repaired), len(header), first_examples(repaired), note))
    body = pd.DataFrame(rows[1:], dtype=object)
    kept = [j for j, name in enumerate(header) if j == 0 or name != "" or body[j].str.strip().ne("").any()]
    header = [header[j] if header[j] != "" or j == 0 else f"unnamed column {j + 1}" for j in kept]
    _refuse_repeated(header, where)
    body = body[kept].set_axis(header, axis="columns")
    return Grid(header, body, (*counts, *shape_counts), tuple(numbers[1:]))


def _refuse(where: str, what: str, remedy: str, why: str = _UNREADABLE) -> NoReturn:
    raise DataError(Problem(where, what, why, remedy))


def _content(path: Path, where: str) -> bytes:
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError:  # a name longer than the file system allows
        is_folder, is_file = False, False
    if is_folder:
        _refuse(where, f"{path.name or str(path)!r} is a folder, not a table", "Name the file in it")
    if not is_file:
        _refuse(where, no_file(path), "Correct the path")
    try:
        content = path.read_bytes()
    except OSError as error:
        _refuse(where, f"the file {path.name!r} cannot be opened ({error.strerror})", "Look at the rights of the file")
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            _refuse(where, f"the compressed file is damaged ({error})", "Copy or export the file again")
    return content


def no_file(path: Path) -> str:
    """Say that a path leads to no file: to nothing, or to a pipe or device, which cannot be read twice."""
    try:
        exists = path.exists()
    except OSError:  # a name longer than the file system allows
        exists = False
    if exists:
        return f"{path.name!r} is no ordinary file"
    return f"the file {path.name!r} does not exist in {path.absolute().parent}"


def _rows(content: bytes, where: str, *, one_column: bool) -> tuple[list[list[str]], list[Count]]:
    if content.startswith(b"PAR1"):
        return _parquet_rows(content, where), []
    if content.startswith(b"PK"):
        return workbook_rows(content, where)
    return text_rows(_decoded(content, where), where, one_column=one_column)


def _decoded(content: bytes, where: str) -> str:
    other = stranger(content)
    if other is not None:
        _refuse(where, other.what, other.remedy)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        why = "Another encoding would be a guess, and names with accents or Greek letters would no longer match"
        _refuse(where, f"line {line} is not UTF-8 text", "Save the table as UTF-8 (in Excel: CSV UTF-8)", why)


def _parquet_rows(content: bytes, where: str) -> list[list[str]]:
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (ValueError, OSError) as error:
        _refuse(where, f"the Parquet file cannot be opened ({first_line(error)})", "Export the table again")
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    header = [str(name) for name in frame.columns]
    return [header, *([cell_text(value) for value in row] for row in frame.itertuples(index=False))]


def _rectangular(rows: list[list[str]], numbers: list[int], where: str) -> tuple[list[list[str]], list[Count]]:
    """Bring all lines to the length of the header; R leaves out the name above its row names."""
    counts: list[Count] = []
    width = len(rows[0])
    if all(len(row) == width + 1 for row in rows[1:]):
        rows = [["", *rows[0]], *rows[1:]]
        width += 1
        note = "the header names one column less than the lines have: the first is taken for row names"
        counts.append(Count("row names without a header", 1, None, "", note))
    long = [
        number
        for number, row in zip(numbers, rows, strict=True)
        if len(row) > width and any(cell != "" for cell in row[width:])
    ]
    if len(long) > 0:
        what = f"{len(long)} lines have more cells than the header has columns ({width}), first line {long[0]}"
        _refuse(
            where,
            what,
            "Look for a delimiter inside a name, and put that name in quotes",
            "Values would shift to another sample",
        )
    short = [number for number, row in zip(numbers, rows, strict=True) if len(row) < width]
    if len(short) > 0:
        note = "taken as empty cells at the end of the line; look whether the file is cut off"
        counts.append(Count("lines shorter than the header", len(short), len(rows), f"line {short[0]}", note))
    return [row[:width] + [""] * (width - len(row)) for row in rows], counts


def _refuse_repeated(header: list[str], where: str) -> None:
    repeated = [name for name, n in Counter(header).items() if n > 1]
    if len(repeated) > 0:
        what = f"{len(repeated)} column names stand more than once: {first_examples(repeated)}"
        _refuse(
            where,
            what,
            "Give each column its own name, or leave the copy out",
            "It is not known which column is the sample",
        )
