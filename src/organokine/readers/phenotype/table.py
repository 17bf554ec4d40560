"""One functional test from its table: which animals, which groups, which values, and what was left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.phenotype import TESTS
from organokine.phenotype.base import COLUMNS, Trials
from organokine.readers.base import Count, Remark
from organokine.readers.cells import clean_name
from organokine.readers.grid import Grid, read_grid
from organokine.readers.phenotype.checks import (
    drop_out_remarks,
    fault_problems,
    label_problems,
    name_remarks,
    plain_meaning,
    several_groups,
    weight_remarks,
)
from organokine.readers.phenotype.columns import (
    NUMBER_KEYS,
    TEXT_KEYS,
    Found,
    find_columns,
    measured,
    numbers_of,
    text_of,
)

if TYPE_CHECKING:
    from organokine.phenotype_section import PhenotypeSection


def grid_of(table: str | Path | pd.DataFrame) -> Grid:
    """A table as text: of a file, or of a frame whose missing values become empty cells."""
    if not isinstance(table, pd.DataFrame):
        return read_grid(Path(table), str(table))
    frame = table.reset_index(drop=True)
    body = frame.astype(object).where(frame.notna(), "").map(str)
    header = [clean_name(str(name)) for name in frame.columns]
    repeated = sorted({name for name in header if header.count(name) > 1})
    if len(repeated) > 0:
        what = f"the columns {first_examples(repeated)} stand more than once"
        raise DataError(Problem("the table", what, "It is not known which is meant", "Give each its own name"))
    return Grid(header, body.set_axis(header, axis="columns"), ())


class Asked(NamedTuple):
    """Which groups are compared, and what a sample sheet knows of the animals.

    Attributes
    ----------
    factor, case, control : str
        Column and its two levels.
    subjects : pandas.DataFrame or None
        Index subject; columns of the sample sheet that are constant within an animal. None without a sample sheet.
    """

    factor: str
    case: str
    control: str
    subjects: pd.DataFrame | None = None


def read_phenotype(path: Path, section: PhenotypeSection, asked: Asked, where: str) -> Trials:
    """Read the table of one functional test.

    Parameters
    ----------
    path : pathlib.Path
        The table: tsv, csv, xlsx or parquet.
    section : PhenotypeSection
        What it holds where.
    asked : Asked
        The groups.
    where : str
        What to call it in messages.

    Returns
    -------
    Trials
        Values of the animals of the two groups. Rows of other groups and phases, rows without an animal's name or group, and empty
        cells are counted in `counts`.

    Raises
    ------
    DataError
        With everything that is wrong: the file, absent columns, cells that are no numbers, negative values and values above the
        ceiling, repeated trials, animals in two groups or of two sexes, absent levels, fewer than two animals in a group.
    """
    return trials_of(read_grid(path, where), section, asked, where)


def trials_of(grid: Grid, section: PhenotypeSection, asked: Asked, where: str) -> Trials:
    """The test of a table that is in memory as text, with columns named as in its header; otherwise as `read_phenotype`."""
    body = grid.body
    found = find_columns(section, list(body.columns), where)
    counts = list(grid.counts)
    body = _within(body, section, where, counts)
    values, problems, wide = measured(body, found, where)
    counts.extend(wide)
    about, faults = _about_rows(body, found, section, asked, where, counts)
    problems.extend(faults)
    if len(problems) > 0:
        raise DataError(problems)
    rows = _joined(values, about)
    rows = _declared_measures(rows, section, found, where)
    problems = [
        *label_problems(rows, section, asked.factor, where),
        *several_groups(rows, asked.factor, (asked.case, asked.control), where),
    ]
    problems.extend(_disagreeing(about, asked, where))
    if len(problems) > 0:
        raise DataError(problems)
    rows = _of_groups(rows, asked, where, counts)
    problems = fault_problems(rows, section, asked.factor, (asked.case, asked.control), where)
    if len(problems) > 0:
        raise DataError(problems)
    n_empty = int(rows["value"].isna().sum())
    if n_empty > 0:
        counts.append(
            Count(
                "trials not measured",
                n_empty,
                len(rows),
                "",
                "empty cells, or marked as missing; nothing stands in for them",
            )
        )
    remarks = [*drop_out_remarks(rows, section.name), *name_remarks(rows, section.name), *weight_remarks(section)]
    rows = rows[rows["value"].notna()].drop(columns="row").reset_index(drop=True)
    return _trials(rows, section, asked, counts, remarks)


def _within(body: pd.DataFrame, section: PhenotypeSection, where: str, counts: list[Count]) -> pd.DataFrame:
    for column, level in section.within.items():
        text = text_of(body, column)
        kept = text == level
        if not kept.any():
            levels = sorted(set(text) - {""})
            near = nearest(level, levels)
            hint = f"Write {near!r}" if near is not None else f"There are {first_examples(levels)}"
            raise DataError(Problem(where, f"no row has {column} = {level!r}", "Only these rows were to be kept", hint))
        note = f"{column} is not {level}"
        counts.append(Count("rows left out", int((~kept).sum()), len(body), "", note))
        body = body[kept]
    return body


def _about_rows(
    body: pd.DataFrame, found: Found, section: PhenotypeSection, asked: Asked, where: str, counts: list[Count]
) -> tuple[pd.DataFrame, list[Problem]]:
    """What is known of each row of the table: animal, group, and the rest."""
    about = pd.DataFrame({"subject": text_of(body, found.by_key["subject"])}, index=body.index)
    problems: list[Problem] = []
    column = _group_column(body, found, section, asked)
    if column in body.columns:
        about["group"] = text_of(body, column)
    elif asked.subjects is not None and asked.factor in asked.subjects.columns:
        about["group"] = _of_subjects(about["subject"], asked.subjects[asked.factor])
        problems.extend(_strangers(about["subject"], asked.subjects, where))
    else:
        sheet = "" if asked.subjects is None else ", nor has the sample sheet"
        problems.append(
            Problem(
                f"{where} group",
                f"the table has no column {column!r}{sheet}",
                "It is not known which animal is of which group",
                f"Name the column of the groups; there are {first_examples(body.columns, 12)}",
            )
        )
    for key in TEXT_KEYS:
        about[key] = text_of(body, found.by_key.get(key))
    for key in NUMBER_KEYS:
        own = key if key in section.covariates else found.by_key.get(key)
        remedy = "Number the days of testing: 1, 2, 3" if key == "day" else "Write numbers in one unit"
        numbers, faults = numbers_of(body, own, f"{where} {key}", remedy, counts)
        about[key] = numbers
        problems.extend(faults)
    if asked.subjects is not None:
        for key in ("sex", "cage"):
            if key not in found.by_key and key in asked.subjects.columns:
                about[key] = _of_subjects(about["subject"], asked.subjects[key])
    of_text = [column for column in section.covariates if column not in NUMBER_KEYS]
    for column in of_text:
        about[column] = text_of(body, column)
    for column in ("sex", "cage", *of_text):
        about[column] = _of_animal(about["subject"], about[column])
    return about, problems


def _group_column(body: pd.DataFrame, found: Found, section: PhenotypeSection, asked: Asked) -> str:
    """The column named for it, else that of the factor, else one called `group` that holds both levels."""
    held = found.by_key.get("group")
    if held is None or (section.columns.group is None and asked.factor in body.columns):
        return asked.factor
    has_both = {asked.case, asked.control} <= set(text_of(body, held))
    return held if has_both or section.columns.group is not None else asked.factor


def _of_animal(subject: pd.Series, known: pd.Series) -> pd.Series:
    """What one row of an animal tells holds for its empty rows too; rows that differ are told later as a fault."""
    first = known[known != ""].groupby(subject[known != ""]).first()
    return known.where(known != "", subject.map(first).fillna("").astype(object))


def _of_subjects(subject: pd.Series, known: pd.Series) -> pd.Series:
    text = known.astype(object).where(known.notna(), "").map(str)
    return subject.map(text).fillna("").astype(object)


def _strangers(subject: pd.Series, subjects: pd.DataFrame, where: str) -> list[Problem]:
    if subject.isin(subjects.index).any():
        return []
    what = (
        f"no animal of the table is in the sample sheet ({first_examples(sorted(set(subject) - {''}), 2)} against "
        f"{first_examples(sorted(map(str, subjects.index)), 2)})"
    )
    remedy = "Write the names alike, or name the column of the groups"
    return [Problem(f"{where} subject", what, "The groups were to be taken from there", remedy)]


def _disagreeing(about: pd.DataFrame, asked: Asked, where: str) -> list[Problem]:
    """Animals of which the table and the sample sheet say different things."""
    problems = []
    for key, column in (("group", asked.factor), ("sex", "sex")):
        if asked.subjects is None or column not in asked.subjects.columns:
            continue
        sheet = _of_subjects(about["subject"], asked.subjects[column])
        known = (about[key] != "") & (sheet != "")
        if key == "group":
            known &= about[key].isin([asked.case, asked.control])
        other = about[known & (about[key].map(plain_meaning) != sheet.map(plain_meaning))]
        if len(other) > 0:
            first = other.iloc[0]
            n = other["subject"].nunique()
            what = (
                f"{n} {'animal has' if n == 1 else 'animals have'} another {column} than in the sample sheet, first {first['subject']!r} "
                f"with {first[key]!r} instead of {sheet[other.index[0]]!r}"
            )
            problems.append(Problem(f"{where} {key}", what, "One of them is wrong", "Correct the table or the sheet"))
    return problems


def _joined(values: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """Values with what is known of their row; day and trial of a wide table are told by its columns."""
    rows = values.join(about, on="row", rsuffix="_of_row")
    rows["day"] = rows["day"].fillna(rows.pop("day_of_row"))
    rows["trial"] = rows["trial"].where(rows["trial"] != "", rows.pop("trial_of_row"))
    extra = [name for name in rows.columns if name not in (*COLUMNS, "row")]
    return rows[["row", *COLUMNS, *extra]]


def _declared_measures(rows: pd.DataFrame, section: PhenotypeSection, found: Found, where: str) -> pd.DataFrame:
    if "measure" not in found.by_key or len(section.measures) == 0:
        return rows
    present = set(rows["measure"])
    absent = [name for name in section.measures if name not in present]
    if len(absent) > 0:
        near = nearest(absent[0], present)
        hint = f"Write {near!r}" if near is not None else f"There are {first_examples(sorted(present), 8)}"
        what = f"no row measures {first_examples(absent)}"
        raise DataError(Problem(f"{where} measures", what, "The declared family would be another", hint))
    return rows[rows["measure"].isin(section.measures)]


def _of_groups(rows: pd.DataFrame, asked: Asked, where: str, counts: list[Count]) -> pd.DataFrame:
    levels = (asked.case, asked.control)
    present = sorted(set(rows["group"]) - {""})
    absent = [level for level in levels if level not in present]
    if len(absent) > 0:
        near = nearest(absent[0], present)
        hint = f"Write {near!r}" if near is not None else "Name the two levels to compare"
        what = f"no animal has {asked.factor} = {absent[0]!r}"
        shown = f"; there are {first_examples(present)}" if len(present) > 0 else "; no row has a group"
        raise DataError(Problem(where, what + shown, "Two groups are compared", hint))
    nameless = rows["subject"] == ""
    if (nameless & rows["value"].notna()).sum() > (~nameless).sum():
        # A line of means below a table names no animal; merged cells name it in the first of its rows only.
        what = f"{int(nameless.sum())} of {len(rows)} values have no animal in their row"
        remedy = "Write the animal into each of its rows; a merged cell is that of its first row only"
        raise DataError(Problem(f"{where} subject", what, "Most of what was measured would be left out", remedy))
    groupless = (rows["group"] == "") & ~nameless
    other = ~rows["group"].isin(levels) & ~nameless & ~groupless
    for mask, item, note in (
        (nameless, "values without an animal", "the row names none"),
        (
            groupless,
            "values without a group",
            "neither the table nor the sample sheet tells the group of these animals",
        ),
        (other, "values of other groups", f"{asked.factor} is neither {asked.case} nor {asked.control}"),
    ):
        if mask.any():
            example = (
                first_examples(rows.loc[mask, "subject"].unique(), 1) if item != "values without an animal" else ""
            )
            counts.append(Count(item, int(mask.sum()), len(rows), example, note))
    return rows[~(nameless | groupless | other)]


def _trials(
    rows: pd.DataFrame, section: PhenotypeSection, asked: Asked, counts: list[Count], remarks: list[Remark]
) -> Trials:
    card = TESTS[section.test]
    return Trials(
        name=section.name,
        test=section.test,
        rows=rows,
        factor=asked.factor,
        case=asked.case,
        control=asked.control,
        unit=section.unit if section.unit != "" else card.unit,
        better=section.better if section.better is not None else card.better,
        domain=section.domain if section.domain is not None else card.domain,
        ceiling=section.ceiling,
        covariates=section.covariates,
        measures=tuple(dict.fromkeys([*section.measures, *rows["measure"]])),
        counts=tuple(counts),
        remarks=tuple(remarks),
    )
