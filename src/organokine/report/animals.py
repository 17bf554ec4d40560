"""The animals behind one candidate: levels by group in every organ, and target against source."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.data import ReportData

FEWEST_PAIRS = 3
"""Paired animals below which target against source is not drawn: two dots always make a line."""


def animal_plots(data: ReportData, name: str, gene: str) -> list[Markup]:
    """Strips of the levels per organ and modality, and the scatter of the within-group residuals."""
    table = data.tables["animals"]
    rows = table[table["gene"] == gene]
    order = {"source": 0, "target": 1, "plasma": 2}
    panels = sorted(
        {
            (role, modality, organ)
            for role, modality, organ in zip(rows["role"], rows["modality"], rows["organ"], strict=True)
        },
        key=lambda panel: (order.get(panel[0], 9), panel[1], panel[2]),
    )
    plots = []
    hovers = hover_texts(rows)
    for place, (role, modality, organ) in enumerate(panels):
        chosen = rows[(rows["role"] == role) & (rows["modality"] == modality) & (rows["organ"] == organ)]
        if chosen["value"].notna().any():
            plots.append(
                _strip(data, f"{name}-animals-{place}", gene, f"{organ}, {words.modality(modality)}", chosen, hovers)
            )
    scatter = _link_scatter(data, f"{name}-link", gene, rows)
    return plots if scatter is None else [*plots, scatter]


def _strip(data: ReportData, name: str, gene: str, label: str, chosen: pd.DataFrame, hovers: dict[str, str]) -> Markup:
    groups = [group for group in data.groups if group in set(chosen["group"])]
    traces: list[dict[str, Any]] = []
    for place, group in enumerate(groups):
        of_group = chosen[(chosen["group"] == group) & chosen["value"].notna()].sort_values("subject", kind="stable")
        offset = 0.34 * (((np.arange(len(of_group)) + 1) * 0.618) % 1.0 - 0.5)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": figures.rounded(place + offset),
                "y": figures.rounded(of_group["value"]),
                "marker": figures.group_marker(data.groups, group),
                "text": [hovers[subject] for subject in of_group["subject"]],
                "hovertemplate": "%{text}<extra></extra>",
                "cliponaxis": False,
            }
        )
        if len(of_group) > 0:
            traces.append(_mean_bar(place, float(of_group["value"].mean())))
    n_missing = int(chosen["value"].isna().sum())
    caption = f"{words.counted(len(chosen) - n_missing, 'animal')}; the bar is the mean." + (
        f" Not measured in {n_missing}." if n_missing > 0 else ""
    )
    layout = {
        "xaxis": figures.axis(
            "",
            tickvals=list(range(len(groups))),
            ticktext=[figures.tick_text(group) for group in groups],
            range=[-0.6, len(groups) - 0.4],
            showgrid=False,
            fixedrange=True,
        ),
        "yaxis": figures.axis("log2 level"),
        "margin": {"l": 52, "r": 14, "t": 10, "b": 28},
    }
    return figures.figure(name, f"{gene} in {label}", caption, traces, layout, height=240)


def _mean_bar(place: int, mean: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [place - 0.24, place + 0.24],
        "y": figures.rounded([mean, mean]),
        "line": {"color": figures.INK, "width": 1.5},
        "hoverinfo": "skip",
    }


def hover_texts(rows: pd.DataFrame) -> dict[str, str]:
    """Each animal in every organ, by subject: the pair is read where a dot is touched."""
    texts: dict[str, str] = {}
    for row in rows.to_dict("records"):
        subject = str(row["subject"])
        value = f"{figures.plot_text(row['organ'])} {words.modality(str(row['modality']))}: {words.plain(row['value'])}"
        texts[subject] = f"{texts.get(subject, f'<b>{figures.plot_text(subject)}</b>')}<br>{value}"
    return texts


def paired_residuals(rows: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Residuals of both organs of the same animals: of the protein if it was measured in both, else of the RNA.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the table `animals` of one gene.

    Returns
    -------
    str
        The modality.
    pandas.DataFrame
        Index subject; columns of `animals` with the suffixes `_source` and `_target`; no rows without a pair.
    """
    known = rows[rows["residual"].notna()]
    pairs = {}
    for modality in ("protein", "rna"):
        sides = [
            known[(known["role"] == role) & (known["modality"] == modality)]
            .drop_duplicates("subject")
            .set_index("subject")
            for role in ("source", "target")
        ]
        pairs[modality] = sides[0].join(sides[1], lsuffix="_source", rsuffix="_target", how="inner").sort_index()
    modality = "protein" if len(pairs["protein"]) >= FEWEST_PAIRS else "rna"
    return modality, pairs[modality]


def _link_scatter(data: ReportData, name: str, gene: str, rows: pd.DataFrame) -> Markup | None:
    """Residuals of target against source, subject by subject; None with fewer pairs than a drawing needs."""
    modality, pairs = paired_residuals(rows)
    if len(pairs) < FEWEST_PAIRS:
        return None
    traces = []
    for group in [group for group in data.groups if group in set(pairs["group_source"])]:
        of_group = pairs[pairs["group_source"] == group]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": figures.tick_text(group),
                "x": figures.rounded(of_group["residual_source"]),
                "y": figures.rounded(of_group["residual_target"]),
                "marker": figures.group_marker(data.groups, group),
                "text": [figures.plot_text(subject) for subject in of_group.index],
                "hovertemplate": "<b>%{text}</b><br>source %{x:.2f}<br>target %{y:.2f}<extra></extra>",
                "cliponaxis": False,
            }
        )
    through_zero = {"zeroline": True, "zerolinecolor": figures.FAINT}
    label = words.modality(modality)
    layout = {
        "xaxis": figures.axis(f"{pairs['organ_source'].iloc[0]} {label}, residual", **through_zero),
        "yaxis": figures.axis(f"{pairs['organ_target'].iloc[0]} {label}, residual", **through_zero),
        "showlegend": True,
        "margin": {"l": 52, "r": 14, "t": 30, "b": 44},
    }
    caption = f"{len(pairs)} paired animals; log2, group and covariates taken out."
    return figures.figure(name, f"{gene}: target against source", caption, traces, layout, height=240)
