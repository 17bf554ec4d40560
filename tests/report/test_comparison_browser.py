"""The page of one comparison in headless Chromium: no error, no request, a table that sorts and filters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from test_comparison import HOSTILE, made_up, page_of
from test_comparison_question import joint

from organokine.design import AnyLevel
from tests.browsing import Watched, column

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "height"), [(1300, 900), (390, 844)])
def test_opens_quietly_sorts_and_filters(browser: Browser, tmp_path: Path, width: int, height: int) -> None:
    file = tmp_path / "page.html"
    table = made_up()
    table.loc[0, "gene"] = HOSTILE
    file.write_text(page_of(table), encoding="utf-8")
    watched = Watched(browser, file, width, height)
    watched.draw_all()
    page = watched.page
    assert watched.requests == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".plot-area:has(.main-svg)").count() == 5

    page.locator('th[data-column="log2fc"] button').click()
    changes = [float(key) for key in column(page, "log2fc", "feature-table") if key != ""]
    assert changes == sorted(changes)
    assert column(page, "log2fc", "feature-table")[-2:] == ["", ""]

    page.locator('select[data-filter="found"]').select_option("yes")
    page.locator('select[data-filter="direction"]').select_option("down")
    assert sorted(column(page, "gene", "feature-table")) == ["Gene1", "Gene3", "Gene5"]
    assert page.locator("[data-count]").inner_text() == "3 of 60 rows"
    page.locator("[data-search]").fill("gene3")
    assert column(page, "gene", "feature-table") == ["Gene3"]
    page.locator("[data-search]").fill("nothing like it")
    assert page.locator("[data-count]").inner_text() == "no row of those shown"
    assert watched.complaints == []
    page.close()


def test_the_page_of_any_difference_sorts_and_filters_without_a_direction(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_of(joint(), asked=AnyLevel("stage")), encoding="utf-8")
    watched = Watched(browser, file, 390, 844)
    watched.draw_all()
    page = watched.page
    assert watched.requests == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator('th[data-column="highest"] button').click()
    assert column(page, "highest", "feature-table")[0] == "early"
    page.locator('select[data-filter="found"]').select_option("yes")
    assert page.locator("[data-count]").inner_text() == "6 of 60 rows"
    assert watched.complaints == []
    page.close()
