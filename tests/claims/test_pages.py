"""Verdicts on whole pages, honest and inflated, in several styles; half of them were set aside while the rules were made."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from organokine.claims import check_file

PAGES = Path(__file__).parent / "pages"
FILES = sorted(path for path in PAGES.iterdir() if path.name[:2].isdigit())


def truth() -> dict[int, str]:
    written = tomllib.loads((PAGES / "truth.toml").read_text(encoding="utf-8"))
    return {n: verdict for group in written.values() for verdict, numbers in group.items() for n in numbers}


def number(path: Path) -> int:
    return int(path.name[:2])


def test_every_page_has_one_meant_verdict():
    assert [number(path) for path in FILES] == sorted(truth()) == list(range(1, 41))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_page_gets_the_verdict_its_writer_meant(path):
    assert check_file(path).verdict == truth()[number(path)]


@pytest.mark.parametrize("rest", [0, 1], ids=["set aside", "tuned on"])
def test_precision_and_recall_of_each_half(rest):
    meant = truth()
    half = [path for path in FILES if number(path) % 2 == rest]
    flagged = {number(path) for path in half if check_file(path).verdict != "clean"}
    inflated = {number(path) for path in half if meant[number(path)] != "clean"}
    assert len(half) == 20
    assert len(flagged & inflated) / len(flagged) >= 0.9
    assert len(flagged & inflated) / len(inflated) >= 0.9
