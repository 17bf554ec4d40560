from __future__ import annotations

import numpy as np
from scipy import stats

from organokine.kernels.correlation import pair_breaking_p, paired_correlation


def residuals(rng: np.random.Generator, n_features: int, groups: np.ndarray) -> np.ndarray:
    values = rng.normal(size=(n_features, len(groups)))
    for group in np.unique(groups):
        values[:, groups == group] -= values[:, groups == group].mean(axis=1, keepdims=True)
    return values


def test_agrees_with_partial_correlation_of_complete_data() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat([0, 1], 8)
    source, target = residuals(rng, 5, groups), residuals(rng, 5, groups)
    found = paired_correlation(source, target, 2)
    for row in range(5):
        expected = stats.pearsonr(source[row], target[row]).statistic
        np.testing.assert_allclose(found.r[row], expected, rtol=1e-12)
    assert (found.df == 13).all()


def test_pairs_with_a_missing_side_do_not_count() -> None:
    rng = np.random.default_rng(1)
    source, target = rng.normal(size=(2, 10)), rng.normal(size=(2, 10))
    source[0, 0], target[0, 1] = np.nan, np.nan
    found = paired_correlation(source, target, 2)
    assert found.n.tolist() == [8, 10]
    left, right = source[0, 2:], target[0, 2:]
    np.testing.assert_allclose(found.r[0], (left @ right) / np.sqrt((left @ left) * (right @ right)), rtol=1e-12)


def test_too_few_pairs_and_constant_rows_are_missing() -> None:
    source = np.array([[1.0, -1.0, np.nan, np.nan], [0.0, 0.0, 0.0, 0.0]])
    target = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])
    assert np.isnan(paired_correlation(source, target, 2).r).all()
    rng = np.random.default_rng(0)
    assert np.isnan(pair_breaking_p(source, target, np.array([0, 0, 1, 1]), 2, rng)).all()


def test_uniform_when_partners_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat([0, 1], 6)
    p = np.concatenate(
        [pair_breaking_p(residuals(rng, 300, groups), residuals(rng, 300, groups), groups, 2, rng) for _ in range(10)]
    )
    assert stats.kstest(p, "uniform").pvalue > 1e-3
    low, high = stats.binom.interval(0.999, len(p), 0.05)
    assert low <= (p < 0.05).sum() <= high


def test_linked_rows_stand_out_and_missing_values_do_not_help() -> None:
    rng = np.random.default_rng(6)
    groups = np.repeat([0, 1], 6)
    source, target = residuals(rng, 500, groups), residuals(rng, 500, groups)
    target[0] = source[0] + 0.2 * target[0]
    target[1] = -source[1]
    source[2, :9] = np.nan
    p = pair_breaking_p(source, target, groups, 2, rng)
    assert p[0] < 1e-3
    assert p[1] > 0.99
    assert np.isnan(p[2])
