from __future__ import annotations

import pandas as pd
import pytest

from organokine.references.routes import GRADES, assemble, classify, curated_routes, grade_table


def annotations(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["gene", "group", "term", "code"])


def leading(*rows: tuple[str, str, str, str]) -> pd.Series:
    return assemble(classify(annotations(*rows), "test")).set_index("gene").loc["G"]


OUTSIDE = ("G", "outside", "GO:0005615", "IDA")


def test_outside_the_cell_alone_is_classical():
    row = leading(OUTSIDE)
    assert row["route"] == "classical"
    assert row["grade"] == "low_throughput"
    assert row["evidence"].startswith("classical: GO:0005615 IDA")
    assert "signal peptide not looked at" in row["evidence"]


def test_outside_and_seen_in_the_nucleus_is_unconventional():
    assert leading(OUTSIDE, ("G", "cytosol", "GO:0005634", "IDA"))["route"] == "unconventional"


@pytest.mark.parametrize("group", ["lumen", "granule", "hormone", "structural"])
def test_a_sign_of_the_secretory_pathway_outweighs_the_nucleus(group):
    code = "list" if group == "hormone" else "IDA"
    row = leading(OUTSIDE, ("G", "cytosol", "GO:0005634", "IDA"), ("G", group, "term", code))
    assert "unconventional" not in row["routes"]


def test_outside_and_in_a_membrane_is_shed():
    assert leading(OUTSIDE, ("G", "membrane", "GO:0016021", "IDA"))["route"] == "shed"


def test_a_receptor_inferred_outside_from_its_family_is_not_shed():
    inferred = ("G", "outside", "GO:0005615", "IBA")
    row = leading(inferred, ("G", "membrane", "GO:0016021", "IDA"), ("G", "inside", "GO:0005622", "IDA"))
    assert row["route"] == "intracellular"


def test_a_membrane_protein_inferred_outside_by_more_than_its_family_is_shed():
    family, entry = (("G", "outside", f"GO:{code}", code) for code in ("IBA", "IEA"))
    assert leading(family, entry, ("G", "membrane", "GO:0016021", "IEA"))["route"] == "shed"
    assert leading(entry, ("G", "membrane", "GO:0016021", "IEA"), ("G", "cilium", "x", "IDA"))["route"] == "shed"


def test_electronic_annotation_of_ciliary_proteins_is_not_believed():
    electronic = ("G", "outside", "GO:0005576", "IEA")
    row = leading(electronic, ("G", "cilium", "GO:0005929", "IDA"), ("G", "inside", "GO:0005929", "IDA"))
    assert row["route"] == "intracellular"


def test_structural_matrix_is_ecm_and_a_ligand_in_the_matrix_stays_classical():
    assert leading(OUTSIDE, ("G", "structural", "GO:0005201", "ISS"))["route"] == "ecm"
    row = leading(OUTSIDE, ("G", "matrix", "GO:0031012", "IDA"), ("G", "signal", "GO:0008083", "IDA"))
    assert row["route"] == "classical"
    assert row["routes"] == "classical;ecm"


def test_statements_do_not_put_titin_outside():
    row = leading(
        ("G", "outside", "GO:0005576", "TAS"), ("G", "cytosol", "GO:0005829", "TAS"), ("G", "inside", "x", "IDA")
    )
    assert row["route"] == "intracellular"


def test_statements_count_where_nothing_is_inside():
    row = leading(("G", "outside", "GO:0005576", "TAS"))
    assert (row["route"], row["grade"]) == ("classical", "inferred")


def test_statements_count_for_ligands_that_nothing_firm_holds_inside():
    told = ("G", "outside", "GO:0005576", "TAS")
    nucleus = ("G", "cytosol", "GO:0005634", "IEA")
    assert leading(told, nucleus, ("G", "inside", "GO:0005634", "IEA"))["route"] == "intracellular"
    assert leading(told, nucleus, ("G", "ligand", "a list", "list"))["route"] == "classical"
    firm = ("G", "cytosol", "GO:0005829", "IDA")
    assert leading(told, firm, ("G", "ligand", "a list", "list"))["route"] == "intracellular"
    held = ("G", "membrane", "GO:0016021", "IEA")
    graded = grade_table(annotations(told, held, ("G", "signal", "GO:0005125", "IDA")))
    assert "outside" not in set(graded["group"])


def test_vesicles_and_high_throughput_lists_are_cargo_only():
    assert leading(("G", "vesicle", "GO:0070062", "HDA"))["route"] == "ev_cargo"
    assert leading(("G", "outside", "GO:0005615", "HDA"))["route"] == "ev_cargo"
    assert leading(("G", "vesicle", "GO:0070062", "IDA"), OUTSIDE)["routes"] == "classical;ev_cargo"


def test_low_throughput_outranks_inference_and_both_outrank_high_throughput():
    graded = grade_table(
        annotations(("G", "vesicle", "GO:1", "HDA"), ("G", "vesicle", "GO:2", "IBA"), ("G", "vesicle", "GO:3", "IDA"))
    )
    assert list(graded["grade"]) == list(GRADES[1:])
    assert leading(("G", "vesicle", "GO:1", "HDA"), ("G", "vesicle", "GO:3", "IDA"))["grade"] == "low_throughput"


def test_curated_rows_lead_and_what_the_rules_say_stays_visible():
    curated = pd.DataFrame({"symbol": ["G"], "route": ["shed"], "organs": ["muscle;fat"], "reference": ["doi:1"]})
    both = pd.concat([classify(annotations(OUTSIDE), "test"), curated_routes(curated)])
    row = assemble(both).set_index("gene").loc["G"]
    assert (row["route"], row["routes"], row["grade"]) == ("shed", "shed;classical", "curated")
    assert "doi:1 (curated, made in muscle, fat)" in row["evidence"]


def test_the_order_of_the_annotations_does_not_matter():
    rows = annotations(
        OUTSIDE,
        ("G", "cytosol", "GO:0005634", "IDA"),
        ("G", "cytosol", "GO:0005829", "IDA"),
        ("H", "vesicle", "GO:0070062", "HDA"),
    )
    expected = assemble(classify(rows, "test"))
    pd.testing.assert_frame_equal(assemble(classify(rows.iloc[::-1], "test")), expected)
