"""The card as plain JSON: what was asked, what was found, how sure one may be, and what is not shown.

Shape and names follow the Variant Annotation specification of GA4GH (`Statement`, `proposition`, `direction`, `strength`,
`hasEvidenceLines`, `hasEvidenceItems`), which knows propositions about variants only: nothing here depends on it. The schema is
`card.schema.json` beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from organokine.appraisal.bias import bias_items
from organokine.appraisal.crosstests import CrossTest, cross_tests
from organokine.appraisal.eco import RELEASE
from organokine.appraisal.links import LINKS, Link, judge_links, weakest
from organokine.appraisal.next_experiment import next_experiments
from organokine.appraisal.rules import Flag, find_flags
from organokine.appraisal.species import TAXA
from organokine.appraisal.stage import Relevance, Stage, relevance, translational_stage

if TYPE_CHECKING:
    from organokine.appraisal.case import Case

SCHEMA = "organokine.card/1"
RESEARCH_USE = (
    "Research use only. This card says what one study shows and does not show. It is no advice to anyone, and names no dose and no "
    "treatment."
)
DIRECTIONS = {
    "supported": "supports", "contradicted": "disputes", "inconclusive": "neutral", "not_tested": "neutral", "not_assessable": "neutral",
}  # fmt: skip
"""How a link bears on the proposition, in the words of the specification."""


class Appraisal:
    """Everything that is judged of one candidate."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.links: list[Link] = judge_links(self.case)
        self.weakest: Link = weakest(self.links, self.case)
        self.tests: list[CrossTest] = cross_tests(self.case)
        self.flags: list[Flag] = find_flags(self.case)
        self.is_blocked = any(flag.severity == "block" for flag in self.flags)
        self.stage: Stage = translational_stage(self.case)
        self.relevance: Relevance = relevance(self.case, self.links, self.stage, is_blocked=self.is_blocked)

    def words(self) -> dict[str, str]:
        """The levels that thresholds decide: state and certainty of every link, and relevance."""
        found = {link.id: link.state for link in self.links} | {
            f"{link.id} certainty": link.certainty
            for link in self.links
            if link.state not in {"not_tested", "not_assessable"}
        }
        return {**found, "relevance": self.relevance.word, "weakest": self.weakest.id}


def card_of(
    appraisal: Appraisal, mediator: Mapping[str, Any], sensitivity: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """One card, without what only the whole run knows: provenance, answers, notes.

    Parameters
    ----------
    appraisal : Appraisal
        What was judged.
    mediator : mapping
        Row of the table `mediators`, plain JSON values.
    sensitivity : sequence of mappings
        What would change at other thresholds.

    Returns
    -------
    dict
        Plain JSON, as `card.schema.json` has it.
    """
    case, given = appraisal.case, appraisal.case.given
    shown = [link for link in appraisal.links if link.state == "supported"]
    return {
        "schema": SCHEMA,
        "type": "Statement",
        "use": RESEARCH_USE,
        "simulated": given.file.declared.get("simulated") is True,
        "blocked": appraisal.is_blocked,
        "gene": case.gene,
        "species": given.file.study.species,
        "proposition": _proposition(case),
        "headline": headline(appraisal),
        "direction": statement_direction(appraisal.links),
        "strength": {"name": appraisal.weakest.certainty, "of": appraisal.weakest.id, "rule": "certainty of the weakest link"},
        "stage": _plain(appraisal.stage._asdict()),
        "relevance": _plain(appraisal.relevance._asdict()),
        "hasEvidenceLines": [_evidence_line(link) for link in appraisal.links],
        "weakest_link": {"id": appraisal.weakest.id, "name": appraisal.weakest.name, "state": appraisal.weakest.state,
                         "reason": appraisal.weakest.reason},
        "shown": [link.id for link in shown],
        "tests": [_plain(asdict(test)) for test in appraisal.tests],
        "bias": [_plain(item._asdict()) for item in bias_items(case)],
        "flags": [_plain(asdict(flag)) | {"answers": []} for flag in appraisal.flags],
        "not_shown": not_shown(appraisal),
        "next_experiment": [_plain(asdict(each)) for each in next_experiments(case, appraisal.links, appraisal.weakest.id)],
        "ranking": dict(mediator),
        "sensitivity": [dict(row) for row in sensitivity],
        "facts": {fact.id: fact.as_json(case.taxon) for fact in case.facts},
        "eco_release": RELEASE,
    }  # fmt: skip


def _proposition(case: Case) -> dict[str, Any]:
    given = case.given
    contrast = given.file.contrast
    fact = case.fact("line.source_change")
    value = None if fact is None else fact.number
    way = "unknown" if value is None else ("increased" if value > 0 else "decreased")
    taxon = TAXA[given.file.study.species] if case.species.fits_declared else ("unknown", "unknown")
    return {
        "type": "MediatorProposition",
        "subject": {"type": "Gene", "name": case.gene},
        "predicate": "carriesContrastBetweenOrgans",
        "object": {"source_organ": given.source, "target_organ": given.target},
        "species_of_data": {"taxon": taxon[0], "name": taxon[1]},
        "change_in_source": way,
        "context": {}
        if contrast is None
        else {"factor": contrast.factor, "case": contrast.case, "control": contrast.control},
    }


def _evidence_line(link: Link) -> dict[str, Any]:
    card = next(each for each in LINKS if each.id == link.id)
    return {
        "type": "EvidenceLine",
        "id": link.id,
        "name": link.name,
        "claim": card.claim,
        "state": link.state,
        "directionOfEvidenceProvided": DIRECTIONS[link.state],
        "strengthOfEvidenceProvided": {"name": link.certainty},
        "certainty": link.certainty,
        "starts_from": link.start,
        "rule": link.rule,
        "reason": link.reason,
        "steps": [_plain(asdict(step)) for step in link.steps],
        "leading_item": link.leading or None,
        "waits_on": link.waits_on or None,
        "hasEvidenceItems": list(link.facts),
    }


def statement_direction(links: Sequence[Link]) -> str:
    """`disputes` if any link is contradicted, `supports` if every link is supported, else `neutral`."""
    states = {link.state for link in links}
    if "contradicted" in states:
        return "disputes"
    return "supports" if states == {"supported"} else "neutral"


def headline(appraisal: Appraisal) -> str:
    """Stage, what is supported, the weakest link and relevance, in one fixed form; species is part of it."""
    case = appraisal.case
    where = f"{appraisal.stage.word} ({appraisal.stage.code})"
    taxon = _proposition(case)["species_of_data"]["name"]
    shown = [link.id for link in appraisal.links if link.state == "supported"]
    untested = [link.id for link in appraisal.links if link.state == "not_tested"]
    parts = [
        f"{where[0].upper()}{where[1:]}, {taxon}: {case.gene}, {case.given.source} to {case.given.target}",
        f"Supported links: {', '.join(shown) if len(shown) > 0 else 'none'}",
        f"Weakest link: {appraisal.weakest.id}, {appraisal.weakest.name} ({appraisal.weakest.state.replace('_', ' ')})",
        *([f"Not tested: {', '.join(untested)}"] if len(untested) > 0 else []),
        f"Relevance: {appraisal.relevance.word}",
    ]
    return ". ".join(parts) + "."


def not_shown(appraisal: Appraisal) -> list[dict[str, Any]]:
    """What this run does not show; never empty, since no run shows what happens in people, or that nothing else explains it."""
    found = [
        {"what": f"{link.id}: {link.name}", "why": link.reason, "state": link.state, "facts": list(link.facts)}
        for link in appraisal.links
        if link.state != "supported"
    ]
    found += [
        {"what": f"{test.name}: {test.question}", "why": test.reason, "state": test.state, "facts": list(test.facts)}
        for test in appraisal.tests
        if test.state != "supported"
    ]
    human = appraisal.stage.code in {"T3", "T4", "T5"}
    people = (
        ("an effect of moving it in people", "no one's level of it was moved in this run")
        if human
        else ("anything in people", "no person was measured in this run; that says nothing of what exists elsewhere")
    )
    always = [people, ("that nothing else explains it", "other proteins, and what was not measured, may go with it")]
    return found + [{"what": what, "why": why, "state": "not_tested", "facts": []} for what, why in always]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
