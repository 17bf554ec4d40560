"""The digest of cards that a run made: every view of each passes its check, and the patient's is as plain as it must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cards import MEDIATOR
from organokine.appraisal.answers import Answers
from organokine.claims import RULES, check_file, read_card
from organokine.claims.rules.card import card_rules
from organokine.digest.check import level_of
from organokine.digest.site import site_of
from organokine.digest.views import READERS, view_of
from organokine.evidence import LINES
from organokine.stages.appraise import complete_cards, evidence_cards
from organokine.study import Study
from tests.appraisal.test_card import MANIFEST


@pytest.fixture(scope="module")
def cards(chain: tuple[Study, dict[str, pd.DataFrame]]) -> dict[str, dict[str, Any]]:
    study, found = chain
    return complete_cards(evidence_cards(study, found, LINES), Answers(), MANIFEST)


def test_views_of_real_cards_pass_and_are_plain(cards: dict[str, dict[str, Any]]) -> None:
    for card in cards.values():
        views = {reader: view_of(card, reader) for reader in READERS}
        level = level_of(views["patient"], with_names=True)
        assert level.grade <= 9
        assert level.words_per_sentence <= 18
    assert "enough to" in "".join(each.text for each in view_of(cards[MEDIATOR], "pi").sentences())


def test_pages_of_real_cards_are_small(cards: dict[str, dict[str, Any]]) -> None:
    pages = site_of(cards)
    assert len(pages) == 1 + 2 * len(cards)
    assert all(len(text.encode()) < 500_000 for text in pages.values())


def test_our_own_checker_of_claims_finds_nothing_in_the_pages(cards: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    for name, text in site_of(cards).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for gene in cards:
        rules = (*RULES, *card_rules(read_card(tmp_path / f"{gene}.json")))
        assert check_file(tmp_path / f"{gene}.html", rules).findings == ()
