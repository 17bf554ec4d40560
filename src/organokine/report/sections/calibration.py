"""Histograms of p-values: the plainest look at whether a test behaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

BINS = 20
"""Bars of a histogram, each 0.05 wide."""
LEAST_P_VALUES = 20
"""p-values a line needs for a histogram: a few perturbed genes have no shape."""


def histogram(name: str, title: str, p: pd.Series, null: str) -> Markup | None:
    """Counts of p-values with the height that chance alone would give; None without any p-value."""
    values = p.dropna().to_numpy(dtype=float)
    if len(values) == 0:
        return None
    counts, edges = np.histogram(values, bins=BINS, range=(0.0, 1.0))
    expected = len(values) / BINS
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": figures.rounded((edges[:-1] + edges[1:]) / 2),
            "y": [int(n) for n in counts],
            "width": 0.92 / BINS,
            "marker": {"color": [figures.ACCENT] + [figures.FAINT] * (BINS - 1)},
            "hovertemplate": "%{y} p-values about %{x:.3f}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": [0, 1],
            "y": [expected, expected],
            "line": {"color": figures.WARM, "width": 1.4, "dash": "dash"},
            "hoverinfo": "skip",
        },
    ]
    caption = (
        f"{words.count(len(values))} p-values; {words.percent((values <= 0.05).mean())} at most 0.05, "
        f"where chance alone gives 5\u00a0%. {null}"
    )
    layout = {
        "xaxis": figures.axis("p", range=[0, 1], showgrid=False, fixedrange=True),
        "yaxis": figures.axis("p-values", rangemode="tozero"),
        "bargap": 0,
        "margin": {"l": 44, "r": 10, "t": 8, "b": 40},
    }
    return figures.figure(name, title, caption.strip(), traces, layout, height=210)


def build(data: ReportData) -> str:
    """One histogram per assay, one per line that has enough p-values."""
    differential, evidence = data.tables["differential"], data.tables["evidence"]
    plots = [
        histogram(
            f"p-assay-{place}",
            f"{row.organ}, {words.modality(str(row.modality))}",
            differential.loc[differential["assay"] == row.assay, "p"],
            "",
        )
        for place, row in enumerate(data.assays().itertuples(index=False))
    ]
    plots += [
        histogram(
            f"p-line-{place}",
            f"{words.spaced(str(line['name']))}: {line['question']}",
            evidence.loc[evidence["line"] == line["name"], "p"],
            f"Null: {words.sentence(str(line['null']))}",
        )
        for place, line in enumerate(data.lines)
        if data.n_with_q.get(str(line["name"]), 0) >= LEAST_P_VALUES
    ]
    drawn = [plot for plot in plots if plot is not None]
    return fill("plots.html.jinja", plots=drawn, size="small") if len(drawn) > 0 else ""


SECTION = Section(
    name="calibration",
    title="Do the p-values behave?",
    description="Where nothing differs, every bar reaches the dashed line. A peak at the left is signal; a slope that rises to "
    "the right, or a hump in the middle, is a warning that a test or its design does not fit the data. Two shapes are "
    "harmless: a question that asks for two things at once is cautious and leans to the right, and a one-sided one rises at "
    "both ends where effects of both signs exist.",
    build=build,
    empty="There are no p-values to look at.",
)
