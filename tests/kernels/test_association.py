from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.stats.contingency import association

from organokine.kernels.association import confounding, explained_share, leading_components
from organokine.kernels.quality import principal_components

ONES = np.ones((12, 1))


def indicators(labels: np.ndarray) -> np.ndarray:
    return (labels[:, None] == np.unique(labels)[None, :]).astype(float)


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(5)
    return rng.normal(18.0, 2.0, size=(150, 1)) + rng.normal(size=(150, 3)) @ rng.normal(size=(3, 12))


def test_components_without_a_design_are_the_principal_ones(values) -> None:
    found, expected = leading_components(values, ONES, 3), principal_components(values, 3)
    np.testing.assert_allclose(found.share, expected.share, rtol=1e-9)
    unit = expected.scores / np.linalg.norm(expected.scores, axis=0)
    np.testing.assert_allclose(np.abs((found.scores * unit).sum(axis=0)), 1.0, rtol=1e-9)
    assert found.n_features == 150


def test_components_are_those_of_residuals(values) -> None:
    design = np.column_stack([ONES, np.arange(12.0), np.arange(12) % 2])
    left = values.T - design @ np.linalg.lstsq(design, values.T, rcond=None)[0]
    expected = principal_components(left.T, 3)
    found = leading_components(values, np.column_stack([design, design[:, 1]]), 3)
    np.testing.assert_allclose(found.share, expected.share, rtol=1e-6)
    np.testing.assert_allclose(design.T @ found.scores, 0.0, atol=1e-8)


def test_order_level_and_scale_do_not_matter(values) -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 4)
    first = explained_share(leading_components(values, ONES, 3).scores, indicators(labels), ONES)
    order = rng.permutation(12)
    moved = (7.0 + 3.0 * values[rng.permutation(150)])[:, order]
    other = explained_share(leading_components(moved, ONES, 3).scores, indicators(labels[order]), ONES)
    np.testing.assert_allclose(other.share, first.share, rtol=1e-6)
    np.testing.assert_allclose(other.p, first.p, rtol=1e-6)


def test_components_that_do_not_exist_are_nan(values) -> None:
    line = leading_components(np.outer(np.arange(5.0), np.arange(12.0)), ONES, 3)
    assert np.isfinite(line.share).tolist() == [True, False, False]
    nothing_left = leading_components(
        np.outer(np.arange(5.0), np.arange(12.0)), np.column_stack([ONES, np.arange(12)]), 3
    )
    assert np.isnan(nothing_left.share).all()
    values[:, 0] = np.nan
    assert leading_components(values, ONES, 2).n_features == 0
    assert np.isnan(leading_components(np.empty((0, 12)), ONES, 2).scores).all()
    assert np.isnan(leading_components(values[:, 1:3], ONES[:2], 3).share).tolist() == [False, True, True]


def test_text_is_one_way_analysis_of_variance_and_a_number_is_a_line(values) -> None:
    scores = leading_components(values, ONES, 2).scores
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    found = explained_share(scores, indicators(labels), ONES)
    for place in range(2):
        expected = stats.f_oneway(*(scores[labels == level, place] for level in range(3)))
        assert found.p[place] == pytest.approx(expected.pvalue, rel=1e-9)
    number = np.random.default_rng(3).normal(1e6, 1.0, 12)
    line = explained_share(scores, number[:, None], ONES)
    for place in range(2):
        expected = stats.linregress(number, scores[:, place])
        assert line.p[place] == pytest.approx(expected.pvalue, rel=1e-6)
        assert line.share[place] == pytest.approx(expected.rvalue**2, rel=1e-6)
    assert (found.df, found.df_residual, line.df) == (2, 9, 1)


def test_beyond_a_design_it_is_the_f_test_of_nested_models(values) -> None:
    group, number = np.repeat([0.0, 1.0], 6), np.random.default_rng(4).normal(size=12)
    labels = np.array([0, 1, 2] * 4)
    given = np.column_stack([ONES, group, number])
    scores = leading_components(values, given, 3).scores
    found = explained_share(scores, indicators(labels), given)
    for place in range(3):
        small = sm.OLS(scores[:, place], given).fit()
        large = sm.OLS(scores[:, place], np.column_stack([given, indicators(labels)[:, 1:]])).fit()
        assert found.p[place] == pytest.approx(large.compare_f_test(small)[1], rel=1e-6)
        assert found.share[place] == pytest.approx(1.0 - large.ssr / small.ssr, rel=1e-6)


def test_a_column_that_the_design_determines_explains_nothing(values) -> None:
    group = np.repeat([0.0, 1.0], 6)
    given = np.column_stack([ONES, group])
    scores = leading_components(values, given, 3).scores
    same = explained_share(scores, indicators(group), given)
    constant = explained_share(scores, np.full((12, 1), 2021.0), given)
    assert same.df == constant.df == 0
    assert np.isnan(same.share).all()
    assert np.isnan(constant.p).all()
    every = explained_share(scores, np.eye(12), given)
    assert every.df_residual == 0
    assert np.isnan(every.p).all()


def test_confounding_is_the_square_of_cramers_v() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        group, batch = rng.permutation(np.repeat([0, 1], 10)), rng.integers(0, 4, 20)
        table = np.array([[((group == g) & (batch == b)).sum() for b in np.unique(batch)] for g in (0, 1)])
        share, by_chance = confounding(indicators(batch), group.astype(float), np.ones((20, 1)))
        assert share == pytest.approx(association(table, method="cramer") ** 2, abs=1e-9)
        assert by_chance == pytest.approx((len(np.unique(batch)) - 1) / 19)


def test_confounding_by_chance_is_what_random_groups_give() -> None:
    rng = np.random.default_rng(2)
    batch = indicators(np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]))
    found = [confounding(batch, rng.permutation(np.repeat([0.0, 1.0], 6)), ONES) for _ in range(600)]
    assert np.mean([share for share, _ in found]) == pytest.approx(found[0][1], abs=0.03)


def test_confounding_of_what_cannot_be_told_apart_and_of_nothing() -> None:
    group = np.repeat([0.0, 1.0], 6)
    assert confounding(indicators(np.arange(12) // 3), group, ONES)[0] == pytest.approx(1.0)
    assert confounding(np.full((12, 1), 5.0), group, ONES) == (0.0, 0.0)
    assert np.isnan(confounding(indicators(np.arange(12) // 3), np.ones(12), ONES)).all()


@pytest.mark.parametrize("kind", ["normal", "heavy tails"])
def test_p_is_uniform_without_a_batch_however_features_correlate(kind: str) -> None:
    rng = np.random.default_rng(8)
    n, n_tables = 10, 800
    group = np.repeat([0.0, 1.0], 5)
    given = np.column_stack([np.ones(n), group])
    batch = indicators(np.arange(n) % 2)
    p = np.empty((n_tables, 2))
    for table in range(n_tables):
        common, own = (rng.normal(size=(2, n)), rng.normal(size=(40, n))) if kind == "normal" else (
            rng.standard_t(4, size=(2, n)), rng.standard_t(4, size=(40, n))
        )  # fmt: skip
        values = rng.normal(size=(40, 2)) @ common + own + np.outer(rng.normal(0, 2, 40), group)
        p[table] = explained_share(leading_components(values, given, 2).scores, batch, given).p
    # Both ends of a band that one table in a thousand would leave.
    for place in range(2):
        low, high = stats.binom.ppf([0.0005, 0.9995], n_tables, 0.05) / n_tables
        assert (low if kind == "normal" else 0.0) <= (p[:, place] <= 0.05).mean() <= high
