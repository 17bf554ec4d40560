"""The instrument of a simulated raw study: its scale of time of flight and its scale of mobility."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from organokine.kernels.tims_calibration import (
    MobilityCalibration,
    MzCalibration,
    one_over_k0,
    scan_of_one_over_k0,
    tof_of_mz,
)

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
    def mz_calibration(self) -> MzCalibration:
        """Time = c0 + sqrt(1e12 / c1) * sqrt(m/z), and no further terms; temperature changes nothing."""
        timebase, delay = 0.2, 24864.0
        rise = self.n_samples * timebase / (np.sqrt(self.highest_mz) - np.sqrt(self.lowest_mz))
        c0, c1 = float(delay - rise * np.sqrt(self.lowest_mz)), float(1e12 / rise**2)
        warm = self.temperature
        return MzCalibration(1, timebase, delay, warm, warm, 0.0, 0.0, c0, c1, 0.0, 0.0, 0.0)

    @cached_property
    def mobility_calibration(self) -> MobilityCalibration:
        """A ramp from the first volt to the last; the bounds are far from either."""
        low, high = self.last_volt / 4, 4 * self.first_volt
        ramp = (0.0, float(self.n_scans - 1), self.first_volt, self.last_volt, 0.0)
        return MobilityCalibration(2, *ramp, self.offset, self.slope, low, high)

    def tof(self, mz: Floats) -> Floats:
        """Sample of the digitizer, not rounded."""
        return tof_of_mz(mz, self.mz_calibration, self.temperature, self.temperature)

    def scan(self, mobility: Floats) -> Floats:
        """Mobility scan of 1/K0, not rounded; the first one is that of the largest."""
        return scan_of_one_over_k0(mobility, self.mobility_calibration)

    def one_over_k0(self, scan: Floats) -> Floats:
        """1/K0 at a scan, in V s/cm2."""
        return one_over_k0(scan, self.mobility_calibration)
