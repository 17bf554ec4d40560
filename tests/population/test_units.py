"""Genes as unit vectors: dot products are the correlations of WGCNA and SciPy, free of the design."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from organokine.kernels.correlation import paired_correlation
from organokine.population.blocks import correlate_one, score_rows
from organokine.population.units import exact_pair, unit_rows
from tests.kernels.conftest import Golden

STATISTICS = ("bicor", "pearson", "spearman")


@pytest.fixture
def case() -> Golden:
    return Golden("wgcna_bicor")


def sides(case: Golden, kind: str) -> tuple[np.ndarray, np.ndarray]:
    values = case.input.filter(like=kind).to_numpy()
    source = case.input.index.str.startswith("s")
    return values[source], values[~source]


def intercept(n: int) -> np.ndarray:
    return np.ones((n, 1))


def genes(rng: np.random.Generator, n_genes: int, n: int) -> np.ndarray:
    """Genes that go together, some of them not normal."""
    values = 8 + rng.normal(size=(n_genes, 3)) @ rng.normal(size=(3, n)) + rng.normal(size=(n_genes, n))
    values[0, :2] += 30
    values[1] = np.round(values[1])
    return values


def test_dot_products_are_the_bicor_of_wgcna(case) -> None:
    source, target = (unit_rows(each, intercept(30), "bicor") for each in sides(case, "complete"))
    expected = case.expected.filter(like="complete.").to_numpy()
    found = source.vectors @ target.vectors.T
    assert found.dtype == np.float32
    constant = np.isnan(expected)
    np.testing.assert_array_equal(constant, ~(source.varies[:, None] & target.varies))
    np.testing.assert_allclose(found[~constant], expected[~constant], rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["complete", "missing"])
def test_exact_pairs_are_those_of_wgcna(case, kind) -> None:
    """WGCNA takes medians and weights on the individuals that have both genes, and so does `exact_pair`."""
    source, target = sides(case, kind)
    expected = case.expected.filter(like=f"{kind}.")
    pairs = [[exact_pair(one, other, intercept(30), "bicor") for one in source] for other in target]
    found = expected.assign(**{name: [r for r, _ in each] for name, each in zip(expected, pairs, strict=True)})
    case.check(found, list(expected))
    n = np.array([[n for _, n in each] for each in pairs])
    np.testing.assert_array_equal(n, np.isfinite(target).astype(int) @ np.isfinite(source).T.astype(int))


def test_scores_are_those_of_wgcna(case) -> None:
    source, target = (unit_rows(each, intercept(30), "bicor") for each in sides(case, "complete"))
    sums = score_rows(source, target, 0, 20)
    expected = case.expected["score"].to_numpy()
    perfect = (case.expected.filter(like="complete.") > 1 - 1e-9).any(axis=1).to_numpy()
    assert perfect.sum() == 2
    np.testing.assert_allclose((sums.total / sums.n_targets)[~perfect], expected[~perfect], rtol=1e-4)
    assert np.isfinite(sums.total[perfect]).all()


def test_masked_correlations_are_near_exact_ones() -> None:
    """At 1 % missing among 200 individuals; what is left is the median of all individuals instead of the common ones."""
    rng = np.random.default_rng(11)
    source, target = genes(rng, 20, 200), genes(rng, 20, 200)
    for table in (source, target):
        table[rng.random(table.shape) < 0.01] = np.nan
    for statistic in STATISTICS:
        left, right = (unit_rows(table, intercept(200), statistic) for table in (source, target))
        exact = np.array([[exact_pair(one, other, intercept(200), statistic)[0] for other in target] for one in source])
        masked = np.array([correlate_one(left.row(i), right)[0] for i in range(20)])
        assert np.abs(masked - exact).max() <= 0.02
        assert np.sqrt(np.mean((masked - exact) ** 2)) <= 0.002


@pytest.mark.parametrize(("statistic", "oracle"), [("pearson", stats.pearsonr), ("spearman", stats.spearmanr)])
def test_exact_pairs_are_scipys_on_common_individuals(statistic, oracle) -> None:
    rng = np.random.default_rng(3)
    source, target = genes(rng, 6, 40), genes(rng, 6, 40)
    for table in (source, target):
        table[rng.random(table.shape) < 0.2] = np.nan
    for one, other in zip(source, target, strict=True):
        both = np.isfinite(one) & np.isfinite(other)
        r, n = exact_pair(one, other, intercept(40), statistic)
        assert r == pytest.approx(oracle(one[both], other[both]).statistic, abs=1e-12)
        assert n == both.sum()


def test_exact_pairs_with_covariates_are_partial_correlations() -> None:
    rng = np.random.default_rng(8)
    source, target = genes(rng, 6, 40), genes(rng, 6, 40)
    source[rng.random(source.shape) < 0.2] = np.nan
    # The last column is constant where the fourth source was measured.
    design = np.column_stack([np.ones(40), rng.normal(size=40), np.arange(40) < 5])
    source[3, :5] = np.nan
    expected = paired_correlation(source, target, design).r
    found = [exact_pair(one, other, design, "pearson")[0] for one, other in zip(source, target, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_what_has_no_exact_correlation(statistic) -> None:
    one, nothing = np.arange(8.0), np.full(8, np.nan)
    design = intercept(8)
    for other, n in ((nothing, 0), (np.full(8, 3.3), 8), (np.where(np.arange(8) < 1, 2.0, np.nan), 1)):
        r, found = exact_pair(one, other, design, statistic)
        assert np.isnan(r)
        assert found == n
    assert exact_pair(one, -one, design, statistic) == (pytest.approx(-1.0, abs=1e-15), 8)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_nothing_of_the_covariates_is_left(statistic, missing) -> None:
    """Weights and ranks bring some of a covariate back; it is taken out once more."""
    rng = np.random.default_rng(4)
    n = 60
    sex, age = np.repeat([0.0, 1.0], n // 2), rng.normal(size=n)
    design = np.column_stack([np.ones(n), sex, age])
    values = genes(rng, 30, n) + rng.normal(size=(30, 2)) @ design[:, 1:].T * 3
    values[rng.random(values.shape) < missing] = np.nan
    found = unit_rows(values, design, statistic)
    assert found.varies.all()
    vectors = found.vectors.astype(float)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for vector, measured in zip(vectors, np.isfinite(values), strict=True):
        assert not vector[~measured].any()
        covariates = design[measured, 1:] - design[measured, 1:].mean(axis=0)
        assert np.abs(covariates.T @ vector[measured]).max() < 1e-5


@pytest.mark.parametrize("statistic", STATISTICS)
def test_genes_that_do_not_vary(statistic) -> None:
    """Constant, explained by the design, measured once, never measured: zeros, whatever rounding leaves."""
    n = 31
    design = np.column_stack([np.ones(n), np.arange(n) / 7])
    values = np.full((6, n), np.nan)
    values[0], values[1], values[2, 4] = 3.3, 5.1 + 0.3 * np.arange(n), 1.0
    values[4], values[5] = 1e-9 * np.random.default_rng(0).normal(size=n), np.sin(np.arange(n)) + 20
    found = unit_rows(values, design, statistic)
    assert found.varies.tolist() == [False, False, False, False, True, True]
    assert not found.vectors[:4].any()
    np.testing.assert_array_equal(found.mask(), (np.isfinite(values) & found.varies[:, None]))
    np.testing.assert_array_equal(found.row(5).vectors[0], found.vectors[5])


def test_zeros_in_one_batch_are_ties_after_the_batches_are_out() -> None:
    """Twelve of twenty residuals are zero up to rounding: their bicor is Pearson's, and their ranks are tied."""
    rng = np.random.default_rng(1)
    n = 20
    for _ in range(30):
        batch = rng.permutation(np.repeat([0, 1, 2], [12, 4, 4]))
        design = np.column_stack([np.ones(n), batch == 1, batch == 2])
        values = np.full((1, n), 3.7)
        values[0, batch > 0] += rng.normal(size=8)
        assert unit_rows(values, design, "bicor").fallback.tolist() == [True]
        ranked = unit_rows(values, design, "spearman").vectors[0]
        assert np.ptp(ranked[batch == 0]) < 1e-6
