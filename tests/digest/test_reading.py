"""The pinned formula, on texts whose grade is published or counted by hand."""

from __future__ import annotations

import math

import pytest

from organokine.digest.reading import reading_level, sentences_of, syllables

PLATYPUS = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
"""13 words and 24 syllables; grade 11.3 in the encyclopaedia's article on the formula."""
POINT = "This sentence, taken as a reading passage unto itself, is being used to prove a point."
"""16 words and 23 syllables; reading ease 69 in the same article."""


@pytest.mark.parametrize(
    ("text", "n_words", "n_syllables", "n_sentences"),
    [
        (PLATYPUS, 13, 24, 1),
        (POINT, 16, 23, 1),
        ("The cat sat on the mat.", 6, 6, 1),
        ("Go, dogs. Go! It is 20 mice.", 7, 7, 3),
    ],
)
def test_texts_counted_by_hand(text: str, n_words: int, n_syllables: int, n_sentences: int) -> None:
    level = reading_level(sentences_of(text))
    assert level.words_per_sentence == pytest.approx(n_words / n_sentences)
    assert level.grade == pytest.approx(0.39 * n_words / n_sentences + 11.8 * n_syllables / n_words - 15.59)


def test_the_published_grade() -> None:
    assert round(reading_level([PLATYPUS]).grade, 1) == 11.3


@pytest.mark.parametrize(
    ("word", "n"),
    [("mice", 1), ("certainty", 3), ("tested", 2), ("moved", 1), ("table", 2), ("changes", 2), ("muscle", 2), ("cerebellum", 4), ("being", 2),
     ("whether", 2), ("the", 1), ("people", 2), ("study", 2), ("rotarod", 3), ("20", 1), ("uncertain", 3), ("rules", 1), ("notes", 1), ("muscles", 2), ("dishes", 2)],
)  # fmt: skip
def test_syllables_of_words_of_the_views(word: str, n: int) -> None:
    assert syllables(word) == n


def test_harder_words_and_longer_sentences_raise_the_grade() -> None:
    easy = reading_level(["No one was kept well by it.", "It was seen in mice."]).grade
    hard = reading_level(["Pharmacological interventions necessitate comprehensive characterisation."]).grade
    assert easy < 3
    assert hard > 15


def test_no_words_have_no_grade() -> None:
    assert math.isnan(reading_level(["…", ""]).grade)
