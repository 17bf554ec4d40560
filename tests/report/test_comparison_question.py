"""The page speaks of the question that was asked: contrasts written out, slopes per unit, levels that differ at all."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from test_comparison import HOSTILE, frame_of, made_up, page_of, plot, quality, text_of

from organokine import tables
from organokine.design import AnyLevel, LevelContrast, Slope
from organokine.report.comparison_question import MOST_NUMBERS, formula, group_names, number_marker, sizes, worded
from organokine.study_file import ContrastSection

MEANS = LevelContrast("dose", {"low": -1.0, "high": 0.5, "middle": 0.5})


def joint(n: int = 60, n_found: int = 6) -> pd.DataFrame:
    """A table `joint` with the p-values of `made_up`: four of the six found are highest in `late`."""
    known = made_up(n, n_found)
    frame = known.assign(
        largest_log2fc=known["log2fc"].abs(),
        highest=np.where(np.arange(n) % 3 == 0, "early", "late"),
        lowest="middle",
        f=10.0,
        df_numerator=2.0,
        n_measured=8,
    )
    return tables.JOINT.conform(frame[[name for name in tables.JOINT.names() if name in frame]])


def numbered(numbers: list[str]) -> pd.DataFrame:
    return quality(len(numbers)).assign(group=numbers)


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ({"low": -1, "high": 0.5, "middle": 0.5}, "0.5 × high + 0.5 × middle − low"),
        ({"a": 1, "b": -2, "c": 1, "d": 0}, "a + c − 2 × b"),
        ({"24": 1 / 3, "8 W": 2 / 3, "8W": -1}, "0.333 × “24” + 0.667 × “8 W” − 8W"),
    ],
)
def test_a_contrast_is_written_out(weights, text):
    assert formula(weights) == text


def test_a_contrast_of_two_whole_levels_is_case_against_control():
    asked = LevelContrast("dose", {"high": 1.0, "low": -1.0, "middle": 0.0})
    assert worded(asked) == worded(ContrastSection(factor="dose", case="high", control="low"))
    assert worded(LevelContrast("dose", {"high": 2.0, "low": -2.0})).title == "dose: 2 × high − 2 × low"


def test_slopes_are_written_by_significant_digits():
    slope = worded(Slope("dose"))
    written = [slope.size(value) for value in (0.05, -0.0016, 12.3, 0.0, 1e-7, np.nan)]
    assert written == ["+0.050", "−0.0016", "+12", "+0.0", "+1.0×10⁻⁷", "–"]
    assert worded(MEANS).size(-0.054) == "−0.05"


def test_groups_stand_control_first_and_numbers_by_size():
    assert group_names(numbered(["high", "middle", "other", "low"]), worded(MEANS)) == (
        "low",
        "high",
        "middle",
        "other",
    )
    qc = numbered(["10", "2", "0.5", "10"])
    assert group_names(qc, worded(Slope("dose"))) == ("0.5", "2", "10")
    assert sizes(qc, worded(Slope("dose"))) == {"0.5": 1, "2": 1, "10": 2}
    many = numbered([str(each) for each in range(MOST_NUMBERS + 1)])
    assert sizes(many, worded(Slope("dose"))) == {"samples": MOST_NUMBERS + 1}
    pair = worded(ContrastSection(factor="age", case="old", control="young"))
    assert list(sizes(quality(), pair)) == ["old", "young"]


def test_levels_that_are_numbers_stand_by_size():
    qc = numbered(["15", "24", "3", "24"])
    assert group_names(qc, worded(AnyLevel("week"))) == ("3", "15", "24")
    assert list(sizes(qc, worded(AnyLevel("week")))) == ["3", "15", "24"]
    assert group_names(qc, worded(LevelContrast("week", {"24": 0.5, "15": 0.5, "3": -1.0}))) == ("3", "15", "24")
    assert group_names(qc, worded(LevelContrast("week", {"24": 1.0, "15": 1.0, "3": -2.0}))) == ("3", "15", "24")
    mixed = numbered(["15", "24", "3", "rest"])
    assert group_names(mixed, worded(AnyLevel("week"))) == ("15", "24", "3", "rest")
    assert worded(LevelContrast("week", {"late": 0.5, "early": 0.5, "rest": -1.0})).levels == ("rest", "late", "early")


def test_numbers_are_shaded_from_light_to_dark():
    def lightness(number: str) -> int:
        return sum(map(int, re.findall(r"\d+", number_marker(("0", "1", "10"), number)["color"])))

    assert lightness("0") > lightness("1") > lightness("10")
    assert number_marker(("3",), "3")["color"] == number_marker(("0", "1"), "0")["color"]


def test_the_page_of_a_contrast_writes_it_out():
    page = page_of(made_up(), asked=MEANS, qc=numbered(["high", "low"] * 3 + ["middle"] * 2), minimum_effect=0.25)
    said = text_of(page)
    assert "liver, dose: 0.5 × high + 0.5 × middle − low" in said
    assert "6 differ by more than 0.25 log2 from zero in 0.5 × high + 0.5 × middle − low at q < 0.05" in said
    assert "3 above and 3 below zero. The strongest: Gene0 (contrast +1.50," in said
    assert "low: n\u00a0=\u00a03, high: n\u00a0=\u00a03, middle: n\u00a0=\u00a02" in said
    assert "weight above zero: high and middle." in said
    assert [trace["name"] for trace in plot(page, "components")["data"]] == ["low", "high", "middle"]


def test_the_page_of_a_slope_speaks_of_units():
    table = made_up().assign(n_case=pd.NA, n_control=pd.NA)
    page = page_of(tables.DIFFERENTIAL.conform(table), asked=Slope("dose"), qc=numbered(["0", "10", "2", "0.5"] * 2))
    said = text_of(page)
    assert "liver, change per unit of dose" in said
    assert "6 change with dose at q < 0.05: 3 rising and 3 falling as dose grows" in said
    assert "Gene0 (slope +1.5," in said
    assert "0.5: n\u00a0=\u00a02, 2: n\u00a0=\u00a02, 10: n\u00a0=\u00a02" in said
    assert plot(page, "volcano")["layout"]["xaxis"]["title"]["text"] == "log2 change per unit of dose"
    assert plot(page, "volcano")["data"][1]["text"][0].startswith("<b>Gene0</b><br>slope +1.5<br>")
    assert [trace["name"] for trace in plot(page, "components")["data"]] == ["0", "0.5", "2", "10"]
    assert 'data-column="n_case"' not in page
    nothing = text_of(page_of(made_up(n_found=0), asked=Slope("dose"), qc=tables.QC.empty()))
    assert "none changes at q < 0.05" in nothing
    assert "log2 per unit of dose to either side" in nothing


def test_many_numbers_have_no_legend():
    page = page_of(made_up(), asked=Slope("dose"), qc=numbered([str(each) for each in range(MOST_NUMBERS + 1)]))
    assert plot(page, "components")["layout"]["showlegend"] is False
    assert "samples: n\u00a0=\u00a09" in text_of(page)
    assert "Light is the lowest number, dark the highest." in text_of(page)


def test_the_page_of_any_difference_names_highest_and_lowest_levels():
    page = page_of(joint(), asked=AnyLevel("stage"), qc=numbered(["early", "late", "middle", "late"] * 2))
    said = text_of(page)
    assert "liver, any difference between the levels of stage" in said
    assert "58 of 60 features could be tested; 6 differ between the levels of stage at q < 0.05" in said
    assert "highest in late (4) and early (2). The strongest: Gene0 (early over middle by 1.50 log2," in said
    columns = re.findall(r'data-column="(\w+)"', frame_of(page))
    assert columns[:7] == ["gene", "largest_log2fc", "q", "highest", "lowest", "p", "f"]
    assert 'data-filter="direction"' not in page
    assert set(re.findall(r'<tr data-direction="(\w*)"', page)) <= {"up", ""}
    volcano = plot(page, "volcano")
    assert volcano["layout"]["xaxis"]["range"][0] == 0
    assert (len(volcano["data"][0]["x"]), len(volcano["data"][1]["x"])) == (52, 6)
    assert min(plot(page, "change")["data"][0]["y"]) > 0
    assert {'id="p-values-data"', 'id="spread-data"'} <= set(re.findall(r'id="[\w-]+-data"', page))


def test_nothing_found_and_nothing_tested_between_levels():
    said = text_of(page_of(joint(n_found=0), asked=AnyLevel("stage")))
    assert "none differs at q < 0.05. The smallest q is" in said
    assert "That is not proof that nothing changed." in said
    bare = joint().assign(p=np.nan, q=np.nan, largest_log2fc=np.nan, highest="", lowest="", state="not_estimable")
    page = page_of(bare, asked=AnyLevel("stage"), qc=tables.QC.empty())
    assert "None of the 60 features could be tested." in text_of(page)
    assert 'data-figure="' not in page


@pytest.mark.parametrize(
    "asked", [LevelContrast(HOSTILE, {HOSTILE: 0.5, "b": 0.5, "c": -1.0}), Slope(HOSTILE), AnyLevel(HOSTILE)]
)
def test_names_of_factors_and_levels_stay_text(asked):
    table = joint().assign(highest=HOSTILE) if isinstance(asked, AnyLevel) else made_up()
    qc = numbered(["1", "2"] * 4) if isinstance(asked, Slope) else numbered([HOSTILE, "b"] * 4)
    page = page_of(table, asked=asked, qc=qc)
    assert "alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_spread_of_deseq2_is_not_called_moderated():
    assert "residual standard deviation (moderated)" in page_of(made_up())
    page = page_of(made_up(), engine="deseq2")
    assert "moderated" not in plot(page, "spread")["layout"]["yaxis"]["title"]["text"]
    assert "DESeq2's dispersion" in text_of(page)
