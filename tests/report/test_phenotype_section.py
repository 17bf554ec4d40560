"""The section on function: silent without tests, one block per test, ARRIVE with its gaps, names as text."""

from __future__ import annotations

import re

import numpy as np
from fake_phenotypes import phenotype_tables
from fake_run import EVIL, RUNS, Run

from organokine.phenotype_tables import PHENOTYPE_TABLES
from organokine.report.data import ReportData
from organokine.report.sections.phenotype import SECTION

NEED = ["a functional test of the same animals"]


def html(run: Run) -> str:
    return str(SECTION.html(ReportData(run.tables, run.manifest)))


def test_the_section_is_silent_without_tests_or_tables() -> None:
    run = RUNS["plain"]()
    for table in PHENOTYPE_TABLES:
        run.tables[table.name] = table.empty()
    data = ReportData(run.tables, run.manifest)
    assert SECTION.build(data) == ""
    assert SECTION.is_left_out(data)
    kept = {name: table for name, table in run.tables.items() if name not in {each.name for each in PHENOTYPE_TABLES}}
    assert SECTION.build(ReportData(kept, run.manifest)) == ""
    assert SECTION.is_left_out(ReportData(kept, run.manifest))


def test_one_block_per_test_with_its_plots() -> None:
    page = html(RUNS["plain"]())
    assert re.findall(r"<h3>([^<]+)</h3>", page) == [
        "rod, week 12 (rotarod)",
        "beam",
        "grip",
        "gait",
        "ARRIVE 2.0, Essential 10",
    ]
    plots = re.findall(r'<div class="plot-area" id="([^"]+)"', page)
    assert plots[:4] == ["test-0-0-animals", "test-0-0-days", "test-0-0-falls", "test-0-0-power"]
    assert "test-2-0-weight" in plots
    assert "test-3-all" in plots
    assert len(set(plots)) == len(plots)
    assert "The old mice stayed 42 s less on the rod" in page


def test_missing_other_tables_are_taken_as_empty() -> None:
    run = RUNS["plain"]()
    for name in ("phenotype_animals", "phenotype_days", "phenotype_curves", "phenotype_power", "arrive"):
        del run.tables[name]
    page = html(run)
    assert "The case mice stayed 42 s less on the rod" in page
    assert "ARRIVE" not in page
    assert "test-3-all" in page


def test_gaps_of_arrive_are_counted_and_marked() -> None:
    page = html(RUNS["plain"]())
    assert "Of 4 fields 2 were computed from the data, 1 declared by the user, and 1 not recorded." in page
    assert page.count('<span class="flag">not recorded</span>') == 1


def test_candidates_of_a_line_that_asks_about_function_are_shown_by_its_needs_not_its_name() -> None:
    run = RUNS["plain"]()
    assert "Candidates and function" not in html(run)
    line = run.manifest["lines"][3]
    line["needs"] = NEED
    page = html(run)
    table = page[page.index("Candidates and function") :]
    evidence = run.tables["evidence"]
    rows = evidence[(evidence["line"] == line["name"]) & evidence["p"].notna()]
    best = rows.sort_values(["p", "gene"])["gene"].head(10)
    assert re.findall(r'<tr><th scope="row">([^<]+)</th><td class="number">[+−]', table) == list(best)
    assert f"Of {len(rows)} candidates that were asked" in page
    run.tables["evidence"].loc[evidence["line"] == line["name"], "p"] = np.nan
    assert "Candidates and function" not in html(run)


def test_names_stay_text_in_every_place() -> None:
    page = html(RUNS["hostile_names"]())
    assert EVIL not in re.sub(r"<script type=.*?</script>", "", page, flags=re.S)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, flags=re.S):
        assert "<script" not in block


def test_a_single_row_without_numbers_makes_a_block() -> None:
    run = RUNS["plain"]()
    tables = phenotype_tables()
    only = tables["phenotypes"].head(1).copy()
    only.loc[:, ["estimate", "ci_low", "ci_high", "p", "q", "df", "standardised"]] = np.nan
    run.tables |= {table.name: table.empty() for table in PHENOTYPE_TABLES} | {
        "phenotypes": only.assign(state="", note="")
    }
    assert "No estimate for time on the rod: the reason was not kept." in html(run)
