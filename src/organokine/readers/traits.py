"""Tables of traits: one row per individual, a column of numbers per trait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.base import Count
from organokine.readers.cells import clean_name, count_float_names, is_missing, looks_numeric
from organokine.readers.grid import read_grid
from organokine.readers.sample_sheet import typed_column

if TYPE_CHECKING:
    from organokine.population_section import TraitsSection


class TraitTable(NamedTuple):
    """What a table of traits holds.

    Attributes
    ----------
    values : pandas.DataFrame
        Index subject, sorted; float64 columns, one per trait; NaN is not measured.
    counts : tuple of Count
        What was repaired or left out.
    """

    values: pd.DataFrame
    counts: tuple[Count, ...]


def read_traits(path: Path, section: TraitsSection, where: str) -> TraitTable:
    """Read a table of traits from tsv, csv, xlsx or parquet.

    Parameters
    ----------
    path : pathlib.Path
        The table.
    section : TraitsSection
        Column of the individuals, and columns of the traits; without these every column of numbers is a trait.
    where : str
        What to call the table in messages.

    Returns
    -------
    TraitTable
        One row per individual.

    Raises
    ------
    DataError
        If the table cannot be read, lacks a column that is named, has an individual without a name or twice, a trait that is no
        number or infinite, or no column of numbers.
    """
    grid = read_grid(path, where)
    named = [section.subject, *section.values]
    problems = [_absent(name, grid.header, where) for name in named if name not in grid.header]
    if section.subject in section.values:
        what = f"{section.subject!r} is named as the individual and as a trait"
        problems.append(Problem(where, what, "A name is no measurement", "Take it out of `values`"))
    if len(problems) > 0:
        raise DataError(problems)
    given = grid.body[section.subject].str.strip()
    subjects = given.map(clean_name)
    cells = grid.body.drop(columns=[section.subject]).apply(lambda column: column.str.strip())
    numeric = [name for name in cells.columns if looks_numeric(cells[name])]
    chosen = list(section.values) if len(section.values) > 0 else numeric
    problems = [*_subject_problems(subjects, where), *_value_problems(cells, chosen, numeric, where)]
    if len(problems) > 0:
        raise DataError(problems)
    values, counts = _numbers(cells, chosen, where)
    repaired = count_float_names(given)
    if len(repaired) > 0:
        note = "names of the form 12345.0 are whole numbers read as floats"
        counts.append(Count("names of individuals repaired", len(repaired), len(given), first_examples(repaired), note))
    left_out = [name for name in cells.columns if name not in chosen]
    if len(left_out) > 0:
        note = "not named in `values`" if len(section.values) > 0 else "not all values are numbers"
        counts.append(
            Count("columns that are no traits", len(left_out), cells.shape[1], first_examples(left_out), note)
        )
    infinite = [name for name in values.columns if bool(np.isinf(values[name]).any())]
    if len(infinite) > 0:
        what = f"{len(infinite)} traits have infinite values: {first_examples(infinite)}"
        raise DataError(
            Problem(where, what, "They have no correlation", "Correct the values, or leave the cells empty")
        )
    index = pd.Index(subjects, dtype=object, name="subject")
    return TraitTable(values.set_axis(index, axis="index").sort_index(), (*grid.counts, *counts))


def _numbers(cells: pd.DataFrame, chosen: list[str], where: str) -> tuple[pd.DataFrame, list[Count]]:
    columns, counts = {}, []
    for name in chosen:
        numbers, n_commas = typed_column(cells[name], f"{where} {name}")
        columns[name] = numbers.astype("float64")
        if n_commas > 0:
            counts.append(
                Count(f"decimal commas in {name}", n_commas, len(cells), "", "a comma was taken as the decimal sign")
            )
    return pd.DataFrame(columns), counts


def _absent(name: str, header: list[str], where: str) -> Problem:
    near = nearest(name, header)
    meant = f"{near!r} is there" if near is not None else f"There are {first_examples(header, 8)}"
    why = "Traits are joined to the individuals of the sample sheet by name"
    return Problem(where, f"there is no column {name!r}", why, f"{meant}; name it in [[population.traits]]")


def _subject_problems(subjects: pd.Series, where: str) -> Iterator[Problem]:
    nameless = np.flatnonzero(is_missing(subjects))
    if len(nameless) > 0:
        what = f"{len(nameless)} rows name no individual, first in line {nameless[0] + 2}"
        yield Problem(where, what, "Traits are joined by name", "Fill in the name, or remove the row")
    named = subjects[~is_missing(subjects)]
    twice = named[named.duplicated()].unique()
    if len(twice) > 0:
        what = f"{len(twice)} individuals have several rows: {first_examples(twice)}"
        why = "The individual is the unit, and it is not known which row holds"
        yield Problem(where, what, why, "Keep one row per individual, or average them")


def _value_problems(cells: pd.DataFrame, chosen: list[str], numeric: list[str], where: str) -> Iterator[Problem]:
    if len(chosen) == 0:
        why = "A trait is a number for each individual"
        remedy = (
            f"Columns are {first_examples(cells.columns, 8)}; name those of numbers in `values`, or correct their cells"
        )
        yield Problem(where, "no column holds numbers alone", why, remedy)
    for name in chosen:
        if name in numeric:
            continue
        text = cells[name][~is_missing(cells[name])]
        bad = text[pd.to_numeric(text, errors="coerce").isna()]
        held = (
            f"{len(bad)} values are no numbers, first {bad.iloc[0]!r} in line {bad.index[0] + 2}"
            if len(bad) > 0
            else "it is empty"
        )
        yield Problem(
            f"{where} {name}", held, "A trait is a number for each individual", "Correct it, or leave the trait out"
        )
