"""The page of searched raw files: warnings first, every part with and without content, names as text, and the page in a browser."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from fake_raw_run import FEW, SAMPLES, level, mobility, provenance, result, runs, trend

from organokine.errors import Problem
from organokine.raw.settings import SearchSettings
from organokine.raw_tables import RUNS
from organokine.readers.base import Count
from organokine.report import raw_run_figures
from organokine.report.raw_run_page import build_raw_run_page
from tests.browsing import CONTRASTS, LEAST_CONTRAST, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = '<b>x</b><script>alert(1)</script>"&{{'
PARTS = ["answer", "false-discovery", "runs", "trends", "mobility", "counts", "methods"]


def page_of(found: Any, given: dict[str, Any] | None = None, command: str = "organokine raw run") -> str:
    """The page without plotly, checked for what holds of every page."""
    whole = build_raw_run_page(found, provenance() if given is None else given, command)
    page = whole[: whole.index("<footer>")]
    assert re.findall(r'<section id="([a-z-]+)"', page) == PARTS
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert re.findall(r"\b(?:nan|NaN|None|NA)\b|undefined", re.sub(r' title="[^"]*"', "", page)) == []
    figures_of(page)
    return page


def text_of(page: str) -> str:
    """What a reader sees, without plots."""
    shown = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", shown)).replace("\u202f", "").replace("\u00a0", " "))


def figures_of(page: str) -> dict[str, dict[str, Any]]:
    """The data of every plot; what is no JSON without NaN fails."""

    def refuse(text: str) -> None:
        raise AssertionError(text)

    found = re.findall(r'<script type="application/json" id="([^"]+)-data">(.*?)</script>', page, flags=re.DOTALL)
    return {name: json.loads(text, parse_constant=refuse) for name, text in found}


def test_the_page_repeats_itself_and_says_what_was_found() -> None:
    page = page_of(result())
    assert page == page_of(result())
    text = text_of(page)
    assert "6 of 6 files were searched." in text
    assert (
        "12040 peptides are accepted at a counted false discovery rate of 1 %, and 3400 protein groups are reported."
        in text
    )
    assert "peptides 12040 119 12040 0.85 % to 1.2 % enough decoys 12400 11980" in text
    assert "by the same rule 12 groups of decoys would be reported" in text
    assert "peptides accepted 12040 11310 11200 in both, 840 only with, 110 only without" in text
    assert "in one of ten the factor is 1.53 or more" in text
    assert "contaminants 41 3441 KRT1" in text
    assert "organokine raw run" in text
    assert "sagepy, 0.4.6, MIT" in text
    assert "missed_cleavages 1 2 sites of trypsin" in text
    assert provenance()["inputs"][1]["sha256"] in page
    assert set(figures_of(page)) == {
        "identifications", "mass-error", "mobility-shift", "minutes-shift", "trend", "trend-residual"
    }  # fmt: skip
    assert '<div class="banner"' not in page


def test_warnings_stand_before_everything_else() -> None:
    drift = Problem("a (a.d)", "1/K0 differs by +2.00 percent", "quantities fall out", "Calibrate")
    page = page_of(result(warnings=(FEW, drift), quality={"simulated": True}))
    places = [
        page.index(text)
        for text in ("Simulated data.", "3 decoys among 180 targets", "1/K0 differs by +2.00", 'href="#answer"')
    ]
    assert places == sorted(places)
    assert page.count('<div class="banner"') == 3


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        (level(180, enough=False, n_decoys=3), "There are too few decoys (3) for an error rate of 1 % to mean anything: 180 peptides"),
        (level(0), "No peptide can be accepted at a false discovery rate of 1 %"),
        (level(0, enough=False, n_targets=0, n_decoys=0, false_low=None, false_high=None), "too few decoys (0)"),
    ],
)  # fmt: skip
def test_an_error_rate_without_meaning_is_said_so(counted: dict[str, Any], said: str) -> None:
    false = {
        "level": 0.01,
        "peptides": counted,
        "spectra": counted,
        "proteins": {"n_groups": 0, "n_decoy_groups": None},
    }
    page = page_of(result(quality={"false_discovery": false}))
    assert said in text_of(page)
    assert page.count('<span class="flag">too few decoys</span>') == (0 if counted["enough"] else 2)


def test_nothing_found_and_every_file_failed() -> None:
    table = runs(failed=SAMPLES)
    no_points = {"charge": [], "mz": [], "one_over_k0": [], "residual": [], "n": 0}
    found = result(runs=table, proteins=pd.DataFrame(), counts=(), quality={"trend": no_points, "mobility": None})
    page = page_of(found)
    assert "0 of 6 files were searched; of those that failed nothing is in any table" in text_of(page)
    assert "and 3 more" in text_of(page)
    assert page.count('<span class="flag">failed</span>') == 6
    assert figures_of(page) == {}
    assert "There is no run." in page_of(result(runs=RUNS.empty()))


def test_an_engine_without_matches_leaves_parts_out_with_a_sentence() -> None:
    quality = {"false_discovery": None, "mobility": None, "trend": None, "settings": {"own": None, "list": []}}
    table = runs().assign(matched=pd.NA)
    text = text_of(page_of(result(quality=quality, runs=table), {}, ""))
    assert "3400 protein groups are reported, at the error rates of the engine." in text
    assert "its own error rates are taken as they are" in text
    assert "what it contributes is not known" in text
    assert "there is no trend to show" in text
    assert "matched" not in re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", page_of(result(runs=table)))


def test_mobility_without_values_in_both_has_dashes() -> None:
    found = mobility() | {"interference": None, "spread_between_samples": None}
    assert "quantity without over with, log2 –" in text_of(page_of(result(quality={"mobility": found})))
    alone = mobility() | {"peptides": dict.fromkeys(("without", "both", "only_with", "only_without")) | {"with": 3}}
    assert "what it contributes is not known" in text_of(page_of(result(quality={"mobility": alone})))


@pytest.mark.parametrize("column", [column.name for column in RUNS.columns if column.kind != "text"])
def test_any_number_of_a_run_may_be_missing(column: str) -> None:
    table = RUNS.conform(runs().drop(columns=column))
    raw_run_figures.identifications(table)
    raw_run_figures.calibration(table)
    if column in {"transferred", "mass_error"}:
        page_of(result(runs=table))


def test_calibration_is_drawn_in_the_order_of_measurement_if_all_tell_it() -> None:
    table = runs().iloc[::-1].reset_index(drop=True)
    drawn = figures_of(page_of(result(runs=table)))["mass-error"]
    assert drawn["layout"]["xaxis"]["ticktext"] == list(SAMPLES)
    assert drawn["data"][0]["y"] == pytest.approx([-1, 0, 1, 2, 3, 4])
    page = page_of(result(runs=table.assign(acquired=["", *table["acquired"][1:]])))
    assert figures_of(page)["mass-error"]["layout"]["xaxis"]["ticktext"] == list(SAMPLES)[::-1]
    assert "not every file tells when it was measured" in page


def test_every_point_of_the_trend_is_in_the_plots_and_a_sample_is_said_to_be_one() -> None:
    page = page_of(result(quality={"trend": trend(300) | {"n": 300}}))
    drawn = figures_of(page)
    assert [len(trace["x"]) for trace in drawn["trend"]["data"]] == np.bincount(trend(300)["charge"])[2:].tolist()
    with_trend = [value for value in trend(300)["residual"] if value is not None]
    assert sum(drawn["trend-residual"]["data"][0]["y"]) == len(with_trend)
    assert "All 300 identified precursors" in page
    assert "3000 of 15000 identified precursors, evenly chosen" in text_of(page_of(result()))


def test_names_stay_text() -> None:
    names = tuple(f"{HOSTILE}{place}" for place in range(3))
    table = runs(names, failed=names[:1]).assign(file=HOSTILE, acquired=HOSTILE)
    given = provenance(names) | {"engine": {"name": HOSTILE}, "created": HOSTILE, "versions": {HOSTILE: HOSTILE}}
    found = result(
        runs=table,
        counts=(Count(HOSTILE, 1, 2, HOSTILE, HOSTILE),),
        warnings=(Problem(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        quality={
            "engine": {"name": HOSTILE},
            "settings": SearchSettings().model_dump() | {HOSTILE: {HOSTILE: [HOSTILE]}},
        },
    )
    page = page_of(found, given, HOSTILE)
    shown = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert "<script>alert" not in shown
    assert "<b>x" not in shown
    assert unescape(shown).count(HOSTILE) > 20
    drawn = json.dumps(list(figures_of(page).values()))
    assert "<script" not in drawn
    assert "<b>x" not in drawn
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawn


@pytest.mark.browser
def test_opens_quietly_and_fits_a_telephone(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    names = (*SAMPLES, HOSTILE, "x" * 200)
    found = result(runs=runs(names, failed=names[1:2]), warnings=(Problem("x" * 200, HOSTILE, "y" * 200, "z"),))
    file.write_text(build_raw_run_page(found, provenance(names), "x" * 400), encoding="utf-8")
    watched = Watched(browser, file, 390, 844)
    watched.draw_all()
    assert watched.complaints == []
    assert watched.requests == [file.as_uri()]
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert watched.page.locator(".plot-area:has(.main-svg)").count() == 6
    assert min(watched.page.evaluate(CONTRASTS)) >= LEAST_CONTRAST
    watched.page.close()
