"""The appraisal of the leading candidates: stage, weakest link, relevance; and the thresholds with what would change at others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from organokine.appraisal.links import LINKS
from organokine.appraisal.thresholds import described
from organokine.report.card_page import SEVERITIES, STATE_WORDS, small
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

LOUD = ("block", "block_link", "warn")


def build(data: ReportData) -> str:
    """One row per card, one per threshold."""
    if len(data.cards) == 0:
        return ""
    return fill(
        "appraisal.html.jinja",
        cards=data.cards,
        links=LINKS,
        states=STATE_WORDS,
        severities=SEVERITIES,
        loud=LOUD,
        small=small,
        thresholds=[each | moves_of(data.cards, str(each["name"])) for each in described()],
    )


def moves_of(cards: Sequence[Mapping[str, Any]], threshold: str) -> dict[str, list[str]]:
    """By move of a threshold: what would change, as `GENE L5: inconclusive to supported`."""
    found: dict[str, list[str]] = {"halved": [], "doubled": []}
    for card in cards:
        for row in card["sensitivity"]:
            if row["threshold"] == threshold:
                found[row["moved"]] += [
                    f"{card['gene']} {each['what']}: {_word(each['from'])} to {_word(each['to'])}"
                    for each in row["changes"]
                ]
    return found


def _word(level: str) -> str:
    return "none" if level == "" else level.replace("_", " ")


SECTION = Section(
    name="appraisal",
    title="What is shown, and what is not",
    description="Three axes, never one number: the translational stage, by species and design alone; the chain, link by link; and the "
    "certainty of each link. The whole card of a candidate, with its facts: organokine card OUT GENE.",
    build=build,
    empty="There is no card.",
)
