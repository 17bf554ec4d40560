"""`-ln p` of a correlation: against 50 digits, finite everywhere, and the rational function between its nodes."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.kernels.log_p import LAST_FITTED_R, minus_log_p, rational_fit

CORRELATIONS = [
    1e-12, 1e-8, 1e-5, 1e-3, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.9999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12
]  # fmt: skip
FREEDOMS = [1, 2, 3, 10, 47, 298, 1000, 5000]


def by_digits(r: float, df: int) -> float:
    """-ln I(1 - r^2; df / 2, 1 / 2), from the digits of the double r."""
    with mpmath.workdps(50):
        size = mpmath.mpf(r)
        p = mpmath.betainc(mpmath.mpf(df) / 2, mpmath.mpf(1) / 2, 0, 1 - size**2, regularized=True)
        return float(-mpmath.log(p))


@pytest.mark.parametrize("df", FREEDOMS)
def test_fifty_digits_agree(df) -> None:
    expected = [by_digits(r, df) for r in CORRELATIONS]
    found = minus_log_p(CORRELATIONS, df)
    # 1e-10 is what the docstring promises, four digits better than is needed.
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=0)


def test_p_below_the_smallest_number_has_digits() -> None:
    """The bend where the series takes over, and far beyond it, where p itself is zero in double precision."""
    for df in (298, 5000):
        r = np.sqrt(1 - np.exp(-np.array([1320.0, 1332, 1336, 1340, 1480, 1500, 4000]) / df))
        np.testing.assert_allclose(minus_log_p(r, df), [by_digits(each, df) for each in r], rtol=1e-10, atol=0)
    assert minus_log_p(0.999, 5000) > 15_000


unit = st.floats(0, 1, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(unit, unit, st.integers(1, 20_000))
def test_it_is_finite_rises_with_the_correlation_and_has_no_sign(one, other, df) -> None:
    low, high = minus_log_p(sorted([one, other]), df)
    assert np.isfinite([low, high]).all()
    # Two ways of computing meet at p = 1/2 and at the smallest p; they agree to 1e-12.
    assert 0 <= low <= high * (1 + 1e-12)
    assert minus_log_p(-one, df) == minus_log_p(one, df)


@pytest.mark.parametrize("df", [1, 2, 10, 298, 20_000])
def test_no_correlation_and_a_perfect_one(df) -> None:
    assert minus_log_p(0.0, df) == 0.0
    assert np.isfinite(minus_log_p([1.0, -1.0, 1.0 + 1e-9], df)).all()
    assert minus_log_p(1.0, df) > minus_log_p(1 - 1e-12, df)


def test_what_has_no_p() -> None:
    np.testing.assert_array_equal(np.isnan(minus_log_p([np.nan, 0.5, 0.5, 0.5], [10, 0, np.nan, 1])), [1, 1, 1, 0])
    assert minus_log_p(np.zeros((0, 3)), 5).shape == (0, 3)


@pytest.mark.parametrize("df", [1, 2, 3, 4, 6, 7, 9, 13, 18, 33, 48, 98, 180, 298, 330, 700, 1500, 5000, 9000, 20_000])
def test_the_rational_function_is_right_between_its_nodes(df) -> None:
    fit = rational_fit(df)
    r = np.concatenate([np.linspace(0, LAST_FITTED_R, 2003)[1:], np.geomspace(1e-9, LAST_FITTED_R, 401)])
    below = np.polyval(fit.denominator[::-1], r)
    found = r * np.polyval(fit.numerator[::-1], r) / below
    assert below.min() > 0
    assert np.abs(found / minus_log_p(r, df) - 1).max() <= 2e-5
    assert fit.error <= 2e-5
