"""Detection: closed forms, brute force of R, invariances, and the size of the test by enumeration of every outcome."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from organokine.kernels.detection import DetectionTest, detection_test

NUMBERS = ("log_odds", "ci_low", "ci_high", "statistic", "p")
CONTRAST = np.array([0.0, 1.0])


def two_groups(n_case: int, n_control: int) -> np.ndarray:
    return np.column_stack([np.ones(n_case + n_control), np.repeat([1.0, 0.0], [n_case, n_control])])


def every_outcome(n_samples: int) -> np.ndarray:
    return np.array(list(itertools.product([False, True], repeat=n_samples)))


def with_covariate(n: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([two_groups(n, n), rng.normal(size=2 * n)])


def assert_same(first: DetectionTest, second: DetectionTest, rtol: float = 1e-6) -> None:
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=rtol, atol=1e-6, err_msg=name)
    np.testing.assert_array_equal(first.reason, second.reason)


@pytest.mark.parametrize("sizes", [(3, 3), (4, 6), (1, 5)])
def test_two_groups_are_a_table_with_a_half_added_to_each_cell(sizes: tuple[int, int]) -> None:
    n_case, n_control = sizes
    detected = np.array(
        [
            [sample < case for sample in range(n_case)] + [sample < control for sample in range(n_control)]
            for case in range(n_case + 1)
            for control in range(n_control + 1)
        ]
    )[1:-1]
    test = detection_test(detected, two_groups(n_case, n_control), CONTRAST)
    case = (detected[:, :n_case].sum(axis=1) + 0.5) / (n_case + 1)
    control = (detected[:, n_case:].sum(axis=1) + 0.5) / (n_control + 1)
    np.testing.assert_allclose(test.log_odds, special.logit(case) - special.logit(control), rtol=1e-9, atol=1e-9)
    both = (detected.sum(axis=1) + 1) / (n_case + n_control + 2)
    height = (n_case + 1) * entropy(case) + (n_control + 1) * entropy(control)
    statistic = 2 * (height - (n_case + n_control + 2) * entropy(both))
    np.testing.assert_allclose(test.statistic, statistic, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(test.p, stats.chi2.sf(test.statistic, 1), rtol=1e-12)
    assert np.all((test.ci_low < test.log_odds) & (test.log_odds < test.ci_high))
    np.testing.assert_array_equal((test.ci_low > 0) | (test.ci_high < 0), test.p < 0.05)


def entropy(share: np.ndarray) -> np.ndarray:
    return share * np.log(share) + (1 - share) * np.log1p(-share)


@pytest.mark.parametrize("kind", ["plain", "offset"])
def test_estimate_interval_and_p_are_those_of_r(golden, kind: str) -> None:
    case = golden("firth")
    offset = case.about["design"]["offset"] if kind == "offset" else None
    test = detection_test(case.input.to_numpy() == 1, case.design, case.contrast, offset=offset)
    table = pd.DataFrame({f"{name}_{kind}": getattr(test, name) for name in NUMBERS}, index=case.input.index)
    case.check(table, list(table))


def test_goldens_of_both_kinds_differ(golden) -> None:
    expected = golden("firth").expected
    assert np.abs(expected["p_plain"] - expected["p_offset"]).max() > 0.05


@settings(max_examples=6)
@given(st.integers(0, 2**32 - 1), st.integers(3, 6), st.sampled_from([1e-3, 1.0, 1e4]), st.floats(-1e4, 1e4))
def test_order_scale_shift_sign_and_doubled_covariates_do_not_matter(
    seed: int, n: int, scale: float, shift: float
) -> None:
    rng = np.random.default_rng(seed)
    design = with_covariate(n, seed)
    detected = rng.random((6, 2 * n)) < rng.uniform(0.1, 0.9, (6, 1))
    contrast = np.array([0.0, 1.0, 0.0])
    plain = detection_test(detected, design, contrast)
    rows, samples = rng.permutation(6), rng.permutation(2 * n)
    shuffled = detection_test(detected[rows][:, samples], design[samples], contrast)
    assert_same(shuffled, DetectionTest(*(values[rows] for values in plain)))
    moved = design * [1.0, 1.0, scale] + [0.0, 0.0, shift * scale]
    assert_same(detection_test(detected, moved, contrast), plain)
    doubled = np.column_stack([design, design[:, 2], design[:, 2] + 1.0])
    assert_same(detection_test(detected, doubled, np.pad(contrast, (0, 2))), plain)
    turned = detection_test(detected, design, -contrast)
    np.testing.assert_allclose(turned.log_odds, -plain.log_odds, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(turned.ci_low, -plain.ci_high, rtol=1e-6, atol=1e-6)
    missing = detection_test(~detected, design, contrast)
    np.testing.assert_allclose(missing.log_odds, -plain.log_odds, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(missing.statistic, plain.statistic, rtol=1e-6, atol=1e-9)


def test_features_alike_are_exactly_alike_and_the_estimate_is_on_top() -> None:
    design = with_covariate(4)
    detected = np.tile(every_outcome(8)[37], (3, 1))
    test = detection_test(detected, design, [0, 1, 0])
    assert len(set(test.p)) == len(set(test.ci_low)) == 1


def test_an_offset_of_the_group_moves_the_estimate_by_itself() -> None:
    design, detected = with_covariate(5), every_outcome(10)[[77, 300, 512]]
    plain = detection_test(detected, design, [0, 1, 0])
    moved = detection_test(detected, design, [0, 1, 0], offset=1.5 * design[:, 1] - 0.7)
    np.testing.assert_allclose(moved.log_odds, plain.log_odds - 1.5, rtol=1e-8)
    np.testing.assert_allclose(moved.ci_high, plain.ci_high - 1.5, rtol=1e-6)


def test_what_cannot_be_asked_has_a_reason_and_no_number() -> None:
    detected = np.array([[True] * 6, [False] * 6, [True] * 5 + [False]])
    test = detection_test(detected, two_groups(3, 3), CONTRAST)
    assert test.reason.tolist() == ["always_detected", "never_detected", ""]
    assert test.n_detected.tolist() == [6, 0, 5]
    assert all(np.isnan(getattr(test, name)).tolist() == [True, True, False] for name in NUMBERS)
    confounded = np.column_stack([two_groups(3, 3), two_groups(3, 3)[:, 1]])
    assert detection_test(detected[2:], confounded, [0, 1, 0]).reason.tolist() == ["not_estimable"]
    assert detection_test(detected[2:], confounded, [0, 1, 1]).reason.tolist() == [""]


def test_every_outcome_of_a_nearly_saturated_design_has_numbers() -> None:
    batch = np.arange(8) % 3
    design = np.column_stack([two_groups(4, 4), np.arange(8) % 2, batch == 1, batch == 2]).astype(float)
    outcomes = every_outcome(8)[1:-1]
    test = detection_test(outcomes, design, np.eye(5)[1])
    assert np.isfinite(test.log_odds).all()
    assert np.isfinite(test.p).all()
    assert not np.isnan(test.ci_low).any()
    assert not np.isnan(test.ci_high).any()


@pytest.mark.parametrize(
    ("detected", "design", "contrast", "offset"),
    [
        ([[True, False]], np.ones((3, 1)), [1], None),
        ([[True, False]], np.ones((2, 1)), [1, 0], None),
        ([[True, False]], np.ones((2, 1)), [1], [0.0]),
        ([[True, False]], [[1.0], [np.nan]], [1], None),
        ([[True, False]], np.ones((2, 1)), [1], [0.0, np.inf]),
    ],
)
def test_shapes_and_numbers_that_do_not_fit_are_refused(detected, design, contrast, offset) -> None:
    with pytest.raises(ValueError, match=r"do not fit together|must be finite"):
        detection_test(detected, design, contrast, offset=offset)


# Rejected of null features: at the worst detection rate, and on average over rates from 0 to 1 among features that are neither
# always nor never measured. Above the nominal level in one place only: 5 % tests of 4 + 4 at rates near one half.
SIZES = [(4, 0.05, 0.0703, 0.0449), (4, 0.01, 0.0078, 0.0041), (5, 0.05, 0.0215, 0.0115), (6, 0.05, 0.0386, 0.0211)]
SIZES += [(6, 0.01, 0.0063, 0.0030), (6, 0.001, 0.0005, 0.0002)]


@pytest.mark.parametrize(("n", "level", "worst", "average"), SIZES)
def test_size_of_the_test_by_enumeration(n: int, level: float, worst: float, average: float) -> None:
    outcomes = every_outcome(2 * n)
    test = detection_test(outcomes, two_groups(n, n), CONTRAST)
    rejected = np.bincount(test.n_detected[test.p <= level], minlength=2 * n + 1)
    k = np.arange(2 * n + 1)
    rates = np.linspace(0, 1, 1001)[:, None]
    assert (rejected * rates**k * (1 - rates) ** (2 * n - k)).sum(axis=1).max() == pytest.approx(worst, abs=5e-5)
    # The average of rate^k (1 - rate)^(m - k) over all rates is a beta function.
    found = (rejected * special.beta(k + 1, 2 * n - k + 1)).sum() / (1 - 2 / (2 * n + 1))
    assert found == pytest.approx(average, abs=1e-4)
    assert found <= level


@pytest.mark.parametrize("n", [4, 5])
def test_a_covariate_leaves_the_test_conservative(n: int) -> None:
    outcomes = every_outcome(2 * n)
    design = with_covariate(n)
    test = detection_test(outcomes, design, [0, 1, 0])
    k = outcomes.sum(axis=1)
    # Odds of being measured that follow the covariate, but not the group.
    chance = special.expit(0.8 * design[:, 2])
    probability = np.where(outcomes, chance, 1 - chance).prod(axis=1)
    assert probability.sum() == pytest.approx(1)
    asked = (k > 0) & (k < 2 * n)
    for level in (0.05, 0.01):
        assert probability[asked & (test.p <= level)].sum() / probability[asked].sum() <= level
