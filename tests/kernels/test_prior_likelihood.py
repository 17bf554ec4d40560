from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from organokine.kernels.prior_likelihood import _group, _loss, likelihood_prior
from organokine.kernels.prior_moments import trend_basis


def drawn(seed: int, n: int, d0: float) -> tuple[np.ndarray, np.ndarray]:
    """Variances around a prior of 1, and their degrees of freedom."""
    rng = np.random.default_rng(seed)
    df = rng.choice([1.0, 2.0, 5.0, 20.0], n)
    return d0 / rng.chisquare(d0, n) * rng.chisquare(df) / df, df


@pytest.mark.parametrize("d0", [0.2, 3.0, 50.0, 3000.0])
def test_slope_and_curvature_are_those_of_the_loss(d0: float) -> None:
    variance, df = drawn(1, 60, 4.0)
    basis = 60**0.5 * trend_basis(np.random.default_rng(2).normal(size=(60, 1)))
    side = np.repeat([0.0, 1.0, -1.0], 20)
    groups = [_group(np.log(variance), df, basis, side, sign) for sign in (0, 1, -1)]
    at = np.append(np.full(basis.shape[1], 0.1), 1 / (1 + d0))
    here = _loss(at, groups)
    for unknown, step in enumerate(1e-4 * np.append(np.ones(basis.shape[1]), at[-1])):
        more, less = (_loss(at + sign * step * np.eye(len(at))[unknown], groups) for sign in (1, -1))
        np.testing.assert_allclose(here.slope[unknown], (more.value - less.value) / (2 * step), rtol=1e-4, atol=1e-6)
        differences = (more.slope - less.slope) / (2 * step)
        size = np.abs(here.curvature[unknown]).max()
        np.testing.assert_allclose(here.curvature[unknown], differences, rtol=1e-3, atol=1e-4 * size)


@pytest.mark.parametrize("seed", range(30))
def test_no_point_of_a_grid_is_likelier(seed: int) -> None:
    # Of few features with a wild one among them the likelihood may have two peaks.
    variance, df = drawn(seed, [4, 6, 15, 60][seed % 4], [0.5, 3.0, 30.0][seed % 3])
    df[:2] = 1.0, 2.0
    variance[0] *= 10.0 ** (seed % 7)
    prior, df_prior = likelihood_prior(variance, df, None, None)

    def log_likelihood(log_prior: np.ndarray | float, d0: np.ndarray | float) -> np.ndarray:
        ratio = np.log(variance)[:, None] - np.ravel(log_prior)
        return np.sum(stats.f.logpdf(np.exp(ratio), df[:, None], np.ravel(d0)) + ratio, axis=0)

    log_priors, strengths = np.meshgrid(np.linspace(-8, 8, 81), np.geomspace(1e-2, 1e5, 71))
    found = log_likelihood(np.log(prior[0]), min(df_prior[0], 1e5))[0]
    assert found >= log_likelihood(log_priors, strengths).max() - 1e-8 * len(df)


def test_outliers_beyond_the_bounds_do_not_move_the_prior_however_far() -> None:
    variance, df = drawn(3, 500, 8.0)
    fits = []
    for factor in (1e4, 1e8):
        wild = variance.copy()
        wild[:10] *= factor
        fits.append(likelihood_prior(wild, df, None, (0.05, 0.1)))
    np.testing.assert_allclose(fits[0][0], fits[1][0], rtol=1e-3)
    np.testing.assert_allclose(np.median(fits[0][1]), np.median(fits[1][1]), rtol=1e-2)
    assert abs(np.median(fits[1][1]) / 8 - 1) < 0.4
