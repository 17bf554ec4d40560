"""Sums of `-ln p` over all targets, block by block: one matrix product and one compiled loop over it while it is hot.

No matrix of sources by targets ever exists. Every block of `SOURCE_BLOCK` sources is computed on its own and its sums are taken
in the order of the targets: the same call gives the same bits, and so does a whole block computed apart. Any other division of the
sources agrees to the rounding of single precision, since the product of a block depends on its shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from organokine.kernels.log_p import LAST_FITTED_R, minus_log_p, rational_fit
from organokine.population.units import Units

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

SOURCE_BLOCK = 256
TARGET_BLOCK = 2048
"""Rows and columns of a block: 2 MB in single precision, which stays in the cache."""
_FAST_MATH = {"reassoc", "contract", "nsz", "arcp"}
"""What the compiler may change: the order of sums and their rounding, not NaN or infinity."""


class Sums(NamedTuple):
    """Sums over the targets, each (n_sources,).

    Attributes
    ----------
    total, positive : numpy.ndarray
        Sum of -ln p over all targets, and over those with a positive correlation. NaN where no target could be used.
    n_targets : numpy.ndarray
        Targets that were used: those with enough pairs.
    """

    total: Floats
    positive: Floats
    n_targets: NDArray[np.int64]


def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Compile a loop when it is first called, and keep the result on disk where numba finds a place that may be written to.

    A read-only installation of a user without a home, as in containers, has none: there each process compiles for itself.
    """
    try:
        return numba.njit(cache=True, error_model="numpy", fastmath=_FAST_MATH)(function)
    except RuntimeError:
        return numba.njit(error_model="numpy", fastmath=_FAST_MATH)(function)


@_compiled
def _add_complete(block, above, below, last, total, positive, far):  # type: ignore[no-untyped-def]
    """Add a block of correlations to the sums; those beyond `last` are counted, and taken as `last` until they are mended."""
    for i in range(block.shape[0]):
        all_of_row, positive_of_row, n_far = 0.0, 0.0, 0
        for j in range(block.shape[1]):
            r = np.float64(block[i, j])
            x = min(abs(r), last)
            n_far += abs(r) > last
            # Horner's rule is written out: a loop over the terms would not be vectorised.
            p = ((((((above[7] * x + above[6]) * x + above[5]) * x + above[4]) * x + above[3]) * x + above[2]) * x + above[1]) * x  # fmt: skip
            q = (((((below[6] * x + below[5]) * x + below[4]) * x + below[3]) * x + below[2]) * x + below[1]) * x + below[0]  # fmt: skip
            value = (p + above[0]) * x / q
            all_of_row += value
            positive_of_row += value if r > 0 else 0.0
        total[i] += all_of_row
        positive[i] += positive_of_row
        far[i] += n_far


@_compiled
def _add_masked(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917 - a compiled loop takes its arrays one by one
    block, square_left, square_right, n_pairs, above, below, least, last, total, positive, used, far
):
    """The same where each pair has its own individuals, and so its own number of pairs and its own rational function.

    `block` holds dot products, and is turned into correlations: zero where there is none.
    """
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            n = int(n_pairs[i, j] + 0.5)
            spread = np.float64(square_left[i, j]) * np.float64(square_right[i, j])
            if n < least or not spread > 0.0:
                block[i, j] = 0.0
                continue
            block[i, j] /= np.sqrt(spread)
            used[i] += 1
            r = np.float64(block[i, j])
            if abs(r) > last:
                far[i] += 1
                continue
            x = abs(r)
            a, b = above[n], below[n]
            p = ((((((a[7] * x + a[6]) * x + a[5]) * x + a[4]) * x + a[3]) * x + a[2]) * x + a[1]) * x + a[0]
            q = (((((b[6] * x + b[5]) * x + b[4]) * x + b[3]) * x + b[2]) * x + b[1]) * x + b[0]
            value = p * x / q
            total[i] += value
            if r > 0:
                positive[i] += value


def score_rows(source: Units, target: Units, n_adjusted: int, least_pairs: int) -> Sums:
    """Sum `-ln p` of the correlation of every source with all targets.

    Parameters
    ----------
    source, target : Units
        Unit vectors, genes in rows, of the same individuals in the same order.
    n_adjusted : int
        Columns that were adjusted for beside the intercept; df = pairs - 2 - this.
    least_pairs : int
        Pairs of one source and one target below which the target does not count for this source.

    Returns
    -------
    Sums
        Agrees with float64 sums of exact `-ln p` to 1e-5 of their value.
    """
    n_rows = len(source.vectors)
    sums = Sums(np.zeros(n_rows), np.zeros(n_rows), np.zeros(n_rows, dtype=np.int64))
    complete = source.measured is None and target.measured is None
    for start in range(0, n_rows, SOURCE_BLOCK):
        rows = slice(start, start + SOURCE_BLOCK)
        part = Sums(sums.total[rows], sums.positive[rows], sums.n_targets[rows])
        if complete:
            _complete_rows(source.rows(rows), target, n_adjusted, least_pairs, part)
        else:
            _masked_rows(source.rows(rows), target, n_adjusted, least_pairs, part)
    nothing = sums.n_targets == 0
    return Sums(np.where(nothing, np.nan, sums.total), np.where(nothing, np.nan, sums.positive), sums.n_targets)


def _complete_rows(source: Units, target: Units, n_adjusted: int, least_pairs: int, sums: Sums) -> None:
    n = source.vectors.shape[1]
    df = n - 2 - n_adjusted
    if n < least_pairs or df < 1:
        return
    above, below, _ = rational_fit(df)
    counted = float(np.polyval(above[::-1], LAST_FITTED_R) * LAST_FITTED_R / np.polyval(below[::-1], LAST_FITTED_R))
    for start in range(0, len(target.vectors), TARGET_BLOCK):
        right = target.rows(slice(start, start + TARGET_BLOCK))
        block = source.vectors @ right.vectors.T
        far = np.zeros(len(block), dtype=np.int64)
        _add_complete(block, above, below, LAST_FITTED_R, sums.total, sums.positive, far)
        _add_far(source, right, block, far, n_adjusted, counted, sums)
    # A constant gene is a vector of zeros: it has no correlation, and does not count.
    varies = int(target.varies.sum())
    sums.n_targets[:] = np.where(source.varies, varies, 0)


def _masked_rows(source: Units, target: Units, n_adjusted: int, least_pairs: int, sums: Sums) -> None:
    n = source.vectors.shape[1]
    least = max(least_pairs, n_adjusted + 3)
    # One rational function for each number of pairs, fitted when it is first met.
    above, below, fitted = np.zeros((n + 1, 8)), np.ones((n + 1, 7)), np.zeros(n + 1, dtype=bool)
    left, left_mask = source.vectors, source.mask()
    left_square = left * left
    for start in range(0, len(target.vectors), TARGET_BLOCK):
        columns = target.rows(slice(start, start + TARGET_BLOCK))
        right, right_mask = columns.vectors, columns.mask()
        block, n_pairs = left @ right.T, left_mask @ right_mask.T
        for each in np.flatnonzero((np.bincount(n_pairs.astype(np.intp).ravel(), minlength=n + 1) > 0) & ~fitted):
            if each >= least:
                above[each], below[each], _ = rational_fit(int(each) - 2 - n_adjusted)
                fitted[each] = True
        square_left, square_right = left_square @ right_mask.T, left_mask @ (right * right).T
        far = np.zeros(len(block), dtype=np.int64)
        _add_masked(
            block, square_left, square_right, n_pairs, above, below, least, LAST_FITTED_R, sums.total, sums.positive,
            sums.n_targets, far,
        )  # fmt: skip
        _add_far(source, columns, block, far, n_adjusted, 0.0, sums)


def _add_far(
    source: Units, target: Units, block: Singles, far: NDArray[np.int64], n_adjusted: int, counted: float, sums: Sums
) -> None:
    """Add the pairs beyond the fitted range, in double precision, less what was counted for each already."""
    for i in np.flatnonzero(far):
        columns = np.flatnonzero(np.abs(block[i].astype(np.float64)) > LAST_FITTED_R)
        r, n = correlate_one(source.row(int(i)), target.rows(columns))
        more = minus_log_p(r, n - 2 - n_adjusted) - counted
        sums.total[i] += more.sum()
        sums.positive[i] += more[r > 0].sum()


def correlate_one(row: Units, target: Units) -> tuple[Floats, NDArray[np.int64]]:
    """Correlation of one source with every target in double precision, and the pairs of each.

    Returns
    -------
    r : numpy.ndarray
        (n_targets,); NaN where one side does not vary over the common individuals.
    n : numpy.ndarray
        (n_targets,) individuals with both.
    """
    left, right = row.vectors[0].astype(np.float64), target.vectors.astype(np.float64)
    left_mask, right_mask = row.mask()[0].astype(np.float64), target.mask().astype(np.float64)
    spread = (right_mask @ left**2) * (right**2 @ left_mask)
    n = np.rint(right_mask @ left_mask).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(spread > 0, (right @ left) / np.sqrt(spread), np.nan)
    return np.clip(r, -1.0, 1.0), n
