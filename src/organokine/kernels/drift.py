"""Drift of a measurement over the order in which samples were run, within groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats


class Drift(NamedTuple):
    """Monotone drift of one value per run.

    Attributes
    ----------
    n : int
        Runs with an order and a value.
    change : float
        Change from the first to the last run in the unit of the values: the median slope (Theil and Sen) times the span of the
        order; NaN without two runs of one group that differ in order.
    tau : float
        Share of pairs within groups that rise less share that fall, -1 to 1; NaN without such a pair.
    p : float
        Two-sided p; NaN if no two runs of one group can be compared.
    """

    n: int
    change: float
    tau: float
    p: float


class _Pairs(NamedTuple):
    """Pairs of runs of one group: sum of concordances, its variance, slopes, and whether orders and values are all different."""

    concordance: int
    variance: float
    slopes: np.ndarray
    is_untied: bool
    n: int


def drift(order: np.ndarray, values: np.ndarray, groups: np.ndarray, most_exact: int = 60) -> Drift:
    """Ask whether values rise or fall with the order of the runs.

    Null hypothesis: within each group every order of the values is equally likely. Runs of different groups are not compared, so
    that groups measured one after the other do not look like a drift. The test is Mann's and Kendall's, summed over groups as
    Hirsch, Slack and Smith do over seasons.

    Parameters
    ----------
    order : numpy.ndarray
        (n_runs,) number or time of each run; NaN is unknown.
    values : numpy.ndarray
        (n_runs,) what may drift; NaN is not measured.
    groups : numpy.ndarray
        (n_runs,) group of each run.
    most_exact : int
        Runs up to which p is exact (without ties); beyond, and with ties, the normal approximation with tie correction and
        continuity correction. At 60 runs the two differ by less than a twentieth from p = 0.01 on, and below the approximation
        is the larger.

    Returns
    -------
    Drift
        Change, tau and p.

    References
    ----------
    Hirsch, Slack and Smith, Water Resources Research 18, 107 (1982), doi 10.1029/WR018i001p00107; Sen, Journal of the American
    Statistical Association 63, 1379 (1968), doi 10.1080/01621459.1968.10480934.
    """
    order, values = np.asarray(order, dtype=float), np.asarray(values, dtype=float)
    groups = np.asarray(groups)
    known = np.isfinite(order) & np.isfinite(values)
    x, y, group = order[known], values[known], groups[known]
    parts = [_pairs(x[group == level], y[group == level]) for level in dict.fromkeys(group.tolist())]
    parts = [part for part in parts if len(part.slopes) > 0]
    if len(parts) == 0:
        return Drift(len(x), np.nan, np.nan, np.nan)
    concordance = sum(part.concordance for part in parts)
    slopes = np.concatenate([part.slopes for part in parts])
    change = float(np.median(slopes)) * float(np.ptp(x))
    n_tested = sum(part.n for part in parts)
    if n_tested <= most_exact and all(part.is_untied for part in parts):
        p = _exact_p(concordance, [part.n for part in parts])
    else:
        p = _normal_p(concordance, sum(part.variance for part in parts))
    return Drift(len(x), change, concordance / len(slopes), p)


def _pairs(x: np.ndarray, y: np.ndarray) -> _Pairs:
    first, second = np.triu_indices(len(x), k=1)
    dx, dy = x[second] - x[first], y[second] - y[first]
    differ = dx != 0
    is_untied = bool(differ.all() and (dy != 0).all())
    concordance = int((np.sign(dx) * np.sign(dy)).sum())
    return _Pairs(concordance, _variance(x, y), dy[differ] / dx[differ], is_untied, len(x))


def _variance(x: np.ndarray, y: np.ndarray) -> float:
    """Variance of the sum of concordances where values are tied in both (Kendall, Rank Correlation Methods, 1970, chapter 4)."""
    n = len(x)
    tied = [np.unique(each, return_counts=True)[1].astype(float) for each in (x, y)]
    twos = [float((size * (size - 1)).sum()) for size in tied]
    threes = [float((size * (size - 1) * (size - 2)).sum()) for size in tied]
    spreads = [float((size * (size - 1) * (2 * size + 5)).sum()) for size in tied]
    variance = (n * (n - 1) * (2 * n + 5) - sum(spreads)) / 18
    variance += twos[0] * twos[1] / max(2 * n * (n - 1), 1)
    return variance + threes[0] * threes[1] / max(9 * n * (n - 1) * (n - 2), 1)


def _exact_p(concordance: int, sizes: list[int]) -> float:
    """Share of all orders within groups whose concordance is at least as far from zero."""
    shares = np.ones(1)
    for size in sizes:
        for place in range(2, size + 1):  # a run may stand before 0, 1, ... of those already in order
            shares = np.convolve(shares, np.full(place, 1 / place))
    furthest = len(shares) - 1
    return min(1.0, 2 * float(shares[(furthest + abs(concordance)) // 2 :].sum()))


def _normal_p(concordance: int, variance: float) -> float:
    if not variance > 0:
        return 1.0
    return min(1.0, 2 * float(stats.norm.sf((abs(concordance) - 1) / np.sqrt(variance))))
