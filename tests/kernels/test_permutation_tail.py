"""p against draws, and the tail where they end: against distributions whose tail is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.permutation_tail import LEAST_EXCEEDANCES, permutation_p, tail_p

DRAWS = 2000


def test_draws_as_large_are_counted_with_the_observed_one() -> None:
    draws = [3.0, 1.0, 2.0, 2.0]
    np.testing.assert_array_equal(permutation_p([0, 1, 2, 2.5, 3, 4], draws), np.array([5, 5, 4, 2, 2, 1]) / 5)
    assert permutation_p(2.0, draws) == 0.8
    assert permutation_p(np.inf, draws) == 0.2
    np.testing.assert_array_equal(permutation_p([[np.nan], [9.0]], draws), [[np.nan], [0.2]])
    np.testing.assert_array_equal(permutation_p([1.0, np.nan], []), [1.0, np.nan])


numbers = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(numbers, numbers)
def test_p_is_the_definition(observed, draws) -> None:
    expected = [(1 + sum(draw >= value for draw in draws)) / (1 + len(draws)) for value in observed]
    found = permutation_p(observed, draws)
    np.testing.assert_array_equal(found, expected)
    assert found.min() > 0


def test_p_of_one_more_draw_is_uniform() -> None:
    """Of every rank there is exactly one: p at or below a level has that probability."""
    draws = np.random.default_rng(1).normal(size=100)
    p = [permutation_p(draws[i], np.delete(draws, i)) for i in range(100)]
    np.testing.assert_allclose(np.sort(p), np.arange(1, 101) / 100)


def extrapolated(null, p: float) -> np.ndarray:
    """Of the value with this exact p, for 15 sets of draws, as a multiple of it."""
    value = null.isf(p)
    sets = (null.rvs(DRAWS, random_state=np.random.default_rng(seed)) for seed in range(15))
    return np.array([float(tail_p(value, draws).extrapolated) for draws in sets]) / p


@pytest.mark.parametrize(
    ("null", "too_large"), [(stats.expon(), 2), (stats.chi2(3), 2), (stats.gamma(20), 5), (stats.norm(), 5)]
)
def test_ten_times_beyond_the_draws(null, too_large) -> None:
    """Sums of -ln p have tails like the first ones. The others fall faster at first, so that p is too large, never too small."""
    found = extrapolated(null, 0.1 / DRAWS)
    assert np.isfinite(found).all()
    assert 0.7 < np.median(found) < too_large
    assert found.min() > 0.1


@pytest.mark.parametrize("null", [stats.expon(), stats.gamma(20), stats.norm()])
def test_at_the_last_draw(null) -> None:
    assert 0.5 < np.median(extrapolated(null, 1 / DRAWS)) < 2


def test_a_tail_that_ends_is_not_believed_to() -> None:
    """Beyond the end of a bounded null p is zero, which no draws can show; here it is small, and never zero."""
    null = stats.beta(2, 5)
    assert np.nanmin(extrapolated(null, 0.1 / DRAWS)) > 1
    beyond = tail_p(2.0, null.rvs(DRAWS, random_state=np.random.default_rng(3))).extrapolated
    assert 0 < beyond < 1e-4


def test_a_heavy_tail_is_seen() -> None:
    found = extrapolated(stats.t(3), 0.1 / DRAWS)
    assert 0.4 < np.median(found) < 2.5


def test_only_where_draws_are_few() -> None:
    draws = np.arange(DRAWS) / DRAWS + np.random.default_rng(2).exponential(size=DRAWS)
    ordered = np.sort(draws)
    # As large as the tenth and the ninth largest draw, beyond all of them, and far beyond.
    values = [0.0, ordered[-LEAST_EXCEEDANCES], ordered[-LEAST_EXCEEDANCES + 1], ordered[-1] + 1, 1e6, np.nan]
    found = tail_p(values, draws)
    np.testing.assert_array_equal(np.isnan(found.extrapolated), [True, True, False, False, False, True])
    np.testing.assert_array_equal(np.isnan(found.p), [False] * 5 + [True])
    needed = found.extrapolated[2:5]
    assert (np.diff(needed) < 0).all()
    assert needed.min() > 0
    assert (found.extrapolated <= found.p)[2:5].all()
    assert found.extrapolated[2] > found.p[2] / 3


@pytest.mark.parametrize(
    "draws",
    [
        np.ones(DRAWS),
        np.repeat([0.0, 1.0], [DRAWS - 300, 300]),
        np.concatenate([np.linspace(0, 1, DRAWS - 30), np.linspace(50, 51, 30)]),
        np.random.default_rng(4).normal(size=900),
        np.array([]),
    ],
    ids=["constant", "two values", "two heaps", "few", "none"],
)
def test_no_tail_where_none_fits(draws) -> None:
    found = tail_p([60.0, 0.5], draws)
    assert np.isnan(found.extrapolated).all()
    np.testing.assert_array_equal(found.p, permutation_p([60.0, 0.5], draws))


def test_shapes() -> None:
    draws = np.random.default_rng(5).exponential(size=DRAWS)
    for values in (20.0, np.full((2, 3), 20.0), np.zeros((0,))):
        found = tail_p(values, draws)
        assert found.p.shape == found.extrapolated.shape == np.shape(values)
        assert np.isfinite(found.extrapolated).all()
