"""What the table of precursors tells besides the engine: exact 1/K0, from the scan where each was seen, and which have no charge."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd

from organokine.kernels.tims_calibration import MOBILITY_MODELS, one_over_k0
from organokine.raw.folder import RawFolder, connect

SAME_MZ = 0.01
"""Th by which the m/z of a match and of its row may differ: the engine holds it in single precision, which is exact to .0002."""


def exact_mobility(folder: RawFolder, spectrum: np.ndarray, measured_mz: np.ndarray) -> np.ndarray:
    """1/K0 of matched precursors.

    Parameters
    ----------
    folder : RawFolder
        Their run.
    spectrum : numpy.ndarray
        (n,) numbers of the spectra, from 0: the row of the table `Precursors`.
    measured_mz : numpy.ndarray
        (n,) m/z of the precursors as the engine read them, in Th.

    Returns
    -------
    numpy.ndarray
        (n,) in V s/cm2; NaN without a calibration of a known kind, and where the row of the table is of another m/z, so that a
        number is never that of another precursor.
    """
    table = _precursors(folder)
    mobility = np.full(len(spectrum), np.nan)
    if len(table) == 0:
        return mobility
    rows = table.reindex(np.asarray(spectrum, dtype=np.int64))
    is_same = np.abs(rows["mz"].to_numpy(dtype=float) - measured_mz) <= SAME_MZ
    calibration = folder.frames.set_index("frame")["tims_calibration"]
    number = rows["parent"].map(calibration).to_numpy(dtype=float)
    for key, each in folder.mobility_rows.items():
        chosen = is_same & (number == key)
        if each.model in MOBILITY_MODELS:
            mobility[chosen] = one_over_k0(rows["scan"].to_numpy(dtype=float)[chosen], each)
    return mobility


def without_charge(folder: RawFolder) -> tuple[int, int]:
    """Precursors of which the instrument told no charge or no m/z, whose spectra the engine matches to nothing; and all of them."""
    asked = "select sum(coalesce(Charge, 0) = 0 or MonoisotopicMz is null), count(*) from Precursors"
    with closing(connect(folder.path)) as database:
        try:
            n, of = database.execute(asked).fetchone()
        except sqlite3.Error:
            return 0, 0
    return int(n or 0), int(of)


def _precursors(folder: RawFolder) -> pd.DataFrame:
    """Rows of the table `Precursors` from 0, in the order of their number; empty if there is none."""
    asked = "select coalesce(MonoisotopicMz, LargestPeakMz), ScanNumber, Parent from Precursors order by Id"
    with closing(connect(folder.path)) as database:
        try:
            found = database.execute(asked).fetchall()
        except sqlite3.Error:
            found = []
    columns = zip(*found, strict=True) if len(found) > 0 else [[], [], []]
    numbers = {
        name: pd.to_numeric(pd.Series(column), errors="coerce")
        for name, column in zip(("mz", "scan", "parent"), columns, strict=True)
    }
    return pd.DataFrame(numbers)
