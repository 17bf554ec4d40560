"""Does the contrast of an organ look like a signature, more than by chance and more than like other signatures?

A signature says how every gene moves when a ligand acts. Its score is the t of the slope when the moderated t of the genes is
regressed on their weights (the univariate linear model of decoupler), for all signatures and all arrangements of the animals'
labels by one matrix product. The t of the slope has no p-value of its own: its genes are correlated and not replicates. There are
two nulls instead, and a claim needs both: the animals' labels mean nothing, and the signature is like any other of its size.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Floats = NDArray[np.float64]

# Numerical, not scientific: scores that differ by less are those of arrangements that say the same.
_ROUNDING = 1e-9
_COMPARISONS_PER_CHUNK = 2**24


class Signatures(NamedTuple):
    """Weights of many signatures, ready to be scored.

    Attributes
    ----------
    weights : numpy.ndarray
        (n_genes, n_signatures), 0 for a gene that a signature does not move and for one that is masked in it.
    masked : scipy.sparse.csr_array
        (n_genes, n_signatures) 1 where a gene takes no part in a signature: neither weight nor statistic.
    overlap : numpy.ndarray of int
        (n_signatures,) genes with a weight other than 0: what a score rests on.
    """

    weights: Floats
    masked: Any
    overlap: NDArray[np.int64]


class CompetitiveTest(NamedTuple):
    """Each signature against others of like size; both (n_signatures,).

    Attributes
    ----------
    p : numpy.ndarray
        Null hypothesis: the signature stands among those of like size wherever chance puts it. NaN without direction, score
        or anything to compare with.
    n : numpy.ndarray of int
        Number of others of like size.
    """

    p: Floats
    n: NDArray[np.int64]


def signatures(weights: ArrayLike, masked: ArrayLike | None = None) -> Signatures:
    """Mask and count.

    Parameters
    ----------
    weights : array_like
        (n_genes, n_signatures); NaN and 0 are no weight.
    masked : array_like of bool, optional
        (n_genes, n_signatures) genes that take no part in a signature, such as those of the ligand itself.

    Returns
    -------
    Signatures
        For `score`.
    """
    table = np.nan_to_num(np.asarray(weights, dtype=np.float64), nan=0.0)
    if masked is None:
        hidden = sparse.csr_array(table.shape, dtype=np.float64)
    else:
        hidden = sparse.csr_array(np.asarray(masked, dtype=np.float64))
        table = np.where(np.asarray(masked, dtype=bool), 0.0, table)
    return Signatures(table, hidden, np.count_nonzero(table, axis=0).astype(np.int64))


def score(statistic: ArrayLike, given: Signatures) -> Floats:
    """Regress a statistic of the genes on the weights of every signature.

    Parameters
    ----------
    statistic : array_like
        (n_genes, n_arrangements) signed, such as moderated t for every arrangement of the labels. A gene of which an
        arrangement says nothing (NaN) has 0 there.
    given : Signatures
        Weights of the same genes.

    Returns
    -------
    numpy.ndarray
        (n_signatures, n_arrangements) t of the slope; NaN where weights or statistic do not vary over the genes, or fewer than
        three genes are left. The residual variance is that of the regression itself: moderating it over signatures would
        change nothing, for the degrees of freedom are as many as the genes.

    References
    ----------
    Badia-i-Mompel 2022, doi:10.1093/bioadv/vbac016.
    """
    t = np.nan_to_num(np.asarray(statistic, dtype=np.float64), nan=0.0)
    # Masked genes leave the sums by correction, so that all signatures share one product.
    hidden = given.masked.T
    n = len(t) - hidden.sum(axis=1)
    sums = t.sum(axis=0) - hidden @ t
    squares = (t**2).sum(axis=0) - hidden @ t**2
    weight_sums, weight_squares = given.weights.sum(axis=0), (given.weights**2).sum(axis=0)
    n = np.where(n > 2, n, np.nan)
    weight_spread = weight_squares - weight_sums**2 / n
    weight_spread[weight_spread <= 1e-12 * weight_squares] = np.nan
    covariance = given.weights.T @ t
    covariance -= (weight_sums / n)[:, None] * sums
    spread = squares - sums**2 / n[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = covariance / np.sqrt(weight_spread[:, None] * np.where(spread > 1e-12 * squares, spread, np.nan))
        r = np.clip(r, -1.0, 1.0)
        return np.asarray(r * np.sqrt((n[:, None] - 2) / (1 - r**2)))


def scores(chunks: Iterable[tuple[slice, Floats]], n_arrangements: int, given: Signatures) -> Floats:
    """Score statistics that come in chunks of arrangements; see `score`.

    Parameters
    ----------
    chunks : iterable of (slice, numpy.ndarray)
        Which arrangements, and the statistic of all genes for them.
    n_arrangements : int
        How many there are.
    given : Signatures
        Weights of the same genes.

    Returns
    -------
    numpy.ndarray
        (n_signatures, n_arrangements).
    """
    found = np.full((given.weights.shape[1], n_arrangements), np.nan)
    for which, statistic in chunks:
        found[:, which] = score(statistic, given)
    return found


def animal_p(scored: Floats, direction: ArrayLike) -> Floats:
    """Share of the arrangements of the animals that score as high in the direction, the true one, which is the first, included.

    Null hypothesis: which animal has which label does not matter. Exact for all arrangements; for drawn ones it is
    (b + 1) / (B + 1), which is never too small.

    Parameters
    ----------
    scored : numpy.ndarray
        (n_signatures, n_arrangements), see `scores`. NaN of another arrangement counts as high.
    direction : array_like
        (n_signatures,) +1 or -1, set without the statistic that was scored; 0 or NaN: none.

    Returns
    -------
    numpy.ndarray
        (n_signatures,) one-sided; NaN without score or direction.

    References
    ----------
    Phipson and Smyth 2010, doi:10.2202/1544-6115.1585.
    """
    way = np.asarray(direction, dtype=np.float64)
    signed = scored * way[:, None]
    own = signed[:, :1]
    share = 1.0 - np.mean(signed < own - _ROUNDING * np.abs(own), axis=1)
    return np.where(np.isfinite(own[:, 0]) & (np.abs(way) == 1), share, np.nan)


def standardised(scored: Floats) -> Floats:
    """The true score in units of what the arrangements make of it.

    Signatures of genes that move together scatter more by chance than others; so measured, they can be compared.

    Parameters
    ----------
    scored : numpy.ndarray
        (n_signatures, n_arrangements), the true arrangement first.

    Returns
    -------
    numpy.ndarray
        (n_signatures,) NaN where nothing scatters.
    """
    found = np.full(len(scored), np.nan)
    known = np.isfinite(scored[:, 0])
    of_known = scored[known]
    if len(of_known) > 0:
        sd = np.nanstd(of_known, axis=1)
        sd[sd <= _ROUNDING * np.abs(of_known[:, 0])] = np.nan
        found[known] = (of_known[:, 0] - np.nanmean(of_known, axis=1)) / sd
    return found


def competitive_p(
    standard: ArrayLike, overlap: ArrayLike, direction: ArrayLike, *, size_factor: float = 2.0
) -> CompetitiveTest:
    """Place of every signature among the others of like size.

    An organ that changes looks like many signatures at once. That is no evidence for any of them, so each is held against the
    others, in the same data: p is (b + 1) / (B + 1) with b of B others as high in its direction.

    Parameters
    ----------
    standard : array_like
        (n_signatures,) see `standardised`.
    overlap : array_like
        (n_signatures,) genes each rests on.
    direction : array_like
        (n_signatures,) +1 or -1; 0 or NaN: none.
    size_factor : float
        Others are of like size if they rest on no fewer than the overlap divided by this, and no more than it times this. By
        default 2: the standard error of a mean then differs by no more than the root of two.

    Returns
    -------
    CompetitiveTest
        p and number of others.
    """
    z, size = np.asarray(standard, dtype=np.float64), np.asarray(overlap, dtype=np.float64)
    way = np.asarray(direction, dtype=np.float64)
    asked = np.flatnonzero(np.isfinite(z) & (np.abs(way) == 1))
    others = np.flatnonzero(np.isfinite(z))
    p, n = np.full(len(z), np.nan), np.zeros(len(z), dtype=np.int64)
    step = max(1, _COMPARISONS_PER_CHUNK // max(1, len(others)))
    for start in range(0, len(asked), step):
        rows = asked[start : start + step]
        alike = (size[others] * size_factor >= size[rows, None]) & (size[others] <= size[rows, None] * size_factor)
        alike &= others != rows[:, None]
        signed = way[rows, None] * z[others]
        as_high = (alike & (signed >= way[rows, None] * z[rows, None])).sum(axis=1)
        n[rows] = alike.sum(axis=1)
        p[rows] = np.where(n[rows] > 0, (as_high + 1) / (n[rows] + 1), np.nan)
    return CompetitiveTest(p, n)


def effective_number(scored: Floats) -> float:
    """How many independent questions the signatures are worth in these data.

    The square of the sum of the eigenvalues of the correlation of their scores over the arrangements, over the sum of their
    squares: 1 if all scores move together, their number if each moves on its own (but no more than the arrangements tell).

    Parameters
    ----------
    scored : numpy.ndarray
        (n_signatures, n_arrangements), see `scores`.

    Returns
    -------
    float
        NaN with fewer than two arrangements or no signature that scatters.

    References
    ----------
    Bretherton 1999, doi:10.1175/1520-0442(1999)012<1990:TENOSD>2.0.CO;2.
    """
    known = scored[np.isfinite(scored).all(axis=1)]
    centred = known - known.mean(axis=1, keepdims=True) if known.shape[1] > 0 else known
    size = np.linalg.norm(centred, axis=1)
    unit = centred[size > 0] / size[size > 0, None]
    if len(unit) == 0 or unit.shape[1] < 2:
        return float("nan")
    gram = unit.T @ unit if unit.shape[0] > unit.shape[1] else unit @ unit.T
    return float(len(unit) ** 2 / (gram**2).sum())
