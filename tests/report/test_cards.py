from __future__ import annotations

import re
from typing import Any

import pytest
from fake_manifest import LINES
from fake_run import RUNS

from organokine.report import cards
from organokine.report.data import ReportData

ARM = {"name": "arm", "role": "arm", "tier": 2, "unit": "log2", "caps": {"not_specific": 2}}
WEIGHT = {"name": "weight", "role": "weight", "tier": None, "unit": "", "caps": {}}
NAN = float("nan")


def row(**values: Any) -> dict[str, Any]:
    return {"p": NAN, "q": NAN, "state": "asked", "weight": 1.0, "effect": NAN, "ci_low": NAN, "ci_high": NAN} | values


@pytest.mark.parametrize(
    ("given", "line", "tier", "kind"),
    [
        (row(p=0.001, q=0.01), ARM, 0, "supports"),
        (row(p=0.01, q=0.5), ARM, 1, "against"),
        (row(p=0.01, q=0.5), ARM, 2, "supports"),
        (row(p=0.4, q=0.5), ARM, 2, "against"),
        (row(p=0.001, q=0.01, state="not_specific"), ARM, 2, "against"),
        (row(state="not_measured"), ARM, 2, "unasked"),
        (None, ARM, 2, "unasked"),
        (row(state="classical"), WEIGHT, 1, "noted"),
        (row(state="unknown", weight=0.0), WEIGHT, 0, "limits"),
        (row(state=""), WEIGHT, 0, "unasked"),
    ],
)
def test_verdict(given: dict[str, Any] | None, line: dict[str, Any], tier: int, kind: str) -> None:
    assert cards.verdict(given, line, tier, 0.1).kind == kind


def test_forest_draws_effect_and_interval_in_order_and_within_the_box() -> None:
    drawn = cards.forest(row(effect=1.0, ci_low=0.5, ci_high=9.0), "log2", 2.0, "supports")
    assert 'cx="161.0"' in drawn
    assert 'x1="135.5" x2="212.0"' in drawn
    assert "+1.00 log2, 95 % interval +0.50 to +9.00" in drawn
    assert cards.forest(row(), "log2", 2.0, "unasked") == ""


def test_chain_has_one_link_per_line_and_marks_the_limiting_one() -> None:
    run = RUNS["plain"]()
    data = ReportData(run.tables, run.manifest)
    candidate = data.mediators.iloc[2].to_dict()
    rows = run.tables["evidence"]
    of_gene = {each["line"]: each for each in rows[rows["gene"] == candidate["gene"]].to_dict("records")}
    links = cards.chain(data, candidate, of_gene)
    assert [link["line"]["name"] for link in links] == [line["name"] for line in LINES]
    assert [link["line"]["name"] for link in links if link["limits"]] == ["link"]


def test_hover_names_the_animal_in_every_organ() -> None:
    run = RUNS["plain"]()
    html = cards.card(ReportData(run.tables, run.manifest), 1, run.tables["mediators"].iloc[0].to_dict())
    assert "\\u003cb\\u003em01\\u003c\\u002fb\\u003e\\u003cbr\\u003emuscle protein: " in html
    assert "\\u003cbr\\u003ecerebellum protein: " in html


def test_unpaired_animals_have_no_scatter() -> None:
    for name, has_scatter in (("plain", True), ("unpaired", False)):
        run = RUNS[name]()
        html = cards.card(ReportData(run.tables, run.manifest), 1, run.tables["mediators"].iloc[0].to_dict())
        assert ('id="card-1-link"' in html) is has_scatter


def test_remarks_come_once_in_words() -> None:
    run = RUNS["plain"]()
    candidate = run.tables["mediators"].set_index("gene", drop=False).loc["Apoa1"].to_dict()
    assert [flag["flag"] for flag in cards.flags_in_words(ReportData(run.tables, run.manifest), candidate)] == [
        "blood panel",
        "no transcript",
    ]


def card_of(line: str, **values: Any) -> str:
    run = RUNS["plain"]()
    evidence = run.tables["evidence"]
    for name, value in values.items():
        evidence.loc[(evidence["line"] == line) & (evidence["gene"] == "Anxa2"), name] = value
    return cards.card(ReportData(run.tables, run.manifest), 1, run.tables["mediators"].iloc[0].to_dict())


def test_q_says_over_how_many_candidates_it_is() -> None:
    asked = int((RUNS["plain"]().tables["evidence"].query("line == 'arrival'")["q"]).notna().sum())
    assert f'<span><i>q</i> = 0.47</span><span class="over">over {asked} candidates</span>' in card_of(
        "arrival", q=0.47
    )


def test_soft_line_counts_what_was_found_not_animals() -> None:
    html = card_of("receptor", n=1)
    assert "<i>n</i> = 1 found</span>" in html
    assert "<i>n</i> = 12</span>" in html


def test_card_shows_the_direction_and_sets_numbers_of_notes() -> None:
    html = card_of("arrival", note="mRNA log2FC -0.11, p = 3.4e-10")
    assert "mRNA log2FC −0.11, p = 3.4×10⁻¹⁰." in html
    assert 'Anxa2&nbsp;<span class="way" role="img" aria-label="up"' in html


def test_effects_that_are_correlations_reach_to_one_whatever_with() -> None:
    run = RUNS["plain"]()
    run.manifest["lines"][2]["unit"] = "r with blood"
    html = cards.card(ReportData(run.tables, run.manifest), 1, run.tables["mediators"].iloc[0].to_dict())
    drawn = re.search(r'aria-label="[^"]* r with blood">.*?</svg>', html)
    assert drawn is not None
    assert ">+1<" in drawn[0]
