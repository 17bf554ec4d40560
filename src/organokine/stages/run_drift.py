"""Part of the stage `prepare`: does ion mobility, or the number of precursors, drift over the order of the runs?"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from organokine import tables
from organokine.kernels.drift import Drift, drift

DRIFT_P = 0.01
"""p below which a drift is remarked on. Two questions are put to each assay of precursors, of which a study has up to four or so:
at 0.01 each, a study without any drift gets a remark in fewer than one of ten."""


class _Series(NamedTuple):
    """A column of `runs` that may drift: the flag, what it is called, and the column that says how much runs scatter inside."""

    column: str
    flag: str
    called: str
    spread: str


DEVIATION = _Series("median_deviation", "mobility_drift", "the median deviation of ion mobility", "mad_deviation")
TREND = _Series("mad_trend", "mobility_drift", "the scatter of ion mobility around its trend", "")
PRECURSORS = _Series("n_precursors", "precursor_drift", "the number of precursors", "")


def drift_flags(runs: pd.DataFrame, most_p: float = DRIFT_P) -> pd.DataFrame:
    """Name assays whose runs drift over the order in which they were measured, within groups.

    Where a file has no prediction of ion mobility, its scatter around the trend with m/z stands for the deviation.

    Parameters
    ----------
    runs : pandas.DataFrame
        Table `runs`.
    most_p : float
        p below which a drift is remarked on.

    Returns
    -------
    pandas.DataFrame
        Table `flags`: `mobility_drift` and `precursor_drift`; none where the sample sheet has no run order.
    """
    rows = []
    for assay, of_assay in runs.groupby("assay", sort=False):
        mobility = DEVIATION if of_assay[DEVIATION.column].notna().any() else TREND
        for series in (mobility, PRECURSORS):
            values = of_assay[series.column].to_numpy(dtype=float, na_value=float("nan"))
            found = drift(of_assay["run_order"].to_numpy(dtype=float), values, of_assay["group"].to_numpy())
            if found.p < most_p:
                detail = _detail(series, of_assay, found)
                rows.append(("assay", str(assay), series.flag, "prepare", detail))
    return tables.FLAGS.conform(pd.DataFrame(rows, columns=tables.FLAGS.names()))


def _detail(series: _Series, runs: pd.DataFrame, found: Drift) -> str:
    if series is PRECURSORS:
        size = f"{found.change:+,.0f} ({found.change / runs[series.column].median():+.0%})"
    else:
        size = f"{found.change:+.3g} {'/'.join(sorted(set(runs['mobility_unit']) - {''}))}"
    middle = "" if series.spread == "" else f"; within a run it scatters by {runs[series.spread].median():.2g}"
    return (
        f"{series.called} changes by {size} from the first to the last of {found.n} runs (median slope within groups, "
        f"p = {found.p:.2g}){middle}"
    )
