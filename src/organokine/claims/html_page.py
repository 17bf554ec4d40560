"""From an HTML page to blocks: what a reader sees, and what machines are told."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from organokine.claims import field_names
from organokine.claims.page import Block, Kind, listed

BLOCK_TAGS = listed(
    "p div li ul ol dl table caption thead tbody tfoot section article main header footer aside nav figure figcaption blockquote",
    "h1 h2 h3 h4 h5 h6 pre form fieldset details summary address body hr title dt dd tr td th",
)
UNSEEN_TAGS = listed(
    "script style template svg iframe object canvas textarea select",
)
CELL_TAGS = frozenset({"td", "th", "tr", "table", "thead", "tbody", "tfoot", "dt", "dd", "dl"})
LONGEST_CELL = 600
"""Characters; a longer cell is no fact but a part of a page that is laid out as a table."""
INLINE_GAPS = listed(
    "span b strong em label i a button small",
)
KINDS: dict[str, Kind] = {
    "title": "title",
    "h1": "title",
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6", "summary", "caption"), "heading"),
    **dict.fromkeys(("li", "dd"), "item"),
    "blockquote": "quote",
}
VOID_TAGS = listed(
    "area base br col embed hr img input link meta source track wbr",
)
SEEN_BY_MACHINES = listed(
    "description og:description twitter:description og:title twitter:title citation_title dc.title dc.description",
)
_BADGE = re.compile(r"\b(?:badge|chip|tag|pill|label)s?\b", re.IGNORECASE)
_HIDDEN = re.compile(r"display ?: ?none|visibility ?: ?hidden", re.IGNORECASE)
_PROSE_KEYS = ("headline", "alternativeHeadline", "name", "description", "abstract")


class PageParser(HTMLParser):
    """Collects the blocks of a page in reading order; call `blocks` after `close`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Block] = []
        self._text: list[str] = []
        self._kind: Kind = "text"
        self._unseen = ""
        self._depth = 0
        self._json: list[str] | None = None
        self._tables: list[list[list[str]]] = []
        self._cell = ""
        self._term = ""
        self.types: list[str] = []
        self.remarks: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if self._unseen != "":
            self._depth += tag == self._unseen
            return
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self._read_meta(given)
        elif tag == "br":
            self._text.append("\n")
        elif tag in UNSEEN_TAGS or "hidden" in given or _HIDDEN.search(given.get("style", "")) is not None:
            if tag not in VOID_TAGS:
                self._unseen, self._depth = tag, 1
                self._json = [] if "ld+json" in given.get("type", "") else None
        elif tag in BLOCK_TAGS:
            self._open(tag)
        elif _BADGE.search(given.get("class", "")) is not None:
            self._flush()

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if self._unseen != "":
            self._depth -= tag == self._unseen
            if self._depth == 0:
                self._unseen = ""
                self._read_json()
        elif tag in BLOCK_TAGS:
            self._close(tag)
        elif tag in INLINE_GAPS:
            self._text.append(" ")

    def handle_data(self, data: str) -> None:
        """Keep text that is seen."""
        if self._json is not None:
            self._json.append(data)
        elif self._unseen == "":
            self._text.append(data)

    def blocks(self) -> list[Block]:
        """Everything on the page, in reading order."""
        self._finish_cell()
        self._flush()
        while len(self._tables) > 0:
            self._blocks += table_blocks(self._tables.pop())
        return [block for block in self._blocks if block.text != ""]

    def _open(self, tag: str) -> None:
        if self._cell != "" and tag not in CELL_TAGS:
            self._text.append(" ")
            return
        self._finish_cell()
        self._flush()
        self._kind = KINDS.get(tag, "text")
        if tag in {"td", "th", "dt", "dd"}:
            self._cell = tag
        elif tag == "table":
            self._tables.append([])
        elif tag == "tr" and len(self._tables) > 0:
            self._tables[-1].append([])

    def _close(self, tag: str) -> None:
        if self._cell != "" and tag not in CELL_TAGS:
            self._text.append(" ")
            return
        self._finish_cell()
        self._flush()
        self._kind = "text"
        if tag == "table" and len(self._tables) > 0:
            self._blocks += table_blocks(self._tables.pop())

    def _finish_cell(self) -> None:
        """Put what was read since a cell, a term or its value began where it belongs."""
        cell, self._cell = self._cell, ""
        if cell == "":
            return
        text = _tidy("".join(self._text))
        self._text.clear()
        if cell == "dt":
            self._term = text
        elif cell == "dd":
            self._blocks.append(Block("field", text, self._term) if self._term != "" else Block("item", text))
        elif len(self._tables) > 0 and len(self._tables[-1]) > 0 and len(text) <= LONGEST_CELL:
            self._tables[-1][-1].append(text)
        else:
            self._blocks += line_blocks(text, "text")

    def _flush(self) -> None:
        lines = "".join(self._text).split("\n\n") if self._kind == "text" else ["".join(self._text)]
        self._text.clear()
        for line in lines:
            self._blocks += line_blocks(line, self._kind)

    def _read_meta(self, given: dict[str, str]) -> None:
        name = (given.get("name", "") or given.get("property", "")).lower()
        content = _tidy(given.get("content", ""))
        if name in SEEN_BY_MACHINES and content != "":
            self._blocks.append(Block("markup", content))
        elif field_names.asks_population(name.replace("-", " ")) and content != "":
            self._blocks.append(Block("field", content, name.replace("-", " ")))

    def _read_json(self) -> None:
        text, self._json = self._json, None
        if text is None:
            return
        try:
            found = json.loads("".join(text).replace("&lt;", "<"))
        except (ValueError, RecursionError):
            self.remarks.append("a JSON-LD block is not valid JSON and was left out")
            return
        for thing in _things(found):
            self._read_thing(thing)

    def _read_thing(self, thing: dict[str, Any]) -> None:
        types = thing.get("@type", ())
        types = [types] if isinstance(types, str) else types
        self.types += [kind for kind in types if isinstance(kind, str)] if isinstance(types, list) else []
        if "Question" in types and isinstance(thing.get("acceptedAnswer"), dict):
            answer = thing["acceptedAnswer"].get("text", "")
            self._blocks.append(Block("markup", _tidy(_plain(answer)), _tidy(str(thing.get("name", "")))))
            return
        for key, value in thing.items():
            if not isinstance(value, str):
                continue
            if field_names.asks_population(_words(key)) or field_names.asks_design(_words(key)):
                self._blocks.append(Block("field", _tidy(value), _words(key)))
            elif key in _PROSE_KEYS and "Answer" not in types and "Person" not in types and "Organization" not in types:
                self._blocks.append(Block("markup", _tidy(_plain(value))))


def without_comments(text: str) -> str:
    """The text without the comments of HTML that are closed."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        parts.append(text[at:start])
        at = end + len("-->")
    return " ".join([*parts, text[at:]])


def parsed(text: str) -> PageParser:
    """Parse a page; every `<` that no `>` closes is taken for text, on which the parser would search to the end again and again."""
    pieces = without_comments(text).replace("<![", "&lt;![").replace("<!--", "&lt;!--").split("<")
    parser = PageParser()
    parser.feed("".join([pieces[0], *(("<" if ">" in piece else "&lt;") + piece for piece in pieces[1:])]))
    parser.close()
    return parser


def line_blocks(text: str, kind: Kind) -> list[Block]:
    """Blocks of a piece of running text: header fields where its lines are such, otherwise one block."""
    lines = [_tidy(line) for line in text.split("\n")]
    if kind in {"text", "item"}:
        whole = field_names.split_line(_tidy(" ".join(lines)))
        each = [field_names.split_line(line) for line in lines]
        if len(whole) > 0 and (len(whole) > 1 or len(_tidy(text)) <= 200):
            return [Block("field", value, name) for name, value in whole]
        if any(len(fields) > 0 for fields in each):
            return [
                block
                for line, fields in zip(lines, each, strict=True)
                for block in ([Block("field", value, name) for name, value in fields] or [Block(kind, line)])
                if block.text != ""
            ]
    joined = _tidy(" ".join(lines))
    return [Block(kind, joined)] if joined != "" else []


def table_blocks(rows: list[list[str]]) -> list[Block]:
    """Header fields of a table, name beside value or name above value; other cells as they are.

    Parameters
    ----------
    rows : list of list of str
        Text of the cells.

    Returns
    -------
    list of Block
        In reading order.
    """
    rows = [row for row in rows if any(cell != "" for cell in row)]
    if len(rows) > 1 and len(rows[0]) > 1 and sum(map(field_names.is_known, rows[0])) * 2 > len(rows[0]):
        pairs = [(name, value) for row in rows[1:] for name, value in zip(rows[0], row, strict=False)]
        return [Block("field", value, name) for name, value in pairs if value != ""]
    blocks: list[Block] = []
    for row in rows:
        if len(row) == 2 and row[0] != "" and row[1] != "" and len(row[0]) <= 60:
            blocks.append(Block("field", row[1], field_names.tidy(row[0])))
        else:
            blocks += [Block("cell", cell) for cell in row if cell != ""]
    return blocks


def _things(found: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON-LD block, outer ones first."""
    waiting = deque([found])
    while len(waiting) > 0:
        thing = waiting.popleft()
        if isinstance(thing, list):
            waiting.extendleft(reversed(thing))
        elif isinstance(thing, dict):
            yield thing
            waiting.extendleft(reversed([value for key, value in thing.items() if key != "acceptedAnswer"]))


def _words(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).lower()


def _plain(text: Any) -> str:
    return re.sub(r"<[^<>]{1,300}>", " ", text) if isinstance(text, str) else ""


def _tidy(text: str) -> str:
    return re.sub(r" (?=[.,;:!?)])", "", " ".join(text.split()))
