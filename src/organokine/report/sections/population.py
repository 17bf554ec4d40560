"""Population mode over the axis of a study with a contrast: the leading candidates, and where the rest of it is had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from organokine.report import population_blocks, population_rows, population_words, words
from organokine.report.data import ReportData
from organokine.report.population_pairs import ASKED, Pair
from organokine.report.sections.base import Section
from organokine.report.templates import fill

MOST_CANDIDATES = 10
"""Candidates shown of each pair of assays, as many as of other lines; all are in the table `population`."""
WHOLE_PAGE = (
    "Target genes, pathways, traits and the null of every candidate, and all other pairs of organs, are on the page of "
    "`organokine population study.toml`."
)
ONE_ASSAY = (
    "q counts the candidates of all tables of this section. The line on the cards takes one of them per gene, protein before RNA, and "
    "its q counts those."
)


def build(data: ReportData) -> str:
    """One table per pair of assays, then what this cannot show."""
    pairs = _pairs(data)
    if len(pairs) == 0:
        return ""
    blocks = [_block(pair, data.species) for pair in pairs]
    limits = [population_words.CAUTION, *([ONE_ASSAY] if len(pairs) > 1 else []), WHOLE_PAGE]
    flags = population_blocks.badges(block["table"] for block in blocks)
    return fill("population_section.html.jinja", blocks=blocks, flags=flags, limits=limits)


def _pairs(data: ReportData) -> list[Pair]:
    """Pairs of assays in the order of the table, candidates of each best first; the run keeps no more of a pair than these."""
    table = data.tables.get("population", pd.DataFrame())
    if len(table) == 0:
        return []
    ordered = table.sort_values(["rank", "gene"], kind="stable", na_position="last")
    return [
        Pair("", str(source), str(target), {"state": ASKED}, {"population": own}, data.alpha)
        for (source, target), own in ordered.groupby(["source", "target"], sort=True)
    ]


def _block(pair: Pair, species: str) -> dict[str, Any]:
    rows = pair.scored.head(MOST_CANDIDATES)
    return {
        "heading": f"{words.spaced(pair.source)} to {words.spaced(pair.target)}",
        "sentences": _said(pair, species),
        "table": population_rows.candidates(pair, rows, {}),
    }


def _said(pair: Pair, species: str) -> Sequence[str]:
    if len(pair.scored) == 0:
        return [population_words.counts(pair)]
    who = population_words.individuals(int(pair.scored["n"].max()), species)
    shown = len(pair.scored) > MOST_CANDIDATES
    best = f" Shown are the {MOST_CANDIDATES} with the smallest p." if shown else ""
    return [f"Up to {who} with both. {population_words.counts(pair)}{best}"]


SECTION = Section(
    name="population",
    title="Across individuals",
    description="Which candidates of the source go with many genes of the target, individual by individual and within the groups of the "
    "contrast. A score is the mean of −ln p of these correlations; p asks how often permuted individuals score as high, p against "
    "matched genes how often genes do that have no way out of the cell. Nothing here moves a candidate up or down.",
    build=build,
    empty="The study file has no [population].",
    needs="population",
)
