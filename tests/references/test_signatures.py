from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.references.signatures import SignatureSet, family_mask, family_stem, in_species


@pytest.mark.parametrize(
    ("symbol", "stem"),
    [("ANXA2", "ANXA"), ("Wnt5a", "WNT"), ("IL6", "IL"), ("MSTN", "MSTN"), ("C3", ""), ("H2-K1", ""), ("HLA-A", "HLA")],
)
def test_the_stem_is_what_stands_before_the_first_digit(symbol: str, stem: str) -> None:
    assert family_stem(symbol) == stem


def test_a_ligand_and_its_family_are_masked() -> None:
    genes = ["Anxa1", "Anxa2", "Anxa2r", "C3", "C4b", "Lep", "Lepr", "Il6", "Il1b"]
    masked = pd.DataFrame(family_mask(genes, ["ANXA2", "C3", "Lep", "Il6"]), genes, ["ANXA2", "C3", "Lep", "Il6"])
    assert masked.apply(lambda column: list(column.index[column])).to_dict() == {
        "ANXA2": ["Anxa1", "Anxa2", "Anxa2r"],
        "C3": ["C3"],
        "Lep": ["Lep"],
        "Il6": ["Il6", "Il1b"],
    }
    alone = family_mask(genes, ["ANXA2", "C3", "Lep", "Il6"], family=False)
    assert alone.sum(axis=0).tolist() == [1, 1, 1, 1]


def test_orthologs_take_weights_and_what_is_lost_is_counted() -> None:
    table = pd.DataFrame({"ANXA2": [1.0, 3.0, 5.0], "NOGENE": [1.0, 1.0, 1.0]}, index=["STAT3", "TP53", "nothing"])
    mapped, counts = in_species(table, "human", "rat")
    # A rat may go by the mouse symbol, or by the human one in rodent spelling.
    assert mapped.to_dict() == {"Anxa2": {"Stat3": 1.0, "Tp53": 3.0, "Trp53": 3.0}}
    assert [(count.item, count.n, count.of) for count in counts] == [
        ("genes of the signatures without a symbol", 1, 3),
        ("signatures without a symbol", 1, 2),
    ]
    back, _ = in_species(mapped, "rat", "human")
    assert back.to_dict() == {"ANXA2": {"STAT3": 1.0, "TP53": 3.0}}


def test_synonyms_of_one_gene_are_averaged() -> None:
    table = pd.DataFrame({"IL6": [1.0, 3.0]}, index=["STAT3", "APRF"])
    mapped, counts = in_species(table, "human", "human")
    assert mapped.to_dict() == {"IL6": {"STAT3": 2.0}}
    assert [(count.item, count.n) for count in counts] == [("genes of the signatures merged", 1)]


def test_what_a_set_knows_of_measured_genes() -> None:
    weights = pd.DataFrame({"IL6": [1.0, 2.0]}, index=["A", "B"])
    wide, lists = (SignatureSet("s", weights, knows_listed_only=known) for known in (True, False))
    assert list(wide.over(["B", "Z"]).index) == ["B"]
    assert lists.over(["B", "Z"])["IL6"].tolist() == [2.0, 0.0]
    assert wide.fingerprint() != lists.fingerprint()
    assert not np.isnan(lists.over(["Z"]).to_numpy()).any()
