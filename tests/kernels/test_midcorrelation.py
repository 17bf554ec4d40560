"""Weighed genes: WGCNA's bicor, SciPy's Pearson and Spearman, and ties that a design blurs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from organokine.kernels.midcorrelation import BIWEIGHT_REACH, STATISTICS, biweight, plain, ranks, row_medians
from tests.kernels.conftest import Golden


def correlations(left: np.ndarray, right: np.ndarray, statistic: str) -> np.ndarray:
    """Dot products of weighed rows of unit length; NaN for a row that does not vary."""
    with np.errstate(invalid="ignore"):
        one, other = (
            weighed / np.linalg.norm(weighed, axis=1, keepdims=True)
            for weighed in (STATISTICS[statistic](rows).values for rows in (left, right))
        )
    return one @ other.T


@pytest.fixture
def sides(golden) -> tuple[Golden, np.ndarray, np.ndarray]:
    """The golden, and its complete sources and targets."""
    case = golden("wgcna_bicor")
    values = case.input.filter(like="complete").to_numpy()
    source = case.input.index.str.startswith("s")
    return case, values[source], values[~source]


def test_bicor_is_wgcnas(sides) -> None:
    case, source, target = sides
    expected = case.expected.filter(like="complete.")
    found = correlations(source, target, "bicor")
    case.check(expected.assign(**dict(zip(expected, found.T, strict=True))), list(expected))
    np.testing.assert_array_equal(np.flatnonzero(biweight(source).fallback), [2, 3, 5])
    np.testing.assert_array_equal(np.flatnonzero(biweight(target).fallback), [2, 3, 5])


@pytest.mark.parametrize(("statistic", "oracle"), [("pearson", stats.pearsonr), ("spearman", stats.spearmanr)])
@pytest.mark.parametrize("missing", [0, 6])
def test_pearson_and_spearman_are_scipys(sides, statistic, oracle, missing) -> None:
    """Sources and a target with the same individuals missing, so that both sides rank the same ones."""
    _, source, target = sides
    hole = np.arange(source.shape[1]) < missing
    varying = np.delete(np.arange(len(source)), 5)
    for i in varying:
        right = target[i].copy()
        left = source[i].copy()
        left[hole], right[hole] = np.nan, np.nan
        one, other = STATISTICS[statistic](np.stack([left, right])).values
        np.testing.assert_array_equal(np.isnan(one), hole)
        found = np.nansum(one * other) / np.sqrt(np.nansum(one**2) * np.nansum(other**2))
        assert found == pytest.approx(oracle(left[~hole], right[~hole]).statistic, abs=1e-13)


rows = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=st.integers(-50, 50).map(float))


@settings(max_examples=100, deadline=None)
@given(rows, st.integers(0, 2**32 - 1))
def test_medians_are_numpys(values, seed) -> None:
    holes = np.random.default_rng(seed).random(values.shape) < 0.3
    values[holes] = np.nan
    expected = [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in values]
    np.testing.assert_array_equal(row_medians(values), expected)


@settings(max_examples=100, deadline=None)
@given(arrays(float, 15, elements=st.floats(-8, 8, width=32)), st.floats(0.1, 10), st.floats(-20, 20))
def test_scale_and_shift_change_nothing(values, scale, shift) -> None:
    """Correlations of log2 and of any other unit of it are the same, whatever the statistic."""
    values = np.round(values, 3)
    for weigh in (biweight, plain, ranks):
        one = weigh(values[None]).values
        other = weigh(scale * values[None] + shift).values
        expected = one if weigh is ranks else scale * one
        np.testing.assert_allclose(other, expected, rtol=0, atol=1e-8 * (1 + scale))


def test_missing_values_and_rows_without_values() -> None:
    values = np.array([[np.nan] * 5, [1, np.nan, 2, 5, 3], [np.nan, np.nan, 7, np.nan, np.nan]])
    for weigh in STATISTICS.values():
        found = weigh(values)
        np.testing.assert_array_equal(np.isnan(found.values), np.isnan(values))
        np.testing.assert_allclose(found.values[2, 2], 0)
    assert biweight(values).fallback.tolist() == [True, False, True]


def test_a_value_beyond_the_reach_counts_nothing() -> None:
    values = np.concatenate([np.arange(-5.0, 6.0), [100.0]])[None]
    centre = np.median(values)
    reach = BIWEIGHT_REACH * np.median(np.abs(values - centre))
    found = biweight(values).values[0]
    assert found[-1] == 0
    np.testing.assert_allclose(found[:-1], ((values - centre) * (1 - ((values - centre) / reach) ** 2) ** 2)[0, :-1])


@pytest.mark.parametrize("noise", [0.0, 1e-15])
def test_ties_blurred_by_rounding_are_ties(noise) -> None:
    """A gene that is not expressed in most individuals, once a design was taken out of it."""
    rng = np.random.default_rng(2)
    values = np.concatenate([np.zeros(12), rng.normal(size=8)])[None]
    blurred = values + noise * rng.normal(size=values.shape)
    assert biweight(blurred).fallback.tolist() == [True]
    np.testing.assert_allclose(biweight(blurred).values, plain(values).values, atol=1e-14)
    np.testing.assert_allclose(ranks(blurred).values, ranks(values).values)
