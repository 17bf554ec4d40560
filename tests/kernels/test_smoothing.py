from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from statsmodels.nonparametric.smoothers_lowess import lowess as statsmodels_lowess

from organokine.kernels.smoothing import lowess, natural_spline_basis


@pytest.mark.parametrize("robust_iterations", [0, 3])
@pytest.mark.parametrize("span", [0.2, 0.5])
def test_agrees_with_another_implementation_point_by_point(span: float, robust_iterations: int) -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 10, 200)
    y = np.sin(x) + rng.standard_t(2, 200) * 0.3
    other = statsmodels_lowess(y, x, frac=span, it=robust_iterations, delta=0.0, return_sorted=False)
    ours = lowess(x, y, span=span, robust_iterations=robust_iterations, delta_fraction=0.0)
    np.testing.assert_allclose(ours, other, rtol=1e-7, atol=1e-9)


def test_a_line_is_kept_whatever_the_outlier() -> None:
    x = np.concatenate([np.arange(50.0), np.full(5, 20.0)])
    y = 3 * x - 7
    np.testing.assert_allclose(lowess(x, y), y, atol=1e-10)
    y[10] += 1000
    np.testing.assert_allclose(lowess(x, y, robust_iterations=10), 3 * x - 7, atol=1e-6)
    assert np.abs(lowess(x, y, robust_iterations=0) - (3 * x - 7)).max() > 50


def test_tied_points_share_one_value_and_few_points_pass() -> None:
    x = np.repeat([1.0, 2.0, 3.0], 4)
    smoothed = lowess(x, np.arange(12.0))
    for start in (0, 4, 8):
        np.testing.assert_allclose(smoothed[start : start + 4], smoothed[start])
    np.testing.assert_array_equal(lowess([5.0], [2.0]), [2.0])
    np.testing.assert_allclose(lowess([1.0, 1.0, 1.0], [1.0, 2.0, 6.0], robust_iterations=0), 3.0)


def test_the_basis_spans_the_natural_splines_of_its_knots() -> None:
    x = np.random.default_rng(2).normal(size=100)
    basis = natural_spline_basis(x, 4)
    knots = np.quantile(x, [0, 1 / 3, 2 / 3, 1])
    for heights in np.eye(4):
        spline = CubicSpline(knots, heights, bc_type="natural")(x)
        np.testing.assert_allclose(basis @ (basis.T @ spline), spline, atol=1e-10)
    np.testing.assert_allclose(basis.T @ basis, np.eye(4), atol=1e-12)


def test_few_distinct_values_give_fewer_columns() -> None:
    assert natural_spline_basis(np.full(9, 2.0), 4).shape == (9, 1)
    assert natural_spline_basis(np.repeat([1.0, 2.0], 10), 4).shape[1] == 2
