"""The views of one card: whole, closed to the outside, escaped, readable without a script."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from fake_cards import fake_card
from fake_run import EVIL, RUNS

from organokine import report
from organokine.report.card_page import card_html, card_markdown

MOST_BYTES = 500_000


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.header_cells: list[dict[str, str | None]] = []
        self.named: set[str] = set()
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.header_cells.append(given)
        if given.get("id") is not None:
            self.named.add(str(given["id"]))
        self.addresses += [
            str(value) for name, value in attrs if name in {"href", "src", "action"} or name.startswith("on")
        ]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(card_html(fake_card()))


def test_headings_labels_and_tables_are_those_of_an_accessible_page(page: Page) -> None:
    text = card_html(fake_card())
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert page.tags.count("main") == page.tags.count("title") == page.headings.count(1) == 1
    assert page.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.tags.count("table") == page.tags.count("caption") == page.tags.count("thead") > 5
    assert all(cell.get("scope") in {"row", "col"} for cell in page.header_cells)


def test_nothing_is_asked_of_the_outside_and_no_script_is_needed(page: Page) -> None:
    assert "script" not in page.tags
    assert all(address.startswith("#") for address in page.addresses)
    assert {address[1:] for address in page.addresses} <= page.named, "every fact that is cited has its row"
    assert len(card_html(fake_card(text="x" * 300)).encode()) < MOST_BYTES


@pytest.mark.parametrize("text", [EVIL, "<script>alert(1)</script>", '" onload="x', "a & b < c", "]]>&lt;"])
def test_html_in_any_field_is_escaped(text: str) -> None:
    page = Page(card_html(fake_card(gene=text, text=text)))
    assert "script" not in page.tags
    assert set(page.tags) == set(Page(card_html(fake_card())).tags)
    assert all(address.startswith("#") for address in page.addresses)
    assert any(text.strip() in " ".join(words.split()) or text in words for words in page.words)


def test_the_words_of_the_card_are_on_the_page(page: Page) -> None:
    words = " ".join(page.words)
    for expected in ("animal experiment", "in mice", "contradicted", "not tested", "not assessable", "R13", "in words", "C-FEW",
                     "ECO:0005603", "0.5 to 2", "1.25 log2", "few units", "2026-01-31", "Question"):  # fmt: skip
        assert expected in words


def test_markdown_says_the_same_and_escapes_its_signs() -> None:
    text = card_markdown(fake_card(text="a | b [c](d) <e> `f` *g*"))
    assert text.startswith("# Anxa2: evidence card\n")
    assert "a \\| b \\[c\\](d) \\<e\\> \\`f\\` \\*g\\*" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    header = next(row for row in rows if row.startswith("| Link |"))
    body = [row for row in rows if row.startswith("| L1 ")]
    assert body[0].replace("\\|", "").count("|") == header.count("|")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings)) == 11


def test_a_line_break_does_not_break_a_table() -> None:
    text = card_markdown(fake_card(text="one\n\n# two\n| three"))
    assert "\n# two" not in text
    assert "one \\# two \\| three" in text


def test_the_report_shows_cards_thresholds_and_what_would_change() -> None:
    run = RUNS["plain"]()
    page = report.render(run.tables, run.manifest, (fake_card(), fake_card(gene="Gdf15", text=EVIL)))
    section = page[page.index('<section id="appraisal"') :]
    section = section[: section.index("</section>")]
    for expected in (
        "T2 animal experiment",
        "R13",
        "(answered)",
        "few units",
        "Anxa2 L1 certainty: low to very low",
        "contradicted, low",
    ):
        assert expected in section
    assert "<script>alert" not in section
    assert '<section id="appraisal"' in report.render(run.tables, run.manifest)
