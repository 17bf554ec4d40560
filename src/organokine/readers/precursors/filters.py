"""Rows of a table of precursors that do not count: decoys, contaminants, too large a q-value, no quantity."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.base import Count
from organokine.readers.precursors.columns import numbers_of

if TYPE_CHECKING:
    import pandas as pd

_BETWEEN = re.compile(r"[;,:]")
_DECOY = re.compile(r"(?:rev_|reverse_|decoy_|##)", re.IGNORECASE)
_CONTAMINANT = re.compile(r"(?:cont_|contam_|con__|crap[-_|])", re.IGNORECASE)
CONTAMINANTS = "contaminants"
YES = frozenset({"1", "1.0", "+", "true", "yes"})


class Mark(NamedTuple):
    """A column that marks rows to be left out.

    Attributes
    ----------
    item : str
        What the marked rows are.
    values : frozenset of str
        Cells that mark a row, in lower case.
    """

    item: str
    values: frozenset[str] = YES


class Filtered(NamedTuple):
    """Rows of a table of precursors after the filters.

    Attributes
    ----------
    rows : pandas.DataFrame
        The rows that stay.
    contaminants : pandas.DataFrame or None
        Rows that would stay if they were no contaminants; None if the table does not mark contaminants, neither by a column nor
        by a prefix.
    counts : list of Count
        Rows left out, by reason; a row is counted once, under the first that holds.
    """

    rows: pd.DataFrame
    contaminants: pd.DataFrame | None
    counts: list[Count]


def q_value_limits(
    advised: Mapping[str, float], given: Mapping[str, float], header: tuple[str, ...], where: str
) -> dict[str, float]:
    """The largest q-value of each column: as the engine's author advises where the column is there, or as the study file says.

    Raises
    ------
    DataError
        If the study file names a column that does not exist, or a limit that is none.
    """
    problems = []
    for column, limit in given.items():
        place = f"{where} q_values"
        if column not in header:
            near = nearest(column, header)
            remedy = f"Write {near!r}" if near is not None else f"Columns are {first_examples(header, 8)}"
            why = "It was asked for by name, so none is guessed"
            problems.append(Problem(place, f"there is no column {column!r}", why, remedy))
        if not 0 <= limit <= 1:
            why = "A q-value is a false discovery rate"
            problems.append(Problem(place, f"{column} has the limit {limit:g}", why, "Write a number from 0 to 1"))
    if len(problems) > 0:
        raise DataError(problems)
    return {column: limit for column, limit in advised.items() if column in header} | dict(given)


def asked_limits(frame: pd.DataFrame, limits: Mapping[str, float], instead: Mapping[str, str]) -> dict[str, float]:
    """The limits, with columns that hold nothing but zeros replaced by those that are asked instead.

    DIA-NN writes zeros as q-values of the library where no library was made of the runs; then its global q-values tell what
    the runs together say.
    """
    asked = {}
    for column, limit in limits.items():
        is_silent = column in instead and bool((numbers_of(frame[column]) == 0).all())
        asked[instead[column] if is_silent else column] = limit
    return asked


def filter_rows(frame: pd.DataFrame, protein: str, marks: Mapping[str, Mark], limits: Mapping[str, float]) -> Filtered:
    """Leave out what does not count, one reason after the other.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of the table; text as categories.
    protein : str
        Column of protein groups.
    marks : mapping of str to Mark
        Columns that mark rows.
    limits : mapping of str to float
        Largest q-value by column; a column without any value filters nothing.

    Returns
    -------
    Filtered
        The rows that stay, contaminants, and what was counted.
    """
    counts: list[Count] = []
    kept = np.ones(len(frame), dtype=bool)
    else_kept = np.ones(len(frame), dtype=bool)

    def leave_out(fails: np.ndarray, item: str, note: str) -> None:
        n = int((kept & fails).sum())
        if n > 0:
            examples = frame[protein].to_numpy()[np.flatnonzero(kept & fails)[:1]]
            counts.append(Count(item, n, len(frame), first_examples(examples), note))
        np.logical_and(kept, ~fails, out=kept)
        if item != CONTAMINANTS:
            np.logical_and(else_kept, ~fails, out=else_kept)

    for column, mark in marks.items():
        leave_out(_marked(frame[column], mark), mark.item, f"rows marked in column {column}: left out")
    groups = frame[protein]
    leave_out(_groups(groups, is_decoy), "decoys", "rows of a protein with the prefix of a decoy: left out")
    note = "rows of a protein group with a member that has the prefix of a contaminant: left out"
    has_prefix = _groups(groups, is_contaminant)
    leave_out(has_prefix, CONTAMINANTS, note)
    leave_out(_groups(groups, _is_empty), "rows without a protein", "left out")
    for column, limit in limits.items():
        q = numbers_of(frame[column])
        absent = np.isnan(q)
        if absent.all():
            counts.append(
                Count(f"no {column} in the table", len(q), len(q), "", "the column is empty: filters nothing")
            )
            continue
        leave_out(absent, f"rows without {column}", "left out, since the filter cannot be asked")
        leave_out(q > limit, f"rows with {column} above {limit:g}", "left out; set by q_values of the assay")
    is_marked = has_prefix.any() or any(mark.item == CONTAMINANTS for mark in marks.values())
    return Filtered(frame[kept], frame[else_kept & ~kept] if is_marked else None, counts)


def _marked(column: pd.Series, mark: Mark) -> np.ndarray:
    return _groups(column, lambda cell: cell.strip().lower() in mark.values)


def _groups(column: pd.Series, test: Callable[[str], bool]) -> np.ndarray:
    """Rows whose category passes a test; each category is looked at once."""
    hits = np.array([test(str(category)) for category in column.cat.categories], dtype=bool)
    return hits[column.cat.codes.to_numpy()]


def _members(group: str) -> list[str]:
    return [member.strip() for member in _BETWEEN.split(group) if member.strip() != ""]


def _is_empty(group: str) -> bool:
    return len(_members(group)) == 0


def is_decoy(group: str) -> bool:
    """Whether every member of a protein group has the prefix of a decoy."""
    members = _members(group)
    return len(members) > 0 and all(_begins(_DECOY, member) for member in members)


def is_contaminant(group: str) -> bool:
    """Whether a member of a protein group has the prefix of a contaminant."""
    return any(_begins(_CONTAMINANT, member) for member in _members(group))


def _begins(prefix: re.Pattern[str], member: str) -> bool:
    """Whether an identifier or one of its parts has a prefix: `CON__P1`, `sp|Cont_P1|X`."""
    return any(prefix.match(part) is not None for part in member.split("|"))


def leading_accession(group: str) -> str:
    """Accession of the first member of a protein group: `sp|P1|X_HUMAN;P2` is `P1`."""
    members = _members(group)
    if len(members) == 0:
        return ""
    parts = members[0].split("|")
    return parts[1] if len(parts) > 1 and parts[0].lower() in ("sp", "tr") else parts[0]
