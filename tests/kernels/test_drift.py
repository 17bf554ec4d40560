from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.drift import drift

ONE = np.zeros(10)


def test_a_drift_is_found_with_its_size() -> None:
    order = np.arange(10.0)
    found = drift(order, 3 - 0.5 * order, ONE)
    assert (found.n, found.change, found.tau) == (10, pytest.approx(-4.5), -1)
    assert found.p == pytest.approx(2 / 3628800)


@pytest.mark.parametrize("n", [3, 5, 9, 30])
def test_without_ties_it_is_the_exact_test_of_kendall(n: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.permutation(n) * 2.5, rng.normal(size=n)
    oracle = stats.kendalltau(x, y, method="exact")
    slope = stats.theilslopes(y, x).slope
    found = drift(x, y, np.zeros(n))
    assert (found.tau, found.p) == (pytest.approx(oracle.statistic), pytest.approx(oracle.pvalue))
    assert found.change == pytest.approx(slope * np.ptp(x))


def test_groups_are_shuffled_apart() -> None:
    """Exact p against all orders of two small groups."""
    groups = np.array([0, 0, 0, 0, 1, 1, 1])
    order = np.array([1.0, 4, 6, 7, 2, 3, 5])
    values = np.array([0.1, 0.5, 0.3, 0.9, 7.2, 7.1, 7.7])

    def concordance(y: np.ndarray) -> float:
        return sum(
            np.sign((order[i] - order[j]) * (y[i] - y[j])) for i in range(7) for j in range(i) if groups[i] == groups[j]
        )

    everything = [
        concordance(np.array([*first, *second]))
        for first in permutations(values[:4])
        for second in permutations(values[4:])
    ]
    expected = np.mean(np.abs(everything) >= abs(concordance(values)))
    assert drift(order, values, groups).p == pytest.approx(expected)


def test_groups_run_one_after_the_other_are_no_drift() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1], 10)
    p = [drift(np.arange(20.0), rng.normal(size=20) + 100 * groups, groups).p for _ in range(1000)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize("n", [8, 80])
def test_no_drift_is_called_as_often_as_announced(n: int) -> None:
    """Exact with 8 runs, normal with 80; rounding to few values makes ties, where p may only be too large."""
    rng = np.random.default_rng(n)
    for digits, lowest in ((9, 0.03), (0, 0.005)):
        values = np.round(rng.normal(size=(600, n)), digits)
        p = np.array([drift(np.arange(float(n)), row, np.zeros(n)).p for row in values])
        assert lowest <= np.mean(p < 0.05) <= 0.07


def test_the_variance_of_ties_is_that_of_scipy() -> None:
    x = np.array([1.0, 1, 2, 3, 3, 3, 4, 5, 6, 6])
    y = np.array([2.0, 1, 1, 4, 3, 3, 3, 6, 5, 7])
    z = stats.norm.isf(stats.kendalltau(x, y, method="asymptotic").pvalue / 2)
    concordance = 2 * stats.kendalltau(x, y, method="asymptotic").statistic
    found = drift(x, y, ONE)
    signs = np.sign((x[:, None] - x) * (y[:, None] - y)).sum() / 2
    expected = 2 * stats.norm.sf(z * (signs - 1) / signs)
    assert concordance > 0
    assert found.p == pytest.approx(expected)


def test_exact_and_normal_agree_where_one_takes_over() -> None:
    rng = np.random.default_rng(1)
    values = np.arange(60) * 0.02 + rng.normal(size=60)
    exact = drift(np.arange(60.0), values, np.zeros(60)).p
    normal = drift(np.arange(60.0), values, np.zeros(60), most_exact=10).p
    assert 0.001 < exact < 0.2
    assert normal == pytest.approx(exact, rel=0.05)


def test_missing_values_and_nothing_to_compare() -> None:
    order = np.array([1.0, 2, np.nan, 4, 5])
    values = np.array([1.0, np.nan, 3, 2, 4])
    assert drift(order, values, ONE[:5]) == drift(order[[0, 3, 4]], values[[0, 3, 4]], ONE[:3])
    for nothing in (
        drift(order, values, np.arange(5)),
        drift(np.full(5, np.nan), values, ONE[:5]),
        drift(ONE, ONE, ONE),
    ):
        assert np.isnan([nothing.change, nothing.tau, nothing.p]).all()
    assert drift(order, ONE[:5], ONE[:5]).p == 1.0


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 2)), max_size=12))
def test_p_is_a_share_and_a_reversed_order_is_the_reversed_drift(rows: list[tuple[int, int, int]]) -> None:
    x, y, group = (np.array([row[part] for row in rows], dtype=float) for part in range(3))
    found, reversed_ = drift(x, y, group), drift(-x, y, group)
    assert np.isnan(found.p) or 0 < found.p <= 1
    np.testing.assert_allclose(
        [reversed_.change, reversed_.tau, reversed_.p], [-found.change, -found.tau, found.p], equal_nan=True
    )
