"""One block of a page per functional test: what is said, what is drawn, and all numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from organokine.phenotype_tables import PHENOTYPE_TABLES
from organokine.report import phenotype_curves, phenotype_figures, phenotype_summary, words
from organokine.report.phenotype_measures import Measure, measures_of
from organokine.report.phenotype_words import MANY, term_in_words
from organokine.report.templates import fill

Tables = Mapping[str, pd.DataFrame]


def complete(tables: Tables) -> dict[str, pd.DataFrame]:
    """The tables of functional tests, those that are absent as empty ones."""
    return {table.name: tables.get(table.name, table.empty()) for table in PHENOTYPE_TABLES}


def blocks(tables: Tables, species: str = "") -> Markup:
    """HTML of all tests in the order of the table `phenotypes`.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        By name of the schema in `phenotype_tables.py`; absent ones are taken as empty.
    species : str
        As the study file names it.
    """
    known = complete(tables)
    tests = phenotype_summary.by_test(measures_of(known["phenotypes"], known["phenotype_animals"], species))
    shown = [_block(f"test-{place}", measures, known) for place, measures in enumerate(tests.values())]
    return fill("phenotype.html.jinja", blocks=shown)


def _block(name: str, measures: Sequence[Measure], tables: Tables) -> dict[str, Any]:
    effects, power = tables["phenotypes"], tables["phenotype_power"]
    said, each = phenotype_summary.of_test(measures, effects)
    plots = {measure.measure: _plots(f"{name}-{place}", measure, tables) for place, measure in enumerate(measures)}
    forest = phenotype_figures.forest(f"{name}-all", measures, effects) if len(measures) > MANY else None
    planned = [phenotype_summary.planned(measure, power, len(measures)) for measure in measures]
    return {
        "heading": heading(measures),
        "sentences": said,
        "forest": forest,
        "plots": [plot for drawn in plots.values() for plot in drawn] if len(measures) <= MANY else [],
        "folded": [
            {"noun": measure.noun, "sentences": [*each[measure.measure], *([plan] if plan != "" else [])], "plots": plots[measure.measure]}
            for measure, plan in zip(measures, planned, strict=True)
            if len(measures) > MANY
        ],
        "planned": [text for text in planned if text != "" and len(measures) <= MANY],
        "power": [row for measure in measures for row in _power_rows(measure, power)],
        "numbers": [_cells(measure, row) for measure in measures for row in phenotype_summary.rows_of(measure, effects)],
    }  # fmt: skip


def heading(measures: Sequence[Measure]) -> str:
    """Name of the test, and what kind it is where the name does not say so."""
    first = measures[0]
    return first.phenotype if first.test in first.phenotype.lower() else f"{first.phenotype} ({first.test})"


def _plots(name: str, measure: Measure, tables: Tables) -> list[Markup]:
    rows = phenotype_summary.rows_of(measure, tables["phenotypes"])
    drawn = [
        phenotype_figures.estimation(f"{name}-animals", measure, tables["phenotype_animals"], rows),
        phenotype_curves.learning(f"{name}-days", measure, tables["phenotype_days"], tables["phenotype_curves"]),
        phenotype_curves.survival(f"{name}-falls", measure, tables["phenotype_curves"]),
        phenotype_curves.against_weight(f"{name}-weight", measure, tables["phenotype_animals"]),
        phenotype_curves.power_curve(f"{name}-power", measure, tables["phenotype_power"]),
    ]
    return [plot for plot in drawn if plot is not None]


def _cells(measure: Measure, row: Mapping[Any, Any]) -> dict[str, Any]:
    has_interval = not words.is_missing(row["ci_low"]) and not words.is_missing(row["ci_high"])
    return {
        "measure": measure.noun,
        "term": term_in_words(str(row["term"])),
        "role": row["role"],
        "method": row["method"],
        "adjusted": words.listed([words.spaced(part) for part in str(row["adjusted_for"]).split(";") if part != ""]),
        "estimate": words.plain(row["estimate"]),
        "unit": "times" if row["scale"] == "ratio" else row["unit"],
        "interval": f"{words.plain(row['ci_low'])} to {words.plain(row['ci_high'])}" if has_interval else words.MISSING,
        "df": words.plain(row["df"]),
        "p": words.probability(row["p"]),
        "q": words.probability(row["q"]),
        "standardised": words.signed(row["standardised"]),
        "n": f"{words.count(row['n_case'])} + {words.count(row['n_control'])}",
        "values": words.count(row["n_values"]),
        "state": words.spaced(str(row["state"])),
    }


def _power_rows(measure: Measure, power: pd.DataFrame) -> list[dict[str, str]]:
    rows = measure.of(power).sort_values("share", kind="stable")
    return [
        {
            "measure": measure.noun,
            "share": words.percent(row["share"]),
            "difference": f"{words.plain(row['difference'])} {row['unit']}".strip(),
            "n": _n_needed(row),
            "sd_animals": words.plain(row["sd_animals"]),
            "sd_trials": words.plain(row["sd_trials"]),
            "sd_cages": words.plain(row["sd_cages"]),
            "trials": words.plain(row["trials"]),
        }
        for row in rows.to_dict("records")
    ]


def _n_needed(row: Mapping[Any, Any]) -> str:
    if words.is_missing(row["difference"]):
        return words.MISSING
    return "more than 1,000" if words.is_missing(row["n_per_group"]) else words.count(row["n_per_group"])


def arrive(table: pd.DataFrame) -> Markup:
    """HTML of the ARRIVE table with its gaps; nothing without rows."""
    if len(table) == 0:
        return Markup("")
    counts = table["badge"].value_counts()
    return fill(
        "arrive.html.jinja",
        rows=table.to_dict("records"),
        n=len(table),
        n_computed=int(counts.get("computed", 0)),
        n_declared=int(counts.get("declared", 0)),
        n_gaps=int(counts.get("not_recorded", 0)),
    )
