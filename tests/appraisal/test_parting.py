"""How well the level in plasma parts the groups: on the card of mice, and what it answers in people."""

from __future__ import annotations

import pytest
from scipy.stats import mannwhitneyu

from cards import MEDIATOR
from organokine.appraisal.given import AppraisalInput
from tests.appraisal.bending import appraised, case_of, changed, refiled


def people(given: AppraisalInput) -> AppraisalInput:
    """The simulated study as if its animals had been people."""
    human = refiled(given, study=given.file.study.model_copy(update={"species": "human"}))
    upper = changed(human, differential=lambda table: table.assign(gene=table["gene"].str.upper()))
    return changed(upper, differential=lambda table: table.assign(gene=table["gene"].replace("ANXA2", "Anxa2")))


def test_the_area_is_that_of_the_levels_in_plasma(given: AppraisalInput) -> None:
    fact = case_of(given).fact("plasma.discrimination")
    animals = given.tables["animals"]
    levels = animals[(animals["gene"] == MEDIATOR) & (animals["role"] == "plasma") & (animals["modality"] == "protein")]
    contrast = given.file.contrast
    case, control = (
        levels.loc[levels["group"] == group, "value"].dropna() for group in (contrast.case, contrast.control)
    )
    assert fact.value == pytest.approx(mannwhitneyu(case, control).statistic / (len(case) * len(control)))
    assert fact.low < fact.value <= fact.high
    assert fact.n == {contrast.case: len(case), contrast.control: len(control)}


def test_without_plasma_there_is_none(given: AppraisalInput) -> None:
    silent = changed(given, animals=lambda table: table[table["role"] != "plasma"])
    assert case_of(silent).fact("plasma.discrimination") is None


def test_in_people_it_answers_what_was_open_in_mice(given: AppraisalInput) -> None:
    assert "R08" in {flag.rule for flag in appraised(given).flags}
    assert "R08" not in {flag.rule for flag in appraised(people(given)).flags}
    unknown = changed(people(given), animals=lambda table: table[table["role"] != "plasma"])
    assert "R08" in {flag.rule for flag in appraised(unknown).flags}
