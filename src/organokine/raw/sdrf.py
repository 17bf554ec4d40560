"""A sheet of raw runs in SDRF-Proteomics, the table of samples and files that repositories hold (doi:10.1038/s41467-021-26111-3)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.raw.sample_formats import FRACTIONS, SheetRows, stripped
from organokine.readers.base import Count
from organokine.readers.grid import grid_of_rows

FILE = "comment[data file]"
SOURCE = "source name"
ASSAY = "assay name"
FRACTION = "comment[fraction identifier]"
LABEL = "comment[label]"
_ISOBARIC = re.compile(r"tmt|itraq", re.IGNORECASE)
_TERM = re.compile(r"(?P<kind>[^\[]+?)\s*\[\s*(?P<inner>.+?)\s*\](?P<number>(?: [0-9]+)?)")
_SHORT = ("factor value", "characteristics")
"""Kinds of columns that lose their kind; where both have a column of one name, that of the factor has it."""


def is_sdrf(first: Sequence[str]) -> bool:
    """Whether the first row of a file is the header of an SDRF."""
    names = [_plain(name) for name in first]
    has_terms = any(name.startswith(("comment[", "characteristics[")) for name in names)
    return FILE in names or (SOURCE in names and has_terms)


def sdrf_rows(rows: list[list[str]], counts: list[Count], where: str) -> SheetRows:
    """Rows of an SDRF, one for each data file.

    Parameters
    ----------
    rows : list of list of str
        Cells of the file; the position of a row is its line. Names of columns may stand more than once.
    counts : list of Count
        What was counted so far.
    where : str
        What to call the file in messages.

    Returns
    -------
    SheetRows
        Its runs. A sample is the source name if that is unique, else the assay name if that is, else named after the folder.

    Raises
    ------
    DataError
        If there is no row or no column `comment[data file]`.
    """
    at = next(place for place, row in enumerate(rows) if any(cell.strip() != "" for cell in row))
    named = [*rows[:at], _numbered([_plain(name) for name in rows[at]]), *rows[at + 1 :]]
    grid = grid_of_rows(named, counts, where)
    body, more = stripped(grid.body)
    if FILE not in body.columns:
        what = f"the sheet is an SDRF without the column {FILE!r}"
        raise DataError(
            Problem(where, what, "Runs are found through this column", "Add it, with the .d folder of each run")
        )
    labels = _labels(body, where)
    first, repeated, differing = _one_row_a_file(body, grid.lines, where)
    # Several labels of one file are several rows of it.
    problems = [*labels, *_fractions(body, where), *(differing if len(labels) == 0 else ())]
    kept = body.loc[first].reset_index(drop=True)
    samples, naming = _samples(kept)
    others, merged = _short_columns(kept.drop(columns=FILE).rename(columns={"sample": "sample in the sheet"}))
    return SheetRows(
        "sdrf",
        tuple(grid.lines[place] for place in first),
        tuple(kept[FILE]),
        samples,
        others,
        (*grid.counts, *more, *repeated, *naming, *merged),
        tuple(problems),
    )


def _plain(name: str) -> str:
    """`Factor Value [Age]` as `factor value[Age]`; names without brackets in small letters."""
    name = " ".join(name.split())
    kind, bracket, inner = name.partition("[")
    whole = f"{kind.strip().lower()}{bracket}{inner.strip()}"
    return whole.lower() if whole.startswith("comment[") else whole


def _numbered(names: list[str]) -> list[str]:
    """Give names that stand more than once a number from the second on."""
    met = Counter[str]()
    numbered = []
    for name in names:
        met[name] += 1
        numbered.append(name if met[name] == 1 or name == "" else f"{name} {met[name]}")
    return numbered


def _labels(body: pd.DataFrame, where: str) -> list[Problem]:
    if LABEL not in body.columns:
        return []
    several = [file for file, labels in body.groupby(FILE, sort=False)[LABEL] if len(set(labels.str.lower())) > 1]
    isobaric = body.loc[body[LABEL].str.contains(_ISOBARIC), FILE].unique()
    files = list(dict.fromkeys([*several, *isobaric]))
    if len(files) == 0:
        return []
    labels = body.loc[body[FILE].isin(files), LABEL].unique()
    what = f"{len(files)} data files hold labelled or several samples: {first_examples(files)} with {first_examples(labels)}"
    why = "Only label-free runs, with one sample in each, are quantified"
    remedy = "Leave these rows out, or search them with a program for labels and bring its table"
    return [Problem(f"{where} {LABEL}", what, why, remedy)]


def _fractions(body: pd.DataFrame, where: str) -> list[Problem]:
    if FRACTION not in body.columns:
        return []
    source = body[SOURCE] if SOURCE in body.columns else pd.Series("", index=body.index)
    values = {name: len(set(found)) for name, found in body.groupby(source, sort=False)[FRACTION]}
    parted = [f"{name} ({n})" for name, n in values.items() if n > 1]
    if len(parted) == 0:
        return []
    what = f"{len(parted)} samples are measured in fractions: {first_examples(parted)}"
    remedy = "Search them with a program that joins fractions and bring its table, or leave these rows out"
    return [Problem(f"{where} {FRACTION}", what, FRACTIONS, remedy)]


def _one_row_a_file(
    body: pd.DataFrame, lines: Sequence[int], where: str
) -> tuple[list[int], list[Count], list[Problem]]:
    """The first row of each data file, and the others: equal ones are counted, different ones are a problem."""
    again, alike = body.duplicated(FILE) & (body[FILE] != ""), body.duplicated()
    first, equal, differing = (list(body.index[which]) for which in (~again, again & alike, again & ~alike))
    counts, problems = [], []
    if len(equal) > 0:
        shown = first_examples((f"line {lines[place]}" for place in equal), 1)
        counts.append(
            Count("rows that repeat another", len(equal), len(body), shown, "the same run with the same facts")
        )
    if len(differing) > 0:
        shown = first_examples(f"{body.loc[place, FILE]} in line {lines[place]}" for place in differing)
        what = f"{len(differing)} rows name a data file again and say something else of it: {shown}"
        remedy = "Keep one row for each data file"
        problems.append(Problem(f"{where} {FILE}", what, "A run is one sample", remedy))
    return first, counts, problems


def _samples(kept: pd.DataFrame) -> tuple[tuple[str | None, ...], list[Count]]:
    for column in (SOURCE, ASSAY):
        if column in kept.columns and kept[column].is_unique and (kept[column] != "").all():
            note = "source names are not unique" if column == ASSAY else ""
            counts = [Count(f"samples named by {ASSAY}", len(kept), len(kept), "", note)] if column == ASSAY else []
            return tuple(kept[column]), counts
    return (None,) * len(kept), []


def _short_columns(others: pd.DataFrame) -> tuple[pd.DataFrame, list[Count]]:
    """Factors and characteristics by the word in their brackets; a column that says the same as another goes."""
    short: dict[str, str] = {}
    dropped: list[str] = []
    for kind in _SHORT:
        for name in others.columns:
            term = _TERM.fullmatch(name)
            if term is None or term["kind"] != kind:
                continue
            word = f"{term['inner']}{term['number']}"
            holder = next((held for held, taken in short.items() if taken.lower() == word.lower()), None)
            if holder is not None and others[holder].equals(others[name]):
                dropped.append(name)
            elif holder is None and word not in others.columns and word.lower() not in ("sample", "path"):
                short[name] = word
    kept = others.drop(columns=dropped).rename(columns=short)
    note = "the factor of the same name says the same"
    counts = [Count("columns that repeat another", len(dropped), others.shape[1], first_examples(dropped), note)]
    return kept, counts if len(dropped) > 0 else []
