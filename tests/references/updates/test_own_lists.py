"""Lists of the user's own over a release: its orthologs and its names."""

from __future__ import annotations

import pytest

from organokine.readers.lists.genes import GeneNames, StudyGenes
from organokine.references import load_identifiers, load_references, with_lists
from organokine.references.ortholog_names import load_orthologs
from organokine.references.registry import registry
from organokine.references.store import read_table
from tests.references.test_lists import a_list, peptide


@pytest.mark.parametrize(("rodent", "table"), [("mouse", "orthologs"), ("rat", "orthologs_rat")])
def test_orthologs_are_those_of_the_release(release, rodent, table):
    entry = next(entry for entry in registry(release) if entry.name == table)
    pairs = read_table(entry)[["human", rodent]].itertuples(index=False, name=None)
    found = load_orthologs("human", rodent, release)
    assert {(human, other) for human, others in found.items() for other in others} == set(pairs)
    assert load_orthologs("mouse", "rat", release)["Anxa2"] == ("Anxa2",)


def test_accessions_are_those_of_the_release(release):
    known = load_identifiers("mouse", release).accessions
    accession = next(name for name, genes in known.items() if genes == ("Anxa2",) and not name.startswith("ENS"))
    assert GeneNames("mouse", "mouse", StudyGenes()).of("", accession) == ()
    assert GeneNames("mouse", "mouse", StudyGenes(), release).of("", accession) == (("Anxa2", "Anxa2"),)


def test_lists_are_laid_over_a_release(release):
    before = load_references("mouse", release)
    over = with_lists(before, [a_list(("Anxa2", "shed", "")), peptide("Nobody")])
    assert over.routes(["Nobody"])["route"].tolist() == ["classical"]
    assert "shed" in over.routes(["Anxa2"])["routes"].iloc[0].split(";")
    kept = before.route_table["gene"] != "Anxa2"
    assert over.routes(list(before.route_table["gene"][kept])).equals(
        before.routes(list(before.route_table["gene"][kept]))
    )
