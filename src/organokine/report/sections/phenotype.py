"""Functional tests: what the animals can do, group against group, and which candidates go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from organokine.report import phenotype_blocks, words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

MOST_CANDIDATES = 10
"""Candidates shown of each line that asks about function; all are in the table `evidence`."""
_NEED = "functional test"
"""Words in the needs of a line by which it is known to ask about function."""


def build(data: ReportData) -> str:
    """One block per test, then the candidates that go with function, then what ARRIVE asks for."""
    tables = phenotype_blocks.complete(data.tables)
    if len(tables["phenotypes"]) == 0:
        return ""
    return (
        phenotype_blocks.blocks(tables, data.species)
        + Markup("").join(_candidates(data, line) for line in data.lines if _asks_function(line))
        + (Markup("<h3>ARRIVE 2.0, Essential 10</h3>") if len(tables["arrive"]) > 0 else Markup(""))
        + phenotype_blocks.arrive(tables["arrive"])
    )


def _asks_function(line: Mapping[str, Any]) -> bool:
    return any(_NEED in str(need).lower() for need in line["needs"])


def _candidates(data: ReportData, line: Mapping[str, Any]) -> Markup:
    """The candidates of one line with the smallest p; nothing if it was asked of none."""
    evidence = data.tables["evidence"]
    rows = evidence[(evidence["line"] == line["name"]) & evidence["p"].notna()]
    if len(rows) == 0:
        return Markup("")
    best = rows.sort_values(["p", "gene"], kind="stable").head(MOST_CANDIDATES)
    return fill(
        "phenotype_candidates.html.jinja",
        line=line,
        rows=[_cells(row) for row in best.to_dict("records")],
        n_asked=len(rows),
        n_below=int((rows["q"] <= data.alpha).sum()),
        alpha=words.percent(data.alpha),
    )


def _cells(row: Mapping[Any, Any]) -> dict[str, Any]:
    has_interval = not words.is_missing(row["ci_low"]) and not words.is_missing(row["ci_high"])
    return {
        "gene": row["gene"],
        "effect": words.signed(row["effect"]),
        "interval": f"{words.signed(row['ci_low'])} to {words.signed(row['ci_high'])}" if has_interval else words.MISSING,
        "n": words.count(row["n"]),
        "p": words.probability(row["p"]),
        "q": words.probability(row["q"]),
        "note": words.typeset(str(row["note"])),
    }  # fmt: skip


SECTION = Section(
    name="phenotype",
    title="Function",
    description="What the animals can do. Animals are the units, not trials; every animal is drawn; each test has one answer that was "
    "fixed beforehand, and what stands beside it is named as such. A difference that is not shown may still be there: the interval "
    "says how large it could be.",
    build=build,
    empty="No functional test in this study.",
    needs="phenotypes",
)
