from __future__ import annotations

from itertools import permutations

import pytest

from organokine.references import load_identifiers
from organokine.references.ortholog_names import load_orthologs


@pytest.mark.parametrize(("species", "target"), list(permutations(["human", "mouse", "rat"], 2)))
def test_orthologs_are_official_symbols_of_both_species(species, target):
    found = load_orthologs(species, target)
    assert len(found) > 15_000
    others = {other for pair in found.values() for other in pair}
    assert sum(name in load_identifiers(species).official for name in found) > 0.9 * len(found)
    assert sum(name in load_identifiers(target).official for name in others) > 0.9 * len(others)


@pytest.mark.parametrize(
    ("species", "target", "gene", "others"),
    [
        ("human", "mouse", "ANXA2", ("Anxa2",)),
        ("mouse", "human", "Trp53", ("TP53",)),
        ("human", "rat", "TP53", ("Tp53",)),
        ("rat", "human", "Tp53", ("TP53",)),
        ("rat", "mouse", "Tp53", ("Trp53",)),
        ("mouse", "rat", "Trp53", ("Tp53",)),
        ("mouse", "rat", "Car4", ("Ca4",)),
        ("rat", "human", "Prl3d1l1", ("CSH1",)),
        ("rat", "mouse", "Anxa2", ("Anxa2",)),
    ],
)
def test_a_gene_finds_its_orthologs_and_the_rat_its_own_name(species, target, gene, others):
    assert load_orthologs(species, target)[gene] == others


def test_there_and_back_leads_home():
    there, back = load_orthologs("human", "mouse"), load_orthologs("mouse", "human")
    assert all(gene in back[other] for gene, others in there.items() for other in others)
