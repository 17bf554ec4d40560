"""The section on population mode in a run with a contrast: silent without it, the leading candidates, and what it does not show."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from fake_population import STANDING
from fake_run import EVIL, RUNS, Run

from organokine.population_tables import POPULATION
from organokine.report.data import ReportData
from organokine.report.population_words import REASONS
from organokine.report.sections.population import SECTION


def html(run: Run) -> str:
    return str(SECTION.html(ReportData(run.tables, run.manifest)))


def test_the_section_is_left_out_without_population_mode() -> None:
    run = RUNS["plain"]()
    run.tables["population"] = POPULATION.empty()
    assert SECTION.is_left_out(ReportData(run.tables, run.manifest))
    del run.tables["population"]
    assert SECTION.is_left_out(ReportData(run.tables, run.manifest))
    assert SECTION.build(ReportData(run.tables, run.manifest)) == ""


def test_leading_candidates_are_shown_best_first_with_what_speaks_for_and_against() -> None:
    run = RUNS["plain"]()
    run.tables["population"] = run.tables["population"].sample(frac=1, random_state=1)
    page = html(run)
    assert "<h3>muscle protein to cerebellum protein</h3>" in page
    genes = re.findall(r'<th scope="row">([^<]+)</th>', page)
    assert len(genes) == 10
    assert set(genes[:3]) == set(STANDING)
    for heading in ("score before adjustment", "with covariates", "p against matched genes", ">q<", ">within sex<"):
        assert heading in page
    assert "Up to 44 mice" in page
    assert "30 candidates scored" in page
    assert "no direction and names no cause" in page
    assert "<code>organokine population study.toml</code>" in page
    assert "q counts the candidates" not in page, "there is one table"


def test_two_assays_are_two_tables_and_q_is_explained() -> None:
    run = RUNS["plain"]()
    table = run.tables["population"]
    rna = table.assign(source="muscle_rna", target="cerebellum_rna", p=np.nan, q=np.nan, state="too_few_individuals")
    run.tables["population"] = POPULATION.conform(pd.concat([table, rna], ignore_index=True))
    page = html(run)
    assert "<h3>muscle RNA to cerebellum RNA</h3>" in page
    assert f"Not scored: 31 candidates ({REASONS['too_few_individuals']})" in page
    assert page.count("<table") == 1
    assert "q counts the candidates of all tables" in page


def test_names_stay_text() -> None:
    page = html(RUNS["hostile_names"]())
    assert EVIL not in page
    assert "&lt;script&gt;" in page
