"""The run of the fixture `given`, bent in one place; and what is judged of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from cards import MEDIATOR
from organokine.appraisal.card import Appraisal
from organokine.appraisal.case import Case, make_case
from organokine.appraisal.given import AppraisalInput, RowIndex
from organokine.appraisal.species import derive_species

Change = Callable[[pd.DataFrame], pd.DataFrame]


def changed(given: AppraisalInput, **tables: Change) -> AppraisalInput:
    """The same run with some of its tables changed."""
    found = {name: tables.get(name, lambda same: same)(table.copy()) for name, table in given.tables.items()}
    return replace(given, tables=found, index=RowIndex())


def redesigned(given: AppraisalInput, change: Change) -> AppraisalInput:
    """The same run with its sample sheet changed."""
    return replace(given, designs={name: change(obs.copy()) for name, obs in given.designs.items()}, index=RowIndex())


def refiled(given: AppraisalInput, **sections: Any) -> AppraisalInput:
    """The same run with its study file changed."""
    return replace(given, file=given.file.model_copy(update=sections), index=RowIndex())


def case_of(given: AppraisalInput, gene: str = MEDIATOR) -> Case:
    return make_case(given, gene, derive_species(given))


def appraised(given: AppraisalInput, gene: str = MEDIATOR) -> Appraisal:
    return Appraisal(case_of(given, gene))
