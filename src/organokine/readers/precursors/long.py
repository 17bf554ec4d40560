"""Reading a long table of precursors (one row per precursor and run) by its layout, and what all tables share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from organokine.errors import DataError, Problem
from organokine.readers.base import RawTable
from organokine.readers.precursors.columns import header_of, numbers_of, read_columns
from organokine.readers.precursors.filters import asked_limits, filter_rows
from organokine.readers.precursors.layout import Found, Layout, find_columns, said
from organokine.readers.precursors.proteins import to_proteins
from organokine.readers.precursors.run_facts import run_facts
from organokine.readers.precursors.runs import choose_runs, n_known
from organokine.readers.precursors.table import OPTIONAL, PrecursorTable, measured

if TYPE_CHECKING:
    import pandas as pd

    from organokine.readers.base import ReadTable
    from organokine.study_file import AssaySection


def read_long(
    path: Path, layout: Layout, assay: AssaySection, known: Collection[str] | None, where: str, version: str = ""
) -> RawTable:
    """Read a long table of precursors.

    Parameters
    ----------
    path : pathlib.Path
        Text or Parquet; only the columns of the layout are read.
    layout : Layout
        Where the engine writes what.
    assay : AssaySection
        Its section: `quantity`, `q_values`, and names of the columns of genes and proteins.
    known : collection of str or None
        Samples of the sheet; other runs are left out and counted. None: every run is a sample.
    where : str
        What to call the table in messages.
    version : str
        Version of the engine, as far as the columns show it.

    Returns
    -------
    RawTable
        Linear intensities of protein groups.

    Raises
    ------
    DataError
        With everything that is wrong with the table.
    """
    precursors = read_precursors(path, layout, assay, known, where)
    return to_table(precursors, layout, assay, where, version)


def long_reader(layout: Layout, version_of: Callable[[Collection[str]], str] | None = None) -> ReadTable:
    """The reader of a long table, called as all readers are.

    Parameters
    ----------
    layout : Layout
        Where the engine writes what.
    version_of : callable, optional
        Header of a table to the version of the engine that wrote it.

    Returns
    -------
    callable
        See `organokine.readers.base.Reader.read`.
    """

    def read(
        path: Path,
        assay: AssaySection,
        folder: Path,  # noqa: ARG001  all readers are called alike
        known: Collection[str] | None,
        where: str,
    ) -> RawTable:
        version = "" if version_of is None else version_of(header_of(path, where))
        return read_long(path, layout, assay, known, where, version)

    return read


def read_precursors(
    path: Path, layout: Layout, assay: AssaySection, known: Collection[str] | None, where: str
) -> PrecursorTable:
    """Read the precursors of a long table; parameters as in `read_long`.

    Returns
    -------
    PrecursorTable
        Precursors of the samples that passed the filters.
    """
    found = find_columns(layout, header_of(path, where), assay, where, wide=False)
    frame, counts = read_columns(path, found.text, found.numeric, where)
    limits = asked_limits(frame, found.limits, found.instead)
    counts += said(found, limits, len(frame))
    filtered = filter_rows(frame, found.protein, found.marks, limits)
    del frame
    column = _run_column(filtered.rows, found.runs, known, where)
    run = filtered.rows[column].cat.remove_unused_categories()
    chosen = choose_runs(run.cat.categories, known, where) if len(run) > 0 else None
    samples = {} if chosen is None else chosen.samples
    counts += [*filtered.counts, *(() if chosen is None else chosen.counts)]
    rows = _of_samples(filtered.rows, found, column, samples)
    marked = filtered.contaminants
    contaminants = None if marked is None else _of_samples(marked, found, column, samples)
    return PrecursorTable(rows, tuple(counts), contaminants, found.mobility_unit)


def _of_samples(frame: pd.DataFrame, found: Found, column: str, samples: dict[str, str]) -> pd.DataFrame:
    """Rows of a `PrecursorTable` of the runs that are samples."""
    rows = as_rows(frame, found)
    rows.insert(0, "run", _renamed(frame[column], samples))
    return rows[rows["run"].cat.codes.to_numpy() >= 0]


def as_rows(frame: pd.DataFrame, found: Found) -> pd.DataFrame:
    """Columns of a file under the names of a `PrecursorTable`, without the run."""
    import pandas as pd

    genes = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), categories=pd.Index([""]))
    rows = pd.DataFrame({"precursor": joined(frame, found.precursor), "protein": frame[found.protein]}, copy=False)
    rows["genes"] = genes if found.genes is None else frame[found.genes]
    if found.sequence is not None:
        rows["sequence"] = frame[found.sequence]
    for role in ("quantity", *OPTIONAL):
        column = found.numbers.get(role)
        if column is not None:
            rows[role] = numbers_of(frame[column]) if column in found.text else frame[column]
    return rows


def joined(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """One category out of several columns, their cells joined by `/`; each combination is spelt once."""
    import pandas as pd

    result = frame[columns[0]]
    for name in columns[1:]:
        left, right = result.cat, frame[name].cat
        n_right = len(right.categories)
        pairs = left.codes.to_numpy(dtype=np.int64) * n_right + right.codes.to_numpy(dtype=np.int64)
        used, codes = np.unique(pairs, return_inverse=True)
        names = [f"{left.categories[pair // n_right]}/{right.categories[pair % n_right]}" for pair in used.tolist()]
        result = pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names)), index=frame.index)
    return result


def to_table(
    precursors: PrecursorTable, layout: Layout, assay: AssaySection, where: str, version: str = ""
) -> RawTable:
    """Look at the runs and bring precursors to proteins; parameters as in `read_long`."""
    rows, unmeasured = measured(precursors.rows)
    facts = run_facts(replace(precursors, rows=rows), assay, layout.repeats)
    kept = rows[~facts.contradicting] if assay.mobility_outliers == "exclude" else rows
    proteins = to_proteins(PrecursorTable(kept), assay.quantity, where, layout.repeats)
    return RawTable(
        values=proteins.values,
        features=proteins.features,
        scale="linear",
        counts=(*precursors.counts, *unmeasured, *facts.counts, *proteins.counts),
        remarks=facts.remarks,
        engine=layout.engine,
        version=version,
        runs=facts.runs,
    )


def _run_column(frame: pd.DataFrame, columns: Sequence[str], known: Collection[str] | None, where: str) -> str:
    """The column that names the runs: the one the sample sheet knows best, else the first that is filled."""
    filled = [name for name in columns if set(frame[name].cat.categories) - {""} != set()]
    if len(filled) == 0:
        why, remedy = "A run is a sample", "Export the table with the names of its runs"
        raise DataError(Problem(where, f"the column of runs ({' or '.join(columns)}) is empty", why, remedy))
    if known is None:
        return filled[0]
    return max(filled, key=lambda name: n_known(frame[name].cat.categories, known))


def _renamed(run: pd.Series, samples: dict[str, str]) -> pd.Series:
    """Runs under the names of their samples; a run that is none becomes missing."""
    import pandas as pd

    places = {name: i for i, name in enumerate(samples)}
    codes = np.array([places.get(str(name), -1) for name in run.cat.categories], dtype=np.int32)
    codes = codes[run.cat.codes.to_numpy()]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(list(samples.values()))), index=run.index)
