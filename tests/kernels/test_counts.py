from __future__ import annotations

import numpy as np
import pytest

from organokine.kernels.counts import expressed, log2_cpm, tmm_factors, voom_weights


def simulated(seed: int = 1, n_features: int = 400, n_samples: int = 8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mean = np.outer(rng.gamma(0.5, 100, n_features), rng.uniform(0.5, 2, n_samples))
    return rng.negative_binomial(10, 10 / (10 + mean)).astype(float)


def test_a_library_sequenced_twice_as_deep_keeps_its_factor() -> None:
    counts = simulated()
    counts = counts[(counts > 0).all(axis=1)]
    deeper = counts * np.array([1, 2, 1, 4, 1, 1, 1, 1])
    np.testing.assert_allclose(tmm_factors(deeper), tmm_factors(counts), rtol=0.02)


def test_a_few_huge_features_lower_the_effective_library() -> None:
    counts = np.tile(simulated(2)[:, :1], (1, 4)) + 5.0
    np.testing.assert_allclose(tmm_factors(counts), 1.0)
    counts[:3, 0] += counts[:, 0].sum() / 3
    factors = tmm_factors(counts)
    size = counts.sum(axis=0)
    np.testing.assert_allclose((size * factors)[0] / (size * factors)[1], 1.0, rtol=1e-6)


def test_degenerate_libraries_have_factors() -> None:
    np.testing.assert_array_equal(tmm_factors(np.zeros((5, 3))), 1)
    np.testing.assert_array_equal(tmm_factors(np.ones((5, 1))), 1)
    counts = simulated(3)
    counts[:, 0] = 0
    factors = tmm_factors(counts)
    assert np.all(np.isfinite(factors) & (factors > 0))
    damaged = simulated(3)
    damaged[0, 0] = np.nan
    np.testing.assert_array_equal(tmm_factors(damaged), tmm_factors(simulated(3)[1:]))


def test_log2_cpm_of_known_counts() -> None:
    np.testing.assert_allclose(log2_cpm([[0.0, 7.5, np.nan]], [999_999.0, 499_999.0, 10.0]), [[-1.0, 4.0, np.nan]])


def test_expressed_asks_for_the_smaller_group() -> None:
    size = np.full(6, 2e6)
    counts = np.array([[10, 10, 10, 0, 0, 0], [10, 10, 9, 0, 0, 0], [9, 9, 9, 9, 9, 9], [np.nan, 10, 10, 0, 0, 0]])
    np.testing.assert_array_equal(expressed(counts, 3, size), [True, False, False, False])
    np.testing.assert_array_equal(expressed(counts, 3, size, minimum_count=9), [True, True, True, False])


def test_rounding_does_not_decide_about_exactly_the_minimum() -> None:
    for median in range(1_000_001, 1_000_201):
        size = np.array([median, median, 3 * median, 7 * median], dtype=float)
        size = np.append(size, median / 2)
        assert expressed([[10, 10, 30, 70, 5]], 5, size)[0], median


def test_voom_weighs_large_counts_more_and_does_not_mind_missing_ones() -> None:
    rng = np.random.default_rng(4)
    counts = rng.poisson(np.geomspace(2, 2000, 300)[:, None], (300, 8)).astype(float)
    design = np.column_stack([np.ones(8), np.repeat([0, 1], 4)])
    size = counts.sum(axis=0)
    weights = voom_weights(counts, design, size).weights
    assert np.median(weights[250:]) > 20 * np.median(weights[:50])
    counts[5, 2] = np.nan
    voom = voom_weights(counts, design, size)
    np.testing.assert_array_equal(np.isnan(voom.weights), np.isnan(counts))
    np.testing.assert_allclose(voom.weights[100:], weights[100:], rtol=0.05)


@pytest.mark.parametrize("n_features", [0, 1])
def test_voom_without_a_trend_weighs_all_alike(n_features: int) -> None:
    voom = voom_weights(np.full((n_features, 4), 5.0), np.ones((4, 1)), np.full(4, 100.0))
    np.testing.assert_array_equal(voom.weights, np.ones((n_features, 4)))


def test_counts_without_scatter_get_finite_weights() -> None:
    constant = np.tile(np.array([[10.0], [200.0], [3000.0]]), (1, 6))
    design = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    weights = voom_weights(constant, design, constant.sum(axis=0)).weights
    np.testing.assert_array_equal(weights, weights[0, 0])
    mixed = np.vstack([constant, np.random.default_rng(1).poisson(500, (40, 6))])
    assert np.isfinite(voom_weights(mixed, design, mixed.sum(axis=0)).weights).all()
