"""Genes measured in both organs: plain computation, the null of their mean, and what is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from organokine.population.cohort import Cohort
from organokine.population.same_gene import SameGene, same_genes
from organokine.randomness import named_generator
from tests.population.small_cohort import adjusted_of, cohort_of, sheet

Floats = NDArray[np.float64]
N = 40
N_GENES = 24


def organs(seed: int, n: int = N) -> tuple[Floats, Floats]:
    """Both organs have their own axis, which all of their genes load on."""
    rng = np.random.default_rng(seed)
    source, target = rng.normal(size=(2, N_GENES, n))
    return source + rng.normal(size=n) + 20, target + rng.normal(size=n) + 18


def halves(source: Floats, target: Floats, **options: object) -> Cohort:
    """All genes are in both organs; the first half is secreted."""
    return cohort_of(source, target, shared=N_GENES, secreted=[i < N_GENES // 2 for i in range(N_GENES)], **options)  # type: ignore[arg-type]


def asked(cohort: Cohort, n_draws: int = 999, seed: int = 1) -> SameGene:
    return same_genes(adjusted_of(cohort), cohort.routes, n_draws, named_generator(seed, "same_gene"))


def test_every_gene_of_both_organs_with_its_plain_correlation() -> None:
    source, target = organs(1)
    target[3, :5] = np.nan
    source[3, 4:8] = np.nan
    cohort = halves(source, target, statistic="pearson")
    adjusted = adjusted_of(cohort)
    table = asked(cohort).table.set_index("gene")
    assert sorted(table.index) == sorted(f"G{i}" for i in range(N_GENES))
    for i in range(N_GENES):
        both = np.isfinite(source[i]) & np.isfinite(target[i])
        design = adjusted.design[both]
        left = [
            each[both] - design @ np.linalg.lstsq(design, each[both], rcond=None)[0] for each in (source[i], target[i])
        ]
        r = np.corrcoef(*left)[0, 1]
        row = table.loc[f"G{i}"]
        assert row["r"] == pytest.approx(r, abs=1e-6)
        df = both.sum() - 3
        assert row["p"] == pytest.approx(2 * stats.t.sf(abs(r) * np.sqrt(df / (1 - r**2)), df), rel=1e-4)
        assert row["n"] == both.sum()
        assert row["secreted"] == (i < N_GENES // 2)
        assert row["route"] == ("classical" if i < N_GENES // 2 else "intracellular")
    np.testing.assert_allclose(table["q"], stats.false_discovery_control(table["p"]))


def test_means_and_p_are_those_of_permuting_one_individual_after_the_other() -> None:
    source, target = organs(2)
    individuals = sheet(N).drop(columns="sex")
    cohort = halves(source, target, statistic="pearson", individuals=individuals)
    summary = asked(cohort, n_draws=50).summary
    orders = named_generator(1, "same_gene").permuted(np.tile(np.arange(N), (50, 1)), axis=1)

    def means(order: Floats) -> tuple[float, float]:
        r = [np.corrcoef(one[order], other)[0, 1] for one, other in zip(source, target, strict=True)]
        return float(np.mean(r[: N_GENES // 2])), float(np.mean(r[N_GENES // 2 :]))

    observed = means(np.arange(N))
    drawn = [means(order) for order in orders]
    assert summary["same_gene_secreted"] == pytest.approx(observed[0], abs=1e-6)
    assert summary["same_gene_other"] == pytest.approx(observed[1], abs=1e-6)
    p = [(1 + sum(draw[kind] >= observed[kind] for draw in drawn)) / 51 for kind in (0, 1)]
    assert [summary["same_gene_secreted_p"], summary["same_gene_other_p"]] == pytest.approx(p)
    beyond = sum(draw[0] - draw[1] >= observed[0] - observed[1] for draw in drawn)
    assert summary["same_gene_difference_p"] == pytest.approx((1 + beyond) / 51)


@pytest.mark.parametrize(("statistic", "missing"), [("bicor", 0.0), ("bicor", 0.15), ("spearman", 0.0)])
def test_organs_without_a_link_are_called_as_often_as_said(statistic: str, missing: float) -> None:
    """Genes of an organ go together, and a covariate of eight levels moves both organs: what is left has few directions."""
    n_studies, n = 250, 32
    rng = np.random.default_rng(3)
    individuals = pd.DataFrame({"batch": [f"b{i % 8}" for i in range(n)]}, index=sheet(n).index)
    shift = np.repeat(rng.normal(size=8) * 3, 4)[np.argsort(np.argsort([i % 8 for i in range(n)], kind="stable"))]
    p = []
    for i in range(n_studies):
        source, target = organs(100 + i, n)
        target[rng.random(target.shape) < missing] = np.nan
        given = halves(
            source + shift, target + shift, covariates=("batch",), individuals=individuals, statistic=statistic
        )
        p.append(asked(given, n_draws=199, seed=i).summary)
    table = pd.DataFrame(p)
    low, high = stats.binom.ppf([0.001, 0.999], n_studies, 0.05)
    for column in ("same_gene_secreted_p", "same_gene_other_p", "same_gene_difference_p"):
        assert low <= (table[column] <= 0.05).sum() <= high


def test_carried_over_products_are_told_from_shared_tissue() -> None:
    source, target = organs(4)
    secreted = target.copy()
    secreted[: N_GENES // 2] += source[: N_GENES // 2]
    carried = asked(halves(source, secreted)).summary
    assert carried["same_gene_secreted"] > 0.4
    assert carried["same_gene_secreted_p"] == 1 / 1000
    assert carried["same_gene_difference_p"] <= 0.01
    shared = asked(halves(source, target + source)).summary
    assert shared["same_gene_secreted_p"] == shared["same_gene_other_p"] == 1 / 1000
    assert shared["same_gene_difference_p"] > 0.05


def test_a_gene_with_too_few_pairs_or_without_variation_is_shown_and_not_counted() -> None:
    source, target = organs(5)
    target[0, 10:] = np.nan
    source[1] = 7.0
    cohort = halves(source, target)
    found = asked(cohort)
    table = found.table.set_index("gene")
    assert table.loc[["G0", "G1"], ["r", "p", "q"]].isna().all(axis=None)
    assert table.loc["G0", "n"] == 10
    kept = table["secreted"] & table["r"].notna()
    assert kept.sum() == N_GENES // 2 - 2
    assert found.summary["same_gene_secreted"] == pytest.approx(table.loc[kept, "r"].mean())


def test_without_genes_of_a_kind_there_is_no_answer_for_it() -> None:
    source, target = organs(6)
    only = asked(cohort_of(source, target, shared=5)).summary
    assert np.isfinite(only["same_gene_secreted_p"])
    assert np.isnan([only["same_gene_other"], only["same_gene_other_p"], only["same_gene_difference_p"]]).all()
    none = asked(cohort_of(source, target))
    assert len(none.table) == 0
    assert np.isnan(list(none.summary.values())).all()


def test_the_seed_decides() -> None:
    cohort = halves(*organs(7))
    assert asked(cohort, seed=0).summary == asked(cohort, seed=0).summary
    assert asked(cohort, seed=0).summary != asked(cohort, seed=2).summary
