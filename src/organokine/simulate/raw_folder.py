"""A simulated run as a `.d` folder: `analysis.tdf` (SQLite) and `analysis.tdf_bin` (compressed frames)."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.raw.frames import HEADER, require_zstandard

if TYPE_CHECKING:
    from organokine.simulate.raw_instrument import Instrument
    from organokine.simulate.raw_spectra import Peaks
    from organokine.simulate.raw_windows import Frames, Windows

DDA, DIA = 8, 9  # `MsMsType` of frames with fragments, and `ScanMode` of all frames of the run
EMPTY_TABLES = {
    "Segments": "Id INTEGER PRIMARY KEY, FirstFrame INTEGER, LastFrame INTEGER, IsCalibrationSegment INTEGER",
    "PropertyDefinitions": "Id INTEGER PRIMARY KEY, PermanentName TEXT, Type INTEGER, DisplayGroupName TEXT, DisplayName TEXT",
    "PropertyGroups": "Id INTEGER PRIMARY KEY",
    "GroupProperties": "PropertyGroup INTEGER, Property INTEGER, Value",
    "FrameProperties": "Frame INTEGER, Property INTEGER, Value",
    "FrameMsMsInfo": "Frame INTEGER PRIMARY KEY, Parent INTEGER, TriggerMass REAL, IsolationWidth REAL, CollisionEnergy REAL",
    "CalibrationInfo": "KeyPolarity TEXT, KeyName TEXT, Value TEXT",
    "ErrorLog": "Frame INTEGER, Scan INTEGER, Message TEXT",
}
"""Tables that a folder of the instrument has and that say nothing here; `Segments` alone has a row."""


class SimulatedRun(NamedTuple):
    """What a folder is written from.

    Attributes
    ----------
    name : str
        Name of the sample.
    frames, windows, peaks
        As `raw_windows` and `raw_spectra` make them; all numbers from 0.
    precursors : pandas.DataFrame or None
        Of a ddaPASEF run, as `pick_precursors` gives them.
    groups : pandas.DataFrame or None
        Of a diaPASEF run, as `dia_groups` gives them.
    minute : int
        Minutes after the first run of the study at which it was "measured".
    """

    name: str
    frames: Frames
    windows: Windows
    peaks: Peaks
    precursors: pd.DataFrame | None
    groups: pd.DataFrame | None
    minute: int


def write_folder(path: Path, run: SimulatedRun, instrument: Instrument) -> Path:
    """Write a run as a `.d` folder, aside first, and moved into place whole; a folder of that name is replaced.

    Parameters
    ----------
    path : pathlib.Path
        The folder, `NAME.d`; the one it is in must exist.
    run : SimulatedRun
        What is written.
    instrument : Instrument
        Its calibration and ranges.

    Returns
    -------
    pathlib.Path
        `path`. The same run gives the same bytes with the same versions of SQLite and zstandard.

    Raises
    ------
    OrganokineError
        If zstandard is not installed.
    """
    require_zstandard()
    aside = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    aside.mkdir()
    try:
        offsets = _write_frames(aside / "analysis.tdf_bin", run, instrument.n_scans)
        _write_tables(aside / "analysis.tdf", run, instrument, offsets)
        if path.exists():
            shutil.rmtree(path)
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return path


def encode_frame(scan: NDArray[np.int64], tof: NDArray[np.int64], intensity: NDArray[np.int64], n_scans: int) -> bytes:
    """Peaks of one frame, sorted by scan and time of flight, as the bytes that are compressed.

    A list of whole numbers of four bytes: the number of scans; twice the number of peaks of each scan but the last; then the step
    in time of flight and the intensity of each peak, the first step of a scan being counted from -1. All first bytes of the
    numbers come first, then all second ones, and so on.
    """
    counts = np.bincount(scan, minlength=n_scans)
    steps = np.diff(tof, prepend=-1)
    first = np.flatnonzero(np.diff(scan, prepend=-1) != 0)
    steps[first] = tof[first] + 1
    numbers = np.empty(n_scans + 2 * len(tof), dtype="<u4")
    numbers[0] = n_scans
    numbers[1:n_scans] = 2 * counts[:-1]
    numbers[n_scans::2], numbers[n_scans + 1 :: 2] = steps, intensity
    return numbers.view(np.uint8).reshape(-1, 4).T.tobytes()


def _write_frames(path: Path, run: SimulatedRun, n_scans: int) -> list[int]:
    """Write all frames one after the other; where each begins."""
    compressor = require_zstandard().ZstdCompressor(level=1)
    peaks = run.peaks
    bounds = np.searchsorted(peaks.frame, np.arange(len(run.frames.seconds) + 1)).tolist()
    offsets = []
    with path.open("wb") as file:
        for low, high in pairwise(bounds):
            offsets.append(file.tell())
            packed = compressor.compress(
                encode_frame(peaks.scan[low:high], peaks.tof[low:high], peaks.intensity[low:high], n_scans)
            )
            file.write(HEADER.pack(len(packed) + HEADER.size, n_scans) + packed)
    return offsets


def _write_tables(path: Path, run: SimulatedRun, instrument: Instrument, offsets: list[int]) -> None:
    tables = {"Frames": _frames_table(run, instrument, offsets), **_calibration_tables(instrument)}
    if run.precursors is not None:
        tables |= _dda_tables(run, run.precursors)
    if run.groups is not None:
        tables |= _dia_tables(run, run.groups)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA page_size = 4096")
        for name, columns in EMPTY_TABLES.items():
            database.execute(f"CREATE TABLE {name} ({columns})")
        database.execute("INSERT INTO Segments VALUES (1, 1, ?, 0)", (len(offsets),))
        database.execute("CREATE TABLE GlobalMetadata (Key TEXT PRIMARY KEY, Value TEXT)")
        database.executemany("INSERT INTO GlobalMetadata VALUES (?, ?)", _metadata(run, instrument).items())
        for name, table in tables.items():
            _insert(database, name, table)
        database.commit()


def _insert(database: sqlite3.Connection, name: str, table: pd.DataFrame) -> None:
    kinds = {"i": "INTEGER", "f": "REAL"}
    columns = ", ".join(
        f"{column} {kinds.get(table[column].dtype.kind, 'TEXT')}{' PRIMARY KEY' if column == 'Id' else ''}"
        for column in table.columns
    )
    database.execute(f"CREATE TABLE {name} ({columns})")
    places = ", ".join("?" for _ in table.columns)
    rows = zip(*(table[column].tolist() for column in table.columns), strict=True)
    database.executemany(f"INSERT INTO {name} VALUES ({places})", rows)


def _frames_table(run: SimulatedRun, instrument: Instrument, offsets: list[int]) -> pd.DataFrame:
    n = len(offsets)
    peaks = run.peaks
    highest = np.zeros(n, dtype=np.int64)
    np.maximum.at(highest, peaks.frame, peaks.intensity)
    kind = DDA if run.groups is None else DIA
    return pd.DataFrame(
        {
            "Id": np.arange(1, n + 1),
            "Time": run.frames.seconds,
            "Polarity": "+",
            "ScanMode": kind,
            "MsMsType": np.where(run.frames.is_ms2, kind, 0),
            "TimsId": offsets,
            "MaxIntensity": highest,
            "SummedIntensities": np.bincount(peaks.frame, peaks.intensity, minlength=n).astype(np.int64),
            "NumScans": instrument.n_scans,
            "NumPeaks": np.bincount(peaks.frame, minlength=n),
            "MzCalibration": 1,
            "T1": instrument.temperature,
            "T2": instrument.temperature,
            "TimsCalibration": 1,
            "PropertyGroup": 1,
            "AccumulationTime": 1000 * instrument.frame_seconds,
            "RampTime": 1000 * instrument.frame_seconds,
        }
    )


def _calibration_tables(instrument: Instrument) -> dict[str, pd.DataFrame]:
    mz, mobility = instrument.mz_calibration._asdict(), instrument.mobility_calibration._asdict()
    return {
        "MzCalibration": _calibration_row(
            mz, {"timebase": "DigitizerTimebase", "delay": "DigitizerDelay", "dc1": "dC1", "dc2": "dC2"}
        ),
        # No formula uses C5, but the table has it.
        "TimsCalibration": _calibration_row(mobility | {"c5": 1.0}, {}),
    }


def _calibration_row(fields: dict[str, float], names: dict[str, str]) -> pd.DataFrame:
    """A row of a calibration table, its columns named as the instrument does."""
    columns = {names.get(name, name.upper()): value for name, value in fields.items() if name != "model"}
    return pd.DataFrame([{"Id": 1, "ModelType": int(fields["model"]), **columns}])


def _dda_tables(run: SimulatedRun, precursors: pd.DataFrame) -> dict[str, pd.DataFrame]:
    windows = run.windows
    return {
        "Precursors": pd.DataFrame(
            {
                "Id": np.arange(1, len(precursors) + 1),
                "LargestPeakMz": precursors["mz"],
                "AverageMz": precursors["mz"] + 0.5 / precursors["charge"],
                "MonoisotopicMz": precursors["mz"],
                "Charge": precursors["charge"],
                "ScanNumber": precursors["scan"],
                "Intensity": precursors["intensity"],
                "Parent": precursors["parent"] + 1,
            }
        ),
        "PasefFrameMsMsInfo": pd.DataFrame(
            {"Frame": windows.frame + 1, **_window_columns(windows), "Precursor": windows.owner + 1}
        ),
    }


def _dia_tables(run: SimulatedRun, groups: pd.DataFrame) -> dict[str, pd.DataFrame]:
    frame, first = np.unique(run.windows.frame, return_index=True)
    group = run.windows.owner[first]
    names = {"group": "WindowGroup", "low": "ScanNumBegin", "high": "ScanNumEnd", "mz": "IsolationMz"}
    layout = groups.rename(columns=names | {"width": "IsolationWidth", "energy": "CollisionEnergy"})
    return {
        "DiaFrameMsMsInfo": pd.DataFrame({"Frame": frame + 1, "WindowGroup": group + 1}),
        "DiaFrameMsMsWindowGroups": pd.DataFrame({"Id": np.unique(groups["group"]) + 1}),
        "DiaFrameMsMsWindows": layout.assign(WindowGroup=layout["WindowGroup"] + 1),
    }


def _window_columns(windows: Windows) -> dict[str, NDArray[Any]]:
    return {
        "ScanNumBegin": windows.low,
        "ScanNumEnd": windows.high,
        "IsolationMz": windows.mz,
        "IsolationWidth": windows.width,
        "CollisionEnergy": windows.energy,
    }


def _metadata(run: SimulatedRun, instrument: Instrument) -> dict[str, str]:
    # The ends of the ranges are those of the calibration: readers that draw a line between them depend on it.
    low, high = (repr(float(instrument.one_over_k0(np.array(scan)))) for scan in (instrument.n_scans - 1, 0))
    at = pd.Timestamp("2020-01-01") + pd.Timedelta(minutes=run.minute)
    counts = np.bincount(run.peaks.frame * instrument.n_scans + run.peaks.scan, minlength=1)
    return {
        "SchemaType": "TDF",
        "SchemaVersionMajor": "3",
        "SchemaVersionMinor": "1",
        "ClosedProperly": "1",
        "TimsCompressionType": "2",
        "MaxNumPeaksPerScan": str(int(counts.max())),
        "DigitizerNumSamples": str(instrument.n_samples),
        "MzAcqRangeLower": repr(instrument.lowest_mz),
        "MzAcqRangeUpper": repr(instrument.highest_mz),
        "OneOverK0AcqRangeLower": low,
        "OneOverK0AcqRangeUpper": high,
        "PeakListIndexScaleFactor": "1",
        "AcquisitionSoftware": "organokine",
        "AcquisitionDateTime": f"{at.isoformat()}.000+00:00",
        "InstrumentName": "SIMULATED timsTOF",
        "InstrumentVendor": "none: simulated",
        "OperatorName": "organokine raw simulate",
        "SampleName": run.name,
        "Description": "SIMULATED DATA: nothing was measured",
    }
