"""Rules on whom a page says was studied: header against text, design against text."""

from __future__ import annotations

from collections.abc import Iterator

from organokine.claims import caveats, field_names
from organokine.claims.page import Field, Sentence
from organokine.claims.rule import Hit, Rule, in_whom, matches, quoted_field
from organokine.claims.stated import Place, Stated
from organokine.claims.words import pattern

_CLINICAL = pattern(
    r"clinical (?:trial|study)|cohort(?: study)?|case-control(?: study)?|(?:randomi[sz]ed )?controlled trial|randomi[sz]ed trial|rct"
)
_TRIAL_IN_TEXT = pattern(r"clinical (?:trials?|stud(?:y|ies))|human (?:trials?|stud(?:y|ies))")
_SHOWN = 3


def _field_sentence(stated: Stated, field: Field) -> Sentence | None:
    return None if field.sentence == 0 else stated.page.sentences[field.sentence - 1]


def _against(stated: Stated, field: Field, why: str, fairer: str) -> Iterator[Hit]:
    """The header field, then the first sentences that speak against it."""
    header = _field_sentence(stated, field)
    spans = () if header is None else ((max(0, len(header.text) - len(field.value)), len(header.text)),)
    yield Hit(header, spans, why, fairer)
    by_number: dict[int, Place] = {}
    for place in stated.animals:
        if place.sentence.number != field.sentence:
            by_number.setdefault(place.sentence.number, place)
    for place in list(by_number.values())[:_SHOWN]:
        told = f"speaks against the header {quoted_field(field.name, field.value)}"
        yield Hit(place.sentence, ((place.start, place.end),), told, fairer)


def header_contradicted(stated: Stated) -> Iterator[Hit]:
    """A header claims people, and the text says that a model organism was used and nothing of people."""
    if len(stated.claimed_human) == 0 or len(stated.animals) == 0 or len(stated.people) > 0:
        return
    field = stated.claimed_human[0]
    n = len({place.sentence.number for place in stated.animals})
    why = (
        f"the header says {quoted_field(field.name, field.value)}, but {n} sentence{'s say' if n > 1 else ' says'} that the study was done "
        f"{in_whom(stated)}, and none that people took part"
    )
    yield from _against(
        stated,
        field,
        why,
        f"{field_names.tidy(field.name)}: {in_whom(stated).removeprefix('in ')}; no people were studied",
    )


def header_is_half(stated: Stated) -> Iterator[Hit]:
    """A header claims people only, and the text speaks of both."""
    if (
        len(stated.claimed_human) == 0
        or len(stated.animals) == 0
        or len(stated.people) == 0
        or stated.header_names_animals
    ):
        return
    field = stated.claimed_human[0]
    organism = in_whom(stated).removeprefix("in ")
    why = (
        f"the header says {quoted_field(field.name, field.value)}, but the text tells of {organism} as well as of people: "
        "which result is from whom?"
    )
    yield from _against(
        stated, field, why, f"{field_names.tidy(field.name)}: people and {organism}, with the results of each apart"
    )


def design_contradicted(stated: Stated) -> Iterator[Hit]:
    """A clinical design is claimed for a study of animals."""
    if len(stated.animals) == 0 or len(stated.people) > 0:
        return
    for field in stated.page.fields:
        header = _field_sentence(stated, field)
        match = _CLINICAL.search(field.value)
        if header is None or match is None or not field_names.asks_design(field.name) or stated.header_names_animals:
            continue
        at = max(0, len(header.text) - len(field.value))
        why = f"{match.group()!r} is a design of studies in people, and the text says that this one was done {in_whom(stated)}"
        yield Hit(
            header, ((at + match.start(), at + match.end()),), why, f"{field_names.tidy(field.name)}: animal experiment"
        )
    for place in matches(stated, _TRIAL_IN_TEXT, in_fields=False):
        if caveats.tells_of_plans(place.sentence.text) or caveats.tells_of_others(place.sentence.text):
            continue
        why = f"no study in people is told of on this page, only one {in_whom(stated)}"
        yield Hit(place.sentence, ((place.start, place.end),), why, "an animal experiment")


HEADER_CONTRADICTED = Rule(
    "R03",
    "header_contradicted",
    "Does a header say that people were studied, while the text says that a model organism was?",
    "Readers and search engines take the header for the study; a finding in animals then passes for one in patients",
    "A third of press releases on animal work inflate it to people (doi 10.1136/bmj.g7015)",
    "contradiction",
    header_contradicted,
)
HEADER_IS_HALF = Rule(
    "R03m",
    "header_is_half",
    "Does a header name people only, while the text tells of people and of animals?",
    "What was found in animals is then read as found in people",
    "The same",
    "over-claim",
    header_is_half,
)
DESIGN_CONTRADICTED = Rule(
    "R04",
    "design_contradicted",
    "Is a trial, a cohort or another design of studies in people claimed for a study of animals?",
    "The name of the design is what clinicians look at first",
    "schema.org defines MedicalStudy and its kinds for human medicine",
    "contradiction",
    design_contradicted,
)
