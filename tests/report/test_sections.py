"""The contract of every section, over every made-up run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from fake_run import RUNS

from organokine.report import SECTIONS
from organokine.report.data import MOST_CARDS, ReportData
from organokine.report.sections import Section

VOID = {"input", "br", "meta", "line", "circle", "link", "hr"}


class Balanced(HTMLParser):
    """Raises at the first element that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        return

    def handle_endtag(self, tag: str) -> None:
        opened = self.open.pop()
        if opened != tag:
            message = f"</{tag}> closes <{opened}>"
            raise ValueError(message)


@pytest.fixture(scope="module", params=sorted(RUNS))
def data(request: pytest.FixtureRequest) -> ReportData:
    run = RUNS[request.param]()
    return ReportData(run.tables, run.manifest)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_section_renders_leaves_its_input_alone_and_repeats_itself(section: Section, data: ReportData) -> None:
    before = {name: table.copy(deep=True) for name, table in data.tables.items()}
    html = section.html(data)
    assert html == section.html(data)
    for name, table in data.tables.items():
        assert table.equals(before[name]), name
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    assert not re.search(r">\s*(nan|None|&lt;NA&gt;)\s*<", html)


def test_sections_have_a_card_each() -> None:
    names = [section.name for section in SECTIONS]
    assert len(set(names)) == len(names)
    for section in SECTIONS:
        assert re.fullmatch(r"[a-z]+", section.name)
        assert section.title != ""
        assert section.empty.endswith(".")


def test_empty_run_says_so_section_by_section() -> None:
    run = RUNS["no_candidates"]()
    data = ReportData(run.tables, run.manifest)
    said = {section.name: section.empty in section.html(data) for section in SECTIONS}
    assert said == {
        "answer": False, "candidates": True, "appraisal": True, "chain": True, "volcano": True, "detection": True, "links": True, "calibration": True,
        "pathways": True, "perturbation": True, "phenotype": True, "population": True, "quality": True, "runs": True, "joins": True, "methods": True, "provenance": False,
    }  # fmt: skip


def test_no_section_knows_a_line_by_name() -> None:
    run = RUNS["plain"]()
    renamed = {line["name"]: f"renamed{place}" for place, line in enumerate(run.manifest["lines"])}
    for line in run.manifest["lines"]:
        line["name"] = renamed[line["name"]]
    run.tables["evidence"]["line"] = run.tables["evidence"]["line"].map(renamed)
    html = "".join(section.html(ReportData(run.tables, run.manifest)) for section in SECTIONS)
    for name in renamed.values():
        assert html.count(name) > 10
    assert 'id="link-2"' in html
    assert 'id="link-6"' in html


def test_cards_are_the_leading_and_those_of_tier_two_up_to_a_limit() -> None:
    run = RUNS["plain"]()
    data = ReportData(run.tables, run.manifest)
    assert list(data.leading()["rank"]) == list(range(1, 11))
    run.tables["mediators"].loc[[50, 60], "tier"] = 2
    assert list(data.leading()["rank"]) == [*range(1, 11), 51, 61]
    run.tables["mediators"]["tier"] = 2
    assert len(data.leading()) == MOST_CARDS
