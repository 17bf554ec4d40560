from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.discovery import discovery_p
from organokine.kernels.linear_model import ModeratedTest, moderated_test
from organokine.kernels.multiple_testing import benjamini_hochberg

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def estimates(seed: int, n: int, *, share: float = 0.2, size: float = 0.8) -> Arrays:
    """Effects, standard errors and degrees of freedom of moderated tests whose prior is known."""
    rng = np.random.default_rng([7, seed])
    df = rng.choice([6.0, 7.5, 9.0], n)
    se = np.sqrt(0.04 * df / rng.chisquare(df))
    true = (rng.random(n) < share) * rng.choice([-size, size], n)
    return true + se * rng.standard_t(df), se, df


def simulated(seed: int, n: int, per_group: int, share: float, *, factors: int = 0) -> tuple[ModeratedTest, np.ndarray]:
    """A study tested as in the pipeline, and which features are true; `factors` share half of the variance."""
    rng = np.random.default_rng([8, seed])
    values = rng.standard_normal((n, 2 * per_group))
    if factors > 0:
        loadings = rng.standard_normal((n, factors)) * np.sqrt(0.5 / factors)
        values = values * np.sqrt(0.5) + loadings @ rng.standard_normal((factors, 2 * per_group))
    values *= np.sqrt(0.04 * 5 / rng.chisquare(5, n))[:, None]
    true = rng.random(n) < share
    values[:, per_group:] += (true * rng.choice([-0.6, 0.6], n))[:, None]
    design = np.stack([np.ones(2 * per_group), np.repeat([0.0, 1.0], per_group)], axis=1)
    return moderated_test(values, design, [0.0, 1.0], trend=False, robust=False), true


def slow_chance(effect: np.ndarray, se: np.ndarray, df: np.ndarray) -> np.ndarray:
    """The same p-value from densities of scipy, cumulative maxima and a fine grid."""
    learnt = discovery_p(effect, se, df).effects

    def ratio(t: np.ndarray, s: float, d: float) -> np.ndarray:
        null = stats.t.pdf(t, d)
        total = 20 / len(effect) * 0.25 * (2 * stats.t.sf(t, d)) ** -0.75
        for size, share in zip(learnt.size[learnt.share > 1e-5], learnt.share[learnt.share > 1e-5], strict=True):
            one = (stats.t.pdf(t - size / s, d) + stats.t.pdf(t + size / s, d)) / 2 / null
            total = total + share * np.maximum.accumulate(one)
        return total

    grid = np.concatenate([[0.0], np.geomspace(1e-3, 500, 2500)])
    curves = [ratio(grid, s, d) for s, d in zip(se, df, strict=True)]
    observed = [np.interp(abs(b) / s, grid, curve) for b, s, curve in zip(effect, se, curves, strict=True)]
    chance = np.zeros(len(effect))
    for d, curve in zip(df, curves, strict=True):
        needed = np.interp(observed, curve, grid)
        chance += np.where(np.array(observed) <= curve[0], 1.0, 2 * stats.t.sf(needed, d)) / len(effect)
    return chance


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_agrees_with_a_slow_plain_version(share: float) -> None:
    case = estimates(1, 110, share=share)
    # Curves are interpolated on a grid with steps of 12 % of t in the kernel.
    np.testing.assert_allclose(discovery_p(*case).p, slow_chance(*case), rtol=0.01)


@settings(max_examples=6)
@given(st.integers(0, 10**6), st.sampled_from([120, 700]), st.floats(1e-3, 1e3))
def test_is_a_probability_that_knows_neither_order_nor_sign_nor_unit(seed: int, n: int, unit: float) -> None:
    effect, se, df = estimates(seed, n)
    p = discovery_p(effect, se, df).p
    assert np.all((p > 0) & (p <= 1))
    shuffled = np.random.default_rng(seed).permutation(n)
    np.testing.assert_array_equal(discovery_p(effect[shuffled], se[shuffled], df[shuffled]).p, p[shuffled])
    np.testing.assert_array_equal(discovery_p(-effect, se, df).p, p)
    np.testing.assert_allclose(discovery_p(effect * unit, se * unit, df).p, p, rtol=1e-6)


@settings(max_examples=6)
@given(st.integers(0, 10**6), st.sampled_from([2.0, 8.0, np.inf]), st.sampled_from([300, 3000]))
def test_larger_effects_of_one_error_have_smaller_p_and_equal_ones_the_same(seed: int, df: float, n: int) -> None:
    rng = np.random.default_rng(seed)
    effect = rng.normal(0, 0.2, n) + (rng.random(n) < 0.1) * rng.normal(0, 3, n)
    effect[:2] = 50.0, -50.0
    se = rng.choice([0.05, 0.2, 1.0], n)
    p = discovery_p(effect, se, df).p
    for one in np.unique(se):
        of_one = np.flatnonzero(se == one)
        of_one = of_one[np.argsort(np.abs(effect[of_one]))]
        assert np.all(np.diff(p[of_one]) <= 0)
    se[:2] = 0.2
    p = discovery_p(effect, se, df).p
    assert p[0] == p[1] >= np.finfo(float).tiny


def test_at_equal_t_the_effect_of_plausible_size_is_preferred() -> None:
    effect, se, df = estimates(2, 2000)
    effect[:2], se[:2], df[:2] = [0.8, 0.08], [0.2, 0.02], 7.5
    p = discovery_p(effect, se, df).p
    ordinary = 2 * stats.t.sf(4, 7.5)
    assert p[0] < ordinary < p[1]


def test_learns_the_size_and_share_of_the_effects() -> None:
    share_null, effects = discovery_p(*estimates(3, 5000, share=0.2, size=1.5))[1:]
    assert share_null == pytest.approx(0.8, abs=0.03)
    assert share_null + effects.share.sum() == pytest.approx(1)
    assert effects.share @ effects.size / effects.share.sum() == pytest.approx(1.5, rel=0.1)
    assert np.all(np.diff(effects.size) > 0)


def test_nothing_is_learnt_from_few_features_and_little_without_signal() -> None:
    effect, se, df = estimates(4, 99)
    few = discovery_p(effect, se, df)
    np.testing.assert_allclose(few.p, 2 * stats.t.sf(np.abs(effect / se), df), rtol=1e-9)
    assert np.isnan(few.share_null)
    assert few.effects.size.size == 0
    assert np.isfinite(discovery_p(effect, se, df, least_tests=99).share_null)
    df = np.full(1000, 8.0)
    se = np.geomspace(0.1, 1, 1000)[np.random.default_rng(1).permutation(1000)]
    t = stats.t.ppf((np.arange(1000) + 0.5) / 1000, 8)
    none = discovery_p(t * se, se, df)
    assert none.share_null > 0.97
    assert stats.spearmanr(none.p, np.abs(t)).statistic < -0.99


def test_with_one_standard_error_there_is_only_one_order() -> None:
    effect = np.random.default_rng(5).normal(0, 2, 400)
    p = discovery_p(effect, 1.0, np.inf).p
    np.testing.assert_allclose(p, 2 * stats.norm.sf(np.abs(effect)), rtol=0.01)


def test_missing_stays_missing_and_does_not_count() -> None:
    effect, se, df = estimates(6, 400)
    full = discovery_p(effect, se, df).p
    holed = [np.concatenate([x, x[:5]]) for x in (effect, se, df)]
    holed[0][400:402] = np.nan, np.inf
    holed[1][402:404] = np.nan, 0.0
    holed[2][404] = np.nan
    p = discovery_p(*holed).p
    assert np.isnan(p[400:]).all()
    np.testing.assert_array_equal(p[:400], full)
    assert np.isnan(discovery_p([np.nan], [1.0], [3.0]).p).all()
    assert discovery_p([], [], []).p.shape == (0,)
    np.testing.assert_array_equal(discovery_p(np.zeros(200), 1.0, 5.0).p, np.ones(200))


@pytest.mark.parametrize(
    "setting",
    [
        {"n_effects": 0},
        {"null_features": -1.0},
        {"unseen_features": -1.0},
        {"ordinary_features": 0.0},
        {"ordinary_shape": 1.0},
    ],
)
def test_refuses_settings_out_of_range(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="needed"):
        discovery_p([1.0], [1.0], [1.0], **setting)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "per_group", "n", "factors"), [(0.1, 3, 2000, 0), (0.3, 4, 500, 0), (0.01, 6, 2000, 0), (0.1, 4, 1000, 3)]
)
def test_false_discovery_rate_is_kept_and_nothing_lost(share: float, per_group: int, n: int, factors: int) -> None:
    n_studies = 10
    false, gained = np.zeros(n_studies), np.zeros(n_studies)
    for study in range(n_studies):
        test, true = simulated(study, n, per_group, share, factors=factors)
        found = benjamini_hochberg(discovery_p(test.effect, test.se, test.df).p) <= 0.1
        plain = benjamini_hochberg(test.p) <= 0.1
        false[study] = (found & ~true).sum() / max(1, found.sum())
        gained[study] = (found & true).sum() - (plain & true).sum()
    assert false.mean() <= 0.1 + 2 * false.std() / np.sqrt(n_studies)
    assert gained.mean() > 0


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 300])
def test_global_null_stays_in_binomial_bounds(n: int) -> None:
    false = 0
    for study in range(100):
        test, _ = simulated(study, n, 4, 0.0)
        false += bool(np.any(benjamini_hochberg(discovery_p(test.effect, test.se, test.df).p) <= 0.1))
    assert stats.binomtest(false, 100, 0.1, alternative="greater").pvalue > 0.01


@pytest.mark.slow
def test_time_grows_with_the_features_and_not_with_their_square() -> None:
    def seconds(n: int) -> float:
        case, taken = estimates(9, n), []
        for _ in range(3):
            start = time.process_time()
            discovery_p(*case)
            taken.append(time.process_time() - start)
        return min(taken)

    # Twice the features take twice the time, or four times if it were the square.
    assert seconds(40_000) < 3.5 * seconds(20_000)
