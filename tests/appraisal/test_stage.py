from __future__ import annotations

import itertools
from typing import Any

import pytest

from organokine.appraisal.given import AppraisalInput
from organokine.appraisal.stage import Design, relevance_of, stage_of
from organokine.perturbation_section import PerturbationSection
from tests.appraisal.bending import appraised, changed, redesigned, refiled

ALL = {f"L{place}": "supported" for place in range(1, 8)}


@pytest.mark.parametrize(
    ("design", "code"),
    [
        (Design("mouse", is_measured=True, in_body=True), "T2"),
        (
            Design("rat", is_measured=True, in_body=True, is_ordered=True, has_instrument=True, is_intervention=True),
            "T2",
        ),
        (Design("mouse", is_measured=False, in_body=True), "T0"),
        (Design("unknown", is_measured=True, in_body=True), "T0"),
        (Design("human", is_measured=True, in_body=False), "T1"),
        (Design("human", is_measured=True, in_body=True), "T3"),
        (Design("human", is_measured=True, in_body=True, is_ordered=True), "T4"),
        (Design("human", is_measured=True, in_body=True, has_instrument=True), "T4"),
        (Design("human", is_measured=True, in_body=True, is_intervention=True), "T5"),
    ],
)
def test_stage_is_from_species_and_design(design: Design, code: str) -> None:
    assert stage_of(design) == code


@pytest.mark.parametrize(
    ("code", "links", "options", "word"),
    [
        ("T0", {}, {}, "background"),
        ("T1", {}, {}, "background"),
        ("T2", {}, {}, "watch"),
        ("T2", {"L1": "inconclusive"}, {}, "background"),
        ("T2", {"L5": "not_tested"}, {}, "background"),
        ("T2", {"L6": "not_tested"}, {}, "background"),
        ("T2", {"L3": "not_tested", "L4": "not_tested"}, {}, "watch"),
        ("T2", {}, {"is_perturbed": False}, "background"),
        ("T2", {}, {"is_blocked": True}, "background"),
        ("T3", {}, {}, "early human signal"),
        ("T3", {"L1": "inconclusive"}, {}, "background"),
        ("T3", {"L7": "contradicted"}, {}, "disputed"),
        ("T4", {}, {}, "human support"),
        ("T4", {"L1": "contradicted"}, {}, "disputed"),
        ("T5", {}, {}, "informs guidelines"),
        ("T5", {"L6": "contradicted"}, {}, "disputed"),
        ("T5", {}, {"is_blocked": True}, "background"),
    ],
)
def test_relevance_by_rule(code: str, links: dict[str, str], options: dict[str, bool], word: str) -> None:
    assert relevance_of(code, ALL | links, **({"is_perturbed": True, "is_blocked": False} | options)).word == word


def test_animals_are_never_more_than_watched() -> None:
    states = ("supported", "contradicted", "inconclusive", "not_tested")
    for chosen in itertools.product(states, repeat=3):
        links = ALL | dict(zip(("L1", "L5", "L6"), chosen, strict=True))
        assert relevance_of("T2", links, is_perturbed=True, is_blocked=False).word in {"background", "watch"}


def test_the_planted_chain_in_mice_is_watched(given: AppraisalInput) -> None:
    found = appraised(given)
    assert (found.stage.code, found.relevance.word) == ("T2", "watch")
    assert "function_not_tested_where_it_was_moved" not in found.relevance.cap_by
    assert "not tested" not in found.relevance.reason


def test_watch_says_where_function_was_not_tested(given: AppraisalInput) -> None:
    """Function that differs between the groups differs for every candidate."""
    found = appraised(refiled(given, phenotype=tuple(each for each in given.file.phenotype if each.factor == "age")))
    assert found.relevance.word == "watch"
    assert "function_not_tested_where_it_was_moved" in found.relevance.cap_by
    assert "was not tested where it was moved" in found.relevance.reason
    assert "in mice" in found.stage.may_say


TYPED: dict[str, Any] = {
    "randomised": True, "blinded": True, "population": "older adults", "design": "prospective cohort", "stage": "T5",
    "relevance": "informs guidelines", "intervention": "human", "species": "human", "caregiver_blinded": True,
}  # fmt: skip


def test_nothing_declared_raises_stage_or_relevance(given: AppraisalInput) -> None:
    quiet = refiled(given, perturbation=(), phenotype=())
    for start in (given, quiet):
        before = appraised(start)
        for name, value in TYPED.items():
            after = appraised(refiled(start, declared=start.file.declared | {name: value}))
            assert after.stage == before.stage
            assert after.relevance == before.relevance or after.relevance.word == "background"


def test_an_arm_whose_engagement_is_declared_is_no_ground_to_watch(given: AppraisalInput) -> None:
    typed = changed(given, perturbations=lambda table: table.assign(engagement="declared"))
    found = appraised(typed)
    assert next(link for link in found.links if link.id == "L5").state == "supported"
    assert found.relevance.word == "background"
    assert "not_moved_on_purpose" in found.relevance.cap_by


def test_a_lenient_error_rate_in_the_study_file_changes_no_level(given: AppraisalInput) -> None:
    lenient = refiled(given, ranking=given.file.ranking.model_copy(update={"fdr": 0.5, "relevant_log2fc": 0.02}))
    assert appraised(lenient).words() == appraised(given).words()


@pytest.mark.parametrize("organ", ["C2C12 myotubes", "muscle cells", "cerebellar organoids"])
def test_samples_from_culture_are_no_animals(given: AppraisalInput, organ: str) -> None:
    assays = tuple(
        each.model_copy(update={"organ": organ}) if each.organ == "muscle" else each for each in given.file.assay
    )
    axis = given.file.axis.model_copy(update={"source": organ})
    assert appraised(refiled(given, assay=assays, axis=axis)).stage.code == "T1"


def test_species_of_the_sheet_is_heard(given: AppraisalInput) -> None:
    assert appraised(redesigned(given, lambda obs: obs.assign(species="Mus musculus"))).stage.code == "T2"
    other = appraised(redesigned(given, lambda obs: obs.assign(species="human")))
    assert other.is_blocked
    assert other.stage.code == "T0"


def test_an_arm_of_another_gene_is_not_this_ones(given: AppraisalInput) -> None:
    found = appraised(given, "Gdf15")
    assert next(link for link in found.links if link.id == "L5").state == "not_tested"
    assert found.relevance.word == "background"
    assert isinstance(given.file.perturbation[0], PerturbationSection)


def test_people_measured_at_one_time_are_an_early_signal_and_arms_do_not_make_it_a_trial(given: AppraisalInput) -> None:
    human = refiled(given, study=given.file.study.model_copy(update={"species": "human"}))
    upper = changed(human, differential=lambda table: table.assign(gene=table["gene"].str.upper()))
    found = appraised(
        changed(upper, differential=lambda table: table.assign(gene=table["gene"].replace("ANXA2", "Anxa2")))
    )
    assert not found.is_blocked
    assert (found.stage.code, found.relevance.word) == ("T3", "early human signal")
    assert "no_intervention_in_people" in found.relevance.cap_by


def test_that_people_were_measured_must_be_seen(given: AppraisalInput) -> None:
    human = refiled(given, study=given.file.study.model_copy(update={"species": "human"}))
    silent = changed(
        human,
        differential=lambda table: table.assign(
            gene=table["gene"].where(table["gene"] == "Anxa2", ""), feature="x" + table.index.astype(str), protein=""
        ),
    )
    found = appraised(silent)
    assert found.case.species.species in {"unknown", "rodent"}
    assert found.stage.code == "T0"
    assert found.relevance.word == "background"
