"""The sample sheet: which sample is of which animal, and what is known about it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.base import Count
from organokine.readers.cells import clean_name, count_float_names, is_missing, looks_numeric, to_numbers
from organokine.readers.grid import read_grid

KEYS = ("assay", "sample", "subject")
LARGEST_WHOLE = 2.0**63  # from here on a whole number is no int64: it is a name written in digits


class SampleSheet(NamedTuple):
    """A sample sheet.

    Attributes
    ----------
    samples : pandas.DataFrame
        Text columns `sample`, `subject` and, if the sheet has it, `assay`; then the design columns. A column is of numbers if
        all its values are numbers, else of text; missing is NaN.
    counts : tuple of Count
        What was repaired.
    """

    samples: pd.DataFrame
    counts: tuple[Count, ...]

    def names_of(self, assay: str) -> set[str] | None:
        """Samples that may be columns of an assay: all, if the sheet has no column `assay`; None, if it has no row for it."""
        rows = self.samples
        names = set(rows.loc[rows["assay"] == assay, "sample"] if "assay" in rows.columns else rows["sample"])
        return names if len(names) > 0 else None


def read_samples(path: Path, where: str, *, needs_subject: bool = True) -> SampleSheet:
    """Read a sample sheet from tsv, csv, xlsx or parquet.

    Parameters
    ----------
    path : pathlib.Path
        The sheet: columns `sample`, `subject`, optionally `assay`, then any design columns.
    where : str
        What to call it in messages.
    needs_subject : bool
        False: in a sheet without `subject`, each sample is an animal of its own.

    Returns
    -------
    SampleSheet
        One row per sample, or per assay and sample.

    Raises
    ------
    DataError
        If a key column is absent or stands twice, a name is empty, a sample stands twice, or commas in numbers are unclear.
    """
    grid = read_grid(path, where)
    _refuse_repeated_keys(grid.header, where)
    body = grid.body.rename(columns={name: name.lower() for name in grid.header if name.lower() in KEYS})
    if not needs_subject and "subject" not in body.columns and "sample" in body.columns:
        body = body.assign(subject=body["sample"])
    problems = [_absent(name, list(body.columns), where) for name in ("sample", "subject") if name not in body.columns]
    if len(problems) > 0:
        raise DataError(problems)
    counts = list(grid.counts)
    columns: dict[str, pd.Series] = {}
    for name in body.columns:
        text = body[name].str.strip()
        if name not in KEYS:
            columns[str(name)], n_commas = typed_column(text, f"{where} {name}")
            if n_commas > 0:
                note = "a comma was taken as the decimal sign"
                counts.append(Count(f"decimal commas in {name}", n_commas, len(text), "", note))
            continue
        floats = count_float_names(text)
        if len(floats) > 0:
            note = "names of the form 12345.0 are whole numbers read as floats"
            counts.append(Count(f"names of {name} repaired", len(floats), len(text), first_examples(floats), note))
        columns[name] = text.map(clean_name)
    samples = pd.DataFrame(columns)
    _check(samples, where)
    return SampleSheet(samples, tuple(counts))


def typed_column(text: pd.Series, where: str) -> tuple[pd.Series, int]:
    """A column as numbers if all its values are, else as text; and how many values had a decimal comma.

    Parameters
    ----------
    text : pandas.Series
        Stripped cells.
    where : str
        What to call it in messages.

    Returns
    -------
    tuple
        int64 if all are whole and none is missing, float64 with NaN, or object with NaN; and the number of decimal commas.

    Raises
    ------
    DataError
        If it is not clear what commas mean.
    """
    missing = is_missing(text)
    as_text = text.where(~missing).astype(object)
    if not looks_numeric(text):
        return as_text, 0
    cells = to_numbers(text.to_frame())
    if len(cells.refused) > 0:
        what = (
            f"{len(cells.refused)} values have a comma, first {cells.refused[0][2]!r} in line {cells.refused[0][0] + 2}"
        )
        why = "It is not known whether it is a decimal sign or separates thousands"
        raise DataError(Problem(where, what, why, "Write these numbers with a full stop, or without separators"))
    numbers = pd.Series(cells.numbers[:, 0], index=text.index)
    if missing.any() or not (numbers % 1 == 0).all():
        return numbers, cells.decimal_commas
    if (numbers.abs() >= LARGEST_WHOLE).any():
        return as_text, 0
    exact = pd.to_numeric(text) if cells.decimal_commas == 0 else numbers
    return exact.astype("int64"), cells.decimal_commas


def _refuse_repeated_keys(header: list[str], where: str) -> None:
    keys = [name for name in header if name.lower() in KEYS]
    repeated = [name for name in keys if [key.lower() for key in keys].count(name.lower()) > 1]
    if len(repeated) > 0:
        what = f"columns differ only in letter case: {first_examples(repeated)}"
        why = "Capital and small letters mean the same in these names, and it is not known which column is meant"
        raise DataError(Problem(where, what, why, "Keep one of them, or give the other another name"))


def _absent(name: str, header: list[str], where: str) -> Problem:
    near = nearest(name, header)
    remedy = (
        f"Rename {near!r} to {name!r}" if near is not None else f"Add the column; there are {first_examples(header, 8)}"
    )
    why = "Samples are joined to their animals through it"
    return Problem(f"{where} {name}", f"the sample sheet has no column {name!r}", why, remedy)


def _check(samples: pd.DataFrame, where: str) -> None:
    problems = []
    for name in ("sample", "subject"):
        blank = samples.index[is_missing(samples[name])]
        if len(blank) > 0:
            what = f"{len(blank)} rows have no {name}, first in line {blank[0] + 2}"
            why = "Samples are joined to their animals by name"
            problems.append(Problem(f"{where} {name}", what, why, f"Fill in the {name}, or remove the row"))
    keys = [name for name in ("assay", "sample") if name in samples.columns]
    repeated = samples.loc[samples.duplicated(subset=keys), "sample"]
    if len(repeated) > 0:
        what = f"{len(repeated)} samples stand more than once: {first_examples(repeated.unique())}"
        why = "It is not known which row describes the sample"
        remedy = "Keep one row per sample" + ("" if "assay" in keys else ", or add a column `assay`")
        problems.append(Problem(f"{where} sample", what, why, remedy))
    if len(problems) > 0:
        raise DataError(problems)
