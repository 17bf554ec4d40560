"""The page of one card in headless Chromium: quiet, closed, as wide as the phone, legible, without a script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fake_cards import fake_card
from fake_run import EVIL

from organokine.report.card_page import card_html
from tests.browsing import CONTRASTS, LEAST_CONTRAST, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(params=["in words", EVIL, "x" * 400], ids=["plain", "hostile", "long"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "card.html"
    path.write_text(card_html(fake_card(text=request.param)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "height"), [(1300, 900), (390, 844)])
def test_a_card_opens_quietly_fits_the_window_and_is_legible(
    browser: Browser, file: Path, width: int, height: int
) -> None:
    watched = Watched(browser, file, width, height)
    assert watched.complaints == []
    assert watched.requests == [file.as_uri()]
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    contrasts = watched.page.evaluate(CONTRASTS)
    assert len(contrasts) > 50
    assert min(contrasts) >= LEAST_CONTRAST
    watched.page.close()


def test_headings_and_tables_are_told_to_a_screen_reader(browser: Browser, file: Path) -> None:
    watched = Watched(browser, file, 1300, 900)
    page = watched.page
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("table").count() == page.locator("table > caption").count() > 5
    unnamed = "Array.from(document.querySelectorAll('table')).filter((t) => t.querySelectorAll('th[scope=col]').length < 3).length"
    assert page.evaluate(unnamed) == 0
    page.get_by_role("link", name="line.source_change").first.click()
    assert page.url.endswith("#fact-line.source_change")
    watched.page.close()
