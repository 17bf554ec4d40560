"""When a simulated run surveys and when it fragments: ddaPASEF picks precursors, diaPASEF goes through fixed windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.simulate.raw_peptides import MOBILITY_LINES
from organokine.simulate.raw_spectra import elution

if TYPE_CHECKING:
    from organokine.simulate.raw_instrument import Instrument
    from organokine.simulate.raw_spectra import Detection, RunIons

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Dda:
    """How precursors are picked.

    Attributes
    ----------
    frames : int
        Frames of fragments after each survey.
    window : int
        Scans a precursor is fragmented for; those of one frame are disjoint.
    isolation : float
        Width of the quadrupole's window in Th.
    faintest : float
        Ions in the survey frame that make a precursor worth fragmenting.
    exclusion : float
        Seconds for which a precursor is not fragmented again, unless it grew threefold.
    """

    frames: int = 4
    window: int = 17
    isolation: float = 2.0
    faintest: float = 40.0
    exclusion: float = 5.0


@dataclass(frozen=True)
class Dia:
    """Windows of diaPASEF: each frame has two, disjoint in scans; together they tile the m/z.

    Attributes
    ----------
    lowest_mz, width : float
        Where the tiles begin, and how wide each is, in Th.
    frames : int
        Frames of fragments after each survey; there are twice as many tiles.
    below : float
        How far below the line of charge 2 the upper tile of a frame reaches, in V s/cm2: enough for those of charge 3.
    """

    lowest_mz: float = 400.0
    width: float = 30.0
    frames: int = 10
    below: float = 0.12


class Frames(NamedTuple):
    """Frames of a run: (n,) seconds, and (n,) bool whether they hold fragments."""

    seconds: Floats
    is_ms2: NDArray[np.bool_]


class Windows(NamedTuple):
    """Stretches of scans with fragmentation, by frame and scan.

    Attributes
    ----------
    frame : numpy.ndarray
        Frame, from 0.
    low, high : numpy.ndarray
        First scan, and the one after the last.
    mz, width, energy : numpy.ndarray
        Middle and width of the isolation in Th; collision energy in eV.
    owner : numpy.ndarray
        Row of the precursor in a data-dependent run, window group from 0 in a data-independent one.
    """

    frame: Integers
    low: Integers
    high: Integers
    mz: Floats
    width: Floats
    energy: Floats
    owner: Integers


def make_frames(gradient: float, n_ms2: int, instrument: Instrument) -> Frames:
    """Whole cycles of a survey and `n_ms2` frames of fragments, at least one."""
    n_cycles = max(int(gradient / instrument.frame_seconds) // (n_ms2 + 1), 1)
    position = np.arange(n_cycles * (n_ms2 + 1))
    return Frames(np.asarray((position + 1) * instrument.frame_seconds, dtype=float), position % (n_ms2 + 1) != 0)


def collision_energy(one_over_k0: Floats) -> Floats:
    """Collision energy in eV, a line from 20 at 1/K0 0.6 to 59 at 1.6, as makers of the instrument suggest."""
    return np.asarray(20.0 + 39.0 * (np.asarray(one_over_k0) - 0.6))


def pick_precursors(
    run_ions: RunIons,
    frames: Frames,
    instrument: Instrument,
    detection: Detection,
    options: Dda,
    rng: np.random.Generator,
) -> tuple[Windows, pd.DataFrame]:
    """Schedule a ddaPASEF run: after each survey the most intense precursors, as far as their scans are free.

    Returns
    -------
    Windows
        One for each precursor picked.
    pandas.DataFrame
        The precursors: `ion` (row), `mz` as the instrument took it (2 ppm off, standard deviation), `charge`, `scan`, `intensity`
        and `parent` (survey frame, from 0).
    """
    last_seen = np.full(len(run_ions.mz), -np.inf)
    last_ions = np.zeros(len(run_ions.mz))
    everything = np.arange(len(run_ions.mz))
    picked: list[tuple[int, int, int, int, int]] = []
    for survey in np.flatnonzero(~frames.is_ms2).tolist():
        now = elution(run_ions, everything, np.asarray(frames.seconds[survey]), detection)
        rested = frames.seconds[survey] - last_seen > options.exclusion
        wanted = np.flatnonzero((now > options.faintest) & (rested | (now > 3 * last_ions)))
        wanted = wanted[np.argsort(-now[wanted], kind="stable")]
        for taken, frame, low, high in _placed(wanted, run_ions.scan, instrument.n_scans, options):
            picked.append((taken, survey, survey + 1 + frame, low, high))
            last_seen[taken], last_ions[taken] = frames.seconds[survey], now[taken]
    ion, survey_of, frame_of, low_of, high_of = np.array(picked, dtype=np.int64).reshape(-1, 5).T
    intensity = detection.gain * elution(run_ions, ion, frames.seconds[survey_of], detection)
    mz = run_ions.mz[ion] * (1 + 2e-6 * rng.normal(size=len(ion)))
    columns = {"mz": mz, "charge": run_ions.charge[ion], "scan": run_ions.scan[ion], "intensity": intensity}
    precursors = pd.DataFrame({"ion": ion, **columns, "parent": survey_of})
    order = np.lexsort((low_of, frame_of))
    middle = mz + 0.5 / run_ions.charge[ion]  # between the first two isotopes
    energy = collision_energy(instrument.one_over_k0(run_ions.scan[ion]))
    windows = Windows(
        frame_of[order],
        low_of[order],
        high_of[order],
        middle[order],
        np.full(len(ion), options.isolation),
        energy[order],
        order.astype(np.int64),
    )
    return windows, precursors


def _placed(wanted: Integers, scan: Floats, n_scans: int, options: Dda) -> list[tuple[int, int, int, int]]:
    """Ion, frame of the cycle and scans of those that find a place, the first come first served."""
    taken = np.zeros((options.frames, n_scans), dtype=bool)
    placed = []
    most = options.frames * (n_scans // options.window)
    for ion in wanted[:most].tolist():
        low = int(np.clip(round(float(scan[ion])) - options.window // 2, 0, n_scans - options.window))
        high = low + options.window
        free = np.flatnonzero(~taken[:, low:high].any(axis=1))
        if len(free) > 0:
            taken[free[0], low:high] = True
            placed.append((ion, int(free[0]), low, high))
    return placed


def dia_groups(instrument: Instrument, options: Dia) -> pd.DataFrame:
    """The windows of each group: `group` (from 0), `low`, `high`, `mz`, `width`, `energy`, by group and scan."""
    centre = options.lowest_mz + options.width * (np.arange(2 * options.frames) + 0.5)
    line = np.asarray(MOBILITY_LINES[2][0] + MOBILITY_LINES[2][1] * centre, dtype=float)
    upper = centre[options.frames :]
    border = np.round(instrument.scan(line[options.frames :] - options.below)).astype(np.int64)
    rows = []
    for group in range(options.frames):
        for low, high, mz in ((0, border[group], upper[group]), (border[group], instrument.n_scans, centre[group])):
            energy = collision_energy(instrument.one_over_k0(np.array((low + high) / 2)))
            rows.append((group, int(low), int(high), mz, options.width, float(energy)))
    return pd.DataFrame(rows, columns=["group", "low", "high", "mz", "width", "energy"])


def dia_windows(frames: Frames, groups: pd.DataFrame) -> Windows:
    """Schedule a diaPASEF run: one group after the other in each cycle."""
    ms2 = np.flatnonzero(frames.is_ms2)
    n_groups = int(groups["group"].max()) + 1
    of_frame = np.arange(len(ms2)) % n_groups
    each = [groups.index[groups["group"] == group].to_numpy() for group in range(n_groups)]
    row = np.concatenate([each[group] for group in of_frame])
    frame = np.repeat(ms2, [len(each[group]) for group in of_frame])
    table = groups.loc[row]
    return Windows(frame, *(table[name].to_numpy() for name in ("low", "high", "mz", "width", "energy", "group")))
