"""Fits with blocks and tests of several contrasts, against slow plain versions and as properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels import least_squares
from organokine.kernels.linear_model import JointTest, ModeratedTest, joint_test, moderated_test

quick = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**32 - 1)
kinds = st.sampled_from(["plain", "weights", "blocks", "correlations", "both"])

CONTRASTS = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, -1.0], [0.0, 0.0]])
BLOCKS = np.array(["a", "a", "a", "b", "b", "c", "d", "d", "e", "e", "f", "f"])


def simulated(seed: int, kind: str, n_features: int = 30) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Values with missing ones, a design that is not orthogonal, and options of the tests."""
    rng = np.random.default_rng(seed)
    n = len(BLOCKS)
    group = (np.arange(n) >= 6).astype(float)
    design = np.column_stack([np.ones(n), group, rng.permutation(group), rng.normal(size=n) + group])
    values = rng.normal(20, 2, (n_features, 1)) + rng.normal(size=(n_features, n)) * rng.gamma(4, 0.25, (n_features, 1))
    values[rng.random(values.shape) < rng.random((n_features, 1)) * 0.4] = np.nan
    options: dict[str, Any] = {"trend": False, "robust": False}
    if kind in ("weights", "both"):
        options["weights"] = rng.gamma(2, 3, values.shape)
    if kind in ("blocks", "both"):
        options |= {"blocks": BLOCKS, "correlation": rng.uniform(-0.45, 0.95)}
    elif kind == "correlations":
        options |= {"blocks": BLOCKS, "correlation": rng.uniform(-0.45, 0.95, n_features)}
    return values, design, options


def chosen(options: dict[str, Any], rows: np.ndarray | slice, columns: np.ndarray | slice) -> dict[str, Any]:
    """The options of some rows and columns of the values."""
    result = dict(options)
    if "weights" in options:
        result["weights"] = options["weights"][rows][:, columns]
    if "blocks" in options:
        result["blocks"] = options["blocks"][columns]
        if np.ndim(options["correlation"]) > 0:
            result["correlation"] = options["correlation"][rows]
    return result


def by_row(values: np.ndarray, design: np.ndarray, contrasts: np.ndarray, options: dict[str, Any]) -> list[Any]:
    """Slow and plain: estimates, their unscaled covariance, residual variance and its df; None if not determined."""
    n = values.shape[1]
    correlation = np.broadcast_to(options.get("correlation", 0.0), len(values))
    weights = options.get("weights", np.ones(values.shape))
    blocks = options.get("blocks", np.arange(n))
    result: list[Any] = []
    for y, w, r in zip(values, weights, correlation, strict=True):
        measured = np.isfinite(y)
        x = design[measured]
        rank = np.linalg.matrix_rank(x) if measured.any() else 0
        if np.linalg.matrix_rank(np.vstack([x, contrasts.T])) > rank or measured.sum() == rank:
            result.append(None)
            continue
        covariance = np.where(blocks[:, None] == blocks, r, 0.0) + (1 - r) * np.eye(n)
        covariance /= np.sqrt(np.outer(w, w))
        inverse = np.linalg.inv(covariance[np.ix_(measured, measured)])
        spread = np.linalg.pinv(x.T @ inverse @ x)
        coefficients = spread @ x.T @ inverse @ y[measured]
        left = y[measured] - x @ coefficients
        df = measured.sum() - rank
        result.append((contrasts.T @ coefficients, contrasts.T @ spread @ contrasts, left @ inverse @ left / df, df))
    return result


@quick
@given(seeds, kinds)
def test_tests_agree_with_dense_generalised_least_squares(seed: int, kind: str) -> None:
    values, design, options = simulated(seed, kind)
    single = moderated_test(values, design, CONTRASTS[:, 1], **options)
    joint = joint_test(values, design, CONTRASTS, **options)
    plain = by_row(values, design, CONTRASTS, options)
    np.testing.assert_array_equal(joint.estimable, [row is not None for row in plain])
    for k in np.flatnonzero(joint.estimable):
        effects, covariance, variance, df = plain[k]
        np.testing.assert_allclose(joint.effects[k], effects, rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(single.effect[k], effects[1], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(single.se[k], single.sd[k] * np.sqrt(covariance[1, 1]), rtol=1e-7)
        f = effects @ np.linalg.solve(covariance, effects) / 2 / joint.sd[k] ** 2
        np.testing.assert_allclose([joint.f[k], joint.df_numerator[k]], [f, 2], rtol=1e-6)
        np.testing.assert_allclose(joint.p[k], stats.f.sf(f, 2, joint.df[k]), rtol=1e-5)
        prior = joint.df_prior[k]
        if np.isfinite(prior) and prior > 1e-6:
            # Solved for the prior, the moderated variance is above its share of the own.
            assert joint.sd[k] ** 2 > variance * df / (df + prior) * (1 - 1e-7)


@quick
@given(seeds)
def test_an_own_variance_is_that_of_dense_generalised_least_squares(seed: int) -> None:
    # A single feature borrows nothing, so that its standard error is all its own.
    for kind in ("blocks", "both"):
        values, design, options = simulated(seed, kind, 1)
        test = moderated_test(values, design, CONTRASTS[:, 0], **options)
        (plain,) = by_row(values, design, CONTRASTS[:, :1], options)
        assert (plain is not None) == test.estimable[0]
        if plain is not None:
            np.testing.assert_allclose(test.sd[0] ** 2, plain[2], rtol=1e-7)
            np.testing.assert_allclose(test.df[0], plain[3])


@quick
@given(seeds, kinds)
def test_order_of_features_and_samples_does_not_matter(seed: int, kind: str) -> None:
    values, design, options = simulated(seed, kind)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(values)), rng.permutation(values.shape[1])
    shuffled = (values[rows][:, columns], design[columns])
    permuted = chosen(options, rows, columns)
    for minimum_effect in (0.0, 0.7):
        test = moderated_test(values, design, CONTRASTS[:, 0], minimum_effect=minimum_effect, **options)
        again = moderated_test(*shuffled, CONTRASTS[:, 0], minimum_effect=minimum_effect, **permuted)
        assert_same(ModeratedTest(*(field[rows] for field in test)), again)
    joint = joint_test(values, design, CONTRASTS, **options)
    assert_same(JointTest(*(field[rows] for field in joint)), joint_test(*shuffled, CONTRASTS, **permuted))


def assert_same(first: ModeratedTest | JointTest, second: ModeratedTest | JointTest, rtol: float = 1e-6) -> None:
    for name in first._fields:
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=rtol, atol=1e-8, err_msg=name)


@quick
@given(seeds, kinds, st.sampled_from([-50.0, 1e8]))
def test_a_shift_changes_the_mean_only(seed: int, kind: str, shift: float) -> None:
    values, design, options = simulated(seed, kind)
    # Steps of 2**-20 survive the addition of 1e8 without rounding.
    values = np.round(values * 2**20) / 2**20
    for test, moved in (
        [joint_test(table, design, CONTRASTS, **options) for table in (values, values + shift)],
        [
            moderated_test(table, design, CONTRASTS[:, 1], minimum_effect=0.3, **options)
            for table in (values, values + shift)
        ],
    ):
        np.testing.assert_allclose(moved.mean, test.mean + shift, rtol=1e-12)
        same = {name: getattr(test, name) for name in test._fields if name != "mean"}
        for name, field in same.items():
            np.testing.assert_allclose(getattr(moved, name), field, rtol=1e-5, atol=1e-6, err_msg=name)


@quick
@given(seeds, kinds, st.sampled_from([1e-6, 1e5]))
def test_a_scale_changes_the_unit_only(seed: int, kind: str, scale: float) -> None:
    values, design, options = simulated(seed, kind)
    joint, scaled = (joint_test(values * factor, design, CONTRASTS, **options) for factor in (1.0, scale))
    for name, factor in (("effects", scale), ("sd", scale), ("f", 1.0), ("p", 1.0), ("df", 1.0)):
        np.testing.assert_allclose(getattr(scaled, name), getattr(joint, name) * factor, rtol=1e-5, err_msg=name)
    treat, scaled_treat = (
        moderated_test(values * factor, design, CONTRASTS[:, 0], minimum_effect=0.3 * factor, **options)
        for factor in (1.0, scale)
    )
    np.testing.assert_allclose(scaled_treat.p, treat.p, rtol=1e-5, atol=1e-12)


@quick
@given(seeds, kinds)
def test_the_sign_of_contrasts_is_no_matter_to_p(seed: int, kind: str) -> None:
    values, design, options = simulated(seed, kind)
    test, opposite = (
        moderated_test(values, design, sign * CONTRASTS[:, 1], minimum_effect=0.3, **options) for sign in (1, -1)
    )
    np.testing.assert_array_equal(opposite.t, -test.t)
    np.testing.assert_array_equal(opposite.p, test.p)
    joint = joint_test(values, design, CONTRASTS, **options)
    flipped = joint_test(values, design, CONTRASTS * [-1, 1], **options)
    np.testing.assert_array_equal(flipped.effects, joint.effects * [-1, 1])
    np.testing.assert_allclose(flipped.p, joint.p, rtol=1e-9)


@quick
@given(seeds, kinds)
def test_a_covariate_or_a_contrast_given_twice_changes_nothing(seed: int, kind: str) -> None:
    values, design, options = simulated(seed, kind)
    wide = np.column_stack([design, 3 * design[:, 3]])
    contrasts = np.vstack([CONTRASTS, [0, 0]])
    assert_same(
        moderated_test(values, design, CONTRASTS[:, 1], **options),
        moderated_test(values, wide, contrasts[:, 1], **options),
    )
    joint = joint_test(values, design, CONTRASTS, **options)
    assert_same(joint, joint_test(values, wide, contrasts, **options))
    repeated = joint_test(values, design, np.column_stack([CONTRASTS, CONTRASTS @ [2, 1e3]]), **options)
    assert_same(joint, repeated._replace(effects=repeated.effects[:, :2]))


@quick
@given(seeds, kinds)
def test_the_joint_test_of_one_contrast_is_the_square_of_t(seed: int, kind: str) -> None:
    values, design, options = simulated(seed, kind)
    test = moderated_test(values, design, CONTRASTS[:, 1], **options)
    joint = joint_test(values, design, CONTRASTS[:, 1:], **options)
    np.testing.assert_allclose(joint.f, test.t**2, rtol=1e-9)
    np.testing.assert_allclose(joint.p, test.p, rtol=1e-7)


@quick
@given(seeds)
def test_blocks_without_correlation_or_of_one_sample_are_none(seed: int) -> None:
    values, design, options = simulated(seed, "weights")
    test = moderated_test(values, design, CONTRASTS[:, 0], **options)
    assert_same(test, moderated_test(values, design, CONTRASTS[:, 0], blocks=BLOCKS, correlation=0.0, **options))
    alone = np.arange(len(BLOCKS))
    assert_same(test, moderated_test(values, design, CONTRASTS[:, 0], blocks=alone, correlation=0.9, **options))


@quick
@given(seeds, st.floats(0.01, 3))
def test_a_minimum_effect_makes_the_test_stricter(seed: int, minimum_effect: float) -> None:
    values, design, options = simulated(seed, "plain")
    test = moderated_test(values, design, CONTRASTS[:, 0], **options)
    strict = moderated_test(values, design, CONTRASTS[:, 0], minimum_effect=minimum_effect, **options)
    tested = test.estimable
    assert np.all(strict.p[tested] >= test.p[tested] - 1e-12)
    assert np.all(np.abs(strict.t[tested]) <= np.abs(test.t[tested]))
    np.testing.assert_array_equal(strict.t[tested] == 0, np.abs(test.effect[tested]) <= minimum_effect)
    tiny = moderated_test(values, design, CONTRASTS[:, 0], minimum_effect=1e-13, **options)
    np.testing.assert_allclose(tiny.p, test.p, rtol=1e-6)


def test_no_minimum_effect_is_the_ordinary_test_to_the_bit() -> None:
    values, design, options = simulated(1, "both")
    for ordinary, zero in zip(
        moderated_test(values, design, CONTRASTS[:, 0], **options),
        moderated_test(values, design, CONTRASTS[:, 0], minimum_effect=0.0, **options),
        strict=True,
    ):
        np.testing.assert_array_equal(ordinary, zero)


@pytest.mark.parametrize("minimum_effect", [0.5, 1.0])
def test_a_true_effect_of_the_minimum_is_called_at_the_nominal_rate(minimum_effect: float) -> None:
    rng = np.random.default_rng(3)
    n_features = 20_000
    group = np.repeat([0.0, 1.0], 4)
    values = rng.normal(size=(n_features, 8)) * np.sqrt(8 / rng.chisquare(8, (n_features, 1))) * 0.2
    values += minimum_effect * group
    design = np.column_stack([np.ones(8), group])
    calls = np.sum(moderated_test(values, design, [0, 1], minimum_effect=minimum_effect).p < 0.05)
    low, high = stats.binom.interval(0.999, n_features, 0.05)
    assert low <= calls <= high


def test_a_small_share_of_a_covariate_among_the_measured_is_enough() -> None:
    values, design, _ = simulated(7, "plain", 1)
    values = np.where(np.isfinite(values), values, 20.0)
    design[0, 3] = 1e4
    values[0, 0] = np.nan
    for correlation in (-0.45, 0.0, 0.99):
        options = {"trend": False, "robust": False, "blocks": BLOCKS, "correlation": correlation}
        test = moderated_test(values, design, [0, 0, 0, 1], **options)
        (plain,) = by_row(values, design, np.array([[0.0], [0.0], [0.0], [1.0]]), options)
        np.testing.assert_allclose([test.effect[0], test.sd[0] ** 2, test.df[0]], [plain[0][0], *plain[2:]], rtol=1e-6)


def test_weights_of_samples_are_those_of_every_feature() -> None:
    values, design, options = simulated(6, "blocks")
    weights = np.random.default_rng(6).gamma(2, 3, values.shape[1])
    wide = np.tile(weights, (len(values), 1))
    assert_same(
        moderated_test(values, design, CONTRASTS[:, 0], weights=weights, **options),
        moderated_test(values, design, CONTRASTS[:, 0], weights=wide, **options),
    )


def test_chunks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("plain", "both", "correlations"):
        values, design, options = simulated(5, kind)
        whole = joint_test(values, design, CONTRASTS, **options)
        with monkeypatch.context() as patch:
            patch.setattr(least_squares, "_VALUES_PER_CHUNK", 7 * values.shape[1])
            assert_same(whole, joint_test(values, design, CONTRASTS, **options), rtol=1e-12)


def test_a_table_without_features_gives_tests_without_features() -> None:
    design = np.column_stack([np.ones(12), np.repeat([0.0, 1.0], 6)])
    assert moderated_test(np.empty((0, 12)), design, [0, 1], blocks=BLOCKS, correlation=0.5).p.shape == (0,)
    assert joint_test(np.empty((0, 12)), design, np.eye(2)).effects.shape == (0, 2)


def test_correlations_of_no_random_variables_are_refused() -> None:
    values, design, _ = simulated(2, "plain")
    for correlation in (1.0, -0.5, np.nan, [0.1] * 29 + [1.0]):
        with pytest.raises(ValueError, match=r"not between -0\.5 and 1"):
            moderated_test(values, design, CONTRASTS[:, 0], blocks=BLOCKS, correlation=correlation)
    with pytest.raises(ValueError, match="one number or one per feature"):
        moderated_test(values, design, CONTRASTS[:, 0], blocks=BLOCKS, correlation=[0.1, 0.2])


def test_blocks_that_are_incomplete_are_refused() -> None:
    values, design, _ = simulated(2, "plain")
    with pytest.raises(ValueError, match="needs blocks"):
        moderated_test(values, design, CONTRASTS[:, 0], correlation=0.5)
    with pytest.raises(ValueError, match="need a correlation"):
        joint_test(values, design, CONTRASTS, blocks=BLOCKS)
    with pytest.raises(ValueError, match="11 block labels for 12 samples"):
        joint_test(values, design, CONTRASTS, blocks=BLOCKS[1:], correlation=0.5)
    with pytest.raises(ValueError, match="1 samples have no block label, first the one at position 3"):
        joint_test(values, design, CONTRASTS, blocks=["a", "a", "b", None, *BLOCKS[4:]], correlation=0.1)


@pytest.mark.parametrize("minimum_effect", [-1.0, np.nan, np.inf])
def test_a_minimum_effect_that_is_no_size_is_refused(minimum_effect: float) -> None:
    values, design, _ = simulated(2, "plain")
    with pytest.raises(ValueError, match="minimum_effect"):
        moderated_test(values, design, CONTRASTS[:, 0], minimum_effect=minimum_effect)


def test_contrasts_that_are_all_zero_are_refused() -> None:
    values, design, _ = simulated(2, "plain")
    with pytest.raises(ValueError, match="all zero"):
        joint_test(values, design, np.zeros((4, 2)))


def test_a_confounded_contrast_leaves_no_joint_test() -> None:
    values, design, options = simulated(2, "plain")
    twice = np.column_stack([design, design[:, 1]])
    test = joint_test(values, twice, np.array([[0, 0], [1, 0], [0, 1], [0, 0], [0, 0.0]]), **options)
    assert not test.estimable.any()
    assert np.isnan(test.f).all()
    # The contrast that is not confounded keeps its estimates.
    single = moderated_test(values, design, [0, 0, 1, 0], **options)
    np.testing.assert_allclose(test.effects[:, 1], single.effect, rtol=1e-7, atol=1e-9)
    assert np.isnan(test.effects[:, 0]).all()
