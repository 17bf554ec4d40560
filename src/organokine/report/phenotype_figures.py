"""Plots of effects on function: every animal with the effect beside it, and all measures of a test at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.phenotype_measures import Measure, number
from organokine.report.phenotype_words import Row, is_shown, primary_of

OFFSETS = (0.0, 0.09, -0.09, 0.18, -0.18)
"""Sideways places of animals whose values are neighbours, in steps of the axis: close values never cover one another."""
FEWEST_POINTS = 3
"""Points from which a line or a scatter is worth drawing."""
LINE_HEIGHT = 22
"""Pixels of one measure in the plot of all."""
LEGEND = {"showlegend": True, "margin": {"l": 52, "r": 14, "t": 32, "b": 44}}


def groups_of(measure: Measure) -> tuple[str, str]:
    """Both groups, control first."""
    return measure.control, measure.case


def axis_title(measure: Measure) -> str:
    """The measure with its unit."""
    return f"{measure.noun}, {measure.unit}" if measure.unit != "" else measure.noun


def effect_axis(values: np.ndarray, control: float, row: Row | None) -> dict[str, Any]:
    """The two vertical axes of an estimation plot: no effect lies at the height of the control mean.

    Parameters
    ----------
    values : numpy.ndarray
        (n_animals,) values that are drawn.
    control : float
        Mean of the controls.
    row : mapping or None
        The effect.

    Returns
    -------
    dict
        `type` (`linear` or `log`), `range` and `effect_type`, `effect_range` as plotly takes them: logarithms to base 10 for a
        logarithmic axis. Values are on a logarithmic axis for a ratio unless one of them is zero; then only the ratio is.
    """
    ends = [] if row is None else [float(row[name]) for name in ("estimate", "ci_low", "ci_high")]
    ends = [end for end in ends if np.isfinite(end)]
    if row is None or row["scale"] != "ratio":
        low, high = _padded(np.concatenate([values, [control + end for end in ends]]))
        return {"type": "linear", "range": [low, high], "effect_type": "linear", "effect_range": [low - control, high - control]}  # fmt: skip
    ratios = np.log10([end for end in ends if end > 0] or [1.0])
    if values.min() > 0 and control > 0:
        low, high = _padded(np.concatenate([np.log10(values), np.log10(control) + ratios]))
        middle = float(np.log10(control))
        return {"type": "log", "range": [low, high], "effect_type": "log", "effect_range": [low - middle, high - middle]}  # fmt: skip
    low, high = _padded(values)
    share = (control - low) / (high - low)
    # The widest of what the ends of the interval ask for above and below the height of the control mean.
    length = max(1.1 * float(ratios.max()) / (1 - share), -1.1 * float(ratios.min()) / share, 0.3)
    return {"type": "linear", "range": [low, high], "effect_type": "log", "effect_range": [-share * length, (1 - share) * length]}  # fmt: skip


def _padded(values: np.ndarray) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    space = 0.08 * (high - low) if high > low else 0.1 * abs(high) or 1.0
    return low - space, high + space


def estimation(name: str, measure: Measure, animals: pd.DataFrame, rows: Sequence[Row]) -> Markup | None:
    """Every animal of both groups, their means, and beside them the effect with its interval; None without animals.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    measure : Measure
        The measure.
    animals : pandas.DataFrame
        Table `phenotype_animals`.
    rows : sequence of mapping
        Rows of the table `phenotypes` of this measure.
    """
    known = measure.of(animals)
    known = known[np.isfinite(known["value"])]
    controls = known.loc[known["group"] == measure.control, "value"]
    if len(known) == 0 or len(controls) == 0:
        return None
    row = primary_of(rows)
    row = None if row is None or not np.isfinite(row["estimate"]) else row
    middle = float(controls.mean())
    axes = effect_axis(known["value"].to_numpy(dtype=float), middle, row)
    traces = [
        trace for place, group in enumerate(groups_of(measure)) for trace in _group_traces(measure, known, place, group)
    ]
    if row is not None:
        traces.append(_effect_trace(row, measure))
    layout = _estimation_layout(measure, row, axes, middle)
    return figures.figure(
        name, f"Every animal: {measure.noun}", _estimation_caption(measure, known, row), traces, layout, 380
    )


def _group_traces(measure: Measure, known: pd.DataFrame, place: int, group: str) -> list[dict[str, Any]]:
    own = known[known["group"] == group].sort_values(["value", "subject"], kind="stable")
    if len(own) == 0:
        return []
    sideways = place + np.resize(OFFSETS, len(own))
    mean = float(own["value"].mean())
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": figures.rounded(sideways, 4),
            "y": figures.rounded(own["value"], 5),
            "text": [figures.plot_text(_animal(row, measure)) for row in own.to_dict("records")],
            "marker": figures.group_marker(groups_of(measure), group, 9),
            "hovertemplate": "%{text}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": [place - 0.32, place + 0.32],
            "y": figures.rounded([mean, mean], 5),
            "line": {"color": figures.INK, "width": 2},
            "hoverinfo": "skip",
        },
    ]


def _animal(row: Row, measure: Measure) -> str:
    value = f"{words.plain(row['value'])} {measure.unit}".strip()
    trials = "" if words.is_missing(row["n_values"]) else f", {words.counted(int(row['n_values']), 'trial')}"
    at_ceiling = row["n_at_ceiling"]
    ended = (
        "" if words.is_missing(at_ceiling) or int(at_ceiling) == 0 else f", {words.count(at_ceiling)} at the ceiling"
    )
    sex = "" if words.is_missing(row["sex"]) else f", {row['sex']}"
    return f"{row['subject']}{sex}: {value}{trials}{ended}"


def _effect_trace(row: Row, measure: Measure) -> dict[str, Any]:
    colour = figures.ACCENT if is_shown(row) else figures.MUTED
    estimate = float(row["estimate"])
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "xaxis": "x2",
        "yaxis": "y2",
        "x": [0],
        "y": figures.rounded([estimate]),
        "marker": {"size": 11, "color": colour, "symbol": "diamond"},
        "text": [figures.plot_text(_effect_text(row, measure))],
        "hovertemplate": "%{text}<extra></extra>",
    }
    if np.isfinite(row["ci_low"]) and np.isfinite(row["ci_high"]):
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": figures.rounded([float(row["ci_high"]) - estimate]),
            "arrayminus": figures.rounded([estimate - float(row["ci_low"])]),
            "color": colour,
            "thickness": 2.5,
            "width": 0,
        }
    return trace


def _effect_text(row: Row, measure: Measure) -> str:
    unit = "times" if row["scale"] == "ratio" else str(row["unit"])
    text = f"{measure.case} against {measure.control}: {number(row['estimate'], row)} {unit}".strip()
    if words.is_missing(row["ci_low"]) or words.is_missing(row["ci_high"]):
        return text
    return f"{text}, 95\u00a0% interval {number(row['ci_low'], row)} to {number(row['ci_high'], row)}"


def _estimation_layout(measure: Measure, row: Row | None, axes: dict[str, Any], middle: float) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "margin": {"l": 52, "r": 14, "t": 10, "b": 28},
        "xaxis": figures.axis(
            "",
            tickvals=[0, 1],
            ticktext=[figures.tick_text(group) for group in groups_of(measure)],
            range=[-0.5, 1.5],
            showgrid=False,
            domain=[0, 1 if row is None else 0.64],
        ),
        "yaxis": figures.axis(axis_title(measure), type=axes["type"], range=axes["range"], **log_ticks(axes["type"], axes["range"])),
    }  # fmt: skip
    if row is None:
        return layout
    title = "ratio" if row["scale"] == "ratio" else f"difference, {row['unit']}".rstrip(", ")
    kind, reach = axes["effect_type"], axes["effect_range"]
    layout["xaxis2"] = figures.axis(
        "",
        tickvals=[0],
        ticktext=["effect"],
        range=[-0.5, 0.5],
        showgrid=False,
        domain=[0.72, 1],
        anchor="y2",
    )
    layout["yaxis2"] = figures.axis(
        title, type=kind, range=reach, side="right", anchor="x2", showgrid=False, **log_ticks(kind, reach)
    )
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "line": {"color": figures.MUTED, "width": 1, "dash": "dot"}}  # fmt: skip
    layout["shapes"] = [line | {"yref": "y", "y0": middle, "y1": middle}]
    return layout


def log_ticks(kind: str, reach: Sequence[float]) -> dict[str, Any]:
    """Round numbers written in full: the axis itself writes the digit alone. Closer ones where the axis spans little."""
    if kind != "log":
        return {}
    digits = (1, 2, 5) if reach[1] - reach[0] > 0.6 else (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8)
    powers = np.arange(np.floor(reach[0]), np.ceil(reach[1]) + 1)
    ticks = [float(f"{digit * 10.0**power:.6g}") for power in powers for digit in digits]
    return {"tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}


def _estimation_caption(measure: Measure, known: pd.DataFrame, row: Row | None) -> str:
    sizes = [f"{int((known['group'] == group).sum())} {group}" for group in groups_of(measure)]
    text = f"One dot per animal ({words.listed(sizes)}); bars are means of the groups."
    if row is None:
        return f"{text} There is no estimate to draw beside them."
    zero = "a ratio of 1" if row["scale"] == "ratio" else "no difference"
    has_interval = np.isfinite(row["ci_low"]) and np.isfinite(row["ci_high"])
    text += (
        f" Right: {_effect_text(row, measure)}. The dotted line is the mean of {measure.control}, at which {zero} "
        "lies on the right axis."
    )
    if has_interval and str(row["adjusted_for"]).strip() != "":
        adjusted = [words.spaced(part) for part in str(row["adjusted_for"]).split(";")]
        text += f" The effect is adjusted for {words.listed(adjusted)}, so that it need not be the distance between the bars."
    return text


def forest(name: str, measures: Sequence[Measure], effects: pd.DataFrame) -> Markup | None:
    """Standardised effects of all measures of one test; None with fewer than three.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    measures : sequence of Measure
        All of one test.
    effects : pandas.DataFrame
        Table `phenotypes`.
    """
    found = [(each, primary_of(each.of(effects).to_dict("records"))) for each in measures]
    drawn = [(each, row) for each, row in found if row is not None and np.isfinite(row["standardised"])]
    if len(drawn) < FEWEST_POINTS:
        return None
    traces = []
    for shown, label in ((False, "not shown to differ"), (True, "differs")):
        chosen = [(place, each, row) for place, (each, row) in enumerate(drawn) if is_shown(row) == shown]
        if len(chosen) > 0:
            traces.append(_forest_trace(chosen, label, shown=shown))
    caption = (
        f"Difference of {measures[0].case} against {measures[0].control} in standard deviations between animals of one group (Hedges' g), "
        f"so that measures of different units can be compared. Filled: shown to differ over the family of {len(drawn)} measures. "
        "Bars are the 95\u00a0% intervals of the differences on this scale, with the standard deviation taken as known; "
        "there is none where the effect is a ratio."
    )
    layout = {
        **LEGEND,
        "xaxis": figures.axis("standard deviations", zeroline=True, zerolinecolor=figures.MUTED),
        "yaxis": figures.axis(
            "",
            tickvals=list(range(len(drawn))),
            ticktext=[figures.tick_text(each.noun, 22) for each, _ in drawn],
            range=[len(drawn) - 0.5, -0.5],
            showgrid=False,
        ),
    }
    return figures.figure(name, "All measures side by side", caption, traces, layout, 110 + LINE_HEIGHT * len(drawn))


def _forest_trace(chosen: list[tuple[int, Measure, Row]], label: str, *, shown: bool) -> dict[str, Any]:
    centre = np.array([float(row["standardised"]) for _, _, row in chosen])
    ends = [_standardised_ends(row) for _, _, row in chosen]
    fill = figures.ACCENT if shown else "#ffffff"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label,
        "x": figures.rounded(centre, 4),
        "y": [place for place, _, _ in chosen],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": figures.rounded([high - g for (_, high), g in zip(ends, centre, strict=True)], 4),
            "arrayminus": figures.rounded([g - low for (low, _), g in zip(ends, centre, strict=True)], 4),
            "color": figures.ACCENT if shown else figures.MUTED,
            "width": 0,
        },
        "marker": {
            "size": 9,
            "color": fill,
            "line": {"color": figures.ACCENT if shown else figures.MUTED, "width": 1.6},
        },
        "text": [f"<b>{figures.plot_text(each.noun)}</b><br>{_p_text(row)}" for _, each, row in chosen],
        "hovertemplate": "%{text}<br>g %{x:.2f}<extra></extra>",
    }


def _p_text(row: Row) -> str:
    return f"p {words.probability(row['p'])}, q {words.probability(row['q'])}"


def _standardised_ends(row: Row) -> tuple[float, float]:
    """Interval of a difference in standard deviations; both ends are the centre where it has none."""
    g, estimate = float(row["standardised"]), float(row["estimate"])
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if row["scale"] == "ratio" or estimate == 0 or not np.isfinite([estimate, low, high]).all():
        return g, g
    return low * g / estimate, high * g / estimate
