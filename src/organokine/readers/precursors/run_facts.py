"""What a table of precursors tells about its runs: how many precursors, their digestion, their ion mobility, contaminants."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from organokine.kernels.mobility import mobility_quality
from organokine.readers.base import Count, Remark
from organokine.readers.precursors.digestion import missed_cleavages
from organokine.readers.precursors.table import PrecursorTable, Repeats, measured

if TYPE_CHECKING:
    import pandas as pd

    from organokine.study_file import AssaySection

NO_MOBILITY = "no ion mobility in this file"


class RunFacts(NamedTuple):
    """What a table of precursors tells about its runs.

    Attributes
    ----------
    runs : pandas.DataFrame
        One row per run: column `sample` and columns of the table `runs`.
    contradicting : numpy.ndarray
        (n_rows,) bool; rows of the table whose ion mobility contradicts the identity of the precursor.
    counts : tuple of Count
        How many precursors these are, and what is done with them.
    remarks : tuple of Remark
        That there is no ion mobility.
    """

    runs: pd.DataFrame
    contradicting: np.ndarray
    counts: tuple[Count, ...]
    remarks: tuple[Remark, ...]


class _Cells(NamedTuple):
    """Rows of a table by precursor and run: `cell` is precursor * n_runs + run."""

    cell: np.ndarray
    n_precursors: int
    n_runs: int

    def seen(self, rows: np.ndarray | None = None) -> np.ndarray:
        """(n_precursors, n_runs) bool: which of these rows (all, if None) are there."""
        found = np.zeros(self.n_precursors * self.n_runs, dtype=bool)
        found[self.cell if rows is None else self.cell[rows]] = True
        return found.reshape(self.n_precursors, self.n_runs)


class _Mobility(NamedTuple):
    """Columns of the table `runs`, and the rows (n_rows,) that are flagged."""

    columns: dict[str, np.ndarray | str]
    contradicting: np.ndarray


def run_facts(precursors: PrecursorTable, assay: AssaySection, repeats: Repeats) -> RunFacts:
    """Look at each run of a table of precursors.

    Parameters
    ----------
    precursors : PrecursorTable
        The table; rows without a quantity have been left out.
    assay : AssaySection
        Its name, and what it says about contradicting ion mobilities.
    repeats : str
        What a precursor repeated in a run means; see `to_wide`. A precursor counts once in a run, whatever it means.

    Returns
    -------
    RunFacts
        By run, and by row.
    """
    import pandas as pd

    rows = precursors.rows
    cells = _cells(rows)
    seen = cells.seen()
    names = [str(name) for name in rows["run"].cat.categories]
    runs = pd.DataFrame({"sample": names, "n_precursors": seen.sum(axis=0)})
    if "sequence" in rows.columns:
        runs["missed_cleavage_fraction"] = _missed_cleavage_fraction(rows, seen)
    if precursors.contaminants is not None:
        dropped = _summed(measured(precursors.contaminants)[0], repeats)
        runs["contaminant_fraction"] = _share(dropped, dropped + _summed(rows, repeats))
    found = _mobility(rows, cells, repeats, assay.mobility_limit)
    if found is None:
        if "mobility" in rows.columns:
            runs["n_with_mobility"] = 0
        nothing = np.zeros(len(rows), dtype=bool)
        return RunFacts(runs, nothing, (), (Remark("assay", assay.name, "no_ion_mobility", NO_MOBILITY),))
    runs = runs.assign(**found.columns, mobility_unit=precursors.mobility_unit)
    return RunFacts(runs, found.contradicting, _said(runs, assay), ())


def _said(runs: pd.DataFrame, assay: AssaySection) -> tuple[Count, ...]:
    """How many contradict; none is only said where they were to be left out."""
    n_contradicting, is_left_out = int(runs["n_contradicting"].sum()), assay.mobility_outliers == "exclude"
    if n_contradicting == 0 and not is_left_out:
        return ()
    done = "left out (mobility_outliers)" if is_left_out else "the precursors stay"
    note = f"mobility beyond {assay.mobility_limit:g} robust standard deviations of its run contradicts the identity; {done}"
    if runs[["median_deviation", "mad_trend"]].isna().all(axis=None):
        note = "not known: the file holds neither a predicted mobility nor m/z and charge of enough precursors"
    item = "precursors with a contradicting ion mobility"
    return (Count(item, n_contradicting, int(runs["n_precursors"].sum()), "", note),)


def _cells(rows: pd.DataFrame) -> _Cells:
    precursor, run = rows["precursor"].cat, rows["run"].cat
    n_runs = len(run.categories)
    cell = precursor.codes.to_numpy().astype(np.int64) * n_runs + run.codes.to_numpy()
    return _Cells(cell, len(precursor.categories), n_runs)


def _missed_cleavage_fraction(rows: pd.DataFrame, seen: np.ndarray) -> np.ndarray:
    """Share of the precursors of each run; each spelling of a sequence is looked at once."""
    by_sequence = missed_cleavages(rows["sequence"].cat.categories)
    missed = np.full(len(seen), np.nan)
    missed[rows["precursor"].cat.codes.to_numpy()] = by_sequence[rows["sequence"].cat.codes.to_numpy()]
    known = seen[np.isfinite(missed)].sum(axis=0)
    return _share(seen[missed == 1].sum(axis=0), known)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """NaN of nothing."""
    share = np.full(len(whole), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def _summed(rows: pd.DataFrame, repeats: Repeats) -> np.ndarray:
    """Quantity of all precursors of each run; of a quantity that is written again the largest."""
    cells = _cells(rows)
    quantity = rows["quantity"].to_numpy(dtype=float)
    if repeats == "sum" or cells.seen().sum() == len(rows):
        return np.asarray(np.bincount(cells.cell % cells.n_runs, quantity, minlength=cells.n_runs))
    grid = np.zeros(cells.n_precursors * cells.n_runs)
    np.maximum.at(grid, cells.cell, quantity)
    return np.asarray(grid.reshape(cells.n_precursors, cells.n_runs).sum(axis=0))


def _mobility(rows: pd.DataFrame, cells: _Cells, repeats: Repeats, limit: float) -> _Mobility | None:
    """Ion mobility of each run; None if no precursor has one."""
    mobility = _numbers(rows, "mobility", zero_is_none=True)
    if not np.isfinite(mobility).any():
        return None
    predicted = _numbers(rows, "predicted_mobility", zero_is_none=True)
    mz, charge = _numbers(rows, "mz"), _numbers(rows, "charge")
    looked_at = _once(cells) if repeats == "same" else np.arange(len(rows))
    run = cells.cell[looked_at] % cells.n_runs
    flagged = np.zeros(len(rows), dtype=bool)
    summary = np.full((cells.n_runs, 3), np.nan)
    for code in range(cells.n_runs):
        own = looked_at[run == code]
        quality = mobility_quality(mobility[own], predicted[own], mz[own], charge[own], limit)
        summary[code] = quality.median_deviation, quality.mad_deviation, quality.mad_trend
        flagged[own] = quality.flagged
    contradicting = cells.seen(flagged)
    columns: dict[str, np.ndarray | str] = {
        "n_with_mobility": cells.seen(np.isfinite(mobility)).sum(axis=0),
        "n_contradicting": contradicting.sum(axis=0),
        **dict(zip(("median_deviation", "mad_deviation", "mad_trend"), summary.T, strict=True)),
    }
    return _Mobility(columns, contradicting.ravel()[cells.cell] if repeats == "same" else flagged)


def _once(cells: _Cells) -> np.ndarray:
    """One row for each precursor of a run: engines write its mobility again beside each of its fragments."""
    if cells.seen().sum() == len(cells.cell):
        return np.arange(len(cells.cell))
    return np.unique(cells.cell, return_index=True)[1]


def _numbers(rows: pd.DataFrame, column: str, *, zero_is_none: bool = False) -> np.ndarray:
    """A column, NaN if there is none; engines write 0 where an instrument has no mobility, and -1 for an unknown reference."""
    if column not in rows.columns:
        return np.full(len(rows), np.nan)
    values = rows[column].to_numpy(dtype=float)
    return np.where(values > 0, values, np.nan) if zero_is_none else values
