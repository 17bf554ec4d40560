"""One functional test of one table, without a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
from pydantic import ValidationError

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.phenotype import TESTS, Findings, Trials
from organokine.phenotype_section import PhenotypeColumnsSection, PhenotypeSection, needless_keys
from organokine.readers.cells import clean_name
from organokine.readers.phenotype import Asked, grid_of, spelling_problems, text_of, trials_of

if TYPE_CHECKING:
    from organokine.phenotype_section import TestName

CONTROL_WORDS = ("control", "ctrl", "ctr", "con", "wt", "w", "wild type", "wild-type", "wildtype", "young", "vehicle", "veh", "sham",
                 "saline", "pbs", "gfp", "untreated", "baseline", "sedentary", "sed", "+/+")  # fmt: skip
"""What groups of comparison are called, in small letters; with none of these case and control must be named."""


class FunctionalResult(NamedTuple):
    """One functional test, as read and as answered.

    Attributes
    ----------
    trials : Trials
        What was compared, with what was left out on reading.
    findings : Findings
        Tables `phenotypes`, `phenotype_animals`, `phenotype_days`, `phenotype_curves` and `phenotype_power`.
    """

    trials: Trials
    findings: Findings


def analyse(
    table: str | Path | pd.DataFrame,
    test: TestName,
    *,
    subject: str,
    group: str,
    value: str | Sequence[str] | None = None,
    case: str | None = None,
    control: str | None = None,
    columns: Mapping[str, str] | None = None,
    **options: Any,
) -> FunctionalResult:
    """Analyse one functional test of one table.

    Null hypothesis: both groups have the same mean (rate, for slips), given what is adjusted for; see `organokine.phenotype.TESTS`.

    Parameters
    ----------
    table : path-like or pandas.DataFrame
        One row per trial, or per animal; tsv, csv, xlsx or parquet. NaN and empty cells are not measured.
    test : str
        `rotarod`, `beam`, `grip`, `gait` or `scalar`.
    subject, group : str
        Columns of the animals and of their groups.
    value : str or sequence of str, optional
        Column of the values; several columns are trials of a wide table. Left out for `gait` and `scalar` with `measures`.
    case, control : str, optional
        Two levels of the group. If there are just two and one of them is called like a control, they are found.
    columns : mapping of str to str, optional
        Further columns by what they hold: `day`, `trial`, `sex`, `weight`, `cage`, `speed`, `exposure`, `time`, `failed`, `measure`.
    **options
        Further keys of `[[phenotype]]`: `name`, `within`, `measures`, `covariates`, `ceiling`, `unit`, `better`.

    Returns
    -------
    FunctionalResult
        The test as read, and its tables.

    Raises
    ------
    DataError
        With everything that is wrong with the table; see `organokine.readers.phenotype.read_phenotype`.
    """
    grid = grid_of(table)
    where = "the table" if isinstance(table, pd.DataFrame) else str(table)
    given: dict[str, Any] = {"name": test} | options | {"test": test, "file": where, "factor": group}
    named = dict(columns or {}) | {"subject": subject, "group": group}
    if value is not None:
        named["value"] = value if isinstance(value, str) else tuple(value)  # type: ignore[assignment]
    section = _section(given, named)
    case, control = (None if level is None else clean_name(str(level)) for level in (case, control))
    levels = _levels(grid.body, group, case, control, where)
    trials = trials_of(grid, section, Asked(group, *levels), where)
    return FunctionalResult(trials, TESTS[test].run(trials))


def _section(given: Mapping[str, Any], columns: Mapping[str, Any]) -> PhenotypeSection:
    try:
        section = PhenotypeSection(**given, columns=PhenotypeColumnsSection(**columns))
    except ValidationError as error:
        raise DataError([_fault(fault) for fault in error.errors()]) from None
    problems = list(needless_keys(section, "phenotype"))
    if len(problems) > 0:
        raise DataError(problems)
    return section


def _fault(fault: Mapping[str, Any]) -> Problem:
    key = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden":
        remedy = f"There are {', '.join([*PhenotypeColumnsSection.model_fields, *PhenotypeSection.model_fields])}"
        return Problem("phenotype", f"the key {key!r} is unknown", "It would be ignored in silence", remedy)
    return Problem(
        f"phenotype {key}", f"{fault['msg']}, not {fault['input']!r}", "It decides what is compared", "Correct it"
    )


def facts_of(found: FunctionalResult) -> dict[str, str]:
    """What was read, compared and left out, in words by name."""
    trials = found.trials
    card = TESTS[trials.test]
    left_out = [
        f"{each.item}: {each.n}{'' if each.of is None else f' of {each.of}'} ({each.note})" for each in trials.counts
    ]
    facts = {
        "Question": card.question,
        "Compared": f"{trials.case} against {trials.control} ({trials.factor})",
        "Primary analysis": card.primary,
        "Null hypothesis": card.null,
        "Counted on reading": "; ".join(left_out) if len(left_out) > 0 else "nothing was left out",
        "Method": f"doi {card.reference}",
    }
    remarks = [each.detail for each in (*trials.remarks, *found.findings.remarks)]
    return facts | ({"To know": "; ".join(remarks)} if len(remarks) > 0 else {})


def _levels(body: pd.DataFrame, group: str, case: str | None, control: str | None, where: str) -> tuple[str, str]:
    """Case and control as named, or found among two levels of which one is called like a control."""
    if case is not None and control is not None:
        if case == control:
            what = f"case and control are both {case!r}"
            raise DataError(Problem(where, what, "There is nothing to compare", "Name two levels"))
        return case, control
    if group not in body.columns:
        near = nearest(group, body.columns)
        hint = f"Write {near!r}" if near is not None else "Name the column of the groups"
        what = f"the table has no column {group!r}"
        why = "It is not known which animal is of which group"
        raise DataError(Problem(f"{where} group", what, why, f"{hint}; there are {first_examples(body.columns, 12)}"))
    alike = spelling_problems(group, text_of(body, group), where)
    if len(alike) > 0:
        raise DataError(alike)
    levels = sorted(set(text_of(body, group)) - {""})
    for name in (case, control):
        if name is not None and name not in levels:
            near = nearest(name, levels)
            hint = f"Write {near!r}" if near is not None else "Name two that are there"
            what = f"no animal has {group} = {name!r}; there are {first_examples(levels, 8)}"
            raise DataError(Problem(where, what, "Two groups are compared", hint))
    known = [level for level in levels if level.casefold() in CONTROL_WORDS]
    if control is None and case is None and len(levels) == 2 and len(known) == 1:
        return next(level for level in levels if level != known[0]), known[0]
    if len(levels) == 2 and (case in levels or control in levels):
        other = next(level for level in levels if level not in {case, control})
        return (other, str(control)) if case is None else (str(case), other)
    what = f"{group!r} has the levels {first_examples(levels, 8)}"
    raise DataError(
        Problem(
            where,
            what,
            "It is not known which two are compared, and which of them is the control",
            "Name case and control",
        )
    )
