"""A minimal `.d` folder, written for tests from ions that are given."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import zstandard

N_SCANS = 200
METADATA = {
    "SchemaType": "TDF", "SchemaVersionMajor": "3", "SchemaVersionMinor": "7", "ClosedProperly": "1", "TimsCompressionType": "2",
    "MzAcqRangeLower": "100", "MzAcqRangeUpper": "1700", "OneOverK0AcqRangeLower": "0.6", "OneOverK0AcqRangeUpper": "1.6",
    "InstrumentName": "simulated", "SampleName": "tiny",
}  # fmt: skip
MOBILITY = {
    "C0": 0,
    "C1": 199,
    "C2": 219.0,
    "C3": 81.0,
    "C4": 0,
    "C5": 1,
    "C6": 0.009,
    "C7": 135.0,
    "C8": 20.0,
    "C9": 900.0,
}
FLIGHT = {
    "DigitizerTimebase": 0.2, "DigitizerDelay": 24864.0, "T1": 25.0, "T2": 25.0, "dC1": 20.0, "dC2": 0.0, "C0": -816.0, "C1": 151622.0,
    "C2": 0.0, "C3": 0.0, "C4": 0.0,
}  # fmt: skip


class Ions(NamedTuple):
    """Ions of a frame, sorted by scan and time of flight."""

    scan: np.ndarray
    tof: np.ndarray
    intensity: np.ndarray


def some_ions(seed: int, n: int = 300) -> Ions:
    rng = np.random.default_rng(seed)
    places = np.sort(rng.choice(N_SCANS * 400_000, n, replace=False))
    return Ions(places // 400_000, places % 400_000, rng.integers(10, 5000, n))


def block_of(ions: Ions, n_scans: int = N_SCANS) -> bytes:
    """A block, written number by number as the description says, not as any reader reads it."""
    per_scan = [np.flatnonzero(ions.scan == scan) for scan in range(n_scans)]
    numbers = [n_scans, *(2 * len(places) for places in per_scan[:-1])]
    for places in per_scan:
        last = -1
        for place in places:
            numbers += [int(ions.tof[place]) - last, int(ions.intensity[place])]
            last = int(ions.tof[place])
    raw = b"".join(struct.pack("<I", number) for number in numbers)
    payload = zstandard.ZstdCompressor().compress(b"".join(raw[plane::4] for plane in range(4)))
    return struct.pack("<II", len(payload) + 8, n_scans) + payload


def write_tiny(path: Path, frames: list[Ions], *, kind: int = 8, metadata: dict[str, str] | None = None) -> Path:
    """Every third frame is MS1, the others are of the given `MsMsType`; 0.1 s apart and 0.1 degrees warmer each."""
    path.mkdir(parents=True)
    blocks = [block_of(ions) for ions in frames]
    (path / "analysis.tdf_bin").write_bytes(b"".join(blocks))
    starts = np.cumsum([0, *(len(block) for block in blocks)]).tolist()
    with closing(sqlite3.connect(path / "analysis.tdf")) as database, database:
        database.execute("create table GlobalMetadata (Key text primary key, Value text)")
        database.executemany("insert into GlobalMetadata values (?, ?)", (METADATA | (metadata or {})).items())
        for name, row in (
            ("TimsCalibration", {"ModelType": 2} | MOBILITY),
            ("MzCalibration", {"ModelType": 1} | FLIGHT),
        ):
            database.execute(f"create table {name} (Id integer primary key, {', '.join(row)})")
            database.execute(f"insert into {name} values (1, {', '.join('?' * len(row))})", list(row.values()))
        for name in ("Precursors", "PasefFrameMsMsInfo", "DiaFrameMsMsInfo", "DiaFrameMsMsWindows"):
            database.execute(f"create table {name} (Id integer)")
            database.execute(f"insert into {name} values (1)")
        database.execute(
            "create table Frames (Id integer primary key, Time real, Polarity text, ScanMode, MsMsType, TimsId, MaxIntensity, "
            "SummedIntensities, NumScans, NumPeaks, MzCalibration, TimsCalibration, T1 real, T2 real)"
        )
        for place, ions in enumerate(frames):
            total, most = int(ions.intensity.sum()), int(ions.intensity.max(initial=0))
            row = (
                place + 1,
                0.1 * place,
                "+",
                kind,
                0 if place % 3 == 0 else kind,
                starts[place],
                most,
                total,
                N_SCANS,
            )
            more = (len(ions.scan), 1, 1, 25 + 0.1 * place, 25.0)
            database.execute(f"insert into Frames values ({', '.join('?' * 14)})", row + more)
    return path


def change(folder: Path, *statements: str) -> None:
    """Change the tables of a folder."""
    with closing(sqlite3.connect(folder / "analysis.tdf")) as database, database:
        for statement in statements:
            database.execute(statement)
