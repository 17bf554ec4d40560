"""The frame of all functional tests: what a test is given, its card, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from organokine.phenotype_section import Domain
    from organokine.readers import Count, Remark

COLUMNS = (
    "measure", "subject", "group", "value", "day", "trial", "sex", "weight", "cage", "speed", "exposure",
)  # fmt: skip
"""Columns of `Trials.rows`, before those of the covariates."""


@dataclass(frozen=True)
class Trials:
    """One functional test as read: checked, and only animals of the two groups.

    Attributes
    ----------
    name, test : str
        Name of the phenotype and kind of test.
    rows : pandas.DataFrame
        One row per measured value, with a plain index. Text columns `measure`, `subject`, `group` (level of the factor), `trial`,
        `sex`, `cage` (empty where not known); float columns `value`, `day`, `weight`, `speed`, `exposure` (NaN where not known or
        not measured); then the columns of the covariates. No two rows have the same measure, subject, day and trial.
    factor, case, control : str
        What tells the groups apart, and its two levels.
    unit, better : str
        Unit of the values; `higher`, `lower` or empty: which way is better function.
    domain : str
        `coordination`, `strength`, `activity` or `other`.
    ceiling : float or None
        Value at which a trial ends.
    covariates : tuple of str
        Columns of `rows` to adjust for, constant within an animal; sex is not among them.
    measures : tuple of str
        Measures in the order declared; one family.
    counts, remarks : tuple
        What was left out on reading, and what a user should know.
    """

    name: str
    test: str
    rows: pd.DataFrame
    factor: str
    case: str
    control: str
    unit: str = ""
    better: str = ""
    domain: Domain = "other"
    ceiling: float | None = None
    covariates: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def of(self, measure: str) -> pd.DataFrame:
        """Rows of one measure whose value was measured."""
        rows = self.rows[(self.rows["measure"] == measure) & self.rows["value"].notna()]
        return rows.reset_index(drop=True)


class Findings(NamedTuple):
    """What one test, or several, answer.

    Attributes
    ----------
    effects, animals, days, curves, power : pandas.DataFrame
        Tables `phenotypes`, `phenotype_animals`, `phenotype_days`, `phenotype_curves` and `phenotype_power`.
    remarks : tuple of Remark
        What a user should know.
    """

    effects: pd.DataFrame
    animals: pd.DataFrame
    days: pd.DataFrame
    curves: pd.DataFrame
    power: pd.DataFrame
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class FunctionalTest:
    """The card of a functional test.

    Attributes
    ----------
    name : str
        Value of `test` in the study file.
    question : str
        What is asked, in one sentence a biologist reads.
    measures : tuple of str
        What its table may hold besides the value, by key of `columns`; the first is the measure of the column `value`.
    primary : str
        The analysis that answers, fixed beforehand, in one sentence.
    null : str
        Its null hypothesis.
    unit : str
        Usual unit of the value.
    better : str
        `higher`, `lower` or empty: which way is better function.
    domain : str
        `coordination`, `strength`, `activity` or `other`.
    reference : str
        DOI of the method.
    run : callable
        `Trials` to `Findings`.
    """

    name: str
    question: str
    measures: tuple[str, ...]
    primary: str
    null: str
    unit: str
    better: str
    domain: Domain
    reference: str
    run: Callable[[Trials], Findings]
