from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from organokine.errors import DataError
from organokine.phenotype.models import contrast_of, mean_difference, ordinary

SETS = ["small", "equal", "unequal", "far"]


def test_tests_and_sizes_are_those_of_r(golden) -> None:
    case = golden("two_groups")
    case.expected = case.expected.loc[SETS]
    rows = []
    for name in SETS:
        values = case.input[case.input["set"] == name]
        found = mean_difference(*[values.value[values.group == group] for group in ("case", "control")])
        welch, equal = found.welch, found.equal_variance
        row = dict(zip(("welch_df", "welch_t", "welch_p", "welch_low", "welch_high"), welch[2:], strict=True))
        row |= dict(zip(("df", "t", "p", "low", "high"), equal[2:], strict=True))
        rows.append({**row, "g": found.hedges_g, "g_low": found.g_low, "g_high": found.g_high})
    case.check(pd.DataFrame(rows, index=case.expected.index), list(rows[0]))


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(2, 9))
def test_equal_variances_are_the_linear_model_and_groups_swap(seed: int, n_case: int, n_control: int) -> None:
    rng = np.random.default_rng(seed)
    case, control = rng.normal(1, 2, n_case), rng.normal(0, 2, n_control)
    found, swapped = mean_difference(case, control), mean_difference(control, case)
    group = np.repeat([1.0, 0.0], [n_case, n_control])
    linear = contrast_of(ordinary(np.append(case, control), np.column_stack([np.ones(len(group)), group])), [0, 1])
    np.testing.assert_allclose(found.equal_variance, linear, rtol=1e-6, atol=1e-9)
    assert swapped.welch.estimate == -found.welch.estimate
    assert swapped.g_low == pytest.approx(-found.g_high, abs=1e-6)
    assert found.g_low < found.hedges_g < found.g_high


def test_the_bootstrap_interval_is_scipys_and_only_of_enough_animals() -> None:
    rng = np.random.default_rng(3)
    case, control = rng.exponential(2, 9), rng.exponential(1, 7)

    def difference(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        return x.mean(axis=axis) - y.mean(axis=axis)

    ours = mean_difference(case, control, rng=np.random.default_rng(0), n_resamples=40_000)
    theirs = bootstrap(
        (case, control), difference, n_resamples=40_000, method="BCa", random_state=np.random.default_rng(1)
    )
    interval = theirs.confidence_interval
    np.testing.assert_allclose([ours.bootstrap_low, ours.bootstrap_high], interval, atol=0.08 * theirs.standard_error)
    again = mean_difference(case, control, rng=np.random.default_rng(0), n_resamples=40_000)
    assert again == ours
    for options in ({}, {"rng": rng, "fewest_for_bootstrap": 8}):
        assert np.isnan(mean_difference(case, control, **options).bootstrap_low)


def test_what_cannot_be_compared_is_refused_with_the_reason() -> None:
    with pytest.raises(DataError, match="1 animals") as caught:
        mean_difference([1.0, np.nan], [np.inf, 1, 2])
    assert len(caught.value.problems) == 2
    with pytest.raises(DataError, match="no group varies"):
        mean_difference([1, 1], [2, 2])
    assert mean_difference([1, np.nan, 3], [2, 2]).n_not_measured == 1
