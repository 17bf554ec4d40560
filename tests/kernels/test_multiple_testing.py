from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from organokine.kernels.multiple_testing import benjamini_hochberg, storey_q

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


def test_storey_is_that_of_qvalue(golden) -> None:
    case = golden("qvalue")
    q, share = storey_q(case.input["p"], cuts=np.arange(1, 20) / 20, finite_sample=False)
    table = pd.DataFrame({"q_bootstrap": q, "share_null_bootstrap": share}, index=case.input.index)
    case.check(table, list(table))


def test_storey_finds_the_cut_of_least_error_by_brute_force() -> None:
    rng = np.random.default_rng(3)
    p = np.concatenate([rng.random(300), rng.beta(0.2, 5, 100)])
    cuts = [0.2, 0.5, 0.8]
    shares = [sum(x >= cut for x in p) / (400 * (1 - cut)) for cut in cuts]
    low = np.quantile(shares, 0.1)
    # The variance of a binomial share, and the square of what lies above the low end.
    errors = [
        s * (1 - cut) * (1 - s * (1 - cut)) / (400 * (1 - cut) ** 2) + (s - low) ** 2
        for s, cut in zip(shares, cuts, strict=True)
    ]
    best = int(np.argmin(errors))
    expected = shares[best] + 1 / (400 * (1 - cuts[best]))
    assert storey_q(p, cuts=cuts).share_null == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(storey_q(p, cuts=cuts).q, expected * benjamini_hochberg(p))


@quick
@given(p_values, st.booleans())
def test_storey_never_exceeds_one_nor_reaches_zero(p: np.ndarray, repeat: bool) -> None:
    p = np.concatenate([np.tile(p, 20 if repeat else 1), [np.nan]])
    q, share = storey_q(p, least_tests=20)
    assert 0 < share <= 1
    np.testing.assert_array_equal(q, share * benjamini_hochberg(p))
    shuffled = np.random.default_rng(0).permutation(len(p))
    np.testing.assert_array_equal(storey_q(p[shuffled], least_tests=20).q, q[shuffled])


def test_storey_of_few_or_conservative_or_no_tests_is_benjamini_hochberg() -> None:
    rng = np.random.default_rng(5)
    few = rng.beta(0.2, 5, 99)
    conservative = np.sqrt(rng.random(1000))
    for p in (few, conservative, np.ones(200), np.array([]), np.array([np.nan])):
        q, share = storey_q(p)
        assert share == 1
        np.testing.assert_array_equal(q, benjamini_hochberg(p))
    assert storey_q(np.append(few, 0.5)).share_null < 1


@pytest.mark.parametrize("cuts", [[1.0], [-0.1], [], [np.nan]])
def test_storey_refuses_what_is_no_cut(cuts: list[float]) -> None:
    with pytest.raises(ValueError, match="cuts"):
        storey_q([0.1, 0.2], cuts=cuts)


@pytest.mark.parametrize("n_tests", [100, 300])
def test_storeys_false_discovery_rate_is_controlled(n_tests: int) -> None:
    rng = np.random.default_rng(6)
    false = np.zeros(600)
    for study in range(600):
        truth = rng.random(n_tests) < 0.4
        p = 2 * stats.norm.sf(np.abs(rng.normal(3.0 * truth)))
        rejected = storey_q(p).q <= 0.1
        false[study] = (rejected & ~truth).sum() / max(1, rejected.sum())
    assert false.mean() < 0.1 + 3 * false.std() / np.sqrt(600)
    # The share of true nulls is 0.6: more is spent of the rate than the 0.06 of Benjamini and Hochberg.
    assert false.mean() > 0.075
