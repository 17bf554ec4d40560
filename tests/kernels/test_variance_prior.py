from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from organokine.kernels.prior_moments import inverse_trigamma
from organokine.kernels.variance_prior import squeeze_variance

quick = settings(max_examples=25, deadline=None)


def drawn(seed: int, df: np.ndarray, d0: float, prior: np.ndarray | float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return prior * d0 / rng.chisquare(d0, len(df)) * rng.chisquare(df) / df


@given(st.floats(1e-9, 1e9))
@quick
def test_inverse_trigamma_is_the_inverse(value: float) -> None:
    np.testing.assert_allclose(special.polygamma(1, inverse_trigamma(value)), value, rtol=1e-3 if value > 1e6 else 1e-6)


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("trend", [False, True])
@pytest.mark.parametrize("unequal", [False, True])
def test_recovers_the_prior_it_was_drawn_from(unequal: bool, trend: bool, robust: bool) -> None:
    rng = np.random.default_rng(1)
    n = 20_000
    df = rng.choice([1.0, 2.0, 4.0, 9.0], n) if unequal else np.full(n, 4.0)
    mean = rng.uniform(15, 25, n)
    truth = np.exp(-(mean - 20) / 4) if trend else np.full(n, 2.0)
    fit = squeeze_variance(drawn(2, df, 6.0, truth), df, mean=mean if trend else None, robust=robust)
    assert abs(np.median(fit.df_prior) - 6.0) < 0.5
    assert np.median(np.abs(fit.prior / truth - 1)) < 0.05


def test_with_unequal_df_the_likelihood_beats_the_moments() -> None:
    errors = {}
    for legacy in (False, True):
        fits = []
        for seed in range(20):
            df = np.random.default_rng(seed).choice([1.0, 2.0, 3.0, 10.0], 500, p=[0.4, 0.3, 0.2, 0.1])
            fit = squeeze_variance(drawn(seed + 100, df, 5.0), df, robust=False, legacy=legacy)
            fits.append(1 / fit.df_prior[0])
        errors[legacy] = np.sqrt(np.mean((np.array(fits) - 1 / 5.0) ** 2))
    assert errors[False] < 0.3 * errors[True]


@pytest.mark.parametrize("unequal", [False, True])
def test_robust_keeps_outliers_from_the_prior_and_the_prior_from_outliers(unequal: bool) -> None:
    rng = np.random.default_rng(4)
    df = rng.choice([2.0, 4.0, 6.0], 2000) if unequal else np.full(2000, 4.0)
    variance = drawn(5, df, 20.0)
    variance[:40] *= 100
    plain = squeeze_variance(variance, df, robust=False)
    robust = squeeze_variance(variance, df, robust=True)
    assert plain.df_prior[0] < 8
    assert 12 < np.median(robust.df_prior) < 40
    assert np.all(robust.df_prior[:40] <= robust.df_prior.max())
    assert np.median(robust.df_prior[:40]) < 3
    assert np.median(robust.posterior[:40] / variance[:40]) > 0.5


def test_at_equal_df_likelihood_and_moments_agree_on_much_data() -> None:
    df = np.full(50_000, 4.0)
    variance = drawn(6, df, 7.0)
    moments = squeeze_variance(variance, df, robust=False)
    nearly = df + np.where(np.arange(len(df)) == 0, 0.01, 0.0)
    likelihood = squeeze_variance(variance, nearly, robust=False)
    np.testing.assert_allclose(likelihood.df_prior[0], moments.df_prior[0], rtol=0.05)
    np.testing.assert_allclose(likelihood.prior[0], moments.prior[0], rtol=0.01)


def test_likelihood_is_at_its_maximum() -> None:
    rng = np.random.default_rng(7)
    df = rng.choice([1.0, 3.0, 8.0], 400)
    variance = drawn(8, df, 4.0)
    fit = squeeze_variance(variance, df, robust=False)

    def log_likelihood(log_prior: float, d0: float) -> float:
        return float(np.sum(stats.f.logpdf(variance / np.exp(log_prior), df, d0) - log_prior))

    best = log_likelihood(np.log(fit.prior[0]), fit.df_prior[0])
    for step in (1e-3, -1e-3):
        assert log_likelihood(np.log(fit.prior[0]) + step, fit.df_prior[0]) < best
        assert log_likelihood(np.log(fit.prior[0]), fit.df_prior[0] * (1 + 5 * step)) < best


@pytest.mark.parametrize("df", [np.full(500, 5.0), np.tile([2.0, 5.0], 250)])
def test_variances_no_more_scattered_than_chance_give_an_infinite_prior(df: np.ndarray) -> None:
    ranks = np.random.default_rng(9).permutation(len(df)) / len(df) * 0.5 + 0.25
    fit = squeeze_variance(stats.chi2.ppf(ranks, df) / df, df)
    assert np.isposinf(fit.df_prior).all()
    np.testing.assert_array_equal(fit.posterior, fit.prior)


@quick
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_posterior_lies_between_own_and_prior(seed: int, robust: bool, unequal: bool) -> None:
    rng = np.random.default_rng(seed)
    df = rng.choice([1.0, 2.0, 7.0], 80) if unequal else np.full(80, 3.0)
    variance = drawn(seed, df, float(rng.uniform(1, 30)))
    fit = squeeze_variance(variance, df, mean=rng.normal(size=80), robust=robust)
    low, high = np.minimum(variance, fit.prior), np.maximum(variance, fit.prior)
    assert np.all((fit.posterior >= low * (1 - 1e-12)) & (fit.posterior <= high * (1 + 1e-12)))
    assert np.all(fit.df_prior >= 0)


def test_a_larger_variance_never_has_the_stronger_prior() -> None:
    df = np.full(300, 4.0)
    variance = drawn(11, df, 10.0)
    variance[:5] = [20, 50, 100, 1e4, 1e300]
    fit = squeeze_variance(variance, df)
    assert np.all(np.diff(fit.df_prior[np.argsort(variance)]) <= 0)
    assert fit.df_prior.min() < fit.df_prior.max()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_variances_borrow_nothing(n: int) -> None:
    fit = squeeze_variance(np.arange(1.0, n + 1), np.full(n, 3.0))
    np.testing.assert_array_equal(fit.posterior, np.arange(1.0, n + 1))
    np.testing.assert_array_equal(fit.df_prior, 0)
    assert np.isnan(fit.prior).all()


def test_unusable_variances_are_nan_and_do_not_count() -> None:
    df = np.full(103, 4.0)
    variance = drawn(12, df, 10.0)
    variance[[0, 1]] = np.nan, -1.0
    df[2] = 0
    fit = squeeze_variance(variance, df)
    alone = squeeze_variance(variance[3:], df[3:])
    assert np.isnan(fit.posterior[:3]).all()
    np.testing.assert_allclose(fit.posterior[3:], alone.posterior, rtol=1e-12)


def test_many_zero_variances_leave_a_finite_prior() -> None:
    for df in (np.full(100, 4.0), np.tile([3.0, 4.0], 50)):
        variance = drawn(13, df, 10.0)
        variance[:60] = 0
        for robust in (False, True):
            fit = squeeze_variance(variance, df, mean=np.arange(100.0), robust=robust)
            assert np.all(np.isfinite(fit.posterior) & (fit.posterior > 0))
            legacy = squeeze_variance(variance, df, mean=np.arange(100.0), robust=robust, legacy=True)
            assert np.all(np.isfinite(legacy.posterior) & (legacy.posterior > 0))


def two_trends(seed: int, n: int, *, unequal: bool, slope: float = 0.8) -> tuple[np.ndarray, ...]:
    """Variances whose prior follows the mean and, by `slope`, the number of peptides: variance, df, mean, log2 count, truth."""
    rng = np.random.default_rng(seed)
    df = rng.choice([1.0, 2.0, 4.0, 9.0], n) if unequal else np.full(n, 4.0)
    count = np.log2(rng.geometric(0.25, n))
    # Abundant proteins have more peptides.
    mean = 20 + count + rng.normal(0, 1.5, n)
    truth = np.exp(-(mean - 20) / 4 - slope * count)
    return drawn(seed + 1000, df, 6.0, truth), df, mean, count, truth


def log_error(prior: np.ndarray, truth: np.ndarray) -> float:
    """Root mean square error of a log prior; what all features share is a matter of `df_prior` as much."""
    return float(np.std(np.log(prior / truth)))


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("unequal", [False, True])
def test_two_covariates_recover_both_trends(unequal: bool, robust: bool) -> None:
    variance, df, mean, count, truth = two_trends(21, 8000, unequal=unequal)
    variance[:80] *= 100
    both = squeeze_variance(variance, df, mean=np.column_stack([mean, count]), robust=robust)
    for one in (mean, count):
        single = squeeze_variance(variance, df, mean=one, robust=robust)
        assert log_error(both.prior, truth) < 0.1 * log_error(single.prior, truth)
        assert np.median(both.df_prior) > np.median(single.df_prior)
    assert log_error(both.prior, truth) < 0.05
    known = squeeze_variance(variance / truth, df, robust=robust)
    np.testing.assert_allclose(np.median(both.df_prior), np.median(known.df_prior), rtol=0.05)


@pytest.mark.parametrize("unequal", [False, True])
def test_a_count_that_says_nothing_does_no_harm(unequal: bool) -> None:
    one_error, both_error = [], []
    for seed in range(10):
        variance, df, mean, count, truth = two_trends(seed, 1000, unequal=unequal, slope=0.0)
        count = np.random.default_rng(seed).permutation(count)
        one = squeeze_variance(variance, df, mean=mean)
        both = squeeze_variance(variance, df, mean=np.column_stack([mean, count]))
        one_error.append(log_error(one.prior, truth))
        both_error.append(log_error(both.prior, truth))
        np.testing.assert_allclose(np.median(both.df_prior), np.median(one.df_prior), rtol=0.2)
    assert np.mean(both_error) < 0.12
    assert np.mean(both_error) < np.mean(one_error) + 0.05


@pytest.mark.parametrize("unequal", [False, True])
def test_under_the_null_p_is_uniform_whatever_the_count(unequal: bool) -> None:
    rng = np.random.default_rng(22)
    n = 20_000
    _, df, mean, count, truth = two_trends(23, n, unequal=unequal)
    own = truth * 6.0 / rng.chisquare(6.0, n)
    variance = own * rng.chisquare(df) / df
    effect = rng.normal(size=n) * np.sqrt(own)

    def share_below(covariates: np.ndarray, rows: np.ndarray) -> float:
        fit = squeeze_variance(variance, df, mean=covariates)
        p = 2 * stats.t.sf(np.abs(effect) / np.sqrt(fit.posterior), df + fit.df_prior)
        return float(np.mean(p[rows] < 0.05))

    both = np.column_stack([mean, count])
    for rows in (np.full(n, True), count == 0, count >= 3):
        low, high = stats.binom.ppf([0.001, 0.999], rows.sum(), 0.05) / rows.sum()
        assert low <= share_below(both, rows) <= high
    # The abundance alone trusts the proteins of one peptide too much.
    assert share_below(mean, count == 0) > 0.06


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("unequal", [False, True])
def test_one_column_is_one_covariate_and_a_constant_one_changes_nothing(unequal: bool, robust: bool) -> None:
    variance, df, mean, count, _ = two_trends(24, 500, unequal=unequal)
    one = squeeze_variance(variance, df, mean=mean, robust=robust)
    both = squeeze_variance(variance, df, mean=np.column_stack([mean, count]), robust=robust)
    constant = np.full(500, 3.0)
    for other, expected in (
        ([mean], one),
        ([mean, constant], one),
        ([constant, mean], one),
        ([mean, constant, count], both),
    ):
        fit = squeeze_variance(variance, df, mean=np.column_stack(other), robust=robust)
        for found, wanted in zip(fit, expected, strict=True):
            np.testing.assert_array_equal(found, wanted)
    nothing = squeeze_variance(variance, df, mean=np.column_stack([constant, constant]), robust=robust)
    assert np.ptp(nothing.prior) == 0


@pytest.mark.parametrize("robust", [False, True])
def test_covariates_may_swap_repeat_and_be_scaled(robust: bool) -> None:
    variance, df, mean, count, _ = two_trends(25, 500, unequal=True)
    both = squeeze_variance(variance, df, mean=np.column_stack([mean, count]), robust=robust)
    for other in ([count, mean], [mean * 1e3 + 1e5, count], [mean, -count]):
        fit = squeeze_variance(variance, df, mean=np.column_stack(other), robust=robust)
        np.testing.assert_allclose(fit.prior, both.prior, rtol=1e-4)
    twice = squeeze_variance(variance, df, mean=np.column_stack([mean, mean]), robust=robust)
    once = squeeze_variance(variance, df, mean=mean, robust=robust)
    np.testing.assert_allclose(twice.prior, once.prior, rtol=1e-4)


@quick
@given(st.integers(3, 60), st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 3, 5]), st.booleans(), st.booleans())
def test_few_features_and_few_distinct_counts_break_nothing(
    n: int, seed: int, distinct: int, robust: bool, unequal: bool
) -> None:
    rng = np.random.default_rng(seed)
    df = rng.choice([1.0, 2.0, 7.0], n) if unequal else np.full(n, 3.0)
    covariates = np.column_stack([rng.normal(size=n), np.log2(rng.integers(1, distinct + 1, n))])
    variance = drawn(seed, df, 5.0)
    fit = squeeze_variance(variance, df, mean=covariates, robust=robust)
    low, high = np.minimum(variance, fit.prior), np.maximum(variance, fit.prior)
    assert np.all((fit.posterior >= low * (1 - 1e-12)) & (fit.posterior <= high * (1 + 1e-12)))


@pytest.mark.parametrize("unequal", [False, True])
def test_a_feature_that_lacks_a_covariate_takes_the_prior_without(unequal: bool) -> None:
    variance, df, mean, count, _ = two_trends(26, 600, unequal=unequal)
    lacking = count.copy()
    lacking[:50] = np.nan
    fit = squeeze_variance(variance, df, mean=np.column_stack([mean, lacking]))
    without = squeeze_variance(variance, df)
    alone = squeeze_variance(variance[50:], df[50:], mean=np.column_stack([mean, count])[50:])
    for found, others, complete in zip(fit, without, alone, strict=True):
        np.testing.assert_array_equal(found[:50], others[:50])
        np.testing.assert_array_equal(found[50:], complete)


def test_a_variance_of_zero_takes_the_prior_of_its_neighbour_in_both_covariates() -> None:
    variance, df, mean, count, _ = two_trends(27, 600, unequal=False)
    variance[:5] = 0
    mean[:5], count[:5] = mean[100:105] + 1e-9, count[100:105]
    fit = squeeze_variance(variance, df, mean=np.column_stack([mean, count]))
    np.testing.assert_array_equal(fit.prior[:5], fit.prior[100:105])
    assert np.all(fit.posterior[:5] > 0)


@pytest.mark.parametrize("shape", [(3, 5), (4,), (5, 0), (5, 1, 1)])
def test_covariates_of_other_features_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="5 variances"):
        squeeze_variance(np.ones(5), np.full(5, 3.0), mean=np.ones(shape))
