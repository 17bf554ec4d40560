"""Text with tabs, commas or semicolons as rows of cells. A line of the file is a row, whatever its quotation marks say.

Quotation marks may enclose a whole cell on one line (`"a; b"`, with `""` for a mark inside) and are then taken off. A mark
inside a cell (`5" long`) is a letter. A cell that begins with a mark and does not end with one on its line is refused, in
tables with tabs too: readers that look for the closing mark on a later line swallow all rows between.
"""

from __future__ import annotations

import csv
import io

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count


def text_rows(text: str, where: str, *, one_column: bool = False) -> tuple[list[list[str]], list[Count]]:
    """Split text into rows of cells.

    Parameters
    ----------
    text : str
        Content of the file. Lines above the header that begin with `#` are comments, as featureCounts writes them; a line with
        `#` that has as many cells as the line below it is itself the header.
    where : str
        What to call the file in messages.
    one_column : bool
        Take a table of one column, too.

    Returns
    -------
    tuple
        One row per line, so that the position of a row tells its line; a comment is an empty row. And what was counted.

    Raises
    ------
    DataError
        If the text is empty, has one column only (unless `one_column`), or a quotation mark that does not enclose a whole cell
        on its line.
    """
    lines = [line.rstrip("\n") for line in io.StringIO(text, newline=None)]
    filled = [number for number, line in enumerate(lines) if line.strip() != ""]
    if len(filled) == 0:
        raise DataError(Problem(where, "the file is empty", "There is nothing to read", "Export the table again"))
    first = next((number for number in filled if not lines[number].startswith("#")), filled[0])
    comments = [number for number in filled if number < first]
    delimiter = _delimiter(lines[first], where, one_column=one_column)
    n_delimiters = lines[first].count(delimiter)
    if len(comments) > 0 and lines[comments[-1]].count(delimiter) == n_delimiters > 0:
        comments.pop()
    counts = []
    if len(comments) > 0:
        shown = first_examples((lines[number][:40] for number in comments), 1)
        counts.append(
            Count("comment lines skipped", len(comments), None, shown, "lines above the header that begin with #")
        )
    written = ["" if number in comments else line for number, line in enumerate(lines)]
    return _cells(written, delimiter, where), counts


def _delimiter(header: str, where: str, *, one_column: bool) -> str:
    delimiter = "\t" if "\t" in header else max(";,", key=header.count)
    if delimiter not in header and one_column:
        return "\t"
    if delimiter not in header:
        what = f"only one column was found, headed {header[:40]!r}"
        remedy = "Export the table with tabs, commas or semicolons between its columns"
        raise DataError(Problem(where, what, "A table has columns", remedy))
    return delimiter


def _cells(lines: list[str], delimiter: str, where: str) -> list[list[str]]:
    rows: list[list[str]] = []
    faults: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if '"' not in line:
            rows.append(line.split(delimiter))
            continue
        try:
            rows.extend(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            faults.append((number, line))
    if len(faults) > 0:
        number, line = faults[0]
        start = max(line.find('"') - 10, 0)
        what = (
            f"{len(faults)} lines have a cell that begins with a quotation mark and does not end with one, first line {number}: "
            f"{line[start : start + 40]!r}"
        )
        why = "Where such a cell ends would be a guess, and a wrong one swallows or shifts rows"
        remedy = "Remove the mark, or enclose the whole cell in quotation marks; a cell may not hold a line break"
        raise DataError(Problem(where, what, why, remedy))
    return rows
