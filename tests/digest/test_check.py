"""A view that says what its card does not bear out is not handed on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_cards import GAIN, made_card

from organokine.digest.check import DigestFault, check_view
from organokine.digest.sentence import Name, Quote, Row, Section, Sentence, Table, View, Word, say
from organokine.digest.views import view_of

MICE = Word("species", "Mus musculus", "mice")
MAY = Word("certainty L1", "low", "may have")
CARD = made_card(shown={"sufficiency": GAIN})


def with_sentence(sentence: Sentence | Table, reader: str = "pi") -> View:
    view = view_of(CARD, reader)
    return replace(view, sections=(*view.sections, Section("more", "More", (sentence,))))


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (say("it {may} been {n} in {mice}.", "line.source_change", n=Quote("1.26"), mice=MICE, may=MAY), "1.26 is in no cited fact"),
        (say("it {may} been 12 in {mice}.", "line.source_change", mice=MICE, may=MAY), "12 is in no cited fact"),
        (say("in {mice}, it {may} been {n}.", "line.source_change", n=Quote("0.61"), mice=MICE, may=MAY), "0.61 is in no cited fact"),
        (say("in {mice}, it rose.", "line.absent", mice=MICE), "there is no fact 'line.absent'"),
        (say("in {mice}, it rose.", mice=MICE), "no fact is cited"),
        (say("in {mice}, it rose.", "line.source_change", mice=MICE), "an effect without its certainty"),
        (say("it {may} risen.", "line.source_change", may=MAY), "an effect without its species"),
        (say("the chain holds.", "link:L1"), "an effect without its species"),
        (say("in {mice}, it {may} been enough to do so.", "line.source_change", mice=MICE, may=MAY), "'enough to' without a test"),
        (say("in {mice}, it {may} been needed for that.", GAIN, "test:necessity", mice=MICE, may=MAY), "'needed for' without a test"),
        (say("in {mice}, it {may} caused that.", GAIN, mice=MICE, may=MAY), "'caused' is no word of ours"),
        (say("{mice} bring new hope.", "card:stage", mice=MICE), "'hope' is no word of ours"),
        (say("one should watch {mice}.", "card:stage", mice=MICE), "'should' is no word of ours"),
        (say("in {mice}, {why}.", "link:L1", mice=MICE, why=Quote("all is well")), "'all is well' is in no cited fact"),
        (say("in {mice}, {who}.", "link:L1", mice=MICE, who=Name("Gdf15")), "'Gdf15' is no name of this card"),
        (say("in {who}, it rose.", "link:L1", who=Word("species", "Homo sapiens", "people")), "species is Homo sapiens, not Mus musculus"),
        (say("in {mice}, {sure}.", "link:L1", mice=MICE, sure=Word("certainty L1", "high", "sure")), "certainty L1 is high, not low"),
    ],
)  # fmt: skip
def test_a_sentence_at_fault_fails_the_build(sentence: Sentence, words: str) -> None:
    with pytest.raises(DigestFault) as caught:
        check_view(with_sentence(sentence), CARD)
    assert len(caught.value.faults) == 1, caught.value
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "sentence",
    [
        say("in {mice}, it {may} been {n}, 95 % interval {low} to {high}.", "line.source_change", mice=MICE, n=Quote("1.25"), low=Quote("1"), high=Quote("1.5"), may=MAY),
        say("raising it in {mice} {may} been enough to do so.", GAIN, "test:sufficiency", mice=MICE, may=MAY),
        say("flags, R13 and T2 and L7, hold digits that are no numbers.", "card:stage"),
        say("{gene} and {arm} do, too.", "card:stage", gene=Name("Anxa2"), arm=Name("compound 7")),
    ],
)  # fmt: skip
def test_a_sentence_that_its_facts_bear_out_passes(sentence: Sentence) -> None:
    check_view(with_sentence(sentence), CARD)


def test_a_number_in_a_table_is_held_against_what_the_row_cites() -> None:
    table = Table("caption", ("Effect", "Value"), (Row((("effect",), ("1.26",)), ("line.source_change",)),))
    with pytest.raises(DigestFault, match=r"1\.26 is in no cited fact"):
        check_view(with_sentence(table), CARD)


def test_a_view_that_leaves_something_out_fails() -> None:
    view = view_of(CARD, "pi")
    with pytest.raises(DigestFault) as caught:
        check_view(replace(view, sections=view.sections[:1]), CARD)
    assert "certainty L1 is not told" in caught.value.faults
    assert "direction is not told" in caught.value.faults


def test_the_patients_view_must_be_plain() -> None:
    hard = say("heterogeneous pharmacological characterisation notwithstanding, comprehensive interdisciplinary considerations predominate "
               "overwhelmingly throughout contemporary experimental investigations of physiological communication. ", "card:stage")  # fmt: skip
    view = view_of(CARD, "patient")
    changed = replace(view, sections=(*view.sections, Section("more", "More", (hard,) * 60)))
    with pytest.raises(DigestFault, match="the patient's view is of grade"):
        check_view(changed, CARD)
    check_view(with_sentence(hard), CARD)
