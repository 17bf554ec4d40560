from __future__ import annotations

import time
from itertools import permutations, product

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.kernels.within_group import Part, largest_association_p, within_group_association


def part_of(candidates: np.ndarray, functions: np.ndarray, n: int, *covariates: np.ndarray) -> Part:
    case = np.repeat([0.0, 1.0], n)
    design = np.column_stack([np.ones(2 * n), case, *covariates])
    return Part(
        np.arange(len(candidates)), candidates, functions, design, np.where(case == 1, "old", "young"), np.arange(2 * n)
    )


def test_agrees_with_least_squares_of_the_measured_animals() -> None:
    rng = np.random.default_rng(1)
    sex = np.tile([0.0, 1.0], 8)
    candidates, functions = rng.normal(size=(6, 16)) + 20, rng.normal(size=(3, 16)) * 40 + 200
    candidates[:, 8:] += 3
    candidates[rng.random(candidates.shape) < 0.15] = np.nan
    part = part_of(candidates, functions, 8, sex)
    found = within_group_association(part)
    for row in range(6):
        measured = np.isfinite(candidates[row])
        assert found.n[row] == measured.sum()
        for place in range(3):
            fit = sm.OLS(functions[place, measured], np.column_stack([part.design, candidates[row]])[measured]).fit()
            assert found.df[row] == fit.df_resid
            np.testing.assert_allclose(found.t[row, place], fit.tvalues[-1], rtol=1e-8)
            np.testing.assert_allclose(found.p[row, place], fit.pvalues[-1], rtol=1e-8)
            np.testing.assert_allclose(
                found.r[row, place], fit.tvalues[-1] / np.sqrt(fit.tvalues[-1] ** 2 + fit.df_resid), rtol=1e-8
            )


@given(shift=st.floats(-1e6, 1e6), scale=st.floats(1e-3, 1e3), seed=st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_shift_scale_and_group_difference_do_not_matter(shift: float, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = np.repeat([0.0, 1.0], 6)
    candidates, functions = rng.normal(size=(5, 12)), rng.normal(size=(2, 12))
    found = within_group_association(part_of(candidates, functions, 6))
    moved = within_group_association(
        part_of(candidates * scale + shift * scale + 5 * case * scale, functions * scale - shift * scale * case, 6)
    )
    np.testing.assert_allclose(moved.r, found.r, atol=1e-6)


def test_what_does_not_vary_or_has_no_degree_of_freedom_left_is_missing() -> None:
    rng = np.random.default_rng(0)
    candidates, functions = rng.normal(size=(3, 6)), rng.normal(size=(2, 6))
    candidates[0] = np.repeat([20.1, 21.3], 3)
    candidates[1, :3] = np.nan
    functions[1] = np.repeat([300.0, 150.0], 3)
    part = part_of(candidates, functions, 3)
    found = within_group_association(part)
    assert np.isfinite(found.r).tolist() == [[False, False], [True, False], [True, False]]
    largest = largest_association_p([part], 3, rng)
    assert np.isfinite(largest.p).tolist() == [False, True, True]
    assert largest.n_tests.tolist() == [0, 1, 1]
    assert largest.part.tolist() == [-1, 0, 0]
    assert (largest_association_p([], 2, rng).n_tests == 0).all()


def test_p_is_that_of_all_arrangements() -> None:
    """576 arrangements of four and four, one by one, of two places and two functions."""
    rng = np.random.default_rng(3)
    functions = rng.normal(size=(2, 8))
    functions[1] += functions[0]
    parts = [part_of(rng.normal(size=(4, 8)), functions, 4) for _ in range(2)]
    parts[0].candidates[0] += 1.5 * functions[0]
    found = largest_association_p(parts, 4, np.random.default_rng(1), n_exceeding=2000, n_most=20_000)
    orders = [np.array([*young, *old]) for young, old in product(permutations(range(4)), permutations(range(4, 8)))]
    sizes = np.array(
        [
            np.max(
                [
                    np.abs(within_group_association(part._replace(functions=functions[:, order])).r).max(axis=1)
                    for part in parts
                ],
                axis=0,
            )
            for order in orders
        ]
    )
    exact = (sizes >= sizes[0] - 1e-12).mean(axis=0)
    assert exact[0] < 0.1
    # Draws with replacement: four standard errors of the share.
    error = 4 * np.sqrt(exact * (1 - exact) / 2000) + 1e-3
    assert (np.abs(found.p - exact) < error).all(), (found.p, exact)


def test_stopping_early_gives_the_same_p_within_its_error() -> None:
    rng = np.random.default_rng(4)
    part = part_of(rng.normal(size=(200, 12)), rng.normal(size=(3, 12)), 6)
    early = largest_association_p([part], 200, np.random.default_rng(1), n_exceeding=50, n_most=5000)
    late = largest_association_p([part], 200, np.random.default_rng(2), n_exceeding=5000, n_most=5000)
    assert (np.abs(np.log(early.p / late.p)) < 1.0).all()
    assert np.abs(np.log(early.p / late.p)).mean() < 0.2
    np.testing.assert_array_equal(early.function, late.function)


def test_functions_of_other_animals_are_shuffled_alike() -> None:
    """Two parts with the same functions, one of them in fewer animals, cost less than two unrelated looks."""
    rng = np.random.default_rng(5)
    functions = rng.normal(size=(1, 12))
    whole = part_of(rng.normal(size=(300, 12)), functions, 6)
    fewer = np.arange(11)
    half = Part(
        whole.rows, whole.candidates[:, fewer], functions[:, fewer], whole.design[fewer], whole.groups[fewer], fewer
    )
    one = largest_association_p([whole], 300, np.random.default_rng(1), n_exceeding=200, n_most=2000)
    both = largest_association_p([whole, half], 300, np.random.default_rng(1), n_exceeding=200, n_most=2000)
    assert (both.n_tests == 2).all()
    ratio = both.p[one.p < 0.3] / one.p[one.p < 0.3]
    assert np.median(ratio) < 1.6, "twice would be that of unrelated ones"


def test_time_grows_with_the_candidates_and_not_with_their_square() -> None:
    def seconds(n: int) -> float:
        rng = np.random.default_rng(6)
        candidates = rng.normal(size=(n, 16))
        candidates[rng.random(candidates.shape) < 0.05] = np.nan
        part = part_of(candidates, rng.normal(size=(4, 16)), 8)
        start = time.process_time()
        found = largest_association_p([part], n, rng)
        assert np.isfinite(found.p).all()
        return time.process_time() - start

    # Eight times the candidates take eight times the time, or sixty-four times if it were the square.
    assert seconds(2000) < 24 * seconds(250)


@pytest.mark.parametrize("n_exceeding", [1, 10])
def test_p_is_never_zero(n_exceeding: int) -> None:
    rng = np.random.default_rng(7)
    functions = rng.normal(size=(1, 16))
    part = part_of(functions.copy(), functions, 8)
    found = largest_association_p([part], 1, rng, n_exceeding=n_exceeding, n_most=500)
    assert 0 < found.p[0] <= 2 / 500
