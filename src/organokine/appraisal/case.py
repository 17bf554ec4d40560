"""One candidate under appraisal: its facts, and what links, rules and views ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from organokine.appraisal.arm_facts import Arm, Function, arm_facts, arms_of, function_facts, functions_of, tested_facts
from organokine.appraisal.eco import INTEGRATED
from organokine.appraisal.facts import DECLARED, Fact, Facts
from organokine.appraisal.sources import design_facts, line_facts, measured_facts, parting_facts, subgroup_facts
from organokine.appraisal.species import TAXA

if TYPE_CHECKING:
    from organokine.appraisal.given import AppraisalInput
    from organokine.appraisal.species import Derived
    from organokine.appraisal.thresholds import Thresholds


@dataclass(frozen=True)
class Case:
    """One candidate.

    Attributes
    ----------
    gene : str
        The candidate.
    given : AppraisalInput
        The run.
    species : Derived
        Species as derived.
    facts : Facts
        All facts of the card.
    arms : list of Arm
        Comparisons of arms that moved it.
    functions : list of Function
        Effects on function.
    """

    gene: str
    given: AppraisalInput
    species: Derived
    facts: Facts
    arms: list[Arm]
    functions: list[Function]

    @property
    def limits(self) -> Thresholds:
        """Thresholds in force."""
        return self.given.limits

    @property
    def taxon(self) -> str:
        """Taxon of the study, `unknown` if identifiers and study file disagree."""
        return TAXA[self.given.file.study.species][0] if self.species.fits_declared else "unknown"

    def fact(self, name: str) -> Fact | None:
        """A fact by its name."""
        return self.facts.get(name)

    def state(self, line: str) -> str:
        """State of an evidence line; empty if it was not asked."""
        fact = self.fact(f"line.{line}")
        return "" if fact is None else fact.state

    def declared(self, *names: str) -> Fact | None:
        """The first of these entries of `[declared]` that the user made."""
        return next((fact for name in names if (fact := self.fact(f"declared.{name}")) is not None), None)

    def declares(self, *names: str) -> bool:
        """Whether one of these entries is declared as true."""
        return any(self.given.file.declared.get(name) is True for name in names)


def make_case(given: AppraisalInput, gene: str, species: Derived) -> Case:
    """Collect the facts of one candidate."""
    facts = Facts()
    facts.add(_species_fact(given, species))
    for found in (
        line_facts(given, gene),
        measured_facts(given, gene),
        parting_facts(given, gene),
        given.memo(("subgroups", gene), lambda: tuple(subgroup_facts(given, gene))),
        arm_facts(given, gene),
        function_facts(given, gene),
        given.memo(("designs",), lambda: (*design_facts(given), *tested_facts(given))),
        _declared_facts(given),
    ):
        for fact in found:
            facts.add(fact)
    return Case(gene, given, species, facts, arms_of(given, gene), functions_of(given, gene))


def _species_fact(given: AppraisalInput, species: Derived) -> Fact:
    votes = [f"{vote.assay}: {vote.by} say {' or '.join(vote.species)} ({vote.n})" for vote in species.votes]
    return Fact(
        id="species",
        kind="design",
        label="species, from identifiers and sample sheet",
        value=species.species,
        state="agrees" if species.fits_declared else "disagrees",
        text="; ".join([f"the study file says {given.file.study.species}", *votes]),
        eco=INTEGRATED,
        table="differential",
        row={},
    )


def _declared_facts(given: AppraisalInput) -> list[Fact]:
    """The user's entries of `[declared]`, word for word."""
    return [
        Fact(
            id=f"declared.{name}", kind="declaration", label=name.replace("_", " "), value=_word(value), badge=DECLARED
        )
        for name, value in sorted(given.file.declared.items())
    ]


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
