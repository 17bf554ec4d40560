from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine import errors
from organokine.references import load_references
from organokine.references.orthologs import carried_over, pairs_between, symbols_of, without_needed

TABLE = pd.DataFrame(
    {
        "human": ["TP53", "SERPINA1", "SERPINA1", "ONLY"],
        "mouse": ["Trp53", "Serpina1a", "Serpina1b", "Only1"],
        "rat_also": ["Tp53", "", "", ""],
        "type": ["one2one", "one2many", "one2many", "hcop"],
        "confidence": ["1", "1", "0", ""],
        "sources": ["12", "9", "3", "5"],
    }
)


def one(species, to_species, gene):
    return load_references(species).orthologs([gene], to_species)


def test_type_confidence_and_sources_of_a_pair():
    row = one("human", "mouse", "ANXA2").iloc[0]
    assert (row["ortholog"], row["type"], row["confidence"], row["state"]) == ("Anxa2", "one2one", "high", "known")
    assert row["sources"] >= 9
    assert not row["by_symbol"]


def test_several_orthologs_each_have_a_row():
    rows = one("human", "mouse", "SERPINA1")
    assert len(rows) >= 5
    assert set(rows["type"]) == {"one2many"}


def test_states_tell_no_ortholog_from_no_symbol():
    rows = load_references("human").orthologs(["CXCL8", "no such gene", "ANXA2", ""], "mouse")
    assert list(rows["gene"]) == ["CXCL8", "no such gene", "ANXA2", ""]
    assert list(rows["state"]) == ["none_known", "unknown_symbol", "known", "unknown_symbol"]
    assert list(rows["ortholog"]) == ["", "", "Anxa2", ""]
    assert list(rows["sources"].iloc[:2]) == [0, 0]


def test_synonyms_are_resolved_and_kept_as_given():
    rows = one("mouse", "human", "Txn")
    assert list(rows["gene"]) == ["Txn"]
    assert list(rows["ortholog"]) == ["TXN"]


def test_the_rat_goes_by_symbol():
    human = one("rat", "human", "Tp53").iloc[0]
    assert (human["ortholog"], human["type"], human["by_symbol"]) == ("TP53", "one2one", True)
    assert set(one("human", "rat", "TP53")["ortholog"]) == {"Tp53", "Trp53"}
    mouse = one("rat", "mouse", "Tp53").iloc[0]
    assert (mouse["ortholog"], mouse["type"], mouse["confidence"]) == ("Trp53", "by_symbol", "not_called")


@pytest.mark.parametrize("to_species", ["mouse", "zebrafish"])
def test_the_own_or_a_strange_species_is_refused(to_species):
    with pytest.raises(errors.ReferenceError, match=to_species):
        load_references("mouse").orthologs(["Anxa2"], to_species)


@given(st.sampled_from([(a, b) for a in ("human", "mouse", "rat") for b in ("human", "mouse", "rat") if a != b]))
def test_there_and_back_are_the_same_pairs(both):
    there, back = pairs_between(TABLE, *both), pairs_between(TABLE, *both[::-1])
    swapped = back.rename(columns={"gene": "ortholog", "ortholog": "gene"})[there.columns]
    pd.testing.assert_frame_equal(swapped.sort_values(["gene", "ortholog"], ignore_index=True), there)


def test_the_rat_may_use_the_human_symbol_beside_that_of_the_mouse():
    pairs = symbols_of(TABLE, "rat")
    assert list(pairs.loc[pairs["human"] == "TP53", "symbol"]) == ["Tp53", "Trp53"]
    assert "Tp53" not in set(symbols_of(TABLE, "mouse")["symbol"])


def test_sets_are_carried_over_whole_or_not_at_all():
    sets = pd.Series(["TP53+SERPINA1;TP53", "TP53+GONE", "", "ONLY"])
    put = carried_over(sets, symbols_of(TABLE, "mouse"))
    assert list(put) == ["Trp53+Serpina1a|Serpina1b;Trp53", "", "", "Only1"]


def test_a_gene_that_is_needed_is_not_also_unwanted():
    absent, needed = pd.Series(["A|B;C", "C"]), pd.Series(["X+A|D", "Y"])
    assert list(without_needed(absent, needed)) == ["C", "C"]


@pytest.mark.public
def test_pairs_agree_with_the_rat_genome_database(shared_data):
    """An independent list of mouse and human symbols, of 2020: of its pairs nearly all are known here, and few genes differ."""
    table = pd.read_csv(shared_data / "identifiers/rgd_rat_human_mouse_symbols.tsv.gz", sep="\t", keep_default_na=False)
    columns = {name.split("_")[0]: name for name in table.columns}
    pairs = table[[columns["HUMAN"], columns["MOUSE"]]].set_axis(["human", "mouse"], axis=1)
    pairs = pairs[(pairs != "").all(axis=1) & ~pairs["mouse"].str.contains("|", regex=False)].drop_duplicates("human")
    found = load_references("human").orthologs(list(pairs["human"]), "mouse")
    found = found[found["state"] == "known"]
    ours = found.groupby("gene")["ortholog"].agg(set)
    theirs = pairs.set_index("human")["mouse"].reindex(ours.index)
    agreed = [mouse in names for mouse, names in zip(theirs, ours, strict=True)]
    assert len(agreed) > 14_000
    assert sum(agreed) / len(agreed) > 0.95
