"""Smooth curves through a scatter plot: robust local lines (LOWESS) and the natural cubic spline."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def lowess(
    x: ArrayLike, y: ArrayLike, *, span: float = 2 / 3, robust_iterations: int = 3, delta_fraction: float = 0.01
) -> Floats:
    """Smooth `y` over `x` by robust local lines with tricube weights.

    Parameters
    ----------
    x, y : array_like
        (n_points,) finite numbers in any order.
    span : float
        Share of the points in each local fit.
    robust_iterations : int
        How often points of large residual are down-weighted (bisquare, six median absolute residuals).
    delta_fraction : float
        Points closer than this share of the range of `x` to the last fitted one are interpolated.

    Returns
    -------
    numpy.ndarray
        (n_points,) smoothed `y`, in the order of the input.

    References
    ----------
    Cleveland 1979, doi:10.1080/01621459.1979.10481038; Cleveland 1981, doi:10.2307/2683591.
    """
    x_given = np.asarray(x, dtype=np.float64)
    order = np.argsort(x_given, kind="stable")
    x_sorted = x_given[order]
    y_sorted = np.asarray(y, dtype=np.float64)[order]
    smoothed = np.empty_like(y_sorted)
    smoothed[order] = _smooth_sorted(x_sorted, y_sorted, span, robust_iterations, delta_fraction)
    return smoothed


def _smooth_sorted(x: Floats, y: Floats, span: float, robust_iterations: int, delta_fraction: float) -> Floats:
    n = len(x)
    if n < 2:
        return y.copy()
    n_local = max(2, min(n, int(span * n + 1e-7)))
    anchors = _anchors(x, delta_fraction * (x[-1] - x[0]))
    windows = [(left, left + n_local) for left in _windows(x, anchors, n_local)]
    robustness = np.ones(n)
    fitted = y
    for iteration in range(robust_iterations + 1):
        at_anchor = np.array(
            [_local_line(x, y, robustness, x[a], y[a], w) for a, w in zip(anchors, windows, strict=True)]
        )
        fitted = np.interp(x, x[anchors], at_anchor)
        if iteration == robust_iterations:
            break
        absolute = np.abs(y - fitted)
        scale = 6 * float(np.median(absolute))
        if scale <= 1e-7 * float(absolute.mean()):
            break
        robustness = _bisquare(absolute, scale)
    return fitted


def _anchors(x: Floats, delta: float) -> NDArray[np.intp]:
    """Points where a line is fitted: each the last one within `delta` of the one before; tied points share one."""
    last_of_tie = np.searchsorted(x, x, side="right") - 1
    anchors = [0]
    while last_of_tie[anchors[-1]] < len(x) - 1:
        tied_end = int(last_of_tie[anchors[-1]])
        within = int(np.searchsorted(x, x[anchors[-1]] + delta, side="right")) - 1
        step = max(within, tied_end + 1)
        # Of a group of tied points the first is fitted.
        anchors.append(int(np.searchsorted(x, x[step], side="left")))
    return np.array(anchors)


def _windows(x: Floats, anchors: NDArray[np.intp], n_local: int) -> NDArray[np.intp]:
    """First of the `n_local` points nearest to each anchor; of equally near ones the left."""
    # A window lies too far left as long as its first point is farther from the anchor than the point behind its last.
    return np.searchsorted(x[: len(x) - n_local] + x[n_local:], 2 * x[anchors], side="left")


def _local_line(x: Floats, y: Floats, robustness: Floats, at: float, y_at: float, window: tuple[int, int]) -> float:
    left, right = window
    width = max(at - x[left], x[right - 1] - at)
    # Points tied with the farthest one belong to the fit as well.
    right = int(np.searchsorted(x, at + 0.999 * width, side="right"))
    distance = np.abs(x[left:right] - at)
    weight = robustness[left:right] * (_tricube(distance, width) if width > 0 else 1.0)
    total = weight.sum()
    if total <= 0:
        return y_at
    weight /= total
    centre = float(weight @ x[left:right])
    spread = float(weight @ (x[left:right] - centre) ** 2)
    if width > 0 and np.sqrt(spread) > 0.001 * (x[-1] - x[0]):
        weight = weight * (1 + (at - centre) * (x[left:right] - centre) / spread)
    return float(weight @ y[left:right])


def _tricube(distance: Floats, width: float) -> Floats:
    share = distance / width
    # Products: a power of three costs many times as much.
    rest = 1 - share * share * share
    weight = rest * rest * rest
    weight[share <= 0.001] = 1.0
    weight[share > 0.999] = 0.0
    return weight


def _bisquare(absolute: Floats, scale: float) -> Floats:
    weight = (1 - (absolute / scale) ** 2) ** 2
    return np.where(absolute <= 0.001 * scale, 1.0, np.where(absolute > 0.999 * scale, 0.0, weight))


def natural_spline_basis(x: ArrayLike, df: int) -> Floats:
    """Natural cubic splines with knots at the range and at equally spaced quantiles of `x`.

    Parameters
    ----------
    x : array_like
        (n_points,) finite numbers.
    df : int
        Number of basis functions, the constant included; 2 is a straight line.

    Returns
    -------
    numpy.ndarray
        (n_points, df or fewer) orthonormal columns that span the splines; fewer if `x` has too few distinct values.

    References
    ----------
    Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, 2nd edition, section 5.2.1.
    """
    points = np.asarray(x, dtype=np.float64)
    low, high = float(points.min()), float(points.max())
    if df == 1 or low == high:
        return np.full((len(points), 1), len(points) ** -0.5)
    unit = (points - low) / (high - low)
    knots = np.unique(np.quantile(unit, np.linspace(0, 1, df)))
    cubes = np.maximum(unit[:, None] - knots, 0.0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (knots[-1] - knots[:-1])
    columns = np.column_stack([np.ones_like(unit), unit, slopes[:, :-1] - slopes[:, -1:]])
    left, singular, _ = np.linalg.svd(columns, full_matrices=False)
    return left[:, singular > singular[0] * 1e-10]
