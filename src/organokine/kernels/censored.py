"""Normal values with a ceiling or floor and a random intercept per animal: the random-intercept Tobit model.

The intercept of every animal is integrated out by Gauss-Legendre quadrature on both sides of its most likely value. (For
an animal with all trials at the ceiling the density is a cliff with a long slope behind: adaptive Gauss-Hermite with 15
nodes was off by 0.1 in log-likelihood there, with 101 by 0.02.) With the intercept's spread at zero this is the ordinary
Tobit model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_ndtr

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Target = Callable[[Floats], tuple[float, Floats]]

# Numerical: nodes on each side of an animal's mode; steps to that mode, how near, how far the density is followed from it
# (a factor of exp(-25)) and by how many halvings that is found; step of the differences of the gradient, last steps to
# the maximum, the spreads (in standard deviations of the residual) from which the search starts, and how far it may go
# (in standard deviations of the values).
_N_NODES = 24
_MODE_STEPS = 60
_MODE_TOLERANCE = 1e-6
_DROP = 25.0
_HALVINGS = 10
_STEP = 1e-4
_NEWTON_STEPS = 5
_STARTS = (0.3, 2.0)
_LOG_SD = (-7.0, 7.0)
_SPREAD = (0.0, 1e3)


class Censored(NamedTuple):
    """Values of animals: `side` is 1 at the ceiling (the value is at least this), -1 at the floor, 0 where seen.

    Rows of one animal stand together; `subject` numbers them from 0 in this order.
    """

    value: Floats
    side: NDArray[np.int8]
    design: Floats
    subject: Codes


class TobitMaximum(NamedTuple):
    """The highest likelihood found. `covariance` is the inverse of the observed information at it, (p, p)."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    subject_sd: float
    residual_sd: float
    converged: bool


def log_likelihood(parameters: Floats, data: Censored, n_nodes: int = _N_NODES) -> tuple[float, Floats]:
    """Log-likelihood and its gradient.

    Parameters
    ----------
    parameters : (p + 2,) array
        Coefficients, logarithm of the residual standard deviation, standard deviation of the intercepts (its sign is
        ignored).
    data : Censored
    n_nodes : int
        Nodes on each side of an animal's most likely intercept.

    Returns
    -------
    tuple of float and (p + 2,) array
    """
    coefficients, sd, spread = parameters[:-2], np.exp(parameters[-2]), parameters[-1]
    residual = data.value - data.design @ coefficients
    # Intercepts in units of their standard deviation, (n_subjects, nodes).
    intercept, log_weights = _quadrature(residual, sd, spread, data, n_nodes)
    z = (residual[:, None] - spread * intercept[data.subject]) / sd
    log_density, slope, _ = _terms(z, data.side[:, None])
    log_density = log_density - np.where(data.side == 0, np.log(sd), 0.0)[:, None]
    joint = _by_subject(log_density, data.subject) - intercept**2 / 2 - np.log(2 * np.pi) / 2 + log_weights
    highest = joint.max(axis=1, keepdims=True)
    share = np.exp(joint - highest)
    total = share.sum(axis=1, keepdims=True)
    share = (share / total)[data.subject]
    # Expected derivatives given the values (Fisher's identity).
    by_mean = -(share * slope).sum(axis=1) / sd
    by_spread = -float((share * slope * intercept[data.subject]).sum()) / sd
    by_log_sd = -float((share * slope * z).sum()) - float((data.side == 0).sum())
    gradient = np.array([*(data.design.T @ by_mean), by_log_sd, by_spread])
    return float((np.log(total) + highest).sum()), gradient


def tobit_maximum(data: Censored, *, with_intercepts: bool) -> TobitMaximum:
    """Maximise the likelihood from several starts, and without intercepts, and keep the highest.

    Parameters
    ----------
    data : Censored
        With a design of full rank, also on the values seen, and more of these than coefficients.
    with_intercepts : bool
        False for one value per animal, where intercept and residual cannot be told apart.

    Returns
    -------
    TobitMaximum
        `subject_sd` is zero without intercepts, or where that is the highest likelihood.
    """
    basis, triangle = np.linalg.qr(data.design)
    size = np.sqrt(len(data.value))
    start = basis.T @ data.value
    residual = data.value - basis @ start
    scale = float(np.sqrt(residual @ residual / len(residual)))
    scaled = data._replace(value=residual / scale, design=basis * size)
    p = data.design.shape[1]

    def target(parameters: Floats, *, spread: bool) -> tuple[float, Floats]:
        full = parameters if spread else np.append(parameters, 0.0)
        value, gradient = log_likelihood(full, scaled)
        return -value, -gradient[: len(parameters)]

    def search(first: Floats) -> tuple[float, Floats, Floats]:
        spread = len(first) == p + 2
        bounds = [*[(-1e6, 1e6)] * p, _LOG_SD, *[_SPREAD] * spread]
        objective = partial(target, spread=spread)
        found = minimize(
            objective, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-6}
        )
        return _newton(objective, found.x)

    found = [search(np.zeros(p + 1))]
    if with_intercepts:
        plain = found[0][1]
        found += [search(np.append(plain, spread * np.exp(plain[-1]))) for spread in _STARTS]
    # Numerical: a spread that does not raise the likelihood is none.
    lowest = min(each[0] for each in found)
    value, best, curvature = next(each for each in found if each[0] < lowest + 1e-7)
    spread = len(best) == p + 2
    converged = bool(np.abs(target(best, spread=spread)[1]).max() < 1e-5)
    back = np.linalg.inv(triangle) * size * scale
    return TobitMaximum(
        np.linalg.inv(triangle) @ start + back @ best[:p],
        back @ np.linalg.inv(curvature)[:p, :p] @ back.T,
        -value - float((data.side == 0).sum()) * np.log(scale),
        abs(float(best[-1])) * scale if spread else 0.0,
        float(np.exp(best[p])) * scale,
        converged and bool((np.linalg.eigvalsh(curvature) > 0).all()),
    )


def _terms(z: Floats, side: NDArray[np.int8]) -> tuple[Floats, Floats, Floats]:
    """Log density of standardised residuals (of a tail where censored) with two derivatives by the residual."""
    # The chance of a value above the ceiling, below the floor.
    tail = -side * z
    log_tail = log_ndtr(tail)
    log_normal = -(z**2) / 2 - np.log(2 * np.pi) / 2
    hazard = np.exp(log_normal - log_tail)
    seen = side == 0
    return (
        np.where(seen, log_normal, log_tail),
        np.where(seen, -z, -side * hazard),
        np.where(seen, -1.0, -hazard * (hazard + tail)),
    )


def _quadrature(residual: Floats, sd: float, spread: float, data: Censored, n_nodes: int) -> tuple[Floats, Floats]:
    """Nodes and logarithms of weights on both sides of every animal's most likely intercept, as far as there is mass.

    The logarithm of the density of an intercept is concave with a curvature of at least that of its prior. So Newton
    steps, halved where they overshoot, find its top, and the reach of each side is known beforehand up to halving.
    """

    def log_density(intercept: Floats) -> tuple[Floats, Floats, Floats]:
        z = (residual - spread * intercept[data.subject]) / sd
        value, slope, second = (_by_subject(each, data.subject) for each in _terms(z, data.side))
        return value - intercept**2 / 2, -slope * spread / sd - intercept, 1 - second * (spread / sd) ** 2

    mode = np.zeros(int(data.subject.max()) + 1)
    last, top, step = np.full_like(mode, np.inf), np.zeros_like(mode), np.zeros_like(mode)
    for _ in range(_MODE_STEPS):
        top, gradient, curvature = log_density(mode)
        overshot = np.abs(gradient) > last
        step = np.where(overshot, -step / 2, gradient / curvature)
        last = np.where(overshot, last, np.abs(gradient))
        if np.abs(step).max() < _MODE_TOLERANCE:
            break
        mode = mode + step
    nodes, weights = _legendre(n_nodes)
    places, masses = [], []
    for sign in (-1, 1):
        reach = np.full_like(mode, np.sqrt(2 * _DROP))
        for _ in range(_HALVINGS):
            half = reach / 2
            reach = np.where(top - log_density(mode + sign * half)[0] > _DROP, half, reach)
        places.append(mode[:, None] + sign * reach[:, None] * (nodes + 1) / 2)
        masses.append(np.log(weights / 2) + np.log(reach)[:, None])
    return np.concatenate(places, axis=1), np.concatenate(masses, axis=1)


def _by_subject(terms: Floats, subject: Codes) -> Floats:
    first = np.concatenate([[0], np.flatnonzero(np.diff(subject)) + 1])
    return np.add.reduceat(terms, first, axis=0)


@cache
def _legendre(n: int) -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(n)


def _newton(target: Target, at: Floats) -> tuple[float, Floats, Floats]:
    """Take the last steps to a minimum; return its value, its place and the second derivatives there."""
    value, gradient = target(at)
    curvature = _jacobian(target, at)
    for _ in range(_NEWTON_STEPS):
        step = np.linalg.lstsq(curvature, -gradient, rcond=None)[0]
        new_value, new_gradient = target(at + step)
        if not np.abs(new_gradient).max() < np.abs(gradient).max() or new_value > value + 1e-9:
            break
        at, value, gradient = at + step, new_value, new_gradient
        curvature = _jacobian(target, at)
    return value, at, curvature


def _jacobian(target: Target, at: Floats) -> Floats:
    step = _STEP * np.eye(len(at))
    columns = np.array([(target(at + each)[1] - target(at - each)[1]) / (2 * _STEP) for each in step])
    return np.asarray((columns + columns.T) / 2, dtype=np.float64)
