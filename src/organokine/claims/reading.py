"""Reading a page about a study: plain text, Markdown or HTML."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from organokine.claims import field_names, sentences
from organokine.claims.html_page import parsed
from organokine.claims.page import Block, Field, Kind, Page, Sentence, listed
from organokine.claims.text_page import blocks_of
from organokine.errors import DataError, Problem

LARGEST = 2_000_000
"""Bytes. A page about a study has some 10 kB and a whole book 1 MB, so more is the wrong file; checking takes seconds at most."""
FEWEST_WORDS = 25
"""Words below which the language of a text is not judged: a headline may lack every common word."""
LEAST_ENGLISH = 0.08
"""Least share of words that are the common English ones below, which other languages lack; English abstracts have 14 % or more."""
COMMON = listed(
    "the of and to that for it with were by be this are from which have has not they we their been than who but did these will how",
    "its does between what when you your our she his her there those into would should about",
)
FOREIGN = listed(
    "der das und nicht ist wird eine einen dem den im auf für sich auch oder les une dans est avec chez qui sont pas el los una por",
    "con del della nel gli che di per non il het een voor niet zijn mit bei",
)
"""Common words of German, French, Spanish, Italian and Dutch that English lacks; they tell where a text is short."""
_KNOWN_FILES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word file or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Word file",
    b"\x1f\x8b": "compressed",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a rich text file",
}
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset ?= ?[\"']?([\w-]{1,40})", re.IGNORECASE)
_LOOKS_HTML = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body|div|article)\b", re.I | re.S
)
_BADGE = re.compile(
    r"(?:(?:in )?humans?(?: (?:participants|stud(?:y|ies)|subjects|trial|data|research|evidence))?"
    r"|(?:randomi[sz]ed |controlled |human )*(?:clinical |controlled )?trial|rct|clinical (?:study|trial|evidence))\.?\Z",
    re.IGNORECASE,
)
"""A label that stands alone beside a title and says whom a study studied."""
_TITLE_KINDS: frozenset[Kind] = frozenset({"title", "heading"})


def read_page(path: Path | str) -> Page:
    """Read a page about a study.

    Parameters
    ----------
    path : Path or str
        Plain text, Markdown or HTML, in UTF-8, UTF-16 or Windows-1252.

    Returns
    -------
    Page
        Sentences in reading order, and header fields from tables, lists, front matter, meta tags and JSON-LD.

    Raises
    ------
    DataError
        The file cannot be read, is not text, is empty, too large, or not in English.
    """
    path = Path(path)
    text = _decoded(path)
    is_html = path.suffix.lower() in {".html", ".htm", ".xhtml"} or _LOOKS_HTML.match(text) is not None
    return page_of(text, path.name, is_html=is_html)


def page_of(text: str, name: str = "text", *, is_html: bool = False) -> Page:
    """Take a text apart that is already at hand.

    Parameters
    ----------
    text : str
        Plain text or Markdown, or HTML.
    name : str
        What to call it in messages.
    is_html : bool
        Whether it is HTML.

    Returns
    -------
    Page
        See `read_page`.

    Raises
    ------
    DataError
        There is no text, or it is not in English.
    """
    if is_html:
        parser = parsed(text)
        blocks, types, remarks = parser.blocks(), tuple(parser.types), tuple(parser.remarks)
    else:
        blocks, types, remarks = blocks_of(text), (), ()
    page = _assembled(name, blocks, types, remarks)
    _refuse_unreadable(page)
    return page


def _decoded(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        why = "The checker reads one text, Markdown or HTML file"
        raise DataError(Problem(str(path), f"cannot be read ({error.strerror})", why, "Name such a file")) from None
    if len(data) > LARGEST:
        what = f"the file is larger than {LARGEST // 1_000_000} MB"
        remedy = "Name one page, or cut the part that speaks of the study into a file of its own"
        raise DataError(Problem(str(path), what, "No page about one study is that long", remedy))
    kind = next((words for start, words in _KNOWN_FILES.items() if data.startswith(start)), None)
    bom = next((name for start, name in _BYTE_ORDER_MARKS.items() if data.startswith(start)), None)
    if kind is not None or (bom is None and b"\0" in data):
        what = "the file is not text" if kind is None else f"the file is not text, but {kind}"
        remedy = "Save what it says as plain text, Markdown or HTML, and check that"
        raise DataError(Problem(str(path), what, "Only text has sentences that can be checked", remedy))
    charset = _CHARSET.search(data[:2000])
    declared = "" if charset is None else charset.group(1).decode("ascii")
    for encoding in (bom, "utf-8", declared, "cp1252", "latin-1"):
        if encoding is None or encoding == "":
            continue
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise AssertionError  # Latin-1 knows every byte


def _assembled(name: str, blocks: list[Block], types: tuple[str, ...], remarks: tuple[str, ...]) -> Page:
    seen = {block.text.casefold() for block in blocks if block.kind != "markup"}
    titles: set[str] = set()
    found: list[Sentence] = []
    fields: list[Field] = []
    section = lead = asked = ""
    for number, block in enumerate(blocks, start=1):
        key = block.text.casefold()
        is_repeated = (block.kind == "markup" and key in seen) or (block.kind == "title" and key in titles)
        if block.kind == "title":
            titles.add(key)
        if is_repeated and not field_names.asks_population(block.name):
            continue
        if block.kind in _TITLE_KINDS:
            section, lead = block.text, ""
        elif block.kind != "item":
            lead = block.text if block.text.endswith(":") else ""
        added = _sentences_of(block, number, len(found), lead if lead != "" and block.kind == "item" else section)
        for sentence in added:
            value = block.text if block.kind in {"field", "markup"} else sentence.text
            label = block.name if block.name != "" else asked
            holds = sentence is added[min(len(added) - 1, block.name.endswith("?"))]
            if label != "" and (block.name == "" or holds):
                fields.append(Field(field_names.tidy(label), value, sentence.number))
            asks = field_names.asks_population(sentence.text) or field_names.asks_design(sentence.text)
            asked = sentence.text if asks and block.name == "" else ""
            if label == "" and _BADGE.match(sentence.text) is not None:
                fields.append(Field("label", sentence.text, sentence.number))
        found += added
    return Page(name, _with_answers(found), tuple(fields), types, remarks)


def _sentences_of(block: Block, number: int, before: int, section: str) -> list[Sentence]:
    shown = block.text if block.name == "" else f"{field_names.tidy(block.name)}: {block.text}"
    if block.name.endswith("?"):
        shown = f"{block.name} {block.text}"
    pieces = [shown] if block.kind in {"title", "heading"} else sentences.split(shown)
    spoken = sentences.quoted(pieces)
    if block.kind == "quote":
        spoken = [((0, len(piece)),) for piece in pieces]
    return [
        Sentence(before + place, piece, block.kind, number, section, spans)
        for place, (piece, spans) in enumerate(zip(pieces, spoken, strict=True), start=1)
    ]


def _with_answers(found: list[Sentence]) -> tuple[Sentence, ...]:
    """Mark questions that the next sentence answers with yes: they claim what they ask."""
    following = [*found[1:], None]
    answers = ["" if sentence is None else sentence.text for sentence in following][: len(found)]
    return tuple(
        Sentence(s.number, s.text, s.kind, s.block, s.section, s.spoken, affirmed=True)
        if s.text.endswith("?") and re.match(r"(?:yes|absolutely|of course)\b", answer, re.IGNORECASE) is not None
        else s
        for s, answer in zip(found, answers, strict=True)
    )


def _refuse_unreadable(page: Page) -> None:
    text = " ".join(sentence.text for sentence in page.sentences)
    if not any(sign.isalnum() for sign in text):
        why = "A page without text would pass as clean"
        raise DataError(
            Problem(page.name, "there is no text to read", why, "Name a page that says something of a study")
        )
    words = re.findall(r"[^\W\d_]+", text.lower())
    letters = sum(map(len, words))
    latin = sum(sign.isascii() for word in words for sign in word)
    share = sum(word in COMMON for word in words) / max(1, len(words))
    foreign = sum(word in FOREIGN for word in words)
    is_other = foreign >= 2 and foreign > sum(word in COMMON for word in words)
    is_short = len(words) < FEWEST_WORDS
    if latin < 0.6 * letters or (is_other if is_short else share < LEAST_ENGLISH):
        why = "The rules know English words only, so that any other text would pass as clean"
        raise DataError(Problem(page.name, "the text does not seem to be English", why, "Check an English version"))
