from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from organokine.kernels.correlation import pair_breaking_p, paired_correlation


def design_of(groups: np.ndarray, *covariates: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(groups)), groups, *covariates])


def test_agrees_with_partial_correlation_of_complete_data() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat([0, 1], 8)
    source, target = rng.normal(size=(5, 16)), rng.normal(size=(5, 16)) + 3 * groups
    source[:, 8:] += 2
    found = paired_correlation(source, target, design_of(groups))
    for row in range(5):
        within = [
            values - np.where(groups == 1, values[8:].mean(), values[:8].mean())
            for values in (source[row], target[row])
        ]
        np.testing.assert_allclose(found.r[row], stats.pearsonr(*within).statistic, rtol=1e-10)
    assert (found.df == 13).all()


def test_a_pair_with_a_missing_side_counts_for_nothing() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat([0, 1], 5)
    source, target = rng.normal(size=(2, 10)), rng.normal(size=(2, 10))
    source[0, 0], target[0, 7] = np.nan, np.nan
    found = paired_correlation(source, target, design_of(groups))
    assert found.n.tolist() == [8, 10]
    assert found.df.tolist() == [5, 7]
    kept = np.array([1, 2, 3, 4, 5, 6, 8, 9])
    alone = paired_correlation(source[:1, kept], target[:1, kept], design_of(groups[kept]))
    np.testing.assert_allclose(found.r[0], alone.r[0], rtol=1e-10)


def test_shift_and_scale_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    groups = np.repeat([0, 1], 6)
    source, target = rng.normal(size=(20, 12)), rng.normal(size=(20, 12))
    moved = paired_correlation(source * 7 + 1e4, target * 0.01 - 1e4 * groups, design_of(groups))
    np.testing.assert_allclose(moved.r, paired_correlation(source, target, design_of(groups)).r, rtol=1e-5)


def test_too_few_pairs_and_constant_rows_are_missing() -> None:
    source = np.array([[1.0, -1.0, np.nan, np.nan], [0.0, 0.0, 0.0, 0.0]])
    target = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])
    groups = np.array([0, 0, 1, 1])
    assert np.isnan(paired_correlation(source, target, design_of(groups)).r).all()
    rng = np.random.default_rng(0)
    assert np.isnan(pair_breaking_p(source, target, design_of(groups), groups, rng)).all()


@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("n_covariates", [0, 3])
def test_uniform_when_partners_do_not_matter(missing: float, n_covariates: int) -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat([0, 1], 6)
    p = []
    for _ in range(10):
        design = design_of(groups, *rng.normal(size=(n_covariates, 12)))
        source, target = rng.normal(size=(300, 12)), rng.normal(size=(300, 12))
        source[rng.uniform(size=source.shape) < missing] = np.nan
        p.append(pair_breaking_p(source, target, design, groups, rng, 50))
    asked = np.concatenate(p)
    asked = asked[np.isfinite(asked)]
    assert stats.kstest(asked, "uniform").pvalue > 1e-3
    low, high = stats.binom.interval(0.999, len(asked), 0.05)
    assert low <= (asked < 0.05).sum() <= high


def test_linked_rows_stand_out_and_missing_values_do_not_help() -> None:
    rng = np.random.default_rng(6)
    groups = np.repeat([0, 1], 6)
    source, target = rng.normal(size=(500, 12)), rng.normal(size=(500, 12))
    target[0] = source[0] + 0.2 * target[0]
    target[1] = -source[1]
    source[2, :10] = np.nan
    p = pair_breaking_p(source, target, design_of(groups), groups, rng)
    assert p[0] < 1e-3
    assert p[1] > 0.99
    assert np.isnan(p[2])
