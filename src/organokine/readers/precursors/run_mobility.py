"""The table `mobility` of a table of precursors: ion mobility by run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from organokine.kernels.mobility import mobility_quality
from organokine.readers.base import Count, Remark

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "sample", "n_precursors", "n_with_mobility", "median_deviation", "mad_deviation", "mad_trend", "n_contradicting",
)  # fmt: skip
NO_MOBILITY = "no ion mobility in this file"


def zero_is_none(mobility: np.ndarray) -> np.ndarray:
    """Engines write 0 where an instrument has no mobility; -1 stands for an unknown reference."""
    values = np.array(mobility, dtype=float)
    with np.errstate(invalid="ignore"):
        values[~(values > 0)] = np.nan
    return values


def by_run(rows: pd.DataFrame, assay: str, k: float = 5.0) -> tuple[pd.DataFrame | None, list[Count], list[Remark]]:
    """Look at the ion mobility of each run.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a `PrecursorTable`.
    assay : str
        Name of the assay, for the remark.
    k : float
        Robust standard deviations beyond which a precursor is flagged; see `organokine.kernels.mobility.mobility_quality`.

    Returns
    -------
    pandas.DataFrame or None
        One row per run: `sample`, `n_precursors`, `n_with_mobility`, `median_deviation` and `mad_deviation` of measured minus
        predicted mobility, `mad_trend` of the residuals from the robust quadratic on m/z within charges, and `n_contradicting`; None
        if no precursor has a mobility.
    list of Count
        Flagged precursors; they stay in the table.
    list of Remark
        That there is no mobility.
    """
    import pandas as pd

    none = np.full(len(rows), np.nan)
    mobility = zero_is_none(rows["mobility"].to_numpy()) if "mobility" in rows.columns else none
    if not np.isfinite(mobility).any():
        return None, [], [Remark("assay", assay, "no_ion_mobility", NO_MOBILITY)]
    predicted = zero_is_none(rows["predicted_mobility"].to_numpy()) if "predicted_mobility" in rows.columns else none
    mz = rows["mz"].to_numpy(dtype=float) if "mz" in rows.columns else none
    charge = rows["charge"].to_numpy(dtype=float) if "charge" in rows.columns else none
    codes = rows["run"].cat.codes.to_numpy()
    lines = []
    for code, run in enumerate(rows["run"].cat.categories):
        own = np.flatnonzero(codes == code)
        quality = mobility_quality(mobility[own], predicted[own], mz[own], charge[own], k)
        lines.append((str(run), *quality[:5], int(quality.flagged.sum())))
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    n_flagged = int(table["n_contradicting"].sum())
    note = f"mobility beyond {k:g} robust standard deviations of its run contradicts the identity; the precursors stay"
    counts = (
        [Count("precursors with a contradicting ion mobility", n_flagged, len(rows), "", note)] if n_flagged > 0 else []
    )
    return table, counts, []
