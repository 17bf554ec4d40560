"""Reading level by one pinned formula: Flesch-Kincaid grade (Kincaid et al. 1975, Navy Research Branch Report 8-75).

Packages that offer it differ by a grade or more on one text, since they count syllables differently. Here a syllable is a group of
vowels, but for those at the end of a word that English does not speak.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*|\d[\d.,]*")
_END = re.compile(r"(?<=[.!?])\s+")
_VOWELS = re.compile(r"[aeiouy]+")


class Level(NamedTuple):
    """Reading level: grade, and words per sentence."""

    grade: float
    words_per_sentence: float


def syllables(word: str) -> int:
    """Syllables of an English word; a number counts as one."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    n = len(_VOWELS.findall(letters))
    # "being" and "doing" have one group of vowels, and two syllables.
    n += 1 if re.search(r"[aeiouy]ing$", letters) is not None else 0
    silent_e = re.search(r"[^aeiouy]e$", letters) is not None and re.search(r"[^aeiouy]le$", letters) is None
    silent_ed = re.search(r"[^aeioutd]ed$", letters) is not None
    silent_es = re.search(r"(?:(?<![sc])h|[^aeiouyscgxzlh]|[aeiouy]l)es$", letters) is not None
    return max(1, n - int(silent_e or silent_ed or silent_es))


def sentences_of(text: str) -> list[str]:
    """Sentences of a text, parted at the sign that ends them."""
    return [each for each in _END.split(text.strip()) if each != ""]


def reading_level(sentences: Sequence[str]) -> Level:
    """Flesch-Kincaid grade: 0.39 words per sentence + 11.8 syllables per word - 15.59.

    Parameters
    ----------
    sentences : sequence of str
        The text, parted into sentences; one without words does not count.

    Returns
    -------
    Level
        Grade of a school in the United States; both numbers are NaN of a text without words.
    """
    words = [found for each in sentences if len(found := _WORD.findall(each)) > 0]
    n = sum(len(each) for each in words)
    if n == 0:
        return Level(float("nan"), float("nan"))
    per_sentence = n / len(words)
    per_word = sum(syllables(word) for each in words for word in each) / n
    return Level(0.39 * per_sentence + 11.8 * per_word - 15.59, per_sentence)
