from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.power import animals_per_group, pairs_for_correlation, power_of_t_test, smallest_effect

quick = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize(
    ("effect_size", "alpha", "power", "one_sided", "n"),
    [
        # Cohen 1988, table 2.4.1, and power.t.test(strict = TRUE) of R 4.2.2.
        (0.2, 0.05, 0.8, False, 394),
        (0.5, 0.05, 0.8, False, 64),
        (0.8, 0.05, 0.8, False, 26),
        (1.0, 0.05, 0.8, False, 17),
        (0.5, 0.05, 0.8, True, 51),
        (2.0, 0.05, 0.9, False, 7),
    ],
)
def test_known_numbers_of_animals(effect_size: float, alpha: float, power: float, one_sided: bool, n: int) -> None:
    assert animals_per_group(effect_size, alpha, power, one_sided=one_sided) == n
    assert animals_per_group(-effect_size, alpha, power, one_sided=one_sided) == n


def test_known_powers() -> None:
    # power.t.test(strict = TRUE) of R 4.2.2.
    np.testing.assert_allclose(power_of_t_test(1.0, 17, 0.05), 0.807036715147, rtol=1e-10)
    np.testing.assert_allclose(power_of_t_test(2.5, 3, 0.01), 0.256783188848, rtol=1e-10)


@quick
@given(st.floats(0, 5), st.integers(2, 60), st.floats(1e-4, 0.2))
def test_power_is_a_tail_of_the_noncentral_t(effect_size: float, n: int, alpha: float) -> None:
    df, shift = 2 * n - 2, effect_size * np.sqrt(n / 2)
    critical = stats.t.isf(alpha, df)
    expected = stats.nct.sf(critical, df, shift) if shift > 0 else alpha
    np.testing.assert_allclose(power_of_t_test(effect_size, n, alpha, one_sided=True), expected, rtol=1e-7)


def test_without_effect_power_is_the_level() -> None:
    for n in (2, 5, 500):
        np.testing.assert_allclose(power_of_t_test(0.0, n, 0.01), 0.01, rtol=1e-9)


@quick
@given(st.floats(0.4, 6), st.floats(0.001, 0.1), st.floats(0.5, 0.95), st.integers(0, 3), st.booleans())
def test_the_answer_is_the_smallest(
    effect_size: float, alpha: float, power: float, covariates: int, one_sided: bool
) -> None:
    n = animals_per_group(effect_size, alpha, power, covariates, one_sided=one_sided)
    assert n is not None
    assert power_of_t_test(effect_size, n, alpha, covariates, one_sided=one_sided) >= power
    assert n == 2 or power_of_t_test(effect_size, n - 1, alpha, covariates, one_sided=one_sided) < power


@quick
@given(st.integers(3, 50), st.floats(0.001, 0.1), st.floats(0.3, 0.95), st.booleans())
def test_smallest_effect_is_the_reverse(n: int, alpha: float, power: float, one_sided: bool) -> None:
    effect = smallest_effect(n, alpha, power, one_sided=one_sided)
    np.testing.assert_allclose(power_of_t_test(effect, n, alpha, one_sided=one_sided), power, rtol=1e-7)
    assert animals_per_group(effect * (1 + 1e-7), alpha, power, one_sided=one_sided) == n


def test_what_cannot_be_reached_is_none() -> None:
    assert animals_per_group(0.0, 0.05, 0.8) is None
    assert animals_per_group(float("nan"), 0.05, 0.8) is None
    assert animals_per_group(0.1, 0.05, 0.8, maximum=1000) is None
    assert animals_per_group(0.1, 0.05, 0.8, maximum=2000) == 1571
    assert np.isnan(smallest_effect(2, 0.05, 0.8, covariates=2))


@pytest.mark.parametrize(("alpha", "power"), [(0.0, 0.8), (0.05, 1.0), (0.5, 0.4)])
def test_refuses_impossible_levels(alpha: float, power: float) -> None:
    with pytest.raises(ValueError, match="alpha < power"):
        animals_per_group(1.0, alpha, power)


def test_pairs_for_a_correlation_as_published() -> None:
    # Hulley et al., Designing Clinical Research, table 6C: r = 0.5, one-sided 0.05, power 0.8.
    assert pairs_for_correlation(0.5, 0.05, 0.8) == 24
    assert pairs_for_correlation(0.5, 0.05, 0.8, n_controlled=2) == 26


def test_pairs_for_a_correlation_reach_the_power() -> None:
    rng = np.random.default_rng(2)
    n = pairs_for_correlation(0.7, 0.01, 0.8)
    left = rng.normal(size=(4000, n))
    right = 0.7 * left + np.sqrt(1 - 0.49) * rng.normal(size=(4000, n))
    r = np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(left, right, strict=True)])
    power = (stats.t.sf(r * np.sqrt((n - 2) / (1 - r**2)), n - 2) < 0.01).mean()
    assert 0.78 < power < 0.86
