"""Cutting text into sentences, and finding what is quoted in them."""

from __future__ import annotations

import re

from organokine.claims.page import listed

LONGEST = 2000
"""Characters after which a sentence is cut at a blank: nobody writes longer ones, and rules stay quick on damaged text."""
ABBREVIATIONS = listed(
    "e.g i.e al cf vs ca approx dr prof mr mrs ms st fig figs eq ref refs no nos vol ed eds etc sp spp subsp var resp inc ltd",
    "co dept univ min max est incl excl ph.d m.d u.s u.k jan feb mar apr jun jul aug sep sept oct nov dec",
)
STARTERS = listed(
    "A An The This That These Those In It We Our They He She No Not But And If When While What Who How There Here For At On As",
    "Whether Nobody Mice Rats",
)
_END = re.compile(r"(?<![.!?…])[.!?…]{1,20}[\"'”’»)\]]{0,3} +(?=[\"'“‘«„(\[]{0,3}[A-Z0-9])")
_LAST_WORD = re.compile(r"[\w.]+\Z")
_SIGN = re.compile(r"[\"“”„«»]|(?<!\w)‘|’(?!\w)")
OPENING, CLOSING = "“„«‘", "”»’"


def split(text: str) -> list[str]:
    """Cut a block into sentences.

    Abbreviations, initials, decimals and species names (*C. elegans*) do not end a sentence; a sign of quotation after the
    full stop belongs to the sentence that it closes.

    Parameters
    ----------
    text : str
        One block, without line breaks.

    Returns
    -------
    list of str
        Its sentences, none empty.
    """
    pieces, start = [], 0
    for end in _END.finditer(text):
        if not _is_abbreviation(text, end):
            pieces.append(text[start : end.end()].strip())
            start = end.end()
    pieces.append(text[start:].strip())
    return [part for piece in pieces if piece != "" for part in _cut(piece)]


def quoted(sentences: list[str]) -> list[tuple[tuple[int, int], ...]]:
    """Where somebody is quoted, in each sentence of a block; a quotation may run over several.

    Parameters
    ----------
    sentences : list of str
        Sentences of one block, in order.

    Returns
    -------
    list of tuple
        For each sentence, first and last-plus-one position of what stands between signs of quotation.
    """
    found, closing = [], ""
    for sentence in sentences:
        spans, start = [], 0
        for sign in _SIGN.finditer(sentence):
            mark, at = sign.group(), sign.start()
            if closing == "":
                closing, start = _partner(mark, sentence, at), at + 1
            elif mark == closing:
                spans.append((start, at))
                closing = ""
        if closing != "":
            spans.append((start, len(sentence)))
        found.append(tuple(span for span in spans if span[1] > span[0]))
    return found


def _partner(mark: str, sentence: str, at: int) -> str:
    """The sign that closes what `mark` opens; nothing where it is a sign of inches or closes what was never opened."""
    if mark in OPENING:
        return {"“": "”", "„": "“", "«": "»", "‘": "’"}[mark]
    if mark == '"' and not (at > 0 and sentence[at - 1].isdigit()):
        return '"'
    return ""


def _is_abbreviation(text: str, end: re.Match[str]) -> bool:
    if end.group()[0] != "." or end.group().startswith(".."):
        return False
    before = _LAST_WORD.search(text, max(0, end.start() - 12), end.start())
    word = "" if before is None else before.group()
    if len(word) == 1 and word.isupper():
        return re.split(r"\W", text[end.end() : end.end() + 12].lstrip("\"'“‘("))[0] not in STARTERS
    return word.lower() in ABBREVIATIONS


def _cut(piece: str) -> list[str]:
    parts = []
    while len(piece) > LONGEST:
        at = piece.rfind(" ", LONGEST // 2, LONGEST)
        at = LONGEST if at < 0 else at
        parts.append(piece[:at])
        piece = piece[at:].strip()
    return [part for part in (*parts, piece) if part != ""]
