"""`answers.toml` beside the study file: what people answer to flags, and notes and questions on candidates.

They are shown on the card with author and date. Nothing in them changes a state, a certainty, a stage or a relevance, and no flag is
hidden by an answer.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.study_file_base import Name, Section

FILE = "answers.toml"
LONGEST = 5000
"""Signs of one text at most; a card is read, not searched."""
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Signs that no reader sees: controls other than tab and line break, and those that turn the order of what follows."""


def _readable(given: str) -> str:
    if UNSEEN.search(given) is not None:
        message = "it holds a control sign, which no reader sees, or one that turns the order of letters"
        raise ValueError(message)
    return given


Text = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_readable)]
Author = Annotated[Name, AfterValidator(_readable)]
WHY = "What people say of a candidate stands on its card word for word"


class Answer(Section):
    """`[[answer]]`: an answer to one flag."""

    gene: Name = Field(description="candidate on whose card the flag stands; `*` for all")
    rule: Name = Field(description="rule of the flag, such as R13")
    author: Author = Field(description="who answers")
    date: dt.date = Field(description="when, as 2026-01-31 without quotes")
    text: Text = Field(description="the answer")

    @field_validator("rule")
    @classmethod
    def _known(cls, given: str) -> str:
        from organokine.appraisal.rules import RULES

        known = [rule.id for rule in RULES]
        if given not in known:
            message = f"there is no such rule; there are {', '.join(known)}"
            raise ValueError(message)
        return given


class Note(Section):
    """`[[note]]`: a note or a question on a candidate."""

    gene: Name = Field(description="the candidate")
    author: Author = Field(description="who says it")
    date: dt.date = Field(description="when, as 2026-01-31 without quotes")
    text: Text = Field(description="the note")
    kind: Literal["note", "question"] = Field(default="note", description="`note` or `question`")


class Answers(Section):
    """The whole file."""

    answer: tuple[Answer, ...] = ()
    note: tuple[Note, ...] = ()

    def of(self, gene: str, rule: str) -> list[dict[str, str]]:
        """Answers to one flag of one candidate, in the order of the file."""
        found = [each for each in self.answer if each.gene in {gene, "*"} and each.rule == rule]
        return [{"author": each.author, "date": each.date.isoformat(), "text": each.text} for each in found]

    def notes_of(self, gene: str) -> list[dict[str, str]]:
        """Notes and questions on one candidate, in the order of the file."""
        return [each.model_dump(mode="json", exclude={"gene"}) for each in self.note if each.gene == gene]

    def summary(self, genes: Iterable[str]) -> dict[str, object]:
        """How many entries there are, and the candidates among them without a card, on which nobody will see them."""
        known = {*genes, "*"}
        named = {*(each.gene for each in self.answer), *(each.gene for each in self.note)}
        return {"answers": len(self.answer), "notes": len(self.note), "without_card": sorted(named - known)}


def read_answers(folder: Path) -> Answers:
    """Read `answers.toml` of a folder; empty if there is none.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    """
    path = folder / FILE
    if not path.exists():
        return Answers()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = (
            "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else f"it cannot be read ({error.strerror})"
        )
        raise DataError(Problem(FILE, what, WHY, "Save the file as UTF-8 text, or remove it")) from None
    return parse_answers(text)


def parse_answers(text: str) -> Answers:
    """Answers from the text of the file; see `read_answers`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        remedy = "Mend that line: text stands in quotes, and each entry begins with [[answer]] or [[note]]"
        raise DataError(
            Problem(FILE, f"it is not valid TOML: {error}", "Nothing after that place can be read", remedy)
        ) from None
    try:
        return Answers.model_validate(raw)
    except ValidationError as error:
        raise DataError([_problem(dict(details)) for details in error.errors()]) from None


_FIELDS = {"answer": tuple(Answer.model_fields), "note": tuple(Note.model_fields)}


def _problem(details: Mapping[str, Any]) -> Problem:
    location = tuple(details["loc"])
    number = f" {int(location[1]) + 1}" if len(location) > 1 and isinstance(location[1], int) else ""
    where, key = f"{FILE} [{location[0]}{number}]", str(location[-1])
    if details["type"] == "extra_forbidden":
        known = list(_FIELDS.get(str(location[0]), ("answer", "note")))
        near = nearest(key, known)
        remedy = f"Write {near!r}" if near is not None else f"Known here are {first_examples(known, 6)}"
        return Problem(where, f"the key {key!r} is unknown", "It would be ignored in silence", remedy)
    if details["type"] == "missing":
        return Problem(where, f"{key!r} is missing", "An entry without it cannot be traced", f"Add {key!r}")
    if details["type"] == "tuple_type":
        what = f"{key!r} is not a list of entries"
        return Problem(
            where, what, "An entry is a table of its own", f"Begin each entry with [[{key}]], in two brackets"
        )
    message = str(details["msg"]).removeprefix("Value error, ")
    return Problem(
        f"{where} {key}", f"{str(details['input'])[:60]!r} does not fit: {message}", WHY, "Correct the value"
    )


def with_note(text: str, entry: Answer | Note) -> str:
    """Text of the file with one more entry at its end.

    Raises
    ------
    DataError
        If the file as it stands is at fault; nothing is appended to what cannot be read.
    """
    before = parse_answers(text)
    kind = "answer" if isinstance(entry, Answer) else "note"
    values = entry.model_dump()
    lines = [
        f"{name} = {value.isoformat() if isinstance(value, dt.date) else _quoted(value)}"
        for name, value in values.items()
    ]
    gap = "" if text == "" else ("\n" if text.endswith("\n") else "\n\n")
    after = f"{text}{gap}[[{kind}]]\n" + "\n".join(lines) + "\n"
    if len(parse_answers(after).answer) + len(parse_answers(after).note) != len(before.answer) + len(before.note) + 1:
        message = "the entry was not written as it was given"
        raise ValueError(message)
    return after


def _quoted(value: str) -> str:
    """A TOML basic string; the escapes of JSON are those of TOML but for the sign DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def entry_of(
    gene: str, text: str, author: str, day: dt.date, *, rule: str | None = None, question: bool = False
) -> Answer | Note:
    """An entry as given on the command line.

    Raises
    ------
    DataError
        If something does not fit: an empty author or text, an unknown rule, a question that is an answer.
    """
    if rule is not None and question:
        what = "it is to be a question, and to answer a flag"
        raise DataError(Problem("--question", what, "An entry is one of the two", "Leave out --question or --rule"))
    if rule is None and gene == "*":
        what = "a note must be on one candidate"
        raise DataError(Problem("GENE", what, "It would stand on no card", "Name the candidate, or a rule with --rule"))
    said: dict[str, Any] = {
        "gene": gene.strip(),
        "author": author.strip(),
        "date": day,
        "text": text.strip().replace("\r\n", "\n"),
    }
    try:
        if rule is not None:
            return Answer(**said, rule=rule.upper())
        return Note(**said, kind="question" if question else "note")
    except ValidationError as error:
        raise DataError([_fault(dict(details)) for details in error.errors()]) from None


def _fault(details: Mapping[str, Any]) -> Problem:
    name = str(details["loc"][-1])
    message = str(details["msg"]).removeprefix("Value error, ")
    where = {"author": "--author", "rule": "--rule", "gene": "GENE", "text": "TEXT"}.get(name, name)
    return Problem(where, f"{str(details['input'])[:60]!r} does not fit: {message}", WHY, "Correct it")
