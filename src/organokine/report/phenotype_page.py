"""The page, the JSON and the printed sentences of functional tests on their own, without a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from organokine import __version__
from organokine.phenotype_tables import ARRIVE
from organokine.report import phenotype_blocks, words
from organokine.report.comparison import Part
from organokine.report.frame import framed
from organokine.report.phenotype_measures import Measure, measures_of
from organokine.report.phenotype_summary import by_test, in_words, power_in_words
from organokine.report.phenotype_words import said_of
from organokine.report.templates import fill

__all__ = ["build_phenotype_page", "in_words", "phenotype_json"]

_ANIMAL_COLUMNS = ("subject", "group", "is_case", "sex", "cage", "weight", "value", "n_values", "n_at_ceiling")


def build_phenotype_page(  # noqa: PLR0913  each argument is one thing that is shown
    effects: pd.DataFrame,
    animals: pd.DataFrame,
    days: pd.DataFrame,
    curves: pd.DataFrame,
    power: pd.DataFrame,
    facts: Mapping[str, str],
    *,
    title: str = "",
    species: str = "",
    arrive: pd.DataFrame | None = None,
    command: str = "",
    versions: Mapping[str, str] | None = None,
) -> str:
    """The report of functional tests as a single HTML file without outside requests.

    Parameters
    ----------
    effects, animals, days, curves, power : pandas.DataFrame
        Tables `phenotypes`, `phenotype_animals`, `phenotype_days`, `phenotype_curves` and `phenotype_power`.
    facts : mapping of str to str
        What was done, in words, by name: what was read, what was left out, how it was tested.
    title : str
        Heading of the page; the names of the tests and of the groups if empty.
    species : str
        As a study file names it, such as `mouse`; "animals" are spoken of without it.
    arrive : pandas.DataFrame, optional
        Table `arrive`; its part is left out without it.
    command : str
        Command or call that makes the page again; left out if empty.
    versions : mapping of str to str, optional
        Versions of the packages that computed it.

    Returns
    -------
    str
        HTML; the same arguments always give the same page.
    """
    tables = {
        "phenotypes": effects,
        "phenotype_animals": animals,
        "phenotype_days": days,
        "phenotype_curves": curves,
        "phenotype_power": power,
    }
    measures = measures_of(effects, animals, species)
    nothing = Markup('<p class="nothing">Nothing was tested.</p>')
    methods = fill("comparison_methods.html.jinja", facts=facts, versions=versions or {}, command=command)
    parts = [
        (_ANSWER, phenotype_blocks.blocks(tables, species) if len(measures) > 0 else nothing),
        (_METHODS, methods),
    ]
    if arrive is not None and len(arrive) > 0:
        parts.insert(1, (_ARRIVE, phenotype_blocks.arrive(arrive)))
    return framed(
        "comparison.html.jinja",
        title=title if title != "" else _title(measures),
        version=__version__,
        groups=_sizes(measures, animals),
        sections=parts,
    )


def _title(measures: Sequence[Measure]) -> str:
    names = words.listed(list(by_test(measures))) or "Functional tests"
    groups = list(dict.fromkeys(f"{measure.case} against {measure.control}" for measure in measures))
    return f"{names}, {groups[0]}" if len(groups) == 1 else names


def _sizes(measures: list[Measure], animals: pd.DataFrame) -> dict[str, int]:
    """Animals by group with a value in any measure, controls first."""
    known = animals[animals["value"].notna()].groupby("group")["subject"].nunique()
    groups = dict.fromkeys(group for measure in measures for group in (measure.control, measure.case))
    return {group: int(known[group]) for group in groups if group in known.index}


def phenotype_json(  # noqa: PLR0913  the five tables and what goes with them
    effects: pd.DataFrame,
    animals: pd.DataFrame,
    days: pd.DataFrame,
    curves: pd.DataFrame,
    power: pd.DataFrame,
    facts: Mapping[str, str],
    *,
    species: str = "",
    arrive: pd.DataFrame | None = None,
    versions: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """All that was found as nested lists and dicts that `json.dumps(..., allow_nan=False)` takes.

    Parameters
    ----------
    effects, animals, days, curves, power, facts, species, arrive, versions
        As for `build_phenotype_page`.

    Returns
    -------
    dict
        `organokine`: version of the package. `versions`: of the others. `species`. `facts`: what was done. `measures`: a list
        with one entry per measure of a test, each with `phenotype`, `test`, `measure`, `unit`, `domain`, `better`, `case`,
        `control`, `words` (its sentences), `power_in_words`, and the lists `effects`, `animals`, `days`, `curves` and `power`, whose
        entries have the columns of the tables of those names without the keys above. `arrive`: rows of the table `arrive`. What is
        missing is null; so is an infinite number.
    """
    tables = {"effects": effects, "animals": animals, "days": days, "curves": curves, "power": power}
    return {
        "organokine": __version__,
        "versions": dict(versions or {}),
        "species": species,
        "facts": dict(facts),
        "measures": [_measure_json(measure, tables) for measure in measures_of(effects, animals, species)],
        "arrive": records(ARRIVE.empty() if arrive is None else arrive),
    }


def _measure_json(measure: Measure, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    own = {name: measure.of(table) for name, table in tables.items()}
    own["animals"] = own["animals"][list(_ANIMAL_COLUMNS)]
    keys = ("phenotype", "test", "measure")
    return {
        **{key: getattr(measure, key) for key in (*keys, "unit", "domain", "better", "case", "control")},
        "words": said_of(measure, own["effects"].to_dict("records")),
        "power_in_words": power_in_words(measure, own["power"]),
        **{name: records(table.drop(columns=[key for key in keys if key in table])) for name, table in own.items()},
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain Python values; None for what is missing or not finite."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if value is pd.NA or pd.isna(value):
        return None
    found = value.item() if hasattr(value, "item") else value
    return None if isinstance(found, float) and found in {float("inf"), float("-inf")} else found


_ANSWER = Part(
    "answer",
    "Answer",
    "Animals are the units, not trials, and every animal is drawn. A difference that is not shown may still be there: the interval says "
    "how large it could be.",
)
_ARRIVE = Part("arrive", "ARRIVE 2.0, Essential 10", "What a reader of an animal study has to be told, and what is not told yet.")  # fmt: skip
_METHODS = Part("methods", "Methods", "What was done, and what it takes to do it again.")
