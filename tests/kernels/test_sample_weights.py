from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from organokine.kernels.linear_model import moderated_test
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.kernels.sample_weights import sample_weights

quick = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**32 - 1)
DESIGN = np.column_stack([np.ones(6), np.repeat([0.0, 1.0], 3)])


def simulated(seed: int, n_features: int = 40, n_samples: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Values with missing ones and unequal samples, and a design with a numeric covariate that is not orthogonal."""
    rng = np.random.default_rng(seed)
    group = (np.arange(n_samples) >= n_samples // 2).astype(float)
    design = np.column_stack([np.ones(n_samples), group, rng.normal(size=n_samples) + group])
    noise = np.exp(rng.normal(0, 0.5, n_samples))
    values = 20 + rng.normal(size=(n_features, n_samples)) * noise * np.sqrt(6 / rng.chisquare(6, (n_features, 1)))
    values[rng.random(values.shape) < 0.15] = np.nan
    return values, design


def slow_weights(values: np.ndarray, design: np.ndarray, base: np.ndarray, prior: float) -> np.ndarray:
    """The same maximum by a general optimiser over a likelihood written feature by feature."""

    def loss(free: np.ndarray) -> float:
        gamma = np.append(free, -free.sum())
        total = 0.5 * prior * np.sum(gamma + np.exp(-gamma))
        for y, given_weight in zip(values, base, strict=True):
            measured = np.isfinite(y)
            x, w = design[measured], (given_weight * np.exp(-gamma))[measured]
            left, singular, _ = np.linalg.svd(x, full_matrices=False)
            x = left[:, singular > 1e-8]
            if len(x) <= x.shape[1]:
                continue
            gram = x.T @ (x * w[:, None])
            residual = y[measured] - x @ np.linalg.solve(gram, x.T @ (w * y[measured]))
            df = len(x) - x.shape[1]
            total += 0.5 * (df * np.log(w @ residual**2) + np.linalg.slogdet(gram)[1] - np.log(w).sum())
        return float(total)

    found = optimize.minimize(loss, np.zeros(values.shape[1] - 1), method="BFGS", options={"gtol": 1e-4})
    return np.exp(-np.append(found.x, -found.x.sum()))


def test_the_weights_are_limmas(golden) -> None:
    case = golden("limma_sample_weights")
    table = pd.DataFrame(index=pd.Index(case.input.columns, name="sample"))
    for prior in (0, 10, 100):
        table[f"prior_{prior}"] = sample_weights(case.input, case.design, prior_features=prior)
    table["six_features"] = sample_weights(case.input[:6], case.design)
    case.check(table, list(table))
    assert table["prior_10"].max() / table["prior_10"].min() > 10


@settings(max_examples=4, deadline=None)
@given(seeds, st.booleans(), st.sampled_from([2.0, 10.0]))
def test_agrees_with_a_slow_version_where_values_are_missing(seed: int, weighted: bool, prior: float) -> None:
    values, design = simulated(seed)
    base = np.random.default_rng(seed).gamma(3, 1, values.shape) if weighted else np.ones(values.shape)
    ours = sample_weights(values, design, weights=base if weighted else None, prior_features=prior)
    np.testing.assert_allclose(ours, slow_weights(values, design, base, prior), rtol=1e-4)


@quick
@given(seeds)
def test_order_shift_and_scale_do_not_matter(seed: int) -> None:
    values, design = simulated(seed)
    rng = np.random.default_rng(seed)
    weights = sample_weights(values, design)
    rows, columns = rng.permutation(len(values)), rng.permutation(values.shape[1])
    np.testing.assert_allclose(sample_weights(values[rows][:, columns], design[columns]), weights[columns], rtol=1e-7)
    moved = values * np.exp(rng.normal(size=(len(values), 1))) + 1e4
    np.testing.assert_allclose(sample_weights(moved, design), weights, rtol=1e-6)


@quick
@given(seeds)
def test_a_repeated_column_of_the_design_and_equal_precision_weights_change_nothing(seed: int) -> None:
    values, design = simulated(seed)
    weights = sample_weights(values, design)
    np.testing.assert_allclose(sample_weights(values, np.column_stack([design, design[:, 1]])), weights, rtol=1e-7)
    np.testing.assert_allclose(sample_weights(values, design, weights=np.full(values.shape, 7.0)), weights, rtol=1e-7)
    np.testing.assert_allclose(np.log(weights).sum(), 0.0, atol=1e-9)


def test_a_design_without_an_intercept_is_not_centred() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=8)
    values = 3 * x + rng.normal(size=(50, 8)) * np.where(np.arange(8) == 4, 3, 1)
    weights = sample_weights(values, x[:, None])
    np.testing.assert_allclose(weights, slow_weights(values, x[:, None], np.ones(values.shape), 10.0), rtol=1e-4)
    assert weights.argmin() == 4


def test_features_that_say_nothing_are_left_out() -> None:
    values, design = simulated(3)
    weights = sample_weights(values, design)
    constant, empty = np.full((1, 8), 17.3), np.full((1, 8), np.nan)
    saturated = np.where(np.arange(8) % 3 == 0, values[:1], np.nan)
    more = np.vstack([constant, values, empty, saturated, np.where(np.isnan(values[:1]), np.inf, constant)])
    np.testing.assert_allclose(sample_weights(more, design), weights, rtol=1e-9)
    np.testing.assert_array_equal(sample_weights(np.vstack([constant, empty]), design), np.ones(8))
    np.testing.assert_array_equal(sample_weights(np.empty((0, 8)), design), np.ones(8))


def test_two_samples_of_a_group_share_their_weight() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(300, 6)) * np.array([1, 3, 1, 1, 1, 1])
    design = np.column_stack([np.ones(6), [0, 0, 1, 1, 1, 1]])
    for prior in (0.0, 10.0):
        weights = sample_weights(values, design, prior_features=prior)
        np.testing.assert_allclose(weights[0], weights[1], rtol=1e-9)
        assert weights[0] < weights[2:].min()


def test_a_large_table_is_cut_into_pieces_without_a_change() -> None:
    values, design = simulated(5, n_features=400, n_samples=12)
    from organokine.kernels import sample_weights as module

    whole = sample_weights(values, design)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK_ELEMENTS", 1500)
        np.testing.assert_allclose(sample_weights(values, design), whole, rtol=1e-8)


def studies(noise: np.ndarray, shift: float, n_studies: int = 20) -> pd.DataFrame:
    """Share of nulls at p < 0.05, false discoveries and power at q < 0.05, and the worst sample, of simulated studies."""
    rows = []
    for seed in range(n_studies):
        rng = np.random.default_rng([7, seed])
        effect = np.append(rng.normal(0, 1, 200), np.zeros(1800))
        sd = 0.3 * np.sqrt(6 / rng.chisquare(6, len(effect)))
        values = 20 + rng.normal(size=(len(effect), 6)) * sd[:, None] * noise + np.outer(effect, DESIGN[:, 1])
        values = values + rng.normal(0, shift, 6)
        weights = sample_weights(values, DESIGN)
        row: dict[str, float] = {"worst": int(weights.argmin())}
        for name, used in (("plain", None), ("weighted", np.broadcast_to(weights, values.shape))):
            p = moderated_test(values, DESIGN, [0.0, 1.0], weights=used, trend=False, robust=False).p
            call = benjamini_hochberg(p) < 0.05
            row[f"type_one_{name}"] = float(np.mean(p[effect == 0] < 0.05))
            row[f"fdp_{name}"] = float(np.sum(call & (effect == 0)) / max(call.sum(), 1))
            row[f"power_{name}"] = float(np.mean(call[effect != 0]))
        rows.append(row)
    return pd.DataFrame(rows)


def test_one_poor_sample_of_six_is_found_and_power_rises() -> None:
    table = studies(np.array([1, 3, 1, 1, 1, 1]), shift=0.0)
    mean = table.mean()
    assert (table["worst"] == 1).all()
    assert mean["power_weighted"] > 2 * mean["power_plain"]
    # 20 studies of 1,800 nulls, and the two-sided bound that chance crosses once in a thousand times.
    low, high = stats.binom.interval(0.999, 20 * 1800, 0.05)
    assert low <= mean["type_one_weighted"] * 20 * 1800 <= high
    assert mean["fdp_weighted"] <= 0.05 + 2 * table["fdp_weighted"].std() / np.sqrt(20)


def test_weights_are_no_cure_for_shifts_left_unnormalised() -> None:
    table = studies(np.ones(6), shift=0.3).mean()
    assert table["fdp_plain"] < 0.15
    assert table["fdp_weighted"] > 0.3
    assert table["type_one_weighted"] > 0.15
