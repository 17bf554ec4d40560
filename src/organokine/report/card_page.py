"""One evidence card as a page: HTML that asks nothing of the outside, and Markdown; both are views of its JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from organokine.report.templates import fill

Card = Mapping[str, Any]
STATE_WORDS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "inconclusive": "inconclusive",
    "not_tested": "not tested",
    "not_assessable": "not assessable",
}
SEVERITIES = {"block": "blocks the card", "block_link": "blocks a link", "warn": "warning", "note": "note"}
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~$])")


def card_html(card: Card) -> str:
    """A whole page with headings, labels and tables with headers; every field is escaped."""
    return f"{fill('card_page.html.jinja', card=card, **_given(card))}\n"


def card_markdown(card: Card) -> str:
    """The same in Markdown; signs that Markdown reads are escaped."""
    text = _markdown_environment().get_template("card_page.md.jinja").render(card=card, **_given(card))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _given(card: Card) -> dict[str, Any]:
    changing = [row for row in card["sensitivity"] if len(row["changes"]) > 0]
    return {
        "changing": changing,
        "thresholds": {row["threshold"]: row["value"] for row in card["sensitivity"]},
        "states": STATE_WORDS,
        "severities": SEVERITIES,
        "amount": amount,
        "interval": interval,
        "sizes": sizes,
        "key": key,
        "small": small,
    }


def small(value: float | None) -> str:
    """A number of the card with three digits; `–` where it is missing."""
    return "–" if value is None else f"{value:.3g}"


def amount(fact: Mapping[str, Any]) -> str:
    """Value and unit of a fact."""
    value = fact["value"]
    if value is None:
        return "–"
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{value:.3g} {fact['unit']}".strip()


def interval(fact: Mapping[str, Any]) -> str:
    """Interval of a fact, or `–`."""
    ends = fact["interval"]
    return "–" if ends is None else f"{ends[0]:.3g} to {ends[1]:.3g}"


def sizes(counts: Mapping[str, int]) -> str:
    """Animals by group, such as `9 old, 10 young`; `–` without any."""
    return "–" if len(counts) == 0 else ", ".join(f"{n} {level}" for level, n in counts.items())


def key(source: Mapping[str, Any]) -> str:
    """Table and key of the row a fact was taken from."""
    named = ", ".join(f"{name} = {value}" for name, value in source["row"].items())
    return f"{source['table']}: {named}" if named != "" else str(source["table"])


def _escaped(value: object) -> object:
    """Text as Markdown shows it: signs escaped, one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(value.split())) if isinstance(value, str) else value


@cache
def _markdown_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("organokine", "report/assets"),
        autoescape=False,
        finalize=_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["spaced"] = lambda text: str(text).replace("_", " ")
    return environment
