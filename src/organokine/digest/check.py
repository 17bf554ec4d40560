"""Every view is held against its card before anyone reads it; a fault is a bug of ours, and ends the build."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from organokine.digest.cited import Cited, numbers_in
from organokine.digest.reading import Level, reading_level
from organokine.digest.sentence import Name, Parts, Quote, Sentence, View, Word, plain
from organokine.digest.voice import truths

MOST_GRADE, MOST_WORDS = 9.0, 18.0
"""Reading level of the patient's view at most: grade, and words per sentence."""
_INTERVAL = re.compile(r"\b95 ?% interval")
"""The one number that is no finding."""
_STRONG = {
    "enough to": ("test:sufficiency", re.compile(r"\benough to\b")),
    "needed for": ("test:necessity", re.compile(r"\bneeded for\b")),
}
"""Verbs that only an arm allows, and the test that must be supported for them."""
_CAUSAL = re.compile(
    r"\b(causes?|caused|causing|leads? to|led to|drives?|prevents?|prevented|protects?|restores?|improves?|treats)\b"
)
_NEVER = re.compile(
    r"\b(actionable|recommend\w*|should|must|hope\w*|promis\w*|breakthrough\w*|cure[sd]?|exciting|miracle\w*|revolution\w*|"
    r"milligrams?|mg|we advise|ask your|talk to|consult|guideline says)\b",
    re.IGNORECASE,
)  # fmt: skip
"""Words of hope, of advice and of dose."""


class DigestFault(Exception):
    """A view says what its card does not bear out. It is a bug of organokine, not of the user's data.

    Parameters
    ----------
    faults : list of str
        Everything that is wrong, in the order of the view.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


def check_view(view: View, card: Mapping[str, Any]) -> View:
    """Hold a view against its card.

    Every sentence but a disclaimer cites facts that exist; every number is one of a cited fact; every quotation and name is one of
    the card; a sentence about an effect names the species and says how sure it is; verbs of cause stand only where the test for them is supported; words that
    views share are those of the card; and the patient's view is as plain as it must be.

    Raises
    ------
    DigestFault
        With all faults.
    """
    cited = Cited(card)
    faults = [fault for sentence in view.sentences() for fault in _sentence_faults(sentence, cited)]
    for row in view.rows():
        cells = tuple(part for cell in row.cells for part in (*cell, " "))
        faults += _parts_faults(cells, row.cites, cited)
    expected = truths(card)
    said = {(word.topic, word.value) for word in view.words()}
    faults += [
        f"{topic} is {value}, not {expected.get(topic)}"
        for topic, value in sorted(said)
        if expected.get(topic) != value
    ]
    faults += [f"{topic} is not told" for topic in expected if topic not in {topic for topic, _ in said}]
    if view.reader == "patient":
        level = level_of(view, with_names=False)
        if level.grade > MOST_GRADE or level.words_per_sentence > MOST_WORDS:
            faults.append(
                f"the patient's view is of grade {level.grade:.1f}, {level.words_per_sentence:.1f} words per sentence"
            )
    if len(faults) > 0:
        raise DigestFault(faults)
    return view


def level_of(view: View, *, with_names: bool) -> Level:
    """Reading level of a view without disclaimers, genes, and what people said.

    Parameters
    ----------
    view : View
        The view.
    with_names : bool
        Whether names of organs, groups and tests count, which are not ours to choose.
    """
    found = []
    for sentence in view.sentences():
        if not sentence.is_fixed:
            kept = [_read(part, view.gene, with_names=with_names) for part in sentence.parts]
            found.append("".join(kept))
    return reading_level(found)


def _read(part: Any, gene: str, *, with_names: bool) -> str:
    if isinstance(part, str):
        return part
    is_left_out = isinstance(part, Name) and (part.text == gene or not with_names)
    return "" if is_left_out else str(part.text)


def _sentence_faults(sentence: Sentence, cited: Cited) -> list[str]:
    if sentence.is_fixed:
        return []
    faults = _parts_faults(sentence.parts, sentence.cites, cited)
    ours = " ".join(part for part in sentence.parts if isinstance(part, str))
    known = [name for name in sentence.cites if name in cited]
    if len(sentence.cites) == 0:
        faults.append(f"no fact is cited: {sentence.text}")
    names_species = any(isinstance(part, Word) and part.topic == "species" for part in sentence.parts)
    if any(cited.is_effect(name) for name in known) and not names_species:
        faults.append(f"an effect without its species: {sentence.text}")
    is_hedged = any(isinstance(part, Word) and part.topic.startswith(("certainty", "state")) for part in sentence.parts)
    if any(name in cited.card["facts"] and cited.is_effect(name) for name in known) and not is_hedged:
        faults.append(f"an effect without its certainty: {sentence.text}")
    for verb, (test, pattern) in _STRONG.items():
        shown = test in known and cited.item(test)["state"] == "supported"
        if pattern.search(ours) is not None and not shown:
            faults.append(f"{verb!r} without a test that shows it: {sentence.text}")
    faults += [
        f"{found.group()!r} is no word of ours: {sentence.text}"
        for each in (_CAUSAL, _NEVER)
        if (found := each.search(ours))
    ]
    return faults


def _parts_faults(parts: Parts, cites: tuple[str, ...], cited: Cited) -> list[str]:
    text = plain(parts)
    unknown = [name for name in cites if name not in cited]
    faults = [f"there is no fact {name!r}: {text}" for name in unknown]
    known = tuple(name for name in cites if name in cited)
    kept = _INTERVAL.sub("", "".join(" " if isinstance(part, Name) else plain((part,)) for part in parts))
    allowed = cited.numbers(known)
    faults += [
        f"the number {number:g} is in no cited fact: {text}" for number in numbers_in(kept) if number not in allowed
    ]
    words = cited.texts(known)
    for part in parts:
        if isinstance(part, Quote) and numbers_in(part.text) == [] and not any(part.text in each for each in words):
            faults.append(f"{part.text!r} is in no cited fact: {text}")
        if isinstance(part, Name) and part.text not in cited.names:
            faults.append(f"{part.text!r} is no name of this card: {text}")
    return faults
