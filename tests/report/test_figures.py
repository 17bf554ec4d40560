from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
from fake_run import EVIL, RUNS

from organokine.report import figures
from organokine.report.data import ReportData
from organokine.report.sections import calibration, links, volcano


def data_of(html: str) -> dict[str, list[dict[str, object]]]:
    block = re.search(r'<script type="application/json" id="[^"]+">(.*?)</script>', html, flags=re.S)
    assert block is not None
    found: dict[str, list[dict[str, object]]] = json.loads(block[1])
    return found


def test_plot_text_leaves_no_tag_for_plotly_to_read() -> None:
    assert figures.plot_text(EVIL) == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert figures.plot_text("a&lt;b") == "a&amp;lt;b"


def test_rounded_gives_none_for_what_is_not_a_number() -> None:
    assert figures.rounded([1.23456789, np.nan, -np.inf]) == [1.2346, None, None]


def test_figure_cannot_close_its_script() -> None:
    html = figures.figure("x", "t", "c", [{"text": ["</script><b>"]}], {})
    assert html.count("</script>") == 1
    assert data_of(html)["data"] == [{"text": ["</script><b>"]}]


def test_names_keep_clear_of_points_of_one_another_and_of_the_edge() -> None:
    x, y = np.array([0.5, 0.5, 0.99]), np.array([0.5, 0.5, 0.5])
    places = figures.place_names(x, y, ["first", "second", "third"], [(8.0, 0.0), (-8.0, 0.0)], (300.0, 300.0))
    assert places[0] is not None
    assert places[0][0] > 8
    assert places[1] is not None
    assert places[1][0] < -8
    assert places[2] is not None
    assert places[2][0] < -8


def test_a_name_without_room_is_left_out() -> None:
    x, y = np.array([0.5, 0.5]), np.array([0.5, 0.5])
    places = figures.place_names(x, y, ["first", "second"], [(8.0, 0.0)], (300.0, 300.0))
    assert [place is None for place in places] == [False, True]


def test_thinning_keeps_marked_rows_and_small_p() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"p": rng.uniform(size=5000)})
    is_marked = np.zeros(5000, dtype=bool)
    is_marked[[10, 4999]] = True
    keep = volcano.thinned(rows, is_marked, most=1000)
    assert keep.sum() <= 1000
    assert keep[is_marked].all()
    assert keep[np.argsort(rows["p"].to_numpy())[:400]].all()
    assert volcano.thinned(rows.head(100), is_marked[:100], most=1000).all()


def test_volcano_says_that_it_is_thinned() -> None:
    run = RUNS["plain"]()
    rows = run.tables["differential"]
    many = pd.concat([rows[rows["assay"] == "muscle_protein"]] * 40, ignore_index=True)
    html = volcano.volcano(ReportData(run.tables, run.manifest), "v", "muscle", many)
    assert html is not None
    n_drawn = sum(len(trace["x"]) for trace in data_of(html)["data"])  # type: ignore[arg-type]
    assert n_drawn <= 8000
    assert "Thinned to" in html


def test_volcano_draws_tested_features_only_and_survives_p_of_zero() -> None:
    run = RUNS["plain"]()
    rows = run.tables["differential"]
    rows = rows[rows["assay"] == "muscle_protein"].copy()
    rows.loc[rows.index[0], "p"] = 0.0
    html = volcano.volcano(ReportData(run.tables, run.manifest), "v", "muscle", rows)
    assert html is not None
    traces = data_of(html)["data"]
    assert sum(len(trace["x"]) for trace in traces) == int(rows["p"].notna().sum())  # type: ignore[arg-type]
    assert all(None not in trace["y"] for trace in traces)  # type: ignore[operator]
    assert "p-values of 0" in html


def test_histogram_counts_every_p_value_once() -> None:
    html = calibration.histogram("h", "t", pd.Series([0.0, 0.01, 0.05, 0.99, 1.0, np.nan]), "")
    assert html is not None
    bars = data_of(html)["data"][0]["y"]
    assert bars == [2, 1, *[0] * 17, 2]
    assert "60\u00a0% at most 0.05" in html


def test_link_plots_are_of_links_only_and_name_both_sides() -> None:
    run = RUNS["plain"]()
    run.manifest["lines"][2]["unit"] = "r with blood"
    html = links.SECTION.html(ReportData(run.tables, run.manifest))
    assert html.count("<figure") == 1
    assert 'id="link-6"' in html
    assert (
        "r correlates the level in the muscle (source) with that in the cerebellum (target) over animals, given age and sex."
        in html
    )
    layout: dict[str, Any] = data_of(html)["layout"]  # type: ignore[assignment]
    assert layout["yaxis"]["title"]["text"] == "r, source against target, given group and covariates"
