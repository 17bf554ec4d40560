"""Mediation group -> candidate -> function: both paths of many candidates at once, and a bootstrap of their product.

Cross-sectional data cannot tell mediation from a common cause or the reverse; what is found here is consistent with it, no more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from organokine.kernels.within_group import masked_basis, remaining

Floats = NDArray[np.float64]

# Numerical, not scientific: what is left of a column after those before it, as a share of its square.
_SMALLEST_PIVOT = 1e-10


class Mediation(NamedTuple):
    """Both paths of each candidate, each array (n_rows,); NaN where a path could not be estimated.

    Attributes
    ----------
    a, a_p : numpy.ndarray
        Difference of the candidate between the groups, given covariates, and its two-sided p.
    b, b_p : numpy.ndarray
        Change of the function per unit of the candidate, given group and covariates, and its two-sided p: that of the partial
        correlation.
    joint_p : numpy.ndarray
        The larger of both p. Null hypothesis: at least one of the paths is absent.
    indirect : numpy.ndarray
        ``a b``, in the unit of the function.
    total : numpy.ndarray
        Difference of the function between the groups, given covariates, in the animals of the row.
    n : numpy.ndarray of int
        Animals with both.
    """

    a: Floats
    a_p: Floats
    b: Floats
    b_p: Floats
    joint_p: Floats
    indirect: Floats
    total: Floats
    n: NDArray[np.int64]


def mediation(candidates: Floats, functions: Floats, design: Floats, case: int) -> Mediation:
    """Estimate both paths of every row by least squares, on the animals in which candidate and function were measured.

    Parameters
    ----------
    candidates, functions : numpy.ndarray
        (n_rows, n_animals) level of the candidate and value of the function that is held against it; NaN is not measured.
    design : numpy.ndarray
        (n_animals, n_coefficients) intercept, group and covariates.
    case : int
        Column of the design that is 1 in the case and 0 in the control.

    Returns
    -------
    Mediation
        One entry per row.

    References
    ----------
    Joint significance: MacKinnon et al. 2002, doi:10.1037/1082-989X.7.1.83.
    """
    both = np.isfinite(candidates) & np.isfinite(functions)
    level, value = np.where(both, candidates, np.nan), np.where(both, functions, np.nan)
    whole, rank = masked_basis(design, both)
    others, _ = masked_basis(np.delete(design, case, axis=1), both)
    difference = remaining(np.where(both, design[:, case], np.nan), others)
    level_left, value_left = remaining(level, whole), remaining(value, whole)
    n = both.sum(axis=1).astype(np.int64)
    df = (n - rank).astype(float)
    spread = _product(difference, difference)
    a = _ratio(_product(difference, remaining(level, others)), spread)
    total = _ratio(_product(difference, remaining(value, others)), spread)
    rss = _product(level_left, level_left)
    a_p = _p(a, np.sqrt(_ratio(_ratio(rss, df), spread)), df)
    b = _ratio(_product(level_left, value_left), rss)
    unexplained = value_left - np.nan_to_num(b)[:, None] * level_left
    b_p = _p(b, np.sqrt(_ratio(_ratio(_product(unexplained, unexplained), df - 1), rss)), df - 1)
    return Mediation(a, a_p, b, b_p, np.maximum(a_p, b_p), a * b, total, n)


def bootstrap_indirect(
    candidate: Floats,
    function: Floats,
    design: Floats,
    case: int,
    rng: np.random.Generator,
    *,
    n_resamples: int = 2000,
    minimum_per_group: int = 5,
) -> tuple[float, float]:
    """Percentile interval (95 %) of the product of both paths of one candidate, by drawing animals anew within groups.

    Parameters
    ----------
    candidate, function, design, case
        As in `mediation`, of one row: (n_animals,) each.
    rng : numpy.random.Generator
        Source of the draws.
    n_resamples : int
        Draws; 2,000 leave the ends of an interval a standard error of about a twentieth of its width.
    minimum_per_group : int
        With fewer animals there is no interval: four can be drawn in 35 ways only, five in 126.

    Returns
    -------
    float, float
        Ends of the interval; NaN with too few animals, or if more than a tenth of the draws leave a path undetermined.

    References
    ----------
    Preacher and Hayes 2008, doi:10.3758/BRM.40.3.879.
    """
    both = np.isfinite(candidate) & np.isfinite(function)
    is_case = design[both, case] == 1
    if min(int(is_case.sum()), int((~is_case).sum())) < minimum_per_group:
        return np.nan, np.nan
    level, value = candidate[both] - candidate[both].mean(), function[both] - function[both].mean()
    columns = np.column_stack([np.delete(design[both], case, axis=1), design[both, case], level, value])
    counts = np.empty((n_resamples, len(columns)))
    for members in (np.flatnonzero(is_case), np.flatnonzero(~is_case)):
        counts[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), n_resamples)
    width = columns.shape[1]
    products = (columns[:, :, None] * columns[:, None, :]).reshape(len(columns), -1)
    drawn = _indirect((counts @ products).reshape(n_resamples, width, width))
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < 0.9 * n_resamples:
        return np.nan, np.nan
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _indirect(cross: Floats) -> Floats:
    """``a b`` from cross-products of covariates, case, candidate and function, in this order: one column taken out after another."""
    width = cross.shape[1]
    least = _SMALLEST_PIVOT * cross[:, np.arange(width), np.arange(width)]
    paths = []
    for column in range(width - 1):
        pivot = cross[:, column, column]
        # A covariate that a draw leaves without variation of its own takes nothing out.
        share = np.where(
            (pivot > least[:, column])[:, None], cross[:, column, :] / np.where(pivot > 0, pivot, 1)[:, None], 0
        )
        if column >= width - 3:
            paths.append(np.where(pivot > least[:, column], share[:, column + 1], np.nan))
        cross = cross - cross[:, :, column, None] * share[:, None, :]
    return np.asarray(paths[0] * paths[1])


def _product(left: Floats, right: Floats) -> Floats:
    return np.asarray(np.einsum("gs,gs->g", left, right))


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))


def _p(estimate: Floats, se: Floats, df: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(2.0 * stats.t.sf(np.abs(estimate / se), np.where(df > 0, df, np.nan)))
