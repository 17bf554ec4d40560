"""Sets of correlated genes: limma's numbers, a plain version by loops, and the rate of false calls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from organokine.kernels.enrichment import set_correlation, set_rank_test, set_test, z_of_t
from organokine.kernels.linear_model import moderated_test, residuals


def test_camera_is_limmas(golden) -> None:
    case = golden("limma_camera")
    values = case.input.filter(like="sample").to_numpy()
    members = case.input.filter(like="set_").to_numpy(dtype=float)
    moderated = moderated_test(values, case.design, case.contrast, trend=False, robust=False)
    z = z_of_t(moderated.t, moderated.df)
    r = set_correlation(residuals(values, case.design).values, members)
    given = case.input["stat"].to_numpy()
    estimated = set_test(z, members, r, df=5)
    table = pd.DataFrame({"n": estimated.n, "correlation": r, "direction": np.sign(estimated.effect)})
    table["p_estimated"] = estimated.p
    table["p_preset"] = set_test(z, members, 0.01).p
    table["p_ranks"] = set_rank_test(moderated.t, members, r, df=5).p
    table["p_preset_ranks"] = set_rank_test(moderated.t, members, 0.01).p
    table["direction_given"] = np.sign(set_test(given, members, 0.05).effect)
    table["p_given"] = set_test(given, members, 0.05).p
    table["p_given_ranks"] = set_rank_test(given, members, 0.05).p
    table.index = case.expected.index
    case.check(table, list(table))
    assert table.loc["correlated_down", "p_preset"] < 1e-5 < table.loc["correlated_down", "p_estimated"]


def plain(z: np.ndarray, left: np.ndarray, w: np.ndarray) -> tuple[float, float, float]:
    """Correlation, slope and t of one weighted set, gene by gene and pair by pair."""
    x = w - w.mean()
    inside = np.flatnonzero(w)
    shared = possible = pairs = 0.0
    for i in inside:
        for j in inside:
            both = np.isfinite(left[i]) & np.isfinite(left[j])
            if i == j:
                continue
            pairs += abs(x[i] * x[j])
            if both.any():
                scale = np.sqrt(np.nanmean(left[i] ** 2) * np.nanmean(left[j] ** 2))
                shared += x[i] * x[j] * (left[i] * left[j])[both].sum() / scale
                possible += abs(x[i] * x[j]) * both.sum()
    r = shared / possible
    slope, intercept = np.polyfit(x, z, 1)
    variance = ((z - intercept - slope * x) ** 2).sum() / (len(z) - 2)
    return r, slope, slope / np.sqrt(variance * (1 / (x @ x) + max(r, 0) * pairs / (x @ x) ** 2))


def test_weights_and_missing_values_agree_with_the_definition() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(40, 9)) + rng.normal(size=(40, 1)) * rng.normal(size=9)
    values[rng.random(values.shape) < 0.2] = np.nan
    values[3] = np.nan
    design = np.column_stack([np.ones(9), np.arange(9) % 2])
    left = residuals(values, design).values
    w = np.zeros((40, 3))
    w[3:20, 0], w[10:30, 1], w[5:15, 2] = rng.normal(size=17), rng.normal(size=20), 1.0
    z = rng.normal(size=40)
    correlation = set_correlation(left, w)
    test = set_test(z, w, correlation, df=7)
    for k in range(3):
        r, slope, t = plain(z, left, w[:, k])
        np.testing.assert_allclose([correlation[k], test.effect[k], test.t[k]], [r, slope, t], rtol=1e-9)
    assert list(test.n) == [17, 20, 10]
    np.testing.assert_allclose(test.p, 2 * stats.t.sf(np.abs(test.t), 7), rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 100.0), st.floats(-1e6, 1e6))
def test_order_scale_and_shift_do_not_matter(seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    z, w = rng.normal(size=60), rng.normal(size=(60, 4)) * (rng.random((60, 4)) < 0.4)
    left = rng.normal(size=(60, 8))
    first = set_test(z, w, set_correlation(left, w), df=6)
    order = rng.permutation(60)
    second = set_test(
        z[order] + shift, sparse.csc_array(w[order] * factor), set_correlation(left[order] * 3.0, w[order]), df=6
    )
    np.testing.assert_allclose(second.t, first.t, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(second.effect * factor, first.effect, rtol=1e-5, atol=1e-7)
    turned = set_test(-z, w, set_correlation(left, w), df=6)
    np.testing.assert_allclose(turned.t, -first.t, rtol=1e-9)
    np.testing.assert_allclose(turned.p, first.p, rtol=1e-9)


def test_what_cannot_be_tested_is_missing() -> None:
    z = np.array([0.5, -1.0, 2.0, 0.1, np.nan])
    w = np.array([[0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]], dtype=float)
    for test in (set_test(z, w, np.nan), set_rank_test(z, w, np.nan)):
        assert list(test.n) == [0, 4, 0, 2]
        for column in (test.effect, test.t, test.df, test.p):
            assert list(np.isnan(column)) == [True, True, True, False]
    assert np.isnan(set_correlation(np.zeros((5, 3)), w)).all()


def test_z_keeps_tails_and_signs() -> None:
    t = np.array([0.0, 2.0, -2.0, 300.0, np.nan, 1.5])
    df = np.array([5.0, 5.0, 5.0, 500.0, 5.0, np.inf])
    z = z_of_t(t, df)
    np.testing.assert_allclose(z[[0, 1, 2, 5]], [0.0, stats.norm.isf(stats.t.sf(2, 5)), -z[1], 1.5], rtol=1e-12)
    assert np.isfinite(z[3])
    assert np.isnan(z[4])


def study(rng: np.random.Generator, members: np.ndarray, changes: np.ndarray | float = 0.0) -> tuple:
    """Twelve animals, six of which are cases; genes of a set share half of their variance: z, and correlation by set."""
    design = np.column_stack([np.ones(12), np.repeat([0.0, 1.0], 6)])
    shared = members @ rng.normal(size=(members.shape[1], 12))
    values = rng.normal(size=shared.shape) * np.where(members.any(axis=1), 0.7, 1.0)[:, None] + 0.7 * shared
    values[:, 6:] += np.reshape(changes, (-1, 1))
    moderated = moderated_test(values, design, [0, 1], trend=False, robust=False)
    return z_of_t(moderated.t, moderated.df), set_correlation(residuals(values, design).values, members)


def four_sets(n_genes: int, size: int = 30) -> np.ndarray:
    members = np.zeros((n_genes, 4))
    for k in range(4):
        members[size * k : size * (k + 1), k] = 1.0
    return members


@pytest.mark.parametrize("share_changed", [0.0, 0.4])
def test_correlated_genes_are_called_no_more_than_declared(share_changed: float) -> None:
    """No set changes more than the rest. As if genes were independent, over a third of the sets is called."""
    rng = np.random.default_rng(8)
    n_studies, members = 120, four_sets(600)
    ways = {
        "camera": lambda z, r: set_test(z, members, r, df=10),
        "errors only": lambda z, r: set_test(z, members, r, df=10, sampling_variance=1.0),
        "ranks": lambda z, r: set_rank_test(z, members, r, df=10),
        "preset": lambda z, _: set_test(z, members, 0.01),
        "independent": lambda z, _: set_test(z, members, 0.0),
    }
    called = dict.fromkeys(ways, 0)
    for _ in range(n_studies):
        changed = rng.normal(0, 1.5, len(members)) * (rng.random(len(members)) < share_changed)
        z, r = study(rng, members, changed)
        for name, way in ways.items():
            called[name] += int((way(z, r).p < 0.05).sum())
    n = 4 * n_studies
    for name in ("camera", "errors only", "ranks"):
        assert called[name] <= stats.binom.ppf(0.999, n, 0.05), name
    if share_changed == 0:
        assert min(called["preset"], called["independent"]) > 0.3 * n


def test_the_correlation_of_errors_leaves_true_changes_visible() -> None:
    """A set that rises among many genes that change: the whole variance inflated, as in camera, hides it."""
    rng = np.random.default_rng(9)
    members = four_sets(600)
    seen = np.zeros(2)
    for _ in range(40):
        changed = rng.normal(0, 2.0, len(members)) * (rng.random(len(members)) < 0.5)
        z, r = study(rng, members, changed + 1.5 * members[:, 0])
        whole, errors = set_test(z, members, r, df=10), set_test(z, members, r, df=10, sampling_variance=1.0)
        seen += [whole.p[0] < 0.05, errors.p[0] < 0.05]
        np.testing.assert_array_equal(errors.effect, whole.effect)
    assert seen[1] > seen[0] + 10
