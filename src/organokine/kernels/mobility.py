"""Ion mobility against what it should be: deviation from prediction, and from the trend with m/z of each charge."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TO_SD = 1.4826  # median absolute deviation of a normal distribution to its standard deviation
_TUKEY = 4.685  # 95 % efficiency under normal errors
_ROUNDS = 50
_CLOSE_ENOUGH = 1e-6  # of the scale of the residuals


class MobilityQuality(NamedTuple):
    """Ion mobility of one run.

    Attributes
    ----------
    n, n_with_mobility : int
        Precursors, and those with a mobility.
    median_deviation, mad_deviation : float
        Median and median absolute deviation (not scaled) of measured minus predicted mobility, in the unit of the input; NaN
        without a prediction.
    mad_trend : float
        Median absolute residual from the trend of mobility with m/z within charges.
    flagged : numpy.ndarray
        (n,) bool; precursors whose mobility contradicts their identity.
    """

    n: int
    n_with_mobility: int
    median_deviation: float
    mad_deviation: float
    mad_trend: float
    flagged: np.ndarray


def charge_trend_residuals(
    mobility: np.ndarray, mz: np.ndarray, charge: np.ndarray, minimum_precursors: int = 30, most: int = 20_000
) -> np.ndarray:
    """Residuals from a robust quadratic of mobility on m/z, one per charge state.

    Ions of one charge lie on a smooth, slightly bent line, the lines of two charges apart. A quadratic fitted with Tukey's
    biweight follows the bulk of them and not the second conformers above it.

    Parameters
    ----------
    mobility : numpy.ndarray
        (n,) 1/K0 in V s/cm2, or CCS; NaN is none.
    mz : numpy.ndarray
        (n,) m/z of the precursor.
    charge : numpy.ndarray
        (n,) charge; NaN is unknown.
    minimum_precursors : int
        Precursors of a charge from which its line is fitted; 30 leave ten values per coefficient.
    most : int
        Precursors of a charge to which its line is fitted, evenly spaced in m/z; with 20 000 the line is known to a hundredth
        of the scatter.

    Returns
    -------
    numpy.ndarray
        (n,) residuals in the unit of `mobility`; NaN where a value is missing or a charge has too few precursors.
    """
    mobility, mz, charge = (np.asarray(each, dtype=float) for each in (mobility, mz, charge))
    residuals = np.full(mobility.shape, np.nan)
    complete = np.isfinite(mobility) & np.isfinite(mz) & np.isfinite(charge)
    for state in np.unique(charge[complete]):
        rows = np.flatnonzero(complete & (charge == state))
        if len(rows) >= minimum_precursors:
            residuals[rows] = _from_quadratic(mobility[rows], mz[rows], most)
    return residuals


def mobility_quality(
    mobility: np.ndarray, predicted: np.ndarray, mz: np.ndarray, charge: np.ndarray, k: float = 5.0
) -> MobilityQuality:
    """Compare the mobilities of one run with their predictions and with their trend.

    Parameters
    ----------
    mobility, predicted : numpy.ndarray
        (n,) measured and predicted mobility in one unit; NaN is none.
    mz, charge : numpy.ndarray
        (n,) m/z and charge; NaN is unknown.
    k : float
        A precursor is flagged if its deviation from prediction (from the trend, where the run has no prediction) is beyond `k`
        robust standard deviations of the median of the run. 5 flags less than one in a million by chance. Against the trend
        also second conformers are flagged: 4 of 1000 ions of a real timsTOF run, 1 of 100 with three charges.

    Returns
    -------
    MobilityQuality
        Summary and flags.
    """
    mobility, predicted = np.asarray(mobility, dtype=float), np.asarray(predicted, dtype=float)
    deviation = mobility - predicted
    trend = charge_trend_residuals(mobility, mz, charge)
    middle, spread = _median_and_mad(deviation)
    trend_middle, trend_spread = _median_and_mad(trend)
    if np.isfinite(deviation).any():
        flagged = _beyond(deviation, middle, spread, k)
    else:
        flagged = _beyond(trend, trend_middle, trend_spread, k)
    n_with = int(np.isfinite(mobility).sum())
    return MobilityQuality(len(mobility), n_with, middle, spread, trend_spread, flagged)


def _beyond(values: np.ndarray, middle: float, mad: float, k: float) -> np.ndarray:
    """Without any spread there is no scale, and nothing is flagged."""
    if not mad > 0:
        return np.zeros(values.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(values - middle) > k * TO_SD * mad)


def _median_and_mad(values: np.ndarray) -> tuple[float, float]:
    held = values[np.isfinite(values)]
    if len(held) == 0:
        return np.nan, np.nan
    middle = float(np.median(held))
    return middle, float(np.median(np.abs(held - middle)))


def _from_quadratic(y: np.ndarray, x: np.ndarray, most: int) -> np.ndarray:
    """Residuals from a quadratic by iteratively reweighted least squares, first with absolute, then with biweight weights."""
    spread = np.ptp(x)
    scaled = (x - np.median(x)) / spread if spread > 0 else np.zeros_like(x)
    design = np.column_stack([np.ones_like(scaled), scaled, scaled**2])
    centred = y - np.median(y)
    fitted = np.lexsort((y, x))
    if len(fitted) > most:
        fitted = fitted[np.linspace(0, len(fitted) - 1, most).round().astype(int)]
    return np.asarray(centred - design @ _coefficients(centred[fitted], design[fitted]))


def _coefficients(y: np.ndarray, design: np.ndarray) -> np.ndarray:
    coefficients = np.zeros(design.shape[1])
    residuals = y
    for round_ in range(_ROUNDS):
        scale = TO_SD * float(np.median(np.abs(residuals)))
        if not scale > 0:
            break
        z = residuals / scale
        # absolute deviations first: the biweight may settle on a wrong line from a bad start
        is_start = round_ < _ROUNDS // 5
        weights = 1 / np.maximum(np.abs(z), 0.1) if is_start else np.clip(1 - (z / _TUKEY) ** 2, 0, None) ** 2
        weighted = design * weights[:, None]
        coefficients = np.linalg.lstsq(design.T @ weighted, weighted.T @ y, rcond=None)[0]
        updated = y - design @ coefficients
        step = np.max(np.abs(updated - residuals))
        residuals = updated
        if not is_start and step <= _CLOSE_ENOUGH * scale:
            break
    return coefficients
