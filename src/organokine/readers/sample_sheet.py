"""The sample sheet: which sample is of which animal, and what is known about it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.base import Count
from organokine.readers.cells import clean_name, count_float_names, is_missing
from organokine.readers.grid import read_grid

KEYS = ("assay", "sample", "subject")


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
        If a key column is absent, a name is empty, or a sample stands twice.
    """
    grid = read_grid(path, where)
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
            columns[str(name)] = _typed(text)
            continue
        floats = count_float_names(text)
        if len(floats) > 0:
            note = "names of the form 12345.0 are whole numbers read as floats"
            counts.append(Count(f"names of {name} repaired", len(floats), len(text), first_examples(floats), note))
        columns[name] = text.map(clean_name)
    samples = pd.DataFrame(columns)
    _check(samples, where)
    return SampleSheet(samples, tuple(counts))


def _typed(text: pd.Series) -> pd.Series:
    missing = is_missing(text)
    numbers = pd.to_numeric(text.where(~missing), errors="coerce")
    if missing.all() or (numbers.isna() & ~missing).any():
        return text.where(~missing).astype(object)
    whole = not missing.any() and bool((numbers % 1 == 0).all())
    return numbers.astype("int64") if whole else numbers.astype("float64")


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
