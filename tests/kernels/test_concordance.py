from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from organokine.kernels.concordance import overlap_map, quadrants, rank_correlations

whole = arrays(np.float64, (12, 3), elements=st.integers(-3, 3).map(float))


@settings(max_examples=30)
@given(whole)
def test_rank_correlation_is_that_of_scipy_ties_or_not(table: np.ndarray) -> None:
    reference = table[:, 0] + 0.1 * np.arange(12)
    found = rank_correlations(reference, table)
    for column, rho in zip(table.T, found, strict=True):
        if np.ptp(column) == 0:
            assert np.isnan(rho)
        else:
            assert rho == pytest.approx(stats.spearmanr(reference, column).statistic, abs=1e-12)


def test_a_reference_that_does_not_vary_has_no_correlation() -> None:
    assert np.isnan(rank_correlations(np.ones(5), np.arange(10.0).reshape(5, 2))).all()


def test_quadrants_count_signs_and_nothing_else() -> None:
    first = np.array([1.0, 2.0, -1.0, -1.0, 3.0, 0.0, np.nan])
    second = np.array([1.0, -2.0, -1.0, 1.0, 2.0, 1.0, 1.0])
    assert quadrants(first, second) == (2, 1, 1, 1)


def test_the_map_of_overlaps_is_the_hypergeometric_tail_counted_by_hand() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=200)
    second = first + rng.normal(size=200)
    found = overlap_map(first, second, n_steps=4)
    assert found.steps.tolist() == [40, 80, 120, 160]
    for row, a in enumerate(found.steps):
        for column, b in enumerate(found.steps):
            common = len(set(np.argsort(-first)[:a]) & set(np.argsort(-second)[:b]))
            tail = stats.hypergeom.sf(common - 1, 200, a, b)
            assert found.signed[row, column] == pytest.approx(-np.log10(tail), rel=1e-9)
    opposite = overlap_map(first, -second, n_steps=4)
    assert (opposite.signed < 0).all()


def test_the_map_is_cut_and_too_few_genes_have_none() -> None:
    same = np.arange(2000.0)
    assert overlap_map(same, same, cap=20.0).signed.max() == 20.0
    assert overlap_map(same[:10], same[:10]).signed.shape == (0, 0)
