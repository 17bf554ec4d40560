"""What `.d` folders hold: mode, gradient, frames, ranges, traces, the map of m/z by 1/K0, drift of temperature, and health."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from organokine.errors import DataError
from organokine.kernels.tims_calibration import (
    MOBILITY_MODELS,
    MZ_MODELS,
    linear_deviation,
    mz_of_tof,
    one_over_k0,
    temperature_factor,
)
from organokine.raw.folder import RawFolder, is_simulated_instrument, open_folder
from organokine.raw.frames import read_frame
from organokine.raw.health import Fault, faults_of


@dataclass(frozen=True)
class IonMap:
    """Intensity by m/z and 1/K0, summed over a sample of MS1 frames.

    Attributes
    ----------
    mz, mobility : numpy.ndarray
        (n + 1,) and (m + 1,) edges of the bins, in Th and in V s/cm2.
    intensity : numpy.ndarray
        (m, n) counts.
    n_frames, n_ions : int
        Frames that were unpacked, and ions in them.
    """

    mz: np.ndarray
    mobility: np.ndarray
    intensity: np.ndarray
    n_frames: int
    n_ions: int


@dataclass(frozen=True)
class Inspection:
    """What was seen of one folder.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    facts : mapping of str to value
        Empty for a folder whose tables cannot be read; see `facts_of`.
    traces : pandas.DataFrame
        One row per MS1 frame: `minutes`, `total`, `base_peak` (counts), `t1`, `t2` (degrees Celsius), `mass_shift` (ppm by which
        the temperature terms move m/z).
    ion_map : IonMap or None
        None if it was not asked for, or without MS1 frames or calibration.
    faults : tuple of Fault
        Everything that is wrong.
    """

    path: Path
    facts: Mapping[str, Any]
    traces: pd.DataFrame
    ion_map: IonMap | None
    faults: tuple[Fault, ...]

    @property
    def is_readable(self) -> bool:
        """Whether nothing fatal is wrong."""
        return not any(fault.is_fatal for fault in self.faults)


def inspect_folder(path: Path, *, with_map: bool = True, most_frames: int = 24) -> Inspection:
    """Look at one folder; whatever is wrong with it is told, not raised.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    with_map : bool
        Unpack frames for the map, which takes seconds for a long run and the package zstandard.
    most_frames : int
        MS1 frames for the map, evenly spaced over those with ions; 24 show the clouds of the charges.

    Returns
    -------
    Inspection
        What was seen.

    Raises
    ------
    OrganokineError
        If a map is asked for and the package zstandard is absent.
    """
    try:
        folder = open_folder(path)
    except DataError as error:
        faults = tuple(Fault(problem, is_fatal=True) for problem in error.problems)
        return Inspection(path, {}, pd.DataFrame(), None, faults)
    faults = tuple(faults_of(folder))
    ion_map = None
    if with_map and not any(fault.is_fatal for fault in faults):
        try:
            ion_map = ion_map_of(folder, most_frames)
        except DataError as error:
            faults = (*faults, *(Fault(problem, is_fatal=True) for problem in error.problems))
    return Inspection(path, facts_of(folder), traces_of(folder), ion_map, faults)


def facts_of(folder: RawFolder) -> dict[str, Any]:
    """Facts by name; NaN where the file does not tell.

    Parameters
    ----------
    folder : RawFolder
        The folder.

    Returns
    -------
    dict
        `mode`, `instrument`, `sample`, `acquired` (text); `minutes` (first to last frame), `frames`, `ms1_frames`, `ms2_frames`,
        `empty_ms2_frames`; `mobility_low`, `mobility_high` (V s/cm2, of the first and last scan by the exact curve), `mz_low`, `mz_high` (as the
        method states); `mobility_model`, `mz_model` (ModelType); `linear_off_percent` (by how much a straight line between the stated
        ends of the mobility range misses the curve at most); `temperature_span` (degrees) and `mass_drift_ppm` (the drift of m/z with
        temperature over the run, which exact m/z takes out).
    """
    frames, said = folder.frames, folder.metadata
    is_fragment = frames["msms_type"] != 0
    row = folder.mobility_rows.get(_first(frames["tims_calibration"]))
    mz_row = folder.mz_rows.get(_first(frames["mz_calibration"]))
    low = high = off = math.nan
    n_scans = int(frames["n_scans"].max()) if len(frames) > 0 else 0
    if row is not None and row.model in MOBILITY_MODELS and n_scans > 0:
        high, low = one_over_k0(np.array([0, n_scans - 1]), row).tolist()
        ends = folder.number("OneOverK0AcqRangeLower"), folder.number("OneOverK0AcqRangeUpper")
        off = 100 * float(np.abs(linear_deviation(n_scans, row, *ends)).max())
    traces = traces_of(folder)
    return {
        "mode": folder.mode,
        "instrument": said.get("InstrumentName", ""),
        "sample": said.get("SampleName", ""),
        "acquired": said.get("AcquisitionDateTime", ""),
        "minutes": _span(frames["seconds"]) / 60,
        "frames": len(frames),
        "ms1_frames": int((~is_fragment).sum()),
        "ms2_frames": int(is_fragment.sum()),
        "empty_ms2_frames": int((is_fragment & (frames["n_peaks"] == 0)).sum()),
        "mobility_low": low,
        "mobility_high": high,
        "mz_low": folder.number("MzAcqRangeLower"),
        "mz_high": folder.number("MzAcqRangeUpper"),
        "mobility_model": math.nan if row is None else row.model,
        "mz_model": math.nan if mz_row is None else mz_row.model,
        "linear_off_percent": off,
        "temperature_span": _span(frames["t1"]),
        "mass_drift_ppm": _span(traces["mass_shift"]),
    }


def traces_of(folder: RawFolder) -> pd.DataFrame:
    """Traces over the MS1 frames, from the tables alone; see `Inspection.traces`."""
    survey = folder.frames[folder.frames["msms_type"] == 0]
    shift = np.full(len(survey), np.nan)
    for number, row in folder.mz_rows.items():
        chosen = (survey["mz_calibration"] == number).to_numpy()
        shift[chosen] = 1e6 * (
            temperature_factor(row, survey["t1"][chosen].to_numpy(), survey["t2"][chosen].to_numpy()) - 1
        )
    return pd.DataFrame(
        {
            "minutes": survey["seconds"] / 60,
            **{name: survey[name] for name in ("total", "base_peak", "t1", "t2")},
            "mass_shift": shift,
        }
    ).reset_index(drop=True)


def ion_map_of(folder: RawFolder, most_frames: int = 24, n_mz: int = 160, n_mobility: int = 100) -> IonMap | None:
    """Intensity by exact m/z and 1/K0; None without MS1 frames that hold ions and name a known calibration.

    Parameters
    ----------
    folder : RawFolder
        The folder.
    most_frames : int
        Frames that are unpacked, evenly spaced.
    n_mz, n_mobility : int
        Bins of either axis; as many as a plot can show.

    Raises
    ------
    DataError
        If a frame is damaged.
    """
    rows = folder.frames
    known = {number for number, row in folder.mobility_rows.items() if row.model in MOBILITY_MODELS}
    known_mz = {number for number, row in folder.mz_rows.items() if row.model in MZ_MODELS}
    survey = rows[
        (rows["msms_type"] == 0)
        & (rows["n_peaks"] > 0)
        & rows["tims_calibration"].isin(known)
        & rows["mz_calibration"].isin(known_mz)
    ]
    if len(survey) == 0:
        return None
    places = np.unique(np.linspace(0, len(survey) - 1, min(most_frames, len(survey))).round().astype(int))
    ions: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for row in survey.iloc[places].to_dict("records"):
        frame = read_frame(folder.frames_file, int(row["offset"]))
        mz = mz_of_tof(frame.tof, folder.mz_rows[int(row["mz_calibration"])], row["t1"], row["t2"])
        mobility = one_over_k0(frame.scan, folder.mobility_rows[int(row["tims_calibration"])])
        ions.append((mz, mobility, frame.intensity))
    mz, mobility, intensity = (np.concatenate(each) for each in zip(*ions, strict=True))
    held = np.isfinite(mz) & np.isfinite(mobility)
    if not held.any():
        return None
    counts, edges_mobility, edges_mz = np.histogram2d(
        mobility[held], mz[held], bins=(n_mobility, n_mz), weights=intensity[held]
    )
    return IonMap(edges_mz, edges_mobility, counts, len(places), int(held.sum()))


def as_json(found: list[Inspection]) -> list[dict[str, Any]]:
    """Inspections as nested lists and dicts that `json.dumps(..., allow_nan=False)` takes; what is missing is null."""
    return [
        {
            "folder": str(each.path),
            "readable": each.is_readable,
            "facts": {name: _plain(value) for name, value in each.facts.items()},
            "faults": [
                {
                    "fatal": fault.is_fatal,
                    "what": fault.problem.what,
                    "why": fault.problem.why,
                    "remedy": fault.problem.remedy,
                }
                for fault in each.faults
            ],
            "traces": {name: [_plain(value) for value in each.traces[name].tolist()] for name in each.traces},
            "map": None
            if each.ion_map is None
            else {
                "frames": each.ion_map.n_frames,
                "ions": each.ion_map.n_ions,
                "mz": each.ion_map.mz.tolist(),
                "one_over_k0": each.ion_map.mobility.tolist(),
                "intensity": each.ion_map.intensity.tolist(),
            },
        }
        for each in found
    ]


def as_line(found: Inspection) -> str:
    """One folder in one line."""
    if len(found.facts) == 0:
        return f"{found.path}: unreadable"
    facts = found.facts
    mobility = "1/K0 unknown"
    if np.isfinite(facts["mobility_low"]):
        mobility = f"1/K0 {facts['mobility_low']:.3f} to {facts['mobility_high']:.3f}"
    n_remarks = len(found.faults)
    state = "sound" if n_remarks == 0 else f"{n_remarks} remark{'s' if n_remarks > 1 else ''}"
    health = state if found.is_readable else "damaged"
    simulated = " (SIMULATED)" if is_simulated(found) else ""
    return (
        f"{found.path}: {facts['mode']}{simulated}, {facts['minutes']:.1f} min, {facts['ms1_frames']} MS1 and {facts['ms2_frames']} MS2 "
        f"frames, {mobility}, {health}"
    )


def is_simulated(found: Inspection) -> bool:
    """Whether the folder says that no instrument measured it."""
    return is_simulated_instrument(str(found.facts.get("instrument", "")))


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _first(numbers: pd.Series) -> int:
    held = numbers.dropna()
    return int(held.iloc[0]) if len(held) > 0 else -1


def _span(values: pd.Series) -> float:
    return float(values.max() - values.min())
