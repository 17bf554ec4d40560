from __future__ import annotations

import pandas as pd
import pytest

from organokine.references import load_references
from organokine.references.route_evidence import COLUMNS, EXPERIMENTAL_CODES, NOT_LOOKED_AT, supporting
from organokine.references.routes import CODE_GRADES, ORTHOLOGY, classify, curated_routes, grade_table

SPECIES = ("human", "mouse", "rat")
SOURCES = {"annotations": "GO 1", "ligand": "pairs 1", "hormone": "hormones 1", "curated": "by hand"}


@pytest.fixture(scope="module", params=SPECIES)
def references(request):
    return load_references(request.param)


@pytest.fixture(scope="module")
def everything(references):
    return references.route_evidence(list(references.route_table["gene"]))


def spelled(references, symbol):
    return symbol if references.species == "human" else symbol.capitalize()


def test_every_route_of_every_gene_has_its_evidence_in_the_order_of_the_routes(references, everything):
    genes = list(references.route_table["gene"])
    first = everything.drop_duplicates(["gene", "route"])
    routes = first.groupby("gene", sort=False)["route"].agg(";".join)
    assert list(routes.index) == genes
    assert (routes == references.routes(genes)["routes"]).all()


def test_the_deciding_evidence_has_the_grade_of_the_route(references, everything):
    leading = everything.drop_duplicates("gene").set_index("gene")
    told = references.routes(list(leading.index))
    assert (leading["grade"] == told["grade"].str.removesuffix(ORTHOLOGY)).all()
    # Equally good evidence of several human orthologs may be told in another order.
    texts = zip(leading["code"], told["evidence"].str.partition(" | ")[0], strict=True)
    agreed = [code in text for code, text in texts if code not in ("list", "curated")]
    assert sum(agreed) / len(agreed) > (0.999 if references.species != "human" else 0.999_999)


def test_columns_and_words(references, everything):
    assert list(everything.columns) == list(COLUMNS)
    assert everything["experimental"].dtype == everything["by_orthology"].dtype == bool
    assert (everything["by_orthology"] == (references.species != "human")).all()
    assert (everything[["gene", "route", "grade", "source", "code", "text"]] != "").all(axis=None)
    assert not everything.duplicated().any()
    assert (everything["experimental"] == everything["code"].isin(EXPERIMENTAL_CODES)).all()


def test_a_route_told_without_signal_peptides_says_so(everything):
    leaders = everything[everything["route"].isin(["classical", "unconventional", "shed"])]
    ruled = leaders[leaders["grade"] != "curated"]
    told = ruled["text"].str.contains(NOT_LOOKED_AT).groupby([ruled["gene"], ruled["route"]]).any()
    assert told.all()


def test_annexin_a2_is_told_piece_by_piece(references):
    rows = references.route_evidence([spelled(references, "ANXA2")])
    hand = rows.iloc[0]
    assert (hand["route"], hand["grade"], hand["code"], hand["experimental"]) == (
        "unconventional",
        "curated",
        "curated",
        False,
    )
    assert "UniProt:P07355" in hand["text"]
    cargo = rows[(rows["route"] == "ev_cargo") & (rows["code"] == "IDA")].iloc[0]
    assert cargo["experimental"]
    assert cargo["source"] == "org.Hs.eg.db 3.16.0"
    assert cargo["text"].startswith("in extracellular vesicles: GO:0070062 IDA (org.Hs.eg.db 3.16.0)")
    if references.species != "human":
        assert rows["text"].str.endswith("by orthology from human ANXA2").all()


def test_genes_are_in_the_order_asked_under_the_name_asked_and_unknown_ones_have_no_row(references):
    asked = [spelled(references, name) for name in ("TTN", "CTGF", "nope", "ANXA2", "TTN")]
    rows = references.route_evidence(asked)
    assert list(dict.fromkeys(rows["gene"])) == [asked[0], asked[1], asked[3]]
    assert list(references.route_evidence(["nope"]).columns) == list(COLUMNS)
    assert references.route_evidence([]).empty


def test_no_author_s_statement_stands_behind_titin(references):
    rows = references.route_evidence([spelled(references, "TTN")])
    assert set(rows["route"]) == {"ev_cargo", "intracellular"}
    assert not rows["code"].isin(["TAS", "NAS"]).any()


def test_experimental_codes_are_those_of_experiments():
    """As the Gene Ontology groups them: IC is a curator's inference though it counts as low throughput here."""
    graded = {code for code, grade in CODE_GRADES.items() if grade in ("low_throughput", "high_throughput")}
    assert graded - EXPERIMENTAL_CODES == {"IC"}
    assert graded >= EXPERIMENTAL_CODES


def test_hand_written_rows_come_first_and_the_annotations_follow_with_their_own_grades():
    annotations = pd.DataFrame(
        [
            ("G", "outside", "GO:0005615", "IDA"),
            ("G", "outside", "GO:0005576", "IEA"),
            ("G", "membrane", "GO:0016021", "IEA"),
            ("G", "ligand", "a list", "list"),
        ],
        columns=["gene", "group", "term", "code"],
    )
    by_hand = curated_routes(
        pd.DataFrame({"symbol": ["G"], "route": ["shed"], "organs": ["x"], "reference": ["doi:1"]})
    )
    both = pd.concat([by_hand, classify(annotations, "GO 1")], ignore_index=True)
    rows = supporting(grade_table(annotations), both, SOURCES)
    assert list(rows["grade"]) == ["curated", "low_throughput", "inferred", "inferred", "inferred"]
    assert list(rows["kind"]) == ["curated", "outside", "outside", "ligand", "membrane"]
    assert list(rows["source"]) == ["by hand", "GO 1", "GO 1", "pairs 1", "GO 1"]
    assert rows["term"].iloc[0] == "doi:1"
