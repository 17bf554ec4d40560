from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from organokine.kernels.multiple_testing import benjamini_hochberg

quick = settings(max_examples=25, deadline=None)
p_values = arrays.arrays(float, st.integers(1, 40), elements=st.floats(0, 1))


def test_of_the_example_of_the_paper() -> None:
    # Benjamini and Hochberg 1995, section 4.1: at 5 % the first four of these are rejected.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    assert list(benjamini_hochberg(p) <= 0.05) == [True] * 4 + [False] * 11


@quick
@given(p_values)
def test_agrees_with_scipy(p: np.ndarray) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p), rtol=1e-12)


@quick
@given(p_values)
def test_is_monotone_at_least_p_and_equal_for_ties(p: np.ndarray) -> None:
    p = np.concatenate([p, p])
    q = benjamini_hochberg(p)
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(q[order]) >= 0)
    assert np.all((q >= p * (1 - 1e-12)) & (q <= 1))
    np.testing.assert_array_equal(q[: len(p) // 2], q[len(p) // 2 :])


@quick
@given(p_values)
def test_nan_stays_and_does_not_count(p: np.ndarray) -> None:
    q = benjamini_hochberg(np.concatenate([[np.nan], p, [np.nan]]))
    assert np.isnan(q[[0, -1]]).all()
    np.testing.assert_array_equal(q[1:-1], benjamini_hochberg(p))


@quick
@given(p_values, st.floats(0.01, 100))
def test_equal_weights_are_none(p: np.ndarray, weight: float) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p, np.full(p.shape, weight)), benjamini_hochberg(p), rtol=1e-9)


def test_weights_divide_p_after_scaling_to_mean_one() -> None:
    q = benjamini_hochberg([0.01, 0.02, 0.5, np.nan], [3.0, 1.0, 0.0, 1000.0])
    # Relative weights 9/4, 3/4, 0: weighted p 0.00444, 0.02667, infinite.
    np.testing.assert_allclose(q, [3 * 0.01 * 4 / 9, 1.5 * 0.02 * 4 / 3, 1.0, np.nan])


def test_nothing_tested_gives_nothing() -> None:
    assert benjamini_hochberg([]).shape == (0,)
    assert np.isnan(benjamini_hochberg([np.nan, np.nan], [1.0, 1.0])).all()


@pytest.mark.parametrize(
    ("p", "weights"), [([-0.1], None), ([1.1], None), ([0.5], [-1.0]), ([0.5], [np.nan]), ([0.5], [0.0])]
)
def test_refuses_what_is_no_probability_or_weight(p: list[float], weights: list[float] | None) -> None:
    with pytest.raises(ValueError, match=r"must|all zero"):
        benjamini_hochberg(p, weights)


def test_weighted_false_discovery_rate_is_controlled() -> None:
    rng = np.random.default_rng(1)
    false, found = np.zeros(400), np.zeros(400)
    for study in range(400):
        truth = rng.random(200) < 0.1
        p = np.where(truth, stats.norm.sf(rng.normal(3, 1, 200)), rng.random(200))
        weights = np.where(truth & (rng.random(200) < 0.7), 3.0, rng.choice([0.5, 1.0], 200))
        rejected = benjamini_hochberg(p, weights) <= 0.1
        found[study] = rejected.sum()
        false[study] = (rejected & ~truth).sum() / max(1, rejected.sum())
    assert false.mean() < 0.1 + 3 * false.std() / 20
    assert found.mean() > 5
