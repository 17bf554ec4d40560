"""Figures of the samples of one assay: components, correlations, missing values, scatter, levels of panels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.quality_words import by_name

HEIGHT = 260
MOST_SQUARES = 60
"""Samples up to which every pair has a square: beyond, a square is smaller than the lines between them."""
CV_COLUMNS = ("cv_05", "cv_25", "cv_50", "cv_75", "cv_95")
_SHARE_AXIS: dict[str, Any] = {"rangemode": "tozero", "tickformat": "~%"}
LIGHT, PALE = "#9cc3da", "#e4e1d9"
SCALE = [[0.0, "#fdf3e7"], [0.5, "#9cc3da"], [1.0, figures.ACCENT]]
"""Colours of a correlation, from the lowest to the highest."""


class Markers(NamedTuple):
    """How samples are told apart: marker of a group among all, whether a legend names them, and what to know about it."""

    marker_of: Callable[..., dict[str, Any]] = figures.group_marker
    has_legend: bool = True
    remark: str = ""


_BY_GROUP = Markers()


def components(
    groups: Sequence[str], name: str, label: str, rows: pd.DataFrame, markers: Markers = _BY_GROUP
) -> Markup | None:
    """Samples of one assay on its first two principal components."""
    known = rows[rows["pc1"].notna() & rows["pc2"].notna()]
    if len(known) == 0:
        return None
    traces = []
    for group in groups:
        of_group = known[known["group"] == group]
        if len(of_group) > 0:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": figures.tick_text(group),
                    "x": figures.rounded(of_group["pc1"]),
                    "y": figures.rounded(of_group["pc2"]),
                    "marker": markers.marker_of(groups, group),
                    "text": [_sample(row) for row in of_group.itertuples(index=False)],
                    "hovertemplate": "%{text}<extra></extra>",
                    "cliponaxis": False,
                }
            )
    layout = {
        "xaxis": figures.axis(f"PC1 ({words.percent(known['pc1_share'].max())})"),
        "yaxis": figures.axis(f"PC2 ({words.percent(known['pc2_share'].max())})"),
        "showlegend": markers.has_legend,
        "margin": {"l": 48, "r": 14, "t": 30, "b": 44},
        "annotations": _outlier_names(known),
    }
    caption = f"Each dot is a sample; names mark those that stand apart. {markers.remark}".strip()
    return figures.figure(name, f"{label}: principal components", caption, traces, layout, height=HEIGHT)


def _sample(row: Any) -> str:
    same = row.subject in {row.sample, ""}
    return f"<b>{figures.plot_text(row.sample)}</b>" + ("" if same else f"<br>{figures.plot_text(row.subject)}")


def _outlier_names(rows: pd.DataFrame) -> list[dict[str, Any]]:
    outliers = rows[rows["outlier"].fillna(value=False).astype(bool)]
    return [
        {
            "x": float(row["pc1"]),
            "y": float(row["pc2"]),
            "text": figures.plot_text(row["sample"]),
            "showarrow": False,
            "yshift": 13,
            "font": {"size": 11, "color": figures.WARM},
        }
        for row in outliers.to_dict("records")
    ]


def strip(
    groups: Sequence[str], name: str, title: str, caption: str, rows: pd.DataFrame, column: str, unit: str
) -> Markup | None:
    """One number sample by sample, by group; None if no sample has it."""
    known = rows[rows[column].notna()]
    present = [group for group in groups if group in set(known["group"])]
    if len(present) == 0:
        return None
    traces = []
    for place, group in enumerate(present):
        of_group = known[known["group"] == group].sort_values("sample", kind="stable")
        offset = 0.34 * (((np.arange(len(of_group)) + 1) * 0.618) % 1.0 - 0.5)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": figures.rounded(place + offset),
                "y": figures.rounded(of_group[column]),
                "marker": figures.group_marker(groups, group, 8),
                "text": [_sample(row) for row in of_group.itertuples(index=False)],
                "hovertemplate": "%{text}<br>%{y:.3g}<extra></extra>",
                "cliponaxis": False,
            }
        )
    layout = {
        "xaxis": _group_axis(present),
        "margin": {"l": 52, "r": 14, "t": 10, "b": 28},
        "yaxis": figures.axis(unit, **(_SHARE_AXIS if unit == "share" else {})),
    }
    return figures.figure(name, title, caption, traces, layout, height=HEIGHT)


def _group_axis(groups: Sequence[str]) -> dict[str, Any]:
    return figures.axis(
        "",
        tickvals=list(range(len(groups))),
        ticktext=[figures.tick_text(group) for group in groups],
        range=[-0.6, len(groups) - 0.4],
        showgrid=False,
        fixedrange=True,
    )


def correlation_map(
    groups: Sequence[str], name: str, label: str, rows: pd.DataFrame, pairs: pd.DataFrame
) -> Markup | None:
    """Correlation of every two samples as squares, ordered by group; None without a pair, or with too many samples."""
    if not pairs["r"].notna().any() or len(rows) > MOST_SQUARES:
        return None
    ordered = by_group_and_name(rows, groups)
    r = pair_matrix(list(ordered["sample"]), pairs)
    lowest = lowest_usual(r, ordered)
    names = [figures.plot_text(sample) for sample in ordered["sample"]]
    trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": [figures.rounded(row, 4) for row in r],
        "colorscale": SCALE,
        "zmin": lowest,
        "zmax": float(np.nanmax(r)),
        "hoverongaps": False,
        "hovertemplate": "%{y}<br>%{x}<br>r %{z:.3f}<extra></extra>",
        "colorbar": {"thickness": 9, "outlinewidth": 0, "nticks": 4, "tickfont": {"size": 10, "color": figures.MUTED}},
    }
    layout = {
        "xaxis": _square_axis(ordered["group"]),
        "yaxis": _square_axis(ordered["group"], autorange="reversed", tickangle=-90),
        "shapes": _borders(ordered["group"]),
        "margin": {"l": 30, "r": 8, "t": 10, "b": 28},
    }
    caption = f"Pearson r of every two samples, {words.correlation(np.nanmin(r))} to {words.correlation(np.nanmax(r))}; lines part the groups."
    caption += f" All below {words.correlation(lowest)} have the lightest colour." if np.nanmin(r) < lowest else ""
    return figures.figure(name, f"{label}: correlation of samples", caption, [trace], layout, height=HEIGHT)


def by_group_and_name(rows: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Rows of `qc` in the order of the groups, then of their names."""
    order = {group: place for place, group in enumerate(groups)}
    place = rows["group"].map(order).fillna(len(order))
    return rows.assign(place=place).sort_values(["place", "sample"], kind="stable").drop(columns="place")


def pair_matrix(samples: Sequence[str], pairs: pd.DataFrame) -> np.ndarray:
    """Correlations of `qc_pairs` as a square (n_samples, n_samples); NaN on the diagonal and for pairs that are not there."""
    at = {sample: position for position, sample in enumerate(samples)}
    known = pairs[pairs["sample"].isin(at) & pairs["other"].isin(at)]
    first, second = known["sample"].map(at).to_numpy(dtype=int), known["other"].map(at).to_numpy(dtype=int)
    r = np.full((len(at), len(at)), np.nan)
    r[first, second] = r[second, first] = known["r"].to_numpy(dtype=float)
    return r


def lowest_usual(r: np.ndarray, samples: pd.DataFrame) -> float:
    """Lowest correlation among samples that do not stand apart: one that does would take the whole scale for itself."""
    stays = ~samples["outlier"].fillna(value=False).to_numpy(dtype=bool)
    among = r[np.ix_(stays, stays)]
    return float(np.nanmin(among if np.isfinite(among).any() else r))


def _square_axis(groups: pd.Series, **options: Any) -> dict[str, Any]:
    """Group names at the middle of their samples; which sample a square is of stands on hover."""
    places = pd.Series(np.arange(len(groups))).groupby(groups.to_numpy(dtype=object), sort=False).mean()
    ticks = {"tickvals": places.tolist(), "ticktext": [figures.tick_text(group) for group in places.index]}
    return figures.axis("", type="category", showgrid=False, **ticks, **options)


def _borders(groups: pd.Series) -> list[dict[str, Any]]:
    """A line where one group ends and the next begins, across and down."""
    names = groups.to_numpy(dtype=object)
    line = {"color": "#ffffff", "width": 2}
    ends = np.flatnonzero(names[1:] != names[:-1]) + 0.5
    low, high = -0.5, len(names) - 0.5
    across = [{"type": "line", "x0": low, "x1": high, "y0": float(at), "y1": float(at), "line": line} for at in ends]
    down = [{"type": "line", "y0": low, "y1": high, "x0": float(at), "x1": float(at), "line": line} for at in ends]
    return [*across, *down]


def measured_bars(groups: Sequence[str], name: str, label: str, measures: pd.DataFrame) -> Markup | None:
    """Features of each group measured in all of its samples, in some, in none; None where nothing is missing."""
    present = [group for group in groups if group in measures.index]
    if len(present) == 0 or "in_some" not in measures.columns:
        return None
    counts = measures.loc[present, ["complete", "in_some", "absent"]]
    if counts.isna().any(axis=None) or bool((counts[["in_some", "absent"]] == 0).all(axis=None)):
        return None
    parts = (
        ("all", counts["complete"], figures.ACCENT),
        ("some", counts["in_some"], LIGHT),
        ("none", counts["absent"], PALE),
    )
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": part,
            "x": [int(n) for n in values],
            "y": list(range(len(present))),
            "width": 0.55,
            "marker": {"color": colour},
            "hovertemplate": "%{x} features in " + part + "<extra></extra>",
        }
        for part, values, colour in parts
        if bool((values > 0).any())
    ]
    rows = _group_axis(present)
    layout = {
        "barmode": "stack",
        "xaxis": figures.axis("features", rangemode="tozero", nticks=5),
        "yaxis": {**rows, "range": rows["range"][::-1]},
        "margin": {"l": 60, "r": 14, "t": 10, "b": 44},
    }
    caption = "Features measured in all samples of a group (dark), in some (light), in none (grey)."
    return figures.figure(name, f"{label}: measured features", caption, traces, layout, height=HEIGHT)


def variation_boxes(groups: Sequence[str], name: str, label: str, measures: pd.DataFrame) -> Markup | None:
    """Coefficients of variation of the features of each group as a box; None where no group has two samples."""
    if not set(CV_COLUMNS) <= set(measures.columns):
        return None
    known = measures[measures[list(CV_COLUMNS)].notna().all(axis=1)]
    present = [group for group in groups if group in known.index]
    if len(present) == 0:
        return None
    traces = []
    for place, group in enumerate(present):
        low, lower, middle, upper, high = figures.rounded((float(known[column][group]) for column in CV_COLUMNS), 4)
        traces.append(
            {
                "type": "box",
                "x": [place],
                "q1": [lower],
                "median": [middle],
                "q3": [upper],
                "lowerfence": [low],
                "upperfence": [high],
                "width": 0.4,
                "line": {"color": _colour(groups, group), "width": 1.6},
                "fillcolor": "#ffffff",
                "hoverinfo": "y",
            }
        )
    layout = {
        "xaxis": _group_axis(present),
        "yaxis": figures.axis("coefficient of variation", **_SHARE_AXIS),
        "margin": {"l": 52, "r": 14, "t": 10, "b": 28},
    }
    medians = by_name({group: words.percent(float(known["cv_50"][group])) for group in present})
    caption = f"Box: the middle half of the features; whiskers: 5 to 95\u00a0%. Median: {medians}."
    return figures.figure(name, f"{label}: variation within groups", caption, traces, layout, height=HEIGHT)


def _colour(groups: Sequence[str], group: str) -> str:
    """Colour of the lines of a group: that of its marker, or of the rim of a hollow one."""
    marker = figures.group_marker(groups, group)
    return str(marker["line"]["color"] if marker["color"] == "#ffffff" else marker["color"])
