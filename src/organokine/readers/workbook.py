"""The first sheet of an Excel workbook as rows of cells; damage and formulas that were never calculated are refused."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, first_line
from organokine.readers.base import Count

# What zipfile, the XML parsers (theirs are SyntaxErrors) and openpyxl raise on a file that is not as they expect.
_DAMAGE = (
    ValueError, LookupError, OSError, EOFError, TypeError, AttributeError, SyntaxError, RuntimeError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip


SHEETS_NOT_READ = "sheets not read"
"""What sheets beside the first are counted as."""


def workbook_rows(content: bytes, where: str) -> tuple[list[list[str]], list[Count]]:
    """Read the first sheet of a workbook.

    Parameters
    ----------
    content : bytes
        The .xlsx file.
    where : str
        What to call it in messages.

    Returns
    -------
    tuple
        Cells as text, an empty cell is the empty string; and the sheets that were not read.

    Raises
    ------
    DataError
        If the workbook is damaged, or has a formula without its result.
    """
    held = _files_in(content)
    if held is not None and not any(name.startswith("xl/worksheets/") for name in held):
        is_book = any(name.startswith("xl/") for name in held)
        what = "the workbook has no sheet of cells" if is_book else "the file is a zip archive, not a workbook"
        remedy = "Save the table itself, not a chart of it" if is_book else "Unpack it, and name the table in it"
        raise DataError(Problem(where, what, "The table cannot be read", remedy))
    try:
        book = pd.ExcelFile(io.BytesIO(content), engine="openpyxl")
        frame = book.parse(0, header=None, dtype=object, na_filter=False)
        uncalculated = _uncalculated(content) if _has_formulas(content) else []
    except _DAMAGE as error:
        what = f"the workbook is damaged and cannot be opened ({first_line(error, 100)})"
        remedy = "Save it again as .xlsx, or as text with tabs"
        raise DataError(Problem(where, what, "The table cannot be read", remedy)) from error
    if len(uncalculated) > 0:
        what = f"{len(uncalculated)} cells hold a formula without its result, first {uncalculated[0]}"
        why = "The program that wrote the workbook did not calculate them, and they would be read as missing"
        remedy = "Open and save it in Excel or LibreOffice first, or write values in place of formulas"
        raise DataError(Problem(where, what, why, remedy))
    others = [str(name) for name in book.sheet_names[1:]]
    note = "only the first sheet of a workbook is read"
    counts = (
        [Count(SHEETS_NOT_READ, len(others), len(others) + 1, first_examples(others), note)] if len(others) > 0 else []
    )
    return [[cell_text(value) for value in row] for row in frame.itertuples(index=False)], counts


def workbook_start(path: Path, n_rows: int) -> tuple[tuple[str, ...], ...]:
    """Cells of the first rows of the first sheet; none if the workbook is damaged."""
    import openpyxl

    try:
        with path.open("rb") as file:
            sheet = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets[0]
            return tuple(
                tuple(cell_text(value) for value in row) for row in sheet.iter_rows(max_row=n_rows, values_only=True)
            )
    except _DAMAGE:
        return ()


def cell_text(value: object) -> str:
    """A cell of a workbook or data frame as text; missing is the empty string."""
    text = str(value)
    return "" if text in {"None", "nan", "NaT", "<NA>"} else text


def _files_in(content: bytes) -> list[str] | None:
    """Names in a zip archive; None if it cannot be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except _DAMAGE:
        return None


def _has_formulas(content: bytes) -> bool:
    """Whether any sheet has a formula: looked up in the XML, since reading a large workbook twice is slow."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return any(mark in archive.read(name) for name in sheets for mark in (b"<f>", b"<f ", b":f>", b":f "))


def _uncalculated(content: bytes) -> list[str]:
    """Coordinates of formulas of the first sheet that have no stored result; an empty text is a result."""
    import openpyxl

    formulas, results = (
        openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only).worksheets[0]
        for data_only in (False, True)
    )
    return [
        str(formula.coordinate)
        for formula_row, result_row in zip(formulas.iter_rows(), results.iter_rows(), strict=True)
        for formula, result in zip(formula_row, result_row, strict=True)
        if formula.data_type == "f" and result.value is None and result.data_type == "n"
    ]
