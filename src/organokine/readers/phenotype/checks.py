"""What can be wrong with the values of a functional test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import Problem, first_examples
from organokine.phenotype.structure import LEAST_ANIMALS
from organokine.readers.base import Remark

if TYPE_CHECKING:
    from organokine.phenotype_section import PhenotypeSection

NOT_NEGATIVE = {"rotarod": ("latency",), "beam": ("slips", "time", "failed"), "grip": ("force",)}
"""Measures that cannot be below zero, by test."""
TIMED = ("latency", "time")
"""Measures that a ceiling cuts off."""
CONSTANT = ("sex", "cage")
"""What cannot differ between two rows of one animal."""


def fault_problems(
    rows: pd.DataFrame, section: PhenotypeSection, factor: str, levels: tuple[str, str], where: str
) -> list[Problem]:
    """All that makes the values of the two groups unfit to be compared.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows as in `Trials.rows`, with their line in the column `row`.
    section : PhenotypeSection
        The section, with its ceiling and covariates.
    factor, levels : str, tuple of str
        The groups.
    where : str
        What to call the table in messages.

    Returns
    -------
    list of Problem
        Impossible values, repeated trials, animals in two groups or of two sexes, groups with too few animals.
    """
    return [
        *_value_problems(rows, section, where),
        *_animal_problems(rows, section, factor, where),
        *_repeated(rows, where),
        *_group_problems(rows, factor, levels, where),
    ]


def _lines(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"first {first['value']:g} of {first['subject']!r} in line {int(first['row']) + 2}"


def _value_problems(rows: pd.DataFrame, section: PhenotypeSection, where: str) -> Iterator[Problem]:
    for measure in NOT_NEGATIVE.get(section.test, ()):
        own = rows[rows["measure"] == measure]
        low = own[own["value"] < 0]
        if len(low) > 0:
            what = f"{len(low)} values of {measure} are negative, {_lines(low)}"
            yield Problem(where, what, "There is no such thing", "Correct them, or leave the cells empty")
    slips = rows[rows["measure"].isin(["slips", "failed"])]
    broken = slips[slips["value"].notna() & (slips["value"] % 1 != 0)]
    if len(broken) > 0:
        what = f"{len(broken)} counts are no whole numbers, {_lines(broken)}"
        yield Problem(
            where, what, "Slips are counted, and their spread follows from that", "Write counts, not rates or means"
        )
    failed = rows[(rows["measure"] == "failed") & (rows["value"] > 1)]
    if len(failed) > 0:
        what = f"{len(failed)} values of failed are neither yes nor no, {_lines(failed)}"
        yield Problem(where, what, "An animal fails to cross or does not", "Write yes or no, or 1 or 0")
    exposure = rows[rows["exposure"] <= 0]
    if len(exposure) > 0:
        what = (
            f"{len(exposure)} values of exposure are not above zero, first in line {int(exposure.iloc[0]['row']) + 2}"
        )
        yield Problem(where, what, "Slips are counted over it", "Correct it, or leave the cell empty")
    if section.ceiling is not None:
        timed = rows[rows["measure"].isin(TIMED)] if section.test in NOT_NEGATIVE else rows
        high = timed[timed["value"] > section.ceiling]
        if len(high) > 0:
            what = f"{len(high)} values are above the ceiling of {section.ceiling:g}, {_lines(high)}"
            why = "A trial that ends at the ceiling cannot last longer"
            yield Problem(where, what, why, "Correct the ceiling or the values; both must be in one unit")
        for kind, values in timed.groupby("measure", sort=False):
            own = values[values["value"].notna()]
            if len(own) > 0 and (own["value"] >= section.ceiling).all():
                told = f"all {len(own)} values of {kind} are at the ceiling of {section.ceiling:g}"
                reason = "No animal of either group fell, so there is nothing to compare"
                yield Problem(where, told, reason, "Use a harder protocol, or leave this test out")


def _animal_problems(rows: pd.DataFrame, section: PhenotypeSection, factor: str, where: str) -> Iterator[Problem]:
    for column in ("group", *CONSTANT, *section.covariates):
        told = rows[rows[column] != ""]
        n_levels = told.groupby("subject")[column].nunique()
        several = n_levels[n_levels > 1].index
        if len(several) > 0:
            seen = sorted(set(told.loc[told["subject"] == several[0], column]))
            what = f"{len(several)} animals have more than one {factor if column == 'group' else column}, first {several[0]!r} with {first_examples(seen)}"
            why = "An animal is one unit of one group" if column == "group" else "It must be constant within an animal"
            remedy = "Give different animals different names, or correct the rows"
            yield Problem(where, what, why, f"{remedy}; rows of several phases are told apart with within (--where)")


def _repeated(rows: pd.DataFrame, where: str) -> Iterator[Problem]:
    keys = ["measure", "subject", "day", "trial"]
    named = rows[(rows["trial"] != "") | rows["day"].notna()]
    # Without day and trial every row of an animal is a trial of its own; with a day alone the rows of a day are its trials.
    named = named[named["trial"] != ""]
    again = named[named.duplicated(keys)]
    if len(again) == 0:
        return
    first = again.iloc[0]
    day = "" if pd.isna(first["day"]) else f" of day {first['day']:g}"
    what = f"{len(again)} trials stand more than once, first trial {first['trial']}{day} of {first['subject']!r} in line {int(first['row']) + 2}"
    why = "It is not known which value is the right one, and each would count"
    yield Problem(
        where, what, why, "Keep one row per trial; rows of several phases are told apart with within (--where)"
    )


def _group_problems(rows: pd.DataFrame, factor: str, levels: tuple[str, str], where: str) -> Iterator[Problem]:
    for measure, rows_of_measure in rows.groupby("measure", sort=False):
        own = rows_of_measure[rows_of_measure["value"].notna()]
        for level in levels:
            n = own.loc[own["group"] == level, "subject"].nunique()
            if n < LEAST_ANIMALS:
                animals = "animal" if n == 1 else "animals"
                what = f"{n} {animals} with {factor} = {level!r} have a value of {measure}"
                why = "Without a second animal the spread between animals is not known, whatever the number of trials"
                yield Problem(where, what, why, f"Add animals: at least {LEAST_ANIMALS} in each group")


def drop_out_remarks(rows: pd.DataFrame, name: str) -> list[Remark]:
    """Say which animals have fewer values than most of the others."""
    remarks = []
    for measure, own in rows.groupby("measure", sort=False):
        per_animal = own[own["value"].notna()].groupby("subject").size().reindex(own["subject"].unique(), fill_value=0)
        usual = int(per_animal.mode().iloc[-1])
        short = per_animal[per_animal < usual]
        if len(short) > 0:
            detail = (
                f"{measure}: {len(short)} of {len(per_animal)} animals have fewer than the usual {usual} values: "
                f"{first_examples(short.index)}; what they have is used, and an animal without any is not counted"
            )
            remarks.append(Remark("study", name, "fewer_trials", detail))
    return remarks
