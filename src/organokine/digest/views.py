"""One card for each of four readers, checked before it is handed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from organokine.digest import patient, tables
from organokine.digest.answers import ANSWERS, QUESTIONS, headline
from organokine.digest.check import check_view
from organokine.digest.cited import Cited
from organokine.digest.sentence import Block, Quote, Said, Section, Sentence, View, fixed, say
from organokine.digest.voice import PATIENT, Voice

Reader = Literal["reviewer", "pi", "clinician", "patient"]
READERS: tuple[Reader, ...] = get_args(Reader)
TITLES: dict[str, str] = {
    "reviewer": "For a reviewer",
    "pi": "For a principal investigator",
    "clinician": "For a clinician",
    "patient": "For a patient",
}
SIMULATED = "Simulated data: no animal was measured, and nothing here is a finding."
BLOCKED = "Blocked: a contradiction stands, and nothing here may be passed on before it is settled."


def view_of(card: Mapping[str, Any], reader: str) -> View:
    """One card for one reader.

    Parameters
    ----------
    card : mapping
        Plain JSON, as `card.schema.json` has it.
    reader : str
        One of `READERS`.

    Returns
    -------
    View
        Its sentences, tables and what people said.

    Raises
    ------
    DigestFault
        If the view says what its card does not bear out: a bug of organokine.
    """
    voice = Voice(Cited(card), reader)
    made = {"reviewer": _reviewer, "pi": _pi, "clinician": _clinician, PATIENT: patient.sections}[reader](voice)
    return check_view(View(reader, str(card["gene"]), _banners(card), (*made, *_said(card, reader))), card)


def _banners(card: Mapping[str, Any]) -> tuple[Sentence, ...]:
    blocking = sorted({flag["rule"] for flag in card["flags"] if flag["severity"] == "block"})
    found = [fixed(str(card["use"]))]
    found += [fixed(SIMULATED)] if card["simulated"] else []
    return (*found, *([fixed(f"{BLOCKED} Rules: {', '.join(blocking) or 'none named'}.")] if card["blocked"] else []))


def _questions(voice: Voice, *, beside: Mapping[str, tuple[Block, ...]] | None = None) -> list[Section]:
    """The six questions, with tables beside some answers."""
    extra = beside or {}
    return [Section(key, asked, (*ANSWERS[key](voice), *extra.get(key, ()))) for key, asked in QUESTIONS.items()]


def _reviewer(voice: Voice) -> list[Section]:
    """What speaks against it comes first."""
    flags: tuple[Block, ...] = (tables.flags_table(voice),)
    if len(voice.card["flags"]) == 0:
        flags = (fixed("No rule found a contradiction or an over-claim."),)
    beside = {
        "connection": (tables.effects_table(voice),),
        "reliability": (tables.chain_table(voice), tables.tests_table(voice)),
    }
    moved = tables.sensitivity_table(voice)
    unmoved = fixed("Thresholds are conventions; halving or doubling any of them changes no word.")
    return [
        Section("summary", "In short", headline(voice)),
        Section("flags", "What speaks against it", flags),
        *_questions(voice, beside=beside),
        Section("bias", "Risk of bias", (tables.bias_table(voice),)),
        Section("not_shown", "What is not shown", _not_shown(voice)),
        Section("sensitivity", "What other thresholds would say", (moved if len(moved.rows) > 0 else unmoved,)),
        Section("provenance", "Provenance", (tables.provenance_table(voice),)),
    ]


def _pi(voice: Voice) -> list[Section]:
    """The weakest link and the next experiment come first."""
    return [
        Section("summary", "In short", headline(voice)),
        Section("next", "Next experiments", (tables.next_table(voice),)),
        *_questions(voice, beside={"reliability": (tables.chain_table(voice),)}),
        Section("not_shown", "What is not shown", _not_shown(voice)),
    ]


def _clinician(voice: Voice) -> list[Section]:
    """Species, stage, and whether care changes come first."""
    change = say(
        "changes care: no; it is for research, and the data are of {species}.", "card:stage", species=voice.species()
    )
    declared = [
        fact
        for fact in voice.card["facts"].values()
        if fact["id"].startswith(("declared.funding", "declared.conflict"))
    ]
    interests: tuple[Sentence, ...] = tuple(
        say(
            "declared by the authors, {label}: {value}.",
            fact["id"],
            label=Quote(fact["label"]),
            value=Quote(str(fact["value"])),
        )
        for fact in declared
    )
    if len(interests) == 0:
        interests = (fixed("Funding and conflicts of interest are not declared."),)
    beside = {"connection": (tables.effects_table(voice),), "reliability": (tables.chain_table(voice),)}
    return [
        Section("summary", "In short", (*headline(voice)[:1], change, *headline(voice)[1:], *interests)),
        *_questions(voice, beside=beside),
    ]


def _not_shown(voice: Voice) -> tuple[Sentence, ...]:
    return tuple(
        say(
            "in {species}, not shown: {what} ({why}).",
            "card:not_shown", species=voice.species(), what=Quote(each["what"].replace("_", " ")), why=Quote(each["why"]),
        )
        for each in voice.card["not_shown"]
    )  # fmt: skip


def _said(card: Mapping[str, Any], reader: str) -> list[Section]:
    """Answers to flags, and notes and questions on the candidate, word for word."""
    answers = [
        Said("answer", each["author"], each["date"], each["text"], f"{flag['rule']}: {flag['message']}")
        for flag in card["flags"]
        for each in flag["answers"]
    ]
    notes = [Said(each["kind"], each["author"], each["date"], each["text"]) for each in card["notes"]]
    if len(answers) + len(notes) == 0:
        return []
    heading = "What people said of it" if reader == PATIENT else "Notes, questions and answers"
    return [Section("said", heading, (*answers, *notes))]
