"""Plots of one comparison: volcano, change against level, p-values, residual spread against level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import comparison_words, figures, words
from organokine.report.sections.volcano import thinned

NAMED = 12
NAMED_BY_LEVEL = 5
"""The same in the plot against the level, where found features lie in the crowd and names would cover them."""
"""Leading features written beside their point where there is room; all have their name on hover."""
N_BARS = 20
"""Bars of the histogram of p-values: a bar is 0.05 wide, so that the first one is what an uncorrected 5 % would call."""
FEWEST_PER_POINT = 25
"""Features behind one point of a running median; fewer would follow single features."""
MOST_MEDIANS = 40
_OFFSETS = ((8.0, 0.0), (-8.0, 0.0), (0.0, 13.0), (0.0, -13.0))
_SMALLEST_PLOT = (290.0, 290.0)
_MARGIN = {"l": 52, "r": 14, "t": 30, "b": 44}
_LINE = {"color": figures.WARM, "width": 1.5, "dash": "dash"}


class Frame(NamedTuple):
    """Horizontal and vertical range of a plot."""

    x: tuple[float, float]
    y: tuple[float, float]


def volcano(table: pd.DataFrame, groups: tuple[str, str], fdr: float) -> Markup | None:
    """Change against p, the found features marked, a line at the largest p that is found; None without a test."""
    tested = comparison_words.tested_rows(table)
    if len(tested) == 0:
        return None
    p = tested["p"].to_numpy(dtype=float)
    height = -np.log10(np.maximum(p, p[p > 0].min() if (p > 0).any() else 1.0))
    is_found = (tested["q"] < fdr).to_numpy(dtype=bool)
    across = tested["log2fc"].to_numpy(dtype=float)
    reach = 1.12 * float(np.abs(across).max()) + 0.05
    frame = Frame((-reach, reach), (0.0, 1.08 * float(height.max()) + 0.05))
    n_found = f"{words.counted(int(is_found.sum()), 'feature')} of {words.count(len(tested))} at q < {fdr:g}"
    limit, meaning = _threshold(p, is_found, fdr)
    caption = f"Right: higher in {groups[0]}. {n_found}; {meaning}"
    if bool((p == 0).any()):
        caption += " p-values of 0 are drawn at the smallest other one."
    layout = {
        "xaxis": _axis(f"log2 fold change, {groups[0]} against {groups[1]}", frame.x, zeroline=True),
        "yaxis": _axis("−log₁₀ p", frame.y),
        "shapes": [] if limit is None else [_level_line(-float(np.log10(limit)))],
        "annotations": _names(tested, is_found, (across, height), frame, NAMED),
    }
    return _cloud("volcano", "Volcano", caption, tested, (across, height), is_found, layout)


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


def change_against_level(table: pd.DataFrame, groups: tuple[str, str], fdr: float) -> Markup | None:
    """MA plot: change against mean level, with the median change along the level; None without a test."""
    tested = comparison_words.tested_rows(table)
    tested = tested[tested["mean_log2"].notna()]
    if len(tested) == 0:
        return None
    across, up = tested["mean_log2"].to_numpy(dtype=float), tested["log2fc"].to_numpy(dtype=float)
    is_found = (tested["q"] < fdr).to_numpy(dtype=bool)
    reach = 1.08 * float(np.abs(up).max()) + 0.05
    frame = Frame(_padded(across), (-reach, reach))
    line = running_median(across, up)
    caption = f"Above zero: higher in {groups[0]}."
    if len(line[0]) > 0:
        caption += (
            f" The line is the median change along the level, {words.signed(float(line[1].min()))} to "
            f"{words.signed(float(line[1].max()))}: far from zero it points to normalisation, not to single features."
        )
    layout = {
        "xaxis": _axis("mean log2 level", frame.x),
        "yaxis": _axis("log2 fold change", frame.y, zeroline=True),
        "annotations": _names(tested, is_found, (across, up), frame, NAMED_BY_LEVEL),
    }
    return _cloud("change", "Change against level (MA)", caption, tested, (across, up), is_found, layout, line)


def spread_against_level(table: pd.DataFrame, fdr: float) -> Markup | None:
    """Moderated residual standard deviation against mean level; None where the engine gives none."""
    tested = comparison_words.tested_rows(table)
    tested = tested[tested["mean_log2"].notna() & (tested["sd"] > 0)]
    if len(tested) == 0:
        return None
    across, up = tested["mean_log2"].to_numpy(dtype=float), tested["sd"].to_numpy(dtype=float)
    line = running_median(across, up)
    caption = (
        "Residual standard deviation of each feature after groups and covariates are taken out, drawn towards what features "
        f"of its kind have in common; the median is {words.plain(float(np.median(up)))}."
    )
    if len(line[0]) > 0:
        caption += " The line is the median along the level: where it falls, stronger signals are the more exact ones."
    layout = {
        "xaxis": _axis("mean log2 level", _padded(across)),
        "yaxis": _axis("residual standard deviation (moderated)", _padded(np.log10(up)), type="log"),
    }
    is_found = (tested["q"] < fdr).to_numpy(dtype=bool)
    return _cloud("spread", "Residual spread against level", caption, tested, (across, up), is_found, layout, line)


def p_values(table: pd.DataFrame, minimum_effect: float) -> Markup | None:
    """Histogram of p-values with the height that chance alone would give; None without a test."""
    known = table["p"].dropna().to_numpy(dtype=float)
    if len(known) == 0:
        return None
    edges = np.linspace(0.0, 1.0, N_BARS + 1)
    heights, _ = np.histogram(known, edges)
    shape = comparison_words.shape_of(known, minimum_effect)
    bars = {
        "type": "bar",
        "x": figures.rounded((edges[:-1] + edges[1:]) / 2),
        "y": heights.tolist(),
        "width": float(edges[1]) * 0.94,
        "marker": {"color": figures.ACCENT, "opacity": 0.75},
        "text": [f"{low:.2f} to {high:.2f}" for low, high in pairwise(edges)],
        "textposition": "none",
        "hovertemplate": "p %{text}<br>%{y} features<extra></extra>",
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


def _cloud(
    name: str,
    title: str,
    caption: str,
    rows: pd.DataFrame,
    points: tuple[np.ndarray, np.ndarray],
    is_found: np.ndarray,
    layout: dict[str, Any],
    line: tuple[np.ndarray, np.ndarray] | None = None,
) -> Markup:
    """Features as points, the found ones marked, thinned where there are many."""
    drawn = thinned(rows.reset_index(drop=True), is_found)
    if not drawn.all():
        caption += (
            f" Thinned to {words.count(int(drawn.sum()))} points; found features and small p-values are all drawn."
        )
    other = {"size": 5, "color": figures.FAINT, "opacity": 0.65}
    found = {"size": 7, "color": figures.ACCENT, "symbol": "diamond", "line": {"color": "#ffffff", "width": 0.6}}
    traces = [
        _points(rows, points, drawn & ~is_found, other, "not found"),
        _points(rows, points, drawn & is_found, found, "found"),
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
    whole = {"showlegend": bool(is_found.any()), "margin": _MARGIN, **layout}
    return figures.figure(name, title, caption, traces, whole, height=380)


def _points(
    rows: pd.DataFrame,
    points: tuple[np.ndarray, np.ndarray],
    which: np.ndarray,
    marker: dict[str, Any],
    name: str,
) -> dict[str, Any]:
    chosen = rows[which].to_dict("records")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": figures.rounded(points[0][which], 4),
        "y": figures.rounded(points[1][which], 4),
        "text": [_hover(row) for row in chosen],
        "marker": marker,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(row: Mapping[Any, Any]) -> str:
    name = figures.plot_text(comparison_words.name_of(row))
    return f"<b>{name}</b><br>log2FC {words.signed(row['log2fc'])}<br>p {words.probability(row['p'])}, q {words.probability(row['q'])}"


def _names(
    rows: pd.DataFrame, is_found: np.ndarray, points: tuple[np.ndarray, np.ndarray], frame: Frame, most: int
) -> list[dict[str, Any]]:
    """Names beside the leading points, as many as have room."""
    numbered = comparison_words.best_first(rows.assign(place=np.arange(len(rows)))[is_found]).head(most)
    leading = numbered["place"].to_numpy(dtype=int)
    names = [comparison_words.name_of(row) for row in numbered.to_dict("records")]
    across = (points[0][leading] - frame.x[0]) / (frame.x[1] - frame.x[0])
    up = (points[1][leading] - frame.y[0]) / (frame.y[1] - frame.y[0])
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


def _padded(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    space = 0.04 * (high - low) + 0.1
    return low - space, high + space
