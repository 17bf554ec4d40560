"""Reading a long table of precursors (one row per precursor and run) by its layout, and what all tables share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from organokine.errors import DataError, Problem
from organokine.readers.base import RawTable
from organokine.readers.precursors.columns import header_of, numbers_of, read_columns
from organokine.readers.precursors.filters import filter_rows
from organokine.readers.precursors.layout import Found, Layout, find_columns, said
from organokine.readers.precursors.proteins import to_proteins
from organokine.readers.precursors.run_mobility import by_run
from organokine.readers.precursors.runs import choose_runs, n_known
from organokine.readers.precursors.table import OPTIONAL, PrecursorTable

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
    counts += said(found, found.limits, len(frame))
    frame, filtered = filter_rows(frame, found.protein, found.marks, found.limits)
    run = _run_column(frame, found.runs, known, where)
    chosen = choose_runs(run.cat.remove_unused_categories().cat.categories, known, where) if len(frame) > 0 else None
    samples = {} if chosen is None else chosen.samples
    rows = as_rows(frame, found)
    rows.insert(0, "run", _renamed(run, samples))
    rows = rows[rows["run"].cat.codes.to_numpy() >= 0]
    return PrecursorTable(rows, (*counts, *filtered, *(() if chosen is None else chosen.counts)))


def as_rows(frame: pd.DataFrame, found: Found) -> pd.DataFrame:
    """Columns of a file under the names of a `PrecursorTable`, without the run."""
    import pandas as pd

    genes = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), categories=pd.Index([""]))
    rows = pd.DataFrame({"precursor": joined(frame, found.precursor), "protein": frame[found.protein]}, copy=False)
    rows["genes"] = genes if found.genes is None else frame[found.genes]
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
    """Bring precursors to proteins and look at their ion mobility; parameters as in `read_long`."""
    runs, flagged, remarks = by_run(precursors.rows, assay.name)
    proteins = to_proteins(precursors, assay.quantity, where, layout.repeats)
    return RawTable(
        values=proteins.values,
        features=proteins.features,
        scale="linear",
        counts=(*precursors.counts, *proteins.counts, *flagged),
        remarks=tuple(remarks),
        engine=layout.engine,
        version=version,
        runs=runs,
    )


def _run_column(frame: pd.DataFrame, columns: Sequence[str], known: Collection[str] | None, where: str) -> pd.Series:
    """The column that names the runs: the one the sample sheet knows best, else the first that is filled."""
    filled = [name for name in columns if set(frame[name].cat.categories) - {""} != set()]
    if len(filled) == 0:
        why, remedy = "A run is a sample", "Export the table with the names of its runs"
        raise DataError(Problem(where, f"the column of runs ({' or '.join(columns)}) is empty", why, remedy))
    if known is None:
        return frame[filled[0]]
    return frame[max(filled, key=lambda name: n_known(frame[name].cat.categories, known))]


def _renamed(run: pd.Series, samples: dict[str, str]) -> pd.Series:
    """Runs under the names of their samples; a run that is none becomes missing."""
    import pandas as pd

    places = {name: i for i, name in enumerate(samples)}
    codes = np.array([places.get(str(name), -1) for name in run.cat.categories], dtype=np.int32)
    codes = codes[run.cat.codes.to_numpy()]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(list(samples.values()))), index=run.index)
