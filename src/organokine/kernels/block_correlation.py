"""Correlation of samples of one block (repeated samples of one animal), by restricted maximum likelihood.

Model: the values of a feature, times the root of their weight, have after the design the covariance matrix
`s2 * ((1 - r) I + r ZZ')`, with Z the membership of samples in blocks. In the eigenvectors of ZZ' within the space that the
design leaves, it is diagonal, `s2 * (1 - r + r d)`; the likelihood of r needs only the eigenvalues d and the squares there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from organokine.kernels.least_squares import (
    Basis,
    block_sums,
    fit_features,
    membership,
    orthonormal_basis,
    relative_roots,
    row_chunks,
)

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

# Numerical: an eigenvalue is a number of samples, so that what is this small is zero.
_SMALLEST_EIGENVALUE = 1e-8
# Spacing of the grid below 0.1 in atanh, a small part of its standard error in any study of animals.
_GRID_POINTS = 64
_BISECTIONS = 50
_EXPECTATION_STEPS = 200


class BlockCorrelation(NamedTuple):
    """Correlation of two samples of one block.

    Attributes
    ----------
    consensus : float
        One for all features: tanh of the trimmed mean of the atanh of `by_feature`. NaN where no feature tells.
    by_feature : numpy.ndarray
        (n_features,) estimates of each feature alone; NaN where it cannot be estimated. For description: a test that
        takes them as known rejects too often (see `block_correlation`).
    shrunken : numpy.ndarray
        (n_features,) estimates shrunken towards what the others say; a feature that does not tell takes the mean of the
        others. NaN only where no feature tells.
    """

    consensus: float
    by_feature: Floats
    shrunken: Floats


class _Spectrum(NamedTuple):
    """The likelihood of r: eigenvalues and squares (n_features, n_blocks), with 1 and 0 where there is none.

    `zeros` is the number of eigenvalues that are zero and `rest` the sum of their squares; `df` counts all.
    """

    eigenvalues: Floats
    squares: Floats
    zeros: Floats
    rest: Floats
    df: Floats

    def log_likelihood(self, r: Floats) -> Floats:
        """Restricted log likelihood, at its maximum over the variance, up to a constant; r is (n_features,) or (1,)."""
        spread = 1.0 - r[:, None] + r[:, None] * self.eigenvalues
        quadratic = np.sum(self.squares / spread, axis=1) + self.rest / (1.0 - r)
        determinant = np.sum(np.log(spread), axis=1) + self.zeros * np.log(1.0 - r)
        return np.asarray(-0.5 * (determinant + self.df * np.log(quadratic)))

    def slope(self, r: Floats) -> Floats:
        """Derivative of `log_likelihood`."""
        steps = self.eigenvalues - 1.0
        spread = 1.0 - r[:, None] + r[:, None] * self.eigenvalues
        shares = self.squares / spread
        quadratic = np.sum(shares, axis=1) + self.rest / (1.0 - r)
        change = -np.sum(shares * steps / spread, axis=1) + self.rest / (1.0 - r) ** 2
        determinant = np.sum(steps / spread, axis=1) - self.zeros / (1.0 - r)
        return np.asarray(-0.5 * (determinant + self.df * change / quadratic))


def block_correlation(
    values: ArrayLike,
    design: ArrayLike,
    blocks: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    trim: float = 0.15,
) -> BlockCorrelation:
    """Estimate the correlation of samples of one block, for each feature and for all together.

    A feature tells if it has more measured samples than the rank of the design plus two, in more than one block, with at
    least two samples more than blocks (the rule of limma), and if blocks and design are not confounded in it. Estimates
    are kept between -1 / (samples of the largest block - 1) + 0.01 and 0.99.

    Which of them to test with: the consensus, unless the features are known to differ much. The moderated t takes the
    correlation as known. In simulations with two samples of each of four animals in either of two groups (20,000 features
    without difference, level 0.05), it was called in 0.05 of them with the consensus or the shrunken correlations where all
    features had the same correlation, in 0.052 and 0.055 where the correlations were Beta(2, 2), and in 0.061 and 0.054
    where they were 0.1 or 0.9. With the two samples of an animal in different groups the shares were 0.052 and 0.053,
    0.059 and 0.063, 0.072 and 0.060. The estimates of single features taken as known gave 0.07 to 0.08, in the far tail
    five times the nominal share, and more with missing values; leaving the animals out gave 0.12. So `shrunken` is no less
    safe than the consensus, but where features differ neither holds the level exactly, and with few features (below a
    hundred) there is little to shrink towards.

    Parameters
    ----------
    values : array_like
        (n_features, n_samples), usually log2. NaN (and infinite) is not measured.
    design : array_like
        (n_samples, n_coefficients) without the blocks. Need not have full rank.
    blocks : array_like
        (n_samples,) labels; samples with the same label belong together.
    weights : array_like, optional
        (n_features, n_samples) or (n_samples,) precision weights, as in `moderated_test`.
    trim : float
        Share of the features left out at either end for the consensus (default of Smyth, Michaud and Scott 2005).

    Returns
    -------
    BlockCorrelation
        Consensus, and the estimates of the features in order.

    Raises
    ------
    ValueError
        If a sample has no block label, or `trim` is not at least 0 and below 0.5.

    References
    ----------
    Smyth, Michaud and Scott 2005, doi:10.1093/bioinformatics/bti270; Patterson and Thompson 1971,
    doi:10.1093/biomet/58.3.545 (restricted likelihood); Laird 1978, doi:10.1080/01621459.1978.10480103 (the distribution
    over features).
    """
    if not 0 <= trim < 0.5:
        message = f"trim is {trim}; a share of the features, at least 0 and below 0.5, is needed."
        raise ValueError(message)
    table = np.asarray(values, dtype=np.float64)
    members = membership(blocks, table.shape[1])
    basis = orthonormal_basis(np.asarray(design, dtype=np.float64))
    precision = None if weights is None else np.broadcast_to(np.asarray(weights, dtype=np.float64), table.shape)
    found = np.full(len(table), np.nan)
    log_likelihood = np.full((len(table), _GRID_POINTS), np.nan)
    grid = _grid(float(members.sum(axis=0).max(initial=2.0)))
    for rows in row_chunks(table):
        spectrum, tells = _spectrum(table[rows], basis, members, None if precision is None else precision[rows])
        own = np.column_stack([spectrum.log_likelihood(np.array([r])) for r in grid])
        log_likelihood[rows][tells] = own
        found[rows][tells] = _maximum(spectrum, grid, own)
    usable = np.isfinite(found)
    if not usable.any():
        return BlockCorrelation(np.nan, found, found.copy())
    posterior, prior = _posterior(log_likelihood[usable])
    shrunken = np.full(len(table), np.tanh(prior @ np.arctanh(grid)))
    shrunken[usable] = np.tanh(posterior @ np.arctanh(grid))
    return BlockCorrelation(_consensus(found[usable], trim), found, shrunken)


def _grid(largest_block: float) -> Floats:
    lowest = -1.0 / (largest_block - 1.0) + 0.01
    return np.tanh(np.linspace(np.arctanh(lowest), np.arctanh(0.99), _GRID_POINTS))


def _spectrum(values: Floats, basis: Basis, members: Floats, weights: Floats | None) -> tuple[_Spectrum, Booleans]:
    """Eigenvalues through the blocks, which are fewer than the samples: those of Z'MZ, M the projection off the design.

    The spectrum is that of the features that tell; also says which those are.
    """
    fit = fit_features(values, basis, weights, keep_residuals=True)
    measured = np.isfinite(fit.residuals)
    root, _ = relative_roots(weights, measured)
    sums = (np.nan_to_num(fit.residuals) * root) @ members
    group, first, own = np.unique(fit.group, return_index=True, return_inverse=True)
    in_block = measured[first] @ members
    by_design = block_sums(root[first], basis.columns, members)
    gram = in_block[:, :, None] * np.eye(members.shape[1]) - by_design @ fit.inverse[group] @ by_design.swapaxes(1, 2)
    eigenvalues, vectors = np.linalg.eigh(gram)
    positive = eigenvalues > _SMALLEST_EIGENVALUE
    # With one pattern the vectors serve all rows, without a copy for each.
    projected = np.einsum("fbe,fb->fe", vectors if len(vectors) == 1 else vectors[own], sums)
    squares = np.divide(projected**2, eigenvalues[own], out=np.zeros_like(projected), where=positive[own])
    rank = positive.sum(axis=1)
    rest = np.maximum(fit.rss / fit.scale - squares.sum(axis=1), 0.0)
    n, n_blocks = fit.n, (in_block > 0).sum(axis=1)[own]
    enough = (n > basis.columns.shape[1] + 2) & (n_blocks > 1) & (n_blocks < n - 1) & (fit.rss > 0)
    lowest = np.where(positive, eigenvalues, np.inf).min(axis=1)[own]
    zeros = fit.df - rank[own]
    differing = (rank[own] > 0) & ((zeros > 0) | (eigenvalues.max(axis=1)[own] - lowest > _SMALLEST_EIGENVALUE))
    tells = enough & differing
    filled = np.where(positive, eigenvalues, 1.0)[own]
    columns = (filled, squares, zeros, np.where(zeros > 0, rest, 0.0), fit.df)
    return _Spectrum(*(column[tells] for column in columns)), tells


def _maximum(spectrum: _Spectrum, grid: Floats, log_likelihood: Floats) -> Floats:
    """Maximum of the likelihood of each feature: the best of the grid, then bisection of the slope beside it."""
    best = log_likelihood.argmax(axis=1)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        rising = spectrum.slope(middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return np.asarray((low + high) / 2)


def _posterior(log_likelihood: Floats) -> tuple[Floats, Floats]:
    """Distribution of the correlation over the grid, of each feature (n_features, n_grid) and over features (n_grid,).

    The distribution over features is found by expectation maximisation. The likelihood is the one that integrates the
    variance over its scale-invariant prior; that it is a maximum over the variance makes no difference.
    """
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    prior = np.full(likelihood.shape[1], 1.0 / likelihood.shape[1])
    for _ in range(_EXPECTATION_STEPS):
        prior = prior * (likelihood.T @ (1.0 / (likelihood @ prior))) / len(likelihood)
    posterior = likelihood * prior
    return posterior / posterior.sum(axis=1, keepdims=True), prior


def _consensus(correlations: Floats, trim: float) -> float:
    ordered = np.sort(np.arctanh(correlations))
    cut = int(len(ordered) * trim)
    return float(np.tanh(ordered[cut : len(ordered) - cut].mean()))
