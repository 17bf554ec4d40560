"""How well the embedded routes agree with UniProt and Gene Ontology, which see signal peptides. Figures in docs/references.md."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from organokine.references import load_references
from organokine.references.routes import STRONG_ROUTES
from reference_lists import HALVES, LISTS, gene_lists

pytestmark = pytest.mark.public


@pytest.fixture(scope="module", params=["human", "mouse"])
def oracle(request, shared_data):
    path = shared_data / f"references/prototype/secretion_{request.param}.parquet"
    table = pd.read_parquet(path).dropna(subset=["symbol"]).drop_duplicates("symbol").set_index("symbol")
    references = load_references(request.param)
    table = table[~references.is_immunoglobulin(list(table.index))]
    routes = references.routes(list(table.index))
    return table.assign(ours=routes["route"], grade=routes["grade"])


def test_recall_of_secreted_proteins(oracle):
    secreted = oracle[oracle["secretion_class"].isin(STRONG_ROUTES)]
    found = secreted["ours"].isin(STRONG_ROUTES)
    by_class = found.groupby(secreted["secretion_class"].astype(str)).mean()
    assert found.mean() > 0.8
    assert by_class["classical"] > 0.82
    assert by_class["ecm"] > 0.88
    assert by_class["unconventional"] > 0.66
    assert by_class["shed"] > 0.68


def test_few_proteins_of_the_cell_pass(oracle):
    inside = oracle[oracle["secretion_class"] == "intracellular_or_unknown"]
    cargo = oracle[oracle["secretion_class"] == "ev_cargo"]
    assert inside["ours"].isin(STRONG_ROUTES).mean() < 0.015
    assert cargo["ours"].isin(STRONG_ROUTES).mean() < 0.025


def test_vesicle_cargo_is_kept_as_such(oracle):
    cargo = oracle[oracle["secretion_class"] == "ev_cargo"]
    assert (cargo["ours"] == "ev_cargo").mean() > 0.95


def test_the_route_agrees_where_both_call_a_protein_secreted(oracle):
    both = oracle[oracle["secretion_class"].isin(STRONG_ROUTES) & oracle["ours"].isin(STRONG_ROUTES)]
    assert (both["ours"] == both["secretion_class"]).mean() > 0.7


@pytest.fixture(scope="module", params=["human", "mouse"])
def measured(request, shared_data):
    """The lists of the benchmark, and which of their genes the rules alone let out."""
    lists = gene_lists(shared_data / "references", request.param)
    evidence = load_references(request.param).route_evidence(list(lists.index))
    strong = evidence["route"].isin(STRONG_ROUTES) & (evidence["grade"] != "curated")
    return lists.assign(found=lists.index.isin(evidence.loc[strong, "gene"]))


@pytest.mark.parametrize("half", HALVES)
def test_the_rules_alone_find_known_mediators_and_few_proteins_of_the_cell(measured, half):
    chosen = measured[measured["half"] == half]
    assert chosen.loc[chosen["mediators"], "found"].mean() > 0.8
    assert chosen.loc[chosen["classical"], "found"].mean() > 0.9
    assert chosen.loc[chosen["leaderless"], "found"].mean() > 0.6
    assert chosen.loc[chosen["intracellular"], "found"].mean() < 0.015
    assert chosen.loc[chosen["ev_cargo"], "found"].mean() < 0.05


def test_the_lists_of_the_benchmark_are_what_they_say(measured, shared_data):
    """Another reading of the same UniProt entries, and genes that everybody knows."""
    species = "human" if "ANXA2" in measured.index else "mouse"
    known = {"leaderless": "FGF2", "classical": "IL6", "ev_cargo": "HSPA8", "intracellular": "GATA4"}
    for name, gene in known.items():
        row = measured.loc[gene if species == "human" else gene.capitalize(), list(LISTS)]
        assert row[name], gene
    assert (measured["mediators"] == measured["leaderless"] | measured["classical"]).all()
    assert not (measured["secreted"] & (measured["ev_cargo"] | measured["intracellular"])).any()
    assert not (measured["ev_cargo"] & measured["intracellular"]).any()
    oracle = pd.read_parquet(shared_data / f"references/prototype/secretion_{species}.parquet")
    oracle = oracle.dropna(subset=["symbol"]).drop_duplicates("symbol").set_index("symbol").reindex(measured.index)
    assert (oracle["up_secreted"] == measured["secreted"]).mean() > 0.999
    leaderless = measured["secreted"] & ~oracle["up_signal"].astype(bool)
    assert (leaderless == measured["leaderless"]).mean() > 0.999


def test_rat_symbols_of_a_muscle_proteome_are_known_and_few_are_secreted(shared_data):
    """Muscle is no gland: of 2,500 muscle genes 4 % are secreted by UniProt; deep proteomes hold more plasma and matrix."""
    features = pd.read_csv(
        shared_data / "motrpac_rat_training/gastrocnemius_proteome_log2ratio.features.tsv.gz", sep="\t"
    )
    genes = features["gene_symbol"].dropna().unique()
    rat = load_references("rat")
    assert (rat.resolve(genes) != "").mean() > 0.95
    assert rat.routes(genes)["route"].isin(STRONG_ROUTES).mean() < 0.08


def test_rat_evidence_comes_from_the_ortholog_of_the_rat_genome_database(shared_data):
    table = pd.read_csv(
        shared_data / "identifiers/rgd_rat_human_mouse_symbols.tsv.gz", sep="\t", keep_default_na=False
    ).drop_duplicates("RAT_GENE_SYMBOL")
    table = table[table["HUMAN_ORTHOLOG_SYMBOL"] != ""]
    rat = load_references("rat")
    assert (rat.resolve(list(table["RAT_GENE_SYMBOL"])) != "").mean() > 0.93
    human = load_references("human").resolve(list(table["HUMAN_ORTHOLOG_SYMBOL"])).to_numpy()
    evidence = rat.routes(list(table["RAT_GENE_SYMBOL"]))["evidence"]
    known = [(text, gene) for text, gene in zip(evidence, human, strict=True) if text != "" and gene != ""]
    agreed = [gene in re.findall(r"from human (\S+)", text) for text, gene in known]
    assert len(agreed) > 13_000
    assert sum(agreed) / len(agreed) > 0.985
