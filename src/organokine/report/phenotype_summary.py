"""Sentences over a whole functional test: its family of measures, what the animals could have shown, all of it in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from organokine.report import words
from organokine.report.phenotype_measures import Measure, measures_of
from organokine.report.phenotype_words import MANY, SHOWN_BELOW, is_shown, primary_of, said_of

MOST_NAMED = 8
"""Measures of a family that are named in its sentence; all are in the table."""


def rows_of(measure: Measure, effects: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows of the table `phenotypes` of one measure."""
    return measure.of(effects).to_dict("records")


def family(measures: Sequence[Measure], effects: pd.DataFrame) -> str:
    """How many measures of one test differ, and which; for tests of many measures.

    Parameters
    ----------
    measures : sequence of Measure
        All of one test.
    effects : pandas.DataFrame
        Table `phenotypes`.
    """
    primary = [(each, primary_of(rows_of(each, effects))) for each in measures]
    asked = [(each, row) for each, row in primary if row is not None and not words.is_missing(row["p"])]
    shown = [(each, row) for each, row in asked if is_shown(row)]
    first = measures[0]
    lost = len(measures) - len(asked)
    left = "" if lost == 0 else f" {words.counted(lost, 'measure')} could not be tested."
    if len(shown) == 0:
        return (
            f"Of {words.counted(len(asked), 'declared measure')} none was shown to differ between the {first.case} and the "
            f"{first.control} {first.animals} at a false discovery rate of {SHOWN_BELOW:g}. That is not proof that they are alike.{left}"
        )
    named = [f"{each.noun} ({_way(row)})" for each, row in shown[:MOST_NAMED]]
    if len(shown) > MOST_NAMED:
        named.append(f"{words.count(len(shown) - MOST_NAMED)} more")
    return (
        f"Of {words.counted(len(asked), 'declared measure')} {words.count(len(shown))} "
        f"{'differs' if len(shown) == 1 else 'differ'} between the {first.case} and the {first.control} {first.animals} at a false "
        f"discovery rate of {SHOWN_BELOW:g}: {words.listed(named)}.{left}"
    )


def _way(row: Mapping[str, Any]) -> str:
    return "higher" if float(row["estimate"]) > (1.0 if row["scale"] == "ratio" else 0.0) else "lower"


def power_in_words(measure: Measure, power: pd.DataFrame) -> str:
    """What a study of this spread needs, and what this one could have seen; empty where nothing was planned.

    Parameters
    ----------
    measure : Measure
        The measure.
    power : pandas.DataFrame
        Table `phenotype_power`.
    """
    rows = measure.of(power).sort_values("share", kind="stable")
    known = rows[rows["n_per_group"].notna() & rows["difference"].notna()]
    parts = []
    if len(known) > 0:
        told = [_needs(row, is_first=place == 0) for place, row in enumerate(known.to_dict("records"))]
        parts.append(f"With the spread seen here, {words.listed(told)} with 80\u00a0% power.")
    unit = str(rows["unit"].iloc[0]) if len(rows) > 0 else ""
    too_many = rows[rows["n_per_group"].isna() & rows["difference"].notna()]
    if len(too_many) > 0:
        size = f"{words.plain(float(too_many['difference'].abs().max()))} {unit}".strip()
        parts.append(f"For {size} or less, more than 1,000 would be needed.")
    smallest = rows["smallest_detectable"].to_numpy(dtype=float)
    if np.isfinite(smallest).any():
        seen = f"{words.plain(float(smallest[np.isfinite(smallest)][0]))} {unit}".strip()
        parts.append(f"This study could have seen differences of {seen} or more.")
    return " ".join(parts)


def _needs(row: Mapping[Any, Any], *, is_first: bool) -> str:
    size = f"{words.plain(abs(float(row['difference'])))} {row['unit']}".strip()
    share = f" ({words.percent(row['share'])} of the control mean)" if not words.is_missing(row["share"]) else ""
    n = words.count(row["n_per_group"])
    if is_first:
        return f"{n} animals per group would show a difference of {size}{share}"
    return f"{n} one of {size}{share}"


def of_test(measures: Sequence[Measure], effects: pd.DataFrame) -> tuple[list[str], dict[str, list[str]]]:
    """Sentences that lead a test, and those of each measure where there are too many to lead.

    Parameters
    ----------
    measures : sequence of Measure
        All of one test.
    effects : pandas.DataFrame
        Table `phenotypes`.

    Returns
    -------
    (list of str, dict of str to list of str)
        The sentences of every measure and nothing; or, beyond `MANY` measures, the family, and by measure its sentences.
    """
    each = {measure.measure: said_of(measure, rows_of(measure, effects)) for measure in measures}
    if len(measures) > MANY:
        return [family(measures, effects)], each
    return [text for said in each.values() for text in said], {}


def in_words(
    effects: pd.DataFrame, animals: pd.DataFrame, power: pd.DataFrame | None = None, species: str = ""
) -> list[str]:
    """All that was found, as sentences to print.

    Parameters
    ----------
    effects, animals : pandas.DataFrame
        Tables `phenotypes` and `phenotype_animals`.
    power : pandas.DataFrame, optional
        Table `phenotype_power`.
    species : str
        As the study file names it, such as `mouse`; "animals" are spoken of without it.

    Returns
    -------
    list of str
        Plain text, one sentence or two each, in the order of the tests; with several tests each is led by its name and a colon. Of
        more than `MANY` measures only the answers are told, without the animals for another study.
    """
    tests = by_test(measures_of(effects, animals, species))
    found = []
    for name, measures in tests.items():
        said, each = of_test(measures, effects)
        said = [*said, *(texts[0] for texts in each.values() if len(texts) > 0)]
        if power is not None and len(measures) <= MANY:
            said += [planned(measure, power, len(measures)) for measure in measures]
        found += [text if len(tests) == 1 else f"{name}: {text}" for text in said if text != ""]
    return found


def planned(measure: Measure, power: pd.DataFrame, n_measures: int) -> str:
    """What the animals could have shown, led by the measure where there are several."""
    text = power_in_words(measure, power)
    return text if text == "" or n_measures == 1 else f"{words.sentence(measure.noun).rstrip('.')}: {text}"


def by_test(measures: Sequence[Measure]) -> dict[str, list[Measure]]:
    """Measures by phenotype, in their order."""
    found: dict[str, list[Measure]] = {}
    for measure in measures:
        found.setdefault(measure.phenotype, []).append(measure)
    return found
