"""From plain text or Markdown to blocks."""

from __future__ import annotations

import re

from organokine.claims import field_names
from organokine.claims.html_page import line_blocks, table_blocks, without_comments
from organokine.claims.page import Block, Kind

LONGEST_HEADING = 120
"""Characters; a longer first line or line in capitals is prose."""
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_HEADING = re.compile(r" {0,3}(#{1,6}) +(.*?)[ #]*\Z")
_ITEM = re.compile(r" {0,12}(?:[-*+•–]|\d{1,3}[.)]) +(?=\S)")
_UNDERLINE = re.compile(r" {0,3}(={3,}|-{3,}) *\Z")
_RULE_ROW = re.compile(r"[ |:+-]{3,}\Z")
_TAGS = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,500}\)")
_EMPHASIS = re.compile(r"(?<!\w)(\*\*\*|\*\*|\*|___|__|_|~~|`)(?=\S)|(?<=\S)(\*\*\*|\*\*|\*|___|__|_|~~|`)(?!\w)")
_LABEL = re.compile(r"(\*\*|__)[^*_]{2,40}(?::\1|\1 ?:)")
_FRONT = re.compile(r"([A-Za-z][\w -]{0,40}): *(.+)\Z")


def blocks_of(text: str) -> list[Block]:
    """Read Markdown, of which plain text is the plainest kind.

    Parameters
    ----------
    text : str
        The whole text.

    Returns
    -------
    list of Block
        In reading order; code is left out.
    """
    lines = _TAGS.sub(" ", without_comments(text).replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    blocks, lines = _front_matter(lines)
    reader = _Lines(blocks)
    for line in lines:
        reader.read(line)
    reader.flush()
    return _with_title(reader.blocks)


class _Lines:
    """Reads line by line; a block ends at a blank line, a heading, an item, a row or a header field."""

    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = blocks
        self._lines: list[str] = []
        self._rows: list[list[str]] = []
        self._kind: Kind = "text"
        self._in_code = False

    def read(self, line: str) -> None:
        if _FENCE.match(line) is not None:
            self.flush()
            self._in_code = not self._in_code
        elif not self._in_code:
            self._read_prose(line)

    def _read_prose(self, line: str) -> None:
        heading, stripped = _HEADING.match(line), line.strip()
        is_row = stripped.startswith("|") or (len(self._rows) > 0 and "|" in stripped)
        if len(self._rows) > 0 and not is_row:
            self.flush()
        if stripped == "":
            self.flush()
        elif heading is not None:
            self.flush()
            self._add("title" if len(heading.group(1)) == 1 else "heading", heading.group(2))
        elif _UNDERLINE.match(line) is not None:
            self._underline(line)
        elif is_row and (len(self._rows) > 0 or stripped.count("|") > 1):
            if _RULE_ROW.match(stripped) is None:
                self._rows.append([_plain(cell) for cell in stripped.strip("|").split("|")])
        else:
            self._read_text(line, stripped)

    def _read_text(self, line: str, stripped: str) -> None:
        if _ITEM.match(line) is not None:
            self.flush()
            self._kind, stripped = "item", _ITEM.sub("", line, count=1)
        elif stripped.startswith(">"):
            if self._kind != "quote":
                self.flush()
            self._kind, stripped = "quote", stripped.lstrip("> ")
        elif len(field_names.split_line(_plain(stripped))) > 0 or _LABEL.match(stripped) is not None:
            self.flush()
        elif _is_loud(stripped):
            self.flush()
            self._add("heading", stripped)
            return
        self._lines.append(stripped)

    def _underline(self, line: str) -> None:
        if len(self._lines) == 1 and self._kind == "text":
            kind: Kind = "title" if "=" in line else "heading"
            text = self._lines.pop()
            self._add(kind, text)
        self.flush()

    def _add(self, kind: Kind, text: str) -> None:
        if _plain(text) != "":
            self.blocks.append(Block(kind, _plain(text)))

    def flush(self) -> None:
        self.blocks += table_blocks(self._rows)
        self._rows = []
        self.blocks += _paragraph(_plain(" ".join(self._lines)), self._kind)
        self._lines, self._kind = [], "text"


def _paragraph(text: str, kind: Kind) -> list[Block]:
    """One paragraph: a header field however long where it begins with a name that says whom or how, else prose."""
    fields = field_names.split_line(text)
    if len(fields) == 1 and (field_names.asks_population(fields[0][0]) or field_names.asks_design(fields[0][0])):
        return [Block("field", fields[0][1], fields[0][0])]
    return line_blocks(text, kind)


def _front_matter(lines: list[str]) -> tuple[list[Block], list[str]]:
    if len(lines) == 0 or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:60]):
        return [], lines
    end = next(number for number, line in enumerate(lines[1:], start=1) if line.strip() == "---")
    pairs = [_FRONT.match(line.strip()) for line in lines[1:end]]
    blocks = [_front(pair.group(1), pair.group(2).strip("\"' ")) for pair in pairs if pair is not None]
    return blocks, lines[end + 1 :]


def _front(name: str, value: str) -> Block:
    return Block("title", value) if name.lower() == "title" else Block("field", value, field_names.tidy(name))


def _with_title(blocks: list[Block]) -> list[Block]:
    """Where nothing says that it is the title, it is the field of that name, or what stands first, if it is short."""
    if any(block.kind == "title" for block in blocks):
        return blocks
    for number, block in enumerate(blocks[:4]):
        named = block.kind == "field" and block.name.lower() == "title"
        short = block.kind in {"text", "heading"} and len(block.text) <= LONGEST_HEADING
        is_label = "release" in block.text.lower() and len(block.text) < 45
        if named or (
            short
            and not is_label
            and not block.text.endswith(".")
            and "?" not in block.text[:-1]
            and len(block.text.split()) > 1
        ):
            return [*blocks[:number], Block("title", block.text), *blocks[number + 1 :]]
    return blocks


def _is_loud(text: str) -> bool:
    """Whether a line of plain text is a heading in capitals."""
    letters = [sign for sign in text if sign.isalpha()]
    return len(letters) > 6 and len(text) <= LONGEST_HEADING and all(sign.isupper() for sign in letters) and " " in text


def _plain(text: str) -> str:
    return " ".join(_EMPHASIS.sub("", _LINK.sub(r"\1", text)).split())
