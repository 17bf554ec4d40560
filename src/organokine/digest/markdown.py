"""A view as Markdown; signs that Markdown reads are escaped."""

from __future__ import annotations

import re

from organokine.digest.sentence import Block, Said, Sentence, Table, View, plain
from organokine.digest.views import TITLES

_SIGNS = re.compile(r"([\\`*_\[\]<>|#~$])")


def view_markdown(view: View) -> str:
    """A whole view, each sentence with the facts it rests on in brackets."""
    parts = [f"# {_escaped(view.gene)}: {TITLES[view.reader].lower()}"]
    parts += [_escaped(banner.text) for banner in view.banners]
    for section in view.sections:
        parts += [f"## {section.heading}", *(_block(block) for block in section.blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Sentence):
        cites = "" if len(block.cites) == 0 else f" \\[{_escaped(', '.join(block.cites))}\\]"
        return f"{_escaped(block.text)}{cites}"
    if isinstance(block, Said):
        about = "" if block.about == "" else f" (to {_escaped(block.about)})"
        return f"**{block.kind.capitalize()}** by {_escaped(block.author)}, {block.date}{about}: {_escaped(block.text)}"
    return _table(block)


def _table(table: Table) -> str:
    head = [*table.head, "Facts"]
    rows = [[*(_escaped(plain(cell)) for cell in row.cells), _escaped(", ".join(row.cites))] for row in table.rows]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join([f"{_escaped(table.caption)}:", "", *(f"| {' | '.join(line)} |" for line in lines)])


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
