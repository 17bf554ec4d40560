"""What the command `phenotype` shows: page, JSON and sentences of one test, names as text."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from fake_phenotypes import ROD, SLOPE, TOBIT, hostile, phenotype_tables

from organokine.report.phenotype_page import build_phenotype_page, in_words, phenotype_json
from tests.browsing import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = '<script>alert(1)</script>"&'


FACTS = {"Compared": "old against young (age)"}
NAMES = ("phenotypes", "phenotype_animals", "phenotype_days", "phenotype_curves", "phenotype_power")


def found(evil: str = "") -> list[pd.DataFrame]:
    """The five tables of one test."""
    tables = phenotype_tables([ROD, SLOPE, TOBIT])
    return [(tables if evil == "" else hostile(tables, evil))[name] for name in NAMES]


def test_sentences_tell_the_answer_first_and_the_plan_last() -> None:
    effects, animals, _, _, power = found()
    said = in_words(effects, animals, power, "mouse")
    assert said[0].startswith("The old mice stayed 42 s less on the rod")
    assert said[-1].endswith("This study could have seen differences of 36 s or more.")
    assert in_words(effects, animals)[0].startswith("The old animals")


def test_json_holds_every_number_and_no_nan() -> None:
    tables = found()
    tables[0].loc[0, "ci_low"] = -np.inf
    told = json.loads(json.dumps(phenotype_json(*tables, FACTS, versions={"numpy": "2"}), allow_nan=False))
    assert list(told) == ["organokine", "versions", "species", "facts", "measures", "arrive"]
    (measure,) = told["measures"]
    assert [measure[key] for key in ("phenotype", "test", "measure", "unit", "case", "control", "better")] == [
        "rod, week 12", "rotarod", "latency", "s", "old", "young", "higher",
    ]  # fmt: skip
    assert [row["term"] for row in measure["effects"]] == ["group", "group x day", "group"]
    assert measure["effects"][0]["ci_low"] is None
    assert measure["effects"][2]["p"] is None
    assert len(measure["animals"]) == 24
    assert measure["animals"][0]["is_case"] is False
    assert len(measure["days"]) == 72
    assert len(measure["power"]) == 5
    assert measure["words"][0].startswith("The old animals stayed 42 s less")


def test_the_page_repeats_itself_and_has_its_parts() -> None:
    given: dict[str, Any] = {
        "species": "mouse",
        "command": "organokine phenotype rotarod x.tsv",
        "versions": {"numpy": "2"},
    }
    page = build_phenotype_page(*found(), FACTS, **given)
    assert page == build_phenotype_page(*found(), FACTS, **given)
    assert "<title>rod, week 12, old against young · organokine</title>" in page
    assert "young: n\u00a0=\u00a012, old: n\u00a0=\u00a012" in page
    assert "organokine phenotype rotarod x.tsv" in page
    assert "old against young (age)" in page
    assert re.findall(r'<section id="([a-z]+)"', page) == ["answer", "methods"]
    arrive = phenotype_tables()["arrive"]
    with_arrive = build_phenotype_page(*found(), FACTS, title="Rod", arrive=arrive)
    assert "<title>Rod · organokine</title>" in with_arrive
    assert re.findall(r'<section id="([a-z]+)"', with_arrive) == ["answer", "arrive", "methods"]


def test_names_stay_text() -> None:
    page = build_phenotype_page(*found(HOSTILE), {HOSTILE: HOSTILE}, command=HOSTILE)
    shown = re.sub(r"<script>.*?</script>|<script type=.*?</script>", "", page, flags=re.S)
    assert "<script>alert" not in shown
    assert f"{HOSTILE}old" in unescape(shown)


def test_a_test_without_any_effect_says_so() -> None:
    nothing = [table.iloc[:0] for table in found()]
    assert "Nothing was tested." in build_phenotype_page(*nothing, FACTS)
    assert phenotype_json(*nothing, FACTS)["measures"] == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1300, 900), (390, 844)])
def test_opens_quietly_and_fits_the_window(browser: Browser, tmp_path: Path, width: int, height: int) -> None:
    file = tmp_path / "page.html"
    file.write_text(build_phenotype_page(*found(HOSTILE), FACTS), encoding="utf-8")
    watched = Watched(browser, file, width, height)
    watched.draw_all()
    assert watched.complaints == []
    assert watched.requests == [file.as_uri()]
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.page.locator(".plot-area:has(.main-svg)").count() == 4
    watched.page.close()
