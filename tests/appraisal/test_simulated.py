"""On simulated studies: the planted broken link is named, nothing gets `watch`, and copies of animals raise no level."""

from __future__ import annotations

from collections import Counter

import pytest

from cards import (
    BROKEN,
    MEDIATOR,
    SMALL,
    STRONG,
    cards_of,
    weakest_named,
    with_copies,
    with_function,
    words_on_nothing,
)
from organokine.appraisal.thresholds import LEVELS
from organokine.simulate import simulate_tables

WORDS = ("background", "watch")


@pytest.mark.slow
def test_the_link_that_was_left_out_is_named_weakest() -> None:
    named = {broken: weakest_named(place, broken) for place, broken in enumerate(BROKEN, start=11)}
    hits = Counter(broken == found for broken, found in named.items())
    assert hits[True] >= 5, named


@pytest.mark.slow
def test_where_nothing_differs_nothing_is_watched() -> None:
    assert set(words_on_nothing(3)) == {"background"}


@pytest.mark.slow
def test_copies_of_all_animals_raise_no_level() -> None:
    """A study too small to show much, and the same with every animal twice under another name, which shrinks every p."""
    made = simulate_tables(
        4, **SMALL | STRONG | {"n_per_group": 4, "arm_animals": 4, "mediator_source": (0.4, 0.4), "missing": False}
    )
    studies = [with_function(each, 4, -20.0) for each in (made, with_copies(made))]
    once, twice = (cards_of(study)[MEDIATOR] for study in studies)
    assert twice["facts"]["line.source_change"]["p"] < once["facts"]["line.source_change"]["p"], "the test must tempt"
    for before, after in zip(once["hasEvidenceLines"], twice["hasEvidenceLines"], strict=True):
        assert after["state"] != "supported" or before["state"] == "supported"
        assert LEVELS.index(after["certainty"]) <= LEVELS.index(before["certainty"])
    assert WORDS.index(twice["relevance"]["word"]) <= WORDS.index(once["relevance"]["word"])
    assert "R15" in {flag["rule"] for flag in twice["flags"]}
