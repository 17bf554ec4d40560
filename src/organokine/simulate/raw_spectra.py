"""Frames of a simulated raw run: what the ions of each frame leave on the detector, with noise, and fragments of those isolated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from organokine.simulate.raw_peptides import Ions, isotope_mz
from organokine.simulate.raw_proteins import PROTON, WATER, residue_masses

if TYPE_CHECKING:
    from organokine.simulate.raw_instrument import Instrument
    from organokine.simulate.raw_windows import Frames, Windows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_FAINTEST = 0.3  # ions expected of a signal in a frame, below which it is left out
_CHUNK = 100_000  # signals spread over scans at a time


@dataclass(frozen=True)
class Detection:
    """How ions become peaks.

    Attributes
    ----------
    ions : float
        Ions in the frame at the apex of a peptide of amount 1.
    elution : float
        Standard deviation of an elution peak, in seconds: 3.5 s wide at half height, as on short gradients.
    scans : float
        Standard deviation of a mobility peak, in scans: 0.018 V s/cm2 wide at half height.
    samples : float
        Scatter of the time of flight, in samples; half a sample is 3 ppm.
    fragments : float
        Share of isolated ions that end as a fragment that is seen.
    gain, gain_spread : float
        Intensity of one ion, and its relative spread.
    noise_ms1, noise_ms2 : int
        Stray peaks of one ion in each frame.
    """

    ions: float = 1500.0
    elution: float = 1.5
    scans: float = 3.0
    samples: float = 0.5
    fragments: float = 0.6
    gain: float = 20.0
    gain_spread: float = 0.2
    noise_ms1: int = 1500
    noise_ms2: int = 500


class RunIons(NamedTuple):
    """The ions as they are in one run.

    Attributes
    ----------
    mz, charge, isotopes
        As in `Ions`, sorted by m/z.
    seconds, scan : numpy.ndarray
        Apex in this run.
    ions : numpy.ndarray
        Ions in the frame at the apex.
    """

    mz: Floats
    charge: Integers
    isotopes: Floats
    seconds: Floats
    scan: Floats
    ions: Floats


class Fragments(NamedTuple):
    """Fragments of all ions, one after the other: those of ion i are `start[i]:start[i + 1]` of `mz` and `share`."""

    start: Integers
    mz: Floats
    share: Floats


class Peaks(NamedTuple):
    """Peaks of a run, by frame, scan and time of flight, none twice; all (n,) int64, frames from 0."""

    frame: Integers
    scan: Integers
    tof: Integers
    intensity: Integers


class _Signals(NamedTuple):
    """What is to be spread over scans: its frame, m/z, middle and bounds in scans, and number of ions expected."""

    frame: Integers
    mz: Floats
    scan: Floats
    low: Integers
    high: Integers
    ions: Floats


def in_run(ions: Ions, run: int, instrument: Instrument, detection: Detection, drift: tuple[float, float]) -> RunIons:
    """The ions of one run; `drift` is how many seconds later, and how many V s/cm2 higher, all come than they should."""
    table = ions.table
    scan = instrument.scan(table["one_over_k0"].to_numpy() + drift[1])
    return RunIons(
        table["mz"].to_numpy(),
        table["charge"].to_numpy(),
        ions.isotopes,
        table["seconds"].to_numpy() + drift[0],
        scan,
        detection.ions * ions.amounts[:, run],
    )


def elution(run_ions: RunIons, which: Integers, seconds: Floats, detection: Detection) -> Floats:
    """Ions of each of `which` at these times."""
    away = (seconds - run_ions.seconds[which]) / detection.elution
    return np.asarray(run_ions.ions[which] * np.exp(-0.5 * away**2))


def make_fragments(ions: Ions, instrument: Instrument, rng: np.random.Generator) -> Fragments:
    """Fragments b and y of all ions: charge 1, and y of charge 2 too if the ion has 3.

    How much there is of each is drawn once for the study: y ions prevail, and the bond before proline breaks most.
    """
    sizes, mz, share = [], [], []
    for peptide, charge in zip(ions.table["peptide"], ions.table["charge"], strict=True):
        masses = residue_masses(peptide)
        b = np.cumsum(masses)[:-1] + PROTON
        y = np.cumsum(masses[::-1])[:-1] + WATER + PROTON
        proline = np.where(
            np.array(list(peptide[1:])) == "P", 3.0, 1.0
        )  # of the bond before each residue but the first
        drawn = rng.gamma(1.0, size=(3, len(b)))
        own_mz = [b, y] if charge < 3 else [b, y, (y + PROTON) / 2]
        own = [0.35 * drawn[0] * proline, drawn[1] * proline[::-1], 0.5 * drawn[2] * proline[::-1]][: len(own_mz)]
        all_mz, all_share = np.concatenate(own_mz), np.concatenate(own)
        seen = (all_mz > instrument.lowest_mz + 10) & (all_mz < instrument.highest_mz - 10)
        sizes.append(int(seen.sum()))
        mz.append(all_mz[seen])
        share.append(all_share[seen] / all_share.sum())
    return Fragments(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(mz), np.concatenate(share))


def detect(
    run_ions: RunIons,
    fragments: Fragments,
    frames: Frames,
    windows: Windows,
    instrument: Instrument,
    detection: Detection,
    rng: np.random.Generator,
) -> Peaks:
    """All peaks of a run.

    Returns
    -------
    Peaks
        Ions are counted (Poisson) and amplified; what falls on one sample of one scan is one peak.
    """
    parts = []
    for signals in (
        _survey(run_ions, frames, instrument, detection),
        _fragmented(run_ions, fragments, frames, windows, detection),
    ):
        for i in range(0, len(signals.mz), _CHUNK):
            chunk = _Signals._make(field[i : i + _CHUNK] for field in signals)
            parts.append(_spread(chunk, instrument, detection, rng))
    parts.append(_noise(frames, windows, instrument, detection, rng))
    frame, scan, tof, intensity = (np.concatenate(each) for each in zip(*parts, strict=True))
    return _merge(frame, scan, tof, intensity, instrument)


def _survey(run_ions: RunIons, frames: Frames, instrument: Instrument, detection: Detection) -> _Signals:
    """Isotopes of all ions in the frames without fragmentation."""
    survey = np.flatnonzero(~frames.is_ms2)
    times = frames.seconds[survey]
    reach = 3 * detection.elution
    first = np.searchsorted(times, run_ions.seconds - reach)
    last = np.searchsorted(times, run_ions.seconds + reach)
    ion, position = runs_of(first, last)
    frame = survey[position]
    now = elution(run_ions, ion, frames.seconds[frame], detection)
    expected = now[:, None] * run_ions.isotopes[ion]
    row, isotope = np.nonzero(expected > _FAINTEST)
    mz = isotope_mz(run_ions.mz, run_ions.charge)[ion[row], isotope]
    everywhere = np.zeros(len(row), dtype=np.int64)
    ions = expected[row, isotope]
    return _Signals(frame[row], mz, run_ions.scan[ion[row]], everywhere, everywhere + instrument.n_scans, ions)


def _fragmented(
    run_ions: RunIons, fragments: Fragments, frames: Frames, windows: Windows, detection: Detection
) -> _Signals:
    """Fragments of whatever the quadrupole lets through while a window is open, not of the ion it was opened for alone."""
    window, ion = runs_of(
        np.searchsorted(run_ions.mz, windows.mz - windows.width / 2),
        np.searchsorted(run_ions.mz, windows.mz + windows.width / 2),
    )
    reach = 3 * detection.scans
    scan, seconds = run_ions.scan[ion], frames.seconds[windows.frame[window]]
    near = (scan > windows.low[window] - reach) & (scan < windows.high[window] + reach)
    near &= np.abs(seconds - run_ions.seconds[ion]) < 3 * detection.elution
    window, ion, seconds = window[near], ion[near], seconds[near]
    now = elution(run_ions, ion, seconds, detection) * detection.fragments
    pair, fragment = runs_of(fragments.start[ion], fragments.start[ion + 1])
    expected = now[pair] * fragments.share[fragment]
    kept = expected > _FAINTEST
    pair, fragment, expected = pair[kept], fragment[kept], expected[kept]
    of = window[pair]
    return _Signals(
        windows.frame[of], fragments.mz[fragment], run_ions.scan[ion[pair]], windows.low[of], windows.high[of], expected
    )


def runs_of(first: Integers, last: Integers) -> tuple[Integers, Integers]:
    """Every whole number from `first[i]` to below `last[i]`, and the i it is of."""
    sizes = np.maximum(last - first, 0)
    which = np.repeat(np.arange(len(sizes)), sizes)
    begins = np.cumsum(sizes) - sizes
    return which, np.arange(len(which)) - begins[which] + first[which]


def _spread(
    signals: _Signals, instrument: Instrument, detection: Detection, rng: np.random.Generator
) -> tuple[Integers, Integers, Integers, Integers]:
    """Signals over their scans, counted and amplified: frame, scan, time of flight and intensity of each peak."""
    reach = int(np.ceil(2.5 * detection.scans))
    scans = np.round(signals.scan).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    density = np.exp(-0.5 * ((scans - signals.scan[:, None]) / detection.scans) ** 2)
    expected = signals.ions[:, None] * density / (detection.scans * np.sqrt(2 * np.pi))
    expected[(scans < signals.low[:, None]) | (scans >= signals.high[:, None])] = 0.0
    counts = rng.poisson(expected)
    row, column = np.nonzero(counts)
    tof = instrument.tof(signals.mz)[row] + rng.normal(0.0, detection.samples, len(row))
    intensity = _amplified(counts[row, column], detection, rng)
    return signals.frame[row], scans[row, column], np.round(tof).astype(np.int64), intensity


def _amplified(counts: Integers, detection: Detection, rng: np.random.Generator) -> Integers:
    spread = detection.gain_spread * np.sqrt(counts) * rng.normal(size=len(counts))
    return np.maximum(np.round(detection.gain * (counts + spread)), 1).astype(np.int64)


def _noise(
    frames: Frames, windows: Windows, instrument: Instrument, detection: Detection, rng: np.random.Generator
) -> tuple[Integers, Integers, Integers, Integers]:
    """Stray ions anywhere in frames that survey, and within open windows in the others."""
    survey = np.repeat(np.flatnonzero(~frames.is_ms2), detection.noise_ms1)
    scan = rng.integers(0, instrument.n_scans, len(survey))
    per_frame = np.bincount(windows.frame, minlength=len(frames.seconds))
    of = np.repeat(np.arange(len(windows.frame)), detection.noise_ms2 // np.maximum(per_frame[windows.frame], 1))
    in_window = rng.integers(windows.low[of], windows.high[of])
    frame = np.concatenate([survey, windows.frame[of]])
    tof = rng.integers(0, instrument.n_samples, len(frame))
    intensity = _amplified(np.ones(len(frame), dtype=np.int64), detection, rng)
    return frame, np.concatenate([scan, in_window]), tof, intensity


def _merge(frame: Integers, scan: Integers, tof: Integers, intensity: Integers, instrument: Instrument) -> Peaks:
    """Sort, and add up what fell on one sample of one scan."""
    inside = (tof >= 0) & (tof < instrument.n_samples)
    key = ((frame * instrument.n_scans + scan) * instrument.n_samples + tof)[inside]
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    total = np.add.reduceat(intensity[inside][order], starts)
    rest, tof = np.divmod(key[starts], instrument.n_samples)
    frame, scan = np.divmod(rest, instrument.n_scans)
    return Peaks(frame, scan, tof, total)
