"""What is looked at for the leading candidates of a pair of organs: the tables as a whole, and real organs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from organokine.kernels.permutation_tail import permutation_p
from organokine.population.blocks import score_rows
from organokine.population.cohort import Cohort, Pair
from organokine.population.leading import Leading, lead
from organokine.population.same_gene import UNCLEAR
from organokine.population.units import unit_rows
from organokine.population_section import PopulationSection
from organokine.population_tables import POPULATION_TABLES
from organokine.references import load_references
from organokine.references.gene_sets import load_gene_sets
from organokine.references.signatures import SignatureSet
from organokine.study_file import RankingSection
from tests.population.small_cohort import PAIR, adjusted_of, cohort_of, organ, ranked, sheet

Floats = NDArray[np.float64]
N = 45
TABLES = (
    "population_targets",
    "population_pathways",
    "population_traits",
    "population_individuals",
    "population_same_gene",
)


def organs(seed: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    source, target = rng.normal(size=(12, N)), rng.normal(size=(90, N))
    target[20:45] += source[3]
    return source + 20, target + 18


def traits(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(N, 2)), index=sheet(N).index, columns=["insulin", "weight"])


def collection() -> SignatureSet:
    weights = pd.DataFrame(0.0, index=[f"T{i}" for i in range(20, 90)], columns=["hit", "other"])
    weights.iloc[:25, 0] = 1.0
    weights.iloc[30:50, 1] = 1.0
    return SignatureSet("sets", weights, knows_listed_only=False)


def looked_at(cohort: Cohort, genes: list[str], **given: object) -> Leading:
    return lead(cohort, PAIR, ranked(genes), [collection()], **given)  # type: ignore[arg-type]


def test_every_table_is_given_and_conforms() -> None:
    cohort = cohort_of(*organs(1), shared=8, traits=traits(), targets=10, leading=3)
    found = looked_at(cohort, ["G3", "S9", "G1"])
    assert tuple(found.tables) == TABLES
    schemas = {table.name: table for table in POPULATION_TABLES}
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(table, schemas[name].conform(table))
    assert {name: len(table) for name, table in found.tables.items()} == {
        "population_targets": 30,
        "population_pathways": 6,
        "population_traits": 6,
        "population_individuals": 3 * N,
        "population_same_gene": 8,
    }
    best = found.tables["population_pathways"].iloc[0]
    assert [best["gene"], best["set"], best["n_tested"]] == ["G3", "hit", 2]
    assert best["q"] < 1e-6


def test_only_the_leading_candidates_with_a_p_are_looked_at() -> None:
    cohort = cohort_of(*organs(2), leading=2)
    rows = pd.concat([ranked(["S5"], state="constant"), ranked(["S3", "S1", "S2"])], ignore_index=True)
    found = lead(cohort, PAIR, rows, [])
    assert found.tables["population_targets"]["gene"].unique().tolist() == ["S3", "S1"]


def test_q_of_traits_counts_all_rows_of_the_pair() -> None:
    cohort = cohort_of(*organs(3), traits=traits())
    rows = looked_at(cohort, ["S3", "S1", "S2"]).tables["population_traits"]
    np.testing.assert_allclose(rows["q"], stats.false_discovery_control(rows["trait_p"]))


def test_nothing_said_of_a_candidate_is_surer_than_the_candidate() -> None:
    """Chosen for its correlations among many, it has targets, sets and traits that look sure though none of it is."""
    source, target = organs(9)
    near = traits().assign(near=target[20:45].mean(axis=0))
    cohort = cohort_of(source, target, traits=near)
    sure = lead(cohort, PAIR, ranked(["S3"], q=0.01), [collection()]).tables
    unsure = lead(cohort, PAIR, ranked(["S3"], q=0.7), [collection()]).tables
    for name in ("population_targets", "population_pathways", "population_traits"):
        assert sure[name]["q"].min() == 0.01
        assert unsure[name]["q"].min() == 0.7
        pd.testing.assert_series_equal(sure[name]["p"], unsure[name]["p"])


def test_individuals_have_sex_and_the_first_covariate_in_words() -> None:
    individuals = sheet(N).assign(age=np.arange(N, dtype=float), diet=["fat" if i < 20 else "chow" for i in range(N)])
    individuals.loc[individuals.index[4], "diet"] = None
    source, target = organs(4)
    given = {"individuals": individuals, "covariates": ("age", "batch")}
    rows = looked_at(cohort_of(source, target, **given), ["S3"]).tables["population_individuals"]  # type: ignore[arg-type]
    assert rows["group"].tolist() == individuals["batch"].tolist()
    assert rows["sex"].tolist() == individuals["sex"].tolist()
    by_factor = cohort_of(source, target, individuals=individuals, factor="diet", covariates=("age",))
    rows = looked_at(by_factor, ["S3"]).tables["population_individuals"]
    assert len(rows) == N - 1, "the individual without a diet is not adjusted for, and not used"
    assert set(rows["group"]) == {"fat", "chow"}
    bare = cohort_of(source, target, individuals=individuals[["age"]])
    rows = looked_at(bare, ["S3"]).tables["population_individuals"]
    assert set(rows["group"]) == set(rows["sex"]) == {""}


@pytest.mark.parametrize("n", [6, N])
def test_a_pair_that_cannot_be_scored_or_has_no_candidate_gives_empty_tables(n: int) -> None:
    source, target = organs(5)
    cohort = cohort_of(source[:, :n], target[:, :n], traits=traits())
    found = looked_at(cohort, ["S3"] if n == 6 else [])
    assert tuple(found.tables) == TABLES
    assert all(len(table) == 0 for table in found.tables.values())
    assert np.isnan(list(found.summary.values())).all()


def test_an_organ_without_a_value_gives_reasons_and_no_numbers() -> None:
    source, target = organs(6)
    found = looked_at(cohort_of(source, np.full_like(target, np.nan), shared=4, traits=traits()), ["G3"])
    assert len(found.tables["population_targets"]) == len(found.tables["population_pathways"]) == 0
    assert set(found.tables["population_traits"]["state"]) == {"no_module"}
    assert found.tables["population_individuals"]["module"].isna().all()
    assert found.tables["population_same_gene"]["r"].isna().all()


def test_the_order_of_individuals_genes_and_candidates_changes_nothing() -> None:
    source, target = organs(7)
    target[5, :4] = np.nan
    cohort = cohort_of(source, target, shared=6, traits=traits())
    rng = np.random.default_rng(8)
    turned = {}
    for name, matrix in cohort.matrices.items():
        genes, columns = rng.permutation(len(matrix.genes)), rng.permutation(N)
        turned[name] = organ(
            name, matrix.values[genes][:, columns], list(matrix.genes[genes]), matrix.individuals.iloc[columns]
        )
    other = Cohort(turned, cohort.routes, cohort.options, traits=cohort.traits.iloc[::-1])
    one, two = looked_at(cohort, ["G3", "S9"]), looked_at(other, ["S9", "G3"])
    for name in TABLES:
        key = [column for column in ("gene", "target_gene", "set", "trait", "subject") if column in one.tables[name]]
        left, right = (each.tables[name].sort_values(key, ignore_index=True) for each in (one, two))
        pd.testing.assert_frame_equal(left, right, atol=1e-5, rtol=1e-3)
    assert one.summary == pytest.approx(two.summary, nan_ok=True)


def test_the_best_of_many_candidates_without_a_link_claim_no_set_and_no_trait() -> None:
    """The target has one axis, which a set follows more than other genes, and a trait too: chance that goes with it leads."""
    n_studies, n_candidates, n_leading = 8, 120, 12
    by_p, by_q = np.zeros(2), np.zeros(2)
    for seed in range(n_studies):
        rng = np.random.default_rng(seed)
        axis = rng.normal(size=N)
        source, target = rng.normal(size=(n_candidates, N)), rng.normal(size=(90, N))
        target += axis
        target[20:45] += axis
        near = pd.DataFrame({"near": axis + 0.3 * rng.normal(size=N)}, index=sheet(N).index)
        cohort = cohort_of(source, target, traits=near, leading=n_leading)
        found = lead(cohort, PAIR, _scored(cohort, 999, rng), [collection()]).tables
        sets, of_trait = found["population_pathways"], found["population_traits"]
        by_p += [(sets["p"] <= 0.05).mean() > 0.15, (stats.false_discovery_control(of_trait["p"]) <= 0.1).any()]
        by_q += [(sets["q"] <= 0.1).any(), (of_trait["q"] <= 0.1).any()]
    assert (by_p >= n_studies / 2).all(), "without the candidate's own q, chance is called"
    assert (by_q <= stats.binom.ppf(0.999, n_studies, 0.1)).all()


def _scored(cohort: Cohort, n_draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Candidates by their score against random genes."""
    adjusted = adjusted_of(cohort)
    data = adjusted.data
    genes, random = (
        unit_rows(values, adjusted.design, adjusted.statistic)
        for values in (data.source_values, rng.normal(size=(n_draws, N)))
    )
    score, null = (score_rows(each, adjusted.target, adjusted.n_adjusted, 20).total for each in (genes, random))
    p = permutation_p(score, null)
    order = np.argsort(p, kind="stable")
    rows = ranked(list(data.source_genes[order]))
    return rows.assign(p=p[order], q=stats.false_discovery_control(p)[order])


@pytest.fixture(scope="module", params=["pearson", "bicor"])
def liver_to_plasma(request: pytest.FixtureRequest, shared_data: Path) -> Leading:
    """ProMetIS (doi:10.1038/s41597-021-01095-3): 36 mice with both proteomes; missing values were imputed by the authors."""
    folder = shared_data / "prometis_mouse_liver_plasma"
    matrices = {}
    for name in ("liver", "plasma"):
        values = pd.read_csv(folder / f"proteomics_{name}.matrix.tsv.gz", sep="\t", index_col=0)
        features = pd.read_csv(folder / f"proteomics_{name}.features.tsv.gz", sep="\t", index_col=0)
        samples = pd.read_csv(folder / f"proteomics_{name}.samples.tsv", sep="\t", dtype=str).set_index("sample")
        symbol = features["gene_symbol"].reindex(values.index)
        first = (symbol.notna() & ~symbol.duplicated()).to_numpy()
        individuals = samples.loc[values.columns].set_index("mouse_id").rename(columns={"gene": "strain"})
        matrices[f"{name}_protein"] = organ(
            f"{name}_protein", values.to_numpy()[first], list(symbol[first]), individuals
        )
    routes = load_references("mouse").routes(sorted(set().union(*(matrix.genes for matrix in matrices.values()))))
    weights = RankingSection().route_weights
    routes = routes[["route"]].assign(secreted=[weights[route] > 0 for route in routes["route"]])
    cohort = Cohort(matrices, routes, PopulationSection(statistic=request.param))
    pair = Pair("liver_protein", "plasma_protein")
    rows = ranked(["C3", "Hpx", "Apoa4", "Serpina3k"]).assign(**pair._asdict())
    return lead(cohort, pair, rows, load_gene_sets("mouse"))


@pytest.mark.public
def test_what_the_liver_secretes_follows_into_plasma_and_what_stays_in_cells_does_not(
    liver_to_plasma: Leading, request: pytest.FixtureRequest
) -> None:
    table = liver_to_plasma.tables["population_same_gene"].set_index("gene")
    known = ["C3", "Apoa4", "Serpina3k"]
    assert (table.loc[known, "r"] > 0.5).all()
    assert (table.loc[known, "q"] < 0.05).all()
    # One mouse makes much of it: Pearson's is 0.56, and 0.35 without that mouse, which bicor gives to begin with.
    assert table.loc["Hpx", "r"] > (0.5 if "pearson" in request.node.name else 0.3)
    assert table.loc[[*known, "Hpx"], "secreted"].all()
    assert set(table["n"]) == {36}
    assert [int(table["route"].isin(UNCLEAR).sum()), len(table)] == [107, 193]
    summary = liver_to_plasma.summary
    assert summary["same_gene_secreted"] > 0.05
    assert summary["same_gene_secreted_p"] <= 0.005
    assert summary["same_gene_other"] < summary["same_gene_secreted"]
    assert summary["same_gene_other_p"] > 0.05


@pytest.mark.public
def test_targets_of_a_protein_of_the_liver_hold_itself_as_the_table_of_same_genes_does(
    liver_to_plasma: Leading,
) -> None:
    targets = liver_to_plasma.tables["population_targets"]
    own = targets[targets["same_gene"]].set_index("gene")
    alone = liver_to_plasma.tables["population_same_gene"].set_index("gene")
    assert {"C3", "Apoa4", "Serpina3k"} <= set(own.index)
    # Unit vectors are in single precision.
    np.testing.assert_allclose(own["r"], alone.loc[own.index, "r"], atol=1e-6)
    np.testing.assert_allclose(own["p"], alone.loc[own.index, "p"], rtol=1e-4)
    assert own.loc["Serpina3k", "place"] == 1


@pytest.mark.public
def test_pathways_of_real_organs_are_listed_with_how_many_were_tested(liver_to_plasma: Leading) -> None:
    rows = liver_to_plasma.tables["population_pathways"]
    assert set(rows["gene"]) == {"C3", "Hpx", "Apoa4", "Serpina3k"}
    assert (rows["n_tested"] >= rows.groupby("gene")["set"].transform("size")).all()
    assert rows["n_genes"].between(15, 500).all()
