"""Blocks of samples, tests against a minimum effect and tests of several coefficients: our numbers against those of R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.kernels.block_correlation import block_correlation
from organokine.kernels.linear_model import joint_test, moderated_test

PLAIN = {"trend": False, "robust": False, "legacy": True}
KINDS = {
    "plain": {"trend": False, "robust": False},
    "trend": {"trend": True, "robust": False},
    "robust": {"trend": False, "robust": True},
    "trend_robust": {"trend": True, "robust": True},
}


def part(case, prefix: str) -> np.ndarray:
    return case.input.filter(like=f"{prefix}_").to_numpy(dtype=float)


def block_case(golden, state: str) -> tuple:
    case = golden("limma_block")
    values = part(case, "missing" if state == "missing" else "complete")
    return case, values, case.about["design"]["blocks"], part(case, "weight") if state == "weighted" else None


@pytest.mark.parametrize("state", ["complete", "missing", "weighted"])
def test_moderated_t_with_blocks_is_limmas(golden, state: str) -> None:
    case, values, blocks, weights = block_case(golden, state)
    correlation = case.expected[f"consensus_{state}"].iloc[0]
    options = {"weights": weights, "blocks": blocks, "correlation": correlation}
    test = moderated_test(values, case.design, case.contrast, **options, **PLAIN)
    columns = {f"{field}_{state}": getattr(test, field) for field in ("t", "p", "sd", "df")}
    columns[f"effect_{state}"] = np.where(test.estimable, test.effect, np.nan)
    case.check(pd.DataFrame(columns, index=case.input.index), list(columns))
    without = moderated_test(values, case.design, case.contrast, weights=weights, **PLAIN)
    assert np.nanmedian(np.abs(without.t / test.t - 1)) > 0.1


@pytest.mark.parametrize("state", ["complete", "missing", "weighted"])
def test_the_consensus_is_limmas_and_the_rest_is_the_better_maximum(golden, state: str) -> None:
    case, values, blocks, weights = block_case(golden, state)
    found = block_correlation(values, case.design, blocks, weights=weights)
    theirs = case.expected[f"correlation_{state}"].to_numpy()
    np.testing.assert_array_equal(np.isnan(found.by_feature), np.isnan(theirs))
    consensus = pd.DataFrame({f"consensus_{state}": found.consensus}, index=case.input.index)
    case.check(consensus, list(consensus))
    tolerance = case.tolerance(f"correlation_{state}")["atol"]
    differing = np.flatnonzero(np.abs(found.by_feature - theirs) > tolerance)
    # statmod stops in a local maximum, or where its weights are held up: near a correlation of one.
    assert np.sum(theirs[differing] < 0.92) <= 1
    assert len(differing) < 0.1 * len(theirs)
    for row in differing:
        w = np.ones(values.shape[1]) if weights is None else weights[row]
        ours, other = (restricted_likelihood(values[row], case.design, blocks, w, r[row]) for r in (found[1], theirs))
        assert ours > other


def restricted_likelihood(
    y: np.ndarray, design: np.ndarray, blocks: np.ndarray, weights: np.ndarray, r: float
) -> float:
    """By the textbook, with dense matrices."""
    measured = np.isfinite(y)
    x, labels, spread = design[measured], np.asarray(blocks)[measured], 1 / np.sqrt(weights[measured])
    covariance = np.where(labels[:, None] == labels, r, 0.0) + (1 - r) * np.eye(len(labels))
    covariance *= np.outer(spread, spread)
    inverse = np.linalg.inv(covariance)
    information = x.T @ inverse @ x
    left = y[measured] - x @ np.linalg.solve(information, x.T @ inverse @ y[measured])
    determinants = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    df = len(labels) - x.shape[1]
    return float(-0.5 * (determinants + df * np.log(left @ inverse @ left)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["complete", "missing"])
def test_a_minimum_effect_is_limmas_treat(golden, state: str, kind: str) -> None:
    case = golden("limma_treat")
    minimum_effect = case.about["design"]["minimum_effect"]
    test = moderated_test(
        part(case, state), case.design, case.contrast, minimum_effect=minimum_effect, legacy=True, **KINDS[kind]
    )
    table = pd.DataFrame({f"t_{state}_{kind}": test.t, f"p_{state}_{kind}": test.p}, index=case.input.index)
    table[f"effect_{state}"] = np.where(test.estimable, test.effect, np.nan)
    case.check(table, list(table))
    assert 20 < np.sum(test.p < 0.05) < 100


@pytest.mark.parametrize("kind", KINDS)
def test_the_joint_test_is_limmas_f(golden, kind: str) -> None:
    case = golden("limma_f")
    test = joint_test(part(case, "complete"), case.design, np.eye(5)[:, 1:4], legacy=True, **KINDS[kind])
    table = pd.DataFrame(test.effects, case.input.index, [f"effect_{k}" for k in (2, 3, 4)])
    table[f"f_complete_{kind}"], table[f"p_complete_{kind}"] = test.f, test.p
    case.check(table, list(table))


def test_the_joint_test_of_uncorrelated_coefficients_is_limmas_with_missing_values(golden) -> None:
    case = golden("limma_f")
    cells = np.array(case.about["design"]["cells"], dtype=float)
    test = joint_test(part(case, "missing"), cells, np.eye(4), **PLAIN)
    case.check(
        pd.DataFrame({"f_missing": test.f, "p_missing": test.p}, index=case.input.index), ["f_missing", "p_missing"]
    )
    assert np.isnan(test.f).sum() > 10


def test_the_joint_test_with_missing_values_is_exact_where_limmas_is_not(golden) -> None:
    case = golden("limma_f")
    values, design = part(case, "missing"), case.design[:, :4]
    test = joint_test(values, design, np.eye(4)[:, 1:], **PLAIN)
    exact = np.full(len(values), np.nan)
    for row in np.flatnonzero(test.estimable):
        measured = np.isfinite(values[row])
        x, y = design[measured], values[row, measured]
        inverse = np.linalg.inv(x.T @ x)
        effects = (inverse @ x.T @ y)[1:]
        exact[row] = effects @ np.linalg.solve(inverse[1:, 1:], effects) / 3 / test.sd[row] ** 2
    np.testing.assert_allclose(test.f, exact, rtol=1e-9)
    complete = np.isfinite(values).all(axis=1)
    off = np.abs(case.expected["f_missing_coded"].to_numpy() / exact - 1)
    assert np.nanmax(off[complete]) < 1e-8
    assert np.nanmean(off[~complete & test.estimable] > 0.05) > 0.25
