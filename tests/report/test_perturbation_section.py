from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from fake_arms import ARM, FAILED, arm_tables
from fake_run import RUNS

from organokine.report.data import ReportData
from organokine.report.sections.perturbation import SECTION
from organokine.tables import TABLES

CLAIMS = ("sufficient", "necessary", "reproduces", "reverses", "takes back")
SAYS = {
    "sufficient": (
        "Sufficient in part: overexpression of Anxa2 in young animals reproduces 46",
        {"sufficient", "reproduces"},
    ),
    "reproduces": ("Overexpression of Anxa2 in young animals reproduces 46", {"reproduces"}),
    "necessary": (
        "Necessary in part: overexpression of Anxa2 in young animals takes back 46",
        {"necessary", "takes back"},
    ),
    "reverses": ("Overexpression of Anxa2 in young animals reverses 46", {"reverses"}),
    "opposes": ("goes against aged against young", set()),
    "transfers": ("something in blood does, which need not be Anxa2", set()),
    "opposite": ("goes the other way than expected", set()),
    "not_shown": ("Not shown: overexpression of Anxa2", set()),
}


def html(*rows: dict[str, Any]) -> str:
    run = RUNS["plain"]()
    schemas = {table.name: table for table in TABLES}
    run.tables |= {name: schemas[name].conform(table) for name, table in arm_tables(list(rows)).items()}
    return str(SECTION.html(ReportData(run.tables, run.manifest)))


@pytest.mark.parametrize("verdict", SAYS)
def test_only_the_matching_design_prints_its_word(verdict: str) -> None:
    turned = -1.0 if verdict in {"necessary", "reverses"} else 1.0
    page = html(ARM | {"verdict": verdict, "shows": verdict, "fraction": turned * ARM["fraction"]})
    sentence, allowed = SAYS[verdict]
    assert sentence in page
    assert {word for word in CLAIMS if word in page.lower()} == allowed
    assert "p = 0.0080" in page


@pytest.mark.parametrize(
    "state",
    [
        "no_contrast_assay",
        "shared_samples",
        "confounded",
        "too_few_shared_genes",
        "too_few_animals_for_p",
        "direction_unknown",
    ],
)
def test_an_arm_that_was_not_tested_says_why_and_claims_nothing(state: str) -> None:
    page = html(ARM | {"state": state, "verdict": "", "p": np.nan})
    assert {word for word in CLAIMS if word in page.lower()} == set()
    assert "arrangements of the labels" not in page


def test_engagement_comes_first_with_the_change_of_the_contrast() -> None:
    page = html(ARM)
    assert (
        "Anxa2 moved 8-fold up, one-sided p = 1.0×10⁻⁶, against 1.6-fold up in the contrast (cerebellum_protein)."
        in page
    )
    assert page.index("Anxa2 moved") < page.index("Sufficient in part")
    assert "78\u00a0% go the same way" in page


def test_an_arm_without_engagement_has_failed_and_is_not_negative() -> None:
    page = html(FAILED)
    assert "The arm has failed: Gdf15 was not seen to move as intended" in page
    assert "speaks neither for nor against" in page
    assert "Not shown" not in page
    assert "4 controls were divided." in page


def test_declared_and_unknown_engagement_are_said() -> None:
    assert "That Anxa2 moved is declared, not measured" in html(ARM | {"engagement": "declared"})
    page = html(ARM | {"engagement": "not_measured", "state": "engagement_not_measured", "engagement_log2fc": np.nan})
    assert "Whether Anxa2 moved was not measured" in page
    assert "supports no claim" in page


def test_figures_of_an_arm_and_the_slope_of_its_line() -> None:
    page = html(ARM)
    figures = re.findall(r'<div class="plot-area" id="([^"]+)"', page)
    assert figures == ["arm-0-genes", "arm-0-animals", "arm-0-overlap", "arm-0-doses"]
    assert "The line has the slope +0.46" in page
    assert "a picture and no test" in page
    without = html(ARM | {"fraction": np.nan, "fraction_low": np.nan, "fraction_high": np.nan})
    assert "No line: the changes of the contrast are not clear of their errors" in without
    assert "an unknown share" in without


def test_without_an_arm_the_section_says_so() -> None:
    assert "No perturbation arm in this study." in SECTION.html(
        ReportData(RUNS["no_candidates"]().tables, RUNS["plain"]().manifest)
    )


def test_a_rescue_and_an_interaction_are_not_told_as_the_perturbation_itself() -> None:
    rescue = html(ARM | {"kind": "loss", "comparison": "rescue", "verdict": "reproduces"})
    assert "The rescue after taking Anxa2 away in young animals reproduces 46" in rescue
    interaction = html(ARM | {"comparison": "interaction", "verdict": "not_shown"})
    assert (
        "Not shown: the interaction (how far the effect of overexpression of Anxa2 differs between two backgrounds)"
        in interaction
    )


def test_two_matrices_without_a_study_have_no_name_of_an_assay() -> None:
    assert "in the contrast (contrast)" not in html(ARM | {"contrast_assay": "contrast"})


def test_without_a_direction_no_p_is_called_one_sided() -> None:
    unknown = {
        "kind": "compound",
        "moves": "",
        "direction": 0,
        "state": "direction_unknown",
        "verdict": "",
        "dose_p": 0.02,
    }
    page = html(ARM | unknown)
    assert "one-sided" not in page
    assert "moved 8-fold up, two-sided p" in page
    assert "goes with the dose in some direction at two-sided p" in page
    assert "one-sided" in html(ARM | {"dose_p": 0.02})


def test_an_inhibitor_that_left_the_level_alone_is_not_said_to_be_unmeasured() -> None:
    quiet = {
        "kind": "inhibitor",
        "moves": "down",
        "engagement": "not_measured",
        "engagement_log2fc": -0.1,
        "engagement_p": 0.4,
    }
    page = html(ARM | quiet | {"state": "engagement_not_measured", "verdict": ""})
    assert "Anxa2 was not seen to move (1.1-fold down, one-sided p = 0.40" in page
    assert "was not measured" not in page
