"""Mass and mobility of a timsTOF from what it counts: 1/K0 from the scan, m/z from the time of flight, and back.

An instrument records integers: the scan (the step of the mobility ramp) and the index of the digitizer. Two rows of the
file's own tables, `TimsCalibration` and `MzCalibration`, turn them into physical units. The formulas here are those of the
vendor's library, found out by comparison with it (rustims, pull requests 432 and 448, and the readers of PAPPSO): 1/K0 to
1e-9 ppm, m/z to 1e-9 ppm for model 1 and to 0.5 ppm in the median (6.8 at most) for model 2, whose last correction is not
public. A straight line between the ends of the mobility range, which most open readers draw, is off by 1.5 to 2.8 %.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

MOBILITY_MODELS = (2,)
"""Values of `TimsCalibration.ModelType` that are known here."""
MZ_MODELS = (1, 2)
"""Values of `MzCalibration.ModelType` that are known here."""
_ROUNDS = 50
_CLOSE_ENOUGH = 1e-14  # of sqrt(m/z); some digits beyond any mass accuracy


class MobilityCalibration(NamedTuple):
    """One row of the table `TimsCalibration`; fields are named as its columns.

    Attributes
    ----------
    model : int
        `ModelType`.
    c0, c1, c4 : float
        First scan, length of the ramp, and delay of the ions, in scans.
    c2, c3 : float
        Voltage at the start and at the end of the ramp, in V.
    c6, c7 : float
        1/K0 = 1/(c6 + c7/V): c6 in cm2/(V s), c7 in cm2/s.
    c8, c9 : float
        Lowest and highest voltage at which the curve holds, in V; beyond them it is level.
    """

    model: int
    c0: float
    c1: float
    c2: float
    c3: float
    c4: float
    c6: float
    c7: float
    c8: float
    c9: float


class MzCalibration(NamedTuple):
    """One row of the table `MzCalibration`; fields are named as its columns.

    Attributes
    ----------
    model : int
        `ModelType`.
    timebase, delay : float
        `DigitizerTimebase` and `DigitizerDelay`: ns per step of the digitizer, and ns before its first.
    t1, t2 : float
        Temperatures at calibration, in degrees Celsius.
    dc1, dc2 : float
        Change of the flight constant in ppm per degree of either temperature.
    c0, c1, c2, c3, c4 : float
        Coefficients of the time of flight, see `mz_of_tof`.
    """

    model: int
    timebase: float
    delay: float
    t1: float
    t2: float
    dc1: float
    dc2: float
    c0: float
    c1: float
    c2: float
    c3: float
    c4: float


def one_over_k0(scan: np.ndarray, calibration: MobilityCalibration) -> np.ndarray:
    """Inverse reduced mobility of scans.

    The ramp lowers the voltage evenly, V = c2 + (c3 - c2)/c1 (scan - c4 - c0), kept within c8 and c9, and
    1/K0 = 1/(c6 + c7/V): a bent curve, so that no line is right.

    Parameters
    ----------
    scan : numpy.ndarray
        Scans, counted from 0; any shape. NaN stays NaN, and a ramp without length gives nothing else.
    calibration : MobilityCalibration
        The row that the frame names.

    Returns
    -------
    numpy.ndarray
        1/K0 in V s/cm2, of the shape of `scan`; it falls with the scan.

    Raises
    ------
    ValueError
        If the model is not one of `MOBILITY_MODELS`.
    """
    _refuse_unknown(calibration.model, MOBILITY_MODELS, "TimsCalibration")
    ramp = calibration.c2 + _volts_per_scan(calibration) * (
        np.asarray(scan, dtype=float) - calibration.c4 - calibration.c0
    )
    voltage = np.clip(ramp, calibration.c8, calibration.c9)
    return np.asarray(1 / (calibration.c6 + calibration.c7 / voltage))


def scan_of_one_over_k0(mobility: np.ndarray, calibration: MobilityCalibration) -> np.ndarray:
    """Scan at which ions of a mobility leave: the inverse of `one_over_k0`.

    Parameters
    ----------
    mobility : numpy.ndarray
        1/K0 in V s/cm2; any shape.
    calibration : MobilityCalibration
        The row that the frame names.

    Returns
    -------
    numpy.ndarray
        Scans, not rounded, of the shape of `mobility`; NaN where no voltage within c8 and c9 gives this mobility.

    Raises
    ------
    ValueError
        If the model is not one of `MOBILITY_MODELS`.
    """
    _refuse_unknown(calibration.model, MOBILITY_MODELS, "TimsCalibration")
    with np.errstate(divide="ignore", invalid="ignore"):
        voltage = calibration.c7 / (1 / np.asarray(mobility, dtype=float) - calibration.c6)
        # The ends themselves come back from a division and may lie a rounding error outside.
        slack = 1e-9 * calibration.c9
        is_inside = (voltage >= calibration.c8 - slack) & (voltage <= calibration.c9 + slack)
    scan = (voltage - calibration.c2) / _volts_per_scan(calibration) + calibration.c4 + calibration.c0
    return np.where(is_inside, scan, np.nan)


def temperature_factor(calibration: MzCalibration, t1: np.ndarray | float, t2: np.ndarray | float) -> np.ndarray:
    """How far the temperatures of a frame have moved the flight constant since calibration.

    Parameters
    ----------
    calibration : MzCalibration
        The row that the frame names.
    t1, t2 : numpy.ndarray or float
        Temperatures of the frames, in degrees Celsius; NaN stays NaN.

    Returns
    -------
    numpy.ndarray
        k = 1 + (dc1 (T1 - t1) + dc2 (T2 - t2))/1e6, without unit; to first order m/z is proportional to it.
    """
    first = calibration.dc1 * (calibration.t1 - np.asarray(t1, dtype=float)) if calibration.dc1 != 0 else 0.0
    second = calibration.dc2 * (calibration.t2 - np.asarray(t2, dtype=float)) if calibration.dc2 != 0 else 0.0
    return np.asarray(1 + (first + second) / 1e6)


def mz_of_tof(
    tof: np.ndarray, calibration: MzCalibration, t1: np.ndarray | float, t2: np.ndarray | float
) -> np.ndarray:
    """m/z of indices of the digitizer.

    With t = tof timebase + delay, k of `temperature_factor`, and b = sqrt(1e12/(c1 k)), s solves
    t = c0 + b s + (c2/k) s^2 + c3 s^3 (Newton's method), and m/z = s^2 - c4. Model 2 has neither c3 nor c4 here: its columns of
    these names mean something else.

    Parameters
    ----------
    tof : numpy.ndarray
        Indices of the digitizer, counted from 0; any shape. NaN stays NaN.
    calibration : MzCalibration
        The row that the frame names.
    t1, t2 : numpy.ndarray or float
        Temperatures of the frame (`Frames.T1` and `T2`), in degrees Celsius; of a shape that fits `tof`.

    Returns
    -------
    numpy.ndarray
        m/z (Th), of the shape of `tof`; NaN where the time is before that of an ion without mass.

    Raises
    ------
    ValueError
        If the model is not one of `MZ_MODELS`.
    """
    linear, square, cube, offset = _flight(calibration, t1, t2)
    time = np.asarray(tof, dtype=float) * calibration.timebase + calibration.delay - calibration.c0
    root = time / linear
    for _ in range(_ROUNDS):
        miss = ((cube * root + square) * root + linear) * root - time
        step = miss / ((3 * cube * root + 2 * square) * root + linear)
        root = root - step
        if not np.any(np.abs(step) > _CLOSE_ENOUGH * np.abs(root)):
            break
    return np.where(root >= 0, root**2 - offset, np.nan)


def tof_of_mz(mz: np.ndarray, calibration: MzCalibration, t1: np.ndarray | float, t2: np.ndarray | float) -> np.ndarray:
    """Index of the digitizer at which ions of an m/z arrive: the inverse of `mz_of_tof`.

    Parameters
    ----------
    mz : numpy.ndarray
        m/z (Th); any shape.
    calibration : MzCalibration
        The row that the frame names.
    t1, t2 : numpy.ndarray or float
        Temperatures of the frame, in degrees Celsius.

    Returns
    -------
    numpy.ndarray
        Indices, not rounded, of the shape of `mz`; NaN where m/z + c4 is negative.

    Raises
    ------
    ValueError
        If the model is not one of `MZ_MODELS`.
    """
    linear, square, cube, offset = _flight(calibration, t1, t2)
    with np.errstate(invalid="ignore"):
        root = np.sqrt(np.asarray(mz, dtype=float) + offset)
    time = calibration.c0 + ((cube * root + square) * root + linear) * root
    return np.asarray((time - calibration.delay) / calibration.timebase)


def linear_deviation(
    n_scans: int, calibration: MobilityCalibration, lower: float = np.nan, upper: float = np.nan
) -> np.ndarray:
    """How far a straight line between the ends of the mobility range is from the curve, as a share of 1/K0.

    Parameters
    ----------
    n_scans : int
        Scans of a frame.
    calibration : MobilityCalibration
        The row that the frame names.
    lower, upper : float
        Ends of the range that such a reader takes, in V s/cm2 (`OneOverK0AcqRangeLower` and `Upper`); those of the curve if NaN.

    Returns
    -------
    numpy.ndarray
        (n_scans,) (line - curve) / curve.
    """
    curve = one_over_k0(np.arange(n_scans), calibration)
    start = upper if np.isfinite(upper) else curve[0]
    end = lower if np.isfinite(lower) else curve[-1]
    return np.asarray(np.linspace(start, end, n_scans) / curve - 1)


def _volts_per_scan(calibration: MobilityCalibration) -> float:
    if calibration.c1 == 0:  # a row of zeros: nothing is known, and nothing is told
        return math.nan
    return (calibration.c3 - calibration.c2) / calibration.c1


def _flight(
    calibration: MzCalibration, t1: np.ndarray | float, t2: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Coefficients of s, s^2 and s^3 in the time of flight in ns, and what is taken from s^2."""
    _refuse_unknown(calibration.model, MZ_MODELS, "MzCalibration")
    k = temperature_factor(calibration, t1, t2)
    linear = np.sqrt(1e12 / (calibration.c1 * k))
    has_cube = calibration.model == 1
    return linear, calibration.c2 / k, calibration.c3 if has_cube else 0.0, calibration.c4 if has_cube else 0.0


def _refuse_unknown(model: int, known: tuple[int, ...], table: str) -> None:
    if model not in known:
        message = f"{table} has the unknown ModelType {model}; known: {', '.join(map(str, known))}"
        raise ValueError(message)
