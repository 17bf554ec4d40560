"""One candidate: its chain of evidence link by link, its animals, its flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from organokine.report import words
from organokine.report.animals import animal_plots
from organokine.report.data import ReportData
from organokine.report.templates import fill

FOREST_WIDTH = 220
FOREST_HEIGHT = 30


class Verdict(NamedTuple):
    """How one line speaks of one candidate: `kind` for the style, `word` for the reader."""

    kind: str
    word: str


def verdict(row: Mapping[str, Any] | None, line: Mapping[str, Any], tier: int, alpha: float) -> Verdict:
    """Judge one link of one candidate by its own table row and the declared error rate.

    A p-value supports if it is at most `alpha` and either the line's own false discovery rate is, or the claim of a tier that
    rests on this line stands. A line without a p-value (prior, gate) is noted, or limits where its weight is 0 or its state
    caps the tier.

    Parameters
    ----------
    row : mapping or None
        Row of the table `evidence`; None if there is none.
    line : mapping
        Card of the line from the manifest.
    tier : int
        Tier of the candidate.
    alpha : float
        Declared false discovery rate.

    Returns
    -------
    Verdict
        `supports`, `against`, `noted`, `limits` or `unasked`.
    """
    if row is None:
        return Verdict("unasked", "not asked")
    caps = row["state"] in line.get("caps", {})
    if not words.is_missing(row["p"]):
        claimed = line.get("tier") is not None and tier >= int(line["tier"])
        stands = not words.is_missing(row["q"]) and float(row["q"]) <= alpha
        supports = float(row["p"]) <= alpha and (stands or claimed) and not caps
        return Verdict("supports", "supports") if supports else Verdict("against", "asked, not supported")
    if line["role"] in {"arm", "support"}:
        return Verdict("unasked", "not asked")
    if row["state"] == "":
        return Verdict("unasked", "not asked")
    holds_back = caps or (not words.is_missing(row["weight"]) and float(row["weight"]) == 0.0)
    return Verdict("limits", "holds back") if holds_back else Verdict("noted", "noted")


def chain(
    data: ReportData, candidate: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """One link per evidence line, in the order of the manifest.

    Parameters
    ----------
    data : ReportData
        The run.
    candidate : mapping
        Row of `mediators`.
    rows : mapping
        Rows of `evidence` of this gene by line.
    """
    reach = _reach(data, rows)
    links = []
    for line in data.lines:
        row = rows.get(line["name"])
        unit = str(line["unit"])
        found = verdict(row, line, int(candidate["tier"]), data.alpha)
        links.append(
            {
                "line": line,
                "row": row,
                "n_candidates": data.n_with_q.get(line["name"], 0),
                "verdict": found,
                "limits": candidate["limiting_evidence"] == line["name"],
                "forest": forest(row, unit, reach.get(unit, 1.0), found.kind),
                "state": "" if row is None or row["state"] == "asked" else words.spaced(str(row["state"])),
            }
        )
    return links


def _reach(data: ReportData, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Half width of the effect axis by unit: lines of one unit share it, so that their effects can be compared by eye."""
    reach: dict[str, float] = {}
    for line in data.lines:
        row = rows.get(line["name"])
        if row is None:
            continue
        ends = [abs(float(row[name])) for name in ("effect", "ci_low", "ci_high") if not words.is_missing(row[name])]
        unit = str(line["unit"])
        reach[unit] = max([reach.get(unit, 0.0), *ends])
    return {unit: 1.0 if unit.split(" ")[0] == "r" else _round_up(value) for unit, value in reach.items()}


def _round_up(value: float) -> float:
    """The next of 0.5, 1, 2, 3, 5 times a power of ten: a readable end of an axis."""
    if not np.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1.0, 1.5, 2.0, 3.0, 5.0, 10.0) if step * power >= value * (1 - 1e-9)))


def forest(row: Mapping[str, Any] | None, unit: str, reach: float, kind: str) -> Markup:
    """A small drawing of an effect with its interval against zero; nothing without an effect."""
    if row is None or words.is_missing(row["effect"]):
        return Markup("")
    middle, half = FOREST_WIDTH / 2, FOREST_WIDTH / 2 - 8

    def place(value: float) -> float:
        return round(middle + half * min(max(float(value) / reach, -1.0), 1.0), 1)

    has_interval = not words.is_missing(row["ci_low"]) and not words.is_missing(row["ci_high"])
    interval = (
        f", 95 % interval {words.signed(row['ci_low'])} to {words.signed(row['ci_high'])}" if has_interval else ""
    )
    return fill(
        "forest.svg.jinja",
        width=FOREST_WIDTH,
        height=FOREST_HEIGHT,
        middle=middle,
        ends=(8, FOREST_WIDTH - 8),
        reach=f"{reach:g}",
        point=place(row["effect"]),
        interval=(place(row["ci_low"]), place(row["ci_high"])) if has_interval else None,
        kind=kind,
        title=f"{words.signed(row['effect'])} {unit}{interval}",
    )


def flags_in_words(data: ReportData, candidate: Mapping[str, Any]) -> list[dict[str, str]]:
    """Remarks on a gene: from the table `flags`, and those that only the candidate's row names."""
    table = data.tables["flags"]
    rows = table[(table["scope"] == "gene") & (table["name"] == candidate["gene"])]
    found = [
        {"flag": words.spaced(row.flag), "source": words.spaced(row.source), "detail": row.detail}
        for row in rows.itertuples(index=False)
    ]
    known = set(rows["flag"])
    named = [flag for flag in str(candidate["flags"]).split(";") if flag != "" and flag not in known]
    return found + [{"flag": words.spaced(flag), "source": "", "detail": ""} for flag in named]


def card(data: ReportData, place: int, candidate: Mapping[str, Any]) -> Markup:
    """The whole card of one candidate.

    Parameters
    ----------
    data : ReportData
        The run.
    place : int
        Number of the card on the page, from 1; its anchor.
    candidate : mapping
        Row of `mediators`.
    """
    evidence = data.tables["evidence"]
    of_gene = evidence[evidence["gene"] == candidate["gene"]].to_dict("records")
    rows = {str(row["line"]): {str(key): value for key, value in row.items()} for row in of_gene}
    name = f"card-{place}"
    return fill(
        "card.html.jinja",
        name=name,
        open=place == 1,
        candidate=candidate,
        links=chain(data, candidate, rows),
        flags=flags_in_words(data, candidate),
        plots=animal_plots(data, name, str(candidate["gene"])),
        route=words.spaced(str(candidate["route"])) if candidate["route"] != "" else "route unknown",
    )
