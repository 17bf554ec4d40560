"""Which route leads once the user's own lists are laid over the references."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine.references import GeneList, References, load_references, with_lists
from organokine.references.lists import lay_over
from organokine.references.routes import GRADES, NOT_LOOKED_AT, ORTHOLOGY, ROUTES, STRONG_ROUTES

PAIRS = ["ligand", "receptor", "source", "reference"]


def a_list(
    *rows: tuple[str, str, str], kind: str = "routes", grade: str = "low_throughput", name: str = "mine"
) -> GeneList:
    """Rows of gene, route and signal."""
    predicted = kind in {"signalp", "outcyte"}
    said = pd.DataFrame(
        [(gene, route, signal, "inferred" if predicted else grade, f"{signal} {route} by {name}") for gene, route, signal in rows],
        columns=["gene", "route", "signal", "grade", "evidence"],
        dtype=object,
    )  # fmt: skip
    return GeneList(
        name, kind, f"{name}.tsv", "ab" * 32, "", "", predicted, said, pd.DataFrame(columns=PAIRS, dtype=object)
    )


def peptide(*genes: str, name: str = "predicted") -> GeneList:
    return a_list(*((gene, "classical", "peptide") for gene in genes), kind="signalp", name=name)


def no_peptide(*genes: str, name: str = "predicted") -> GeneList:
    return a_list(*((gene, "", "none") for gene in genes), kind="signalp", name=name)


def pairs_list(*rows: tuple[str, str]) -> GeneList:
    one = a_list(name="pairs", kind="receptors")
    frame = pd.DataFrame(
        [(ligand, receptor, "list 'pairs'", "doi") for ligand, receptor in rows], columns=PAIRS, dtype=object
    )
    return GeneList(**{**vars(one), "receptors": frame})  # fmt: skip


@pytest.fixture(scope="module")
def human() -> References:
    return load_references("human")


def route(references: References, gene: str) -> pd.Series:
    return references.routes([gene]).iloc[0]


def test_without_lists_the_references_are_those_that_were_given(human):
    assert with_lists(human, ()) is human


def test_the_given_references_are_not_changed(human):
    before = human.route_table.copy(), human.receptor_table.copy(), human.entries
    with_lists(human, [a_list(("FOLR3", "classical", "")), pairs_list(("ANXA2", "CNR2"))])
    pd.testing.assert_frame_equal(human.route_table, before[0])
    pd.testing.assert_frame_equal(human.receptor_table, before[1])
    assert human.entries == before[2]


def test_genes_that_no_list_names_keep_their_rows(human):
    over = with_lists(human, [a_list(("FOLR3", "classical", ""), ("TTN", "unconventional", ""))])
    others = ~human.route_table["gene"].isin(["FOLR3", "TTN"])
    kept = ~over.route_table["gene"].isin(["FOLR3", "TTN"])
    pd.testing.assert_frame_equal(
        over.route_table[kept].reset_index(drop=True), human.route_table[others].reset_index(drop=True)
    )
    assert over.route_table["gene"].is_monotonic_increasing


def test_an_unknown_gene_takes_the_route_of_the_list_and_names_it(human):
    row = route(with_lists(human, [a_list(("FOLR3", "classical", ""))]), "FOLR3")
    assert row.tolist() == ["classical", "classical", "low_throughput", "classical:  classical by mine"]


def test_a_hand_written_route_leads_over_every_list(human):
    over = lay_over(human, [a_list(("ANXA2", "classical", "")), peptide("ANXA2")])
    row = route(over.references, "ANXA2")
    assert (row["route"], row["grade"]) == ("unconventional", "curated")
    assert row["routes"].split(";")[:2] == ["unconventional", "classical"]
    assert over.disputed["ANXA2"].startswith("unconventional leads; list 'mine' says classical; peptide classical")


def test_a_list_leads_over_the_embedded_rules_and_removes_nothing(human):
    before = route(human, "TFRC")
    over = lay_over(human, [a_list(("TFRC", "unconventional", ""))])
    row = route(over.references, "TFRC")
    assert row["routes"] == f"unconventional;{before['routes']}"
    assert before["evidence"] in row["evidence"]
    assert over.disputed == {}


def test_of_several_lists_the_first_leads_and_both_are_kept(human):
    lists = [a_list(("FOLR3", "shed", ""), name="one"), a_list(("FOLR3", "ecm", ""), name="two")]
    over = lay_over(human, lists)
    assert route(over.references, "FOLR3")["routes"] == "shed;ecm"
    assert over.disputed["FOLR3"] == "shed leads; list 'two' says ecm"
    assert route(with_lists(human, lists[::-1]), "FOLR3")["routes"] == "ecm;shed"


def test_a_list_that_says_what_leads_already_is_added_to_its_evidence(human):
    before = route(human, "CXCL1")
    row = route(with_lists(human, [a_list(("CXCL1", "classical", ""))]), "CXCL1")
    assert row["routes"] == before["routes"]
    assert "classical by mine" in row["evidence"].split(" | ")[0]


def test_a_signal_peptide_turns_unconventional_into_classical(human):
    assert route(human, "CCL3")["route"] == "unconventional"
    row = route(with_lists(human, [peptide("CCL3")]), "CCL3")
    assert (row["route"], row["grade"]) == ("classical", route(human, "CCL3")["grade"])
    assert NOT_LOOKED_AT not in row["evidence"].split(" | ")[0]
    assert "peptide classical by predicted" in row["evidence"].split(" | ")[0]


def test_no_signal_peptide_turns_classical_into_unconventional(human):
    assert route(human, "DDT")["route"] == "classical"
    row = route(with_lists(human, [no_peptide("DDT")]), "DDT")
    assert row["route"] == "unconventional"
    assert NOT_LOOKED_AT not in row["evidence"]


def test_no_signal_peptide_does_not_overrule_the_secretory_pathway_nor_a_membrane(human):
    over = lay_over(human, [no_peptide("AFP", "TFRC")])
    assert route(over.references, "AFP")["route"] == "classical"
    assert "none  by predicted" in route(over.references, "AFP")["evidence"]
    assert "AFP" in over.disputed
    assert route(over.references, "TFRC")["route"] == "shed"
    helix = a_list(("DDT", "", "membrane"), kind="outcyte", name="helix")
    assert route(with_lists(human, [helix]), "DDT")["route"] == "classical"


def test_predictors_that_disagree_refine_nothing(human):
    over = lay_over(human, [peptide("CCL3", name="yes"), no_peptide("CCL3", name="no")])
    row = route(over.references, "CCL3")
    assert row["route"] == "unconventional"
    assert "by yes" in row["evidence"]
    assert "by no" in row["evidence"]
    assert over.disputed["CCL3"] == "unconventional leads; peptide classical by yes; none  by no"


def test_one_isoform_with_a_signal_peptide_decides(human):
    isoforms = a_list(("CCL3", "", "none"), ("CCL3", "classical", "peptide"), kind="signalp")
    assert route(with_lists(human, [isoforms]), "CCL3")["route"] == "classical"


def test_a_signal_peptide_alone_gives_a_route_only_where_nothing_places_the_protein_inside(human):
    over = lay_over(human, [peptide("FOLR3", "EGFR", "ROBO4", "TFRC")])
    routes = over.references.routes(["FOLR3", "EGFR", "ROBO4", "TFRC"])["route"]
    assert routes.tolist() == ["classical", "intracellular", human.routes(["ROBO4"])["route"].iloc[0], "shed"]
    assert over.predicted == {"FOLR3"}
    assert route(over.references, "FOLR3")["evidence"].endswith("; not known outside the cell")
    assert over.references.routes(["EGFR"])["routes"].iloc[0] == "intracellular;classical"


def test_seen_outside_is_a_hint_until_a_signal_peptide_is_known(human):
    medium = a_list(("FOLR3", "outside", ""), ("GAPDH", "outside", ""), kind="secretome", grade="high_throughput")
    hint = with_lists(human, [medium]).routes(["FOLR3", "GAPDH"])
    assert hint["route"].tolist() == ["ev_cargo", "ev_cargo"]
    both = with_lists(human, [medium, peptide("FOLR3"), no_peptide("GAPDH")]).routes(["FOLR3", "GAPDH"])
    assert both["route"].tolist() == ["classical", "ev_cargo"]
    assert "not known outside" not in both["evidence"].iloc[0]


def test_a_known_receptor_with_a_signal_peptide_seen_outside_is_shed(human):
    medium = a_list(("EGFR", "outside", ""), kind="secretome")
    row = route(with_lists(human, [medium, peptide("EGFR")]), "EGFR")
    assert row["route"] == "shed"


def test_seen_outside_supports_the_strong_route_that_is_known(human):
    before = route(human, "CXCL1")
    row = route(with_lists(human, [a_list(("CXCL1", "outside", ""), kind="secretome")]), "CXCL1")
    assert (row["route"], row["routes"]) == (before["route"], before["routes"])
    assert "outside by mine" in row["evidence"].split(" | ")[0]


def test_evidence_of_the_species_goes_before_that_of_an_ortholog():
    mouse = load_references("mouse")
    assert route(mouse, "Cxcl1")["grade"] == f"low_throughput{ORTHOLOGY}"
    assert route(with_lists(mouse, [a_list(("Cxcl1", "classical", ""))]), "Cxcl1")["grade"] == "low_throughput"


def test_a_symbol_that_is_a_synonym_finds_the_row_of_its_gene(human):
    over = with_lists(human, [a_list(("SEPP1", "shed", ""))])
    assert over.routes(["SELENOP"])["route"].tolist() == over.routes(["SEPP1"])["route"].tolist()
    assert "SEPP1" not in set(over.route_table["gene"])


def test_receptors_of_a_list_are_added_and_known_pairs_name_it(human):
    over = with_lists(human, [pairs_list(("ANXA2", "CNR2"), ("ANXA2", "TLR2"), ("GDF15", "RET+GFRAL"))])
    heard = over.receptors(["ANXA2"])
    assert heard["receptor"].tolist() == ["ROBO4", "TLR2", "CNR2"]
    assert heard["source"].tolist()[1:] == ["connectomeDB2020; list 'pairs'", "list 'pairs'"]
    assert len(over.receptors(["GDF15"])) == len(human.receptors(["GDF15"]))
    assert not over.receptor_table.duplicated(["ligand", "receptor"]).any()


def test_versions_name_the_lists_after_the_tables(human):
    versions = with_lists(human, [a_list(("FOLR3", "classical", ""))]).versions()
    assert versions.iloc[:-1].equals(human.versions())
    assert versions.iloc[-1].tolist() == ["list 'mine'", "not told", "the user's own", "ab" * 32, "none given", "routes, mine.tsv"]  # fmt: skip


GENES = ["ANXA2", "CCL3", "DDT", "AFP", "TFRC", "EGFR", "FOLR3", "GAPDH", "CXCL1", "nobody"]
STATEMENTS = st.tuples(
    st.sampled_from(GENES),
    st.sampled_from(["outside", *ROUTES[:-1]]),
    st.sampled_from(["peptide", "none", "membrane"]),
    st.booleans(),
)


@pytest.fixture(scope="module")
def few(human) -> References:
    """The references of some genes, so that many lists can be tried."""
    rows = human.route_table[human.route_table["gene"].isin(GENES)].reset_index(drop=True)
    return replace(human, route_table=rows, receptor_table=human.receptors([*GENES, "EGF"]))


@given(st.lists(STATEMENTS, min_size=1, max_size=12))
def test_whatever_lists_say_no_route_is_lost_and_words_stay_known(few, drawn):
    lists = [
        a_list((gene, "classical" if signal == "peptide" else "", signal), kind="signalp", name=f"p{number}")
        if predicted
        else a_list((gene, said, ""), name=f"d{number}")
        for number, (gene, said, signal, predicted) in enumerate(drawn)
    ]
    before, after = few.routes(GENES), with_lists(few, lists).routes(GENES)
    refined = {"classical": "told", "unconventional": "told"}
    for gene in GENES:
        old = {refined.get(name, name) for name in before["routes"][gene].split(";")} - {"unknown"}
        new = after["routes"][gene].split(";")
        assert old <= {refined.get(name, name) for name in new}
        assert len(new) == len(set(new))
        assert set(new) <= set(ROUTES)
        assert new[0] == after["route"][gene]
        assert after["grade"][gene].removesuffix(ORTHOLOGY) in {*GRADES, "none"}
        assert [text.split(": ", 1)[0] for text in after["evidence"][gene].split(" | ")] == (
            new if new != ["unknown"] else [""]
        )
        if before["grade"][gene] == "curated":
            assert new[0] == before["route"][gene]
        firm = any(one[0] == gene and not one[3] and one[1] not in {"outside"} for one in drawn)
        if before["route"][gene] in STRONG_ROUTES and not firm:
            assert new[0] in STRONG_ROUTES
