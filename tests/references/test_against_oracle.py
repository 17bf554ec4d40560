"""How well the embedded routes agree with UniProt and Gene Ontology, which see signal peptides. Figures in docs/references.md."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from organokine.references import load_references
from organokine.references.routes import STRONG_ROUTES

pytestmark = pytest.mark.public


@pytest.fixture(scope="module", params=["human", "mouse"])
def oracle(request, shared_data):
    path = shared_data / f"references/prototype/secretion_{request.param}.parquet"
    table = pd.read_parquet(path).dropna(subset=["symbol"]).drop_duplicates("symbol").set_index("symbol")
    routes = load_references(request.param).routes(list(table.index))
    return table.assign(ours=routes["route"], grade=routes["grade"])


def test_recall_of_secreted_proteins(oracle):
    secreted = oracle[oracle["secretion_class"].isin(STRONG_ROUTES)]
    found = secreted["ours"].isin(STRONG_ROUTES)
    by_class = found.groupby(secreted["secretion_class"].astype(str)).mean()
    assert found.mean() > 0.77
    assert by_class["classical"] > 0.78
    assert by_class["ecm"] > 0.88
    assert by_class["unconventional"] > 0.62
    assert by_class["shed"] > 0.5


def test_recall_without_the_curated_table(oracle):
    by_rule = oracle[~oracle["grade"].str.startswith("curated")]
    secreted = by_rule[by_rule["secretion_class"].isin(STRONG_ROUTES)]
    assert secreted["ours"].isin(STRONG_ROUTES).mean() > 0.75


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
