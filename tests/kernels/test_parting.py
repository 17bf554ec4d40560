"""Area under the curve: its definition, its interval, and what it covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.parting import area_under_curve

values = st.lists(st.integers(-5, 5), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None)
@given(values, values)
def test_the_area_is_the_share_of_pairs(case: list[int], control: list[int]) -> None:
    found = area_under_curve(case, control)
    pairs = np.subtract.outer(case, control)
    assert found.area == pytest.approx(np.mean((pairs > 0) + 0.5 * (pairs == 0)))
    assert found.area == pytest.approx(stats.mannwhitneyu(case, control).statistic / pairs.size)
    assert 0 <= found.low <= found.area <= found.high <= 1


@settings(max_examples=40, deadline=None)
@given(values, values)
def test_the_other_way_round_it_is_one_less_the_area(case: list[int], control: list[int]) -> None:
    there, back = area_under_curve(case, control), area_under_curve(control, case)
    np.testing.assert_allclose(back, (1 - there.area, 1 - there.high, 1 - there.low), atol=1e-9)


def test_groups_that_do_not_overlap_have_an_interval() -> None:
    found = area_under_curve([4, 5, 6, 7], [0, 1, 2, 3])
    assert (found.area, found.high) == (1.0, 1.0)
    assert 0.4 < found.low < 0.9
    assert area_under_curve(np.arange(40) + 50, np.arange(40)).low > found.low


def test_what_was_not_measured_is_left_out_and_too_few_give_nothing() -> None:
    assert area_under_curve([1, 2, 3, np.nan], [0, 1, 5]) == area_under_curve([1, 2, 3], [0, 1, 5])
    assert np.isnan(area_under_curve([1, 2, np.nan], [0, 1, 5])).all()


@pytest.mark.parametrize(("n", "shift"), [(5, 0.0), (8, 1.0), (20, 0.5)])
def test_the_interval_covers_the_truth(n: int, shift: float) -> None:
    rng = np.random.default_rng(n)
    truth = stats.norm.cdf(shift / np.sqrt(2))
    found = [area_under_curve(rng.normal(shift, 1, n), rng.normal(0, 1, n)) for _ in range(400)]
    covered = sum(each.low <= truth <= each.high for each in found)
    assert stats.binomtest(covered, 400, 0.95, alternative="less").pvalue > 0.01
