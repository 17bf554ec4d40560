"""Plots of functional tests: every animal is drawn once, and both axes of an estimation plot agree."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fake_phenotypes import ROD, SLIPS, phenotype_tables
from markupsafe import Markup

from organokine.report import phenotype_curves, phenotype_figures
from organokine.report.phenotype_measures import Measure, measures_of

TABLES = phenotype_tables()
MEASURES = {
    (each.phenotype, each.measure): each for each in measures_of(TABLES["phenotypes"], TABLES["phenotype_animals"])
}
ROD_MEASURE = MEASURES[(ROD["phenotype"], "latency")]
SLIPS_MEASURE = MEASURES[("beam", "slips")]


def drawn(html: Markup | None) -> dict[str, Any]:
    assert html is not None
    block = re.search(r'<script type="application/json" id="[^"]+">(.*?)</script>', str(html), flags=re.S)
    assert block is not None
    found: dict[str, Any] = json.loads(block[1])
    return found


def estimation(measure: Measure, animals: pd.DataFrame | None = None, **changes: Any) -> Markup | None:
    rows = [row | changes for row in measure.of(TABLES["phenotypes"]).to_dict("records")]
    return phenotype_figures.estimation("x", measure, TABLES["phenotype_animals"] if animals is None else animals, rows)


def test_every_animal_is_a_dot_of_its_group_at_its_value() -> None:
    traces = drawn(estimation(ROD_MEASURE))["data"]
    for place, group in ((0, "young"), (2, "old")):
        own = ROD_MEASURE.of(TABLES["phenotype_animals"])
        own = own[own["group"] == group]
        np.testing.assert_allclose(sorted(traces[place]["y"]), sorted(own["value"]), rtol=1e-4)
        assert np.abs(np.array(traces[place]["x"]) - place / 2).max() <= 0.1801
        np.testing.assert_allclose(traces[place + 1]["y"], own["value"].mean(), rtol=1e-4)


def test_neighbours_never_share_a_place() -> None:
    animals = TABLES["phenotype_animals"].assign(value=100.0)
    x = drawn(estimation(ROD_MEASURE, animals))["data"][0]["x"]
    assert all(one != other for one, other in pairwise(x))


def test_no_difference_lies_at_the_mean_of_the_controls() -> None:
    figure = drawn(estimation(ROD_MEASURE))
    mean = figure["data"][1]["y"][0]
    left, right = figure["layout"]["yaxis"]["range"], figure["layout"]["yaxis2"]["range"]
    np.testing.assert_allclose(np.subtract(left, right), mean, rtol=1e-4)
    effect = figure["data"][-1]
    assert effect["y"] == [-42.0]
    assert (effect["error_y"]["arrayminus"], effect["error_y"]["array"]) == ([22.0], [22.0])


@pytest.mark.parametrize("lowest", [0.0, 0.5])
def test_a_ratio_is_on_a_log_axis_with_one_at_the_mean_of_the_controls(lowest: float) -> None:
    animals = TABLES["phenotype_animals"].copy()
    is_slips = animals["measure"] == "slips"
    animals.loc[is_slips, "value"] = np.maximum(animals.loc[is_slips, "value"], 0.5)
    animals.loc[np.flatnonzero(is_slips)[0], "value"] = lowest
    layout = drawn(estimation(SLIPS_MEASURE, animals))["layout"]
    left, right = layout["yaxis"], layout["yaxis2"]
    controls = animals.loc[is_slips & (animals["group"] == "young"), "value"].mean()
    assert left["type"] == ("log" if lowest > 0 else "linear")
    assert right["type"] == "log"
    place = np.log10(controls) if lowest > 0 else controls
    share = (place - left["range"][0]) / (left["range"][1] - left["range"][0])
    assert share == pytest.approx(-right["range"][0] / (right["range"][1] - right["range"][0]))
    assert right["range"][0] < np.log10(SLIPS["ci_low"]) < np.log10(SLIPS["ci_high"]) < right["range"][1]


def test_without_an_estimate_the_animals_are_still_drawn() -> None:
    figure = estimation(ROD_MEASURE, estimate=np.nan)
    assert "There is no estimate to draw" in str(figure)
    assert "yaxis2" not in drawn(figure)["layout"]
    endless = drawn(estimation(SLIPS_MEASURE, ci_high=np.inf))
    assert "error_y" not in endless["data"][-1]
    assert estimation(ROD_MEASURE, TABLES["phenotype_animals"].iloc[:0]) is None


def test_the_caption_says_the_effect_and_what_it_is_adjusted_for() -> None:
    html = str(estimation(ROD_MEASURE))
    assert "12 young and 12 old" in html
    assert "old against young: −42 s, 95\u00a0% interval −64 to −20" in html
    assert "adjusted for sex" in html


def test_the_forest_fills_what_is_shown_and_needs_three_measures() -> None:
    gait = [each for key, each in MEASURES.items() if key[0] == "gait"]
    empty, full = drawn(phenotype_figures.forest("x", gait, TABLES["phenotypes"]))["data"]
    assert (len(empty["y"]), len(full["y"])) == (5, 3)
    row = gait[-1].of(TABLES["phenotypes"]).iloc[0]
    width = row["ci_high"] - row["ci_low"]
    drawn_width = full["error_x"]["array"][-1] + full["error_x"]["arrayminus"][-1]
    assert drawn_width == pytest.approx(width * row["standardised"] / row["estimate"], rel=1e-3)
    assert phenotype_figures.forest("x", gait[:2], TABLES["phenotypes"]) is None


def test_learning_follows_each_animal_and_parts_it_from_the_next() -> None:
    traces = drawn(phenotype_curves.learning("x", ROD_MEASURE, TABLES["phenotype_days"], TABLES["phenotype_curves"]))[
        "data"
    ]
    assert [len(trace["x"]) for trace in traces] == [48, 48, 3, 3]
    assert traces[0]["x"][:5] == [1.0, 2.0, 3.0, None, 1.0]
    assert [trace["name"] for trace in traces[2:]] == ["young", "old"]
    one_day = TABLES["phenotype_days"][TABLES["phenotype_days"]["day"] == 1]
    assert phenotype_curves.learning("x", ROD_MEASURE, one_day, TABLES["phenotype_curves"].iloc[:0]) is None


def test_survival_is_drawn_in_steps_with_bands() -> None:
    traces = drawn(phenotype_curves.survival("x", ROD_MEASURE, TABLES["phenotype_curves"]))["data"]
    assert len(traces) == 6
    assert {trace["line"]["shape"] for trace in traces} == {"hv"}
    assert [trace.get("fill") for trace in traces[:3]] == [None, "tonexty", None]
    assert phenotype_curves.survival("x", SLIPS_MEASURE, TABLES["phenotype_curves"]) is None
    bare = TABLES["phenotype_curves"].assign(y_low=np.nan, y_high=np.nan)
    assert len(drawn(phenotype_curves.survival("x", ROD_MEASURE, bare))["data"]) == 2


def test_weight_is_drawn_against_strength_only() -> None:
    grip = MEASURES[("grip", "force")]
    assert len(drawn(phenotype_curves.against_weight("x", grip, TABLES["phenotype_animals"]))["data"]) == 2
    assert phenotype_curves.against_weight("x", ROD_MEASURE, TABLES["phenotype_animals"]) is None
    assert phenotype_curves.against_weight("x", grip, TABLES["phenotype_animals"].assign(weight=np.nan)) is None


def test_the_power_curve_shows_what_this_study_could_have_seen() -> None:
    figure = drawn(phenotype_curves.power_curve("x", ROD_MEASURE, TABLES["phenotype_power"]))
    assert figure["data"][0]["y"] == [64, 17, 9, 4]
    assert figure["layout"]["shapes"][0]["x0"] == 36.0
    assert phenotype_curves.power_curve("x", ROD_MEASURE, TABLES["phenotype_power"].head(3)) is None
