"""Arrangements of group labels over animals, and the moderated t of all features for each of them.

A signature of thousands of correlated genes has no p-value from its genes: only the animals are replicates. So whole animals
change their labels, all genes together, and the statistic is computed anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

from organokine.kernels.least_squares import directions_of, orthonormal_basis
from organokine.kernels.prior_moments import inverse_trigamma

Floats = NDArray[np.float64]
Orders = NDArray[np.intp]

# Numerical, not scientific: a column of the design whose part that is its own is smaller than this share is none.
_SMALLEST_OWN_PART = 1e-6
_ROUNDING = 1e-12
# limma's: a variance of zero is a matter of rounding, and its logarithm would be infinite.
_SMALLEST_SHARE_OF_MEDIAN = 1e-5
_T_PER_CHUNK = 2**20


class Relabelings(NamedTuple):
    """Arrangements of labels over animals.

    Attributes
    ----------
    orders : numpy.ndarray of int
        (n_relabelings, n_samples): sample i takes the label, and the whole row of the design, of sample `orders[b, i]`. The
        first row leaves all as they are.
    exhaustive : bool
        Whether these are all distinct arrangements, each once. Otherwise those after the first were drawn at random.
    n_possible : int
        Number of distinct arrangements.
    """

    orders: Orders
    exhaustive: bool
    n_possible: int


def relabelings(
    labels: Sequence[object],
    strata: Sequence[object],
    n_permutations: int,
    rng: np.random.Generator,
) -> Relabelings:
    """Arrange labels over animals within strata: all distinct ways if there are few, otherwise as many as asked for, drawn.

    Parameters
    ----------
    labels : sequence
        (n_samples,) label of each animal. Animals with the same label are exchanged with no effect.
    strata : sequence
        (n_samples,) labels move only between animals of one stratum (sex, batch).
    n_permutations : int
        All arrangements are used if there are no more than this; otherwise this many are drawn, beside the true one.
    rng : numpy.random.Generator
        Source of the drawn ones.

    Returns
    -------
    Relabelings
        The true arrangement first.
    """
    members = [np.flatnonzero(codes) for codes in _indicators(strata)]
    codes = np.argmax(_indicators(labels), axis=0) if len(labels) > 0 else np.empty(0, dtype=np.intp)
    n_possible = 1
    for place in members:
        n_possible *= _n_arrangements(codes[place])
    if n_possible <= n_permutations:
        orders = [np.concatenate(each) for each in product(*(list(_arrangements(codes[place])) for place in members))]
        local = np.array(orders, dtype=np.intp).reshape(n_possible, len(codes))
    else:
        local = np.empty((n_permutations + 1, len(codes)), dtype=np.intp)
        start = 0
        for place in members:
            local[:, start : start + len(place)] = np.arange(len(place))
            local[1:, start : start + len(place)] = rng.permuted(local[1:, start : start + len(place)], axis=1)
            start += len(place)
    whole = np.empty_like(local)
    start = 0
    for place in members:
        whole[:, place] = place[local[:, start : start + len(place)]]
        start += len(place)
    return Relabelings(whole, n_possible <= n_permutations, n_possible)


def permutation_p(statistic: Floats, *, two_sided: bool = False, tolerance: float = 1e-10) -> float:
    """Share of the arrangements whose statistic is at least that of the true one, which is among them.

    For all arrangements this is the exact p; for drawn ones it is (b + 1) / (B + 1) with b of B drawn ones as large, which is
    never too small (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585).

    Parameters
    ----------
    statistic : numpy.ndarray
        (n_relabelings,), the true arrangement first. Large speaks against the null hypothesis.
    two_sided : bool
        Whether the size counts and not the sign.
    tolerance : float
        Differences up to this are those of rounding: two arrangements that say the same are equally extreme.

    Returns
    -------
    float
        p; NaN if the statistic of the true arrangement is NaN. A NaN of another one counts as at least as large.
    """
    value = np.abs(statistic) if two_sided else statistic
    if not np.isfinite(value[0]):
        return float("nan")
    return float(np.mean(~(value < value[0] - tolerance)))


def relabeled_t(values: Floats, design: Floats, contrast: Floats, orders: Orders) -> Iterator[tuple[slice, Floats]]:
    """Moderated t of one contrast for every feature and every arrangement of the animals.

    What the design explains without the contrast is taken out first; the rest moves between the animals (Freedman and Lane),
    which within strata and without numbers among the covariates is the same as moving the labels. The variance prior is that of
    Smyth 2004 by moments, without a trend, and estimated anew for each arrangement, so that the true one has no privilege.
    Features with the same measured samples share their decompositions.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples), usually log2; NaN is not measured.
    design : numpy.ndarray
        (n_samples, n_coefficients) of full rank.
    contrast : numpy.ndarray
        (n_coefficients,).
    orders : numpy.ndarray of int
        (n_relabelings, n_samples), see `Relabelings`.

    Yields
    ------
    slice, numpy.ndarray
        Which arrangements, and their t, (n_features, n_arrangements); NaN for a feature whose contrast an arrangement does
        not determine, or without a residual degree of freedom. In chunks, so that the memory needed stays small.

    References
    ----------
    Freedman and Lane 1983, doi:10.1080/07350015.1983.10509354; Winkler 2014, doi:10.1016/j.neuroimage.2014.01.060;
    Smyth 2004, doi:10.2202/1544-6115.1027.
    """
    columns, size = _nuisance_then_contrast(design, contrast)
    groups = [_group(values, rows, columns) for rows in _same_samples(values)]
    step = max(1, _T_PER_CHUNK // max(1, len(values)))
    df = np.zeros(len(values))
    for group in groups:
        df[group.rows] = len(group.samples) - columns.shape[1]
    prior = _Prior(df)
    for start in range(0, len(orders), step):
        which = slice(start, min(start + step, len(orders)))
        projection = np.full((len(values), which.stop - start), np.nan)
        rss = projection.copy()
        for group in groups:
            projection[group.rows], rss[group.rows] = _fit(group, columns, orders[which])
        yield which, np.sign(size) * prior.moderated(projection, rss)


class _Group(NamedTuple):
    """Features measured in the same samples: what the nuisance part of the design, in this basis, leaves of them."""

    rows: Orders
    samples: Orders
    nuisance: Floats
    residual: Floats
    squares: Floats


def _nuisance_then_contrast(design: Floats, contrast: Floats) -> tuple[Floats, float]:
    """Orthonormal columns that span the design, the last one carrying the contrast; and the contrast per unit of it."""
    basis = orthonormal_basis(design)
    directions, known = directions_of(basis, np.asarray(contrast, dtype=float)[:, None])
    if not known[0] or not np.any(directions):
        message = "The design does not determine the contrast."
        raise ValueError(message)
    size = float(np.linalg.norm(directions))
    turned, _ = np.linalg.qr(np.column_stack([directions[:, 0] / size, np.eye(len(directions))]))
    last = turned[:, 0] * np.sign(turned[:, 0] @ directions[:, 0])
    return basis.columns @ np.column_stack([turned[:, 1:], last]), size


def _same_samples(values: Floats) -> list[Orders]:
    measured = np.isfinite(values)
    if measured.all():
        return [np.arange(len(values))]
    packed = np.ascontiguousarray(np.packbits(measured, axis=1))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, group = np.unique(keys, return_inverse=True)
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _group(values: Floats, rows: Orders, columns: Floats) -> _Group:
    samples = np.flatnonzero(np.isfinite(values[rows[0]]))
    own = values[np.ix_(rows, samples)]
    # Centred first: values of 1e8 with differences of 1 keep their differences.
    own = own - own.mean(axis=1, keepdims=True) if len(samples) > 0 else own
    nuisance = _orthonormal(columns[None, samples, :-1])[0][0]
    residual = own - (own @ nuisance) @ nuisance.T
    return _Group(rows, samples, nuisance, residual, np.einsum("fs,fs->f", residual, residual))


def _fit(group: _Group, columns: Floats, orders: Orders) -> tuple[Floats, Floats]:
    """Projection on the contrast and residual sum of squares, (n_rows, n_arrangements); NaN where not determined."""
    basis, determined = _orthonormal(columns[orders[:, group.samples]])
    n_orders, _, n_columns = basis.shape
    if len(group.samples) <= n_columns or not determined.any():
        nothing = np.full((len(group.rows), n_orders), np.nan)
        return nothing, nothing
    rss = np.repeat(group.squares[:, None], n_orders, axis=1)
    projection = np.empty(0)
    for column in range(n_columns):
        weights = np.ascontiguousarray(basis[:, :, column].T)
        if column < n_columns - 1 and np.all(np.abs(weights - group.nuisance[:, column, None]) < _ROUNDING):
            # The same as before the animals moved, so that nothing of it is left in the residuals.
            continue
        projection = group.residual @ weights
        rss -= projection**2
    projection[:, ~determined] = np.nan
    rss[:, ~determined] = np.nan
    return projection, np.maximum(rss, 0.0)


def _orthonormal(columns: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Gram and Schmidt for all arrangements at once, twice for accuracy; and whether the last column is one of its own."""
    basis = columns.copy()
    determined = np.ones(len(columns), dtype=bool)
    for place in range(columns.shape[2]):
        column = basis[:, :, place]
        before = np.linalg.norm(column, axis=1)
        for _ in range(2):
            for earlier in range(place):
                share = np.einsum("bs,bs->b", basis[:, :, earlier], column)
                column = column - share[:, None] * basis[:, :, earlier]
        after = np.linalg.norm(column, axis=1)
        own = after > _SMALLEST_OWN_PART * np.maximum(before, _SMALLEST_OWN_PART)
        determined &= own
        basis[:, :, place] = column / np.where(own, after, 1.0)[:, None]
    return basis, determined


class _Prior:
    """The moment prior of the variances of one arrangement after another; what depends on the df alone is computed once."""

    def __init__(self, df: Floats) -> None:
        self.df = df
        usable = df > 0
        half = np.where(usable, df, 1.0) / 2
        self.offset = np.log(half) - digamma(half)
        self.trigamma = np.where(usable, polygamma(1, half), np.nan)
        self.usable = usable

    def moderated(self, projection: Floats, rss: Floats) -> Floats:
        """Moderated t, (n_features, n_arrangements)."""
        df = np.where(self.usable, self.df, np.nan)[:, None]
        variance = rss / df
        posterior = np.empty_like(variance)
        for column in range(variance.shape[1]):
            posterior[:, column] = self._posterior(variance[:, column])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(posterior > 0, projection / np.sqrt(posterior), np.nan)

    def _posterior(self, variance: Floats) -> Floats:
        known = np.isfinite(variance)
        own = variance[known]
        if len(own) == 0 or not np.any(own > 0):
            return np.full(len(variance), np.nan)
        raised = np.maximum(own, _SMALLEST_SHARE_OF_MEDIAN * (np.median(own) or np.median(own[own > 0])))
        centred = np.log(raised) + self.offset[known]
        excess = float(centred.var(ddof=1)) - float(self.trigamma[known].mean()) if len(own) > 1 else 0.0
        result = np.full(len(variance), np.nan)
        if excess <= 0:
            result[known] = raised.mean()
            return result
        half = inverse_trigamma(excess)
        prior = float(np.exp(centred.mean() + digamma(half) - np.log(half)))
        result[known] = (2 * half * prior + self.df[known] * own) / (2 * half + self.df[known])
        return result


def _indicators(labels: Sequence[object]) -> NDArray[np.bool_]:
    """(n_levels, n_samples) in order of appearance."""
    number = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    codes = np.array([number[label] for label in labels], dtype=np.intp)
    return np.asarray(codes[None, :] == np.arange(len(number))[:, None])


def _n_arrangements(codes: Orders) -> int:
    n, left = 1, len(codes)
    for size in np.unique(codes, return_counts=True)[1]:
        n *= comb(left, int(size))
        left -= int(size)
    return n


def _arrangements(codes: Orders) -> Iterator[Orders]:
    """Orders of one stratum, one for each distinct arrangement of its labels, the true one first."""
    levels = list(dict.fromkeys(codes.tolist()))
    sources = [np.flatnonzero(codes == level) for level in levels]
    true = np.arange(len(codes))
    yield true
    for places in _places(list(range(len(codes))), [len(source) for source in sources]):
        order = np.empty(len(codes), dtype=np.intp)
        for place, source in zip(places, sources, strict=True):
            order[place] = source
        if not np.array_equal(codes[order], codes):
            yield order


def _places(free: list[int], sizes: list[int]) -> Iterator[list[list[int]]]:
    """All ways to give away places to levels of these sizes."""
    if len(sizes) == 0:
        yield []
        return
    for chosen in combinations(free, sizes[0]):
        rest = [place for place in free if place not in chosen]
        for others in _places(rest, sizes[1:]):
            yield [list(chosen), *others]
