"""Holding other people's texts about a study against what such a text can know: contradictions and over-claims, sentence by sentence.

No model, only words: `reading` takes a page apart, `stated` looks up whom and how it studied, `rules` asks, `check` gives the verdict.
"""

from __future__ import annotations

from organokine.claims.card_facts import CardFacts, card_facts, read_card
from organokine.claims.check import Checked, Finding, check, check_file, check_text
from organokine.claims.reading import page_of, read_page
from organokine.claims.rules import RULES

__all__ = [
    "RULES",
    "CardFacts",
    "Checked",
    "Finding",
    "card_facts",
    "check",
    "check_file",
    "check_text",
    "page_of",
    "read_card",
    "read_page",
]
