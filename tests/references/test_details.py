from __future__ import annotations

import re

import pandas as pd
import pytest

from organokine.references import load_references
from organokine.references.routes import STRONG_ROUTES

SPECIES = ("human", "mouse", "rat")


@pytest.fixture(scope="module", params=SPECIES)
def references(request):
    return load_references(request.param)


def spelled(references, symbol):
    return symbol if references.species == "human" else symbol.capitalize()


def genes_of(texts: pd.Series) -> set[str]:
    return {gene for text in texts for gene in re.split(r"[;+|]", text)} - {""}


def test_metabolite_hormones_have_enzymes_and_receptors(references):
    table = references.metabolite_hormones().set_index("hormone")
    assert list(table.columns) == ["name", "kind", "enzymes", "absent", "receptors", "source"]
    assert set(table["kind"]) == {"amine", "prostanoid", "steroid"}
    assert len(table) >= 20
    assert (table[["name", "enzymes", "receptors"]] != "").all(axis=None)
    assert spelled(references, "NR3C1") in genes_of(table.loc[["cortisol"], "receptors"])
    assert genes_of(table.loc[["melatonin"], "enzymes"]) >= {spelled(references, "AANAT"), spelled(references, "ASMT")}


def test_their_genes_are_official_symbols(references):
    table = references.metabolite_hormones()
    genes = sorted(genes_of(pd.concat([table["enzymes"], table["absent"], table["receptors"]])))
    assert [gene for gene in genes if references.resolve([gene]).iloc[0] != gene] == []


def test_no_gene_is_both_needed_and_unwanted(references):
    for row in references.metabolite_hormones().itertuples():
        assert genes_of(pd.Series([row.enzymes])).isdisjoint(genes_of(pd.Series([row.absent])))


def test_metabolite_hormones_are_no_routes_and_their_enzymes_have_no_receptors_of_them(references):
    table = references.metabolite_hormones()
    for row in table.itertuples():
        enzymes = sorted(genes_of(pd.Series([row.enzymes])))
        heard = references.receptors(enzymes)
        assert set(heard["receptor"]).isdisjoint(row.receptors.split(";"))
    makers = [spelled(references, name) for name in ("AANAT", "CYP19A1", "CYP27B1", "TH")]
    assert not references.routes(makers)["route"].isin(STRONG_ROUTES).any()


def test_metabolite_hormones_cannot_be_changed_from_outside(references):
    references.metabolite_hormones()["kind"] = "changed"
    assert "changed" not in set(references.metabolite_hormones()["kind"])


def test_origin_names_the_organs_of_mediators_and_a_state_for_the_others(references):
    asked = [spelled(references, name) for name in ("GDF15", "NOPE", "LEP", "GDF15")]
    origin = references.origin(asked)
    assert list(origin.index) == asked
    assert list(origin.columns) == ["organs", "reference", "by_orthology", "state"]
    assert list(origin["state"]) == ["known", "none_known", "known", "known"]
    assert origin["organs"].iloc[2] == "adipose"
    assert list(origin["organs"] == "") == [False, True, False, False]
    assert origin["by_orthology"].iloc[0] == (references.species != "human")
    assert len(references.origin([])) == 0


CELLPHONEDB_NAMES = {
    "adrenaline": "Adrenaline",
    "dopamine": "Dopamine",
    "estradiol_17beta": "Estradiol",
    "histamine": "Histamine",
    "melatonin": "Melatonin",
    "noradrenaline": "Noradrenaline",
    "pg_F2alpha": "ProstaglandinF2a",
    "pg_d2": "ProstaglandinD2",
    "pg_e2": "ProstaglandinE2",
    "pg_i2": "Prostacyclin",
    "progesterone": "Progesterone",
    "serotonin": "SerotoninDopamin",
    "testosterone": "Testosterone",
    "thyroid_hormone": "Triiodothyronine",
    "txa2": "ThromboxaneA2",
    "vitamin_d": "Calcitriol",
}
UNKNOWN_TO_CELLPHONEDB = {"TAAR1", "PAQR5", "PAQR6", "PAQR7", "PAQR8", "PAQR9"}


@pytest.mark.public
def test_their_receptors_are_those_of_cellphonedb_too(shared_data):
    """CellPhoneDB writes a metabolite as a complex named after it and its enzyme."""
    folder = shared_data / "references/lr_cellphonedb_v5"
    pairs = pd.read_csv(folder / "interaction_input.csv", usecols=["partner_a", "partner_b"])
    genes = pd.read_csv(folder / "gene_input.csv").drop_duplicates("uniprot").set_index("uniprot")["hgnc_symbol"]
    table = load_references("human").metabolite_hormones().set_index("hormone")
    metabolite = pairs["partner_a"].str.partition("_by")[0]
    for hormone, name in CELLPHONEDB_NAMES.items():
        theirs = set(pairs.loc[metabolite == name, "partner_b"].map(genes).dropna())
        ours = set(table.loc[hormone, "receptors"].split(";"))
        assert ours - theirs <= UNKNOWN_TO_CELLPHONEDB, hormone
