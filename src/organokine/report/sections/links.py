"""The link plot: effects of every line that measures a correlation, all candidates in one view."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

MOST_POINTS = 3000
"""Candidates drawn in one plot; leading ones always are."""
REACH = 1.08
"""End of the axis of r, a little beyond 1 so that dots at the end are whole."""
EDGE = 0.04
"""Free space beside the first and the last candidate, as a share of all."""
_OFFSETS = tuple(
    (aside, side * far) for far in (20.0, 36.0, 52.0, 68.0) for aside in (0.0, 12.0, -12.0) for side in (1.0, -1.0)
)
_SMALLEST_PLOT = (290.0, 290.0)


def link_plot(data: ReportData, name: str, line: dict[str, Any]) -> Markup | None:
    """Correlations of one line in descending order, leading candidates named; None if it was never asked."""
    evidence = data.tables["evidence"]
    rows = evidence[(evidence["line"] == line["name"]) & evidence["effect"].notna()]
    if len(rows) == 0:
        return None
    rows = rows.sort_values(["effect", "gene"], ascending=[False, True], kind="stable").reset_index(drop=True)
    leading = list(data.leading()["gene"])
    is_leading = rows["gene"].isin(leading).to_numpy(dtype=bool)
    step = int(np.ceil(len(rows) / MOST_POINTS))
    is_drawn = (np.arange(len(rows)) % step == 0) & ~is_leading
    traces = [
        _dots(rows, is_drawn, {"size": 4, "color": figures.FAINT}, "other candidates"),
        _dots(
            rows,
            is_leading,
            {"size": 9, "color": figures.ACCENT, "symbol": "diamond", "line": {"color": "#ffffff", "width": 1}},
            "leading candidates",
        ),
    ]
    middle = float(rows["effect"].median())
    caption = (
        f"{_what_is_r(data)} {words.counted(len(rows), 'candidate')}; median r {words.signed(middle)}"
        f"{_share_supported(data, rows)}. If nothing is linked, the curve is even about zero."
    )
    if step > 1:
        caption += f" One in {step} of the others is drawn."
    margin = EDGE * len(rows) + 0.5
    layout = {
        "xaxis": figures.axis("candidates, in order of r", showgrid=False, range=[1 - margin, len(rows) + margin]),
        "yaxis": figures.axis(
            "r, source against target, given group and covariates",
            range=[-REACH, REACH],
            zeroline=True,
            zerolinecolor=figures.MUTED,
        ),
        "showlegend": True,
        "margin": {"l": 48, "r": 14, "t": 30, "b": 44},
        "annotations": _names(rows, leading),
    }
    title = f"{words.spaced(str(line['name']))}: {line['question']}"
    return figures.figure(name, title, caption, traces, layout, height=380)


def _what_is_r(data: ReportData) -> str:
    """What is correlated with what, organs and covariates by name."""
    organs = ("source", "target") if data.axis is None else (data.axis["source"], data.axis["target"])
    contrast = data.contrast or {}
    given = [str(contrast.get("factor", "group")), *(str(each) for each in contrast.get("covariates", []))]
    return (
        f"r correlates the level in the {organs[0]} (source) with that in the {organs[1]} (target) over animals, given "
        f"{words.listed(given)}."
    )


def _share_supported(data: ReportData, rows: pd.DataFrame) -> str:
    if not rows["p"].notna().any():
        return ""
    return f"; {words.count(int((rows['q'] <= data.alpha).sum()))} at q ≤ {data.alpha:g}"


def _dots(rows: pd.DataFrame, which: np.ndarray, marker: dict[str, Any], name: str) -> dict[str, Any]:
    chosen = rows[which]
    p = [f"<br>p {words.probability(value)}" if not words.is_missing(value) else "" for value in chosen["p"]]
    n = ["" if words.is_missing(value) else f"<br>n {value}" for value in chosen["n"]]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [int(place) + 1 for place in np.flatnonzero(which)],
        "y": figures.rounded(chosen["effect"], 3),
        "text": [
            f"<b>{figures.plot_text(gene)}</b>{of_p}{of_n}"
            for gene, of_p, of_n in zip(chosen["gene"], p, n, strict=True)
        ],
        "marker": marker,
        "hovertemplate": "%{text}<br>r %{y:+.2f}<extra></extra>",
    }


def _names(rows: pd.DataFrame, leading: list[str]) -> list[dict[str, Any]]:
    """Names of the leading candidates on short stalks, as many as have room."""
    chosen = rows[rows["gene"].isin(leading)]
    chosen = chosen.assign(order=chosen["gene"].map({gene: place for place, gene in enumerate(leading)})).sort_values(
        "order"
    )
    margin = EDGE * len(rows) + 0.5
    across = (chosen.index.to_numpy() + margin) / (len(rows) - 1 + 2 * margin)
    up = (chosen["effect"].to_numpy(dtype=float) + REACH) / (2 * REACH)
    places = figures.place_names(across, up, list(chosen["gene"]), _OFFSETS, _SMALLEST_PLOT)
    return [
        {
            "x": int(place) + 1,
            "y": float(effect),
            "text": figures.plot_text(gene),
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 0.8,
            "arrowcolor": figures.FAINT,
            "ax": offset[0],
            "ay": -offset[1],
            "font": {"size": 11, "color": figures.ACCENT},
            "bgcolor": figures.VEIL,
        }
        for place, gene, effect, offset in zip(chosen.index, chosen["gene"], chosen["effect"], places, strict=True)
        if offset is not None
    ]


def build(data: ReportData) -> str:
    """One plot per line whose effect is a correlation."""
    plots = [link_plot(data, f"link-{place}", line) for place, line in enumerate(data.lines) if line["unit"] == "r"]
    drawn = [plot for plot in plots if plot is not None]
    return fill("plots.html.jinja", plots=drawn, size="wide") if len(drawn) > 0 else ""


SECTION = Section(
    name="links",
    title="Animal by animal",
    description="Correlations within groups, after group and covariates are taken out; every candidate that could be asked, in "
    "order. A correlation pooled over both groups would only say again that both organs changed.",
    build=build,
    empty="No line could correlate animals: the organs are not paired by animal, or there are too few pairs.",
)
