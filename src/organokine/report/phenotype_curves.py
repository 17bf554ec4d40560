"""Plots of one functional test along something: days, time on the rod, body weight, size of the study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.phenotype_figures import FEWEST_POINTS, LEGEND, axis_title, groups_of, log_ticks
from organokine.report.phenotype_measures import Measure

_BANDS = ("rgba(102,112,121,0.16)", "rgba(11,95,138,0.16)")
_COLOURS = (figures.MUTED, figures.ACCENT)
_PALE = ("rgba(102,112,121,0.35)", "rgba(11,95,138,0.30)")
_DASHES = ("dash", "solid")


def learning(name: str, measure: Measure, days: pd.DataFrame, curves: pd.DataFrame) -> Markup | None:
    """Every animal over its days as a faint line, and the means of the groups; None with a single day.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    measure : Measure
        The measure.
    days, curves : pandas.DataFrame
        Tables `phenotype_days` and `phenotype_curves`.
    """
    own = measure.of(days)
    own = own[np.isfinite(own["value"]) & np.isfinite(own["day"])].sort_values(["subject", "day"], kind="stable")
    means = measure.of(curves)
    means = means[(means["curve"] == "learning") & np.isfinite(means["y"])].sort_values("x", kind="stable")
    if own["day"].nunique() < 2 and means["x"].nunique() < 2:
        return None
    traces = []
    for place, group in enumerate(groups_of(measure)):
        traces += _animal_lines(own[own["group"] == group], place)
    for place, group in enumerate(groups_of(measure)):
        rows = means[means["group"] == group]
        if len(rows) > 0:
            traces.append(_mean_line(rows, place, measure))
    ticks = sorted({float(day) for day in [*own["day"], *means["x"]]})
    layout = {
        **LEGEND,
        "xaxis": figures.axis("day", showgrid=False, tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks]),
        "yaxis": figures.axis(axis_title(measure)),
    }
    caption = (
        f"Faint lines follow one animal each over its days ({words.counted(int(own['subject'].nunique()), 'animal')}); bold lines are "
        "means of the animals of a group with 95\u00a0% intervals over animals. A line that stops is an animal that was not tested any more."
    )
    return figures.figure(name, f"Learning: {measure.noun} over days", caption, traces, layout, 380)


def _animal_lines(rows: pd.DataFrame, place: int) -> list[dict[str, Any]]:
    """One trace for all animals of a group: a gap parts one animal from the next."""
    if len(rows) == 0:
        return []
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for subject, own in rows.groupby("subject", sort=True):
        x += [*figures.rounded(own["day"]), None]
        y += [*figures.rounded(own["value"]), None]
        text += [figures.plot_text(subject)] * len(own) + [""]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": y,
            "text": text,
            "showlegend": False,
            "connectgaps": False,
            "line": {"color": _PALE[place], "width": 1},
            "hovertemplate": "%{text}<br>day %{x}: %{y:.4g}<extra></extra>",
        }
    ]


def _mean_line(rows: pd.DataFrame, place: int, measure: Measure) -> dict[str, Any]:
    y = rows["y"].to_numpy(dtype=float)
    group = groups_of(measure)[place]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": figures.plot_text(group),
        "x": figures.rounded(rows["x"]),
        "y": figures.rounded(y),
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": figures.rounded(np.nan_to_num(rows["y_high"].to_numpy(dtype=float) - y)),
            "arrayminus": figures.rounded(np.nan_to_num(y - rows["y_low"].to_numpy(dtype=float))),
            "color": _COLOURS[place],
            "thickness": 2,
            "width": 0,
        },
        "line": {"color": _COLOURS[place], "width": 3, "dash": _DASHES[place]},
        "marker": figures.group_marker(groups_of(measure), group, 10),
        "hovertemplate": "%{fullData.name}, day %{x}: %{y:.4g}<extra></extra>",
    }


def survival(name: str, measure: Measure, curves: pd.DataFrame) -> Markup | None:
    """Share of trials still on the rod over time, by group, with bands; None without such curves.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    measure : Measure
        The measure.
    curves : pandas.DataFrame
        Table `phenotype_curves`.
    """
    own = measure.of(curves)
    own = own[(own["curve"] == "survival") & np.isfinite(own["y"])].sort_values("x", kind="stable")
    if len(own) == 0:
        return None
    traces = []
    for place, group in enumerate(groups_of(measure)):
        rows = own[own["group"] == group]
        if len(rows) > 0:
            traces += _steps(rows, place, group)
    sizes = own.groupby("group")["n"].max()
    told = [f"{words.count(sizes[group])} {group}" for group in groups_of(measure) if group in sizes.index]
    unit = f" ({measure.unit})" if measure.unit != "" else ""
    caption = (
        f"Kaplan-Meier curves: the share of trials in which the animal is still on the rod, over time{unit}; each step down is a fall, "
        f"and what is left at the end reached the ceiling. Bands are 95\u00a0% intervals over animals ({words.listed(told)}). A picture, no "
        "test: the test is that of the sentence above."
    )
    layout = {
        **LEGEND,
        "xaxis": figures.axis(axis_title(measure), rangemode="tozero", showgrid=False),
        "yaxis": figures.axis("share still on the rod", range=[0, 1.02], tickformat=".0%"),
    }
    return figures.figure(name, "Still on the rod (a picture, no test)", caption, traces, layout, 380)


def _steps(rows: pd.DataFrame, place: int, group: str) -> list[dict[str, Any]]:
    x = figures.rounded(rows["x"])
    steps: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": x}
    has_band = bool((np.isfinite(rows["y_low"]) & np.isfinite(rows["y_high"])).any())
    edge = {"shape": "hv", "width": 0, "color": _COLOURS[place]}
    band = [
        steps | {"y": figures.rounded(rows["y_low"], 4), "line": edge, "hoverinfo": "skip", "showlegend": False},
        steps
        | {
            "y": figures.rounded(rows["y_high"], 4),
            "line": edge,
            "fill": "tonexty",
            "fillcolor": _BANDS[place],
            "hoverinfo": "skip",
            "showlegend": False,
        },
    ]
    line = steps | {
        "name": figures.plot_text(group),
        "y": figures.rounded(rows["y"], 4),
        "line": {"shape": "hv", "width": 2.5, "color": _COLOURS[place], "dash": _DASHES[place]},
        "hovertemplate": "%{fullData.name}<br>%{y:.0%} after %{x:.4g}<extra></extra>",
    }
    return [*band, line] if has_band else [line]


def against_weight(name: str, measure: Measure, animals: pd.DataFrame) -> Markup | None:
    """Each animal's value against its body weight; None for what is no strength, or where few weights are known.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    measure : Measure
        The measure.
    animals : pandas.DataFrame
        Table `phenotype_animals`.
    """
    known = measure.of(animals)
    known = known[np.isfinite(known["value"]) & np.isfinite(known["weight"])]
    if measure.domain != "strength" or len(known) < FEWEST_POINTS:
        return None
    traces = []
    for group in groups_of(measure):
        own = known[known["group"] == group].sort_values("subject", kind="stable")
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": figures.plot_text(group),
                "x": figures.rounded(own["weight"], 4),
                "y": figures.rounded(own["value"], 4),
                "text": [figures.plot_text(subject) for subject in own["subject"]],
                "marker": figures.group_marker(groups_of(measure), group, 9),
                "hovertemplate": "<b>%{text}</b><br>weight %{x:.4g}<br>%{y:.4g}<extra></extra>",
            }
        )
    means = known.groupby("group")["weight"].mean()
    told = [f"{words.plain(means[group])} for {group}" for group in groups_of(measure) if group in means.index]
    caption = (
        f"One dot per animal. Mean weight {words.listed(told)}. Where the groups differ in weight, force divided by weight mistakes the one "
        "for the other; the answer above is adjusted for weight instead, if it says so."
    )
    layout = {**LEGEND, "xaxis": figures.axis("body weight, as given"), "yaxis": figures.axis(axis_title(measure))}
    return figures.figure(name, f"{words.sentence(measure.noun).rstrip('.')} and body weight", caption, traces, layout, 360)  # fmt: skip


def power_curve(name: str, measure: Measure, power: pd.DataFrame) -> Markup | None:
    """Animals per group for 80 % power against the size of the effect; None with fewer than three sizes.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    measure : Measure
        The measure.
    power : pandas.DataFrame
        Table `phenotype_power`.
    """
    rows = measure.of(power)
    rows = rows[rows["n_per_group"].notna() & (rows["difference"] > 0)].sort_values("difference", kind="stable")
    if len(rows) < FEWEST_POINTS:
        return None
    unit = str(rows["unit"].iloc[0])
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": figures.rounded(rows["difference"], 4),
        "y": [int(n) for n in rows["n_per_group"]],
        "line": {"color": figures.ACCENT, "width": 2},
        "marker": {"size": 8, "color": figures.ACCENT},
        "text": [f"{words.percent(share)} of the control mean" for share in rows["share"]],
        "hovertemplate": "%{x:.4g}: %{y} animals per group<br>%{text}<extra></extra>",
    }
    smallest = rows["smallest_detectable"].to_numpy(dtype=float)
    shapes: list[dict[str, Any]] = []
    text = "Animals per group that a difference takes, with the spread between animals and trials of this study, at 80\u00a0% power and two-sided 0.05."
    if np.isfinite(smallest).any():
        seen = float(smallest[np.isfinite(smallest)][0])
        line = {"color": figures.WARM, "width": 1.5, "dash": "dash"}
        shapes = [{"type": "line", "yref": "paper", "x0": seen, "x1": seen, "y0": 0, "y1": 1, "line": line}]
        text += f" Dashed: {words.plain(seen)} {unit}, the smallest difference that this study could have seen so."
    layout = {
        "xaxis": _log_axis(
            f"difference, {unit}".rstrip(", "), [*rows["difference"], *(shape["x0"] for shape in shapes)]
        ),
        "yaxis": _log_axis("animals per group", list(rows["n_per_group"].astype(float))),
        "shapes": shapes,
    }
    return figures.figure(name, "Animals for another study", text, [trace], layout, 320)


def _log_axis(title: str, values: Sequence[float]) -> dict[str, Any]:
    """A logarithmic axis around the values: animals fall with the square of the difference, which is a straight line on two of them."""
    logs = np.log10(np.asarray(values, dtype=float))
    reach = [float(logs.min()) - 0.06, float(logs.max()) + 0.06]
    return figures.axis(title, type="log", range=reach, **log_ticks("log", reach))
