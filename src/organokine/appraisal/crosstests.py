"""Tests across the chain: sufficiency, necessity, reversal, specificity, dose, order, replication, both sexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from organokine.appraisal.certainty import cohort_signs
from organokine.appraisal.judgement import State, Verdict, judge
from organokine.appraisal.links import assays_of, blocked, judge_arm, main_arm

if TYPE_CHECKING:
    from organokine.appraisal.arm_facts import Arm
    from organokine.appraisal.case import Case


@dataclass(frozen=True)
class CrossTest:
    """One test: its name, question, state, reason and facts."""

    name: str
    question: str
    state: State
    rule: str
    reason: str
    facts: tuple[str, ...] = ()


QUESTIONS = {
    "sufficiency": "is raising (or lowering) it enough to bring the change about?",
    "necessity": "is it needed, taken away in the source organ?",
    "reversal": "does taking it away, or bringing it back, reverse the change?",
    "specificity": "does it stand out from matched proteins that are not secreted?",
    "dose": "does the effect follow the dose?",
    "order": "does the mediator change before the outcome?",
    "replication": "does an independent cohort agree?",
    "both_sexes": "does it hold in both sexes?",
}


def cross_tests(case: Case) -> list[CrossTest]:
    """All of them, in a fixed order."""
    found = {
        "sufficiency": _by_arm(case, ("sufficient",)),
        "necessity": _necessity(case),
        "reversal": _by_arm(case, ("reverses", "necessary")),
        "specificity": _specificity(case),
        "dose": _dose(case),
        "order": (Verdict("not_tested", "X-CROSS", "measured at one time: the order of events is unknown"), ()),
        "replication": _replication(case),
        "both_sexes": _both_sexes(case),
    }
    return [CrossTest(name, QUESTIONS[name], *_fit(case, *answer), answer[1]) for name, answer in found.items()]


Answer = tuple[Verdict, tuple[str, ...]]


def _fit(case: Case, verdict: Verdict, facts: tuple[str, ...]) -> Verdict:
    """What makes a link not assessable (copies of animals, a batch that is the group, species that disagree) does so for a test."""
    if verdict.state in {"not_tested", "not_assessable"}:
        return verdict
    if not case.species.fits_declared:
        return Verdict(
            "not_assessable", "S-SPECIES", "identifiers, sample sheet and study file do not agree on the species"
        )
    known = [fact for name in facts if (fact := case.fact(name)) is not None]
    assays = [(fact.row["assay"],) if "assay" in fact.row else assays_of(case, fact) for fact in known]
    return blocked(case, tuple(dict.fromkeys(assay for each in assays for assay in each))) or verdict


def _named(arm: Arm) -> tuple[str, ...]:
    return arm.effect, arm.engagement


def _by_arm(case: Case, shows: tuple[str, ...]) -> Answer:
    arm = main_arm(case, shows)
    if arm is None:
        return Verdict("not_tested", "S-NONE", "no arm of this study has a design that can show it"), ()
    return judge_arm(case, arm), _named(arm)


def _necessity(case: Case) -> Answer:
    """Needed means needed from the source organ: a loss elsewhere does not show it."""
    verdict, facts = _by_arm(case, ("necessary",))
    arm = main_arm(case, ("necessary",))
    if arm is None:
        return verdict, facts
    assay = case.given.assay(arm.organ_moved)
    if verdict.state == "supported" and (assay is None or assay.organ != case.given.source):
        where = "an organ that is not known" if assay is None else assay.organ
        return Verdict(
            "inconclusive", "R06", f"it was taken away in {where}, not shown to be in {case.given.source}"
        ), facts
    return verdict, facts


def _specificity(case: Case) -> Answer:
    fact = case.fact("line.link")
    if fact is None or fact.p is None:
        return Verdict(
            "not_tested", "S-NONE", "the animal-by-animal link, which is compared with matched proteins, was not asked"
        ), ()
    if fact.state == "like_matched":
        return Verdict(
            "inconclusive", "S-MATCHED", "the link is like that of matched proteins that are not secreted"
        ), (fact.id,)
    return judge(fact, 1, case.limits), (fact.id,)


def _dose(case: Case) -> Answer:
    facts = [fact for arm in case.arms if (fact := case.fact(arm.dose)) is not None]
    if len(facts) == 0:
        return Verdict("not_tested", "S-NONE", "no arm has doses"), ()
    fact = facts[0]
    shown = fact.p is not None and fact.p <= case.limits.largest_p
    state: State = "supported" if shown else "inconclusive"
    return Verdict(state, "X-DOSE", f"one-sided trend over doses, p = {fact.p:.2g}"), (fact.id,)


def _replication(case: Case) -> Answer:
    signs = cohort_signs(case)
    if len(signs) < 2:
        return Verdict("not_tested", "X-ONE-COHORT", "a single cohort"), tuple(signs)
    if {1, -1} <= set(signs.values()):
        return Verdict("contradicted", "R10", "cohorts change in opposite directions"), tuple(signs)
    agree = set(signs.values()) in ({1}, {-1})
    state: State = "supported" if agree else "inconclusive"
    return Verdict(state, "X-COHORTS", f"{len(signs)} cohorts, each looked at by itself"), tuple(signs)


def _both_sexes(case: Case) -> Answer:
    facts = [fact for fact in case.facts if fact.id.startswith("sex.")]
    names = tuple(fact.id for fact in facts)
    if len(facts) == 0:
        return Verdict("not_tested", "C-SEX", "sex is not recorded"), ()
    if len(facts) == 1:
        return Verdict("not_tested", "R13", f"one sex only: {names[0].removeprefix('sex.')}"), names
    if any(fact.number is None or (fact.n_least or 0) < case.limits.least_units for fact in facts):
        return Verdict("not_assessable", "S-FEW", "too few animals of a sex in a group"), names
    signs = {1 if (fact.number or 0.0) > 0 else -1 for fact in facts}
    clear = [fact for fact in facts if judge(fact, 0, case.limits).state == "supported"]
    if len(signs) > 1:
        state: State = "contradicted" if len(clear) == len(facts) else "inconclusive"
        return Verdict(state, "X-SEXES", "the sexes change in opposite directions"), names
    if len(clear) == len(facts):
        return Verdict("supported", "X-SEXES", "each sex shows it by itself, in the same direction"), names
    return Verdict("inconclusive", "X-SEXES", "same direction, but not each sex shows it by itself"), names
