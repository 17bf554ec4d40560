from __future__ import annotations

import numpy as np
import pytest

from organokine.kernels.linear_model import moderated_test
from organokine.kernels.signature_score import (
    Signature,
    contrast_of_scores,
    fraction_reproduced,
    leave_one_out,
    signal,
    signature_of,
    signature_scores,
)

CASE = np.array([0.0, 1.0])


def study(rng: np.random.Generator, n: int, effect: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Animals with correlated genes that differ by an effect."""
    n_genes = len(effect)
    label = np.repeat([1.0, 0.0], n)
    loadings = rng.normal(size=(n_genes, 5)) / np.sqrt(5)
    noise = np.sqrt(0.3) * loadings @ rng.normal(size=(5, 2 * n)) + np.sqrt(0.7) * rng.normal(size=(n_genes, 2 * n))
    return rng.normal(20, 2, (n_genes, 1)) + 0.3 * noise + np.outer(effect, label), np.column_stack(
        [np.ones(2 * n), label]
    )


def middle(values: np.ndarray) -> np.ndarray:
    half = values.shape[1] // 2
    return (np.nanmean(values[:, :half], axis=1) + np.nanmean(values[:, half:], axis=1)) / 2


def known_signature(effect: np.ndarray) -> Signature:
    return Signature(effect, np.full(len(effect), 1 / len(effect)), np.zeros(len(effect)))


def test_without_noise_the_score_is_the_fraction_and_a_shift_of_a_sample_does_not_enter() -> None:
    effect = np.random.default_rng(0).normal(size=40)
    values = np.column_stack([0.5 * effect + 7.0, -0.5 * effect, 0.25 * effect - 3.0]) + 20.0
    scores = signature_scores(values, np.full(40, 20.0), known_signature(effect))
    np.testing.assert_allclose(scores, [0.5, -0.5, 0.25])


def test_a_missing_value_takes_no_part() -> None:
    effect = np.random.default_rng(0).normal(size=40)
    values = (0.5 * effect + 20.0)[:, None].repeat(2, axis=1)
    values[:5, 0] = np.nan
    np.testing.assert_allclose(signature_scores(values, np.full(40, 20.0), known_signature(effect)), 0.5)
    values[:] = np.nan
    assert np.isnan(signature_scores(values, np.full(40, 20.0), known_signature(effect))).all()


def test_the_errors_of_the_signature_do_not_flatten_the_fraction() -> None:
    plain, corrected = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        effect = np.where(rng.random(1500) < 0.3, rng.normal(0, 0.4, 1500), 0.0)
        values, design = study(rng, 4, effect)
        test = moderated_test(values, design, CASE)
        signature = signature_of(test.effect, test.se, test.df)
        arm, arm_design = study(rng, 6, effect)
        corrected.append(fraction_reproduced(arm, middle(arm), arm_design, CASE, signature).slope)
        naive = signature._replace(noise=np.zeros(1500))
        plain.append(fraction_reproduced(arm, middle(arm), arm_design, CASE, naive).slope)
    assert np.mean(corrected) == pytest.approx(1.0, abs=0.1)
    assert np.mean(plain) < 0.8, "the plain regression is flattened: the correction is what the test is about"


@pytest.mark.parametrize("true", [0.0, 0.5])
def test_the_interval_holds_the_truth_with_correlated_genes_and_few_animals(true: float) -> None:
    held, n = 0, 16
    for seed in range(n):
        rng = np.random.default_rng(seed)
        effect = np.where(rng.random(250) < 0.3, rng.normal(0, 0.8, 250), 0.0)
        values, design = study(rng, 4, effect)
        test = moderated_test(values, design, CASE)
        arm, arm_design = study(rng, 3, true * effect)
        found = fraction_reproduced(
            arm,
            middle(arm),
            arm_design,
            CASE,
            signature_of(test.effect, test.se, test.df),
            leave_one_out(values, design, CASE),
            design[:, 1].tolist(),
        )
        held += found.low <= true <= found.high
    # With a coverage of 95 %, fewer than 12 of 16 have probability 0.0001.
    assert held >= 12


def test_a_contrast_without_a_signature_has_no_fraction() -> None:
    refused = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        values, design = study(rng, 4, np.zeros(250))
        test = moderated_test(values, design, CASE)
        arm, arm_design = study(rng, 4, np.zeros(250))
        signature = signature_of(test.effect, test.se, test.df)
        assert abs(signal(signature)) < 0.05
        found = fraction_reproduced(
            arm, middle(arm), arm_design, CASE, signature, leave_one_out(values, design, CASE), design[:, 1].tolist()
        )
        refused += np.isnan(found.slope)
    assert refused >= 7


def test_with_complete_values_the_interval_of_the_arm_alone_is_that_of_students_t() -> None:
    rng = np.random.default_rng(4)
    scores, design = rng.normal(size=8), np.column_stack([np.ones(8), np.repeat([1.0, 0.0], 4)])
    estimate, variance, df = contrast_of_scores(scores, design, CASE)
    first, second = scores[:4], scores[4:]
    pooled = (first.var(ddof=1) + second.var(ddof=1)) / 2
    assert estimate == pytest.approx(first.mean() - second.mean())
    assert (variance, df) == (pytest.approx(pooled / 2), 6)


def test_genes_that_were_not_estimated_have_no_weight() -> None:
    found = signature_of(np.array([1.0, np.nan, 2.0, 3.0]), np.array([0.1, 0.1, np.nan, 0.1]), np.array([9.0, 9, 9, 2]))
    assert found.weight.tolist() == [1.0, 0.0, 0.0, 0.0]
    none = signature_of(np.full(3, np.nan), np.full(3, np.nan), np.full(3, np.nan))
    assert none.weight.sum() == 0
    assert np.isnan(fraction_reproduced(np.ones((3, 4)), np.ones(3), np.ones((4, 1)), np.ones(1), none).slope)


def test_leaving_out_the_only_animal_of_a_group_leaves_nothing_estimated() -> None:
    values = np.random.default_rng(0).normal(size=(20, 4))
    design = np.column_stack([np.ones(4), [1.0, 0, 0, 0]])
    found = leave_one_out(values, design, CASE)
    assert found[0].weight.sum() == 0
    assert found[1].weight.sum() == pytest.approx(1.0)
