"""Plots of one comparison: volcano, change against level, p-values, residual spread against level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import comparison_words, figures, words
from organokine.report.comparison_question import Question
from organokine.report.sections.volcano import thinned

NAMED = 12
"""Leading features written beside their point where there is room; all have their name on hover."""
NAMED_BY_LEVEL = 5
"""The same in the plot against the level, where found features lie in the crowd and names would cover them."""
N_BARS = 20
"""Bars of the histogram of p-values: a bar is 0.05 wide, so that the first one is what an uncorrected 5 % would call."""
FEWEST_PER_POINT = 25
"""Features behind one point of a running median; fewer would follow single features."""
MOST_MEDIANS = 40
_MEDIAN_CHANGE = "far from zero it points to normalisation, not to single features."
_MEDIAN_DIFFERENCE = "where it is high, noise alone sets the levels apart."
_SPREADS = {
    "moderated": (
        "residual standard deviation (moderated)",
        "Standard deviation of what the question and the covariates leave over, drawn towards what like features have in common",
    ),
    "deseq2": (
        "standard deviation of log2 counts",
        "Standard deviation of each feature that DESeq2's dispersion gives at its mean count, on the scale of log2",
    ),
}
"""Title of the axis and meaning of the column `sd`, by engine."""
_OFFSETS = ((8.0, 0.0), (-8.0, 0.0), (0.0, 13.0), (0.0, -13.0))
_SMALLEST_PLOT = (290.0, 290.0)
_MARGIN = {"l": 52, "r": 14, "t": 30, "b": 44}
_LINE = {"color": figures.WARM, "width": 1.5, "dash": "dash"}


class Frame(NamedTuple):
    """Horizontal and vertical range of a plot."""

    x: tuple[float, float]
    y: tuple[float, float]


class Cloud(NamedTuple):
    """Tested features as points: horizontal and vertical place, and which ones were found."""

    rows: pd.DataFrame
    across: np.ndarray
    up: np.ndarray
    is_found: np.ndarray
    question: Question


def volcano(table: pd.DataFrame, question: Question, fdr: float) -> Markup | None:
    """Effect against p, the found features marked, a line at the largest p that is found; None without a test."""
    tested = comparison_words.tested_rows(table, question)
    if len(tested) == 0:
        return None
    p = tested["p"].to_numpy(dtype=float)
    height = -np.log10(np.maximum(p, p[p > 0].min() if (p > 0).any() else 1.0))
    is_found = (tested["q"] < fdr).to_numpy(dtype=bool)
    across = tested[question.effect].to_numpy(dtype=float)
    frame = Frame(_around_zero(across, 1.12, question), (0.0, 1.08 * float(height.max()) + 0.05))
    n_found = f"{words.counted(int(is_found.sum()), 'feature')} of {words.count(len(tested))} at q < {fdr:g}"
    limit, meaning = _threshold(p, is_found, fdr)
    caption = f"Right: {question.right}. {n_found}; {meaning}"
    if bool((p == 0).any()):
        caption += " p-values of 0 are drawn at the smallest other one."
    cloud = Cloud(tested, across, height, is_found, question)
    layout = {
        "xaxis": _axis(question.axes[0], frame.x, zeroline=True),
        "yaxis": _axis("−log₁₀ p", frame.y),
        "shapes": [] if limit is None else [_level_line(-float(np.log10(limit)))],
        "annotations": _names(cloud, frame, NAMED),
    }
    title = "Volcano" if question.is_signed else "Largest difference against p"
    return _drawn("volcano", title, caption, cloud, layout)


def _threshold(p: np.ndarray, is_found: np.ndarray, fdr: float) -> tuple[float | None, str]:
    """The p at which a line is drawn, and what it means; None without a line."""
    if is_found.any() and (is_found.all() or p[is_found].max() < p[~is_found].min()) and p[is_found].max() > 0:
        limit = float(p[is_found].max())
        return limit, f"they lie on or above the dashed line at p = {words.probability(limit)}."
    ordered = np.sort(p)
    below = ordered[ordered <= fdr * np.arange(1, len(p) + 1) / len(p)]
    if len(below) == 0 or below[-1] == 0:
        return None, "there is no line, as nothing is found by p alone."
    limit = float(below[-1])
    return limit, (
        f"the dashed line at p = {words.probability(limit)} is where p alone would draw it (Benjamini-Hochberg), while q weighs "
        "the size of the change as well."
    )


def change_against_level(table: pd.DataFrame, question: Question, fdr: float) -> Markup | None:
    """MA plot: effect against mean level, with the median effect along the level; None without a test."""
    tested = comparison_words.tested_rows(table, question)
    tested = tested[tested["mean_log2"].notna()]
    if len(tested) == 0:
        return None
    across, up = tested["mean_log2"].to_numpy(dtype=float), tested[question.effect].to_numpy(dtype=float)
    is_found = (tested["q"] < fdr).to_numpy(dtype=bool)
    cloud = Cloud(tested, across, up, is_found, question)
    frame = Frame(_padded(across), _around_zero(up, 1.08, question))
    line = running_median(across, up)
    caption = f"{'Above zero' if question.is_signed else 'Above'}: {question.right}."
    if len(line[0]) > 0:
        caption += (
            f" The line is the median along the level, {question.size(float(line[1].min()))} to "
            f"{question.size(float(line[1].max()))}: "
        )
        caption += _MEDIAN_CHANGE if question.is_signed else _MEDIAN_DIFFERENCE
    layout = {
        "xaxis": _axis("mean log2 level", frame.x),
        "yaxis": _axis(question.axes[1], frame.y, zeroline=True),
        "annotations": _names(cloud, frame, NAMED_BY_LEVEL),
    }
    title = "Change against level (MA)" if question.is_signed else "Largest difference against level"
    return _drawn("change", title, caption, cloud, layout, line)


def spread_against_level(table: pd.DataFrame, question: Question, fdr: float, engine: str) -> Markup | None:
    """Standard deviation of each feature, as its engine has it, against mean level; None where it has none."""
    tested = comparison_words.tested_rows(table, question)
    tested = tested[tested["mean_log2"].notna() & (tested["sd"] > 0)]
    if len(tested) == 0:
        return None
    across, up = tested["mean_log2"].to_numpy(dtype=float), tested["sd"].to_numpy(dtype=float)
    line = running_median(across, up)
    label, meaning = _SPREADS[engine]
    caption = f"{meaning}; the median is {words.plain(float(np.median(up)))}."
    if len(line[0]) > 0:
        caption += " The line is the median along the level: where it falls, stronger signals are the more exact ones."
    layout = {
        "xaxis": _axis("mean log2 level", _padded(across)),
        "yaxis": _axis(label, _padded(np.log10(up)), type="log", **_round_numbers(up)),
    }
    cloud = Cloud(tested, across, up, (tested["q"] < fdr).to_numpy(dtype=bool), question)
    return _drawn("spread", "Spread against level", caption, cloud, layout, line)


def _round_numbers(values: np.ndarray) -> dict[str, list[float] | list[str]]:
    """1, 2 and 5 of every power of ten in reach, written in full: the axis itself writes the digit alone."""
    powers = np.arange(np.floor(np.log10(values.min())), np.ceil(np.log10(values.max())) + 1)
    ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return {"tickvals": ticks, "ticktext": [f"{tick:g}" for tick in ticks]}


def p_values(table: pd.DataFrame, question: Question, minimum_effect: float) -> Markup | None:
    """Histogram of p-values with the height that chance alone would give; None without a test."""
    known = table["p"].dropna().to_numpy(dtype=float)
    if len(known) == 0:
        return None
    edges = np.linspace(0.0, 1.0, N_BARS + 1)
    heights, _ = np.histogram(known, edges)
    shape = comparison_words.shape_of(known, minimum_effect, question.unit)
    bars = {
        "type": "bar",
        "x": figures.rounded((edges[:-1] + edges[1:]) / 2),
        "y": heights.tolist(),
        "width": float(edges[1]) * 0.94,
        "marker": {"color": figures.ACCENT, "opacity": 0.75},
        "text": [
            f"p {low:.2f} to {high:.2f}<br>{words.counted(int(n), 'feature')}"
            for (low, high), n in zip(pairwise(edges), heights, strict=True)
        ],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }
    layout = {
        "xaxis": _axis("p", (0.0, 1.0), showgrid=False),
        "yaxis": figures.axis("features", rangemode="tozero"),
        "shapes": [_level_line(len(known) / N_BARS)],
        "bargap": 0,
        "margin": _MARGIN,
    }
    caption = (
        f"{shape.text} {words.count(int((known < edges[1]).sum()))} of {words.count(len(known))} lie below {edges[1]:g}; chance "
        f"alone would put about {words.count(round(len(known) / N_BARS))} into every bar (dashed line)."
    )
    return figures.figure("p-values", "p-values", caption, [bars], layout, height=380)


def running_median(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Medians of x and y in groups of neighbours of equal size.

    Parameters
    ----------
    x, y : numpy.ndarray
        (n_features,) finite.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        Both (n_points,), at most `MOST_MEDIANS`, each of at least `FEWEST_PER_POINT` features; empty below three points.
    """
    n_points = min(MOST_MEDIANS, len(x) // FEWEST_PER_POINT)
    if n_points < 3:
        return np.empty(0), np.empty(0)
    parts = np.array_split(np.argsort(x, kind="stable"), n_points)
    return np.array([np.median(x[part]) for part in parts]), np.array([np.median(y[part]) for part in parts])


def _drawn(
    name: str,
    title: str,
    caption: str,
    cloud: Cloud,
    layout: dict[str, Any],
    line: tuple[np.ndarray, np.ndarray] | None = None,
) -> Markup:
    """Features as points, the found ones marked, thinned where there are many."""
    drawn = thinned(cloud.rows.reset_index(drop=True), cloud.is_found)
    if not drawn.all():
        caption += (
            f" Thinned to {words.count(int(drawn.sum()))} points; found features and small p-values are all drawn."
        )
    other = {"size": 5, "color": figures.FAINT, "opacity": 0.65}
    found = {"size": 7, "color": figures.ACCENT, "symbol": "diamond", "line": {"color": "#ffffff", "width": 0.6}}
    traces = [
        _points(cloud, drawn & ~cloud.is_found, other, "not found"),
        _points(cloud, drawn & cloud.is_found, found, "found"),
    ]
    if line is not None and len(line[0]) > 0:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "median",
                "x": figures.rounded(line[0], 4),
                "y": figures.rounded(line[1], 4),
                "line": {"color": figures.WARM, "width": 2},
                "hoverinfo": "skip",
            }
        )
    whole = {"showlegend": bool(cloud.is_found.any()), "margin": _MARGIN, **layout}
    return figures.figure(name, title, caption, traces, whole, height=380)


def _points(cloud: Cloud, which: np.ndarray, marker: dict[str, Any], name: str) -> dict[str, Any]:
    chosen = cloud.rows[which].to_dict("records")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": figures.rounded(cloud.across[which], 4),
        "y": figures.rounded(cloud.up[which], 4),
        "text": [_hover(row, cloud.question) for row in chosen],
        "marker": marker,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(row: Mapping[Any, Any], question: Question) -> str:
    name = figures.plot_text(comparison_words.name_of(row))
    effect = figures.plot_text(question.effect_of(row))
    return f"<b>{name}</b><br>{effect}<br>p {words.probability(row['p'])}, q {words.probability(row['q'])}"


def _names(cloud: Cloud, frame: Frame, most: int) -> list[dict[str, Any]]:
    """Names beside the leading points, as many as have room."""
    numbered = cloud.rows.assign(place=np.arange(len(cloud.rows)))[cloud.is_found]
    leaders = comparison_words.best_first(numbered, cloud.question).head(most)
    leading = leaders["place"].to_numpy(dtype=int)
    names = [comparison_words.name_of(row) for row in leaders.to_dict("records")]
    across = (cloud.across[leading] - frame.x[0]) / (frame.x[1] - frame.x[0])
    up = (cloud.up[leading] - frame.y[0]) / (frame.y[1] - frame.y[0])
    places = figures.place_names(across, up, names, _OFFSETS, _SMALLEST_PLOT)
    return [
        _name(name, float(across[place]), float(up[place]), shift)
        for place, (name, shift) in enumerate(zip(names, places, strict=True))
        if shift is not None
    ]


def _name(name: str, across: float, up: float, shift: tuple[float, float]) -> dict[str, Any]:
    return {
        "x": across,
        "y": up,
        "xref": "x domain",
        "yref": "y domain",
        "text": figures.plot_text(name),
        "showarrow": False,
        "xanchor": "center",
        "yanchor": "middle",
        "xshift": shift[0],
        "yshift": shift[1],
        "font": {"size": 11, "color": figures.ACCENT},
        "bgcolor": figures.VEIL,
    }


def _axis(title: str, limits: Sequence[float], **options: object) -> dict[str, Any]:
    return figures.axis(title, range=[float(limit) for limit in limits], zerolinecolor=figures.FAINT, **options)


def _level_line(height: float) -> dict[str, Any]:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height, "line": _LINE}


def _around_zero(values: np.ndarray, room: float, question: Question) -> tuple[float, float]:
    """Range that holds all effects: as far to both sides of zero, or from zero on where none is below."""
    most = float(np.abs(values).max())
    reach = room * most + (0.05 if not question.is_slope else 0.05 * most or 1.0)
    return (-reach, reach) if question.is_signed else (0.0, reach)


def _padded(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    space = 0.04 * (high - low) + 0.1
    return low - space, high + space
