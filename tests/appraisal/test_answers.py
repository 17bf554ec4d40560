from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine.appraisal.answers import UNSEEN, Answer, Answers, Note, parse_answers, read_answers, with_note
from organokine.errors import DataError

GOOD = '[[answer]]\ngene = "Anxa2"\nrule = "R13"\nauthor = "A"\ndate = 2026-01-31\ntext = "females follow"\n'
DAY = dt.date(2026, 1, 31)


def test_no_file_is_no_answers(tmp_path: Path) -> None:
    assert read_answers(tmp_path) == Answers()


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "answers.toml").write_text("\ufeff" + GOOD, encoding="utf-8")
    found = read_answers(tmp_path)
    assert found.of("Anxa2", "R13") == [{"author": "A", "date": "2026-01-31", "text": "females follow"}]
    assert found.of("Anxa2", "R14") == []
    assert found.of("Gdf15", "R13") == []
    assert found.summary(["Gdf15"]) == {"answers": 1, "notes": 0, "without_card": ["Anxa2"]}
    assert found.summary(["Anxa2"])["without_card"] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[answer]", ["not valid TOML"]),
        (GOOD.replace("author", "auther"), ["'auther' is unknown", "Write 'author'", "'author' is missing"]),
        (GOOD.replace('"R13"', '"R99"'), ["there is no such rule"]),
        (GOOD.replace("2026-01-31", '"yesterday"'), ["answers.toml [answer 1] date"]),
        (GOOD.replace('"females follow"', '""'), ["text"]),
        (GOOD.replace('author = "A"\n', ""), ["'author' is missing"]),
        ("[remark]\n", ["'remark' is unknown"]),
        ('answer = "none"\n', ["answers.toml [answer]"]),
        (GOOD.replace("[[answer]]", "[answer]"), ["[[answer]], in two brackets"]),
        (GOOD.replace("females", "\\u202efemales"), ["turns the order of letters"]),
        (GOOD.replace("females", "f" * 6000), ["5000"]),
    ],
)
def test_every_fault_is_told(text: str, words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        parse_answers(text)
    assert all(word in str(caught.value) for word in words)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "answers.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        read_answers(tmp_path)


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=80).filter(
    lambda text: UNSEEN.search(text) is None
)


@given(text=TEXTS, author=TEXTS, before=st.sampled_from(["", GOOD, GOOD.rstrip("\n"), "# a comment\n"]))
def test_any_text_is_written_as_it_was_given(text: str, author: str, before: str) -> None:
    after = with_note(before, Note(gene="Anxa2", author=author, date=DAY, text=text, kind="question"))
    assert after.startswith(before)
    written = tomllib.loads(after)["note"][0]
    assert (written["text"], written["author"], written["date"]) == (text, author, DAY)


def test_an_answer_is_appended_and_a_broken_file_is_left_alone() -> None:
    entry = Answer(gene="Anxa2", rule="R16", author="B", date=DAY, text="an independent cohort is planned")
    assert [each.rule for each in parse_answers(with_note(GOOD, entry)).answer] == ["R13", "R16"]
    with pytest.raises(DataError):
        with_note("[[answer]", entry)
