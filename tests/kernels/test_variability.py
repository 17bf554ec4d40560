from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.variability import geometric_cv, missing_values


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(2)
    table = rng.normal(20.0, 0.4, size=(50, 6))
    table[rng.random(table.shape) < 0.3] = np.nan
    return table


def test_the_coefficient_of_variation_agrees_with_a_plain_loop(values) -> None:
    expected = []
    for row in values:
        known = row[np.isfinite(row)]
        log = np.log(2.0**known)
        expected.append(np.sqrt(np.exp(log.var(ddof=1)) - 1.0) if len(known) >= 2 else np.nan)
    np.testing.assert_allclose(geometric_cv(values), expected, rtol=1e-9)


def test_it_is_that_of_the_lognormal_distribution_of_scipy() -> None:
    sigma = 0.7 * np.log(2.0)
    drawn = np.random.default_rng(1).normal(15.0, 0.7, size=(1, 400_000))
    truth = stats.lognorm(sigma)
    assert geometric_cv(drawn)[0] == pytest.approx(truth.std() / truth.mean(), rel=0.01)


def test_small_scatter_is_the_natural_logarithm_of_the_standard_deviation() -> None:
    np.testing.assert_allclose(geometric_cv(np.array([[10.0, 10.2]])), np.log(2.0) * 0.2 / np.sqrt(2.0), rtol=0.01)


@settings(max_examples=30, deadline=None)
@given(shift=st.floats(-50, 50), seed=st.integers(0, 1000))
def test_neither_level_nor_order_of_samples_matters(shift: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(20, 5))
    values[rng.random(values.shape) < 0.2] = np.nan
    found = geometric_cv(values)
    np.testing.assert_allclose(geometric_cv(values + shift), found, rtol=1e-6)
    np.testing.assert_allclose(geometric_cv(values[:, rng.permutation(5)]), found, rtol=1e-9)


def test_one_value_has_no_scatter_and_equal_values_have_none() -> None:
    found = geometric_cv(np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, 3.0]]))
    assert np.isnan(found).tolist() == [True, True, False]
    assert found[2] == 0.0
    assert np.isnan(geometric_cv(np.ones((2, 1)))).all()


@pytest.mark.parametrize(("n", "too_low"), [(3, 1 / 6), (6, 1 / 14)])
def test_few_samples_give_too_low_a_typical_value_by_what_the_docs_say(n: int, too_low: float) -> None:
    exact = np.sqrt(stats.chi2(n - 1).median() / (n - 1))
    assert 1.0 - exact == pytest.approx(too_low, abs=0.01)
    drawn = np.random.default_rng(3).normal(20.0, 0.05, size=(20_000, n))
    assert np.median(geometric_cv(drawn)) / (np.log(2.0) * 0.05) == pytest.approx(exact, rel=0.02)


def test_missing_values_are_counted() -> None:
    values = np.array([[1.0, 2.0, 3.0], [np.nan, 2.0, 3.0], [np.nan, np.nan, np.nan], [1.0, np.nan, np.nan]])
    assert missing_values(values) == (0.5, 1, 1)
    empty = missing_values(np.empty((3, 0)))
    assert np.isnan(empty.share)
    assert empty[1:] == (0, 0)
    assert missing_values(np.full((2, 2), np.nan)) == (1.0, 0, 2)
