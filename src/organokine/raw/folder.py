"""A `.d` folder of a timsTOF: its tables, read as they are; nothing in the folder is ever changed."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, first_line
from organokine.kernels.tims_calibration import MobilityCalibration, MzCalibration

TABLES_FILE = "analysis.tdf"
FRAMES_FILE = "analysis.tdf_bin"
MODES = {2: "MS/MS without PASEF", 8: "ddaPASEF", 9: "diaPASEF", 10: "prmPASEF"}
"""Acquisition modes by `Frames.MsMsType`; 0 is a survey of whole ions (MS1)."""
COLUMNS = {
    "Id": "frame", "Time": "seconds", "MsMsType": "msms_type", "TimsId": "offset", "MaxIntensity": "base_peak",
    "SummedIntensities": "total", "NumScans": "n_scans", "NumPeaks": "n_peaks",
}  # fmt: skip
"""Columns of `Frames` that every reader needs, and their names here."""
MORE_COLUMNS = {"MzCalibration": "mz_calibration", "TimsCalibration": "tims_calibration", "T1": "t1", "T2": "t2"}
"""Columns of `Frames` that calibration needs; NaN where a file has none."""
_MOBILITY_COLUMNS = ("ModelType", "C0", "C1", "C2", "C3", "C4", "C6", "C7", "C8", "C9")
_MZ_COLUMNS = (
    "ModelType", "DigitizerTimebase", "DigitizerDelay", "T1", "T2", "dC1", "dC2", "C0", "C1", "C2", "C3", "C4",
)  # fmt: skip


@dataclass(frozen=True)
class RawFolder:
    """What the tables of one `.d` folder say.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    metadata : mapping of str to str
        Table `GlobalMetadata`.
    frames : pandas.DataFrame
        One row per frame in order of its number: `frame`, `seconds` (s since the start), `msms_type`, `offset` (byte in
        `analysis.tdf_bin`), `base_peak`, `total` (counts), `n_scans`, `n_peaks`, `mz_calibration`, `tims_calibration` (rows of
        these tables), `t1`, `t2` (degrees Celsius); the last four are NaN where the file has no such column.
    mobility_rows, mz_rows : mapping of int to MobilityCalibration or MzCalibration
        Rows of the calibration tables by number; empty without such a table.
    n_rows : mapping of str to int
        Rows of every table of the file.
    """

    path: Path
    metadata: Mapping[str, str]
    frames: pd.DataFrame
    mobility_rows: Mapping[int, MobilityCalibration]
    mz_rows: Mapping[int, MzCalibration]
    n_rows: Mapping[str, int]

    @property
    def frames_file(self) -> Path:
        """File of the frames themselves."""
        return self.path / FRAMES_FILE

    @property
    def msms_types(self) -> list[int]:
        """Kinds of fragment frames there are, in order."""
        return sorted({int(kind) for kind in self.frames["msms_type"].unique()} - {0})

    @property
    def mode(self) -> str:
        """Acquisition mode in a word: of `MODES`, `MS1 only`, or all that are mixed."""
        names = [MODES.get(kind, f"unknown (MsMsType {kind})") for kind in self.msms_types]
        return " and ".join(names) if len(names) > 0 else "MS1 only"

    def number(self, key: str) -> float:
        """A number of the metadata; NaN where it is absent or no number."""
        try:
            return float(self.metadata[key])
        except (KeyError, ValueError):
            return math.nan


def open_folder(path: Path) -> RawFolder:
    """Read the tables of a `.d` folder.

    Parameters
    ----------
    path : pathlib.Path
        The folder.

    Returns
    -------
    RawFolder
        Its tables.

    Raises
    ------
    DataError
        If it is no `.d` folder, a file is absent, or its tables cannot be read; all that is wrong at once.
    """
    try:
        problems = _absent(path)
    except OSError as error:  # a folder that may not be looked into
        what, remedy = f"the folder cannot be read ({error.strerror})", "Look at its permissions and at the disk"
        raise DataError(Problem(str(path), what, "Nothing of it can be searched", remedy)) from error
    tables = path / TABLES_FILE
    found = None
    if tables.is_file():
        try:
            found = _read(path, tables, problems)
        except sqlite3.Error as error:
            problems.append(_unreadable(tables, error))
    if len(problems) > 0 or found is None:
        raise DataError(problems)
    return found


def connect(path: Path) -> sqlite3.Connection:
    """The tables of a folder, for reading."""
    # `immutable` keeps SQLite from making files beside the database, which may lie on a disk that cannot be written.
    tables = (path / TABLES_FILE).resolve().as_uri()
    return sqlite3.connect(f"{tables}?mode=ro&immutable=1", uri=True)


def is_simulated_instrument(name: str) -> bool:
    """Whether the name of an instrument, in the table `GlobalMetadata`, says that none measured."""
    return "SIMULATED" in name


def _absent(path: Path) -> list[Problem]:
    if not path.exists():
        return [Problem(str(path), "there is no such folder", "Nothing can be read", "Check the path")]
    if not path.is_dir():
        why, remedy = "A timsTOF run is a folder whose name ends in .d", f"Name the folder that holds {TABLES_FILE}"
        return [Problem(str(path), "this is a file", why, remedy)]
    missing = [name for name in (TABLES_FILE, FRAMES_FILE) if not (path / name).is_file()]
    if len(missing) == 2:
        kinds = ("analysis.tsf", "analysis.baf", "analysis.yep", "AcqData")
        others = [name for name in kinds if (path / name).exists()]
        what = f"the folder holds neither {TABLES_FILE} nor {FRAMES_FILE}"
        seen = f"; it has {others[0]}, so it was measured without ion mobility or elsewhere" if others else ""
        return [
            Problem(
                str(path), what + seen, "It is not a timsTOF run with ion mobility", "Name a .d folder of such a run"
            )
        ]
    return [
        Problem(
            str(path),
            f"{name} is absent",
            "A run is both files together",
            "Copy the folder from the instrument again",
        )
        for name in missing
    ]


def _unreadable(tables: Path, error: sqlite3.Error) -> Problem:
    return Problem(
        str(tables),
        f"the database cannot be read ({first_line(error)})",
        "It names every frame of the run, and a copy that was cut short has lost some",
        "Copy the folder from the instrument again",
    )


def _read(path: Path, tables: Path, problems: list[Problem]) -> RawFolder | None:
    """Everything of the database; what is wrong goes to `problems`, and None is given then."""
    with closing(connect(path)) as database:
        database.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
        # SQLite does not tell apart capitals in names of tables, nor do the programs that write them.
        names = {
            row[0].lower(): row[0] for row in database.execute("select name from sqlite_master where type = 'table'")
        }
        problems += [_missing_table(tables, name) for name in ("GlobalMetadata", "Frames") if name.lower() not in names]
        if len(problems) > 0:
            return None
        metadata = {str(key): str(value) for key, value in database.execute("select Key, Value from GlobalMetadata")}
        frames = _frames(database, tables, problems)
        mobility = _calibration_rows(database, names, "TimsCalibration", _MOBILITY_COLUMNS, problems, tables)
        mz = _calibration_rows(database, names, "MzCalibration", _MZ_COLUMNS, problems, tables)
        counts = {name: _count(database, name) for name in names.values()}
    if frames is None:
        return None
    return RawFolder(
        path,
        metadata,
        frames,
        {key: MobilityCalibration(int(row[0]), *row[1:]) for key, row in mobility.items()},
        {key: MzCalibration(int(row[0]), *row[1:]) for key, row in mz.items()},
        counts,
    )


def _count(database: sqlite3.Connection, name: str) -> int:
    quoted = name.replace('"', '""')
    return int(database.execute(f'select count(*) from "{quoted}"').fetchone()[0])


def _missing_table(tables: Path, name: str) -> Problem:
    why, remedy = "Without it the frames cannot be found", "Copy the folder from the instrument again"
    return Problem(str(tables), f"the table {name} is absent", why, remedy)


def _frames(database: sqlite3.Connection, tables: Path, problems: list[Problem]) -> pd.DataFrame | None:
    cursor = database.execute("select * from Frames order by Id")
    held = [column[0] for column in cursor.description]
    missing = [name for name in COLUMNS if name not in held]
    if len(missing) > 0:
        what = f"the table Frames lacks {len(missing)} columns, {first_examples(missing)}"
        remedy = "Copy the folder from the instrument again; if it was written by another program, ask its makers"
        problems.append(Problem(str(tables), what, "Without them the frames cannot be found", remedy))
        return None
    table = pd.DataFrame(cursor.fetchall(), columns=held)
    frames = pd.DataFrame(index=table.index)
    for name, ours in {**COLUMNS, **MORE_COLUMNS}.items():
        frames[ours] = pd.to_numeric(table[name], errors="coerce") if name in table else math.nan
    whole = frames[list(COLUMNS.values())]
    lost = whole.columns[whole.isna().any()]
    if len(lost) > 0:
        n = int(whole.isna().any(axis=1).sum())
        what = f"{n} rows of the table Frames have no number in {first_examples(lost)}"
        problems.append(
            Problem(str(tables), what, "These frames cannot be found", "Copy the folder from the instrument again")
        )
        return None
    whole_numbers = [name for name in COLUMNS.values() if name != "seconds"]
    return frames.astype(dict.fromkeys(whole_numbers, "int64"))


def _calibration_rows(
    database: sqlite3.Connection,
    names: Mapping[str, str],
    name: str,
    columns: tuple[str, ...],
    problems: list[Problem],
    tables: Path,
) -> dict[int, Any]:
    """Rows of a calibration table by number, as numbers; a value that is absent is zero, as in the vendor's library."""
    if name.lower() not in names:
        return {}
    cursor = database.execute(f"select * from {names[name.lower()]}")
    held = [column[0] for column in cursor.description]
    found = {}
    for values in cursor:
        row = dict(zip(held, values, strict=True))
        try:
            found[int(row["Id"])] = [float(row.get(column) or 0.0) for column in columns]
        except (KeyError, TypeError, ValueError):
            what = f"a row of the table {name} does not hold numbers"
            remedy = "Copy the folder from the instrument again"
            problems.append(Problem(str(tables), what, "m/z or ion mobility cannot be told from it", remedy))
    return found
