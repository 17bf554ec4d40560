"""What a page about a study is made of: header fields, blocks, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["title", "heading", "text", "item", "quote", "field", "cell", "markup"]


def listed(*lines: str) -> frozenset[str]:
    """A set of words written one after the other."""
    return frozenset(word for line in lines for word in line.split())


@dataclass(frozen=True)
class Block:
    """A piece of a page that stands alone: no sentence runs over its edge.

    Attributes
    ----------
    kind : str
        What it is; `markup` is text that only machines see (meta tags, JSON-LD).
    text : str
        Its text; single blanks, no line breaks.
    name : str
        Name of a header field ("Population"), otherwise empty.
    """

    kind: Kind
    text: str
    name: str = ""


@dataclass(frozen=True)
class Field:
    """A header field: what the page says of its study in a word or two.

    Attributes
    ----------
    name, value : str
        As written.
    sentence : int
        Number of the sentence that holds it.
    """

    name: str
    value: str
    sentence: int


@dataclass(frozen=True)
class Sentence:
    """One sentence in its place.

    Attributes
    ----------
    number : int
        Place on the page, from 1.
    text : str
        The sentence.
    kind : str
        Kind of its block.
    block : int
        Number of its block; sentences of one block are neighbours.
    section : str
        The heading above it, or the line ending in a colon that leads its list.
    spoken : tuple of (int, int)
        Where somebody is quoted, as positions in `text`.
    affirmed : bool
        Whether it is a question that the next sentence answers with yes.
    """

    number: int
    text: str
    kind: Kind
    block: int
    section: str = ""
    spoken: tuple[tuple[int, int], ...] = ()
    affirmed: bool = False

    @property
    def asks(self) -> bool:
        """Whether it is a question that nobody affirmed."""
        return self.text.rstrip("\"'”’») ").endswith("?") and not self.affirmed


@dataclass(frozen=True)
class Page:
    """A page as read.

    Attributes
    ----------
    name : str
        File name, for messages.
    sentences : tuple of Sentence
        Everything that a reader or a machine sees, in reading order.
    fields : tuple of Field
        Header fields, wherever they stand.
    types : tuple of str
        Types that JSON-LD blocks declare, such as `MedicalTrial`.
    remarks : tuple of str
        What could not be read, in plain words.
    """

    name: str
    sentences: tuple[Sentence, ...]
    fields: tuple[Field, ...] = ()
    types: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def titles(self) -> tuple[Sentence, ...]:
        """The title, or titles where the tab and the page differ."""
        return tuple(sentence for sentence in self.sentences if sentence.kind == "title")
