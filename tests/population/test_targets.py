"""Targets of a candidate, against plain computations one pair of genes at a time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from organokine.population.targets import strongest_targets, target_rows
from organokine.population.units import exact_pair, exact_rows
from tests.population.small_cohort import adjusted_of, candidate_in, cohort_of

Floats = NDArray[np.float64]
N = 48


def organs(seed: int, n_targets: int = 60) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    source, target = rng.normal(size=(4, N)), rng.normal(size=(n_targets, N))
    target[:12] += np.linspace(0.3, 1.5, 12)[:, None] * source[1]
    return source + 20, target + 18


def plain_weighed(left: Floats, statistic: str) -> Floats:
    if statistic == "spearman":
        ranked = stats.rankdata(left)
        return np.asarray(ranked - ranked.mean())
    if statistic == "pearson":
        return left
    centred = left - np.median(left)
    u = centred / (9 * np.median(np.abs(centred)))
    return np.asarray(np.where(np.abs(u) < 1, centred * (1 - u**2) ** 2, 0.0))


def plain_r(one: Floats, other: Floats, design: Floats, statistic: str) -> tuple[float, int]:
    """Correlation of two genes on the individuals with both, one step after the other."""
    both = np.isfinite(one) & np.isfinite(other)
    columns = design[both]
    courses = []
    for values in (one[both], other[both]):
        left = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
        weighed = plain_weighed(left, statistic)
        centred = columns[:, 1:] - columns[:, 1:].mean(axis=0)
        if centred.shape[1] > 0:
            weighed = weighed - centred @ np.linalg.lstsq(centred, weighed, rcond=None)[0]
        courses.append(weighed / np.linalg.norm(weighed))
    return float(courses[0] @ courses[1]), int(both.sum())


@pytest.mark.parametrize("statistic", ["bicor", "pearson", "spearman"])
@pytest.mark.parametrize("missing", [False, True])
def test_the_listed_targets_are_those_of_a_plain_computation(statistic: str, *, missing: bool) -> None:
    source, target = organs(1)
    if missing:
        holes = np.random.default_rng(2)
        target[:, 12:][holes.random((len(target), N - 12)) < 0.2] = np.nan
        source[1, :5] = np.nan
    adjusted = adjusted_of(cohort_of(source, target, covariates=("batch",), statistic=statistic))
    candidate = candidate_in(adjusted, "S1")
    found = strongest_targets(adjusted, candidate, 10)
    table = target_rows(adjusted, candidate, found)
    for row in table.itertuples():
        r, n = plain_r(source[1], target[int(row.target_gene[1:])], adjusted.design, statistic)
        assert row.r == pytest.approx(r, abs=1e-10)
        assert row.n == n
        df = n - 2 - adjusted.n_adjusted
        assert row.p == pytest.approx(2 * stats.t.sf(abs(r) * np.sqrt(df / (1 - r**2)), df), rel=1e-8)
    assert list(table["place"]) == list(range(1, 11))
    assert list(table["p"]) == sorted(table["p"])
    assert set(table["target_gene"]) <= {f"T{i}" for i in range(12)} | set(table["target_gene"][6:])


def test_q_counts_all_targets_and_not_those_listed() -> None:
    source, target = organs(3)
    adjusted = adjusted_of(cohort_of(source, target, statistic="pearson"))
    candidate = candidate_in(adjusted, "S1")
    found = strongest_targets(adjusted, candidate, 5)
    p = [
        stats.t.sf(abs(r) * np.sqrt(45 / (1 - r**2)), 45) * 2
        for r in (plain_r(source[1], values, adjusted.design, "pearson")[0] for values in target)
    ]
    np.testing.assert_allclose(found.q, np.sort(stats.false_discovery_control(p))[:5], rtol=1e-4)
    assert [int(place) for place in found.place] == [int(i) for i in np.argsort(p)[:5]]


def test_a_large_correlation_of_few_individuals_does_not_come_first() -> None:
    source, target = organs(4)
    rng = np.random.default_rng(5)
    target[0] = source[1] + rng.normal(size=N) * 1.1
    target[1] = source[1] + rng.normal(size=N) * 0.8
    target[1, 21:] = np.nan
    target[2:12] = rng.normal(size=(10, N))
    adjusted = adjusted_of(cohort_of(source, target, statistic="pearson"))
    found = strongest_targets(adjusted, candidate_in(adjusted, "S1"), 2)
    assert list(found.place) == [0, 1]
    assert abs(found.r[1]) > abs(found.r[0])


def test_targets_with_too_few_pairs_are_not_listed_and_the_same_gene_is_marked() -> None:
    source, target = organs(6)
    target[11, 10:] = np.nan
    adjusted = adjusted_of(cohort_of(source, target, shared=2))
    candidate = candidate_in(adjusted, "G1")
    table = target_rows(adjusted, candidate, strongest_targets(adjusted, candidate, 5000))
    assert len(table) == 59
    assert "T11" not in set(table["target_gene"])
    assert list(table.loc[table["same_gene"], "target_gene"]) == ["G1"]


@pytest.mark.parametrize(("kept", "n"), [(1, 1), (0, 0)])
def test_one_target_or_none(kept: int, n: int) -> None:
    source, target = organs(7)
    target[kept:] = np.nan
    adjusted = adjusted_of(cohort_of(source, target))
    candidate = candidate_in(adjusted, "S1")
    found = strongest_targets(adjusted, candidate, 50)
    assert len(target_rows(adjusted, candidate, found)) == n
    assert np.isfinite(found.p).all()


def test_a_gene_and_its_copy_have_a_p_above_zero() -> None:
    rng = np.random.default_rng(8)
    source = rng.normal(size=(1, 1500))
    adjusted = adjusted_of(cohort_of(source, np.vstack([source, -source, rng.normal(size=(1, 1500))])))
    found = strongest_targets(adjusted, candidate_in(adjusted, "S0"), 3)
    assert (found.p > 0).all()
    assert abs(found.r[0]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("statistic", ["bicor", "pearson", "spearman"])
def test_all_rows_at_once_are_one_pair_after_the_other(statistic: str) -> None:
    rng = np.random.default_rng(10)
    left, right = rng.normal(size=(2, 8, N))
    left[rng.random(left.shape) < 0.3] = np.nan
    left[0, 2:] = np.nan
    design = np.column_stack([np.ones(N), np.arange(N) % 2])
    r, n = exact_rows(left, right, design, statistic)
    pairs = [exact_pair(one, other, design, statistic) for one, other in zip(left, right, strict=True)]
    np.testing.assert_allclose(r, [each[0] for each in pairs], atol=1e-12)
    np.testing.assert_array_equal(n, [each[1] for each in pairs])
    both = np.isfinite(left[1])
    assert r[1] == pytest.approx(exact_pair(left[1, both], right[1, both], design[both], statistic)[0], abs=1e-12)
    assert np.isnan(r[0])


def test_a_gene_that_does_not_vary_has_no_exact_correlation() -> None:
    values = np.random.default_rng(9).normal(size=(2, N))
    r, n = exact_rows(values, np.vstack([np.full(N, 3.0), values[0]]), np.ones((N, 1)), "bicor")
    assert np.isnan(r[0])
    assert np.isfinite(r[1])
    assert list(n) == [N, N]
