"""The seven links from "the source organ changes" to "the parts hang together", each judged from the facts of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from organokine.appraisal.certainty import batch_steps, blocking_batch, copied_samples, study_steps
from organokine.appraisal.judgement import WEAKNESS, State, Step, Verdict, judge, level_after, shared_steps
from organokine.appraisal.thresholds import START

if TYPE_CHECKING:
    from organokine.appraisal.arm_facts import Arm, Function
    from organokine.appraisal.case import Case
    from organokine.appraisal.facts import Fact


@dataclass(frozen=True)
class Link:
    """One link as judged.

    Attributes
    ----------
    id, name : str
        `L1` to `L7`, and what it claims.
    state, rule, reason : str
        The state, the rule that gave it, and why.
    certainty : str
        About the species studied; of a link without evidence, very low.
    start : str
        Certainty it started from.
    steps : tuple of Step
        Every step down or up.
    leading : str
        Fact that answered it; empty if none did.
    facts : tuple of str
        All facts it was judged by, the leading one first.
    waits_on : str
        Link that must hold before this one has a direction to be judged by; empty if it does.
    """

    id: str
    name: str
    state: State
    rule: str
    reason: str
    certainty: str
    start: str
    steps: tuple[Step, ...] = ()
    leading: str = ""
    facts: tuple[str, ...] = ()
    waits_on: str = ""


@dataclass(frozen=True)
class LinkCard:
    """What a link claims, in words, and how it is judged."""

    id: str
    name: str
    claim: str
    asked_by: str
    judge: Callable[[Case, int], Link]


def judge_links(case: Case) -> list[Link]:
    """All seven links of a candidate, in the order of the chain."""
    first = LINKS[0].judge(case, 0)
    fact = case.fact("line.source_change")
    value = None if fact is None else fact.number
    direction = 0 if value is None else (value > 0) - (value < 0)
    links = [first, *(card.judge(case, direction) for card in LINKS[1:])]
    if first.state != "supported":
        links = [first, *(_without_direction(each) for each in links[1:])]
    if not case.species.fits_declared:
        said = "identifiers, sample sheet and study file do not agree on the species"
        links = [
            replace(each, state="not_assessable", rule="S-SPECIES", reason=said, certainty="very_low") for each in links
        ]
    return links


def _without_direction(link: Link) -> Link:
    """A link that is judged in the direction of the source says nothing where the source shows none."""
    if link.id not in {"L2", "L3", "L5"} or link.state in {"not_tested", "not_assessable"}:
        return link
    said = "judged in the direction of the change in the source organ, which is not shown"
    return replace(link, state="inconclusive", rule="S-WAITS", reason=said, certainty="very_low", waits_on="L1")


def weakest(links: list[Link], case: Case) -> Link:
    """The weakest link: by state, then by certainty, then by how far its test is from showing it, then the first of the chain.

    A link that waits on another one is not weaker than that one.
    """
    from organokine.appraisal.thresholds import LEVELS

    def key(link: Link) -> tuple[int, int, float]:
        fact = case.fact(link.leading)
        p = 1.0 if fact is None or fact.p is None else fact.p
        of_open = link.state == "inconclusive"
        return WEAKNESS.index(link.state), 0 if of_open else LEVELS.index(link.certainty), -p if of_open else 0.0

    own = [link for link in links if link.waits_on == ""]
    return min(own, key=key)


def _link(
    case: Case,
    card: tuple[str, str],
    fact: Fact | None,
    verdict: Verdict,
    *,
    start: str,
    steps: list[Step] | None = None,
    beside: tuple[str, ...] = (),
) -> Link:
    """Put a link together: batch, certainty, facts."""
    named = tuple(name for name in dict.fromkeys(("" if fact is None else fact.id, *beside)) if name in case.facts)
    if verdict.state == "not_tested" or fact is None:
        return Link(
            card[0],
            card[1],
            verdict.state,
            verdict.rule,
            verdict.reason,
            certainty="very_low",
            start="very_low",
            facts=named,
        )
    assay = assays_of(case, fact)
    verdict = blocked(case, assay) or verdict
    all_steps = [
        *shared_steps(fact, case.limits, verdict.rule),
        *batch_steps(case, assay),
        *study_steps(case, fact),
        *(steps or []),
    ]
    certainty = "very_low" if verdict.state == "not_assessable" else level_after(start, all_steps)
    return Link(
        card[0],
        card[1],
        verdict.state,
        verdict.rule,
        verdict.reason,
        certainty=certainty,
        start=start,
        steps=tuple(all_steps),
        leading=fact.id,
        facts=named,
    )


def blocked(case: Case, assays: tuple[str, ...]) -> Verdict | None:
    """What makes assays unfit to answer anything, whatever p they give."""
    batch = blocking_batch(case, assays)
    if batch is not None:
        return Verdict(
            "not_assessable", "R14", f"{batch.label}: V = {batch.number:.2f}, and no statistics can tell them apart"
        )
    copied = copied_samples(case, assays)
    if copied is not None:
        return Verdict(
            "not_assessable", "R15", f"{copied.label}: {copied.text}, which makes its errors look smaller than they are"
        )
    return None


def assays_of(case: Case, fact: Fact) -> tuple[str, ...]:
    """Assays, or the functional test and its measure, that a fact rests on."""
    given = case.given
    if fact.table == "phenotypes":
        return (f"{fact.row['phenotype']}.{fact.row['measure']}",)
    if fact.table == "perturbations":
        return tuple(each.section.assay for each in case.arms if fact.id in (each.effect, each.engagement, each.dose))
    if fact.id == "line.phenotype":
        return _of_phenotype_line(case, fact)
    roles = {
        "line.source_change": ("source",), "line.plasma_change": ("plasma",), "line.arrival": ("target",),
        "line.response": ("target",), "line.link": ("source", "target"),
    }.get(fact.id, ())  # fmt: skip
    modality = "rna" if fact.state == "rna_only" else "protein"
    found = [given.assay_of(role, modality) or given.assay_of(role, "rna") for role in roles]
    return tuple(each.name for each in found if each is not None)


def _of_phenotype_line(case: Case, fact: Fact) -> tuple[str, ...]:
    """Assay and functional test of the strongest pair of the line `phenotype`, which its text names."""
    assays = [each.name for each in case.given.contrast_assays if f"{each.organ} {each.modality}" in fact.text]
    tests = [each.row for each in case.functions if each.arm == ""]
    named = [
        f"{row['phenotype']}.{row['measure']}" for row in tests if f"{row['phenotype']} {row['measure']}" in fact.text
    ]
    return (*assays, *dict.fromkeys(named))


def _source(case: Case, _: int) -> Link:
    card = ("L1", "the source organ changes")
    fact = case.fact("line.source_change")
    verdict = judge(fact, 0, case.limits)
    steps = []
    origin = case.state("origin")
    if origin == "blood_suspect" and verdict.state == "supported":
        verdict = Verdict(
            "inconclusive", "S-BLOOD", "it is a protein of blood, and no transcript shows that the organ makes it"
        )
    if origin in {"blood_suspect", "no_transcript"}:
        steps.append(
            Step("indirectness", -1, "C-ORIGIN", "line.origin", "no transcript shows that the source organ makes it")
        )
    if case.state("source_change") == "rna_only":
        steps.append(
            Step("indirectness", -1, "C-RNA-ONLY", "line.source_change", "the transcript was tested, not the protein")
        )
    beside = tuple(each.id for each in case.facts if each.id.startswith(("change.", "sex.", "cohort.")))
    return _link(case, card, fact, verdict, start=START["given"], steps=steps, beside=("line.origin", *beside))


def _release(case: Case, direction: int) -> Link:
    card = ("L2", "it leaves the organ")
    fact = case.fact("line.plasma_change")
    verdict = judge(fact, direction, case.limits)
    route = case.state("release")
    if verdict.state == "not_tested" and route not in {"", "unknown"}:
        verdict = Verdict(
            "not_tested",
            "S-ANNOTATION",
            f"a route ({route}) is known from references; no measurement of this study asks it",
        )
    steps = [
        Step(
            "indirectness", -1, "C-PLASMA", "line.plasma_change", "blood does not tell which organ a protein comes from"
        )
    ]
    return _link(case, card, fact, verdict, start=START["given"], steps=steps, beside=("line.release", "line.origin"))


def _arrival(case: Case, direction: int) -> Link:
    card = ("L3", "it arrives in the target organ")
    fact = case.fact("line.arrival")
    verdict = judge(fact, direction, case.limits)
    steps = []
    if verdict.state == "inconclusive" and fact is not None and fact.low is not None and fact.low * fact.high > 0:  # type: ignore[operator]
        said = "the protein moves in the target, but not shown to do so beyond its own transcript"
        verdict = Verdict("inconclusive", "S-OWN-RNA", said)
    if case.state("arrival") == "rna_not_measured":
        said = "the target's own transcript was not measured: it may be made there"
        if verdict.state == "supported":
            verdict = Verdict("inconclusive", "S-NO-RNA", f"the protein moves in the target, and {said}")
        steps.append(Step("indirectness", -1, "C-OWN-RNA", "line.arrival", said))
    steps.append(
        Step("indirectness", -1, "C-TRACER", "line.arrival", "no tracer or tag shows where the protein was made")
    )
    return _link(case, card, fact, verdict, start=START["given"], steps=steps)


def _receipt(case: Case, _: int) -> Link:
    card = ("L4", "it is received")
    words = {
        "present": "a known receptor is detected in the target; binding or block was not tested",
        "not_detected": "no known receptor was detected in the target; binding or block was not tested",
        "none_known": "no receptor is known; binding or block was not tested",
    }
    reason = words.get(case.state("receptor"), "the study holds nothing that asks this")
    return _link(
        case, card, None, Verdict("not_tested", "S-ANNOTATION", reason), start="very_low", beside=("line.receptor",)
    )


def main_arm(case: Case, shows: tuple[str, ...]) -> Arm | None:
    """The arm with the least p among those whose design can show one of these; untested ones last."""
    fitting = [arm for arm in case.arms if arm.row["shows"] in shows]
    fact = [case.fact(arm.effect) for arm in fitting]
    ranked = sorted(
        zip(fitting, fact, strict=True),
        key=lambda pair: (
            pair[1] is None or pair[1].p is None,
            1.0 if pair[1] is None or pair[1].p is None else pair[1].p,
        ),
    )
    return ranked[0][0] if len(ranked) > 0 else None


def judge_arm(case: Case, arm: Arm) -> Verdict:
    """State of what an arm asks; one that did not move the candidate has failed, it is not negative."""
    if arm.row["engagement"] == "not_engaged":
        return Verdict("not_assessable", "R12", "the arm did not move the candidate: it has failed, it is not negative")
    if arm.row["engagement"] == "not_measured":
        return Verdict("not_assessable", "R12", "no table shows whether the arm moved the candidate")
    fact = case.fact(arm.effect)
    fact = _corrected(fact, sum(1 for each in case.arms if each.row["state"] == "tested"))
    return judge(fact, int(arm.row["direction"]), case.limits)


def _response(case: Case, direction: int) -> Link:
    card = ("L5", "the target responds")
    arm = main_arm(case, ("sufficient", "reproduces", "necessary", "reverses"))
    beside = ("line.response", *(name for each in case.arms for name in (each.effect, each.engagement)))
    if arm is None:
        fact = case.fact("line.response")
        steps = [
            Step("indirectness", -1, "C-SIGNATURE", "line.response", "a signature like this ligand's may be another's")
        ]
        return _link(
            case, card, fact, judge(fact, direction, case.limits), start=START["given"], steps=steps, beside=beside
        )
    is_random = case.declares("randomised", "randomized", "randomisation", "randomization")
    start = START["randomised"] if is_random else START["assigned"]
    steps = []
    if not arm.is_engaged:
        steps.append(
            Step(
                "risk of bias",
                -1,
                "C-ENGAGED",
                arm.engagement,
                "that the arm moved the candidate is declared, not shown",
            )
        )
    dose = case.fact(arm.dose)
    if dose is not None and dose.p is not None and dose.p <= case.limits.largest_p:
        steps.append(Step("dose", 1, "C-DOSE", arm.dose, "the effect follows the dose"))
    return _link(case, card, case.fact(arm.effect), judge_arm(case, arm), start=start, steps=steps, beside=beside)


def lead_function(case: Case, *, of_arm: bool) -> Function | None:
    """The functional measure that answers: coordination first, then the order of the study file."""
    primary = [each for each in case.functions if each.is_primary and (each.arm != "") == of_arm]
    by_domain = sorted(primary, key=lambda each: each.domain != "coordination")
    return by_domain[0] if len(by_domain) > 0 else None


def _function(case: Case, _: int) -> Link:
    card = ("L6", "behaviour or function changes")
    own, of_contrast = lead_function(case, of_arm=True), lead_function(case, of_arm=False)
    chosen = own or of_contrast
    beside = tuple(each.id for each in case.functions)
    if chosen is None:
        return _link(case, card, None, judge(None, 0, case.limits), start="very_low")
    steps = []
    fact = case.fact(chosen.id)
    if own is None:
        said = "function differs between the groups, which is the same for every candidate: no arm that moves this one was tested"
        steps.append(Step("indirectness", -1, "C-EVERY-CANDIDATE", chosen.id, said))
    if not case.declares("blinded", "blinded_assessment", "assessor_blinded"):
        steps.append(
            Step("risk of bias", -1, "C-BLIND", chosen.id, "blinding of who measured function is not recorded")
        )
    start = START["given"] if own is None else START["assigned"]
    return _link(case, card, fact, judge(fact, 0, case.limits), start=start, steps=steps, beside=beside)


def _corrected(fact: Fact | None, n: int) -> Fact | None:
    """A fact that was the best of `n` looks, by Bonferroni."""
    if fact is None or fact.p is None or n < 2:
        return fact
    return replace(fact, p=min(1.0, fact.p * n), q=None if fact.q is None else min(1.0, fact.q * n))


def _together(case: Case, _: int) -> Link:
    card = ("L7", "the parts hang together")
    names = ("line.link", "line.phenotype")
    asked = [fact for name in names if (fact := case.fact(name)) is not None and fact.p is not None]
    fact = min(asked, key=lambda each: each.p or 0.0) if len(asked) > 0 else case.fact("line.link")
    expected = 1 if fact is not None and fact.id == "line.link" else 0
    verdict = judge(_corrected(fact, len(asked)), expected, case.limits)
    if verdict.state == "supported" and fact is not None and fact.state == "like_matched":
        verdict = Verdict(
            "inconclusive",
            "S-MATCHED",
            "target and source go together, but no more than matched proteins that are not secreted",
        )
    steps = (
        [Step("indirectness", -1, "C-ORDER", fact.id, "measured at one time: the order of events is unknown")]
        if fact is not None
        else []
    )
    # Population mode is shown beside the answer and is never the answer: it is about the whole target and has no direction.
    across = case.fact("line.population")
    beside = (*names, *(() if across is None or across.p is None else (across.id,)))
    return _link(case, card, fact, verdict, start=START["given"], steps=steps, beside=beside)


LINKS: tuple[LinkCard, ...] = (
    LinkCard("L1", "the source organ changes", "the candidate differs between the groups in the source organ",
             "the line source_change; origin beside it", _source),
    LinkCard("L2", "it leaves the organ", "it is seen moving in blood, in the direction of the source",
             "the line plasma_change; the route from references is no test", _release),
    LinkCard("L3", "it arrives in the target organ", "its protein moves in the target beyond what its own transcript explains",
             "the line arrival", _arrival),
    LinkCard("L4", "it is received", "the target hears it", "nothing a run reads: binding, or block of a receptor, would", _receipt),
    LinkCard("L5", "the target responds", "moving it moves the target as the contrast does, or the target looks as its signature predicts",
             "arms that moved it; without any the line response", _response),
    LinkCard("L6", "behaviour or function changes", "a functional test differs, best where the candidate was moved",
             "functional tests of its arms; without any those of the contrast", _function),
    LinkCard("L7", "the parts hang together", "animal by animal, within groups, target or function follows the source",
             "the lines link and phenotype; population beside them is no test", _together),
)  # fmt: skip
"""The chain, in order."""
