from __future__ import annotations

import re

from fake_run import RUNS, Run

from organokine.report.data import ReportData
from organokine.report.sections.pathways import SECTION


def html(run: Run) -> str:
    return SECTION.html(ReportData(run.tables, run.manifest))


def test_source_target_and_perturbation_stand_side_by_side() -> None:
    page = html(RUNS["plain"]())
    heads = re.findall(r'<th scope="col" class="number">([^<]*)</th>', page)
    expected = [
        "source: muscle, protein",
        "source: muscle, RNA",
        "target: cerebellum, protein",
        "target: cerebellum, RNA",
    ]
    assert heads == [*(["genes", *expected, "AAV-Anxa2: muscle, RNA"] * 2)]
    assert "plasma" not in page
    assert page.count("<h3>") == 2
    assert "<strong>+1.00</strong>" in page
    assert page.count('<th scope="row" class="set">process') == 4, "the significant one and the nearest four"
    assert "1 of 31 sets at q ≤ 0.1" in page
    assert "Anxa2, Gdf15, Sparc <small>(source: muscle, protein)</small>" in page


def test_a_set_that_was_not_tested_everywhere_has_dashes_there() -> None:
    run = RUNS["plain"]()
    table = run.tables["pathways"]
    is_gone = (table["set"] == "glycolytic process") & (table["comparison"] != "contrast")
    run.tables["pathways"] = table[~is_gone].reset_index(drop=True)
    row = html(run).split("glycolytic process")[1].split("</tr>")[0]
    assert row.count("–") == 1
