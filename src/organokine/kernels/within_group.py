"""Within-group association of many candidates with a few functions, and its p by giving animals each other's functions.

A candidate and a function that both change with the group are correlated over all animals, whatever else is true. So the
group, and covariates, are taken out of both, each candidate on the animals where it was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# Numerical, not scientific: a direction whose own part on the measured animals is smaller is none.
_SMALLEST_SINGULAR_VALUE = 1e-7
_SMALLEST_SHARE = 1e-12
_ROUNDING = 1e-9
_LARGEST_SQUARE = 1.0 - 1e-15
# Associations drawn at once: few enough to stay in the cache of the processor.
_VALUES_PER_BATCH = 2**19
_FEWEST_DRAWS = 10


class Part(NamedTuple):
    """Candidates in one place (an organ, plasma), beside functions of the same animals.

    Attributes
    ----------
    rows : numpy.ndarray of int
        (n_rows,) which candidate each row is; no candidate twice.
    candidates : numpy.ndarray
        (n_rows, n_animals) levels, usually log2; NaN is not measured.
    functions : numpy.ndarray
        (n_functions, n_animals) measured functions, none missing: functions of other animals are another part.
    design : numpy.ndarray
        (n_animals, n_coefficients) group and covariates to take out, with intercept.
    groups : numpy.ndarray
        (n_animals,) group of each animal.
    animals : numpy.ndarray of int
        (n_animals,) number of each animal, the same in all parts.
    """

    rows: Integers
    candidates: Floats
    functions: Floats
    design: Floats
    groups: NDArray[np.str_]
    animals: Integers


class Association(NamedTuple):
    """Within-group association; (n_rows, n_functions) if not said otherwise.

    Attributes
    ----------
    r : numpy.ndarray
        Partial Pearson correlation given the design; NaN where it could not be had.
    t, p : numpy.ndarray
        Its t, and two-sided p for normal errors of the same variance in both groups. Null hypothesis: given group and
        covariates, candidate and function are unrelated.
    df : numpy.ndarray
        (n_rows,) measured animals less the rank of the design on them, less 1.
    n : numpy.ndarray of int
        (n_rows,) measured animals.
    """

    r: Floats
    t: Floats
    p: Floats
    df: Floats
    n: NDArray[np.int64]


class Largest(NamedTuple):
    """The strongest association of each candidate over all parts and functions, each (n_candidates,).

    Attributes
    ----------
    p : numpy.ndarray
        Its p, corrected for all that were looked at; NaN without any.
    part, function : numpy.ndarray of int
        Where it was found; -1 without any.
    n_tests : numpy.ndarray of int
        How many associations were looked at.
    """

    p: Floats
    part: Integers
    function: Integers
    n_tests: NDArray[np.int64]


def within_group_association(part: Part) -> Association:
    """Partial correlation of every candidate with every function, given group and covariates.

    Both sides are projected onto what the design leaves of the animals in which the candidate was measured, so that a row
    with missing values is as exact as a complete one. Nothing is pooled over groups.

    Parameters
    ----------
    part : Part
        Levels, functions and design of the same animals.

    Returns
    -------
    Association
        NaN where no degree of freedom is left or one side does not vary.
    """
    side = _Side(part)
    r = side.correlations(_residual(part.functions, part.design).T, np.arange(len(part.rows)))
    df = np.where(side.df > 0, side.df, np.nan)[:, None]
    with np.errstate(divide="ignore"):
        t = r * np.sqrt(df / (1.0 - r**2))
    return Association(r, t, 2.0 * np.asarray(stats.t.sf(np.abs(t), df)), side.df, side.n)


def largest_association_p(
    parts: Sequence[Part],
    n_candidates: int,
    rng: np.random.Generator,
    *,
    n_exceeding: int = 50,
    n_most: int = 100_000,
) -> Largest:
    """Give p of the strongest within-group association of each candidate, by giving animals each other's functions.

    What the design leaves of the functions is shuffled between the animals of a group, all functions and places together, so
    that their correlations with each other stay as they are, and projected anew on the animals of each candidate (Freedman
    and Lane). The statistic is the largest squared association of the candidate over places and functions, on a scale that
    makes those with different degrees of freedom comparable (Wallace). Since whole animals move within their group, it
    does not matter how values are distributed, nor whether both spread more in one group. Covariates make it approximate.

    The draws end for a candidate as soon as `n_exceeding` of them were as large as the truth (Besag and Clifford), so that
    large p cost little; p is right for every number of draws.

    Null hypothesis: within a group, which animal has which functions does not depend on the candidate, in any place.

    Parameters
    ----------
    parts : sequence of Part
        Places, and sets of functions with the same animals.
    n_candidates : int
        How many candidates `rows` count.
    rng : numpy.random.Generator
        Source of the shuffles.
    n_exceeding : int
        Draws as large as the truth after which to stop: 50 give p a standard error of a seventh of itself.
    n_most : int
        Most draws: 100,000 resolve p to 1e-5, below which few animals do not reach (four per group can be given functions in
        576 ways, five in 14,400).

    Returns
    -------
    Largest
        One entry per candidate.

    References
    ----------
    Freedman and Lane 1983, doi:10.1080/07350015.1983.10509354; Westfall and Young 1993, ISBN 978-0-471-55761-6; Wallace 1959,
    doi:10.1214/aoms/1177706081; Besag and Clifford 1991, doi:10.1093/biomet/78.2.301.
    """
    sides = [_Side(part) for part in parts]
    functions = [_residual(part.functions, part.design) for part in parts]
    observed = np.full(n_candidates, -np.inf)
    where, which = np.full(n_candidates, -1), np.full(n_candidates, -1)
    n_tests = np.zeros(n_candidates, dtype=np.int64)
    for number, (side, left) in enumerate(zip(sides, functions, strict=True)):
        size = side.sizes(left.T, np.arange(len(side.rows)))
        n_tests[side.rows] += np.isfinite(size).sum(axis=1)
        size = np.where(np.isfinite(size), size, -np.inf) if size.shape[1] > 0 else np.full((len(size), 1), -np.inf)
        best = size.argmax(axis=1)
        largest = size[np.arange(len(best)), best]
        is_larger = largest > observed[side.rows]
        rows = side.rows[is_larger]
        observed[rows], where[rows], which[rows] = largest[is_larger], number, best[is_larger]
    asked = np.flatnonzero(n_tests > 0)
    p = np.full(n_candidates, np.nan)
    p[asked] = _sequential_p(sides, functions, observed, asked, rng, (n_exceeding, n_most))
    return Largest(p, where, which, n_tests)


def _sequential_p(
    sides: Sequence[_Side],
    functions: Sequence[Floats],
    observed: Floats,
    asked: Integers,
    rng: np.random.Generator,
    limits: tuple[int, int],
) -> Floats:
    """Give p of the candidates `asked`, each drawn until it has exceeded often enough."""
    n_exceeding, n_most = limits
    p = np.full(len(observed), np.nan)
    exceeded = np.zeros(len(observed), dtype=np.int64)
    n_animals = 1 + max((int(side.animals.max(initial=0)) for side in sides), default=0)
    drawn, active = 0, asked
    while len(active) > 0 and drawn < n_most:
        width = max(1, max(len(left) for left in functions) * len(active))
        n = min(max(_FEWEST_DRAWS, _VALUES_PER_BATCH // width), n_most - drawn)
        keys = rng.random((n, n_animals))
        place = np.full(len(observed), -1)
        place[active] = np.arange(len(active))
        largest = np.zeros((len(active), n))
        for side, left in zip(sides, functions, strict=True):
            rows = np.flatnonzero(place[side.rows] >= 0)
            if len(rows) == 0 or len(left) == 0:
                continue
            shuffled = left[:, side.orders(keys)].reshape(-1, left.shape[1]).T
            size = np.nan_to_num(side.sizes(shuffled, rows)).reshape(len(rows), len(left), n)
            into = place[side.rows[rows]]
            largest[into] = np.maximum(largest[into], size.max(axis=1))
        truth = observed[active][:, None]
        as_large = (largest >= truth - _ROUNDING * np.maximum(np.abs(truth), 1.0)).cumsum(axis=1) + exceeded[active][
            :, None
        ]
        done = as_large[:, -1] >= n_exceeding
        # The draw at which the last of the exceedances fell, which is among the draws of this batch.
        last = (as_large[done] >= n_exceeding).argmax(axis=1) + 1 + drawn
        p[active[done]] = n_exceeding / last
        exceeded[active] = as_large[:, -1]
        drawn += n
        active = active[~done]
    p[active] = (exceeded[active] + 1.0) / (drawn + 1.0)
    return p[asked]


class _Side:
    """One part made ready: unit residuals of the candidates, and what the design takes from the animals of each of them."""

    def __init__(self, part: Part) -> None:
        self.rows, self.animals = part.rows, part.animals
        self.members = [np.flatnonzero(part.groups == group) for group in np.unique(part.groups)]
        measured = np.isfinite(part.candidates)
        self.n = measured.sum(axis=1).astype(np.int64)
        patterns, self.pattern = _patterns(measured)
        self.mask = patterns.astype(float)
        self.basis, rank = masked_basis(part.design, patterns)
        self.df = (self.n - rank[self.pattern] - 1).astype(float)
        left = remaining(part.candidates, self.basis[self.pattern])
        size = np.sqrt(np.einsum("gs,gs->g", left, left))
        self.usable = (self.df > 0) & (size > 0)
        self.unit = left / np.where(self.usable, size, 1.0)[:, None]
        with np.errstate(invalid="ignore"):
            self.scale = self.df * ((8.0 * self.df + 1.0) / (8.0 * self.df + 3.0)) ** 2

    def correlations(self, functions: Floats, rows: Integers) -> Floats:
        """Partial correlations of some rows with (n_animals, k) functions; NaN where undefined."""
        used, pattern = np.unique(self.pattern[rows], return_inverse=True)
        whole = self.mask[used] @ functions**2
        taken = np.zeros_like(whole)
        for column in range(self.basis.shape[2]):
            taken += (self.basis[used, :, column] @ functions) ** 2
        left = whole - taken
        spread = np.sqrt(np.where(left > _SMALLEST_SHARE * whole, left, np.nan))
        r = (self.unit[rows] @ functions) / spread[pattern]
        r[~self.usable[rows]] = np.nan
        return np.asarray(np.clip(r, -1.0, 1.0))

    def sizes(self, functions: Floats, rows: Integers) -> Floats:
        """Squared associations as squares of a standard normal deviate."""
        squares = np.minimum(self.correlations(functions, rows) ** 2, _LARGEST_SQUARE)
        return np.asarray(-self.scale[rows][:, None] * np.log1p(-squares))

    def orders(self, keys: Floats) -> Integers:
        """(n_draws, n_animals): whose functions each animal is given; the same keys shuffle all parts alike."""
        orders = np.empty((len(keys), len(self.animals)), dtype=np.intp)
        for members in self.members:
            orders[:, members] = members[np.argsort(keys[:, self.animals[members]], axis=1)]
        return orders


def masked_basis(design: Floats, measured: NDArray[np.bool_]) -> tuple[Floats, Integers]:
    """Orthonormal columns that span a design on the measured animals of each row, and their number.

    Parameters
    ----------
    design : numpy.ndarray
        (n_animals, n_coefficients), of any rank.
    measured : numpy.ndarray of bool
        (n_rows, n_animals).

    Returns
    -------
    numpy.ndarray
        (n_rows, n_animals, n_coefficients); zero in animals that were not measured, and in columns that are not needed.
    numpy.ndarray of int
        (n_rows,) rank of the design on the measured animals.
    """
    size = np.abs(design).max(axis=0, initial=0.0)
    scaled = design / np.where(size > 0, size, 1.0)
    left, singular, _ = np.linalg.svd(measured[:, :, None] * scaled, full_matrices=False)
    kept = singular > _SMALLEST_SINGULAR_VALUE * np.maximum(singular.max(axis=1, initial=0.0, keepdims=True), 1e-300)
    return left * kept[:, None, :], kept.sum(axis=1)


def remaining(values: Floats, basis: Floats) -> Floats:
    """What a basis leaves of each row; zero where not measured, and where nothing but rounding is left.

    Parameters
    ----------
    values : numpy.ndarray
        (n_rows, n_animals); NaN is not measured.
    basis : numpy.ndarray
        (n_rows, n_animals, k) of `masked_basis`; it must span the constant.
    """
    measured = np.isfinite(values)
    n = np.maximum(measured.sum(axis=1), 1)
    known = np.where(measured, values, 0.0)
    # Centred first: values of 1e8 with differences of 1 keep their differences.
    left = np.where(measured, known - (known.sum(axis=1) / n)[:, None], 0.0)
    left = left - np.einsum("gsk,gk->gs", basis, np.einsum("gsk,gs->gk", basis, left))
    left[~measured] = 0.0
    largest = np.abs(known).max(axis=1, initial=0.0)
    rounding = n * (4 * np.finfo(float).eps * largest) ** 2
    left[np.einsum("gs,gs->g", left, left) <= rounding] = 0.0
    return np.asarray(left)


def _residual(functions: Floats, design: Floats) -> Floats:
    """What the design leaves of each function, as unit vectors; zero where nothing is left."""
    everyone = np.ones(functions.shape, dtype=bool)
    left = remaining(functions, np.repeat(masked_basis(design, everyone[:1])[0], len(functions), axis=0))
    size = np.sqrt(np.einsum("ms,ms->m", left, left))
    return left / np.where(size > 0, size, 1.0)[:, None]


def _patterns(measured: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Integers]:
    """Distinct rows, and which of them each row is."""
    if len(measured) == 0:
        return measured, np.empty(0, dtype=np.intp)
    _, first, pattern = np.unique(np.packbits(measured, axis=1), axis=0, return_index=True, return_inverse=True)
    return measured[first], pattern.ravel()
