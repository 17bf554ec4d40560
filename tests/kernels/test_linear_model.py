from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.linear_model import ModeratedTest, moderated_test, residuals

quick = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def simulated(seed: int, n_features: int = 60, n_samples: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values with missing ones, a design that is not orthogonal with a numeric covariate, and a contrast."""
    rng = np.random.default_rng(seed)
    group = (np.arange(n_samples) >= n_samples // 2).astype(float)
    batch = rng.permutation(group)
    design = np.column_stack([np.ones(n_samples), group, batch, rng.normal(size=n_samples) + group])
    sd = np.sqrt(6 / rng.chisquare(6, n_features))
    values = rng.normal(20, 2, (n_features, 1)) + rng.normal(size=(n_features, n_samples)) * sd[:, None]
    values[rng.random(values.shape) < rng.random((n_features, 1)) * 0.5] = np.nan
    return values, design, np.array([0.0, 1.0, 0.0, 0.0])


def by_row(values: np.ndarray, design: np.ndarray, contrast: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Slow and plain: estimate, unscaled variance, residual sum of squares, residual df of each row."""
    result = np.full((len(values), 4), np.nan)
    for row, (y, w) in enumerate(zip(values, weights, strict=True)):
        measured = ~np.isnan(y)
        x, root = design[measured], np.sqrt(w[measured])
        rank = np.linalg.matrix_rank(x) if measured.any() else 0
        if np.linalg.matrix_rank(np.vstack([x, contrast])) > rank:
            continue
        inverse = np.linalg.pinv((x * root[:, None]).T @ (x * root[:, None]))
        coefficients = np.linalg.lstsq(x * root[:, None], y[measured] * root, rcond=None)[0]
        rss = np.sum(w[measured] * (y[measured] - x @ coefficients) ** 2)
        result[row] = contrast @ coefficients, contrast @ inverse @ contrast, rss, measured.sum() - rank
    return result


def assert_same_test(first: ModeratedTest, second: ModeratedTest, rtol: float = 1e-7) -> None:
    for name in ModeratedTest._fields:
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=rtol, atol=1e-9, err_msg=name)


@quick
@given(seeds, st.booleans())
def test_agrees_with_a_slow_version_row_by_row(seed: int, weighted: bool) -> None:
    values, design, contrast = simulated(seed)
    weights = np.random.default_rng(seed).gamma(2, 3, values.shape) if weighted else np.ones(values.shape)
    test = moderated_test(values, design, contrast, weights=weights if weighted else None)
    effect, unscaled, rss, df = by_row(values, design, contrast, weights).T
    np.testing.assert_array_equal(test.estimable, df > 0)
    tested = test.estimable
    np.testing.assert_allclose(test.effect[tested], effect[tested], rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(test.se[tested], test.sd[tested] * np.sqrt(unscaled[tested]), rtol=1e-7)
    np.testing.assert_allclose(
        test.p[tested], 2 * stats.t.sf(abs(effect / test.se)[tested], test.df[tested]), rtol=1e-6
    )
    # The moderated variance lies between the feature's own and the prior: solved for the prior it is positive.
    own = rss[tested] / df[tested]
    d0 = test.df_prior[tested]
    borrowed = np.isfinite(d0) & (d0 > 1e-6)
    prior = ((d0 + df[tested]) * test.sd[tested] ** 2 - df[tested] * own)[borrowed] / d0[borrowed]
    assert np.all(prior > -1e-9)


@quick
@given(seeds)
def test_order_of_features_and_samples_does_not_matter(seed: int) -> None:
    values, design, contrast = simulated(seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(values)), rng.permutation(values.shape[1])
    test = moderated_test(values, design, contrast)
    shuffled = moderated_test(values[rows][:, columns], design[columns], contrast)
    assert_same_test(ModeratedTest(*(field[rows] for field in test)), shuffled, rtol=1e-6)


@quick
@given(seeds, st.sampled_from([-50.0, 1e4, 1e8]))
def test_a_shift_changes_the_mean_only(seed: int, shift: float) -> None:
    values, design, contrast = simulated(seed)
    # Steps of 2**-20 survive the addition of 1e8 without rounding.
    values = np.round(values * 2**20) / 2**20
    test = moderated_test(values, design, contrast)
    moved = moderated_test(values + shift, design, contrast)
    np.testing.assert_allclose(moved.mean, test.mean + shift, rtol=1e-12)
    for name in ("effect", "se", "df", "t", "p"):
        np.testing.assert_allclose(getattr(moved, name), getattr(test, name), rtol=1e-5, atol=1e-6, err_msg=name)


@quick
@given(seeds, st.sampled_from([1e-6, 0.3, 1e5]))
def test_a_scale_changes_the_unit_only(seed: int, scale: float) -> None:
    values, design, contrast = simulated(seed)
    test = moderated_test(values, design, contrast)
    scaled = moderated_test(values * scale, design, contrast)
    for name, factor in (("effect", scale), ("se", scale), ("sd", scale), ("t", 1.0), ("p", 1.0), ("df", 1.0)):
        np.testing.assert_allclose(getattr(scaled, name), getattr(test, name) * factor, rtol=1e-5, err_msg=name)


@quick
@given(seeds)
def test_the_sign_of_the_contrast_is_the_sign_of_the_effect(seed: int) -> None:
    values, design, contrast = simulated(seed)
    test = moderated_test(values, design, contrast)
    opposite = moderated_test(values, design, -contrast)
    np.testing.assert_array_equal(opposite.effect, -test.effect)
    np.testing.assert_array_equal(opposite.p, test.p)


@quick
@given(seeds)
def test_recoding_the_design_changes_nothing(seed: int) -> None:
    values, design, contrast = simulated(seed)
    mixing = np.random.default_rng(seed).normal(size=(4, 4)) + 3 * np.eye(4)
    test = moderated_test(values, design, contrast)
    recoded = moderated_test(values, design @ mixing, contrast @ mixing)
    tested = test.estimable
    np.testing.assert_array_equal(recoded.estimable, tested)
    np.testing.assert_allclose(recoded.t[tested], test.t[tested], rtol=1e-6, atol=1e-8)


def test_equal_weights_are_no_weights() -> None:
    values, design, contrast = simulated(3)
    assert_same_test(
        moderated_test(values, design, contrast, weights=np.full(values.shape, 4.0)),
        moderated_test(values, design, contrast)._replace(sd=2 * moderated_test(values, design, contrast).sd),
    )


def test_a_weight_that_is_not_positive_marks_a_value_not_measured() -> None:
    values, design, contrast = simulated(4)
    complete = np.where(np.isnan(values), 99.0, values)
    weights = np.where(np.isnan(values), np.random.default_rng(1).choice([0.0, -1.0, np.nan], values.shape), 1.0)
    assert_same_test(
        moderated_test(complete, design, contrast, weights=weights), moderated_test(values, design, contrast)
    )


def test_without_intercept_a_coefficient_is_a_group_mean() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(1e6, 1, (50, 8))
    cells = np.repeat(np.eye(2), 4, axis=0)
    test = moderated_test(values, cells, np.array([0.0, 1.0]))
    np.testing.assert_allclose(test.effect, values[:, 4:].mean(axis=1), rtol=1e-14)


def test_bad_rows_are_nan_and_harm_no_other() -> None:
    rng = np.random.default_rng(6)
    design = np.column_stack([np.ones(8), np.repeat([0.0, 1.0], 4)])
    good = rng.normal(size=(200, 8)) * np.sqrt(8 / rng.chisquare(8, (200, 1)))
    bad = np.vstack(
        [
            np.full(8, np.nan),
            np.where(np.arange(8) < 4, good[0], np.nan),
            np.where(np.isin(np.arange(8), [1, 6]), good[1], np.nan),
            np.where(np.arange(8) == 2, np.inf, good[2]),
            np.full(8, 7.3),
        ]
    )
    test = moderated_test(np.vstack([bad, good]), design, [0, 1], trend=False)
    np.testing.assert_array_equal(test.estimable[:5], [False, False, False, True, True])
    np.testing.assert_array_equal(test.n[:5], [0, 4, 2, 7, 8])
    for name in ("se", "df", "t", "p", "sd", "df_prior"):
        assert np.isnan(getattr(test, name)[:3]).all(), name
    assert np.isnan(test.effect[:2]).all()
    # Two values, one per group: an effect, but no residual degree of freedom to test it with.
    np.testing.assert_allclose(test.effect[2], good[1, 6] - good[1, 1])
    # A constant feature has an effect of zero and a standard error from the prior.
    assert test.effect[4] == 0
    assert test.se[4] > 0
    assert test.p[4] == 1
    alone = moderated_test(np.vstack([bad[[1, 3]], good]), design, [0, 1], trend=False)
    np.testing.assert_allclose(test.p[5:], alone.p[2:], rtol=1e-9)


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("trend", [False, True])
def test_constant_features_take_the_prior_of_the_others(trend: bool, robust: bool) -> None:
    rng = np.random.default_rng(12)
    # Seven samples and a numeric covariate: neither mean nor fit of a constant is free of rounding.
    design = np.column_stack([np.ones(7), np.repeat([0.0, 1.0], [3, 4]), rng.normal(size=7)])
    good = rng.normal(20, 2, (300, 1)) + rng.normal(size=(300, 7)) * np.sqrt(8 / rng.chisquare(8, (300, 1)))
    constant = np.repeat(rng.normal(20, 2, (30, 1)), 7, axis=1)
    alone = moderated_test(good, design, [0, 1, 0], trend=trend, robust=robust)
    test = moderated_test(np.vstack([good, constant]), design, [0, 1, 0], trend=trend, robust=robust)
    np.testing.assert_allclose(test.sd[:300], alone.sd, rtol=1e-9)
    d0 = test.df_prior[300:]
    np.testing.assert_allclose(d0, alone.df_prior.max())
    prior = test.sd[300:] ** 2 * (d0 + 4) / d0
    assert np.all((prior > 0.3) & (prior < 3))
    np.testing.assert_allclose(test.p[300:], 1, atol=1e-12)


def test_a_table_of_constants_has_no_p() -> None:
    test = moderated_test(np.full((5, 6), 3.0), np.column_stack([np.ones(6), np.repeat([0, 1], 3)]), [0, 1])
    np.testing.assert_array_equal(test.effect, 0)
    assert np.isnan(test.p).all()


def test_one_feature_is_the_ordinary_t_test() -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(size=(1, 9))
    design = np.column_stack([np.ones(9), np.repeat([0, 1], [4, 5])])
    test = moderated_test(values, design, [0, 1])
    ordinary = stats.ttest_ind(values[0, 4:], values[0, :4])
    np.testing.assert_allclose([test.t[0], test.p[0]], [ordinary.statistic, ordinary.pvalue], rtol=1e-12)


def test_a_contrast_that_the_design_confounds_is_not_estimable() -> None:
    values = np.random.default_rng(8).normal(size=(20, 6))
    group = np.repeat([0.0, 1.0], 3)
    test = moderated_test(values, np.column_stack([np.ones(6), group, group]), [0, 1, 0])
    assert not test.estimable.any()
    assert np.isnan(test.effect).all()
    both = moderated_test(values, np.column_stack([np.ones(6), group, group]), [0, 1, 1])
    np.testing.assert_allclose(both.effect, values[:, 3:].mean(axis=1) - values[:, :3].mean(axis=1))


def test_a_group_confounded_with_batch_among_the_measured_is_not_estimable() -> None:
    values = np.random.default_rng(9).normal(size=(20, 8))
    design = np.column_stack([np.ones(8), np.repeat([0, 1], 4), np.tile([0, 1], 4)])
    values[0, [1, 3, 4, 6]] = np.nan
    test = moderated_test(values, design, [0, 1, 0])
    assert not test.estimable[0]
    assert test.estimable[1:].all()


def test_a_row_without_covariate_takes_the_plain_prior() -> None:
    rng = np.random.default_rng(10)
    precursors = rng.integers(1, 30, 400).astype(float)
    values = rng.normal(size=(400, 8)) / np.sqrt(precursors)[:, None]
    design = np.column_stack([np.ones(8), np.repeat([0, 1], 4)])
    covariate = np.log2(precursors)
    covariate[7] = np.nan
    test = moderated_test(values, design, [0, 1], covariate=covariate, robust=False)
    plain = moderated_test(values, design, [0, 1], trend=False, robust=False)
    np.testing.assert_allclose(test.sd[7], plain.sd[7])
    np.testing.assert_allclose(test.df_prior[7], plain.df_prior[7])
    assert np.median(test.df_prior) > 3 * plain.df_prior[0]


@quick
@given(seeds)
def test_residuals_are_orthogonal_to_the_design_where_measured(seed: int) -> None:
    values, design, _ = simulated(seed)
    left = residuals(values, design)
    np.testing.assert_array_equal(np.isnan(left.values), np.isnan(values))
    np.testing.assert_allclose(np.nan_to_num(left.values) @ design, 0, atol=1e-9)
    ranks = [np.linalg.matrix_rank(design[~np.isnan(row)]) if not np.isnan(row).all() else 0 for row in values]
    np.testing.assert_array_equal(left.df, (~np.isnan(values)).sum(axis=1) - ranks)


def test_missing_values_cost_no_loop_over_features() -> None:
    rng = np.random.default_rng(11)
    values = rng.normal(20, 2, (8000, 16))
    design = np.column_stack([np.ones(16), np.repeat([0, 1], 8), np.tile([0, 1], 8)])
    complete = min(_seconds(values, design) for _ in range(3))
    values[rng.random(values.shape) < rng.beta(0.3, 2, (8000, 1))] = np.nan
    assert len(np.unique(np.isnan(values), axis=0)) > 1500
    assert min(_seconds(values, design) for _ in range(3)) < 12 * complete + 0.05


def _seconds(values: np.ndarray, design: np.ndarray) -> float:
    start = time.process_time()
    moderated_test(values, design, [0, 1, 0], trend=False, robust=False)
    return time.process_time() - start


@pytest.mark.parametrize("missing", [0.0, 0.25])
@pytest.mark.parametrize("n", [3, 6])
def test_type_one_error_is_nominal(n: int, missing: float) -> None:
    rng = np.random.default_rng(100 * n + int(100 * missing))
    n_features = 20_000
    design = np.column_stack([np.ones(2 * n), np.repeat([0, 1], n)])
    abundance = rng.normal(20, 2, (n_features, 1))
    sd = np.exp(-(abundance - 20) / 8) * np.sqrt(8 / rng.chisquare(8, (n_features, 1)))
    values = abundance + rng.normal(size=(n_features, 2 * n)) * sd
    values[rng.random(values.shape) < missing] = np.nan
    for robust in (False, True):
        p = moderated_test(values, design, [0, 1], robust=robust).p
        p = p[~np.isnan(p)]
        low, high = stats.binom.interval(0.999, len(p), 0.05)
        assert low <= np.sum(p < 0.05) <= high, (np.mean(p < 0.05), robust)
