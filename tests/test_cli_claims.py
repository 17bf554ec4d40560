"""The command `claims`, as a stranger would use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from organokine.cli import status

PAGES = Path(__file__).parent / "claims" / "pages"


def test_a_clean_page(capsys):
    assert status(["claims", str(PAGES / "01_press_muscle_factor.html")]) == 0
    assert "clean (0 findings" in capsys.readouterr().out


def test_a_page_that_contradicts_itself(capsys):
    assert status(["claims", str(PAGES / "33_table_rct_aav.html")]) == 4
    out = capsys.readouterr().out
    assert "CONTRADICTION" in out
    assert "[[Human (older adults)]]" in out
    assert "Fairer: " in out


def test_json(capsys):
    assert status(["claims", str(PAGES / "31_blog_supplement.md"), "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["verdict"]) == ("organokine.claims/1", "over-claims")
    for finding in found["findings"]:
        assert [finding["text"][start:end] for start, end in finding["spans"]] == finding["words"]


def test_a_card(tmp_path, capsys):
    page, card = tmp_path / "page.md", tmp_path / "card.json"
    page.write_text("# ANXA2 in mice\n\nIn 8 old mice ANXA2 was lower than in 8 young mice.", encoding="utf-8")
    card.write_text(json.dumps({"gene": "Anxa2", "species": "mouse", "proposition": {"change_in_source": "increased"}}))
    assert status(["claims", str(page)]) == 0
    assert status(["claims", str(page), "--card", str(card)]) == 4
    assert "C2 card_direction" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["absent.md"], [str(PAGES), "--json"]])
def test_what_cannot_be_read(arguments, capsys):
    assert status(["claims", *arguments]) == 1
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.count("\n") == 1
    assert "Traceback" not in caught.err
