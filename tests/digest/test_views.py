"""Four views of one card: the same facts, the verbs of the design, the hedges of the certainty, the species everywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_cards import DRUG, GAIN, LOSS, fact, made_card

from organokine.digest.answers import QUESTIONS
from organokine.digest.check import level_of
from organokine.digest.cited import Cited
from organokine.digest.markdown import view_markdown
from organokine.digest.sentence import Said, View
from organokine.digest.views import READERS, view_of
from organokine.digest.voice import truths

LINKS = [f"L{n}" for n in range(1, 8)]
STATES = ("supported", "contradicted", "inconclusive", "not_tested", "not_assessable")
LEVELS = ("very_low", "low", "moderate", "high")
EVIL = [
    "<b>x</b>",
    "a | b",
    "a\nb",
    "{gene}",
    "10% of 3 doses",
    "IL-6",
    "1.5e9",
    "should cure",
    "",
    "x" * 200,
    "−4",
    "%s",
    "a.b.c 1.2.3",
]


def told(view: View) -> dict[str, set[str]]:
    """By topic: what a view says of it."""
    found: dict[str, set[str]] = {}
    for word in view.words():
        found.setdefault(word.topic, set()).add(word.value)
    return found


def text_of(view: View, key: str = "") -> str:
    return "\n".join(each.text for section in view.sections if key in {"", section.key} for each in section.sentences)


def cards() -> st.SearchStrategy[dict[str, Any]]:
    kinds = st.sampled_from(
        [
            ("mouse", "T2"),
            ("rat", "T2"),
            ("human", "T3"),
            ("mouse", "T1"),
            ("human", "T1"),
            ("human", "T0"),
            ("rat", "T0"),
        ]
    )
    each = {"states": st.sampled_from(STATES), "certainty": st.sampled_from(LEVELS)}
    shown = st.dictionaries(
        st.sampled_from(["sufficiency", "necessity", "reversal", "replication"]), st.sampled_from([GAIN, LOSS, DRUG])
    )
    return st.builds(
        lambda kind, **rest: made_card(species=kind[0], stage=kind[1], **rest),
        kind=kinds,
        way=st.sampled_from(["increased", "decreased", "unknown"]),
        shown=shown,
        text=st.sampled_from(["muscle", *EVIL]),
        gene=st.sampled_from(["Anxa2", *[each for each in EVIL if each != ""]]),
        **{name: st.fixed_dictionaries(dict.fromkeys(LINKS, values)) for name, values in each.items()},
    )


@settings(max_examples=25)
@given(card=cards())
def test_all_views_agree_with_the_card_and_each_other(card: dict[str, Any]) -> None:
    """Every view passes its check, whatever the states and whatever users typed, and says all that they share."""
    expected = {topic: {value} for topic, value in truths(card).items()}
    assert {"stage", "species", "direction", "weakest", "relevance", "state L1", "certainty L7"} <= set(expected)
    for reader in READERS:
        assert told(view_of(card, reader)) == expected, reader


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("species", "stage", "word"), [("mouse", "T2", "mice"), ("rat", "T2", "rats"), ("human", "T3", "people"), ("mouse", "T1", "cells or tissue of mice")])  # fmt: skip
def test_the_species_is_read_in_every_sentence_about_an_effect(
    reader: str, species: str, stage: str, word: str
) -> None:
    card = made_card(species=species, stage=stage, shown={"sufficiency": GAIN, "reversal": LOSS})
    cited = Cited(card)
    about = [each for each in view_of(card, reader).sentences() if any(cited.is_effect(name) for name in each.cites)]
    assert len(about) > 10
    assert all(re.search(rf"\b{word.rsplit(maxsplit=1)[-1]}\b", each.text) for each in about)
    assert any(word in each.text for each in about)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("way", "word", "other"), [("increased", "higher", "lower"), ("decreased", "lower", "higher")])
def test_the_direction_is_read(reader: str, way: str, word: str, other: str) -> None:
    lines = [
        line
        for line in text_of(view_of(made_card(way=way), reader)).splitlines()
        if "of old mice than of young mice" in line
    ]
    assert len(lines) == 1
    assert f" {word} in" in lines[0]
    assert other not in lines[0]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("very_low", "it is very uncertain whether Anxa2 was higher"),
        ("low", "Anxa2 may have been higher"),
        ("moderate", "Anxa2 probably was higher"),
        ("high", "In mice, Anxa2 was higher"),
    ],
)
def test_claims_are_hedged_by_certainty(reader: str, level: str, words: str) -> None:
    assert words in text_of(view_of(made_card(certainty={"L1": level}), reader))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("state", ["contradicted", "inconclusive", "not_tested", "not_assessable"])
def test_what_is_not_supported_is_not_claimed(reader: str, state: str) -> None:
    text = text_of(
        view_of(made_card(states=dict.fromkeys(LINKS, state), certainty=dict.fromkeys(LINKS, "high")), reader)
    )
    openings = {
        "contradicted": "the data speak against the claim that",
        "inconclusive": "it is open whether",
        "not_tested": "no one asked here whether" if reader == "patient" else "it was not asked whether",
        "not_assessable": "we cannot tell whether" if reader == "patient" else "it cannot be judged whether",
    }
    assert text.count(openings[state]) == 7
    assert "enough to" not in text


def clause(card: dict[str, Any], reader: str = "pi") -> str:
    return text_of(view_of(card, reader), "connection")


@pytest.mark.parametrize("reader", ["pi", "patient"])
def test_verbs_follow_the_design(reader: str) -> None:
    sure = dict.fromkeys(LINKS, "high")
    gain = made_card(certainty=sure, shown={"sufficiency": GAIN})
    assert "raising Anxa2 was enough to bring about part of the change in the cerebellum" in clause(gain, reader)
    unshown = clause(made_card(certainty=sure), reader)
    assert "raising Anxa2 was followed by part of" in unshown
    assert "enough to" not in unshown
    loss = made_card(certainty=sure, shown={"necessity": LOSS})
    assert "Anxa2 was needed for the change in the cerebellum" in clause(loss, reader)
    reversal = clause(made_card(certainty=sure, shown={"reversal": LOSS}), reader)
    assert "lowering Anxa2 was followed by" in reversal
    assert "needed for" not in reversal
    drug = clause(made_card(certainty=sure, shown={"reversal": DRUG}), reader)
    assert "compound 7, which is lowering Anxa2 among other things, was followed by" in drug
    observed = clause(made_card(certainty=sure, states={"L5": "not_tested"}), reader)
    assert not re.search("enough|needed|followed", observed)


def test_species_that_identifiers_leave_open_is_not_said_to_come_from_them() -> None:
    card = made_card()
    assert "Mice (Mus musculus), by identifiers and sample sheets." in text_of(view_of(card, "clinician"), "studied")
    card["facts"]["species"]["value"] = "rodent"
    text = text_of(view_of(card, "clinician"), "studied")
    assert "Mice (Mus musculus), by the study file; identifiers and sample sheets tell only rodent." in text


def test_experts_read_where_an_arm_moved_it() -> None:
    card = made_card(shown={"sufficiency": GAIN})
    card["facts"][f"{GAIN}.engagement"]["text"] = "seen in cerebellum_protein_gain"
    assert "raising Anxa2 (seen in cerebellum protein gain)" in clause(card)
    assert "seen in" not in clause(card, "patient")


def test_a_number_is_told_with_its_interval_and_its_animals() -> None:
    assert "1.25 log2, 95 % interval 1 to 1.5, p = 0.0012, q = 0.034 over 321 asked; n = 6 (old), 7 (young)" in clause(
        made_card()
    )


def test_groups_that_are_numbers_are_named_with_what_they_are() -> None:
    card = made_card()
    card["proposition"]["context"] = {"factor": "age", "case": "24", "control": "3"}
    assert "in the muscle of mice (age 24) than of mice (age 3)" in clause(card)


def test_function_that_differs_for_every_candidate_says_so() -> None:
    assert "than in young mice, which by itself says nothing of Anxa2" in clause(made_card())


@pytest.mark.parametrize("reader", READERS)
def test_blood_that_nobody_took_is_not_said_to_be_measured_in_animals(reader: str) -> None:
    card = made_card()
    assert "only of mice" in text_of(view_of(card, reader), "biomarker")
    card["facts"]["line.plasma_change"]["value"] = "plasma_not_measured"
    text = text_of(view_of(card, reader), "biomarker")
    assert "and not of mice" in text
    assert "only" not in text


@pytest.mark.parametrize("reader", READERS)
def test_a_biomarker_needs_people_plasma_and_discrimination_with_an_interval(reader: str) -> None:
    def answer(card: dict[str, Any]) -> str:
        return text_of(view_of(card, reader), "biomarker")

    people = made_card(species="human", stage="T3")
    no_interval = made_card(species="human", stage="T3")
    no_interval["facts"]["auc"] = fact("auc", "quality", "old against young", 0.81, "AUC", interval=None)
    for card in (made_card(), people, no_interval):
        assert "can be assigned" in answer(card)
        assert answer(card).startswith("No category")
    people["facts"]["auc"] = fact("auc", "quality", "old against young", 0.81, "AUC", interval=[0.7, 0.9])
    assert "No category" not in answer(people)
    assert "0.81 AUC, 95 % interval 0.7 to 0.9" in answer(people)
    assert re.search("not validated|no one else has checked", answer(people))
    mice = made_card()
    mice["facts"]["auc"] = people["facts"]["auc"]
    assert "No category" in answer(mice)


@pytest.mark.parametrize("reader", READERS)
def test_every_view_answers_the_standing_questions_from_facts(reader: str) -> None:
    view = view_of(made_card(), reader)
    by_key = {section.key: section for section in view.sections}
    assert set(QUESTIONS) <= set(by_key)
    for key in QUESTIONS:
        assert len(by_key[key].sentences) > 0
        assert all(len(each.cites) > 0 for each in by_key[key].sentences)
    assert text_of(view, "prevention").startswith("No.")
    assert text_of(view, "treatment").startswith("Nothing to start and nothing to stop")
    assert "mice" in text_of(view, "studied").lower()
    assert view.banners[0].text.startswith("Research use only.")


@pytest.mark.parametrize(("species", "stage"), [("mouse", "T2"), ("human", "T3"), ("human", "T1")])
@pytest.mark.parametrize("state", STATES)
def test_the_patients_view_is_plain_and_has_no_word_of_hope(species: str, stage: str, state: str) -> None:
    view = view_of(
        made_card(species=species, stage=stage, states=dict.fromkeys(LINKS, state), shown={"sufficiency": GAIN}),
        "patient",
    )
    level = level_of(view, with_names=True)
    assert level.grade <= 9
    assert level.words_per_sentence <= 18
    words = text_of(view).lower()
    assert not re.search(r"\b(hope|promis|breakthrough|cure|recommend|should|dose|mg|actionable|log2)", words)


def test_names_that_are_hard_to_read_do_not_end_the_build() -> None:
    view = view_of(made_card(text="gastrocnemius intermediolateral musculature"), "patient")
    assert level_of(view, with_names=True).grade > level_of(view, with_names=False).grade


@pytest.mark.parametrize("reader", READERS)
def test_what_people_said_stands_in_every_view_with_author_and_date(reader: str) -> None:
    card = made_card()
    card["notes"] = [
        {"kind": "question", "author": "A. Reader", "date": "2026-01-31", "text": "This should cure 7 of 9?"}
    ]
    card["flags"][0]["answers"] = [{"author": "B. Writer", "date": "2026-02-01", "text": "females follow"}]
    view = view_of(card, reader)
    said = [block for section in view.sections for block in section.blocks if isinstance(block, Said)]
    assert [(each.kind, each.author, each.date, each.text) for each in said] == [
        ("answer", "B. Writer", "2026-02-01", "females follow"), ("question", "A. Reader", "2026-01-31", "This should cure 7 of 9?"),
    ]  # fmt: skip
    assert "**Question** by A. Reader, 2026-01-31: This should cure 7 of 9?" in view_markdown(view)


@pytest.mark.parametrize("reader", READERS)
def test_simulated_and_blocked_cards_say_so_first(reader: str) -> None:
    card = made_card() | {"simulated": True, "blocked": True}
    card["flags"] = [card["flags"][0] | {"rule": "R01", "severity": "block"}]
    banners = [each.text for each in view_of(card, reader).banners]
    assert banners[1].startswith("Simulated data")
    assert banners[2].startswith("Blocked")
    assert "R01" in banners[2]


def test_a_card_of_an_unknown_species_says_so() -> None:
    card = made_card(stage="T0")
    card["proposition"]["species_of_data"] = {"taxon": "unknown", "name": "unknown"}
    for reader in READERS:
        assert "an unknown species" in text_of(view_of(card, reader))


@pytest.mark.parametrize("reader", READERS)
def test_people_that_were_only_declared_are_not_said_to_be_measured(reader: str) -> None:
    text = text_of(view_of(made_card(species="human", stage="T0"), reader), "connection")
    assert "in samples said to be of people" in text.lower()
    assert "in people" not in text.lower()


def test_markdown_escapes_what_users_typed_and_keeps_tables_whole() -> None:
    text = view_markdown(view_of(made_card(text="a | b [c](d) <e>"), "reviewer"))
    assert "a \\| b \\[c\\](d) \\<e\\>" in text
    rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    assert all(row.endswith(" |") for row in rows)
    assert "\\[link:L1, line.source\\_change\\]" in text
