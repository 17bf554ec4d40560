"""Which column of a phenotype table holds what, and its cells as text or numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.phenotype_section import FAMILIES
from organokine.readers.base import Count
from organokine.readers.cells import clean_name, is_missing, to_numbers
from organokine.readers.phenotype.naming import naming_problems, places_of

if TYPE_CHECKING:
    from organokine.phenotype_section import PhenotypeSection

TEXT_KEYS = ("trial", "sex", "cage")
NUMBER_KEYS = ("day", "weight", "speed", "exposure")
FIXED_MEASURES = {"rotarod": "latency", "grip": "force", "beam": "slips"}
"""Measure of the column `value`, for tests of which it is known."""
OPTIONAL_MEASURES = {"beam": ("time", "failed")}
"""Further measures that a table may hold, by test."""
OWN_TESTS = {"speed": ("gait",), "exposure": ("beam",), "measure": ("gait", "scalar")}
"""Keys whose column is looked for in tests that use it only."""
YES_NO = {"yes": "1", "no": "0", "true": "1", "false": "0", "y": "1", "n": "0", "failed": "1", "crossed": "0"}


class Found(NamedTuple):
    """Columns of a table by what they hold.

    Attributes
    ----------
    by_key : dict of str to str
        Key of `columns` to the column of the table, for keys that hold one column.
    measures : dict of str to tuple of str
        Name of a measure to its columns; several columns are trials of a wide table.
    """

    by_key: dict[str, str]
    measures: dict[str, tuple[str, ...]]


def find_columns(section: PhenotypeSection, header: Sequence[str], where: str) -> Found:
    """Find the columns that a section names, or that have the name of their key.

    Raises
    ------
    DataError
        With every column that is named and absent, and with what is needed and neither named nor there.
    """
    problems: list[Problem] = []
    named = section.columns.model_dump(exclude_none=True)
    by_key: dict[str, str] = {}
    for key in ("subject", "group", "measure", *TEXT_KEYS, *NUMBER_KEYS):
        column = str(named.get(key, key))
        if key not in named and section.test not in OWN_TESTS.get(key, (section.test,)):
            continue
        if column in header:
            by_key[key] = column
        elif key in named:
            problems.append(_absent(f"{where} {key}", column, header))
    if "subject" not in by_key and "subject" not in named:
        problems.append(_absent(f"{where} subject", "subject", header))
    measures = _measures(section, header, by_key, where, problems)
    used = (*section.covariates, *section.within)
    problems.extend(_absent(where, column, header) for column in used if column not in header)
    if len(problems) == 0:
        problems.extend(naming_problems(section, by_key, measures, where))
    if len(problems) > 0:
        raise DataError(problems)
    return Found(by_key, measures)


def _measures(
    section: PhenotypeSection, header: Sequence[str], by_key: Mapping[str, str], where: str, problems: list[Problem]
) -> dict[str, tuple[str, ...]]:
    named = section.columns
    value = () if named.value is None else (named.value,) if isinstance(named.value, str) else named.value
    if section.test in FIXED_MEASURES or "measure" in by_key or len(section.measures) == 0:
        columns = value if len(value) > 0 or "value" not in header else ("value",)
        own = FIXED_MEASURES.get(section.test, columns[0] if len(columns) == 1 else "value")
        found = {own: columns} if len(columns) > 0 else {}
    else:
        found = {measure: (measure,) for measure in section.measures}
    for key in OPTIONAL_MEASURES.get(section.test, ()):
        column = getattr(named, key)
        if column is not None or key in header:
            found[key] = (key if column is None else column,)
    absent = [column for columns in found.values() for column in columns if column not in header]
    problems.extend(_absent(f"{where} value", column, header) for column in absent)
    if len(found) == 0 and section.test in FAMILIES:
        what = "no column of values and no measures are named"
        remedy = f"Name the parameters with measures, or one column with value; there are {first_examples(header, 12)}"
        problems.append(Problem(f"{where} value", what, "It is not known what was measured", remedy))
    elif len(found) == 0:
        problems.append(_absent(f"{where} value", "value", header))
    return found


def _absent(where: str, column: str, header: Sequence[str]) -> Problem:
    near = nearest(column, header)
    hint = f"Write {near!r}" if near is not None else "Name the column that holds it"
    return Problem(
        where,
        f"the table has no column {column!r}",
        "The test cannot be read without it",
        f"{hint}; there are {first_examples(header, 12)}",
    )


def text_of(body: pd.DataFrame, column: str | None) -> pd.Series:
    """A column as names, empty where missing or absent."""
    if column is None:
        return pd.Series("", index=body.index, dtype=object)
    text = body[column].map(clean_name)
    return text.where(~is_missing(body[column]), "").astype(object)


def numbers_of(
    body: pd.DataFrame, column: str | None, where: str, remedy: str, counts: list[Count]
) -> tuple[pd.Series, list[Problem]]:
    """A column as numbers, NaN where missing or absent, and what is wrong with it; what was repaired is added to `counts`."""
    if column is None:
        return pd.Series(np.nan, index=body.index), []
    cells = to_numbers(body[[column]])
    values = cells.numbers[:, 0]
    odd = [(row, text) for row, _, text in cells.refused]
    odd += [(int(row), str(body[column].iloc[row])) for row in np.flatnonzero(np.isinf(values))]
    if cells.decimal_commas > 0:
        note = "a comma was read as the decimal sign"
        counts.append(Count(f"decimal commas in {column}", cells.decimal_commas, None, "", note))
    if len(odd) == 0:
        return pd.Series(values, index=body.index), []
    row, text = odd[0]
    line = int(body.index[row]) + 2
    are = "cell of {!r} is no number" if len(odd) == 1 else "cells of {!r} are no numbers"
    what = f"{len(odd)} {are.format(column)}, first {text!r} in line {line}"
    if "," in text:
        remedy += "; write a decimal comma as a full stop where it could be one of thousands"
    return pd.Series(values, index=body.index), [
        Problem(where, what, "A value that is not a number cannot be compared", remedy)
    ]


def measured(body: pd.DataFrame, found: Found, where: str) -> tuple[pd.DataFrame, list[Problem], list[Count]]:
    """All measured values, one row each: `row` (of the body), `measure`, `value`, and `day` and `trial` of wide tables."""
    problems: list[Problem] = []
    counts: list[Count] = []
    parts = []
    for measure, columns in found.measures.items():
        places = places_of(columns, where) if len(columns) > 1 else [(np.nan, "")]
        for column, place in zip(columns, places, strict=True):
            table = body
            if measure == "failed":
                table = body.assign(**{column: body[column].str.strip().str.lower().replace(YES_NO)})
            remedy = (
                "Write yes or no"
                if measure == "failed"
                else "Write the number, in one unit, or leave the cell empty if it was not measured"
            )
            values, faults = numbers_of(table, column, where, remedy, counts)
            problems.extend(faults)
            part = pd.DataFrame({"row": body.index, "value": values, "measure": measure})
            if "measure" in found.by_key:
                part["measure"] = text_of(body, found.by_key["measure"])
            part["day"], part["trial"] = place
            parts.append(part)
    rows = pd.concat(parts, ignore_index=True)
    wide = [columns for columns in found.measures.values() if len(columns) > 1]
    if len(wide) > 0:
        shown = ", ".join(
            f"{name} is {place}" for name, place in list(zip(wide[0], places_of(wide[0], where), strict=True))[:2]
        )
        counts.append(Count("columns read as trials", len(wide[0]), None, wide[0][0], shown))
    return rows, problems, counts
