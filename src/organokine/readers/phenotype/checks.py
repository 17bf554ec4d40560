"""What can be wrong with the values of a functional test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import Problem, first_examples
from organokine.phenotype.structure import LEAST_ANIMALS
from organokine.readers.base import Remark
from organokine.readers.cells import alike, plain_animal, plain_spelling
from organokine.readers.phenotype.naming import MAY_BE_COVARIATES

if TYPE_CHECKING:
    from organokine.phenotype_section import PhenotypeSection

NOT_NEGATIVE = {"rotarod": ("latency",), "beam": ("slips", "time", "failed"), "grip": ("force",)}
"""Measures that cannot be below zero, by test."""
TIMED = ("latency", "time")
"""Measures that a ceiling cuts off."""
ABOVE_ZERO = {
    "exposure": "Slips are counted over it",
    "weight": "There is no animal of no weight, and force is compared at equal weight",
    "speed": "Gait is compared at equal speed of walking",
}
"""What must be above zero, and why it matters."""
SEXES = {"male": "m", "female": "f"}
"""Words for a sex, and its letter."""
CONSTANT = ("sex", "cage")
"""What cannot differ between two rows of one animal."""


def fault_problems(
    rows: pd.DataFrame, section: PhenotypeSection, factor: str, levels: tuple[str, str], where: str
) -> list[Problem]:
    """All that makes the values of the two groups unfit to be compared, once it is known who is in which.

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
        Impossible values, repeated trials, animals of two sexes, groups with too few animals.
    """
    return [
        *_value_problems(rows, section, where),
        *_animal_problems(rows, section, where),
        *_repeated(rows, where),
        *_group_problems(rows, factor, levels, where),
    ]


def label_problems(rows: pd.DataFrame, section: PhenotypeSection, factor: str, where: str) -> list[Problem]:
    """Groups, sexes and covariates that are written in several ways: animals would be left out, or told apart by spelling."""
    texts = [name for name in section.covariates if name not in MAY_BE_COVARIATES]
    found = spelling_problems(factor, rows["group"], where)
    found += [problem for name in texts for problem in spelling_problems(name, rows[name], where)]
    return [*found, *spelling_problems("sex", rows["sex"], where, plain_meaning)]


def plain_meaning(text: str) -> str:
    """A label without letter case and invisible signs; words for a sex as its letter."""
    plain = plain_spelling(text)
    return SEXES.get(plain, plain)


def spelling_problems(
    column: str, values: pd.Series, where: str, simplify: Callable[[str], str] = plain_spelling
) -> list[Problem]:
    """Values that differ only in letter case or invisible signs, or otherwise mean the same."""
    problems = []
    for spellings in alike(set(values) - {""}, simplify):
        what = f"{len(spellings)} values of {column!r} mean the same: {first_examples(spellings, 8)}"
        problems.append(Problem(where, what, "They would be taken for different groups", "Write them alike"))
    return problems


def several_groups(rows: pd.DataFrame, factor: str, levels: tuple[str, str], where: str) -> list[Problem]:
    """Animals of a group that is compared that belong to another group too, whether that is compared or not."""
    named = rows[rows["subject"] != ""]
    compared = named[named["subject"].isin(named.loc[named["group"].isin(levels), "subject"])]
    return list(_differing(compared, "group", factor, "An animal is one unit of one group", where))


def name_remarks(rows: pd.DataFrame, name: str) -> list[Remark]:
    """Say which animals have names that look alike: they count as different animals."""
    found = alike(set(rows["subject"]), plain_animal)
    if len(found) == 0:
        return []
    shown = "; ".join(" and ".join(map(repr, spellings)) for spellings in found[:3])
    detail = (
        f"names of animals differ only in letter case, leading zeros or invisible signs ({shown}) and are taken for different "
        "animals; write the name of one animal alike in all rows"
    )
    return [Remark("study", name, "subjects_look_alike", detail)]


def weight_remarks(section: PhenotypeSection) -> list[Remark]:
    """Say that a weight that was named changes nothing in the answer, except for grip."""
    if section.columns.weight is None or section.test == "grip" or section.columns.weight in section.covariates:
        return []
    detail = (
        "body weight is kept for each animal, and the answer is not adjusted for it; name it among the covariates for that, with one "
        "weight per animal"
    )
    return [Remark("study", section.name, "weight_not_adjusted_for", detail)]


def _told(n: int, noun: str, one: str, many: str) -> str:
    return f"{n} {noun} {one}" if n == 1 else f"{n} {noun}s {many}"


def _lines(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"first {first['value']:g} of {first['subject']!r} in line {int(first['row']) + 2}"


def _value_problems(rows: pd.DataFrame, section: PhenotypeSection, where: str) -> Iterator[Problem]:
    for measure in NOT_NEGATIVE.get(section.test, ()):
        own = rows[rows["measure"] == measure]
        low = own[own["value"] < 0]
        if len(low) > 0:
            what = f"{_told(len(low), 'value', f'of {measure} is', f'of {measure} are')} negative, {_lines(low)}"
            yield Problem(where, what, "There is no such thing", "Correct them, or leave the cells empty")
    slips = rows[rows["measure"].isin(["slips", "failed"])]
    broken = slips[slips["value"].notna() & (slips["value"] % 1 != 0)]
    if len(broken) > 0:
        what = f"{_told(len(broken), 'count', 'is no whole number', 'are no whole numbers')}, {_lines(broken)}"
        yield Problem(
            where, what, "Slips are counted, and their spread follows from that", "Write counts, not rates or means"
        )
    failed = rows[(rows["measure"] == "failed") & (rows["value"] > 1)]
    if len(failed) > 0:
        what = f"{_told(len(failed), 'value', 'of failed is', 'of failed are')} neither yes nor no, {_lines(failed)}"
        yield Problem(where, what, "An animal fails to cross or does not", "Write yes or no, or 1 or 0")
    for key, why in ABOVE_ZERO.items():
        low = rows[rows[key] <= 0].drop_duplicates("row")
        if len(low) > 0:
            what = f"{_told(len(low), 'value', f'of {key} is', f'of {key} are')} not above zero, first in line {int(low.iloc[0]['row']) + 2}"
            yield Problem(where, what, why, "Correct it, or leave the cell empty if it is not known")
    yield from _ceiling_problems(rows, section, where)


def _ceiling_problems(rows: pd.DataFrame, section: PhenotypeSection, where: str) -> Iterator[Problem]:
    if section.ceiling is not None:
        timed = rows[rows["measure"].isin(TIMED)] if section.test in NOT_NEGATIVE else rows
        high = timed[timed["value"] > section.ceiling]
        if len(high) > 0:
            what = f"{_told(len(high), 'value', 'is', 'are')} above the ceiling of {section.ceiling:g}, {_lines(high)}"
            why = "A trial that ends at the ceiling cannot last longer"
            yield Problem(where, what, why, "Correct the ceiling or the values; both must be in one unit")
        for kind, values in timed.groupby("measure", sort=False):
            own = values[values["value"].notna()]
            if len(own) > 0 and (own["value"] >= section.ceiling).all():
                told = f"all {len(own)} values of {kind} are at the ceiling of {section.ceiling:g}"
                reason = "No animal of either group fell, so there is nothing to compare"
                yield Problem(where, told, reason, "Use a harder protocol, or leave this test out")


def _animal_problems(rows: pd.DataFrame, section: PhenotypeSection, where: str) -> Iterator[Problem]:
    for column in (*CONSTANT, *section.covariates):
        yield from _differing(rows, column, column, "It must be constant within an animal", where)


def _differing(rows: pd.DataFrame, column: str, called: str, why: str, where: str) -> Iterator[Problem]:
    told = rows[(rows[column] != "") & rows[column].notna()]
    n_levels = told.groupby("subject")[column].nunique()
    several = n_levels[n_levels > 1].index
    if len(several) > 0:
        seen = sorted(set(told.loc[told["subject"] == several[0], column]))
        what = f"{_told(len(several), 'animal', 'has', 'have')} more than one {called}, first {several[0]!r} with {first_examples(seen)}"
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
    what = f"{_told(len(again), 'trial', 'stands', 'stand')} more than once, first trial {first['trial']}{day} of {first['subject']!r} in line {int(first['row']) + 2}"
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
                of_level = f"with {factor} = {level!r}"
                what = f"{_told(n, 'animal', f'{of_level} has', f'{of_level} have')} a value of {measure}"
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
                f"{measure}: {len(short)} of {len(per_animal)} animals {'has' if len(short) == 1 else 'have'} fewer than the usual {usual} values: "
                f"{first_examples(short.index)}; what they have is used, and an animal without any is not counted"
            )
            remarks.append(Remark("study", name, "fewer_trials", detail))
    return remarks
