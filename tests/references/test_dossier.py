from __future__ import annotations

import json
from functools import cache

import pytest

from organokine import errors
from organokine.references import dossier
from organokine.references.dossier import named
from organokine.references.dossier_text import as_json, as_text

look_up = cache(dossier.look_up)  # tables are read once for all tests
SECTIONS = (
    "How it may leave a cell",
    "Receptors that hear it",
    "Ligands it hears, alone or in a complex",
    "Hormones",
    "Blood panels",
    "Orthologs",
    "From",
)


def test_annexin_a2():
    found = look_up("ANXA2", None, "embedded")
    assert (found.gene, found.species, found.also_in) == ("ANXA2", "human", ("mouse", "rat"))
    assert "LPC2D" in found.synonyms
    assert "P07355" in found.accessions["uniprot"]
    assert found.routes[0]["route"] == "unconventional"
    assert found.routes[0]["leads"]
    assert found.routes[0]["grade"] == "curated"
    assert {each["route"] for each in found.routes} >= {"unconventional", "ev_cargo"}
    assert {each["receptor"] for each in found.receptors} == {"ROBO4", "TLR2"}
    assert any(each["species"] == "mouse" and each["symbol"] == "Anxa2" for each in found.orthologs)
    assert {"routes_human", "receptors_human"} <= {table["name"] for table in found.tables}
    assert all(table["sources"] != "" and table["version"] != "" for table in found.tables)


@pytest.mark.parametrize("gene", ["Anxa2", "EGFR", "INS"])
def test_the_text_is_readable_on_80_columns_and_complete(gene):
    lines = as_text(look_up(gene, None, "embedded")).splitlines()
    assert max(len(line) for line in lines) <= 80
    for section in SECTIONS:
        assert section in lines
    assert len(lines) < 200


def test_every_piece_stands_with_its_source():
    text = as_text(look_up("ANXA2", None, "embedded"))
    for piece in (
        "UniProt:P07355",
        "GO:0070062 IDA",
        "connectomeDB2020",
        "org.Hs.eg.db",
        "liana 1.10.0 (BSD-3-Clause)",
    ):
        assert piece in text


@pytest.mark.parametrize(
    ("asked", "species", "gene", "found_in"),
    [
        ("Anxa2", None, "Anxa2", "mouse"),
        ("anxa2", None, "ANXA2", "human"),
        ("Txn", None, "Txn1", "mouse"),
        ("Tp53", "rat", "Tp53", "rat"),
        ("CTGF", None, "CCN2", "human"),
        ("P07355", None, "ANXA2", "human"),
        ("P07355-2", None, "ANXA2", "human"),
        ("ENSG00000182718.18", None, "ANXA2", "human"),
        ("ENSMUSG00000032231", None, "Anxa2", "mouse"),
        (" ANXA2 ", None, "ANXA2", "human"),
        ("p11", "mouse", "S100a10", "mouse"),
        ("Anxa2", "rat", "Anxa2", "rat"),
    ],
)
def test_names_lead_to_their_gene(asked, species, gene, found_in):
    assert named(asked, species, "embedded")[:2] == (gene, found_in)


def test_a_name_of_several_genes_is_told():
    with pytest.raises(errors.ReferenceError, match=r"'p11' \(human\): the name is used for ENDOU, EXOSC6, S100A10"):
        named("p11", "human", "embedded")


@pytest.mark.parametrize("asked", ["", "[red]", "7-Sep"])
def test_an_unknown_name_is_told(asked):
    with pytest.raises(errors.ReferenceError, match="no gene of that name is known"):
        named(asked, "human", "embedded")


def test_near_names_are_told():
    with pytest.raises(errors.ReferenceError, match=r"Near are .*ANXA2"):
        named("ANXA22", "human", "embedded")


def test_hormones_and_what_a_receptor_hears():
    insulin = look_up("INS", None, "embedded")
    assert "insulin" in " ".join(insulin.hormones).lower()
    assert any("INSR" in each["receptor"] for each in insulin.receptors)
    gfral = look_up("GFRAL", None, "embedded")
    assert {"GDF15"} <= {each["ligand"] for each in gfral.ligands}
    assert "as GFRAL+RET" in as_text(gfral)
    assert look_up("ALB", None, "embedded").panels == ("plasma",)


def test_json_holds_the_same():
    found = look_up("ANXA2", None, "embedded")
    read = json.loads(as_json(found))
    assert read["gene"] == "ANXA2"
    assert read["routes"][0]["route"] == "unconventional"
    assert len(read["tables"]) == len(found.tables)


def test_a_release_adds_pathways_and_native_facts(release):
    found = look_up("Il6", "mouse", release)
    assert found.release == release
    assert found.pathways == ({"pathway": "R-HSA-1059683", "name": "Signalling by IL6"},)
    assert "ENSMUSG00000002001" in found.accessions["ensembl"]
    text = as_text(found)
    assert f"release {release}" in text
    assert "Pathways" in text
    assert "uniprot_mouse 2026-10-01 (CC-BY-4.0)" in " ".join(text.split())
    rat = look_up("IL6", "human", "current")
    assert {each["species"]: each["symbol"] for each in rat.orthologs} == {"mouse": "Il6", "rat": "Il6"}
