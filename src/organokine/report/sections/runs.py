"""What the files tell of each run: precursors, digestion, contaminants, ion mobility, and their drift."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

DRIFTS = ("mobility_drift", "precursor_drift")
"""Flags that tell of a drift."""
TELLING = ("n_precursors", "missed_cleavage_fraction", "contaminant_fraction")
"""Columns of `runs` of which one must be filled for an assay to be shown."""
NO_MOBILITY = "no ion mobility in this file"
NO_RUN_ORDER = "There is no run order in the sample sheet: runs stand by group and name, and drift was not looked for."
_SHARE_AXIS: dict[str, Any] = {"rangemode": "tozero", "tickformat": ".1%"}


class Plot(NamedTuple):
    """A plot with one point per run: column of `runs`, column of its scatter if it is drawn, title, axis, caption."""

    column: str
    scatter: str
    title: str
    axis: str
    caption: str


DEVIATION = Plot(
    "median_deviation",
    "mad_deviation",
    "deviation of ion mobility",
    "measured less predicted",
    "Median over the precursors of a run; the bar is their median absolute deviation. A calibrated instrument stays near zero.",
)
TREND = Plot(
    "mad_trend",
    "",
    "scatter of ion mobility",
    "scatter",
    "The file holds no predicted ion mobility: median distance of the precursors of a run from the trend with m/z of their charge.",
)
SHARES = (
    Plot(
        "missed_cleavage_fraction",
        "",
        "missed cleavages",
        "share of precursors",
        "A run that stands apart was digested differently.",
    ),
    Plot(
        "contaminant_fraction",
        "",
        "contaminants",
        "share of intensity",
        "What was left out as contaminants, such as keratin or trypsin.",
    ),
)


def build(data: ReportData) -> str:
    """A row per assay, remarks on drift, and plots run by run."""
    runs = data.tables["runs"]
    rows = []
    for place, assay in enumerate(data.assays().itertuples(index=False)):
        of_assay = runs[runs["assay"] == assay.assay]
        if of_assay[list(TELLING)].notna().any(axis=None):
            label = f"{assay.organ}, {words.modality(str(assay.modality))}"
            rows.append(_row(data, str(assay.assay), label, of_assay) | {"plots": _plots(data, place, label, of_assay)})
    if len(rows) == 0:
        return ""
    flags = data.tables["flags"]
    drifts = flags[flags["flag"].isin(DRIFTS)].sort_values(["name", "flag"], kind="stable")
    return fill("runs.html.jinja", rows=rows, order=_order(data, runs), drifts=drifts.to_dict("records"))


def _order(data: ReportData, runs: pd.DataFrame) -> str:
    if runs["run_order"].isna().all():
        return NO_RUN_ORDER
    column = data.study.get("prepare", {}).get("run_order") or "run_order"
    return f"Runs stand in the order of the column `{column}` of the sample sheet."


def _row(data: ReportData, assay: str, label: str, runs: pd.DataFrame) -> dict[str, Any]:
    return {
        "label": label,
        "runs": len(runs),
        "precursors": _median(runs["n_precursors"]),
        "missed": _percent(_median(runs["missed_cleavage_fraction"])),
        "contaminants": _percent(_median(runs["contaminant_fraction"])),
        "mobility": _mobility(data, assay, runs),
    }


def _mobility(data: ReportData, assay: str, runs: pd.DataFrame) -> str:
    """Ion mobility of an assay in words."""
    if runs["n_precursors"].isna().all():
        return "no precursors in this file"
    n_all, n_with, n_wrong = (
        int(runs[name].fillna(0).sum()) for name in ("n_precursors", "n_with_mobility", "n_contradicting")
    )
    if n_with == 0:
        return NO_MOBILITY
    section: dict[str, Any] = next((each for each in data.study.get("assay", []) if each["name"] == assay), {})
    done = "were left out" if section.get("mobility_outliers") == "exclude" else "stay"
    unit = words.listed(sorted(set(runs["mobility_unit"]) - {""}))
    return f"{unit} of {_percent(n_with / n_all)} of precursors; {_percent(n_wrong / n_all)} contradict their identity and {done}"


def _median(values: pd.Series) -> float:
    known = values.dropna()
    return float(known.median()) if len(known) > 0 else float("nan")


def _percent(share: float) -> str:
    return words.MISSING if words.is_missing(share) else f"{100 * float(share):.1f}\u00a0%"


def _plots(data: ReportData, place: int, label: str, runs: pd.DataFrame) -> list[Markup]:
    by_order = runs.sort_values(["run_order", "group", "sample"], kind="stable").reset_index(drop=True)
    has_prediction = bool(runs[DEVIATION.column].notna().any())
    plots = (DEVIATION if has_prediction else TREND, *SHARES)
    return [
        _plot(data, f"runs-{place}-{number}", label, plot, by_order)
        for number, plot in enumerate(plots)
        if runs[plot.column].notna().any()
    ]


def _plot(data: ReportData, name: str, label: str, plot: Plot, runs: pd.DataFrame) -> Markup:
    """One point per run, by group; runs stand in the order of the rows."""
    groups = [group for group in data.groups if group in set(runs["group"])]
    is_share = plot in SHARES
    traces = []
    for group in groups:
        of_group = runs[(runs["group"] == group) & runs[plot.column].notna()]
        trace = {
            "type": "scatter",
            "mode": "markers",
            "name": figures.tick_text(group),
            "x": (of_group.index + 1).to_list(),
            "y": figures.rounded(of_group[plot.column]),
            "marker": figures.group_marker(data.groups, group, 8),
            "text": [f"<b>{figures.plot_text(sample)}</b>" for sample in of_group["sample"]],
            "hovertemplate": f"%{{text}}<br>%{{y:{'.1%' if is_share else '.3g'}}}<extra></extra>",
            "cliponaxis": False,
        }
        if plot.scatter != "":
            scatter = figures.rounded(of_group[plot.scatter])
            trace["error_y"] = {"type": "data", "array": scatter, "thickness": 1, "width": 0, "color": figures.FAINT}
        traces.append(trace)
    is_ordered = bool(np.isfinite(runs["run_order"]).any())
    unit = words.listed(sorted(set(runs["mobility_unit"]) - {""}))
    layout = {
        "xaxis": figures.axis("run, as measured" if is_ordered else "run, by group and name", showgrid=False),
        "yaxis": figures.axis(
            plot.axis if is_share else f"{plot.axis}, {unit}", **(_SHARE_AXIS if is_share else {"zeroline": True})
        ),
        "showlegend": len(groups) > 1,
        "margin": {"l": 56, "r": 14, "t": 30, "b": 44},
    }
    return figures.figure(name, f"{label}: {plot.title}", plot.caption, traces, layout, height=240)


SECTION = Section(
    name="runs",
    title="Runs: precursors, digestion, ion mobility",
    description="What the files of the search engine tell of each run. A run that stands apart here may differ by how it was "
    "prepared or measured, and not by the animal. Drift is asked within groups and remarked on below p = 0.01, which two groups of "
    "three runs cannot reach.",
    build=build,
    empty="The files of this study hold neither precursors nor marks of contaminants, so they tell nothing of single runs.",
)
