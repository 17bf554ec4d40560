"""What a rule is, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from organokine.claims.page import Sentence
from organokine.claims.stated import Place, Stated

Severity = Literal["contradiction", "over-claim", "note"]


@dataclass(frozen=True)
class Hit:
    """Words at fault.

    Attributes
    ----------
    sentence : Sentence or None
        Where they stand; None where it is in no sentence, but in the page's markup.
    spans : tuple of (int, int)
        The words, as positions in the sentence.
    why : str
        What is wrong with them, on this page.
    fairer : str
        A wording, or a change, that the page's own facts carry.
    """

    sentence: Sentence | None
    spans: tuple[tuple[int, int], ...]
    why: str
    fairer: str


@dataclass(frozen=True)
class Rule:
    """A rule: a card and a small function.

    Attributes
    ----------
    id : str
        `R` and a number are rules that evidence cards know too, `P` those of pages, `C` those that hold a page against a card.
    name : str
        Name for programs.
    question : str
        What it asks of a page.
    why : str
        Why a reader should care.
    source : str
        Where it comes from.
    severity : {"contradiction", "over-claim", "note"}
        How much its findings weigh: a note is shown, and alone leaves a page clean.
    find : callable
        From what a page states to hits.
    """

    id: str
    name: str
    question: str
    why: str
    source: str
    severity: Severity
    find: Callable[[Stated], Iterator[Hit]]


def matches(stated: Stated, wanted: re.Pattern[str], *, in_fields: bool = True) -> Iterator[Place]:
    """Where a pattern stands on a page and is a claim: caveats, questions, denials and earlier work are left alone.

    Parameters
    ----------
    stated : Stated
        The page.
    wanted : Pattern
        What to look for.
    in_fields : bool
        Whether header fields are searched too.

    Yields
    ------
    Place
        In reading order.
    """
    for sentence in stated.page.sentences:
        if sentence.kind == "field" and not in_fields:
            continue
        for match in wanted.finditer(sentence.text):
            place = Place(sentence, match.start(), match.end())
            if match.end() > match.start() and not stated.is_fair(place):
                yield place


def by_sentence(places: Iterator[Place], why: str, fairer: Callable[[Place], str] | str) -> Iterator[Hit]:
    """One hit for each sentence, with all its words."""
    grouped: dict[int, list[Place]] = {}
    for place in places:
        grouped.setdefault(place.sentence.number, []).append(place)
    for found in grouped.values():
        words = fairer if isinstance(fairer, str) else fairer(found[0])
        yield Hit(found[0].sentence, tuple((place.start, place.end) for place in found), why, words)


def in_whom(stated: Stated) -> str:
    """The organism of a page for a fairer wording; a gap to fill where the page names none."""
    return stated.species if stated.species != "" else "in [name the organism]"


def quoted_field(name: str, value: str) -> str:
    """A header field as it is shown in a sentence."""
    return f"“{name}: {value if len(value) <= 60 else value[:57] + '...'}”"
