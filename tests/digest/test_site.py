"""The pages of a digest: whole, closed to the outside, escaped, small, and true in what they tell machines."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_cards import GAIN, made_card

from organokine.digest.site import card_page, file_names, index_page, site_of

MOST_BYTES = 500_000
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onload='x' --> ]]> &lt;"


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.header_cells: list[dict[str, str | None]] = []
        self.named: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self.data: list[str] = []
        self.is_data = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.is_data = tag == "script" and given.get("type") == "application/ld+json"
        self.tags.append("data" if self.is_data else tag)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.header_cells.append(given)
        self.named += [str(given["id"])] if "id" in given else []
        self.addresses += [str(value) for name, value in attrs if name in {"href", "src", "action"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        (self.data if self.is_data else self.words).append(data)

    def handle_endtag(self, tag: str) -> None:
        self.is_data = self.is_data and tag != "script"


def typed_everywhere(text: str) -> dict[str, Any]:
    """A card in which a user typed `text` wherever one can."""
    card = made_card(gene=text, text=text, shown={"sufficiency": GAIN})
    card["notes"] = [{"kind": "note", "author": text, "date": "2026-01-31", "text": text}]
    card["flags"][0] |= {"message": text, "answers": [{"author": text, "date": "2026-01-31", "text": text}]}
    card["headline"] = text
    card["proposition"]["context"] = dict.fromkeys(("factor", "case", "control"), text)
    for fact in card["facts"].values():
        fact |= {"label": text, "text": text}
        fact["source"]["row"] |= dict.fromkeys(("arm", "phenotype", "measure"), text)
    return card


def graph_of(page: str) -> list[dict[str, Any]]:
    return json.loads("".join(Page(page).data))["@graph"]


def test_a_page_has_headings_in_order_tables_with_headers_and_no_script() -> None:
    text = card_page(made_card(), "Anxa2.json")
    page = Page(text)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert page.tags.count("main") == page.tags.count("title") == page.headings.count(1) == 1
    assert page.headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(page.headings))
    assert page.tags.count("table") == page.tags.count("caption") == page.tags.count("thead") > 8
    assert all(cell.get("scope") in {"row", "col"} for cell in page.header_cells)
    assert "script" not in page.tags
    assert len(page.named) == len(set(page.named))
    assert {"reviewer", "pi", "clinician", "patient", "facts"} <= set(page.named)


def test_every_mark_leads_to_what_it_cites_and_nothing_leads_outside() -> None:
    page = Page(card_page(made_card(), "Anxa2.json"))
    inside = [address[1:] for address in page.addresses if address.startswith("#")]
    assert len(inside) > 100
    assert set(inside) <= set(page.named)
    assert {address for address in page.addresses if not address.startswith("#")} == {"index.html", "Anxa2.json"}


@pytest.mark.parametrize("text", [EVIL, "</script><script>alert(1)</script>", "<!--", "{{ 7 * 7 }}", "a & b < c"])
def test_html_in_every_field_is_escaped(text: str) -> None:
    card = typed_everywhere(text)
    page, plain = Page(card_page(card, "x.json")), Page(card_page(typed_everywhere("x"), "x.json"))
    assert page.tags == plain.tags
    assert page.handlers == []
    assert text in "".join(page.words)
    assert any(text in answer["text"] for each in graph_of(card_page(card, "x.json")) for question in each.get("mainEntity", [])
               for answer in [question["acceptedAnswer"]])  # fmt: skip
    index = Page(index_page({text: card}, {text: "x.html"}))
    assert index.tags == Page(index_page({"x": card}, {text: "x.html"})).tags
    assert index.handlers == []


def test_a_page_is_small_even_where_every_field_is_long() -> None:
    assert len(card_page(typed_everywhere("word " * 60), "x.json").encode()) < MOST_BYTES


@pytest.mark.parametrize(
    ("species", "stage", "is_medical"),
    [("mouse", "T2", False), ("rat", "T2", False), ("human", "T3", True), ("human", "T1", False), ("human", "T0", False), ("mouse", "T1", False)],
)  # fmt: skip
def test_machines_are_told_the_species_and_of_a_medical_study_only_where_people_were_measured(
    species: str, stage: str, is_medical: bool
) -> None:
    card = made_card(species=species, stage=stage)
    page = card_page(card, "Anxa2.json")
    graph = graph_of(page)
    kinds = [each["@type"] for each in graph]
    assert kinds[:3] == ["FAQPage", "ScholarlyArticle", "Dataset"]
    assert ("MedicalObservationalStudy" in kinds) == is_medical
    assert ("Medical" in "".join(Page(page).data)) == is_medical
    taxon = card["proposition"]["species_of_data"]
    assert all(
        each["about"][0] == {"@type": "Taxon", "name": taxon["name"], "identifier": taxon["taxon"]}
        for each in graph[:3]
    )
    assert len(graph[0]["mainEntity"]) == 6
    assert all("Research use only" in each[key] for each, key in ((graph[1], "abstract"), (graph[2], "description")))


def test_a_blocked_card_has_a_page_only_as_a_stamped_draft() -> None:
    cards = {gene: made_card(gene) for gene in ("Anxa2", "Gdf15")}
    cards["Gdf15"]["blocked"] = True
    assert set(site_of(cards)) == {"index.html", "Anxa2.html", "Anxa2.json"}
    assert "Gdf15 (blocked, no page)" in site_of(cards)["index.html"]
    drafts = site_of(cards, draft=True)
    assert "<strong>Blocked: a contradiction stands" in drafts["Gdf15.html"]
    assert "Blocked" not in drafts["Anxa2.html"]


def test_the_index_lists_cards_in_order_with_stage_weakest_link_and_relevance() -> None:
    cards = {gene: made_card(gene) for gene in ("Gdf15", "Anxa2", "Il6")}
    page = site_of(cards)["index.html"]
    places = [page.index(f'<a href="{gene}.html">{gene}</a>') for gene in cards]
    assert places == sorted(places)
    words = " ".join("".join(Page(page[page.index("<main>") :]).words).split())
    assert (
        words.count("T2 animal experiment")
        == words.count("L7 the parts hang together: supported")
        == words.count("background")
        == 3
    )
    assert words.index("Research use only") < words.index("Gdf15")


def test_pages_are_the_same_bytes_every_time() -> None:
    assert site_of({"Anxa2": made_card()}) == site_of({"Anxa2": made_card()})


def test_file_names_of_odd_genes() -> None:
    genes = [
        "Anxa2",
        "ANXA2",
        "HLA-A",
        "H2-K1/2",
        "../../etc",
        "CON",
        "index",
        "Nul",
        "",
        "α",
        "a b",
        "x" * 300,
        "x" * 301,
        "1700001C19Rik",
    ]
    names = file_names(genes)
    assert names["Anxa2"] == "Anxa2"
    assert names["HLA-A"] == "HLA-A"
    assert names["CON"] == "gene_CON"
    assert names["index"] == "gene_index"


@settings(max_examples=30)
@given(genes=st.lists(st.text(max_size=100), unique=True, max_size=12))
def test_file_names_are_safe_and_apart_on_every_file_system(genes: list[str]) -> None:
    names = list(file_names(genes).values())
    assert len({name.casefold() for name in names}) == len(genes)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name) for name in names)
    assert "index" not in {name.casefold() for name in names}
