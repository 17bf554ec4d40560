from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.covariate_weights import covariate_weights
from organokine.kernels.multiple_testing import benjamini_hochberg

N_STUDIES = 80


def study(seed: int, n: int, share: float, *, informative: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """P-values, covariate, truth; informative: all that is true lies in the upper two fifths of the covariate."""
    rng = np.random.default_rng([4, seed])
    covariate = rng.random(n)
    true = rng.random(n) < (2.5 * share * (covariate > 0.6) if informative else share)
    return 2 * stats.norm.sf(np.abs(rng.normal(3.0 * true))), covariate, true


def rates(n: int, share: float, *, informative: bool) -> np.ndarray:
    """(studies, 4): false discovery proportion and power without and with weights, at a rate of 0.1."""
    rows = []
    for seed in range(N_STUDIES):
        p, covariate, true = study(seed, n, share, informative=informative)
        row = []
        for weights in (None, covariate_weights(p, covariate, rng=np.random.default_rng(seed))):
            found = benjamini_hochberg(p, weights) <= 0.1
            row += [(found & ~true).sum() / max(1, found.sum()), (found & true).sum() / max(1, true.sum())]
        rows.append(row)
    return np.array(rows)


def in_bounds(false: np.ndarray, nominal: float) -> bool:
    return bool(false.mean() <= nominal + 2 * false.std() / np.sqrt(len(false)))


def test_informative_covariate_gives_power_and_keeps_the_rate() -> None:
    found = rates(1000, 0.1, informative=True)
    assert in_bounds(found[:, 2], 0.1)
    assert found[:, 3].mean() > found[:, 1].mean() + 0.05


def test_uninformative_covariate_costs_little_and_keeps_the_rate() -> None:
    found = rates(1000, 0.1, informative=False)
    assert in_bounds(found[:, 2], 0.1)
    assert found[:, 3].mean() > found[:, 1].mean() - 0.03


def test_global_null_stays_in_binomial_bounds() -> None:
    false = 0
    for seed in range(250):
        p, covariate, _ = study(seed, 600, 0.0, informative=False)
        weights = covariate_weights(p, covariate, rng=np.random.default_rng(seed))
        false += bool(np.any(benjamini_hochberg(p, weights) <= 0.1))
    assert stats.binomtest(false, 250, 0.1, alternative="greater").pvalue > 0.01


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.sampled_from([450, 900]), st.floats(0, 0.4))
def test_weights_have_mean_one_follow_their_tests_and_the_ranks_of_the_covariate(
    seed: int, n: int, share: float
) -> None:
    p, covariate, _ = study(seed, n, share, informative=True)
    weights = covariate_weights(p, covariate, rng=np.random.default_rng(1))
    assert np.all(weights >= 0)
    assert weights.mean() == pytest.approx(1)
    shuffled = np.random.default_rng(seed).permutation(n)
    again = covariate_weights(p[shuffled], np.exp(7 * covariate[shuffled]), rng=np.random.default_rng(1))
    np.testing.assert_array_equal(again, weights[shuffled])


def test_no_p_takes_part_in_its_own_weight() -> None:
    p, covariate, _ = study(0, 1000, 0.2, informative=True)
    weights = covariate_weights(p, covariate, rng=np.random.default_rng(1), n_folds=2)
    # Order is kept, and with it the folds.
    first = int(np.argmin(p))
    alone = p.copy()
    alone[first] = 0.0
    assert covariate_weights(alone, covariate, rng=np.random.default_rng(1), n_folds=2)[first] == weights[first]
    others = p**0.7
    others[first] = p[first]
    assert covariate_weights(others, covariate, rng=np.random.default_rng(1), n_folds=2)[first] != weights[first]


def test_weights_favour_the_range_where_more_is_found() -> None:
    p, covariate, _ = study(1, 4000, 0.1, informative=True)
    weights = covariate_weights(p, covariate, rng=np.random.default_rng(1))
    assert weights[covariate > 0.7].mean() > 1.5
    assert weights[covariate < 0.4].mean() < 0.5


def test_missing_covariate_has_weight_one_and_missing_p_none() -> None:
    p, covariate, _ = study(1, 1000, 0.1, informative=True)
    p[3], covariate[4], p[5], covariate[5] = np.nan, np.nan, np.nan, np.nan
    weights = covariate_weights(p, covariate, rng=np.random.default_rng(1))
    assert np.isnan(weights[[3, 5]]).all()
    assert weights[4] == 1
    assert np.isfinite(np.delete(weights, [3, 5])).all()


@pytest.mark.parametrize("n", [0, 1, 399])
def test_too_few_tests_or_a_constant_covariate_leave_the_weights_at_one(n: int) -> None:
    p = np.random.default_rng(1).random(n)
    np.testing.assert_array_equal(covariate_weights(p, np.arange(n), rng=np.random.default_rng(1)), np.ones(n))
    p = np.concatenate([np.zeros(10), np.random.default_rng(1).random(990)])
    weights = covariate_weights(p, np.ones(1000), rng=np.random.default_rng(1))
    np.testing.assert_allclose(weights, 1, rtol=1e-12)


def test_no_signal_gives_equal_weights() -> None:
    p = np.linspace(0.001, 1, 1000)
    covariate = np.random.default_rng(1).random(1000)
    np.testing.assert_array_equal(covariate_weights(p, covariate, rng=np.random.default_rng(1)), np.ones(1000))


@pytest.mark.parametrize(
    ("p", "covariate", "settings_"),
    [
        ([0.1], [1.0, 2.0], {}),
        ([1.1], [1.0], {}),
        ([0.1], [1.0], {"n_folds": 1}),
        ([0.1], [1.0], {"fdr": 0.0}),
    ],
)
def test_refuses_what_cannot_be(p: list[float], covariate: list[float], settings_: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"shape|between 0 and 1"):
        covariate_weights(p, covariate, rng=np.random.default_rng(1), **settings_)
