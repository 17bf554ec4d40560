"""Reading a wide table of precursors (one row per precursor, one column per run) by its layout."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from organokine.errors import DataError, Problem
from organokine.readers.precursors.columns import header_of, read_columns
from organokine.readers.precursors.filters import asked_limits, filter_rows
from organokine.readers.precursors.layout import Layout, find_columns, said
from organokine.readers.precursors.long import as_rows, to_table
from organokine.readers.precursors.runs import choose_runs
from organokine.readers.precursors.table import PrecursorTable

if TYPE_CHECKING:
    import pandas as pd

    from organokine.readers.base import RawTable, ReadTable
    from organokine.study_file import AssaySection


def read_wide(
    path: Path,
    layout: Layout,
    runs: Mapping[str, str],
    assay: AssaySection,
    known: Collection[str] | None,
    where: str,
    version: str = "",
) -> RawTable:
    """Read a wide table of precursors.

    Parameters
    ----------
    path : pathlib.Path
        Text or Parquet; only the columns of the layout and of the samples are read.
    layout : Layout
        Where the engine writes what.
    runs : mapping of str to str
        Column of quantities to the name of its run.
    assay : AssaySection
        Its section.
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
    found = find_columns(layout, header_of(path, where), assay, where, wide=True)
    if len(runs) == 0:
        why = f"A table of precursors by {layout.engine} has a column of quantities for each run"
        raise DataError(Problem(where, "there is no column of a run", why, "Export the table with quantities"))
    chosen = choose_runs(runs.values(), known, where)
    columns = {column: chosen.samples[run] for column, run in runs.items() if run in chosen.samples}
    frame, counts = read_columns(path, found.text, [*found.numeric, *columns], where)
    limits = asked_limits(frame, found.limits, found.instead)
    counts += said(found, limits, len(frame))
    filtered = filter_rows(frame, found.protein, found.marks, limits)

    def melted(part: pd.DataFrame) -> pd.DataFrame:
        return _melted(as_rows(part, found), part[list(columns)], list(columns.values()))

    contaminants = None if filtered.contaminants is None else melted(filtered.contaminants)
    counts += [*filtered.counts, *chosen.counts]
    precursors = PrecursorTable(melted(filtered.rows), tuple(counts), contaminants, found.mobility_unit)
    return to_table(precursors, layout, assay, where, version)


def wide_reader(layout: Layout, runs_of: Callable[[Collection[str]], Mapping[str, str]]) -> ReadTable:
    """The reader of a wide table, called as all readers are.

    Parameters
    ----------
    layout : Layout
        Where the engine writes what.
    runs_of : callable
        Header of a table to its columns of quantities and the names of their runs.

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
        return read_wide(path, layout, runs_of(header_of(path, where)), assay, known, where)

    return read


def _melted(names: pd.DataFrame, quantities: pd.DataFrame, samples: list[str]) -> pd.DataFrame:
    """One row per precursor and run, all runs of a precursor one after the other."""
    import pandas as pd

    n_rows, n_samples = quantities.shape
    rows = names.iloc[np.repeat(np.arange(n_rows), n_samples)].reset_index(drop=True)
    codes = np.tile(np.arange(n_samples, dtype=np.int32), n_rows)
    rows["run"] = pd.Categorical.from_codes(codes, categories=pd.Index(samples))
    rows["quantity"] = quantities.to_numpy(dtype=float).ravel()
    return rows
