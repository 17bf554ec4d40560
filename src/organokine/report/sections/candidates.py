"""The table of candidates: sorted, searched and filtered on the page, with column help from the schema."""

from __future__ import annotations

from typing import Any

import pandas as pd

from organokine.report import words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill
from organokine.tables import MEDIATORS, Column

LEADING_ROWS = 200
"""Rows shown whatever their tier; rows of tier 1 or above are all shown."""
FOLDED = ("protein", "weight", "source_p", "q_tier1", "q_tier2", "q_tier3", "q_tier4", "q_tier5")
"""Columns behind `all columns`, with those that hold no value at all."""
FIRST_COLUMNS = ("rank", "gene", "tier", "q", "q_maxp")
"""Columns in front, so that a narrow screen shows how sure a claim is before anything in words."""


def in_order() -> list[Column]:
    """Columns as the page shows them: what is claimed and how surely, then the others in the order of the schema."""
    first = [column for name in FIRST_COLUMNS for column in MEDIATORS.columns if column.name == name]
    return first + [column for column in MEDIATORS.columns if column.name not in FIRST_COLUMNS]


def shown_rows(mediators: pd.DataFrame) -> pd.DataFrame:
    """The first rows, and every row of tier 1 or above."""
    stands = (mediators["tier"].fillna(0) >= 1).to_numpy(dtype=bool)
    return mediators[(mediators.index < LEADING_ROWS) | stands]


def heading(column: Column) -> str:
    """A column's name as the table's head shows it."""
    return words.spaced(column.name).replace("log2fc", "log2FC").replace("tier", "tier ").strip()


def shown_value(column: Column, value: Any) -> str:
    """One cell in words: changes signed, probabilities by size, names spaced."""
    if words.is_missing(value):
        return words.MISSING
    match column.kind:
        case "integer":
            return words.count(value)
        case "number" if column.unit == "log2":
            return words.signed(value)
        case "number" if column.name == "weight":
            return words.plain(value)
        case "number":
            return words.probability(value)
        case _:
            return str(value) if column.name in {"gene", "protein"} else words.spaced(str(value))


def sort_value(column: Column, value: Any) -> str:
    """What a cell is sorted by: the full number, or the text; the empty string is missing."""
    if words.is_missing(value):
        return ""
    return repr(float(value)) if column.kind in {"number", "integer"} else str(value)


def why_missing(data: ReportData) -> dict[tuple[str, str], str]:
    """By gene and column: the state of the line that fills the column, where the manifest says which line does."""
    evidence = data.tables["evidence"]
    found: dict[tuple[str, str], str] = {}
    for line in data.lines:
        rows = evidence[evidence["line"] == line["name"]]
        for column in line.get("columns", {}):
            for gene, state in zip(rows["gene"], rows["state"], strict=True):
                found[gene, column] = words.spaced(str(state))
    return found


def cells(data: ReportData, rows: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """Every cell of the table: text, sort key, title, kind."""
    reasons = why_missing(data)
    table = []
    for record in rows.to_dict("records"):
        row = []
        for column in in_order():
            value = record[column.name]
            is_missing = words.is_missing(value)
            reason = reasons.get((record["gene"], column.name), "")
            row.append(
                {
                    "name": column.name,
                    "kind": column.kind,
                    "text": shown_value(column, value),
                    "sort": sort_value(column, value),
                    "title": _missing_title(column, reason) if is_missing else "",
                }
            )
        table.append(row)
    return table


def _missing_title(column: Column, reason: str) -> str:
    if column.kind == "text":
        return "none"
    return f"not asked: {reason}" if reason not in {"", "asked"} else "not asked"


def build(data: ReportData) -> str:
    """Controls and table."""
    mediators = data.mediators
    if len(mediators) == 0:
        return ""
    rows = shown_rows(mediators)
    has_value = {name: not all(words.is_missing(value) for value in mediators[name]) for name in MEDIATORS.names()}
    cards = {gene: place for place, gene in enumerate(data.leading()["gene"], start=1)}
    columns = [
        {
            "name": column.name,
            "heading": heading(column),
            "kind": column.kind,
            "help": f"{words.sentence(column.meaning.replace('`', ''))}{f' Unit: {column.unit}.' if column.unit != '' else ''}",
            "folded": column.name in FOLDED or not has_value[column.name],
        }
        for column in in_order()
    ]
    return fill(
        "candidates.html.jinja",
        columns=columns,
        rows=list(zip(rows["gene"], rows["tier"].fillna(0), rows["route"], cells(data, rows), strict=True)),
        cards=cards,
        tiers=sorted({int(tier) for tier in rows["tier"].fillna(0)} - {0}),
        routes=sorted({route for route in rows["route"] if route != ""}),
        n_all=len(mediators),
        folded=[column["heading"] for column in columns if column["folded"]],
        never=[column["heading"] for column in columns if not has_value[str(column["name"])]],
    )


SECTION = Section(
    name="candidates",
    title="Candidates",
    description="Best first: by tier, then by q of the tier shown. Press a heading to sort; rest on it to read what "
    "the column means. A dash is “not asked” or “not measured”, never zero.",
    build=build,
    empty="No candidate was measured in the source organ, so there is nothing to rank.",
)
