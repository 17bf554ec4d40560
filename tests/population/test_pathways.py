"""Gene sets against a candidate: plain computation, calibration whatever goes together in a set, and what is listed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from organokine.population.adjusted import Adjusted
from organokine.population.pathways import pathway_rows, target_collections
from organokine.references.signatures import SignatureSet
from tests.population.small_cohort import adjusted_of, candidate_in, cohort_of

Floats = NDArray[np.float64]
N = 40
N_TARGETS = 80


def sets(weights: dict[str, dict[int, float]], *, knows_listed_only: bool = False, shared: int = 0) -> SignatureSet:
    names = [f"G{i}" if i < shared else f"T{i}" for i in range(N_TARGETS)]
    table = pd.DataFrame(0.0, index=names, columns=list(weights))
    for name, of_set in weights.items():
        for i, weight in of_set.items():
            table.loc[names[i], name] = weight
    return SignatureSet("sets", table, knows_listed_only=knows_listed_only)


def plain(first: int, last: int) -> dict[int, float]:
    return dict.fromkeys(range(first, last), 1.0)


def organs(seed: int, n_source: int = 3) -> tuple[Floats, Floats]:
    """Targets of which the first twenty share half of their variance."""
    rng = np.random.default_rng(seed)
    target = rng.normal(size=(N_TARGETS, N))
    target[:20] += rng.normal(size=N)
    return rng.normal(size=(n_source, N)) + 20, target + 18


def rows_of(adjusted: Adjusted, gene: str, given: SignatureSet, least: int = 5, most: int = 60) -> pd.DataFrame:
    rows = pathway_rows(adjusted, candidate_in(adjusted, gene), target_collections(adjusted, [given]), least, most)
    return rows if len(rows) == 0 else rows.set_index("set")


def plain_set_r(adjusted: Adjusted, values: Floats, weights: Floats, unit: Floats) -> float:
    """Correlation with the weighted sum of courses, each times its weight less the mean weight, by least squares."""
    own = np.isfinite(values)
    course = sum(
        (weight - weights.mean()) * vector for weight, vector in zip(weights, adjusted.target.vectors, strict=True)
    )
    design = adjusted.design[own]
    left = [each[own] - design @ np.linalg.lstsq(design, each[own], rcond=None)[0] for each in (unit, course)]
    return float(np.corrcoef(*left)[0, 1])


@pytest.mark.parametrize("statistic", ["bicor", "pearson", "spearman"])
@pytest.mark.parametrize("missing", [False, True])
def test_agrees_with_a_plain_computation(statistic: str, *, missing: bool) -> None:
    source, target = organs(1)
    if missing:
        source[1, 3:9] = np.nan
        target[np.random.default_rng(2).random(target.shape) < 0.1] = np.nan
    adjusted = adjusted_of(cohort_of(source, target, covariates=("batch",), statistic=statistic))
    weighted = {i: -2.0 if i % 3 == 0 else 0.5 for i in range(10, 30)}
    table = rows_of(adjusted, "S1", sets({"plain": plain(0, 20), "weighted": weighted}))
    candidate = candidate_in(adjusted, "S1")
    for name, of_set in (("plain", plain(0, 20)), ("weighted", weighted)):
        weights = np.array([of_set.get(i, 0.0) for i in range(N_TARGETS)])
        expected = plain_set_r(adjusted, source[1], weights, candidate.unit.vectors[0].astype(float))
        df = int(np.isfinite(source[1]).sum()) - 2 - adjusted.n_adjusted
        assert table.loc[name, "r"] == pytest.approx(expected, abs=1e-6)
        t = abs(expected) * np.sqrt(df / (1 - expected**2))
        assert table.loc[name, "p"] == pytest.approx(2 * stats.t.sf(t, df), rel=1e-4)
        assert table.loc[name, "n_genes"] == 20
        inside = weights != 0
        mean = (weights * candidate.r)[inside].sum() / np.abs(weights).sum()
        assert table.loc[name, "mean_r"] == pytest.approx(mean)
        assert table.loc[name, "other_mean_r"] == pytest.approx(candidate.r[~inside].mean())


def test_a_plain_set_is_its_mean_less_that_of_the_others() -> None:
    source, target = organs(3)
    adjusted = adjusted_of(cohort_of(source, target, statistic="pearson"))
    table = rows_of(adjusted, "S0", sets({"first": plain(0, 20)}))
    vectors = adjusted.target.vectors.astype(float)
    course = vectors[:20].mean(axis=0) - vectors[20:].mean(axis=0)
    unit = candidate_in(adjusted, "S0").unit.vectors[0].astype(float)
    assert table.loc["first", "r"] == pytest.approx(float(np.corrcoef(unit, course)[0, 1]), abs=1e-6)


@pytest.mark.parametrize("statistic", ["bicor", "pearson", "spearman"])
def test_permuted_individuals_reject_as_often_as_said_though_genes_go_together(statistic: str) -> None:
    n_candidates = 400
    _, target = organs(4)
    target[np.random.default_rng(5).random(target.shape) < 0.05] = np.nan
    rng = np.random.default_rng(6)
    source = rng.permuted(np.tile(stats.norm.ppf((np.arange(N) + 0.5) / N), (n_candidates, 1)), axis=1)
    adjusted = adjusted_of(cohort_of(source, target, covariates=("batch",), statistic=statistic))
    laid = target_collections(adjusted, [sets({"together": plain(0, 20), "apart": plain(40, 60)})])
    found = [pathway_rows(adjusted, candidate_in(adjusted, f"S{i}"), laid, 5, 60) for i in range(n_candidates)]
    p = pd.concat(found).groupby("set")["p"]
    low, high = stats.binom.ppf([0.001, 0.999], n_candidates, 0.05)
    for name in ("together", "apart"):
        assert low <= (p.get_group(name) <= 0.05).sum() <= high


def test_a_planted_set_is_found_and_not_its_neighbour() -> None:
    source, target = organs(7)
    target[20:40] += 0.7 * source[2]
    # As many genes fall as rise, so that the others do not move on the whole.
    target[60:80] -= 0.7 * source[2]
    adjusted = adjusted_of(cohort_of(source, target))
    table = rows_of(adjusted, "S2", sets({"hit": plain(20, 40), "correlated": plain(0, 20), "falls": plain(60, 80)}))
    assert list(table.index[2:]) == ["correlated"]
    assert table.loc["hit", "r"] > 0.7
    assert table.loc["falls", "r"] < -0.7
    assert table.loc["correlated", "p"] > 0.05
    assert table.loc["hit", "q"] < 1e-4


def test_the_same_gene_takes_no_part() -> None:
    source, target = organs(8)
    given = sets({"with": plain(0, 20), "without": plain(1, 20)}, shared=1)
    target[0] = source[0]
    table = rows_of(adjusted_of(cohort_of(source, target, shared=1)), "G0", given)
    assert table.loc["with", "r"] == pytest.approx(table.loc["without", "r"], abs=1e-9)
    assert list(table["n_genes"]) == [19, 19]
    np.testing.assert_allclose(table.loc["with", "mean_r"], table.loc["without", "mean_r"])


def test_genes_that_a_collection_knows_nothing_of_take_no_part() -> None:
    source, target = organs(9)
    adjusted = adjusted_of(cohort_of(source, target, statistic="pearson"))
    given = sets({"first": plain(0, 20)})
    listed = SignatureSet("sets", given.weights.iloc[:40], knows_listed_only=True)
    unit = candidate_in(adjusted, "S0").unit.vectors[0].astype(float)
    vectors = adjusted.target.vectors.astype(float)
    course = vectors[:20].mean(axis=0) - vectors[20:40].mean(axis=0)
    assert rows_of(adjusted, "S0", listed).loc["first", "r"] == pytest.approx(
        float(np.corrcoef(unit, course)[0, 1]), abs=1e-6
    )


def test_all_small_p_and_the_best_twenty_are_listed_of_all_that_were_tested() -> None:
    source, target = organs(10)
    target[:30] += source[0]
    target[50:] -= source[0]
    rng = np.random.default_rng(11)
    hits = {f"hit{i}": dict.fromkeys(rng.choice(30, 8, replace=False).tolist(), 1.0) for i in range(25)}
    rest = {f"rest{i}": dict.fromkeys(rng.choice(np.arange(30, 50), 8, replace=False).tolist(), 1.0) for i in range(25)}
    small = {"small": plain(0, 4), "all": plain(0, 80)}
    adjusted = adjusted_of(cohort_of(source, target, statistic="pearson"))
    table = rows_of(adjusted, "S0", sets({**hits, **rest, **small}), least=5, most=80)
    assert set(table["n_tested"]) == {50}, "a set of all genes has no others"
    assert {f"hit{i}" for i in range(25)} <= set(table.index)
    assert (table["p"] <= 0.05).all()
    few = rows_of(adjusted, "S1", sets({**rest, **small}), least=5, most=80)
    assert len(few) >= 20
    assert (few["p"].iloc[20:] <= 0.05).all()


@pytest.mark.parametrize(
    "given", [[], [sets({"small": plain(0, 3)})], [SignatureSet("none", pd.DataFrame(index=["X"]), False)]]
)
def test_nothing_to_test_gives_no_rows(given: list[SignatureSet]) -> None:
    adjusted = adjusted_of(cohort_of(*organs(12)))
    rows = pathway_rows(adjusted, candidate_in(adjusted, "S0"), target_collections(adjusted, given), 5, 60)
    assert len(rows) == 0


def test_no_target_that_can_be_used_gives_no_rows() -> None:
    source, target = organs(13)
    adjusted = adjusted_of(cohort_of(source, np.full_like(target, np.nan)))
    assert len(rows_of(adjusted, "S0", sets({"first": plain(0, 20)}))) == 0
