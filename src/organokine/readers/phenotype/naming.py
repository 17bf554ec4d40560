"""Names of columns that cannot stand beside each other, and what the names of wide columns tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from organokine.errors import DataError, Problem
from organokine.phenotype.base import COLUMNS

if TYPE_CHECKING:
    from organokine.phenotype_section import PhenotypeSection

MAY_BE_COVARIATES = ("weight", "speed", "exposure")
"""Names that a covariate may share with a key of `columns`, if both are one column."""
_TAKEN = (*COLUMNS, "row", "block", "count", "total", "n_values", "n_at_ceiling")
_NUMBERED = re.compile(r"([A-Za-z]*)[^A-Za-z0-9]*([0-9]+)")
_DAY_WORDS = frozenset({"d", "day", "days"})


class Place(NamedTuple):
    """Where a wide column stands: `day` (NaN if its name tells none) and `trial` (empty if its name tells a day alone)."""

    day: float
    trial: str

    def __str__(self) -> str:
        parts = [] if np.isnan(self.day) else [f"day {self.day:g}"]
        return ", ".join([*parts, *([f"trial {self.trial}"] if self.trial != "" else [])])


def naming_problems(
    section: PhenotypeSection, by_key: Mapping[str, str], measures: Mapping[str, Sequence[str]], where: str
) -> Iterator[Problem]:
    """One column for two things, covariates of a name that is taken, and trials told by a column and by names of columns.

    Parameters
    ----------
    section : PhenotypeSection
        What was named.
    by_key, measures : mapping
        Columns as found, as in `columns.Found`.
    where : str
        What to call the table in messages.
    """
    yield from _shared(section, by_key, measures, where)
    for name in dict.fromkeys(section.covariates):
        own = by_key.get(name) in {None, name}
        if section.covariates.count(name) > 1:
            yield Problem(
                where, f"the covariate {name!r} is named twice", "It can be adjusted for once", "Name it once"
            )
        if name in {"sex", "cage"}:
            why = f"The {name} is taken into account by itself"
            yield Problem(where, f"{name!r} is named as a covariate", why, "Leave it out of the covariates")
        elif name == by_key["subject"] or (name in _TAKEN and not (name in MAY_BE_COVARIATES and own)):
            remedy = "Leave it out, or give the column another name"
            yield Problem(where, f"a covariate is called {name!r}", "That name stands for something else here", remedy)
    wide = [columns for columns in measures.values() if len(columns) > 1]
    if len(wide) > 0:
        tell_day = any(not np.isnan(place.day) for place in places_of(wide[0], where))
        for key in ("trial", *(["day"] if tell_day else [])):
            if getattr(section.columns, key) is not None:
                what = f"the {key} is told by the column {by_key[key]!r} and by the names of the columns of values"
                yield Problem(f"{where} {key}", what, "They may differ", f"Leave out the column of the {key}")


def _shared(
    section: PhenotypeSection, by_key: Mapping[str, str], measures: Mapping[str, Sequence[str]], where: str
) -> Iterator[Problem]:
    held: dict[str, str] = {}
    used = [*by_key.items(), *(("value", column) for columns in measures.values() for column in columns)]
    # Sexes may be compared; weight and speed may be what is measured, except that grip is compared at equal weight.
    allowed = {("group", "sex"), ("speed", "value"), *([] if section.test == "grip" else [("weight", "value")])}
    for key, column in used:
        other = held.get(column)
        held[column] = key
        if other is not None and (other, key) not in allowed:
            what = f"the column {column!r} is named {'twice as value' if key == other else f'as {other} and as {key}'}"
            yield Problem(where, what, "A column holds one thing, once", "Name the column that holds each")


def places_of(columns: Sequence[str], where: str) -> list[Place]:
    """Day and trial of each column of a wide table, by the numbers in its name.

    Parameters
    ----------
    columns : sequence of str
        At least two names. A number behind `day` or `d` is the day; of two others the first is the day; one is the trial; without
        numbers the trials are as the columns are ordered. Of three numbers or more those that all columns share tell nothing.
    where : str
        What to call the table in messages.

    Raises
    ------
    DataError
        If some names have more numbers than others, more than a day and a trial, or two columns are the same trial.
    """
    told = [[(word.lower(), int(number)) for word, number in _NUMBERED.findall(name)] for name in columns]
    sizes = {len(each) for each in told}
    if 0 in sizes and sizes <= {0, 1}:
        return [Place(np.nan, str(place + 1)) for place in range(len(columns))]
    if len(sizes) > 1:
        first = next(name for name, each in zip(columns, told, strict=True) if len(each) != len(told[0]))
        _refuse(where, f"the columns {columns[0]!r} and {first!r} do not have as many numbers in their names")
    day, trial = _positions(told, columns, where)
    places = [
        Place(np.nan if day is None else float(each[day][1]), "" if trial is None else str(each[trial][1]))
        for each in told
    ]
    for at, place in enumerate(places):
        before = next(k for k, other in enumerate(places) if str(other) == str(place))
        if before != at:
            _refuse(where, f"the columns {columns[before]!r} and {columns[at]!r} are both read as {place}")
    return places


def _positions(
    told: Sequence[Sequence[tuple[str, int]]], columns: Sequence[str], where: str
) -> tuple[int | None, int | None]:
    """Which of the numbers of all names is the day, and which the trial."""
    every = range(len(told[0]))
    days = [k for k in every if all(each[k][0] in _DAY_WORDS for each in told)]
    rest = [k for k in every if k not in days[:1]]
    most = 2 - len(days[:1])
    if len(rest) > most:
        rest = [k for k in rest if len({each[k][1] for each in told}) > 1]
    if len(rest) > most:
        _refuse(where, f"the column {columns[0]!r} has more numbers in its name than a day and a trial")
    if len(days) > 0:
        return days[0], rest[0] if len(rest) > 0 else None
    return (rest[0], rest[1]) if len(rest) == 2 else (None, rest[0] if len(rest) > 0 else 0)


def _refuse(where: str, what: str) -> None:
    why = "It is not known which trial is which"
    raise DataError(
        Problem(f"{where} value", what, why, "Name them alike, such as day1_trial1, day1_trial2, day2_trial1")
    )
