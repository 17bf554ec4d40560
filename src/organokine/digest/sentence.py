"""Sentences of a digest: made of parts that can be checked, each with the facts it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True)
class Word:
    """A word that all views must share: what it speaks of, its value on the card, and how this reader reads it."""

    topic: str
    value: str
    text: str


@dataclass(frozen=True)
class Name:
    """A name of the study, such as a gene, an organ or a group; its signs and digits are not ours."""

    text: str


@dataclass(frozen=True)
class Quote:
    """A number, or words, of what the sentence cites."""

    text: str


Part = str | Word | Name | Quote
Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Sentence:
    """One sentence.

    Attributes
    ----------
    parts : tuple of str, Word, Name and Quote
        Our own words are plain text.
    cites : tuple of str
        Facts of the card, and judgements such as `link:L1`; see `organokine.digest.cited`.
    is_fixed : bool
        A disclaimer, which is the same on every card and speaks of none.
    """

    parts: Parts
    cites: tuple[str, ...] = ()
    is_fixed: bool = False

    @property
    def text(self) -> str:
        """The sentence as it is read."""
        return plain(self.parts)


def plain(parts: Parts) -> str:
    """Text of parts."""
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def phrase(template: str, **slots: Part | Parts) -> Parts:
    """Fill the slots of a template, such as `In {species}, {gene} was {way}.`, and keep the parts apart."""
    parts: list[Part] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal != "":
            parts.append(literal)
        if name is not None:
            given = slots[name]
            parts += given if isinstance(given, tuple) else (given,)
    return tuple(parts)


def say(template: str, *cites: str, **slots: Part | Parts) -> Sentence:
    """A sentence that cites facts; its first letter is made a capital where it is ours."""
    parts = phrase(template, **slots)
    first = parts[0]
    if isinstance(first, str):
        parts = (first[:1].upper() + first[1:], *parts[1:])
    elif isinstance(first, Word):
        parts = (Word(first.topic, first.value, first.text[:1].upper() + first.text[1:]), *parts[1:])
    return Sentence(parts, tuple(dict.fromkeys(cites)))


def fixed(text: str) -> Sentence:
    """A disclaimer."""
    return Sentence((text,), is_fixed=True)


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells, the first one its header, and what it cites."""

    cells: tuple[Parts, ...]
    cites: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with a caption."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Said:
    """What a person said, word for word."""

    kind: str
    author: str
    date: str
    text: str
    about: str = ""


Block = Sentence | Table | Said


@dataclass(frozen=True)
class Section:
    """A section of a view: its key, its heading and its blocks."""

    key: str
    heading: str
    blocks: tuple[Block, ...]

    @property
    def sentences(self) -> list[Sentence]:
        """Sentences alone."""
        return [block for block in self.blocks if isinstance(block, Sentence)]


@dataclass(frozen=True)
class View:
    """One card for one reader.

    Attributes
    ----------
    reader : str
        `reviewer`, `pi`, `clinician` or `patient`.
    gene : str
        The candidate.
    banners : tuple of Sentence
        What must be read first: research use, simulated, blocked.
    sections : tuple of Section
        In the order of reading.
    """

    reader: str
    gene: str
    banners: tuple[Sentence, ...]
    sections: tuple[Section, ...]

    def sentences(self) -> Iterator[Sentence]:
        """All sentences."""
        yield from self.banners
        for section in self.sections:
            yield from section.sentences

    def rows(self) -> Iterator[Row]:
        """All rows of tables."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield from block.rows

    def words(self) -> Iterator[Word]:
        """All words that views share."""
        for sentence in self.sentences():
            yield from (part for part in sentence.parts if isinstance(part, Word))
        for row in self.rows():
            yield from (part for cell in row.cells for part in cell if isinstance(part, Word))
