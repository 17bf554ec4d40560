"""Do the genes of a set change more than the others, given that genes of a set move together?

Genes that are regulated together are correlated over animals, so that a set's mean scatters more than that of independent
genes: a test that permutes genes calls chance. Here the correlation is estimated from what the design leaves of the data, and
enters the variance (camera, Wu and Smyth 2012). Sets may carry weights; with weights of one it is camera itself. All sets are
tested at once by matrix products.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import ndtri, stdtr
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Weights: TypeAlias = "ArrayLike | sparse.sparray"


class SetTest(NamedTuple):
    """One test of every set; all arrays are (n_sets,), NaN where a set could not be tested.

    Attributes
    ----------
    n : numpy.ndarray of int
        Genes of the set with a statistic and a weight other than zero.
    effect : numpy.ndarray
        Difference of the mean statistic of the set from that of the others, or with weights the slope over the weights. In
        the test of ranks: probability that a gene of the set has the larger statistic, less one half.
    t : numpy.ndarray
        The effect over its standard error.
    df : numpy.ndarray
        Degrees of freedom of `t`.
    p : numpy.ndarray
        Two-sided. Null hypothesis: the statistic of the set's genes has the same mean (the same distribution, in the test of
        ranks) as that of the others; with weights, it does not depend on the weight.
    """

    n: NDArray[np.int64]
    effect: Floats
    t: Floats
    df: Floats
    p: Floats


def z_of_t(t: ArrayLike, df: ArrayLike) -> Floats:
    """Normal deviate with the same tail as a t-statistic, so that statistics of unlike degrees of freedom can be averaged.

    Parameters
    ----------
    t, df : array_like
        (n_genes,) statistics and their degrees of freedom (may be infinite); NaN is not tested.

    Returns
    -------
    numpy.ndarray
        (n_genes,) in the same order; a tail too small for a number is taken as the smallest number.
    """
    value, freedom = np.broadcast_arrays(np.asarray(t, dtype=np.float64), np.asarray(df, dtype=np.float64))
    tail = np.maximum(stdtr(freedom, -np.abs(value)), np.finfo(np.float64).tiny)
    return np.asarray(-np.sign(value) * ndtri(tail))


def set_correlation(residuals: ArrayLike, weights: Weights) -> Floats:
    """Mean correlation between the genes of every set, after the design.

    Parameters
    ----------
    residuals : array_like
        (n_genes, n_samples) what the design leaves of the values; NaN is not measured. A pair of genes is correlated over the
        samples in which both are measured.
    weights : array_like or sparse array
        (n_genes, n_sets), 0 outside a set. With weights, pairs are weighted by the product of their weights, each less its
        mean over all genes, and count as negative where these differ in sign: what inflates the variance of the weighted sum.

    Returns
    -------
    numpy.ndarray
        (n_sets,); NaN with fewer than two genes of which something is left. As estimated: it may be negative.

    References
    ----------
    Wu and Smyth 2012, doi:10.1093/nar/gks461.
    """
    left = np.asarray(residuals, dtype=np.float64)
    measured = np.isfinite(left)
    squares = np.where(measured, left, 0.0) ** 2
    mean_square = squares.sum(axis=1, keepdims=True) / np.maximum(measured.sum(axis=1, keepdims=True), 1)
    varies = mean_square > 0
    scaled = np.divide(np.where(measured, left, 0.0), np.sqrt(mean_square), out=np.zeros_like(left), where=varies)
    seen = (measured & varies).astype(np.float64)
    centred = _centred_within(_as_sparse(weights))
    size = abs(centred)
    shared = (centred.T @ scaled) ** 2 - centred.power(2).T @ scaled**2
    possible = (size.T @ seen) ** 2 - size.power(2).T @ seen
    total = possible.sum(axis=1)
    has_pairs = total > 1e-12 * np.asarray(size.sum(axis=0)) ** 2
    return _ratio(shared.sum(axis=1), np.where(has_pairs, total, np.nan))


def set_test(
    statistic: ArrayLike,
    weights: Weights,
    correlation: ArrayLike,
    df: float | None = None,
    *,
    sampling_variance: float | None = None,
) -> SetTest:
    """Test every set against the genes outside it.

    Parameters
    ----------
    statistic : array_like
        (n_genes,) signed and about normal, such as `z_of_t` of moderated t; NaN: the gene takes no part.
    weights : array_like or sparse array
        (n_genes, n_sets), 0 outside a set. One for the genes of a plain set; any numbers for a signature.
    correlation : array_like
        Mean correlation between the genes of a set: one number for all sets, or (n_sets,), such as `set_correlation`. A
        negative one or NaN counts as zero: it would make sets surer than independent genes.
    df : float, optional
        Degrees of freedom of the correlation: the residual ones of the design if it was estimated. By default it is taken as
        known, and those of the statistic count: genes less two.
    sampling_variance : float, optional
        How much of the variance of the statistic over genes is sampling error: 1 for `z_of_t`. Only that much is inflated by
        the correlation, which is one of sampling errors; what true changes of many genes add is not. By default all of it is,
        as in camera: valid too, but where a third of the genes changes it does not see what anybody would.

    Returns
    -------
    SetTest
        NaN for sets without genes, or with all genes alike.

    References
    ----------
    Wu and Smyth 2012, doi:10.1093/nar/gks461.
    """
    z, table, at_least_zero = _tested(statistic, weights, correlation)
    n_genes, n_sets = table.shape
    n = np.diff(table.tocsc().indptr).astype(np.int64)
    sums, squares = table.sum(axis=0), table.power(2).sum(axis=0)
    spread = squares - sums**2 / max(n_genes, 1)
    testable = (n > 0) & (spread > 1e-12 * squares) & (n_genes > 2)
    slope = np.full(n_sets, np.nan)
    centred_z = z - z.mean() if n_genes > 0 else z
    np.divide(table.T @ centred_z, spread, out=slope, where=testable)
    variance = (centred_z @ centred_z - slope**2 * spread) / max(n_genes - 2, 1)
    size = abs(_centred_within(table))
    pairs = at_least_zero * (np.asarray(size.sum(axis=0)) ** 2 - size.power(2).sum(axis=0))
    inflating = variance if sampling_variance is None else np.minimum(variance, sampling_variance)
    inverse = np.divide(1.0, spread, out=np.full(n_sets, np.nan), where=testable)
    t = _ratio(slope, np.sqrt(variance * inverse + inflating * pairs * inverse**2))
    freedom = float(n_genes - 2) if df is None else min(float(df), n_genes - 2.0)
    freedoms = np.where(np.isfinite(t), freedom, np.nan)
    return SetTest(n, slope, t, freedoms, 2.0 * stdtr(freedoms, -np.abs(t)))


def set_rank_test(statistic: ArrayLike, weights: Weights, correlation: ArrayLike, df: float = np.inf) -> SetTest:
    """The same by ranks (Mann-Whitney with correlated genes in the set): a few genes of extreme statistic cannot decide.

    Parameters
    ----------
    statistic : array_like
        (n_genes,) signed, of any distribution; NaN: the gene takes no part.
    weights : array_like or sparse array
        (n_genes, n_sets); a gene with any weight but 0 is in the set.
    correlation, df : array_like, float
        As in `set_test`; by default the normal distribution.

    Returns
    -------
    SetTest
        NaN for sets without genes, or with all of them.

    References
    ----------
    Barry, Nobel and Wright 2008, doi:10.1214/07-AOAS146; Wu and Smyth 2012, doi:10.1093/nar/gks461.
    """
    values, table, r = _tested(statistic, weights, correlation)
    table.data[:] = 1.0
    inside = table.sum(axis=0)
    outside = len(values) - inside
    ranks = rankdata(values)
    less = inside * outside + inside * (inside + 1) / 2 - table.T @ ranks
    pairs = inside * outside
    inner = np.where(inside > 1, r, 0.0)
    spread = pairs * (
        np.arcsin(1.0)
        + np.arcsin(0.5) * (outside - 1)
        + np.arcsin(inner / 2) * (inside - 1) * (outside - 1)
        + np.arcsin((inner + 1) / 2) * (inside - 1)
    )
    variance = np.where(inner == 0, pairs * (len(values) + 1) / 12, spread / (2 * np.pi)) * _tie_factor(ranks)
    sd = np.where((pairs > 0) & (variance > 0), np.sqrt(variance), np.nan)
    # Half a pair towards the middle: the statistic is discrete.
    upper, lower = (less - pairs / 2 - 0.5) / sd, (less - pairs / 2 + 0.5) / sd
    p = np.minimum(2.0 * np.minimum(stdtr(df, -upper), stdtr(df, lower)), 1.0)
    effect = 0.5 - _ratio(less, np.where(np.isfinite(sd), pairs, np.nan))
    freedoms = np.where(np.isfinite(sd), df, np.nan)
    return SetTest(inside.astype(np.int64), effect, (pairs / 2 - less) / sd, freedoms, p)


def _as_sparse(weights: Weights) -> Any:
    given: Any = weights
    table: Any = sparse.csr_array(given, copy=True)
    table.data = table.data.astype(np.float64)
    table.eliminate_zeros()
    return table


def _centred_within(table: Any) -> Any:
    """Weights of the genes of each set less the set's mean over all genes, zero being the weight of the others."""
    centred = table.copy()
    mean = table.sum(axis=0) / max(table.shape[0], 1)
    centred.data = centred.data - mean[centred.indices]
    return centred


def _tested(statistic: ArrayLike, weights: Weights, correlation: ArrayLike) -> tuple[Floats, Any, Floats]:
    """Statistics that are there, the weights of their genes, and a correlation of no less than zero for each set."""
    values = np.asarray(statistic, dtype=np.float64)
    finite = np.isfinite(values)
    table = _as_sparse(weights)[finite]
    given = np.broadcast_to(np.asarray(correlation, dtype=np.float64), table.shape[1])
    return values[finite], table, np.maximum(np.nan_to_num(given, nan=0.0), 0.0)


def _tie_factor(ranks: Floats) -> float:
    """Share of the variance that ties leave."""
    n = len(ranks)
    if n < 2:
        return 1.0
    _, counts = np.unique(ranks, return_counts=True)
    return 1.0 - float((counts * (counts + 1.0) * (counts - 1.0)).sum()) / (n * (n + 1.0) * (n - 1.0))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    result = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result
