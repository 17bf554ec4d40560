"""Pages of a digest in headless Chromium: quiet, closed, as wide as the phone, legible, told to a screen reader."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from test_site import EVIL, typed_everywhere

from organokine.digest.site import site_of
from tests.browsing import CONTRASTS, LEAST_CONTRAST, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("digest")
    plain, hostile, long = typed_everywhere("muscle"), typed_everywhere(EVIL), typed_everywhere("x" * 200)
    for name, text in site_of({"plain": plain, "hostile": hostile, "long": long}).items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize(("width", "height"), [(1300, 900), (390, 844)])
def test_pages_open_quietly_fit_the_window_and_are_legible(
    browser: Browser, folder: Path, width: int, height: int
) -> None:
    pages = sorted(folder.glob("*.html"))
    assert len(pages) == 4
    for file in pages:
        watched = Watched(browser, file, width, height)
        assert watched.complaints == []
        assert watched.requests == [file.as_uri()]
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        contrasts = watched.page.evaluate(CONTRASTS)
        assert len(contrasts) > 20
        assert min(contrasts) >= LEAST_CONTRAST
        watched.page.close()


def test_views_headings_and_tables_are_told_to_a_screen_reader(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder / "index.html", 1300, 900)
    page = watched.page
    assert page.get_by_role("table").count() == page.get_by_role("heading", level=1).count() == 1
    page.get_by_role("link").first.click()
    assert page.get_by_role("main").count() == page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("navigation", name="Readers").count() == 1
    for name in ("For a reviewer", "For a principal investigator", "For a clinician", "For a patient"):
        assert page.get_by_role("region", name=name).count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    levels = page.evaluate(
        "Array.from(document.querySelectorAll('h1, h2, h3, h4')).map((each) => Number(each.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    bare = "Array.from(document.querySelectorAll('table')).filter((t) => t.caption === null || t.querySelectorAll('th[scope=col]').length < 3).length"
    assert page.evaluate(bare) == 0
    page.get_by_role("link", name="F2", exact=True).first.click()
    assert page.url.endswith("#F2")
    assert page.locator("#F2").is_visible()
    watched.page.close()
