from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from organokine.appraisal.given import AppraisalInput
from organokine.appraisal.rules import RULES, find_flags
from tests.appraisal.bending import appraised, case_of, changed, redesigned, refiled

Bend = Callable[[AppraisalInput], AppraisalInput]


def species_of_file(given: AppraisalInput) -> AppraisalInput:
    return refiled(given, study=given.file.study.model_copy(update={"species": "human"}))


def two_species(given: AppraisalInput) -> AppraisalInput:
    def upper(table: pd.DataFrame) -> pd.DataFrame:
        is_target = table["assay"] == "cerebellum_protein"
        return table.assign(gene=table["gene"].where(~is_target, table["gene"].str.upper()))

    return changed(given, differential=upper)


def named(given: AppraisalInput, name: str) -> AppraisalInput:
    return refiled(given, study=given.file.study.model_copy(update={"name": name}))


def declares(given: AppraisalInput, **said: str | bool) -> AppraisalInput:
    return refiled(given, declared=given.file.declared | said)


def rna_opposes(given: AppraisalInput) -> AppraisalInput:
    def turn(table: pd.DataFrame) -> pd.DataFrame:
        row = (table["assay"] == "muscle_rna") & (table["gene"] == "Anxa2")
        table.loc[row, ["log2fc", "ci_low", "ci_high"]] = [-1.0, -1.5, -0.5]
        return table

    return changed(given, differential=turn)


def cohorts_oppose(given: AppraisalInput) -> AppraisalInput:
    """Half of the mice of each group in a second cohort, in which the mediator goes the other way."""
    second = {f"{name}" for name in given.designs["muscle_protein"].index[::2]}
    cohorts = redesigned(given, lambda obs: obs.assign(cohort=np.where(obs.index.isin(second), "b", "a")))

    def turn(table: pd.DataFrame) -> pd.DataFrame:
        flips = table["sample"].isin(second) & (table["group"] == "old")
        return table.assign(value=table["value"] - 3.0 * flips)

    return changed(cohorts, animals=turn)


def adjusted_away(given: AppraisalInput) -> AppraisalInput:
    def add(table: pd.DataFrame) -> pd.DataFrame:
        row = table[(table["phenotype"] == "latency") & (table["role"] == "primary") & (table["term"] == "group")]
        weak = row.assign(role="adjusted", adjusted_for="strength", method="with strength", ci_low=-5.0, ci_high=5.0)
        return pd.concat([table, weak], ignore_index=True)

    return changed(given, phenotypes=add)


def not_engaged(given: AppraisalInput) -> AppraisalInput:
    return changed(
        given, perturbations=lambda table: table.assign(engagement="not_engaged", state="not_engaged", p=np.nan)
    )


def one_sex(given: AppraisalInput) -> AppraisalInput:
    return redesigned(given, lambda obs: obs.assign(sex="male"))


def batch_is_group(given: AppraisalInput) -> AppraisalInput:
    return changed(
        given,
        qc_batch=lambda table: table.assign(
            confounding=np.where(table["column"] == "batch", 1.0, table["confounding"])
        ),
    )


def copies(given: AppraisalInput) -> AppraisalInput:
    def alike(table: pd.DataFrame) -> pd.DataFrame:
        first = table[table["assay"] == "muscle_protein"].index[0]
        return table.assign(r=table["r"].where(table.index != first, 1.0))

    return changed(given, qc_pairs=alike)


def copies_of_arms(given: AppraisalInput) -> AppraisalInput:
    arms = given.file.arm_assays
    return changed(
        given, qc_pairs=lambda table: table.assign(r=table["r"].where(~table["assay"].isin(list(arms)), 1.0))
    )


def without_arms(given: AppraisalInput) -> AppraisalInput:
    return changed(given, perturbations=lambda table: table.iloc[:0])


def without_plasma(given: AppraisalInput) -> AppraisalInput:
    def drop(table: pd.DataFrame) -> pd.DataFrame:
        row = table["line"] == "plasma_change"
        table.loc[row, ["effect", "ci_low", "ci_high", "p", "q"]] = np.nan
        return table.assign(state=table["state"].where(~row, "plasma_not_measured"))

    return changed(given, evidence=drop)


def blood(given: AppraisalInput) -> AppraisalInput:
    def suspect(table: pd.DataFrame) -> pd.DataFrame:
        row = (table["line"] == "origin") & (table["gene"] == "Anxa2")
        return table.assign(state=table["state"].where(~row, "blood_suspect"))

    return changed(given, evidence=suspect)


def far_beyond(given: AppraisalInput) -> AppraisalInput:
    return changed(given, perturbations=lambda table: table.assign(engagement_log2fc=6.0, contrast_log2fc=1.0))


def close_by(given: AppraisalInput) -> AppraisalInput:
    return changed(given, perturbations=lambda table: table.assign(engagement_log2fc=1.2, contrast_log2fc=1.0))


def moved_in_source(given: AppraisalInput) -> AppraisalInput:
    return changed(given, perturbations=lambda table: table.assign(engagement_assay="muscle_protein"))


def no_references(given: AppraisalInput) -> AppraisalInput:
    return changed(given, evidence=lambda table: table.assign(note=""))


def same(given: AppraisalInput) -> AppraisalInput:
    return given


FIRES: list[tuple[str, Bend, Bend]] = [
    ("R01", species_of_file, same),
    ("R02", two_species, same),
    ("R03", lambda given: named(given, "falls in elderly patients"), lambda given: named(given, "mice, no patients")),
    ("R03", lambda given: declares(given, population="community-dwelling people"), lambda given: declares(given, population="C57BL/6J")),
    ("R04", lambda given: declares(given, design="randomised controlled trial"), lambda given: declares(given, design="preclinical, non clinical")),
    ("R06", same, moved_in_source),
    ("R08", same, without_plasma),
    ("R09", rna_opposes, same),
    ("R10", cohorts_oppose, same),
    ("R11", adjusted_away, same),
    ("R12", not_engaged, same),
    ("R13", one_sex, same),
    ("R14", batch_is_group, same),
    ("R15", copies, same),
    ("R16", without_arms, same),
    ("R17", without_plasma, same),
    ("R18", blood, same),
    ("R21", lambda given: declares(given, planned_outcomes="latency; grip"), lambda given: declares(given, planned_outcomes="latency")),
    ("R22", far_beyond, close_by),
    ("R23", same, no_references),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bent", "straight"), FIRES, ids=lambda each: each if isinstance(each, str) else "")
def test_a_rule_fires_where_it_should_and_nowhere_else(
    given: AppraisalInput, rule: str, bent: Bend, straight: Bend
) -> None:
    fired = {flag.rule: flag for flag in find_flags(case_of(bent(given)))}
    assert rule in fired
    case = case_of(bent(given))
    assert all(name in case.facts for name in fired[rule].facts), "a flag names facts of the card"
    assert rule not in {flag.rule for flag in find_flags(case_of(straight(given)))}


def test_every_rule_has_a_test_and_a_severity_of_its_card(given: AppraisalInput) -> None:
    assert {rule for rule, _, _ in FIRES} == {rule.id for rule in RULES}
    severity = {rule.id: rule.severity for rule in RULES}
    for _, bent, _ in FIRES:
        assert all(flag.severity == severity[flag.rule] for flag in find_flags(case_of(bent(given))))


@pytest.mark.parametrize(
    ("case", "blocked"), [("patients", True), ("aged_people", True), ("old donors", False), ("old", False)]
)
def test_names_of_groups_that_say_people_block(given: AppraisalInput, case: str, *, blocked: bool) -> None:
    assert given.file.contrast is not None
    bent = refiled(given, contrast=given.file.contrast.model_copy(update={"case": case}))
    assert ("R03" in {flag.rule for flag in find_flags(case_of(bent))}) == blocked


def test_arrival_is_open_where_the_target_s_own_transcript_was_not_measured(given: AppraisalInput) -> None:
    def without_rna(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(state=table["state"].where(table["line"] != "arrival", "rna_not_measured"))

    before, after = (appraised(each).links[2] for each in (given, changed(given, evidence=without_rna)))
    assert (before.id, before.state) == ("L3", "supported")
    assert (after.state, after.rule) == ("inconclusive", "S-NO-RNA")
    assert "C-OWN-RNA" in {step.rule for step in after.steps}


@pytest.mark.parametrize(
    ("bend", "name"),
    [(copies_of_arms, "sufficiency"), (two_species, "sufficiency"), (batch_is_group, "specificity")],
)
def test_what_stops_links_stops_the_tests_across_them(given: AppraisalInput, bend: Bend, name: str) -> None:
    """A digest says that moving it was enough where the test of sufficiency is supported, whatever the link."""
    before = {each.name: each.state for each in appraised(given).tests}
    assert before[name] == "supported"
    after = {each.name: each.state for each in appraised(bend(given)).tests}
    assert after[name] == "not_assessable"


def test_copies_stop_a_link_that_function_answers(given: AppraisalInput) -> None:
    """The line `phenotype` rests on one assay and one test; copies of animals in either make its p too small."""

    def led_by_function(table: pd.DataFrame) -> pd.DataFrame:
        row = (table["line"] == "phenotype") & (table["gene"] == "Anxa2")
        said = "rotarod latency and its level in muscle protein, the strongest of 6 pairs looked at"
        answer = {"effect": 0.9, "ci_low": 0.8, "ci_high": 0.95, "p": 1e-9, "q": 1e-8, "state": "asked", "note": said}
        for name, value in answer.items():
            table.loc[row, name] = value
        return table

    alone = changed(given, evidence=led_by_function)
    before = next(link for link in appraised(alone).links if link.id == "L7")
    assert (before.leading, before.state) == ("line.phenotype", "supported")
    after = next(link for link in appraised(copies(alone)).links if link.id == "L7")
    assert (after.state, after.rule) == ("not_assessable", "R15")


@pytest.mark.parametrize("bend", [species_of_file, two_species, lambda given: named(given, "trial in patients")])
def test_a_block_takes_all_relevance(given: AppraisalInput, bend: Bend) -> None:
    found = appraised(bend(given))
    assert found.is_blocked
    assert found.relevance.word == "background"


def test_a_species_that_disagrees_leaves_no_link_and_no_stage(given: AppraisalInput) -> None:
    found = appraised(species_of_file(given))
    assert {link.state for link in found.links} == {"not_assessable"}
    assert found.stage.code == "T0"


@pytest.mark.parametrize(("bend", "links"), [(batch_is_group, "L1"), (copies, "L1"), (not_engaged, "L5")])
def test_a_link_that_is_blocked_is_not_assessable_whatever_its_p(given: AppraisalInput, bend: Bend, links: str) -> None:
    before, after = (appraised(each) for each in (given, bend(given)))
    assert {link.id: link.state for link in before.links}[links] == "supported"
    assert {link.id: link.state for link in after.links}[links] == "not_assessable"
