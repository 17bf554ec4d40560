from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.references.feature_routes import SUPPORTING, classify_features
from organokine.references.route_evidence import COLUMNS
from organokine.references.routes import GRADES, GROUP_ROOTS, ROUTES, assemble

SOURCES = {"uniprot": "UniProt 1", "go": "GO 1"}
PLAIN = {
    "gene": "G",
    "accession": "P1",
    "signal": False,
    "transmembrane": 0,
    "anchored": False,
    "soluble": "",
    "secreted": "",
    "matrix": "",
    "kept": "",
    "inside": "",
}
LED, HELD = {"signal": True}, {"transmembrane": 1}
OUT = {"secreted": "low_throughput"}


def entry(*features: dict[str, object], **more: object) -> pd.DataFrame:
    facts = dict(PLAIN)
    for each in features:
        facts |= each
    return pd.DataFrame([facts | more])


def annotated(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame([("G", *row) for row in rows], columns=["gene", "group", "term", "code"])


def leading(entries: pd.DataFrame, *rows: tuple[str, str, str]) -> pd.Series:
    return assemble(classify_features(entries, annotated(*rows), SOURCES).routes).set_index("gene").loc["G"]


@pytest.mark.parametrize(
    ("entries", "rows", "route", "grade"),
    [
        (entry(LED, OUT), [], "classical", "low_throughput"),
        (entry(LED, secreted="inferred"), [], "classical", "inferred"),
        (entry(LED, secreted="inferred"), [("outside", "GO:1", "IDA")], "classical", "low_throughput"),
        (entry(LED), [("outside", "GO:1", "IBA")], "classical", "inferred"),
        (entry(LED), [], "classical", "inferred"),
        (entry(LED, kept="Endoplasmic reticulum"), [], "intracellular", "inferred"),
        (entry(LED), [("inside", "GO:1", "IDA")], "intracellular", "low_throughput"),
        (entry(OUT), [], "unconventional", "low_throughput"),
        (entry(secreted="inferred"), [], "unconventional", "inferred"),
        (entry(), [("outside", "GO:1", "IDA")], "unconventional", "low_throughput"),
        (entry(OUT), [("lumen", "GO:2", "IDA")], "classical", "low_throughput"),
        (entry(OUT), [("granule", "GO:2", "IDA")], "classical", "low_throughput"),
        (entry(HELD, soluble="X, soluble form"), [], "shed", "inferred"),
        (entry(HELD, OUT), [], "shed", "low_throughput"),
        (entry(LED, HELD), [("outside", "GO:1", "IDA")], "shed", "low_throughput"),
        (entry(OUT, anchored=True), [], "shed", "low_throughput"),
        (entry(LED, OUT, matrix="inferred"), [], "ecm", "inferred"),
        (entry(LED), [("structural", "GO:1", "IDA")], "ecm", "low_throughput"),
        (entry(LED, OUT, matrix="inferred"), [("signal", "GO:1", "IDA")], "classical", "low_throughput"),
        (entry(), [("vesicle", "GO:1", "HDA")], "ev_cargo", "high_throughput"),
        (entry(), [("outside", "GO:1", "HDA"), ("cytosol", "GO:2", "IDA")], "ev_cargo", "high_throughput"),
        (entry(inside="Cytoplasm"), [], "intracellular", "inferred"),
    ],
)
def test_the_rules(entries, rows, route, grade):
    row = leading(entries, *rows)
    assert (row["route"], row["grade"]) == (route, grade)


@pytest.mark.parametrize(
    ("entries", "rows"),
    [
        (entry(), [("outside", "GO:1", "IBA"), ("cytosol", "GO:2", "IDA")]),
        (entry(), [("outside", "GO:1", "IEA"), ("cytosol", "GO:2", "IDA")]),
        (entry(), [("outside", "GO:1", "TAS"), ("cytosol", "GO:2", "IDA")]),
        (entry(LED, HELD), [("outside", "GO:1", "IBA"), ("cytosol", "GO:2", "IDA")]),
        (entry(HELD, soluble=""), [("cytosol", "GO:2", "IDA")]),
    ],
)
def test_what_is_not_believed_alone(entries, rows):
    assert leading(entries, *rows)["routes"] == "intracellular"


def test_a_gene_of_which_nothing_is_known_has_no_route():
    found = classify_features(entry(), annotated(), SOURCES)
    assert len(found.routes) == 0
    assert len(found.evidence) == 0


def test_one_entry_with_a_signal_peptide_is_enough():
    both = pd.concat([entry(accession="P1"), entry(LED, OUT, accession="P2")])
    row = leading(both)
    assert row["route"] == "classical"
    assert "signal peptide (UniProt 1 P2)" in row["evidence"]
    assert "no signal peptide" not in row["evidence"]


def test_the_text_names_what_was_seen_and_where():
    text = leading(entry(HELD, OUT, transmembrane=2), ("outside", "GO:0005615", "IDA"))["evidence"]
    assert text.startswith(
        "shed: secreted (UniProt 1 P1); outside the cell: GO:0005615 IDA (GO 1); 2 transmembrane segments"
    )
    assert "1 transmembrane segment (UniProt" in leading(entry(HELD, OUT))["evidence"]


def test_annotations_of_genes_without_an_entry_are_left_to_others():
    others = pd.DataFrame({"gene": ["H"], "group": ["outside"], "term": ["GO:1"], "code": ["IDA"]})
    assert set(classify_features(entry(OUT), others, SOURCES).routes["gene"]) == {"G"}


FEATURES = st.fixed_dictionaries(
    {
        "gene": st.sampled_from(["G", "H"]),
        "accession": st.sampled_from(["P1", "P2", "P3"]),
        "signal": st.booleans(),
        "transmembrane": st.integers(0, 2),
        "anchored": st.booleans(),
        "soluble": st.sampled_from(["", "X, soluble form"]),
        "secreted": st.sampled_from(["", "inferred", "low_throughput"]),
        "matrix": st.sampled_from(["", "inferred", "low_throughput"]),
        "kept": st.sampled_from(["", "Lysosome"]),
        "inside": st.sampled_from(["", "Nucleus"]),
    }
)
ANNOTATION = st.tuples(
    st.sampled_from(["G", "H"]),
    st.sampled_from(sorted(GROUP_ROOTS)),
    st.sampled_from(["GO:1", "GO:2"]),
    st.sampled_from(["IDA", "IBA", "IEA", "HDA", "TAS", "ND"]),
)


@settings(max_examples=12)
@given(st.lists(FEATURES, min_size=1, max_size=4), st.lists(ANNOTATION, max_size=8), st.randoms(use_true_random=False))
def test_routes_are_complete_graded_and_independent_of_the_order(features, rows, shuffler):
    entries, annotations = pd.DataFrame(features), pd.DataFrame(rows, columns=["gene", "group", "term", "code"])
    found = classify_features(entries, annotations, SOURCES)
    assert set(found.routes["route"]) <= set(ROUTES)
    assert set(found.routes["grade"]) <= set(GRADES)
    assert not found.routes.duplicated(["gene", "route"]).any()
    assert list(found.evidence.columns) == list(COLUMNS)
    pairs = set(found.routes[["gene", "route"]].itertuples(index=False, name=None))
    assert pairs == set(found.evidence[["gene", "route"]].itertuples(index=False, name=None))
    for table in (features, rows):
        shuffler.shuffle(table)
    again = classify_features(pd.DataFrame(features), pd.DataFrame(rows, columns=annotations.columns), SOURCES)
    pd.testing.assert_frame_equal(assemble(again.routes), assemble(found.routes))


def test_every_fact_that_decides_can_support():
    assert set(SUPPORTING) == set(ROUTES) - {"unknown"}
