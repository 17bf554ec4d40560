"""Plots of a population hold the numbers of the tables."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fake_population import DRAWS, FDR, population_tables
from markupsafe import Markup

from organokine.report import figures, population_figures, population_gene_figures
from organokine.report.population_pairs import Pair, pairs_of


def data_of(plot: Markup | None) -> dict[str, Any]:
    assert plot is not None
    return json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', plot, flags=re.DOTALL)[1])


def made(organs: tuple[str, ...] = ("liver", "muscle"), **given: Any) -> list[Pair]:
    return pairs_of(population_tables(organs, **given), FDR)


def test_the_map_has_what_stands_in_its_square_and_grey_where_nothing_was_scored() -> None:
    pairs = made(("liver", "muscle", "fat"), not_scored=[("fat", "liver")])
    found = data_of(population_figures.organ_map("m", pairs))
    grey, squares = found["data"]
    assert found["layout"]["xaxis"]["ticktext"] == ["fat", "liver", "muscle"]
    assert squares["z"] == [[None, None, 0], [0, None, 3], [0, 0, None]]
    assert squares["text"] == [["", "", "0"], ["0", "", "3 (2)"], ["0", "0", ""]]
    assert grey["z"] == [[None, 0, None], [None] * 3, [None] * 3]
    assert "not scored for too few individuals" in grey["customdata"][0][1]


def test_two_organs_have_no_map() -> None:
    assert population_figures.organ_map("m", made()) is None


def test_the_bars_of_a_null_are_its_draws_in_standard_deviations() -> None:
    bars, diamonds = data_of(population_figures.null_plot("n", made()[0]))["data"]
    assert sum(bars["y"]) == pytest.approx(1.0, abs=0.01)
    assert float(np.dot(bars["x"], bars["y"])) == pytest.approx(0.0, abs=0.1)
    assert float(np.dot(np.square(bars["x"]), bars["y"])) == pytest.approx(1.0, abs=0.1)
    assert diamonds["text"][:3] == ["Gdf15", "Fgf21", "Angptl4"]
    assert diamonds["marker"]["color"][:4] == [figures.ACCENT, figures.ACCENT, figures.WARM, "#ffffff"]


def test_a_candidate_of_another_null_stands_on_the_same_picture_by_its_own() -> None:
    tables = population_tables()
    ladder, nulls = tables["population_ladder"], tables["population_null"]
    is_other = ladder["gene"] == "Fgf21"
    tables["population_ladder"] = ladder.assign(
        null_name=np.where(is_other, "n=30", ladder["null_name"]), null_sd=np.where(is_other, 0.2, ladder["null_sd"])
    )
    tables["population_null"] = pd.concat([nulls, nulls.assign(null_name="n=30", value=nulls["value"] * 2)])
    bars, diamonds = data_of(population_figures.null_plot("n", pairs_of(tables, FDR)[0]))["data"]
    one, other = (data_of(population_figures.null_plot("n", made()[0]))["data"][kind] for kind in (0, 1))
    assert bars == one
    assert diamonds["x"][1] == pytest.approx(other["x"][1] / 2, rel=1e-3)


def test_a_null_of_one_value_or_none_is_no_error() -> None:
    tables = population_tables()
    flat = tables | {"population_null": tables["population_null"].assign(value=1.0)}
    bars = data_of(population_figures.null_plot("n", pairs_of(flat, FDR)[0]))["data"][0]
    assert sum(bars["y"]) == 1.0
    none = tables | {"population_null": tables["population_null"].iloc[:2]}
    assert population_figures.null_plot("n", pairs_of(none, FDR)[0]) is None


def test_steps_are_the_tested_p_of_each_step() -> None:
    pair = made()[0]
    found = data_of(population_figures.ladder_plot("l", pair))
    best = found["data"][-1]
    steps = pair.tables["population_ladder"]
    own = steps[steps["gene"] == "Gdf15"].set_index("rung").loc[["none", "0", "5", "15"]]
    assert best["y"] == pytest.approx(list(-np.log10(own["p"])), rel=1e-3)
    assert best["customdata"] == pytest.approx(list((own["score"] - own["null_mean"]) / own["null_sd"]), rel=1e-2)
    assert best["line"]["color"] == figures.ACCENT
    assert found["layout"]["xaxis"]["ticktext"] == ["nothing", "covariates", "+\u00a05", "+\u00a015"]
    (line,) = found["layout"]["shapes"]
    assert line["y0"] == pytest.approx(np.log10(DRAWS + 1))
    assert found["layout"]["yaxis"]["range"][1] > line["y0"]


def test_a_single_step_has_no_ladder() -> None:
    tables = population_tables()
    steps = tables["population_ladder"]
    alone = tables | {"population_ladder": steps[steps["rung"] == "0"]}
    assert population_figures.ladder_plot("l", pairs_of(alone, FDR)[0]) is None


def test_targets_are_the_strongest_and_itself_is_marked() -> None:
    pair = made()[0]
    rows = pair.tables["population_targets"]
    own = rows[rows["gene"] == "Gdf15"].assign(same_gene=lambda table: table["place"] == 2)
    found = data_of(population_gene_figures.targets("t", "Gdf15", pair, own.sample(frac=1, random_state=1)))
    assert found["data"][0]["text"] == [f"Target{place:02d}" for place in range(1, 16)]
    assert found["layout"]["yaxis"]["ticktext"][:2] == ["Target01", "Target02 (itself)"]
    signs = [figures.ACCENT if r > 0 else figures.WARM for r in own["r"][:15]]
    assert found["data"][0]["marker"]["color"] == signs


def test_dots_have_the_colour_of_the_group_and_the_shape_of_the_sex() -> None:
    pair = made()[0]
    rows = pair.tables["population_individuals"]
    own = rows[rows["gene"] == "Gdf15"]
    traces = data_of(population_gene_figures.dots("d", "Gdf15", pair, own, ""))["data"]
    assert [trace["name"] for trace in traces] == ["old, F", "old, M", "young, F", "young, M"]
    assert [trace["marker"]["symbol"] for trace in traces] == ["circle", "diamond"] * 2
    assert [trace["marker"]["color"] for trace in traces] == ["#ffffff"] * 2 + [figures.ACCENT] * 2
    assert sum(len(trace["x"]) for trace in traces) == 44
    lost = own.assign(module=np.nan)
    assert population_gene_figures.dots("d", "Gdf15", pair, lost, "") is None


def test_boxes_are_of_all_genes_though_dots_are_thinned() -> None:
    pair = made()[0]
    plot = population_gene_figures.same_gene("s", pair, 20)
    dots, box, other_dots, other_box = data_of(plot)["data"]
    rows = pair.tables["population_same_gene"]
    r = rows.loc[rows["secreted"], "r"]
    assert box["median"] == [pytest.approx(r.median(), rel=1e-2)]
    assert [len(dots["x"]), len(other_dots["x"])] == [20, 20]
    assert max(dots["y"]) == pytest.approx(r.max(), rel=1e-2)
    assert other_box["x"] == [1]
    assert "some, evenly along r" in plot
    assert "some, evenly along r" not in population_gene_figures.same_gene("s", pair, 200)


def test_genes_of_unclear_route_have_a_box_of_their_own() -> None:
    tables = population_tables()
    rows = tables["population_same_gene"]
    unclear = rows.assign(route=np.where(rows["gene"] < "Same010", "ev_cargo", rows["route"]))
    plot = population_gene_figures.same_gene("s", pairs_of(tables | {"population_same_gene": unclear}, FDR)[0], 200)
    found = data_of(plot)
    assert found["layout"]["xaxis"]["ticktext"] == ["secreted<br>(30)", "in the cell<br>(110)", "unclear<br>(10)"]
    assert sorted(found["data"][4]["text"]) == [f"Same{place:03d}" for place in range(10)]
    assert "Unclear are vesicle cargo" in plot


def test_genes_against_themselves_of_one_kind_alone() -> None:
    tables = population_tables()
    rows = tables["population_same_gene"]
    none = tables | {"population_same_gene": pd.concat([rows[~rows["secreted"]]])}
    found = data_of(population_gene_figures.same_gene("s", pairs_of(none, FDR)[0], 20))
    assert [trace["x"][0] for trace in found["data"] if trace["type"] == "box"] == [0]
    assert found["layout"]["xaxis"]["ticktext"] == ["in the cell<br>(110)"]
    assert "annotations" not in found["layout"] or found["layout"]["annotations"] == []
