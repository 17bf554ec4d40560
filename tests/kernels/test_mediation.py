from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from organokine.kernels.mediation import bootstrap_indirect, mediation


def study(seed: int, n: int = 8, n_rows: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Candidates, functions and design with sex; rows with missing values on either side."""
    rng = np.random.default_rng(seed)
    case, sex = np.repeat([0.0, 1.0], n), np.tile([0.0, 1.0], n)
    candidates = 20 + rng.normal(size=(n_rows, 2 * n)) + case
    functions = 200 - 20 * candidates + 15 * rng.normal(size=(n_rows, 2 * n)) + 5 * sex
    candidates[1, [0, 9]] = np.nan
    functions[2, 3] = np.nan
    return candidates, functions, np.column_stack([np.ones(2 * n), case, sex])


def test_both_paths_are_those_of_least_squares() -> None:
    candidates, functions, design = study(1)
    found = mediation(candidates, functions, design, 1)
    for row in range(4):
        kept = np.isfinite(candidates[row]) & np.isfinite(functions[row])
        level, value = candidates[row, kept], functions[row, kept]
        a = sm.OLS(level, design[kept]).fit()
        b = sm.OLS(value, np.column_stack([design[kept], level])).fit()
        total = sm.OLS(value, design[kept]).fit()
        np.testing.assert_allclose([found.a[row], found.a_p[row]], [a.params[1], a.pvalues[1]], rtol=1e-8)
        np.testing.assert_allclose([found.b[row], found.b_p[row]], [b.params[-1], b.pvalues[-1]], rtol=1e-8)
        np.testing.assert_allclose(found.total[row], total.params[1], rtol=1e-8)
        np.testing.assert_allclose(found.indirect[row], total.params[1] - b.params[1], rtol=1e-7)
        assert found.joint_p[row] == max(found.a_p[row], found.b_p[row])
        assert found.n[row] == kept.sum()


def test_a_path_that_the_animals_do_not_determine_is_missing() -> None:
    candidates, functions, design = study(2)
    candidates[0, :8] = np.nan
    candidates[3] = 20.1
    found = mediation(candidates, functions, design, 1)
    assert np.isnan(found.a[0])
    assert np.isnan(found.joint_p[[0, 3]]).all()
    assert np.isfinite(found.joint_p[[1, 2]]).all()
    assert np.isnan(found.b[3])
    assert mediation(candidates[:0], functions[:0], design, 1).joint_p.shape == (0,)


def test_the_interval_is_that_of_drawing_animals_one_by_one() -> None:
    candidates, functions, design = study(3, n=6)
    low, high = bootstrap_indirect(candidates[0], functions[0], design, 1, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    drawn = []
    for _ in range(2000):
        chosen = np.concatenate([rng.integers(0, 6, 6), rng.integers(6, 12, 6)])
        a = np.linalg.lstsq(design[chosen], candidates[0, chosen], rcond=None)[0][1]
        full = np.column_stack([design, candidates[0]])[chosen]
        drawn.append(a * np.linalg.lstsq(full, functions[0, chosen], rcond=None)[0][-1])
    expected = np.quantile(drawn, [0.025, 0.975])
    # Both are drawn: the ends agree within a tenth of the width.
    np.testing.assert_allclose([low, high], expected, atol=0.1 * (expected[1] - expected[0]))
    assert low < mediation(candidates, functions, design, 1).indirect[0] < high


def test_few_animals_have_no_interval() -> None:
    candidates, functions, design = study(4, n=5)
    assert np.isfinite(bootstrap_indirect(candidates[0], functions[0], design, 1, np.random.default_rng(1))).all()
    candidates[0, 0] = np.nan
    assert np.isnan(bootstrap_indirect(candidates[0], functions[0], design, 1, np.random.default_rng(1))).all()
    constant = np.repeat([20.0, 21.0], 5)
    assert np.isnan(bootstrap_indirect(constant, functions[0], design, 1, np.random.default_rng(1))).all()


@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_units_carry_through(scale: float) -> None:
    candidates, functions, design = study(5)
    ends = bootstrap_indirect(candidates[0], functions[0], design, 1, np.random.default_rng(1))
    moved = bootstrap_indirect(candidates[0] + 100, functions[0] * scale - 7, design, 1, np.random.default_rng(1))
    np.testing.assert_allclose(moved, np.array(ends) * scale, rtol=1e-6)
    found, other = (mediation(candidates, functions * by, design, 1) for by in (1.0, scale))
    np.testing.assert_allclose(other.indirect, found.indirect * scale, rtol=1e-6)
    np.testing.assert_allclose(other.joint_p, found.joint_p, rtol=1e-6)
