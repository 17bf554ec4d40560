from __future__ import annotations

from itertools import combinations, permutations
from math import comb, factorial

import numpy as np
import pytest
from scipy import stats

from organokine.kernels.concordance import rank_correlations
from organokine.kernels.linear_model import moderated_test
from organokine.kernels.relabeling import permutation_p, relabeled_t, relabelings

CASE = np.array([0.0, 1.0])


def two_groups(n: int, rng: np.random.Generator, missing: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Sixty features, of which each lacks up to so many values."""
    values = rng.normal(20, 1, (60, 2 * n)) * rng.uniform(0.3, 2, (60, 1))
    for row in values:
        row[rng.permutation(2 * n)[: rng.integers(0, missing + 1)]] = np.nan
    return values, np.column_stack([np.ones(2 * n), np.repeat([1.0, 0.0], n)])


def all_t(values: np.ndarray, design: np.ndarray, contrast: np.ndarray, orders: np.ndarray) -> np.ndarray:
    return np.hstack([t for _, t in relabeled_t(values, design, contrast, orders)])


def plain_t(values: np.ndarray, design: np.ndarray, contrast: np.ndarray) -> np.ndarray:
    return moderated_test(values, design, contrast, trend=False, robust=False, legacy=True).t


@pytest.mark.parametrize("n", [3, 4])
def test_p_is_that_of_brute_force_over_all_labels(n: int) -> None:
    rng = np.random.default_rng(n)
    values, design = two_groups(n, rng)
    signature = rng.normal(size=60)
    values += 0.4 * np.outer(signature, design[:, 1])
    found = relabelings(design[:, 1].tolist(), [0] * (2 * n), 1000, rng)
    assert found.exhaustive
    assert found.n_possible == len(found.orders) == comb(2 * n, n)
    rho = np.concatenate([rank_correlations(signature, t) for _, t in relabeled_t(values, design, CASE, found.orders)])
    by_hand = {}
    for chosen in combinations(range(2 * n), n):
        label = np.isin(np.arange(2 * n), chosen).astype(float)
        t = plain_t(values, np.column_stack([np.ones(2 * n), label]), CASE)
        by_hand[chosen] = stats.spearmanr(signature, t).statistic
    arranged = [tuple(np.flatnonzero(design[order, 1])) for order in found.orders]
    assert set(arranged) == set(by_hand)
    np.testing.assert_allclose(rho, [by_hand[each] for each in arranged], atol=1e-12)
    true = by_hand[tuple(range(n))]
    exact = np.array(list(by_hand.values()))
    assert permutation_p(rho) == np.mean(exact >= true - 1e-10)
    assert permutation_p(-rho) == np.mean(exact <= true + 1e-10)
    assert permutation_p(rho, two_sided=True) == np.mean(np.abs(exact) >= abs(true) - 1e-10)


@pytest.mark.parametrize("missing", [0, 2])
@pytest.mark.parametrize("covariate", ["none", "stratum", "number"])
def test_t_is_that_of_the_linear_model_refitted_to_what_the_covariates_leave(missing: int, covariate: str) -> None:
    rng = np.random.default_rng(5)
    values, design = two_groups(4, rng, missing)
    strata: list[object] = [0] * 8
    if covariate == "stratum":
        strata = ["f", "m"] * 4
        design = np.column_stack([design, np.tile([0.0, 1.0], 4)])
    if covariate == "number":
        design = np.column_stack([design, rng.normal(size=8)])
    contrast = np.eye(design.shape[1])[1]
    orders = relabelings(range(8), strata, 20, rng).orders
    nuisance = np.delete(design, 1, axis=1)
    left = np.full(values.shape, np.nan)
    for row, each in enumerate(values):
        held = np.isfinite(each)
        left[row, held] = each[held] - nuisance[held] @ np.linalg.lstsq(nuisance[held], each[held], rcond=None)[0]
    found = all_t(values, design, contrast, orders)
    for place, order in enumerate(orders):
        np.testing.assert_allclose(found[:, place], plain_t(left, design[order], contrast), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[:, 0], plain_t(values, design, contrast), rtol=1e-9, atol=1e-9)


def test_large_values_and_the_sign_of_the_contrast_are_kept() -> None:
    rng = np.random.default_rng(1)
    values, design = two_groups(3, rng)
    orders = relabelings(design[:, 1].tolist(), [0] * 6, 100, rng).orders
    usual = all_t(values, design, CASE, orders)
    np.testing.assert_allclose(all_t(values + 1e8, design, CASE, orders), usual, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(all_t(values, design, -3 * CASE, orders), -usual, rtol=1e-12)


def test_a_constant_feature_and_one_that_cannot_be_tested_do_no_harm() -> None:
    rng = np.random.default_rng(2)
    values, design = two_groups(3, rng)
    orders = relabelings(design[:, 1].tolist(), [0] * 6, 100, rng).orders
    values[0], values[1, 1:], values[2] = 20.0, np.nan, np.nan
    found = all_t(values, design, CASE, orders)
    assert np.abs(found[0]).max() < 1e-6
    assert np.isnan(found[1:3]).all()
    assert np.isfinite(found[3:]).all()


def test_strata_keep_their_labels_and_the_number_of_arrangements_is_theirs() -> None:
    labels, strata = ["a", "a", "b", "b", "a", "b"], ["f", "f", "f", "m", "m", "m"]
    found = relabelings(labels, strata, 100, np.random.default_rng(0))
    arranged = {tuple(labels[i] for i in order) for order in found.orders}
    assert len(arranged) == len(found.orders) == found.n_possible == 9
    by_hand = {(*first, *second) for first in permutations(labels[:3]) for second in permutations(labels[3:])}
    assert arranged == by_hand
    assert found.orders[0].tolist() == list(range(6))


def test_three_levels_are_arranged_in_all_ways() -> None:
    labels = list("aabbcc")
    found = relabelings(labels, [0] * 6, 100, np.random.default_rng(0))
    assert found.n_possible == factorial(6) // 8
    assert {tuple(labels[i] for i in order) for order in found.orders} == set(permutations(labels))


def test_many_arrangements_are_drawn_with_the_true_one_first_and_the_same_seed_gives_the_same() -> None:
    labels, strata = [1, 0] * 12, ["f"] * 12 + ["m"] * 12
    found = relabelings(labels, strata, 50, np.random.default_rng(3))
    again = relabelings(labels, strata, 50, np.random.default_rng(3))
    assert not found.exhaustive
    assert found.n_possible == comb(12, 6) ** 2
    assert found.orders.shape == (51, 24)
    assert found.orders[0].tolist() == list(range(24))
    assert (np.sort(found.orders, axis=1) == np.arange(24)).all()
    assert (found.orders[:, :12] < 12).all()
    assert np.array_equal(found.orders, again.orders)


def test_p_counts_the_true_arrangement_and_never_is_zero() -> None:
    statistic = np.array([3.0, 1.0, 2.0, 3.0 + 1e-14, -4.0])
    assert permutation_p(statistic) == 2 / 5
    assert permutation_p(statistic, two_sided=True) == 3 / 5
    assert permutation_p(np.array([9.0, 1.0, np.nan])) == 2 / 3
    assert np.isnan(permutation_p(np.array([np.nan, 1.0])))


def test_a_contrast_that_the_design_does_not_hold_is_refused() -> None:
    design = np.column_stack([np.ones(4), np.ones(4)])
    with pytest.raises(ValueError, match="does not determine"):
        next(relabeled_t(np.ones((2, 4)), design, CASE, np.arange(4)[None]))
