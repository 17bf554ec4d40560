from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from organokine.kernels.quality import (
    mean_centred_level,
    median_correlation,
    principal_components,
    sample_correlation,
    stands_apart,
)


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.normal(17.0, 2.0, size=(200, 1)) + rng.normal(0.0, 0.5, size=(200, 6))


def test_median_correlation_agrees_with_a_plain_loop(values) -> None:
    values[np.random.default_rng(1).random(values.shape) < 0.2] = np.nan
    expected = []
    for sample in range(6):
        found = []
        for other in set(range(6)) - {sample}:
            both = np.isfinite(values[:, sample]) & np.isfinite(values[:, other])
            found.append(np.corrcoef(values[both, sample], values[both, other])[0, 1])
        expected.append(np.median(found))
    np.testing.assert_allclose(median_correlation(values), expected, rtol=1e-12)


def test_median_correlation_survives_shift_and_scale(values) -> None:
    plain = median_correlation(values)
    np.testing.assert_allclose(median_correlation(values * 3.0 + 1e8), plain, rtol=1e-6)


def test_samples_that_cannot_be_compared_have_no_correlation(values) -> None:
    values[:, 0] = np.nan
    values[2:, 1] = np.nan
    values[:, 2] = 5.0
    found = median_correlation(values)
    assert np.isnan(found).tolist() == [True, True, True, False, False, False]
    assert np.isnan(median_correlation(np.empty((0, 3)))).all()


def test_components_rebuild_the_planted_one() -> None:
    rng = np.random.default_rng(3)
    score = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    loading = rng.normal(size=100)
    loading[0] = 10.0
    found = principal_components(17.0 + np.outer(loading, score))
    np.testing.assert_allclose(found.scores[:, 0], score * np.linalg.norm(loading), atol=1e-10)
    np.testing.assert_allclose(found.share[0], 1.0, rtol=1e-12)
    assert np.isnan(found.scores[:, 1]).all()
    assert np.isnan(found.share[1])


def test_sign_does_not_depend_on_the_order_of_features(values) -> None:
    found = principal_components(values)
    np.testing.assert_allclose(principal_components(values[::-1]).scores, found.scores, atol=1e-10)
    np.testing.assert_allclose(principal_components(-values).scores, -found.scores, atol=1e-10)


def test_largest_loading_is_positive() -> None:
    score = np.array([-1.0, 0.0, 1.0])
    loadings = np.array([0.1, 0.1, -5.0, 1.0])
    np.testing.assert_allclose(
        principal_components(np.outer(loadings, score)).scores[:, 0], -score * np.linalg.norm(loadings), atol=1e-12
    )


def test_components_rest_on_complete_features_only(values) -> None:
    values[:150, 0] = np.nan
    found = principal_components(values)
    assert found.n_features == 50
    np.testing.assert_allclose(found.scores, principal_components(values[150:]).scores, atol=1e-10)
    values[150:, 1] = np.nan
    assert np.isnan(principal_components(values).scores).all()


def test_mean_centred_level_of_a_panel_with_missing_values() -> None:
    panel = np.array([[1.0, 2.0, 3.0, np.nan], [10.0, np.nan, 12.0, np.nan], [np.nan, np.nan, np.nan, np.nan]])
    np.testing.assert_allclose(mean_centred_level(panel), [-1.0, 0.0, 1.0, np.nan])
    np.testing.assert_allclose(mean_centred_level(panel + 100.0), mean_centred_level(panel))


def test_what_stands_apart() -> None:
    values = np.array([0.95, 0.96, 0.97, 0.96, 0.95, 0.5, np.nan])
    assert stands_apart(values).tolist() == [False] * 5 + [True, False]
    assert not stands_apart(-values).any()
    assert not stands_apart(values, n_deviations=100.0).any()
    assert not stands_apart(values, least_drop=2.0).any()
    assert not stands_apart(np.array([0.9, 0.1])).any()
    assert stands_apart(np.array([0.9, 0.9, 0.9, 0.1])).tolist() == [False, False, False, True]
    assert not stands_apart(np.array([0.9, 0.9, 0.9, 0.88])).any(), "however alike the others are, this is like them"
    assert not stands_apart(np.ones(5)).any()
    assert stands_apart(np.array([1.0, 1.0, 1.0, 0.99])).tolist() == [False, False, False, True]


def assay(rng: np.random.Generator, n_per_group: int, n_odd: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Median correlations of an assay of two groups, 40 % of the variance in three factors; and which samples have thrice the noise."""
    n, n_features = 2 * n_per_group, 200
    values = rng.normal(20, 2, (n_features, 1)) + rng.normal(0, np.sqrt(0.4 / 3), (n_features, 3)) @ rng.normal(
        size=(3, n)
    )
    values += np.sqrt(0.6) * rng.normal(size=(n_features, n))
    values += np.outer(rng.normal(size=n_features), np.repeat([0.0, 1.0], n_per_group))
    odd = rng.choice(n, n_odd, replace=False)
    values[:, odd] += rng.normal(0, 3, (n_features, n_odd))
    return median_correlation(values), odd


@pytest.mark.parametrize("n_per_group", [3, 4, 6, 8, 12])
def test_a_sample_is_seldom_named_where_none_stands_apart(n_per_group: int) -> None:
    rng = np.random.default_rng(n_per_group)
    clean = [assay(rng, n_per_group)[0] for _ in range(120)]
    most = stats.binom.ppf(1 - 1e-4, len(clean), 0.05)
    assert sum(stands_apart(each).any() for each in clean) <= most
    by_deviations = [stands_apart(each, least_drop=0.0).any() for each in clean]
    assert sum(by_deviations) > most, "deviations alone do not hold it: what the least drop is for"


@pytest.mark.parametrize(("n_per_group", "least"), [(3, 0.85), (6, 0.97), (12, 1.0)])
def test_a_sample_that_stands_apart_is_named(n_per_group: int, least: float) -> None:
    rng = np.random.default_rng(n_per_group)
    found = [stands_apart(values)[odd].all() for values, odd in (assay(rng, n_per_group, 1) for _ in range(60))]
    assert sum(found) >= stats.binom.ppf(1e-4, len(found), least)


def test_sample_correlation_agrees_with_numpy_pair_by_pair(values) -> None:
    values[np.random.default_rng(1).random(values.shape) < 0.2] = np.nan
    found = sample_correlation(values)
    assert np.isnan(np.diag(found)).all()
    np.testing.assert_array_equal(found, found.T)
    for one in range(6):
        for other in range(one):
            both = np.isfinite(values[:, one]) & np.isfinite(values[:, other])
            assert found[one, other] == pytest.approx(np.corrcoef(values[both, one], values[both, other])[0, 1])
    order = np.array([3, 1, 5, 0, 2, 4])
    np.testing.assert_allclose(sample_correlation(values[::-1][:, order]), found[np.ix_(order, order)], rtol=1e-10)
