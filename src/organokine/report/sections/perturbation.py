"""Perturbation arms: did the gene move, how much of the contrast does the arm have, animal by animal and dose by dose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import arm_words, figures, words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

JITTER = 0.16
"""Half of the width over which the animals of a group are spread, in steps of the axis."""


def build(data: ReportData) -> str:
    """One block per comparison of each arm, in the order of the study file."""
    table = data.tables["perturbations"]
    blocks = [_block(data, place, row) for place, row in enumerate(table.to_dict("records"))]
    return fill("perturbation.html.jinja", blocks=blocks) if len(blocks) > 0 else ""


def _block(data: ReportData, place: int, row: dict[Any, Any]) -> dict[str, Any]:
    parts = {name: _of(data.tables[f"perturbation_{name}"], row) for name in ("genes", "overlap", "scores", "doses")}
    plots = [
        scatter(f"arm-{place}-genes", row, parts["genes"]),
        animals(f"arm-{place}-animals", data, row, parts["scores"]),
        overlap(f"arm-{place}-overlap", parts["overlap"]),
        doses(f"arm-{place}-doses", row, parts["doses"]),
    ]
    return {
        "heading": arm_words.heading(row),
        "sentences": arm_words.said_of(row, data.contrast),
        "quadrants": _quadrants(row),
        "plots": [plot for plot in plots if plot is not None],
    }


def _of(table: pd.DataFrame, row: dict[Any, Any]) -> pd.DataFrame:
    found: pd.DataFrame = table[(table["arm"] == row["arm"]) & (table["comparison"] == row["comparison"])]
    return found


def _quadrants(row: dict[Any, Any]) -> dict[str, Any] | None:
    counts = {name: row[name] for name in ("up_up", "down_down", "up_down", "down_up")}
    if any(words.is_missing(n) for n in counts.values()) or sum(counts.values()) == 0:
        return None
    agree = counts["up_up"] + counts["down_down"]
    return counts | {"share": words.percent(agree / sum(counts.values())), "all": sum(counts.values())}


def scatter(name: str, row: dict[Any, Any], genes: pd.DataFrame) -> Markup | None:
    """Changes in the arm against those in the contrast, with the fraction as the slope of a line; None without genes."""
    known = genes[np.isfinite(genes["contrast_log2fc"]) & np.isfinite(genes["arm_log2fc"])]
    if len(known) == 0:
        return None
    reach = 1.05 * float(known[["contrast_log2fc", "arm_log2fc"]].abs().to_numpy().max()) + 0.05
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": figures.rounded(known["contrast_log2fc"], 4),
            "y": figures.rounded(known["arm_log2fc"], 4),
            "text": [figures.plot_text(gene) for gene in known["gene"]],
            "marker": {"size": 4, "color": figures.MUTED, "opacity": 0.5},
            "hovertemplate": "<b>%{text}</b><br>contrast %{x:+.2f}<br>arm %{y:+.2f}<extra></extra>",
        },
        _line([-reach, reach], [-reach, reach], {"color": figures.FAINT, "width": 1, "dash": "dash"}),
    ]
    caption = f"{words.count(len(known))} of {words.count(row['n_genes'])} genes are drawn, {row['gene']} is left out. "
    if not words.is_missing(row["fraction"]):
        slope = float(row["fraction"])
        traces.append(_line([-reach, reach], [-slope * reach, slope * reach], {"color": figures.ACCENT, "width": 2}))
        caption += (
            f"The line has the slope {words.signed(slope)}: the fraction of the contrast, corrected for the errors of both. "
            "Dashed: all of it. Points scatter more than changes do, since each has its own error."
        )
    else:
        caption += "No line: the changes of the contrast are not clear of their errors. Dashed: equal changes."
    layout = {
        "xaxis": figures.axis(
            "contrast, log2 fold change", range=[-reach, reach], zeroline=True, zerolinecolor=figures.RULE
        ),
        "yaxis": figures.axis(
            "arm, log2 fold change", range=[-reach, reach], zeroline=True, zerolinecolor=figures.RULE
        ),
    }
    return figures.figure(name, "Both signatures", caption, traces, layout, height=360)


def _line(x: list[float], y: list[float], style: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": style, "hoverinfo": "skip"}


def animals(name: str, data: ReportData, row: dict[Any, Any], scores: pd.DataFrame) -> Markup | None:
    """Score of every animal, the contrast's own beside those of the arm; None without scores."""
    known = scores[np.isfinite(scores["score"])]
    if len(known) == 0:
        return None
    order = {group: place for place, group in enumerate(data.groups)}
    of_contrast = known[known["side"] == "contrast"]
    columns = [
        ("contrast", group) for group in sorted(of_contrast["group"].unique(), key=lambda one: order.get(one, 9))
    ]
    columns += [("arm", group) for group in known.loc[known["side"] == "arm", "group"].drop_duplicates()]
    traces = []
    for place, (side, group) in enumerate(columns):
        own = known[(known["side"] == side) & (known["group"] == group)]
        spread = np.linspace(-JITTER, JITTER, len(own)) if len(own) > 1 else np.zeros(1)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": figures.rounded(place + spread, 4),
                "y": figures.rounded(own["score"], 4),
                "text": [figures.plot_text(subject) for subject in own["subject"]],
                "marker": {
                    "size": 9,
                    "color": figures.FAINT if side == "contrast" else figures.ACCENT,
                    "line": {"color": "#ffffff", "width": 0.8},
                },
                "hovertemplate": "<b>%{text}</b><br>score %{y:+.2f}<extra></extra>",
            }
        )
        middle = float(own["score"].mean())
        traces.append(_line([place - 0.3, place + 0.3], [middle, middle], {"color": figures.INK, "width": 1.4}))
    caption = (
        "Each animal projected on the signature of the contrast: 0 is the mean of the controls, 1 the whole contrast. Animals of the "
        "contrast (grey) are scored on the signature of the others. Bars are means."
    )
    layout = {
        "xaxis": figures.axis(
            "",
            tickvals=list(range(len(columns))),
            ticktext=[figures.tick_text(group) for _, group in columns],
            range=[-0.6, len(columns) - 0.4],
            showgrid=False,
        ),
        "yaxis": figures.axis("score", zeroline=True, zerolinecolor=figures.MUTED),
    }
    return figures.figure(name, f"Animals of {row['arm']}", caption, traces, layout, height=360)


def overlap(name: str, grid: pd.DataFrame) -> Markup | None:
    """The map of overlaps; None without one."""
    if len(grid) == 0 or not np.isfinite(grid["signed"]).any():
        return None
    square = grid.pivot_table(index="arm_top", columns="contrast_top", values="signed")
    most = max(float(np.nanmax(np.abs(square.to_numpy()))), 1.0)
    trace = {
        "type": "heatmap",
        "x": [int(each) for each in square.columns],
        "y": [int(each) for each in square.index],
        "z": [figures.rounded(values, 3) for values in square.to_numpy()],
        "zmin": -most,
        "zmax": most,
        "colorscale": [[0, figures.WARM], [0.5, "#ffffff"], [1, figures.ACCENT]],
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 10, "color": figures.MUTED}},
        "hovertemplate": "top %{x} of the contrast, top %{y} of the arm<br>%{z:.1f}<extra></extra>",
    }
    caption = (
        "Rank-rank overlap: blue where the tops (lower left) and the bottoms (upper right) of both rankings have more genes in common than "
        "independent genes would, brown where fewer. Genes are not independent, so this is a picture and no test."
    )
    layout = {
        "xaxis": figures.axis("genes from the top of the contrast", showgrid=False),
        "yaxis": figures.axis("genes from the top of the arm", showgrid=False),
    }
    return figures.figure(name, "Map of overlaps (a picture, no test)", caption, [trace], layout, height=360)


def doses(name: str, row: dict[Any, Any], rows: pd.DataFrame) -> Markup | None:
    """Fraction by dose, in order; None without doses."""
    known = rows[np.isfinite(rows["fraction"])].sort_values("dose", kind="stable")
    if len(known) < 2:
        return None
    centre = known["fraction"].to_numpy(dtype=float)
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(known))),
        "y": figures.rounded(centre, 4),
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": figures.rounded(np.nan_to_num(known["fraction_high"] - centre), 4),
            "arrayminus": figures.rounded(np.nan_to_num(centre - known["fraction_low"]), 4),
            "color": figures.ACCENT,
        },
        "line": {"color": figures.FAINT, "width": 1},
        "marker": {"size": 9, "color": figures.ACCENT},
        "text": [
            f"{words.counted(int(n), 'animal')}<br>{figures.plot_text(row['gene'])} {words.signed(moved)} log2"
            for n, moved in zip(known["n"], known["engagement_log2fc"], strict=True)
        ],
        "hovertemplate": "fraction %{y:+.2f}<br>%{text}<extra></extra>",
    }
    caption = (
        "Doses in order, evenly spaced; 0 is the control. Bars are 95\u00a0% t intervals over the animals of the arm; those of the contrast "
        "would add the same uncertainty to all doses."
    )
    layout = {
        "xaxis": figures.axis(
            "dose", tickvals=list(range(len(known))), ticktext=[f"{dose:g}" for dose in known["dose"]], showgrid=False
        ),
        "yaxis": figures.axis("fraction of the contrast", zeroline=True, zerolinecolor=figures.MUTED),
    }
    return figures.figure(name, "By dose", caption, [trace], layout, height=320)


SECTION = Section(
    name="perturbation",
    title="Moved on purpose",
    description="Arms with animals of their own, in which a candidate was raised or lowered. First whether the gene moved at all; "
    "then whether the organ changes along the contrast, or against it. The p-value comes from rearranging the labels of whole "
    "animals, never of genes; each arm is one planned test.",
    build=build,
    empty="No perturbation arm in this study.",
)
