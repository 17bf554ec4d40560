"""The section of a functional test in a study file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from organokine.errors import Problem
from organokine.study_file_base import Name, Section

TestName = Literal["rotarod", "beam", "grip", "gait", "scalar"]
FAMILIES = ("gait", "scalar")
"""Tests of any measures, in columns or in rows; what the others measure is known."""
Domain = Literal["coordination", "strength", "activity", "other"]


class PhenotypeColumnsSection(Section):
    """`columns` of a phenotype: where to find what in its table; a column that has the name of its key needs no entry."""

    subject: Name | None = Field(default=None, description="animal, as in the sample sheet")
    group: Name | None = Field(
        default=None,
        description="group; by default the column named like the factor, or what the sample sheet says of the animal",
    )
    value: Name | tuple[Name, ...] | None = Field(
        default=None,
        description="measured value: latency, slips, force; several columns of a wide table are trials, or days and trials if their "
        "names hold both, such as day1_trial2",
    )
    day: Name | None = Field(default=None, description="day of testing, as a number")
    trial: Name | None = Field(default=None, description="trial within the day")
    sex: Name | None = Field(default=None, description="sex")
    weight: Name | None = Field(default=None, description="body weight")
    cage: Name | None = Field(default=None, description="cage or litter")
    speed: Name | None = Field(default=None, description="walking speed, for gait")
    exposure: Name | None = Field(
        default=None,
        description="what slips are counted over, such as steps or metres, for the beam; one crossing each if absent",
    )
    time: Name | None = Field(default=None, description="crossing time, for the beam")
    failed: Name | None = Field(
        default=None, description="whether the animal failed to cross, for the beam: yes or no, 1 or 0"
    )
    measure: Name | None = Field(
        default=None,
        description="name of what a row measures, for a long table of several measures, such as gait parameters",
    )


class PhenotypeSection(Section):
    """`[[phenotype]]`: one functional test."""

    name: Name = Field(description="name of the test in tables and report")
    test: TestName = Field(
        description="kind of test: latency on the rod; slips, time and failures on the beam; grip force; gait parameters; or any one "
        "value per animal (`scalar`), such as the distance in an open field"
    )
    file: Name = Field(
        description="table of the measured values: tsv, csv, xlsx or parquet, one row per trial or per animal"
    )
    columns: PhenotypeColumnsSection = Field(
        default=PhenotypeColumnsSection(), description="where to find what, if not under its own name"
    )
    factor: Name | None = Field(
        default=None,
        description="column that tells the groups apart, here or in the sample sheet; that of the contrast if left out",
    )
    case: Name | None = Field(
        default=None, description="its value for the group of interest; that of the contrast if left out"
    )
    control: Name | None = Field(
        default=None, description="its value for the other group; that of the contrast if left out"
    )
    within: dict[str, str] = Field(
        default_factory=dict,
        description='rows to keep, such as `{ phase = "before" }`; the others are counted and left out',
    )
    measures: tuple[Name, ...] = Field(
        default=(),
        description="for `gait` and `scalar`: the parameters that were declared beforehand, as columns or as values of the column "
        "`measure`; they are one family for the false discovery rate",
    )
    covariates: tuple[Name, ...] = Field(
        default=(),
        description="columns that are constant within an animal and adjusted for, such as a batch; sex is adjusted for anyway",
    )
    ceiling: float | None = Field(
        default=None, gt=0, description="value at which a trial ends, in the unit of the values"
    )
    unit: str = Field(
        default="", description="unit of the values, for words and axes; that usual for the test if left out"
    )
    better: Literal["higher", "lower"] | None = Field(
        default=None, description="which way is better function; known for rotarod, beam and grip"
    )
    domain: Domain | None = Field(
        default=None,
        description="what it measures: rotarod, beam and gait coordination, grip strength, an open field activity; coordination is also "
        "shown adjusted for strength, weight and activity",
    )


def needless_keys(test: PhenotypeSection, where: str) -> Iterator[Problem]:
    """Keys that the test has no use for, or that exclude each other: what is ignored in silence misleads."""
    own = {"time": "beam", "failed": "beam", "exposure": "beam", "speed": "gait"}
    for key, kind in own.items():
        if getattr(test.columns, key) is not None and test.test != kind:
            what = f"{key!r} has no meaning for the test {test.test!r}"
            yield Problem(
                f"{where} columns", what, "It would be ignored in silence", f"It belongs to the test {kind!r}"
            )
    if test.columns.measure is not None and test.test not in FAMILIES:
        what = f"'measure' has no meaning for the test {test.test!r}"
        remedy = "Keep the rows of this test with within (--where)"
        yield Problem(f"{where} columns", what, "A row is a trial of this test", remedy)
    if len(test.measures) > 0 and test.test not in FAMILIES:
        what = f"measures have no meaning for the test {test.test!r}"
        yield Problem(f"{where} measures", what, "It would be ignored in silence", "They belong to gait and scalar")
    elif len(test.measures) > 0 and test.columns.value is not None and test.columns.measure is None:
        what = "measures and the column of values are both named"
        remedy = "Leave out the value; or name the column `measure` of a long table"
        yield Problem(f"{where} measures", what, "Each measure is a column of its own", remedy)
    if test.ceiling is not None and test.test in {"grip", "gait"}:
        what = f"a ceiling has no meaning for the test {test.test!r}"
        yield Problem(f"{where} ceiling", what, "It would be ignored in silence", "Leave it out")
