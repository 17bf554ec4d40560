"""Tables of numbers with tabs, read by column, and folders that hold one of them per sample."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem

_FIRST_LINE = 4096


def text_columns(path: Path, where: str) -> pd.DataFrame:
    """Read a table with tabs as text, its header (if it has one) as the first row.

    Parameters
    ----------
    path : pathlib.Path
        The file, gzip or not. Quotation marks are letters.
    where : str
        What to call it in messages.

    Returns
    -------
    pandas.DataFrame
        Cells as text, columns numbered; a cell that a short line lacks is empty.

    Raises
    ------
    DataError
        If the file is absent, empty, damaged or not UTF-8, or a line is longer than the first.
    """
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        frame = pd.read_csv(
            path,
            sep="\t",
            header=None,
            dtype=str,
            keep_default_na=False,
            quoting=csv.QUOTE_NONE,
            encoding="utf-8-sig",
            compression="gzip" if is_gzip else None,
        )
    except (ValueError, OSError, EOFError, zlib.error) as error:  # the errors of pandas are ValueErrors
        what = f"the file {path.name!r} cannot be read ({str(error).strip()[:100]})"
        raise DataError(Problem(where, what, "The table cannot be read", "Copy or export the file again")) from error
    return frame.fillna("")


def numbers_of(text: pd.Series, where: str, column: str) -> np.ndarray:
    """Read a column of counts, lengths or abundances.

    Parameters
    ----------
    text : pandas.Series
        Cells as text; the index is the number of the row.
    where, column : str
        What to call the file and the column in messages.

    Returns
    -------
    numpy.ndarray
        (n_rows,) float64, finite and not negative.

    Raises
    ------
    DataError
        If a cell is empty, no number, negative or infinite: such files are never partly filled.
    """
    numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float)
    wrong = np.flatnonzero(~np.isfinite(numbers) | (numbers < 0))
    if wrong.size > 0:
        first = f"{text.iloc[wrong[0]]!r} in row {int(text.index[wrong[0]]) + 1}, column {column}"
        what = f"{wrong.size} cells are no counts, first {first}"
        why = "Programs write a number for every gene, so the file is cut off or was changed"
        raise DataError(Problem(where, what, why, "Copy the file again, or make it anew"))
    return numbers


def files_that(folder: Path, files: Iterable[str], test: Callable[[list[str]], bool]) -> list[str]:
    """Those files of a folder whose first line, as cells between tabs, passes a test."""
    return [name for name in files if test(first_cells(folder / name))]


def first_cells(path: Path) -> list[str]:
    """Cells of the first line of a text with tabs, gzip or not; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(_FIRST_LINE)
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as file:
                start = file.read(_FIRST_LINE)
    except (OSError, EOFError, zlib.error):
        return []
    line = start.decode("utf-8-sig", errors="replace").partition("\n")[0]
    return [cell.strip() for cell in line.split("\t")]
