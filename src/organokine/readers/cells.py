"""Cells of a table: text to names and numbers, with what was repaired counted and what cannot be read named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

MISSING_MARKS = frozenset(
    {
        "",
        "na",
        "nan",
        "n.a.",
        "n/a",
        "#n/a",
        "<na>",
        "-",
        "--",
        "---",
        "none",
        "null",
        "no data",
        "filtered",
        "#num!",
        "#div/0!",
        "#value!",
    }
)
"""What instruments, R, Python and spreadsheets write for a missing value, in lower case."""

_WHOLE_AS_FLOAT = re.compile(r"[0-9]+\.0+")
_DECIMAL_COMMA = re.compile(r"\s*[-+]?[0-9]+,[0-9]+(?:[eE][-+]?[0-9]+)?\s*")
_NOT_THOUSANDS = re.compile(r",(?![0-9]{3}(?![0-9]))")


@dataclass
class Numbers:
    """Columns of text read as numbers.

    Attributes
    ----------
    numbers : numpy.ndarray
        (n_rows, n_columns) float64; NaN is missing.
    decimal_commas : int
        Cells that used a comma as the decimal sign.
    marks : dict of str to int
        Marks of missing values that were met, other than the empty cell, and how often.
    refused : list of tuple
        (row, column, text) of cells that are no number.
    """

    numbers: np.ndarray
    decimal_commas: int = 0
    marks: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[int, int, str]] = field(default_factory=list)


def clean_name(text: str) -> str:
    """Strip a name, and give a whole number that was read as a float its old form (`12345.0` to `12345`)."""
    stripped = text.strip()
    return stripped.split(".", maxsplit=1)[0] if _WHOLE_AS_FLOAT.fullmatch(stripped) is not None else stripped


def plain_spelling(text: str) -> str:
    """A label as the eye compares it: no letter case, no invisible signs (zero width, soft hyphen), plain single spaces."""
    visible = "".join(sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(visible.split()).casefold()


def plain_animal(name: str) -> str:
    """The name of an animal as the eye compares it: as `plain_spelling`, and without leading zeros of its numbers."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", plain_spelling(name))


def alike(names: Iterable[str], simplify: Callable[[str], str]) -> list[list[str]]:
    """Names that are the same once simplified, put together; names without a look-alike are left out."""
    spellings: dict[str, list[str]] = {}
    for name in sorted(names):
        spellings.setdefault(simplify(name), []).append(name)
    return [found for found in spellings.values() if len(found) > 1]


def count_float_names(names: Iterable[str]) -> list[str]:
    """Those of the names that look like a whole number read as a float."""
    return [name for name in names if _WHOLE_AS_FLOAT.fullmatch(name.strip()) is not None]


def is_missing(text: pd.Series) -> pd.Series:
    """Whether each text is empty or a known mark of a missing value."""
    return text.str.strip().str.lower().isin(MISSING_MARKS)


def looks_numeric(column: pd.Series) -> bool:
    """Whether every cell that is not missing is a number, and there is at least one; a decimal comma is allowed."""
    held = column[~is_missing(column)]
    if len(held) == 0:
        return False
    numbers = pd.to_numeric(held, errors="coerce")
    rest = held[numbers.isna()]
    return bool(rest.str.fullmatch(_DECIMAL_COMMA.pattern).all())


def to_numbers(text: pd.DataFrame) -> Numbers:
    """Read columns of text as numbers.

    A comma is taken as the decimal sign when no cell holds a full stop and at least one comma cannot separate thousands.

    Parameters
    ----------
    text : pandas.DataFrame
        Cells as text; nothing is missing, an empty cell is the empty string.

    Returns
    -------
    Numbers
        Values, repairs and cells that are no number.
    """
    cells = text.to_numpy(dtype=object)
    values = np.full(cells.shape, np.nan)
    result = Numbers(values)
    leftover: list[tuple[int, int, str]] = []
    for j in range(cells.shape[1]):
        column = pd.Series(cells[:, j], dtype=object)
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
        values[:, j] = numbers
        for i in np.flatnonzero(np.isnan(numbers)).tolist():
            cell = str(cells[i, j]).strip()
            if cell.lower() not in MISSING_MARKS:
                leftover.append((i, j, cell))
            elif cell != "":
                result.marks[cell] = result.marks.get(cell, 0) + 1
    commas = [cell for cell in leftover if _DECIMAL_COMMA.fullmatch(cell[2]) is not None]
    is_decimal = any(_NOT_THOUSANDS.search(cell) is not None for _, _, cell in commas) and not any(
        "." in str(cell) for cell in cells[~np.isnan(values)]
    )
    for row, j, cell in leftover:
        if is_decimal and _DECIMAL_COMMA.fullmatch(cell) is not None:
            values[row, j] = float(cell.replace(",", "."))
            result.decimal_commas += 1
        else:
            result.refused.append((row, j, cell))
    return result
