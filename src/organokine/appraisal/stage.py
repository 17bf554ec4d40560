"""Translational stage from species and design alone, and the relevance word that follows by rule. Nothing typed can raise either."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from organokine.appraisal.case import Case
    from organokine.appraisal.links import Link

STAGE_WORDS = {
    "T0": "annotation only",
    "T1": "cells or tissue outside the body",
    "T2": "animal experiment",
    "T3": "people, at one time",
    "T4": "people, ordered in time or by a genetic instrument",
    "T5": "intervention on the mediator in people",
}
MAY_SAY = {
    "T0": "predicted",
    "T1": "in cells",
    "T2": "in {animals}",
    "T3": "is associated with, in people",
    "T4": "precedes, in people; consistent with a causal role",
    "T5": "effect with interval, in people",
}
CULTURE = re.compile(
    r"\b(cells?|culture|organoids?|in vitro|ex vivo|explants?|spheroids?|iPSC|HEK ?293\w*|C2C12|myotubes?|fibroblasts?)\b",
    re.I,
)
"""Names of organs that are no organ of a body; a name can lower the stage, never raise it."""


class Design(NamedTuple):
    """What a stage is made of.

    Attributes
    ----------
    species : str
        As derived; `unknown` where identifiers and study file disagree.
    is_measured : bool
        Whether anything of the candidate was measured.
    in_body : bool
        Whether the samples come from living bodies.
    is_ordered, has_instrument, is_intervention : bool
        In people: measured before the outcome; by a genetic instrument; the mediator was moved at random. A run reads no data that
        show these, so that they are always false of a run.
    """

    species: str
    is_measured: bool
    in_body: bool
    is_ordered: bool = False
    has_instrument: bool = False
    is_intervention: bool = False


class Stage(NamedTuple):
    """Stage: its code, word, what may be said at it, and the facts behind it."""

    code: str
    word: str
    may_say: str
    because: tuple[str, ...]


class Relevance(NamedTuple):
    """Relevance: its word, the rule, the reason, and what keeps it from being more."""

    word: str
    rule: str
    reason: str
    cap_by: tuple[str, ...]


def design_of(case: Case) -> Design:
    """The design of a run, from its identifiers, sheets and tables."""
    declared = case.given.file.study.species
    # That people were measured must be seen; that it is declared is not enough.
    is_seen = case.species.fits_declared and (declared != "human" or case.species.species == "human")
    species = declared if is_seen else "unknown"
    measured = any(fact.number is not None and fact.table == "differential" for fact in case.facts)
    in_culture = any(CULTURE.search(assay.organ) is not None for assay in case.given.contrast_assays)
    return Design(species, measured, not in_culture)


def stage_of(design: Design) -> str:
    """Code of the stage."""
    if design.species == "unknown" or not design.is_measured:
        return "T0"
    if not design.in_body:
        return "T1"
    if design.species != "human":
        return "T2"
    if design.is_intervention:
        return "T5"
    return "T4" if design.is_ordered or design.has_instrument else "T3"


def translational_stage(case: Case) -> Stage:
    """The stage of a candidate."""
    code = stage_of(design_of(case))
    animals = {"mouse": "mice", "rat": "rats"}.get(case.given.file.study.species, "animals")
    designs = tuple(f"design.{assay.name}" for assay in case.given.contrast_assays)
    return Stage(code, STAGE_WORDS[code], MAY_SAY[code].format(animals=animals), ("species", *designs))


def relevance_of(code: str, links: dict[str, str], *, is_perturbed: bool, is_blocked: bool) -> Relevance:
    """Relevance by rule.

    Parameters
    ----------
    code : str
        Stage.
    links : dict of str
        State of every link by its id.
    is_perturbed : bool
        Whether an arm that is seen to have moved the candidate supports the response or function.
    is_blocked : bool
        Whether a flag blocks the whole card.
    """
    if is_blocked:
        return Relevance("background", "REL-0", "a contradiction blocks the card", ("blocked",))
    if int(code[1]) >= 3:
        return _in_people(code, links)
    missing = tuple(f"{link}_not_supported" for link in ("L1", "L5", "L6") if links[link] != "supported")
    if code == "T2" and len(missing) == 0 and is_perturbed:
        said = "source, response and function are supported in animals, and it was moved on purpose"
        return Relevance("watch", "REL-2", said, ("no_human_data",))
    lacks = ("no_human_data", *missing, *(() if is_perturbed else ("not_moved_on_purpose",)))
    return Relevance("background", "REL-1", "the chain is not supported far enough for more", lacks)


def _in_people(code: str, links: dict[str, str]) -> Relevance:
    """Failed or conflicting data of people lower the word, whatever animals show."""
    if "contradicted" in {links["L1"], links["L6"], links["L7"]}:
        said = "data of people speak against a link"
        return Relevance("disputed", "REL-7", said, ("contradicted_in_people",))
    if code == "T5":
        said = "the mediator was moved at random in people; guidelines weigh more than this"
        return Relevance("informs guidelines", "REL-6", said, ())
    if links["L1"] != "supported":
        said = "measured in people, and not shown to differ"
        return Relevance("background", "REL-3", said, ("L1_not_supported",))
    if code == "T4":
        said = "ordered in time, or by a genetic instrument, in people"
        return Relevance("human support", "REL-5", said, ("no_intervention_in_people",))
    said = "differs between groups of people, at one time"
    return Relevance("early human signal", "REL-4", said, ("one_time_only", "no_intervention_in_people"))


def relevance(case: Case, links: list[Link], stage: Stage, *, is_blocked: bool) -> Relevance:
    """Relevance of a candidate."""
    states: dict[str, str] = {link.id: link.state for link in links}
    leading = {link.id: link.leading for link in links}
    engaged = {arm.effect for arm in case.arms if arm.is_engaged}
    is_perturbed = states["L5"] == "supported" and leading["L5"] in engaged
    found = relevance_of(stage.code, states, is_perturbed=is_perturbed, is_blocked=is_blocked)
    own_function = {each.id for each in case.functions if each.arm != ""}
    if found.word == "watch" and leading["L6"] not in own_function:
        said = "source and response are supported in animals, and it was moved on purpose; function differs between the groups, and was not tested where it was moved"
        return found._replace(reason=said, cap_by=(*found.cap_by, "function_not_tested_where_it_was_moved"))
    return found
