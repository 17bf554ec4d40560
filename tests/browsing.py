"""A page in headless Chromium that keeps every complaint and every request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LEAST_CONTRAST = 4.5
"""WCAG 2.1, criterion 1.4.3 (AA)."""
CONTRASTS = """() => {
    const light = (color) => {
        const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((each) => each / 255)
            .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (node) => {
        for (; node !== null; node = node.parentElement) {
            const color = getComputedStyle(node).backgroundColor;
            if (!color.endsWith(', 0)')) return color;
        }
        return 'rgb(255, 255, 255)';
    };
    return Array.from(document.querySelectorAll('body *'))
        .filter((node) => Array.from(node.childNodes).some((each) => each.nodeType === 3 && each.textContent.trim() !== ''))
        .map((node) => {
            const [front, back] = [light(getComputedStyle(node).color), light(behind(node))];
            return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        });
}"""
"""Script that gives the contrast of every element that holds text to what is behind it."""


class Watched:
    """A page that keeps every complaint and every request."""

    def __init__(self, browser: Browser, file: Path, width: int, height: int) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": width, "height": height})
        # A loaded machine draws slowly; what never comes is still found.
        self.page.set_default_timeout(120_000)
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())

    def draw_all(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
        for area in self.page.query_selector_all(".plot-area"):
            area.scroll_into_view_if_needed()
        # A wait for a selector: one for an expression is refused by the policy of the page as soon as it has to ask twice.
        self.page.wait_for_selector(".plot-area:not([data-drawn])", state="detached")


def column(page: Page, name: str, table: str = "candidate-table") -> list[str]:
    """Sort keys of one column, of the rows that are shown, in their order on the page."""
    return page.evaluate(
        """([name, table]) => {
            const heads = Array.from(document.querySelectorAll(`#${table} thead th`));
            const place = heads.findIndex((head) => head.dataset.column === name);
            const rows = Array.from(document.querySelectorAll(`#${table} tbody tr`)).filter((row) => !row.hidden);
            return rows.map((row) => row.cells[place].dataset.sort);
        }""",
        [name, table],
    )
