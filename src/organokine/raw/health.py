"""Whether a `.d` folder is whole: everything that is wrong with it, each with what to do."""

from __future__ import annotations

import importlib.util
from typing import NamedTuple

import numpy as np

from organokine.errors import Problem, first_examples
from organokine.kernels.tims_calibration import MOBILITY_MODELS, MZ_MODELS
from organokine.raw.folder import TABLES_FILE, RawFolder
from organokine.raw.frames import ZSTD, announced_sizes, read_heads

SCHEMA = 3
"""`SchemaVersionMajor` of the files described here."""
SLACK = 1 << 20
"""Bytes by which a block may announce more than the ions that the table counts take; a damaged one announces gigabytes."""
_COPY = "Copy the folder from the instrument again"
_TABLES_OF_MODE = {8: ("Precursors", "PasefFrameMsMsInfo"), 9: ("DiaFrameMsMsInfo", "DiaFrameMsMsWindows")}


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes
    ----------
    problem : Problem
        What, why it matters, and what to do.
    is_fatal : bool
        Whether the run cannot be read as a whole; else it is a remark.
    """

    problem: Problem
    is_fatal: bool


def faults_of(folder: RawFolder, most_empty: float = 0.5) -> list[Fault]:
    """Everything that is wrong with a folder whose tables could be read.

    Parameters
    ----------
    folder : RawFolder
        The folder.
    most_empty : float
        Share of fragment frames without ions above which it is remarked: a few at the start and the end of a gradient are usual,
        more than half are not.

    Returns
    -------
    list of Fault
        Fatal ones first; empty for a sound folder.
    """
    found = [
        *_blocks(folder),
        *_format(folder),
        *_numbering(folder),
        *_fragments(folder, most_empty),
        *_calibration(folder),
    ]
    return sorted(found, key=lambda fault: not fault.is_fatal)


def _fault(folder: RawFolder, what: str, why: str, remedy: str, *, is_fatal: bool) -> Fault:
    return Fault(Problem(str(folder.path), what, why, remedy), is_fatal)


def _blocks(folder: RawFolder) -> list[Fault]:
    """Blocks beyond the end of the file, and blocks that are not those of their frames."""
    if len(folder.frames) == 0:
        return []
    offsets = folder.frames["offset"].to_numpy()
    length, n_scans = read_heads(folder.frames_file, offsets)
    size = folder.frames_file.stat().st_size
    is_cut = (length < 0) | (offsets + length > size)
    is_other = ~is_cut & ((n_scans != folder.frames["n_scans"].to_numpy()) | (length < 8))
    found = []
    if is_cut.any():
        what = f"{folder.frames_file.name} ends after {size} bytes, before {_of(folder, is_cut)}"
        found.append(_fault(folder, what, "The run is truncated and these frames are lost", _COPY, is_fatal=True))
    if not (is_cut.any() or is_other.any()) and folder.number("TimsCompressionType") == ZSTD:
        found += _spoilt(folder)
    if is_other.any():
        what = f"the blocks of {_of(folder, is_other)} do not begin as {TABLES_FILE} says"
        why = "One of both files is damaged or of another run"
        found.append(_fault(folder, what, why, _COPY, is_fatal=True))
    return found


def _spoilt(folder: RawFolder) -> list[Fault]:
    """Blocks that are not packed, or that announce more than their ions take; not looked at where zstandard is absent."""
    if importlib.util.find_spec("zstandard") is None:
        return []
    announced = announced_sizes(folder.frames_file, folder.frames["offset"].to_numpy())
    most = 4 * (folder.frames["n_scans"].to_numpy() + 2 * folder.frames["n_peaks"].to_numpy())
    is_spoilt = (announced < 0) | (announced > most + SLACK)
    if not is_spoilt.any():
        return []
    what = f"the blocks of {_of(folder, is_spoilt)} cannot be unpacked"
    return [_fault(folder, what, "They are damaged, which the size of the file does not show", _COPY, is_fatal=True)]


def _of(folder: RawFolder, chosen: np.ndarray) -> str:
    frames = folder.frames.loc[chosen, "frame"].tolist()
    return f"{len(frames)} of {len(folder.frames)} frames ({first_examples(frames)})"


def _format(folder: RawFolder) -> list[Fault]:
    """Version, compression, and whether the run was closed."""
    said = folder.metadata
    found = []
    if "SchemaVersionMajor" not in said:
        what, why = "the file does not say its schema version", f"Only version {SCHEMA} is known to be read rightly"
        found.append(_fault(folder, what, why, "Compare a few numbers with the vendor's software", is_fatal=False))
    elif folder.number("SchemaVersionMajor") != SCHEMA:
        what = f"the schema version is {said['SchemaVersionMajor']!r}, and {SCHEMA} is known"
        remedy = "Ask for support of this version with a small file"
        found.append(_fault(folder, what, "Columns may mean something else in it", remedy, is_fatal=True))
    if folder.number("TimsCompressionType") != ZSTD:
        what = f"the compression type is {said.get('TimsCompressionType', 'not given')!r}, and {ZSTD} is known"
        remedy = "Convert the run with the vendor's software"
        found.append(_fault(folder, what, "The frames cannot be unpacked", remedy, is_fatal=True))
    if said.get("ClosedProperly", "1") != "1":
        what = "the acquisition was not closed properly"
        found.append(
            _fault(folder, what, "The last frames may be missing", "Compare its length with the method", is_fatal=False)
        )
    return found


def _numbering(folder: RawFolder) -> list[Fault]:
    frames = folder.frames["frame"].to_numpy()
    if len(frames) == 0:
        return [_fault(folder, "the table Frames has no row", "The run holds no data", _COPY, is_fatal=True)]
    missing = np.setdiff1d(np.arange(1, frames.max() + 1), frames)
    if len(missing) == 0:
        return []
    what = f"{len(missing)} frames are missing from the table Frames ({first_examples(missing.tolist())})"
    return [_fault(folder, what, "Traces and precursors have gaps there", _COPY, is_fatal=True)]


def _fragments(folder: RawFolder, most_empty: float) -> list[Fault]:
    """Fragment frames that are absent, empty, of two modes, or without the tables that say what was fragmented."""
    fragments = folder.frames[folder.frames["msms_type"] != 0]
    ask = "Check the method of the run"
    if len(folder.frames) > 0 and len(fragments) == 0:
        return [_fault(folder, "there is no MS2 frame", "Peptides cannot be identified", ask, is_fatal=False)]
    found = []
    n_empty = int((fragments["n_peaks"] == 0).sum())
    if n_empty > most_empty * len(fragments):
        what = f"{n_empty} of {len(fragments)} MS2 frames are empty"
        found.append(_fault(folder, what, "Few peptides or none can be identified", ask, is_fatal=False))
    if len(folder.msms_types) > 1:
        what = f"modes are mixed: {folder.mode}"
        found.append(_fault(folder, what, "A search takes one mode", ask, is_fatal=False))
    held = {name.lower(): n for name, n in folder.n_rows.items()}
    for name in (name for kind in folder.msms_types for name in _TABLES_OF_MODE.get(kind, ())):
        if held.get(name.lower(), 0) == 0:
            what = f"the table {name} is {'empty' if name.lower() in held else 'absent'}"
            found.append(_fault(folder, what, "What was fragmented in an MS2 frame is not known", _COPY, is_fatal=True))
    return found


def _calibration(folder: RawFolder) -> list[Fault]:
    found = []
    kinds = (
        ("TimsCalibration", "tims_calibration", folder.mobility_rows, MOBILITY_MODELS, "1/K0"),
        ("MzCalibration", "mz_calibration", folder.mz_rows, MZ_MODELS, "m/z"),
    )
    for table, column, rows, known, unit in kinds:
        why, remedy = f"Exact {unit} cannot be told", "Calibrate or convert the run with the vendor's software"
        asked = sorted({int(row) for row in folder.frames[column].dropna()})
        absent = [row for row in asked if row not in rows]
        unknown = sorted({rows[row].model for row in asked if row in rows} - set(known))
        if len(rows) == 0 or len(asked) == 0:
            found.append(_fault(folder, f"there is no calibration in a table {table}", why, remedy, is_fatal=False))
        elif len(absent) > 0:
            what = f"frames name rows of {table} that are absent ({first_examples(absent)})"
            found.append(_fault(folder, what, why, remedy, is_fatal=False))
        if len(absent) == 0 and any(rows[row].c1 == 0 for row in asked if row in rows):
            found.append(_fault(folder, f"{table} has zero for C1", why, remedy, is_fatal=False))
        if len(unknown) > 0:
            what = f"{table} has the unknown ModelType {first_examples(unknown)}"
            found.append(_fault(folder, what, why, remedy, is_fatal=False))
    return found
