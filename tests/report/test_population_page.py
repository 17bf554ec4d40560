"""The page of a population: every block with and without rows, names as text, its size, and the page in a browser."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from fake_population import FACTS, hostile, population_tables

from organokine.population_tables import POPULATION_TABLES
from organokine.report import population_pairs
from organokine.report.population_page import build_population_page, in_words
from organokine.tables import FLAGS, JOINS
from tests.browsing import CONTRASTS, LEAST_CONTRAST, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = '<script>alert(1)</script>"&{{'
TWELVE = tuple("abcdefghijkl")
NAMES = [table.name for table in POPULATION_TABLES]


class Elements(HTMLParser):
    """Headings and identifiers of a page, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h[1-6]", tag) is not None:
            self.headings.append(int(tag[1]))
        self.names += [value or "" for name, value in attrs if name == "id"]


def page_of(tables: dict[str, pd.DataFrame], **given: Any) -> str:
    """The page without plotly, which makes it long and is the same everywhere."""
    page = build_population_page(tables, FACTS, **{"title": "Liver and muscle", "species": "mouse"} | given)
    return page[: page.index("<footer>")]


def figures_of(page: str) -> dict[str, dict[str, Any]]:
    """The data of every plot; what is no JSON without NaN fails."""

    def refuse(text: str) -> None:
        raise AssertionError(text)

    found = re.findall(r'<script type="application/json" id="([^"]+)-data">(.*?)</script>', page, flags=re.DOTALL)
    return {name: json.loads(text, parse_constant=refuse) for name, text in found}


def check_whole(page: str) -> None:
    """What holds of every page: headings without a gap, identifiers once, plots that can be read."""
    read = Elements()
    read.feed(page)
    assert read.headings[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(read.headings))
    assert len(read.names) == len(set(read.names))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(read.names)
    assert re.findall(r"\b(?:nan|NaN|None(?! of)|NA)\b|undefined", re.sub(r' title="[^"]*"', "", page)) == []
    figures_of(page)


def test_the_page_repeats_itself_and_has_its_parts() -> None:
    given: dict[str, Any] = {"command": "organokine population study.toml", "versions": {"numpy": "2"}}
    page = page_of(population_tables(), **given)
    assert page == page_of(population_tables(), **given)
    check_whole(page)
    assert re.findall(r'<section id="([a-z]+)"', page) == ["answer", "map", "pairs", "limits", "methods"]
    assert "<title>Liver and muscle · organokine</title>" in page
    assert "organokine population study.toml" in page
    assert FACTS["statistic"] in page
    assert "each over 44 mice" in page
    assert "no direction and names no cause" in page


def test_every_block_of_a_pair_is_there() -> None:
    page = page_of(population_tables())
    plots = figures_of(page)
    assert {name for name in plots if name.startswith("pair-1-")} == {
        "pair-1-null", "pair-1-ladder", "pair-1-same", *(f"pair-1-gene-{n}-{kind}" for n in range(1, 7) for kind in ("dots", "targets"))
    }  # fmt: skip
    assert page.count("<h5>Pathways</h5>") == page.count("<h5>Traits</h5>") == 12
    assert '<a href="#pair-1-gene-1">Gdf15</a>' in page
    assert '<td class="number guess">≈ ' in page
    assert "like matched genes" in page
    assert 'title="False discovery rate by Benjamini and Hochberg on p over all pairs."' in page


@pytest.mark.parametrize("name", NAMES)
def test_any_table_may_be_empty(name: str) -> None:
    tables = population_tables(organs=("liver", "muscle", "fat"), not_scored=[("fat", "liver")], n_leading=2)
    check_whole(page_of(tables | {name: tables[name].iloc[:0]}))
    check_whole(page_of({name: tables[name]}))


@pytest.mark.parametrize("table", POPULATION_TABLES, ids=lambda table: table.name)
def test_any_number_may_be_missing(table: Any) -> None:
    tables = population_tables(n_leading=2)
    numbers = [column.name for column in table.columns if column.kind != "text" and column.name not in table.key]
    check_whole(page_of(tables | {table.name: table.conform(tables[table.name].drop(columns=numbers))}))


def test_what_was_counted_and_remarked_is_shown_by_assay() -> None:
    joins = JOINS.conform(pd.DataFrame([{"assay": "liver_rna", "item": "samples used", "n": 44, "of": 45}]))
    remark = {"scope": "assay", "name": "fat_rna", "flag": "few_samples", "source": "quality", "detail": "as it is"}
    page = page_of(population_tables(n_leading=1), joins=joins, flags=FLAGS.conform(pd.DataFrame([remark])))
    check_whole(page)
    assert re.findall(r'<section id="([a-z]+)"', page) == ["answer", "map", "pairs", "joins", "limits", "methods"]
    assert [text in page for text in ("liver_rna", "samples used", "fat_rna", "few samples")] == [True] * 4
    assert "Nothing was dropped and nothing was remarked." in page_of({}, joins=JOINS.empty(), flags=FLAGS.empty())


def test_badges_that_no_row_shows_are_not_explained() -> None:
    tables = population_tables(standing=(), n_leading=1)
    tables["population"] = tables["population"].assign(flags="like_matched;own_null")
    page = page_of(tables)
    assert '<span class="flag">own null</span>' in page
    assert '<span class="flag">like matched genes</span>' not in page


def test_nothing_at_all_is_said_so() -> None:
    page = page_of({})
    check_whole(page)
    assert "No pair of organs was scored." in page
    assert page.count("There is no pair of organs to show.") == 2
    assert figures_of(page) == {}


def test_pairs_that_were_not_scored_are_named_with_their_reason() -> None:
    tables = population_tables(not_scored=[("liver", "muscle"), ("muscle", "liver")])
    page = page_of(tables)
    check_whole(page)
    assert (
        "Not scored for too few individuals with both organs and all covariates: liver to muscle (n\u00a0=\u00a07)"
        in page
    )
    assert page.count("not scored for too few individuals with both organs and all covariates") >= 4
    assert figures_of(page) == {}


def test_one_pair_without_covariates_traits_or_sexes() -> None:
    tables = population_tables(not_scored=[("muscle", "liver")])
    tables["population_pairs"] = tables["population_pairs"].iloc[:1].assign(adjusted_for="", strata="", factors="0")
    tables["population"]["within_sex"] = ""
    tables["population_traits"] = tables["population_traits"].iloc[:0]
    tables["population_individuals"] = tables["population_individuals"].assign(sex="", group="")
    page = page_of(tables)
    check_whole(page)
    assert "Nothing was taken out." in page
    assert ">within sex<" not in page
    assert "<h5>Traits</h5>" not in page
    assert 'showlegend":true' not in json.dumps(figures_of(page)["pair-1-gene-1-dots"], separators=(",", ":"))


def test_twelve_organs_stay_small_and_all_pairs_are_reachable() -> None:
    tables = population_tables(TWELVE, n_genes=20, not_scored=[("a", "b")], n_leading=2)
    page = page_of(tables)
    check_whole(page)
    assert len(page.encode()) < 5_000_000
    assert page.count('<details class="card"') == 132
    assert page.count('<details class="card" id="pair-1" open') == 0
    assert len(re.findall(r'<th scope="row"><a href="#pair-\d+">', page)) == 132
    plots = figures_of(page)
    assert sum(name.endswith("-dots") for name in plots) == population_pairs.MOST_DETAILS
    grey, squares = plots["organ-map"]["data"]
    assert grey["z"][0][:2] == [None, 0]
    assert np.isnan(np.array(squares["z"], dtype=float)).sum() == 13
    assert squares["text"][0][:2] == ["", ""]


def test_two_organs_of_hundreds_of_individuals_stay_under_the_bound() -> None:
    page = page_of(population_tables(n_genes=600, n=300, n_leading=20))
    assert len(page.encode()) < 1_500_000
    assert page.count("The best 50 of 600 candidates") == 2


@pytest.mark.parametrize("organs", [("liver", "muscle"), ("liver", "muscle", "fat")])
def test_names_stay_text(organs: tuple[str, ...]) -> None:
    tables = hostile(population_tables(organs, n_leading=2), HOSTILE)
    page = page_of(tables, title=HOSTILE, command=HOSTILE, versions={HOSTILE: HOSTILE})
    check_whole(page)
    shown = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<script>alert" not in shown
    for name in ("Gdf15", "insulin", "HALLMARK_HYPOXIA", "liver"):
        assert f"{HOSTILE}{name}" in unescape(shown.replace("<wbr>", ""))
    drawn = json.dumps(list(figures_of(page).values()))
    assert "<script" not in drawn
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawn
    assert "&amp;lt;" not in drawn


def test_the_same_sentences_are_printed() -> None:
    said = in_words(population_tables(), 0.1)
    assert said[0].startswith("2 ordered pairs of organs were scored, each over 44 individuals. 3 of 120 candidates")
    page = unescape(page_of(population_tables(), species=""))
    assert all(f"<p>{sentence}</p>" in page for sentence in said)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1300, 900), (390, 844)])
def test_opens_quietly_and_fits_the_window(browser: Browser, tmp_path: Path, width: int, height: int) -> None:
    file = tmp_path / "page.html"
    organs, none = (
        ("liver", "muscle", "fat"),
        [("fat", "liver"), ("fat", "muscle"), ("muscle", "fat"), ("muscle", "liver")],
    )
    tables = hostile(population_tables(organs, not_scored=none, n_leading=1), HOSTILE)
    file.write_text(build_population_page(tables, FACTS, title=HOSTILE, species="mouse"), encoding="utf-8")
    watched = Watched(browser, file, width, height)
    page = watched.page
    assert page.evaluate("Array.from(document.querySelectorAll('details')).some((fold) => fold.open)") is False
    page.locator(".plain-table a").first.click()
    page.wait_for_selector("#pair-1[open]")
    page.locator('a[href="#pair-1-gene-1"]').click()
    page.wait_for_selector("#pair-1-gene-1[open]")
    watched.draw_all()
    assert watched.complaints == []
    assert watched.requests[0] == file.as_uri()
    assert {request.partition("#")[0] for request in watched.requests} == {file.as_uri()}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".plot-area:has(.main-svg)").count() == 1 + 2 * (3 + 2)
    assert min(page.evaluate(CONTRASTS)) >= LEAST_CONTRAST
    page.close()
