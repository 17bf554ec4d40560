"""The report in headless Chromium: no error, no request, a table that sorts and filters, a page as wide as the phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fake_run import RUNS

from organokine import report
from tests.browsing import Watched, column

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    written = {}
    for name in ("plain", "hostile_names", "no_candidates", "all_missing"):
        run = RUNS[name]()
        written[name] = folder / f"{name}.html"
        written[name].write_text(report.render(run.tables, run.manifest), encoding="utf-8")
    return written


@pytest.fixture
def plain(browser: Browser, files: dict[str, Path]) -> Iterator[Watched]:
    watched = Watched(browser, files["plain"], 1300, 900)
    yield watched
    watched.page.close()


@pytest.mark.parametrize("name", ["plain", "hostile_names", "no_candidates", "all_missing"])
@pytest.mark.parametrize(("width", "height"), [(1300, 900), (390, 844)])
def test_opens_quietly_and_fits_the_window(
    browser: Browser, files: dict[str, Path], name: str, width: int, height: int
) -> None:
    watched = Watched(browser, files[name], width, height)
    watched.draw_all()
    assert watched.complaints == []
    assert watched.requests == [files[name].as_uri()]
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.page.evaluate("document.querySelectorAll('.plot-area:not(:has(.main-svg))').length") == 0
    watched.page.close()


def test_policy_stops_a_script_that_came_in_from_elsewhere(plain: Watched) -> None:
    plain.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.came = 1'}))"
    )
    assert plain.page.evaluate("window.came === undefined")


def test_a_heading_sorts_numbers_as_numbers_with_missing_last(plain: Watched) -> None:
    heading = plain.page.locator('th[data-column="source_q"]')
    for direction in ("ascending", "descending"):
        heading.locator("button").click()
        assert heading.get_attribute("aria-sort") == direction
        keys = column(plain.page, "source_q")
        numbers = [float(key) for key in keys if key != ""]
        assert numbers == sorted(numbers, reverse=direction == "descending")
        n_missing = keys.count("")
        assert n_missing > 0
        assert keys[-n_missing:] == [""] * n_missing
    assert plain.page.locator('th[data-column="rank"]').get_attribute("aria-sort") == "none"


def test_a_heading_sorts_by_keyboard(plain: Watched) -> None:
    plain.page.locator('th[data-column="gene"] button').focus()
    plain.page.keyboard.press("Enter")
    genes = column(plain.page, "gene")
    assert genes[0] == "Anxa2"
    assert genes.index("Gene20") < genes.index("Gene100")


def test_search_and_filters_count_what_they_leave(plain: Watched) -> None:
    page = plain.page
    assert page.locator("[data-count]").inner_text() == "200 rows"
    page.locator("[data-search]").fill("gdf15")
    assert column(page, "gene") == ["Gdf15"]
    assert page.locator("[data-count]").inner_text() == "1 of 200 rows"
    page.locator("[data-search]").fill("Gene250")
    assert page.locator("[data-count]").inner_text() == "no row of those shown; all 260 candidates are in mediators.tsv"
    page.locator("[data-search]").fill("")
    page.locator("select[data-tier]").select_option("2")
    assert len(column(page, "gene")) == 5
    page.locator("select[data-route]").select_option("classical")
    assert column(page, "gene") == ["Anxa2"]


def test_a_shadow_lies_where_the_table_goes_on(plain: Watched) -> None:
    box = plain.page.locator("#candidates .table-box")
    assert box.evaluate("(box) => box.scrollWidth > box.clientWidth && box.scrollHeight > box.clientHeight")
    attachments = box.evaluate("(box) => getComputedStyle(box).backgroundAttachment")
    assert attachments == ", ".join(["local"] * 4 + ["scroll"] * 4)


def test_a_phone_shows_how_sure_a_claim_is_without_scrolling(browser: Browser, files: dict[str, Path]) -> None:
    watched = Watched(browser, files["plain"], 390, 844)
    box = watched.page.locator('th[data-column="q_maxp"]').bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    watched.page.close()


def test_folded_columns_come_with_a_tick(plain: Watched) -> None:
    folded = plain.page.locator('th[data-column="weight"]')
    assert not folded.is_visible()
    plain.page.locator("[data-all-columns]").check()
    assert folded.is_visible()


def test_a_gene_of_the_table_opens_its_card(plain: Watched) -> None:
    assert not plain.page.evaluate("document.getElementById('card-3').open")
    plain.page.locator("#candidate-table a", has_text="Sparc").click()
    # Asked of the locator: a function in words would be evaluated in the page, whose policy forbids that.
    plain.page.locator("#card-3[open]").wait_for()


def test_hover_shows_a_hostile_name_as_text(browser: Browser, files: dict[str, Path]) -> None:
    watched = Watched(browser, files["hostile_names"], 1300, 900)
    watched.page.locator("#volcano-0").scroll_into_view_if_needed()
    watched.page.wait_for_selector("#volcano-0[data-drawn]")
    watched.page.evaluate("Plotly.Fx.hover('volcano-0', [{curveNumber: 1, pointNumber: 0}])")
    hover = watched.page.locator("#volcano-0 .hoverlayer")
    hover.locator("text").first.wait_for()
    assert "<script>alert(1)</script>" in (hover.text_content() or "")
    assert watched.complaints == []
    watched.page.close()


def test_print_opens_every_card_draws_every_plot_and_puts_all_back(plain: Watched) -> None:
    page = plain.page
    open_before = page.evaluate("document.querySelectorAll('details[open]').length")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelectorAll('details:not([open])').length") == 0
    assert page.evaluate("document.querySelectorAll('.plot-area:not([data-drawn])').length") == 0
    assert not page.locator(".controls").is_visible()
    assert not page.locator(".contents").is_visible()
    heading = page.locator('th[data-column="q_maxp"]')
    assert not heading.locator("button").is_visible()
    assert heading.locator(".on-paper").inner_text() == "q maxp"
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.querySelectorAll('details[open]').length") == open_before
    assert plain.complaints == []
