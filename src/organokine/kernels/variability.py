"""How much the values of a group scatter, and how many of them are missing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class MissingValues(NamedTuple):
    """What a group of samples lacks.

    Attributes
    ----------
    share : float
        Share of the cells without a value; NaN without cells.
    complete, absent : int
        Features with a value in all, and in none of the samples.
    """

    share: float
    complete: int
    absent: int


def geometric_cv(values: Floats) -> Floats:
    """Coefficient of variation of each feature on the linear scale, from values on the log2 scale.

    For log-normal values it is ``sqrt(exp((ln 2 * sd)^2) - 1)`` with the standard deviation of the log2 values: not moved by
    the level, as standard deviation over mean of the log2 values would be, nor by one high value, as that of the linear
    values is. Below 20 % it equals ``ln 2 * sd`` to a hundredth of itself.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2, samples of one group; NaN is not measured.

    Returns
    -------
    numpy.ndarray
        (n_features,) 0.2 is 20 %; NaN with fewer than two values. The standard deviation is that with n - 1, so that with few
        samples the typical value is too low: by a sixth with three, by a fourteenth with six.

    References
    ----------
    Canchola et al. 2017, doi:10.15406/mojpb.2017.06.00200.
    """
    measured = np.isfinite(values)
    n = measured.sum(axis=1)
    centre = np.where(measured, values, 0.0).sum(axis=1) / np.maximum(n, 1)
    deviation = np.where(measured, values - centre[:, None], 0.0)
    variance = (deviation**2).sum(axis=1) / np.maximum(n - 1, 1)
    with np.errstate(over="ignore"):
        return np.where(n >= 2, np.sqrt(np.expm1(np.log(2.0) ** 2 * variance)), np.nan)


def missing_values(values: Floats) -> MissingValues:
    """Count what a group of samples lacks.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) values of the group; NaN is not measured.

    Returns
    -------
    MissingValues
        Share and counts.
    """
    measured = np.isfinite(values)
    share = 1.0 - float(measured.mean()) if measured.size > 0 else float("nan")
    if values.shape[1] == 0:
        return MissingValues(share, 0, 0)
    return MissingValues(share, int(measured.all(axis=1).sum()), int((~measured.any(axis=1)).sum()))
