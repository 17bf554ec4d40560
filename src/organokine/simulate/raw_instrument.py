"""The instrument of a simulated raw study: its scale of time of flight and its scale of mobility."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Instrument:
    """A timsTOF in numbers.

    Attributes
    ----------
    lowest_mz, highest_mz : float
        m/z at the first and one past the last sample of the digitizer. The axis is a plain square law between them, on which
        all open readers agree.
    n_samples : int
        Samples of the digitizer; 400 000 make 6 ppm a sample at m/z 800.
    n_scans : int
        Mobility scans a frame.
    first_volt, last_volt : float
        Voltage at the first and the last scan. With `offset` and `slope` they give 1/K0 1.6 and 0.6.
    offset, slope : float
        1/K0 = 1 / (offset + slope / voltage): not a line over scans, so that a reader that takes it for one is found out.
    frame_seconds : float
        Time a frame takes.
    temperature : float
        Temperature of the tube in degrees, in all frames that of the calibration: nothing to correct.
    """

    lowest_mz: float = 100.0
    highest_mz: float = 1700.0
    n_samples: int = 400_000
    n_scans: int = 400
    first_volt: float = 219.0
    last_volt: float = 81.0
    offset: float = 0.009
    slope: float = 135.0
    frame_seconds: float = 0.1
    temperature: float = 25.0

    @cached_property
    def mz_calibration(self) -> dict[str, float]:
        """The row of MzCalibration, ModelType 1 with C2 to C4 zero: time t = C0 + sqrt(1e12 / C1) * sqrt(m/z)."""
        timebase, delay = 0.2, 24864.0
        rise = self.n_samples * timebase / (np.sqrt(self.highest_mz) - np.sqrt(self.lowest_mz))
        return {
            "DigitizerTimebase": timebase,
            "DigitizerDelay": delay,
            "T1": self.temperature,
            "T2": self.temperature,
            "dC1": 0.0,
            "dC2": 0.0,
            "C0": float(delay - rise * np.sqrt(self.lowest_mz)),
            "C1": float(1e12 / rise**2),
            "C2": 0.0,
            "C3": 0.0,
            "C4": 0.0,
        }

    @property
    def tims_calibration(self) -> dict[str, float]:
        """The row of TimsCalibration, ModelType 2: voltage = C2 + (C3 - C2) / C1 * (scan - C4 - C0), 1/K0 = 1 / (C6 + C7 / voltage)."""
        return {
            "C0": 0.0,
            "C1": float(self.n_scans - 1),
            "C2": self.first_volt,
            "C3": self.last_volt,
            "C4": 0.0,
            "C5": 1.0,
            "C6": self.offset,
            "C7": self.slope,
            "C8": self.last_volt / 4,
            "C9": 4 * self.first_volt,
        }

    def tof(self, mz: Floats) -> Floats:
        """Sample of the digitizer, not rounded."""
        root = np.sqrt(self.lowest_mz)
        return np.asarray(self.n_samples * (np.sqrt(mz) - root) / (np.sqrt(self.highest_mz) - root))

    def scan(self, one_over_k0: Floats) -> Floats:
        """Mobility scan, not rounded; the first one is that of the largest 1/K0."""
        volt = self.slope / (1 / np.asarray(one_over_k0) - self.offset)
        return np.asarray((volt - self.first_volt) * (self.n_scans - 1) / (self.last_volt - self.first_volt))

    def one_over_k0(self, scan: Floats) -> Floats:
        """1/K0 at a scan, in V s/cm2."""
        volt = self.first_volt + (self.last_volt - self.first_volt) * np.asarray(scan) / (self.n_scans - 1)
        return np.asarray(1 / (self.offset + self.slope / volt))
