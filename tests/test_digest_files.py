"""The digest of a run as a folder, and the commands that write it and print one view."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from organokine.cli import status
from organokine.digest_files import write_digest
from organokine.errors import OutputError
from tests.digest.made_cards import made_card, sealed


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "small_organokine"
    (folder / "cards").mkdir(parents=True)
    for place, gene in enumerate(("Gdf15", "Anxa2")):
        card = made_card(gene)
        card["ranking"]["rank"] = 2 - place
        (folder / "cards" / f"{gene}.json").write_text(json.dumps(sealed(card)), encoding="utf-8")
    return folder


def test_the_command_writes_the_site_and_writes_it_again(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["digest", str(out)]) == 0
    index = out / "digest" / "index.html"
    assert capsys.readouterr().out == f"digest: {index}\n"
    written = {path.name: path.read_bytes() for path in (out / "digest").iterdir()}
    assert set(written) == {"index.html", "Anxa2.html", "Anxa2.json", "Gdf15.html", "Gdf15.json"}
    (out / "digest" / "stale.html").write_text("of an earlier run", encoding="utf-8")
    (out / "cards" / "Gdf15.json").unlink()
    assert status(["digest", str(out)]) == 0
    assert {path.name for path in (out / "digest").iterdir()} == {"index.html", "Anxa2.html", "Anxa2.json"}
    assert (out / "digest" / "Anxa2.html").read_bytes() == written["Anxa2.html"]
    assert list((out / ".organokine").iterdir()) == []


def test_what_is_no_digest_is_not_overwritten(out: Path) -> None:
    (out / "digest").mkdir()
    (out / "digest" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="something that is no digest has this name"):
        write_digest(out)
    assert (out / "digest" / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_without_cards_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["digest", str(tmp_path)]) == 1
    assert "no cards" in capsys.readouterr().err
    assert not (tmp_path / "digest").exists()


def cut_short(card: dict[str, Any]) -> None:
    del card["hasEvidenceLines"]


def raised(card: dict[str, Any]) -> None:
    card["stage"]["code"] = "T5"


def of_wrong_type(card: dict[str, Any]) -> None:
    card["tests"] = 3


@pytest.mark.parametrize("change", [cut_short, raised, of_wrong_type])
def test_a_card_that_was_changed_after_its_run_is_told(
    out: Path, capsys: pytest.CaptureFixture[str], change: Callable[[dict[str, Any]], None]
) -> None:
    card = json.loads((out / "cards" / "Anxa2.json").read_text(encoding="utf-8"))
    change(card)
    (out / "cards" / "Anxa2.json").write_text(json.dumps(card), encoding="utf-8")
    assert status(["digest", str(out)]) == 1
    assert "the card of 'Anxa2' is not as its run wrote it" in capsys.readouterr().err
    assert status(["card", str(out), "Anxa2", "--view", "patient"]) == 1
    assert not (out / "digest").exists()


@pytest.mark.parametrize(("view", "title"), [("reviewer", "a reviewer"), ("pi", "a principal investigator"), ("clinician", "a clinician"), ("patient", "a patient")])  # fmt: skip
def test_the_command_prints_one_view(out: Path, capsys: pytest.CaptureFixture[str], view: str, title: str) -> None:
    assert status(["card", str(out), "anxa2", "--view", view]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"# Anxa2: for {title}\n\nResearch use only.")
    assert shown.endswith("\n")
