from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from organokine.kernels.censored import Censored, log_likelihood, tobit_maximum


def latencies(
    n: int, trials: int, spread: float, seed: int, ceiling: float = 300.0, floor: float = -np.inf
) -> Censored:
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(n), trials)
    design = np.column_stack([np.ones(len(subject)), subject % 2])
    value = 290 - 60.0 * design[:, 1] + spread * rng.normal(size=n)[subject] + 40 * rng.normal(size=len(subject))
    side = (value >= ceiling).astype(np.int8) - (value <= floor).astype(np.int8)
    return Censored(np.clip(value, floor, ceiling), side.astype(np.int8), design, subject)


def by_fine_grid(parameters: np.ndarray, data: Censored, n: int = 20001) -> float:
    """The intercept of every animal summed over a fine grid: a trapezoid of a smooth density that ends in zero."""
    sd, spread = np.exp(parameters[-2]), parameters[-1]
    grid = np.linspace(-12, 12, n)
    mean = data.design @ parameters[:-2]
    total = 0.0
    for subject in np.unique(data.subject):
        rows = data.subject == subject
        z = (data.value[rows] - mean[rows])[:, None] / sd - spread * grid / sd
        side = data.side[rows][:, None]
        terms = np.where(side == 0, norm.logpdf(z) - np.log(sd), np.where(side == 1, norm.logsf(z), norm.logcdf(z)))
        joint = terms.sum(axis=0) + norm.logpdf(grid)
        total += joint.max() + np.log(np.trapezoid(np.exp(joint - joint.max()), grid))
    return float(total)


@pytest.mark.parametrize(
    ("spread", "trials", "floor", "ceiling"),
    [
        (40, 9, -np.inf, 300),
        (5, 9, -np.inf, 300),
        (400, 9, -np.inf, 300),
        (100, 30, -np.inf, 300),
        (40, 9, 200, 300),
        (400, 1, 0, 300),
        (40, 3, -np.inf, 150),
    ],
)
def test_the_likelihood_is_that_of_a_fine_grid(spread: float, trials: int, floor: float, ceiling: float) -> None:
    data = latencies(8, trials, spread, seed=1, ceiling=ceiling, floor=floor)
    parameters = np.array([280.0, -40.0, np.log(38.0), 0.8 * spread])
    assert log_likelihood(parameters, data)[0] == pytest.approx(by_fine_grid(parameters, data), abs=1e-6)


def test_the_likelihood_of_one_animal_is_an_integral() -> None:
    data = latencies(1, 4, 40, seed=2)
    assert 0 < data.side.sum() < 4

    def integrand(intercept: float) -> float:
        z = (data.value - 280 - 30 * intercept) / 40
        return float(np.prod(np.where(data.side == 1, norm.sf(z), norm.pdf(z) / 40)) * norm.pdf(intercept))

    expected = np.log(quad(integrand, -10, 10, epsabs=0, epsrel=1e-11)[0])
    assert log_likelihood(np.array([280.0, 0, np.log(40), 30]), data)[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("spread", [0.0, 3.0, 40.0, 400.0])
def test_the_gradient_is_that_of_differences(spread: float) -> None:
    data = latencies(8, 9, 40, seed=3, floor=200)
    at = np.array([280.0, -50.0, np.log(42.0), spread])
    step = 1e-4 * np.eye(4)
    differences = [(log_likelihood(at + each, data)[0] - log_likelihood(at - each, data)[0]) / 2e-4 for each in step]
    np.testing.assert_allclose(log_likelihood(at, data)[1], differences, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("spread", [0, 40, 300])
def test_the_maximum_is_a_maximum_of_the_fine_grid(spread: float) -> None:
    data = latencies(10, 6, spread, seed=4)
    found = tobit_maximum(data, with_intercepts=True)
    assert found.converged
    top = np.array([*found.coefficients, np.log(found.residual_sd), found.subject_sd])
    height = by_fine_grid(top, data, 6001)
    assert found.log_likelihood == pytest.approx(height, abs=1e-6)
    for move in np.concatenate([np.diag([3, 3, 0.03, 3.0]), -np.diag([3, 3, 0.03, min(3.0, found.subject_sd)])]):
        assert by_fine_grid(top + move, data, 6001) <= height + 1e-9
