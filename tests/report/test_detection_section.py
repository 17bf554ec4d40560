from __future__ import annotations

import numpy as np
import pytest
from fake_run import RUNS, Run

from organokine.report.data import ReportData
from organokine.report.sections.detection import CAUTIONS, SECTION


def html(run: Run) -> str:
    return SECTION.html(ReportData(run.tables, run.manifest))


def test_the_first_twenty_of_source_and_target_are_shown_with_their_interval() -> None:
    run = RUNS["plain"]()
    page = html(run)
    organs = [run.manifest["study"]["axis"][role] for role in ("source", "target")]
    assert page.count("<h3>") == 2
    assert all(f"<h3>{organ}, protein</h3>" in page for organ in organs)
    assert page.count('<th scope="row">Anxa2</th>') == 2
    assert "Gene19<" in page
    assert "Gene20<" not in page
    assert "+0.70 to +∞" in page
    assert "20 of 260 shown" in page
    assert "Descriptive only" not in page


@pytest.mark.parametrize("state", ["descriptive", "by_batch"])
def test_rows_without_a_p_say_that_they_describe(state: str) -> None:
    run = RUNS["plain"]()
    run.tables["detection"]["state"] = state
    run.tables["detection"][["p", "q", "ci_low", "ci_high"]] = np.nan
    page = html(run)
    assert CAUTIONS[state].replace("'", "&#39;") in page
    assert " to +∞" not in page


def test_sensitivity_is_shown_when_asked_for_only() -> None:
    run = RUNS["plain"]()
    assert "Do calls depend" not in html(run)
    run.manifest["study"]["differential"]["sensitivity"] = True
    page = html(run)
    assert "Do calls depend" in page
    assert '<td class="number">87</td><td class="number">87</td><td class="number">86</td>' in page
    run.tables["sensitivity"] = run.tables["sensitivity"].head(0)
    assert "No feature was called" in html(run)


def test_nothing_measured_in_part_says_so() -> None:
    run = RUNS["plain"]()
    run.tables["detection"] = run.tables["detection"].head(0)
    assert SECTION.empty in html(run)
