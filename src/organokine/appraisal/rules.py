"""Rules of contradiction and over-claim that a run can show by itself: one function and one line in `RULES` each.

R05, R07, R19 and R20 are about sentences of a text and are not here; a run has no sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from organokine.appraisal.bias import PLANNED, planned_and_absent
from organokine.appraisal.certainty import batches, clear_sign, cohort_signs, opposed_layers
from organokine.appraisal.facts import number
from organokine.appraisal.sources import DISCRIMINATION

if TYPE_CHECKING:
    from organokine.appraisal.arm_facts import Function
    from organokine.appraisal.case import Case

Severity = Literal["block", "block_link", "warn", "note"]


@dataclass(frozen=True)
class Flag:
    """One finding of a rule.

    Attributes
    ----------
    rule : str
        `R01` to `R23`.
    severity : str
        `block`: the whole card is blocked; `block_link`: a link is not assessable; `warn`; `note`.
    message : str
        What was found, one sentence.
    facts : tuple of str
        Facts behind it.
    links : tuple of str
        Links it concerns; empty for the whole card.
    """

    rule: str
    severity: Severity
    message: str
    facts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """The card of a rule: its id, severity, what it looks for, and the function that looks."""

    id: str
    severity: Severity
    looks_for: str
    find: Callable[[Case], Flag | None]


def find_flags(case: Case) -> list[Flag]:
    """Findings of all rules, in the order of the rules."""
    return [flag for rule in RULES if (flag := rule.find(case)) is not None]


def _species_declared(case: Case) -> Flag | None:
    if case.species.fits_declared or not case.species.agrees:
        return None
    said = f"the study file says {case.given.file.study.species}; identifiers and sheet say {case.species.species}"
    return Flag("R01", "block", said, ("species",))


def _species_among(case: Case) -> Flag | None:
    if case.species.agrees:
        return None
    fact = case.fact("species")
    return Flag(
        "R02",
        "block",
        f"identifiers and sheet disagree among themselves: {'' if fact is None else fact.text}",
        ("species",),
    )


HUMAN = re.compile(r"\b(patients?|humans?|people|participants?|volunteers?|women|men|donors?)\b", re.I)
TRIAL = re.compile(r"\b(clinical|trials?|randomi[sz]ed controlled|RCT)\b", re.I)
DENIED = re.compile(r"\b(no|non|not|none|without|pre)\b", re.I)
HEADER_KEYS = ("population", "participants", "subjects", "organism", "study_type", "design", "title")
"""Entries of `[declared]` that say in whom and how a study was made."""


def _headers(case: Case, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Name of the study, of organs and groups, and declared headers that match; those that deny it do not count."""
    contrast = case.given.file.contrast
    levels = () if contrast is None else (contrast.case, contrast.control)
    # Animals donate organs and plasma too, so that a group of donors is not one of people.
    named = [
        *(each.organ for each in case.given.contrast_assays),
        *(each for each in levels if "donor" not in each.lower()),
    ]
    said = [("", each.replace("_", " ")) for each in dict.fromkeys((case.given.file.study.name, *named))]
    facts = [case.declared(key) for key in HEADER_KEYS]
    said += [(fact.id, str(fact.value)) for fact in facts if fact is not None]
    return [(name, text) for name, text in said if pattern.search(text) is not None and DENIED.search(text) is None]


def _text_says_human(case: Case) -> Flag | None:
    found = _headers(case, HUMAN) if case.given.file.study.species != "human" else []
    if len(found) == 0:
        return None
    return Flag("R03", "block", f"{found[0][1]!r} says that people were studied; no row of this run is of a person",
                ("species", *(name for name, _ in found if name != "")))  # fmt: skip


def _text_says_trial(case: Case) -> Flag | None:
    """An intervention in people at random cannot be seen in the tables of a run, whatever the species."""
    found = _headers(case, TRIAL)
    if len(found) == 0:
        return None
    return Flag("R04", "block", f"{found[0][1]!r} says that this is a trial; nothing in this run shows an intervention in people",
                ("species", *(name for name, _ in found if name != "")))  # fmt: skip


def _loss_elsewhere(case: Case) -> Flag | None:
    for arm in case.arms:
        assay = case.given.assay(arm.organ_moved)
        if arm.row["shows"] == "necessary" and (assay is None or assay.organ != case.given.source):
            where = "an organ that no table shows" if assay is None else assay.organ
            said = f"the arm {arm.row['arm']} takes it away in {where}: that {case.given.source} must send it is not shown by it"
            return Flag("R06", "warn", said, (arm.engagement, arm.effect), ("L5",))
    return None


def _biomarker(case: Case) -> Flag | None:
    fact = case.fact("line.plasma_change")
    is_people = case.given.file.study.species == "human" and case.species.fits_declared
    if fact is None or fact.number is None or (is_people and case.fact(DISCRIMINATION) is not None):
        return None
    said = "it was measured in blood, and no discrimination between people was estimated: no BEST category can be given"
    return Flag("R08", "note", said, (fact.id,), ("L2",))


def _layers_oppose(case: Case) -> Flag | None:
    opposed = opposed_layers(case)
    if opposed is None:
        return None
    said = f"protein ({opposed[0].number:+.2f} log2) and transcript ({opposed[1].number:+.2f}) of the source organ change in opposite directions"
    return Flag("R09", "warn", said, (opposed[0].id, opposed[1].id), ("L1",))


def _cohorts_oppose(case: Case) -> Flag | None:
    signs = cohort_signs(case)
    if not {1, -1} <= set(signs.values()):
        return None
    return Flag("R10", "warn", "cohorts change in opposite directions", tuple(signs), ("L1",))


def _terms(each: Function) -> set[str]:
    return set(str(each.row["adjusted_for"]).split(";")) - {""}


def _explained_by_strength(case: Case) -> Flag | None:
    """Coordination that differs, and no longer does with strength, weight or activity held equal in the same animals."""
    for first in (each for each in case.functions if each.is_primary):
        beside = [each for each in case.functions if not each.is_primary and _same_measure(each, first)]
        without = next((each for each in beside if _terms(each) <= _terms(first)), first)
        for each in (one for one in beside if not _terms(one) <= _terms(first)):
            before, after = case.fact(without.id), case.fact(each.id)
            if clear_sign(before) != 0 and after is not None and clear_sign(after) == 0:
                held = ", ".join(sorted(_terms(each) - _terms(first)))
                said = (
                    f"{each.row['measure']} ({each.row['phenotype']}) no longer differs clearly with {held} held equal"
                )
                return Flag("R11", "warn", said, (without.id, each.id), ("L6",))
    return None


def _same_measure(one: Function, other: Function) -> bool:
    return all(one.row[name] == other.row[name] for name in ("phenotype", "measure"))


def _not_engaged(case: Case) -> Flag | None:
    failed = [arm for arm in case.arms if arm.row["engagement"] in {"not_engaged", "not_measured"}]
    if len(failed) == 0:
        return None
    said = "; ".join(f"{arm.row['arm']} ({str(arm.row['engagement']).replace('_', ' ')})" for arm in failed)
    return Flag(
        "R12",
        "block_link",
        f"arms that are not seen to have moved the candidate: {said}",
        tuple(arm.engagement for arm in failed),
        ("L5",),
    )


def _one_sex(case: Case) -> Flag | None:
    facts = [fact for fact in case.facts.of("design") if len(fact.n_by_sex) == 1]
    if len(facts) == 0:
        return None
    sexes = sorted({next(iter(fact.n_by_sex)) for fact in facts})
    where = "; ".join(fact.label for fact in facts)
    return Flag("R13", "warn", f"one sex only ({', '.join(sexes)}): {where}", tuple(fact.id for fact in facts))


_LINKS_OF_ROLE = {"source": ("L1", "L7"), "target": ("L3", "L7"), "plasma": ("L2",)}


def _links_of_assay(case: Case, name: str) -> tuple[str, ...]:
    given = case.given
    if given.assay(name) is None:
        return ("L6",)
    for role, links in _LINKS_OF_ROLE.items():
        if name in {
            each.name for modality in ("protein", "rna") if (each := given.assay_of(role, modality)) is not None
        }:
            return links
    return ("L5",)


def _batch_is_group(case: Case) -> Flag | None:
    assays = tuple(each.name for each in case.given.file.assay)
    full = [fact for fact in batches(case, assays) if (fact.number or 0.0) > case.limits.batch_fully]
    if len(full) == 0:
        return None
    said = "; ".join(f"{fact.row['column']} in {fact.row['assay']} (V = {fact.number:.2f})" for fact in full)
    links = sorted({link for fact in full for link in _links_of_assay(case, fact.row["assay"])})
    return Flag("R14", "block_link", f"a batch is the group: {said}", tuple(fact.id for fact in full), tuple(links))


def _fewer_units(case: Case) -> Flag | None:
    copied = [fact for fact in case.facts.of("design") if fact.state == "copies"]
    if len(copied) == 0:
        return None
    said = "; ".join(f"{fact.label}: {fact.text}" for fact in copied)
    links = sorted({link for fact in copied for link in _links_of_assay(case, fact.row.get("assay", ""))})
    names = tuple(fact.id for fact in copied)
    return Flag("R15", "block_link", f"there are fewer animals than rows: {said}", names, tuple(links))


def _same_data(case: Case) -> Flag | None:
    """Found among many in the same animals that tested it; only arms with animals of their own are a new look."""
    fact = case.fact("line.source_change")
    own = [arm for arm in case.arms if arm.row["state"] == "tested" and arm.row["shared_samples"] == 0]
    if fact is None or fact.tested is None or len(own) > 0:
        return None
    said = f"it was picked from {fact.tested} candidates and tested in the same animals"
    return Flag("R16", "warn", said, (fact.id,), ("L1", "L3", "L7"))


def _not_shown_to_leave(case: Case) -> Flag | None:
    release = case.fact("line.release")
    plasma = case.fact("line.plasma_change")
    if release is None or (plasma is not None and plasma.number is not None):
        return None
    route = {"unknown": "no way out of the cell is known", "intracellular": "it is known inside cells only"}.get(
        release.state, f"a route ({release.state.replace('_', ' ')}) is known from references alone"
    )
    return Flag("R17", "warn", f"nothing measured shows that it leaves the organ; {route}", (release.id,), ("L2",))


def _blood(case: Case) -> Flag | None:
    origin = case.fact("line.origin")
    flags = {row["flag"] for row in case.given.rows("flags", "name", case.gene) if row["scope"] == "gene"}
    named = sorted(flags & {"blood_panel", "follows_blood_index"})
    if origin is None or (origin.state != "blood_suspect" and len(named) == 0):
        return None
    words = {
        "blood_panel": "it is a protein of blood",
        "follows_blood_index": "it follows the blood left in the samples",
    }
    said = [words[name] for name in named]
    if origin.state == "blood_suspect":
        said.append("no transcript explains it in the source organ")
    return Flag("R18", "warn", "; ".join(said), (origin.id,), ("L1",))


def _planned_absent(case: Case) -> Flag | None:
    absent = planned_and_absent(case)
    if absent is None or len(absent) == 0:
        return None
    fact = case.declared(*PLANNED)
    return Flag(
        "R21",
        "warn",
        f"planned outcomes that are not in this run: {', '.join(absent)}",
        () if fact is None else (fact.id,),
        ("L6",),
    )


def _far_beyond(case: Case) -> Flag | None:
    for arm in case.arms:
        moved, own = number(arm.row["engagement_log2fc"]), number(arm.row["contrast_log2fc"])
        if moved is not None and own is not None and abs(moved) >= abs(own) + case.limits.far_move:
            said = (
                f"the arm {arm.row['arm']} moves it {2 ** abs(moved):.2g}-fold, the contrast {2 ** abs(own):.2g}-fold"
            )
            return Flag(
                "R22", "warn", f"{said}: an excess may do what the contrast does not", (arm.engagement,), ("L5", "L6")
            )
    return None


def _citations_unchecked(case: Case) -> Flag | None:
    cited = [fact.id for fact in case.facts.of("annotation") if fact.text != ""]
    if len(cited) == 0:
        return None
    return Flag(
        "R23",
        "note",
        "whether papers behind the references were corrected or retracted is not checked: this works offline",
        tuple(cited),
    )


RULES: tuple[Rule, ...] = (
    Rule("R01", "block", "the study file names another species than identifiers and sheet", _species_declared),
    Rule("R02", "block", "identifiers and sheet disagree on the species among themselves", _species_among),
    Rule("R03", "block", "names of study, organs or groups, or declared headers, say people, and no row is of a person", _text_says_human),
    Rule("R04", "block", "names of study, organs or groups, or declared headers, say trial or clinical, without an intervention in people", _text_says_trial),
    Rule("R06", "warn", "loss of function outside the source organ, which does not show that this organ must send it", _loss_elsewhere),
    Rule("R08", "note", "a measurement in blood without an estimate of discrimination", _biomarker),
    Rule("R09", "warn", "protein and transcript of the source organ oppose", _layers_oppose),
    Rule("R10", "warn", "cohorts oppose", _cohorts_oppose),
    Rule("R11", "warn", "behaviour explained by strength, weight or activity", _explained_by_strength),
    Rule("R12", "block_link", "an arm without engagement", _not_engaged),
    Rule("R13", "warn", "one sex only", _one_sex),
    Rule("R14", "block_link", "a batch that is the group", _batch_is_group),
    Rule("R15", "block_link", "fewer animals than rows", _fewer_units),
    Rule("R16", "warn", "discovery and confirmation in the same animals", _same_data),
    Rule("R17", "warn", "secreted by reference alone", _not_shown_to_leave),
    Rule("R18", "warn", "blood left in the samples", _blood),
    Rule("R21", "warn", "a planned outcome that is absent", _planned_absent),
    Rule("R22", "warn", "an arm that moves it far beyond the contrast", _far_beyond),
    Rule("R23", "note", "retractions are not checked", _citations_unchecked),
)  # fmt: skip
"""Every rule of a run, in order."""
