from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.kernels.partial_conjunction import adaptive_filter, max_p

probabilities = arrays.arrays(float, (12, 2), elements=st.floats(1e-9, 1.0))
positive = arrays.arrays(float, 12, elements=st.floats(0.05, 2.0))


def plain_adaptive_filter(p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The definition, threshold by threshold."""
    ordered = np.sort(p, axis=1)
    selection, filtering = ordered[:, -1] / weights, ordered[:, -2] / weights
    proportions = {
        threshold: threshold
        * weights[filtering <= threshold * (1 + 1e-12)].sum()
        / (selection <= threshold * (1 + 1e-12)).sum()
        for threshold in selection
    }
    return np.array([min([1.0, *(v for t, v in proportions.items() if t * (1 + 1e-12) >= own)]) for own in selection])


@settings(max_examples=60, deadline=None)
@given(probabilities, positive)
def test_agrees_with_the_definition(p: np.ndarray, weights: np.ndarray) -> None:
    np.testing.assert_allclose(adaptive_filter(p, weights), plain_adaptive_filter(p, weights), rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(probabilities, positive, st.floats(0.01, 100.0))
def test_only_ratios_of_weights_matter(p: np.ndarray, weights: np.ndarray, factor: float) -> None:
    np.testing.assert_allclose(adaptive_filter(p, weights), adaptive_filter(p, weights * factor), rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(probabilities)
def test_one_arm_is_benjamini_hochberg(p: np.ndarray) -> None:
    np.testing.assert_allclose(adaptive_filter(p[:, :1], np.ones(12)), benjamini_hochberg(p[:, 0]), rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(probabilities, positive)
def test_order_of_rows_and_arms_does_not_matter(p: np.ndarray, weights: np.ndarray) -> None:
    order = np.random.default_rng(0).permutation(12)
    np.testing.assert_allclose(
        adaptive_filter(p[order], weights[order]), adaptive_filter(p, weights)[order], rtol=1e-12
    )
    np.testing.assert_array_equal(adaptive_filter(p[:, ::-1], weights), adaptive_filter(p, weights))


def test_what_was_not_asked_is_missing_and_changes_nothing() -> None:
    p = np.array([[1e-6, 1e-5], [0.2, 0.9], [np.nan, 1e-9], [1e-9, 1e-9]])
    weights = np.array([1.0, 1.0, 1.0, 0.0])
    for procedure in (adaptive_filter, max_p):
        q = procedure(p, weights)
        assert np.isnan(q[2:]).all()
        np.testing.assert_array_equal(q[:2], procedure(p[:2], weights[:2]))
    assert np.isnan(adaptive_filter(p[2:], weights[2:])).all()


@pytest.mark.parametrize(("n_strong_source", "n_strong_target"), [(0, 0), (400, 0), (0, 400), (200, 0)])
def test_a_null_conjunction_is_seldom_claimed(n_strong_source: int, n_strong_target: int) -> None:
    rng = np.random.default_rng(7)
    n_studies, alpha, false = 600, 0.1, 0
    for _ in range(n_studies):
        z = rng.normal(size=(400, 2))
        z[:n_strong_source, 0] += 5.0
        z[:n_strong_target, 1] += 5.0
        p = 2 * stats.norm.sf(np.abs(z))
        false += bool((adaptive_filter(p, np.ones(400)) <= alpha).any())
    assert false <= stats.binom.ppf(0.999, n_studies, alpha)


def test_finds_more_than_the_maximum_p() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(2000, 2))
    z[:60] += 3.0
    p = stats.norm.sf(z)
    found = (adaptive_filter(p, np.ones(2000)) <= 0.1).sum()
    reference = (max_p(p, np.ones(2000)) <= 0.1).sum()
    assert found > 2 * reference


def test_a_tie_stays_a_tie_whatever_the_scale_of_the_weights() -> None:
    p = np.array([[0.3, 0.3], [0.3, 0.05], [0.2, 0.6]])
    weights = np.array([1.0, 3.0, 2.0])
    for factor in (0.1, 0.7, 1 / 3, 49.0):
        np.testing.assert_allclose(adaptive_filter(p, weights * factor), adaptive_filter(p, weights), rtol=1e-9)
