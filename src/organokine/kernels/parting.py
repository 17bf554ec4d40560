"""How well one number parts two groups: the area under the receiver operating characteristic, with an interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import rankdata


class Parting(NamedTuple):
    """Share of pairs of a case and a control in which the case has more (ties count half), with its interval; NaN if not asked."""

    area: float
    low: float
    high: float


def area_under_curve(case: ArrayLike, control: ArrayLike, *, confidence: float = 0.95, fewest: int = 3) -> Parting:
    """Estimate how well a value parts cases from controls.

    Null hypothesis of an area of 0.5: a case is as likely to have more than a control as less.

    Parameters
    ----------
    case, control : (n,) array-like
        One value per individual; NaN is not measured and left out.
    confidence : float
        Of the interval, between 0 and 1.
    fewest : int
        Individuals of a group below which nothing is estimated: of two, one pair more or less decides half of the area.

    Returns
    -------
    Parting
        The area and its interval, which stays between 0 and 1 also where the groups do not overlap.

    References
    ----------
    Newcombe 2006, Stat Med 25, 559, doi:10.1002/sim.2324, method 5: the variance of Hanley and McNeil at the limit itself.
    """
    one, other = (np.asarray(values, dtype=float) for values in (case, control))
    one, other = one[np.isfinite(one)], other[np.isfinite(other)]
    m, n = len(one), len(other)
    if min(m, n) < fewest:
        return Parting(float("nan"), float("nan"), float("nan"))
    ranks = rankdata(np.concatenate([one, other]))
    area = float((ranks[:m].sum() - m * (m + 1) / 2) / (m * n))
    z, extra = float(ndtri((1 + confidence) / 2)), (m + n) / 2 - 1

    def excess(limit: float) -> float:
        spread = 1 + extra * ((1 - limit) / (2 - limit) + limit / (1 + limit))
        return (limit - area) ** 2 - z**2 * limit * (1 - limit) * spread / (m * n)

    # Numerical: at 0 and 1 the variance is zero, so that these are limits of their own; the search starts just beside them.
    inside = min(max(area, 1e-9), 1 - 1e-9)
    low = 0.0 if area == 0 else float(brentq(excess, 0.0, inside))
    high = 1.0 if area == 1 else float(brentq(excess, inside, 1.0))
    return Parting(area, low, high)
