"""Cards as files, the file of notes beside a study, and the commands `card` and `note`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from organokine.appraisal.answers import read_answers
from organokine.card_files import read_card, read_cards
from organokine.cli import status
from organokine.errors import OutputError
from tests.digest.made_cards import sealed
from tests.report.fake_cards import as_text, fake_card
from tests.small_study import write_small_study


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "small_organokine"
    (folder / "cards").mkdir(parents=True)
    for place, gene in enumerate(("Gdf15", "Anxa2")):
        card = fake_card(gene)
        card["ranking"]["rank"] = 2 - place
        (folder / "cards" / f"{gene}.json").write_text(as_text(sealed(card)), encoding="utf-8")
    rows = ["rank\tgene\tq", "1\tAnxa2\t0.01", "2\tGdf15\t0.02", "3\tIl6\tNaN"]
    (folder / "mediators.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_cards_come_in_the_order_of_the_ranking(out: Path) -> None:
    assert list(read_cards(out)) == ["Anxa2", "Gdf15"]
    assert read_card(out, "ANXA2")["gene"] == "Anxa2"


@pytest.mark.parametrize(
    ("gene", "words"),
    [
        ("Il6", ["'Il6' has no card", "candidate 3", "'Anxa2', 'Gdf15'"]),
        ("Anxa1", ["'Anxa1' has no card", "Did you mean 'Anxa2'"]),
        ("", ["'' has no card"]),
    ],
)
def test_a_candidate_without_a_card_is_told(out: Path, gene: str, words: list[str]) -> None:
    with pytest.raises(OutputError) as caught:
        read_card(out, gene)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize("damage", ["", "null", "[]", "{}", '{"schema": "organokine.card/9"}', "\x00", '{"gene": 1'])
def test_a_damaged_card_is_told(out: Path, damage: str) -> None:
    (out / "cards" / "Anxa2.json").write_text(damage, encoding="utf-8")
    with pytest.raises(OutputError, match=r"1 files are no cards of this version, first 'Anxa2\.json'"):
        read_cards(out)


def test_a_folder_without_cards_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no cards"):
        read_cards(tmp_path)
    with pytest.raises(OutputError, match="no such folder"):
        read_cards(tmp_path / "absent")


@pytest.mark.parametrize("view", ["json", "markdown", "html"])
def test_the_command_prints_every_view(out: Path, capsys: pytest.CaptureFixture[str], view: str) -> None:
    assert status(["card", str(out), "anxa2", "--view", view]) == 0
    shown = capsys.readouterr().out
    assert "Anxa2" in shown
    assert shown.endswith("\n")
    if view == "json":
        assert json.loads(shown) == read_card(out, "Anxa2")


@pytest.mark.parametrize("view", ["json", "markdown", "html", "patient"])
@pytest.mark.parametrize("change", [{"headline": "it cures"}, {"stage": None}])
def test_a_card_that_was_edited_is_not_printed(
    out: Path, capsys: pytest.CaptureFixture[str], view: str, change: dict[str, Any]
) -> None:
    path = out / "cards" / "Anxa2.json"
    path.write_text(as_text(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    assert status(["card", str(out), "Anxa2", "--view", view]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "the card of 'Anxa2' is not as its run wrote it" in printed.err


def test_the_command_tells_faults_and_usage(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["card", str(out), "Il6"]) == 1
    assert "candidate 3" in capsys.readouterr().err
    assert status(["card", str(out), "Anxa2", "--view", "pdf"]) == 2


@pytest.fixture
def study(tmp_path: Path, out: Path) -> Path:
    return write_small_study(tmp_path)


def test_notes_questions_and_answers_are_appended(study: Path) -> None:
    arguments = ["note", str(study), "anxa2"]
    assert status([*arguments, "seen in our hands too", "--author", "A. Reader", "--date", "2026-01-31"]) == 0
    assert status([*arguments, "which antibody?", "--author", "B", "--question"]) == 0
    assert status([*arguments, "females follow", "--author", "C", "--rule", "r13"]) == 0
    assert status(["note", str(study), "*", "one cohort by design", "--author", "D", "--rule", "R16"]) == 0
    found = read_answers(study.parent)
    assert [each["text"] for each in found.notes_of("Anxa2")] == ["seen in our hands too", "which antibody?"]
    assert [each["kind"] for each in found.notes_of("Anxa2")] == ["note", "question"]
    assert found.notes_of("Anxa2")[0]["date"] == "2026-01-31"
    assert found.of("Anxa2", "R13")[0]["author"] == "C"
    assert found.of("Gdf15", "R16")[0]["text"] == "one cohort by design"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Anxa2", "x"], 2, "--author"),
        (["Anxa2", "x", "--author", " "], 1, "--author"),
        (["Anxa2", " ", "--author", "A"], 1, "TEXT"),
        (["Anxa2", "x", "--author", "A", "--rule", "R99"], 1, "there is no such rule"),
        (["Anxa2", "x", "--author", "A", "--rule", "R13", "--question"], 1, "An entry is one of the two"),
        (["*", "x", "--author", "A"], 1, "on one candidate"),
        (["Anxa1", "x", "--author", "A"], 1, "Did you mean 'Anxa2'"),
        (["Anxa2", "x", "--author", "A", "--date", "soon"], 2, "soon"),
        (["Anxa2", "x", "--author", "A", "--date", "9999-12-31"], 1, "still to come"),
        (["Anxa2", "a \u202egpj", "--author", "A"], 1, "turns the order"),
        (["Anxa2", "x", "--author", "A\x1b[2J"], 1, "control sign"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_written(
    study: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert status(["note", str(study), *arguments]) == code
    assert words in capsys.readouterr().err
    assert not (study.parent / "answers.toml").exists()


def test_a_note_that_nobody_will_see_says_so(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["note", str(study), "il6", "x", "--author", "A"]) == 0
    assert "il6 has no card now" in capsys.readouterr().out
    assert status(["note", str(study), "Anxa2", "x", "--author", "A"]) == 0
    assert "no card" not in capsys.readouterr().out


def test_a_broken_file_of_answers_is_left_as_it_is_and_told_by_check(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (study.parent / "answers.toml").write_text("[[note]\n", encoding="utf-8")
    assert status(["note", str(study), "Anxa2", "x", "--author", "A"]) == 1
    assert (study.parent / "answers.toml").read_text(encoding="utf-8") == "[[note]\n"
    assert status(["check", str(study)]) == 1
    assert "answers.toml: it is not valid TOML" in capsys.readouterr().err


def test_a_note_before_any_run_is_taken_as_it_is(tmp_path: Path) -> None:
    study = write_small_study(tmp_path / "fresh")
    assert status(["note", str(study), "Anxa2", "to look at", "--author", "A"]) == 0
    assert read_answers(study.parent).notes_of("Anxa2")[0]["text"] == "to look at"


def test_a_study_without_a_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["note", str(tmp_path / "study.toml"), "Anxa2", "x", "--author", "A"]) == 1
    assert "does not exist" in capsys.readouterr().err
