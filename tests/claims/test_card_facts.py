"""Cards of several shapes give the same facts; what is no card gets one clear message."""

from __future__ import annotations

import json

import pytest

from organokine.claims import card_facts, read_card
from organokine.errors import DataError


def test_shapes_of_a_card():
    full = {
        "gene": "Anxa2", "species": "mouse", "stage": {"code": "T2", "word": "animal experiment"},
        "proposition": {"species_of_data": {"name": "Mus musculus"}, "change_in_source": "increased"},
        "hasEvidenceLines": [{"id": "L1", "state": "supported"}], "tests": [{"name": "necessity", "state": "not_tested"}],
        "facts": {"f": {"n": {"by_group": {"old": 8, "young": 7}}}, "g": {"n": None}},
    }  # fmt: skip
    short = {
        "proposition": {"subject": "Anxa2", "species_of_data": "Mus musculus", "direction": "increased"},
        "stage": "T2", "links": {"L1": {"status": "supported"}}, "tests": {"necessity": "not_tested"}, "facts": [{"n": [8, 7]}],
    }  # fmt: skip
    assert card_facts(full) == card_facts(short)
    assert card_facts(full).species == "mice"
    assert card_facts(full).group_sizes == {7, 8}
    assert card_facts(full).shows("L1")
    assert not card_facts(full).shows("necessity")
    assert not card_facts(full).shows("L2")


def test_what_a_card_does_not_say_stays_open():
    facts = card_facts({"gene": "X1", "stage": None, "facts": 3, "tests": "none", "links": [1, {"id": "L1"}]})
    assert (facts.species, facts.stage, facts.direction, facts.group_sizes) == ("", "", "", frozenset())
    assert facts.links == facts.tests == {}


def test_people_are_told_by_stage_then_by_species():
    assert card_facts({"gene": "X", "stage": "T3", "species": "mouse"}).is_human
    assert not card_facts({"gene": "X", "stage": "T2", "species": "human"}).is_human
    assert card_facts({"gene": "X", "species": "human"}).is_human


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"gene": 3}', "\udcff", ""])
def test_what_is_no_card_gets_one_clear_message(tmp_path, text):
    path = tmp_path / "card.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match="evidence card"):
        read_card(path)


def test_a_card_on_disk(tmp_path):
    path = tmp_path / "card.json"
    path.write_text(json.dumps({"gene": "X1"}), encoding="utf-8")
    assert read_card(path).gene == "X1"
    with pytest.raises(DataError, match="cannot be read"):
        read_card(tmp_path / "absent.json")
