from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from organokine.kernels.block_correlation import block_correlation
from organokine.kernels.linear_model import moderated_test

quick = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**32 - 1)

BLOCKS = np.array(["a", "a", "a", "b", "b", "c", "d", "d", "e", "e", "f", "f", "g", "g"])


def simulated(seed: int, n_features: int = 20, correlation: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values with missing ones, a design with a batch and a numeric covariate, and weights."""
    rng = np.random.default_rng(seed)
    n = len(BLOCKS)
    group = (np.arange(n) >= 6).astype(float)
    design = np.column_stack([np.ones(n), group, rng.permutation(group), rng.normal(size=n)])
    weights = rng.gamma(3, 1, (n_features, n))
    between = rng.normal(size=(n_features, 7))[:, np.unique(BLOCKS, return_inverse=True)[1]]
    within = rng.normal(size=(n_features, n))
    values = 20 + (np.sqrt(correlation) * between + np.sqrt(1 - correlation) * within) / np.sqrt(weights)
    values[rng.random(values.shape) < rng.random((n_features, 1)) * 0.3] = np.nan
    return values, design, weights


def restricted_likelihood(y: np.ndarray, design: np.ndarray, weights: np.ndarray, r: float) -> float:
    """By the textbook, with dense matrices."""
    measured = np.isfinite(y)
    x, labels, spread = design[measured], BLOCKS[measured], 1 / np.sqrt(weights[measured])
    covariance = np.where(labels[:, None] == labels, r, 0.0) + (1 - r) * np.eye(len(labels))
    covariance *= np.outer(spread, spread)
    inverse = np.linalg.inv(covariance)
    information = x.T @ inverse @ x
    left = y[measured] - x @ np.linalg.solve(information, x.T @ inverse @ y[measured])
    determinants = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    return float(-0.5 * (determinants + (len(labels) - x.shape[1]) * np.log(left @ inverse @ left)))


@quick
@given(seeds, st.booleans())
def test_each_estimate_is_the_maximum_of_the_restricted_likelihood(seed: int, weighted: bool) -> None:
    values, design, weights = simulated(seed, 8)
    found = block_correlation(values, design, BLOCKS, weights=weights if weighted else None).by_feature
    weights = weights if weighted else np.ones(values.shape)
    for y, w, r in zip(values, weights, found, strict=True):
        measured = np.isfinite(y)
        tells = measured.sum() > 6 and 1 < len(set(BLOCKS[measured])) < measured.sum() - 1
        if np.linalg.matrix_rank(design[measured]) < 4:
            continue
        assert np.isnan(r) or tells
        if np.isnan(r):
            continue

        def loss(other: float, y: np.ndarray = y, w: np.ndarray = w) -> float:
            return -restricted_likelihood(y, design, w, other)

        grid = np.linspace(-0.489, 0.989, 60)
        start = grid[np.argmin([loss(other) for other in grid])]
        bounds = (max(-0.49, start - 0.03), min(0.99, start + 0.03))
        best = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9})
        assert loss(r) <= best.fun + 1e-9
        assert -0.49 <= r <= 0.99


@quick
@given(seeds)
def test_order_shift_scale_and_a_covariate_given_twice_change_nothing(seed: int) -> None:
    values, design, weights = simulated(seed)
    values = np.round(values * 2**20) / 2**20
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(values)), rng.permutation(values.shape[1])
    found = block_correlation(values, design, BLOCKS, weights=weights)
    for again, order in (
        (
            block_correlation(
                values[rows][:, columns], design[columns], BLOCKS[columns], weights=weights[rows][:, columns]
            ),
            rows,
        ),
        (block_correlation(values + 2**20, design, BLOCKS, weights=weights), slice(None)),
        (block_correlation(values * 1e5, design, BLOCKS, weights=weights * 7), slice(None)),
        (block_correlation(values, np.column_stack([design, design[:, 3]]), BLOCKS, weights=weights), slice(None)),
    ):
        np.testing.assert_allclose(again.consensus, found.consensus, atol=1e-6)
        np.testing.assert_allclose(again.by_feature, found.by_feature[order], atol=1e-5)
        np.testing.assert_allclose(again.shrunken, found.shrunken[order], atol=1e-4)


def test_equal_weights_are_no_weights() -> None:
    values, design, _ = simulated(1)
    plain = block_correlation(values, design, BLOCKS)
    weighted = block_correlation(values, design, BLOCKS, weights=np.full(values.shape, 5.0))
    for ours, theirs in zip(weighted, plain, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_the_consensus_is_the_trimmed_mean_of_atanh() -> None:
    values, design, _ = simulated(2, 200)
    found = block_correlation(values, design, BLOCKS, trim=0.15)
    own = np.arctanh(found.by_feature[np.isfinite(found.by_feature)])
    np.testing.assert_allclose(found.consensus, np.tanh(stats.trim_mean(own, 0.15)), rtol=1e-12)


def test_the_true_correlation_is_found() -> None:
    for correlation in (0.0, 0.5, 0.9):
        values, design, weights = simulated(3, 3000, correlation)
        found = block_correlation(values, design, BLOCKS, weights=weights)
        # The mean of atanh of a maximum is not unbiased; this is what is left of it at seven blocks.
        np.testing.assert_allclose(found.consensus, correlation, atol=0.04)
        assert np.nanstd(found.by_feature) > 4 * np.std(found.shrunken)


def test_features_that_cannot_tell_are_nan_and_take_the_mean_of_the_others() -> None:
    values, design, _ = simulated(4, 100)
    values[0] = np.nan
    values[1] = 20.0
    values[2, 6:] = np.nan
    # One sample of each block.
    values[3] = np.where(np.isin(np.arange(14), [0, 3, 5, 6, 8, 10, 12]), values[4], np.nan)
    found = block_correlation(values, design, BLOCKS)
    assert np.isnan(found.by_feature[:4]).all()
    np.testing.assert_array_equal(found.shrunken[:4], found.shrunken[0])
    others = block_correlation(values[4:], design, BLOCKS)
    np.testing.assert_allclose(found.shrunken[4:], others.shrunken, rtol=1e-9)
    np.testing.assert_allclose(found.consensus, others.consensus, rtol=1e-9)
    assert others.shrunken.min() <= found.shrunken[0] <= others.shrunken.max()


def test_where_no_feature_tells_there_is_no_consensus() -> None:
    values, design, _ = simulated(5)
    alone = block_correlation(values, design, np.arange(14))
    in_design = block_correlation(values, np.eye(7)[np.unique(BLOCKS, return_inverse=True)[1]], BLOCKS)
    for found in (alone, in_design):
        assert np.isnan(found.consensus)
        assert np.isnan(found.by_feature).all()
        assert np.isnan(found.shrunken).all()
    with pytest.raises(ValueError, match="first nan"):
        moderated_test(values, design, [0, 1, 0, 0], blocks=BLOCKS, correlation=in_design.consensus)


@pytest.mark.parametrize("trim", [-0.1, 0.5, np.nan])
def test_a_trim_that_leaves_nothing_is_refused(trim: float) -> None:
    values, design, _ = simulated(6)
    with pytest.raises(ValueError, match="trim"):
        block_correlation(values, design, BLOCKS, trim=trim)


N_FEATURES = 20_000


def repeated_samples(seed: int, correlation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two samples of each of four animals in each of two groups that do not differ."""
    rng = np.random.default_rng(seed)
    animal = np.repeat(np.arange(8), 2)
    design = np.column_stack([np.ones(16), animal >= 4])
    sd = np.sqrt(8 / rng.chisquare(8, (N_FEATURES, 1)))
    between, within = rng.normal(size=(N_FEATURES, 8))[:, animal], rng.normal(size=(N_FEATURES, 16))
    return sd * (np.sqrt(correlation) * between + np.sqrt(1 - correlation) * within), design, animal


def called(values: np.ndarray, design: np.ndarray, **options: object) -> int:
    return int(np.sum(moderated_test(values, design, [0, 1], trend=False, robust=False, **options).p < 0.05))


def test_repeated_samples_without_their_block_are_called_too_often_and_with_it_at_the_nominal_rate() -> None:
    values, design, animal = repeated_samples(7, np.full((N_FEATURES, 1), 0.5))
    consensus = block_correlation(values, design, animal).consensus
    low, high = stats.binom.interval(0.999, N_FEATURES, 0.05)
    assert called(values, design) > 2 * high
    assert low <= called(values, design, blocks=animal, correlation=consensus) <= high


def test_estimates_of_single_features_taken_as_known_are_called_too_often() -> None:
    values, design, animal = repeated_samples(8, np.full((N_FEATURES, 1), 0.5))
    found = block_correlation(values, design, animal)
    low, high = stats.binom.interval(0.999, N_FEATURES, 0.05)
    assert called(values, design, blocks=animal, correlation=found.by_feature) > high
    assert low <= called(values, design, blocks=animal, correlation=found.shrunken) <= high


def test_where_correlations_differ_shrunken_ones_are_nearer_to_the_nominal_rate() -> None:
    correlation = np.random.default_rng(9).choice([0.1, 0.9], (N_FEATURES, 1))
    values, design, animal = repeated_samples(10, correlation)
    found = block_correlation(values, design, animal)
    rates = [
        called(values, design, blocks=animal, correlation=given) / N_FEATURES
        for given in (found.shrunken, found.consensus, found.by_feature)
    ]
    assert 0.05 < rates[0] < rates[1] < rates[2] < 0.08
