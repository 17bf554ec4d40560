from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
from fake_run import RUNS, Run

from organokine.report.data import ReportData
from organokine.report.sections.runs import NO_RUN_ORDER, SECTION


def html(run: Run) -> str:
    return SECTION.html(ReportData(run.tables, run.manifest))


def figures_of(page: str) -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page)]


def test_every_assay_that_tells_of_its_runs_has_a_row() -> None:
    page = html(RUNS["plain"]())
    assert re.findall(r'<th scope="row">([^<]+)</th>', page) == [
        "muscle, protein",
        "cerebellum, protein",
        "plasma, protein",
    ]
    assert page.count("no ion mobility in this file") == 1
    assert page.count("no precursors in this file") == 1
    assert "1/K0 of 100.0\u00a0% of precursors" in page
    assert "contradict their identity and stay" in page
    assert len(figures_of(page)) == 3 + 2 + 1


def test_runs_stand_in_their_order_and_without_one_by_name() -> None:
    run = RUNS["plain"]()
    run.tables["runs"]["run_order"] = run.tables["runs"]["run_order"].iloc[::-1].to_numpy()
    page = html(run)
    assert "in the order of the column <code>run_order</code>" in page
    own = run.tables["runs"][run.tables["runs"]["assay"] == "muscle_protein"]
    deviation = figures_of(page)[0]
    points = {x: y for each in deviation["data"] for x, y in zip(each["x"], each["y"], strict=True)}
    expected = own.sort_values("run_order")["median_deviation"]
    np.testing.assert_allclose([points[place] for place in range(1, 13)], expected, rtol=1e-4)
    run.tables["runs"]["run_order"] = np.nan
    assert NO_RUN_ORDER in html(run)
    assert "run, by group and name" in html(run)


def test_a_drift_is_told_and_precursors_left_out_are_said() -> None:
    run = RUNS["plain"]()
    row = ["assay", "muscle_protein", "mobility_drift", "prepare", "it moves by -0.004"]
    flags = run.tables["flags"]
    run.tables["flags"] = pd.concat([flags, pd.DataFrame([row], columns=flags.columns)], ignore_index=True)
    run.manifest["study"]["assay"] = [
        each | {"mobility_outliers": "exclude"} for each in run.manifest["study"]["assay"]
    ]
    page = html(run)
    assert "muscle_protein: it moves by −0.004." in page
    assert "contradict their identity and were left out" in page


def test_without_predictions_the_scatter_around_the_trend_is_drawn() -> None:
    run = RUNS["plain"]()
    run.tables["runs"]["median_deviation"] = np.nan
    page = html(run)
    assert "muscle, protein: scatter of ion mobility" in page
    assert "deviation of ion mobility" not in page


def test_files_that_tell_nothing_of_their_runs_are_one_sentence() -> None:
    run = RUNS["plain"]()
    for column in ("n_precursors", "n_with_mobility", "n_contradicting"):
        run.tables["runs"][column] = pd.array([pd.NA] * len(run.tables["runs"]), dtype="Int64")
    run.tables["runs"][["missed_cleavage_fraction", "contaminant_fraction", "median_deviation", "mad_trend"]] = np.nan
    assert html(run) == f'<p class="nothing">{SECTION.empty}</p>'
