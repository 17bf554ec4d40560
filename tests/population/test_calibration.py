"""Under the null p is uniform, whatever the statistic; what all organs share is caught; what was planted is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine.population.cell import run_cell
from organokine.population.cohort import Cell
from tests.population.cohorts import small_cohort

CHANCE_OF_FAILURE = 1e-4
N_STUDIES = 80
FEW_GENES = {"n_genes": 200, "secreted_share": 0.1}
PARTS = ("p", "p_positive", "p_negative")


def ladder(seed: int, rung: str, settings: dict | None = None, **options) -> pd.DataFrame:
    cohort = small_cohort(seed, settings, **{**FEW_GENES, **options})
    return run_cell(cohort, Cell("muscle", "fat", "all", rung)).ladder


def within_bounds(n_rejected: int, n: int, level: float) -> None:
    """A count of one candidate per study, whose p are independent, lies where a binomial count does."""
    low, high = stats.binom.ppf([CHANCE_OF_FAILURE / 2, 1 - CHANCE_OF_FAILURE / 2], n, level)
    assert low <= n_rejected <= high, f"{n_rejected} of {n} are at or below {level}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statistic", "rung", "options"),
    [
        ("bicor", "0", {}),
        ("pearson", "0", {}),
        ("spearman", "0", {}),
        ("bicor", "5", {}),
        ("bicor", "0", {"missing": 0.1}),
    ],
)
def test_permuted_individuals_give_uniform_p(statistic, rung, options):
    # Organs of different individuals under one name each: whatever goes together within an organ stays.
    found = [ladder(seed, rung, {"statistic": statistic}, same_gene=0.0, **options) for seed in range(N_STUDIES)]
    for part in PARTS:
        one_each = np.array([table[part].astype(float).iloc[seed % len(table)] for seed, table in enumerate(found)])
        for level in (0.05, 0.2, 0.5, 0.8):
            within_bounds(int((one_each <= level).sum()), N_STUDIES, level)
        assert stats.kstest(one_each, "uniform").pvalue > CHANCE_OF_FAILURE


@pytest.mark.slow
def test_a_shared_nuisance_is_caught_by_factors_and_by_matched_genes():
    found = {rung: [ladder(seed, rung, nuisance=0.5) for seed in range(60)] for rung in ("0", "5")}
    rejected = {rung: np.mean([(table["p"] <= 0.05).mean() for table in tables]) for rung, tables in found.items()}
    assert rejected["0"] > 0.2  # covariates alone take it for a message
    one_each = [float(table["p"].iloc[seed % len(table)]) for seed, table in enumerate(found["5"])]
    within_bounds(int(np.sum(np.array(one_each) <= 0.05)), 60, 0.05)
    matched = [float(table["p_competitive"].iloc[seed % len(table)]) for seed, table in enumerate(found["0"])]
    within_bounds(int(np.sum(np.array(matched) <= 0.05)), 60, 0.05)


@pytest.mark.slow
def test_sex_and_age_left_in_look_like_messages():
    rejected = np.mean([(ladder(seed, "none")["p"] <= 0.05).mean() for seed in range(20)])
    assert rejected > 0.15


@pytest.mark.slow
@pytest.mark.parametrize("values", ["tied", "outlying"])
def test_a_gene_unlike_the_shared_null_has_its_own(values):
    ps = []
    for seed in range(60):
        cohort = small_cohort(seed, {"statistic": "pearson" if values == "outlying" else "bicor"}, **FEW_GENES)
        matrix = cohort.matrices["muscle"]
        row = int(np.flatnonzero(cohort.routes.loc[list(matrix.genes), "secreted"])[0])
        rng = np.random.default_rng(seed)
        n = matrix.values.shape[1]
        matrix.values[row] = rng.integers(0, 3, n) if values == "tied" else rng.standard_t(1.5, n)
        table = run_cell(cohort, Cell("muscle", "fat", "all", "0")).ladder.set_index("gene")
        own = table.loc[matrix.genes[row]]
        if own["null_name"] == "own":
            ps.append(float(own["p"]))
    assert len(ps) > 30
    for level in (0.05, 0.5):
        within_bounds(int((np.array(ps) <= level).sum()), len(ps), level)


@pytest.mark.slow
def test_a_planted_message_is_found_at_every_step_and_beyond_matched_genes():
    found = 0
    for seed in range(20):
        cohort = small_cohort(seed, n_individuals=60, messages=(("muscle", "fat"),))
        gene = cohort.traits.attrs["messengers"][0]
        rows = [
            run_cell(cohort, Cell("muscle", "fat", "all", rung)).ladder.set_index("gene").loc[gene]
            for rung in ("0", "5", "15")
        ]
        found += all(row["p"] <= 0.01 and row["p_competitive"] <= 0.05 for row in rows)
    assert found >= 18
