"""Quality of the samples: components, missing values, blood, outliers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill
from organokine.tables import QC

STRIPS = ("missing_fraction", "blood_index")
"""Columns of `qc` drawn sample by sample beside the components."""
_SHARE_AXIS: dict[str, Any] = {"rangemode": "tozero", "tickformat": ".0%"}


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
    return figures.figure(
        name,
        f"{label}: principal components",
        f"Each dot is a sample; names mark those that stand apart. {markers.remark}".strip(),
        traces,
        layout,
        height=260,
    )


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


def strip(data: ReportData, name: str, label: str, column: str, rows: pd.DataFrame) -> Markup | None:
    """One column of `qc` sample by sample, by group."""
    known = rows[rows[column].notna()]
    groups = [group for group in data.groups if group in set(known["group"])]
    if len(groups) == 0:
        return None
    meaning = next(each for each in QC.columns if each.name == column)
    traces = []
    for place, group in enumerate(groups):
        of_group = known[known["group"] == group].sort_values("sample", kind="stable")
        offset = 0.34 * (((np.arange(len(of_group)) + 1) * 0.618) % 1.0 - 0.5)
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": figures.rounded(place + offset),
                "y": figures.rounded(of_group[column]),
                "marker": figures.group_marker(data.groups, group, 8),
                "text": [_sample(row) for row in of_group.itertuples(index=False)],
                "hovertemplate": "%{text}<br>%{y:.3g}<extra></extra>",
                "cliponaxis": False,
            }
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
        "margin": {"l": 52, "r": 14, "t": 10, "b": 28},
        "yaxis": figures.axis(meaning.unit, **(_SHARE_AXIS if meaning.unit == "share" else {})),
    }
    title = f"{label}: {words.spaced(column)}"
    return figures.figure(name, title, words.sentence(meaning.meaning.replace("`", "")), traces, layout, height=260)


def summary(data: ReportData) -> list[dict[str, Any]]:
    """One row per assay: samples, features, missing values, outliers by name."""
    table = data.tables["qc"]
    rows = []
    for assay in data.assays().itertuples(index=False):
        of_assay = table[table["assay"] == assay.assay]
        outliers = of_assay.loc[of_assay["outlier"].fillna(value=False).astype(bool), "sample"]
        sizes = of_assay["group"].value_counts()
        rows.append(
            {
                "assay": assay.assay,
                "organ": assay.organ,
                "modality": assay.modality,
                "samples": words.group_sizes({group: int(sizes[group]) for group in data.groups if group in sizes}),
                "detected": _median(of_assay["n_detected"]),
                "missing": _median(of_assay["missing_fraction"]),
                "correlation": _median(of_assay["median_correlation"]),
                "outliers": list(outliers),
            }
        )
    return rows


def _median(values: pd.Series) -> float | None:
    known = values.dropna()
    return float(known.median()) if len(known) > 0 else None


def build(data: ReportData) -> str:
    """Summary table, then one row of plots per assay."""
    table = data.tables["qc"]
    if len(table) == 0:
        return ""
    rows = summary(data)
    for place, assay in enumerate(data.assays().itertuples(index=False)):
        of_assay = table[table["assay"] == assay.assay]
        label = f"{assay.organ}, {words.modality(str(assay.modality))}"
        plots = [components(data.groups, f"qc-{place}-components", label, of_assay)]
        plots += [
            strip(data, f"qc-{place}-{column.replace('_', '-')}", label, column, of_assay)
            for column in STRIPS
            if of_assay[column].notna().any() and bool((of_assay[column] != 0).any())
        ]
        rows[place]["plots"] = [plot for plot in plots if plot is not None]
    return fill("quality.html.jinja", rows=rows)


SECTION = Section(
    name="quality",
    title="Quality of the samples",
    description="Samples as they came, after normalisation. Outliers are named and stay in: taking one out is your decision, in "
    "the sample sheet. A blood index that differs between groups can make blood proteins look like messages.",
    build=build,
    empty="No quality measures were kept.",
)
