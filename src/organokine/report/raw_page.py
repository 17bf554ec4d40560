"""The page of raw folders: facts and health of all, and for each its traces and its map of m/z by 1/K0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from organokine import __version__
from organokine.raw.inspection import is_simulated
from organokine.report import figures
from organokine.report.comparison import Part
from organokine.report.frame import framed
from organokine.report.templates import fill

if TYPE_CHECKING:
    from organokine.raw.inspection import Inspection

MOST_POINTS = 1500
"""Points of a trace on the page: more than there are pixels."""
_SCALE = [[0.0, "#fdfcfa"], [0.4, "#9cc3da"], [1.0, figures.ACCENT]]
_COLUMNS = {
    "mode": ("mode", "{}"),
    "minutes": ("gradient, min", "{:.1f}"),
    "ms1_frames": ("MS1 frames", "{:,}"),
    "ms2_frames": ("MS2 frames", "{:,}"),
    "empty_ms2_frames": ("MS2 frames without ions", "{:,}"),
    "mobility_low": ("1/K0 from, V s/cm²", "{:.4f}"),
    "mobility_high": ("to", "{:.4f}"),
    "mobility_model": ("mobility model", "{:.0f}"),
    "mz_model": ("m/z model", "{:.0f}"),
    "linear_off_percent": ("a straight line would be off by, %", "{:.2f}"),
    "mass_drift_ppm": ("drift with temperature, ppm", "{:.2f}"),
}


def build_raw_page(found: Sequence[Inspection], command: str = "") -> str:
    """The report of raw folders as a single HTML file without outside requests.

    Parameters
    ----------
    found : sequence of Inspection
        What was seen of each folder.
    command : str
        Command that makes the page again; left out if empty.

    Returns
    -------
    str
        HTML; the same arguments always give the same page.
    """
    headings = ["folder", *(heading for heading, _ in _COLUMNS.values()), "health"]
    rows = [[each.path.name, *_cells(each), _health(each)] for each in found]
    faults = [(each.path.name, fault.is_fatal, str(fault.problem)) for each in found for fault in each.faults]
    parts = [(_FOLDERS, fill("raw_folders.html.jinja", headings=headings, rows=rows, faults=faults))]
    for place, each in enumerate(found):
        drawn = [
            plot
            for plot in (_map(place, each), _total(place, each), _base_peak(place, each), _drift(place, each))
            if plot is not None
        ]
        if len(drawn) > 0:
            parts.append((Part(f"folder-{place}", each.path.name, ""), Markup("").join(drawn)))
    parts.append((_METHODS, fill("comparison_methods.html.jinja", facts=_FACTS, versions={}, command=command)))
    return framed(
        "raw_run.html.jinja",
        title="Raw data",
        version=__version__,
        groups={},
        sections=parts,
        warnings=(),
        is_simulated=any(is_simulated(each) for each in found),
    )


def _cells(found: Inspection) -> list[str]:
    values = [(found.facts.get(name), form) for name, (_, form) in _COLUMNS.items()]
    return ["–" if value is None or value != value else form.format(value) for value, form in values]  # noqa: PLR0124


def _health(found: Inspection) -> str:
    if not found.is_readable:
        return "damaged"
    return "sound" if len(found.faults) == 0 else f"{len(found.faults)} remarks"


def _map(place: int, found: Inspection) -> Markup | None:
    if found.ion_map is None:
        return None
    ions = found.ion_map
    with np.errstate(divide="ignore"):
        shown = np.where(ions.intensity > 0, np.log10(ions.intensity), np.nan)
    trace = {
        "type": "heatmap",
        "x": figures.rounded((ions.mz[1:] + ions.mz[:-1]) / 2),
        "y": figures.rounded((ions.mobility[1:] + ions.mobility[:-1]) / 2),
        "z": [figures.rounded(row, 3) for row in shown],
        "colorscale": _SCALE,
        "showscale": False,
        "hovertemplate": "m/z %{x:.1f}, 1/K0 %{y:.3f}: 10^%{z} counts<extra></extra>",
    }
    layout = {"xaxis": figures.axis("m/z"), "yaxis": figures.axis("1/K0, V s/cm²")}
    caption = (
        f"Intensity of {ions.n_ions:,} ions of {ions.n_frames} MS1 frames, logarithmic; both axes from the calibration of the file. "
        "Each charge is a band; what lies elsewhere is noise, or chemistry other than peptides."
    )
    return figures.figure(f"map-{place}", "m/z by 1/K0", caption, [trace], layout, 380)


def _total(place: int, found: Inspection) -> Markup | None:
    caption = "Summed intensity of every MS1 frame, as the instrument noted it."
    return _line(f"total-{place}", "Total ion current", caption, "counts", found, "total", figures.ACCENT)


def _base_peak(place: int, found: Inspection) -> Markup | None:
    caption = "Highest intensity of every MS1 frame, as the instrument noted it."
    return _line(f"base-peak-{place}", "Base peak", caption, "counts", found, "base_peak", figures.WARM)


def _drift(place: int, found: Inspection) -> Markup | None:
    caption = (
        "By how much the temperature of the flight tube moves m/z since calibration; exact m/z takes it out. A step or a "
        "slope of many ppm says that the room or the instrument was not settled."
    )
    return _line(f"drift-{place}", "Drift with temperature", caption, "ppm", found, "mass_shift", figures.ACCENT)


def _line(name: str, title: str, caption: str, unit: str, found: Inspection, column: str, colour: str) -> Markup | None:
    """One trace over the run, thinned to what a screen shows; None where it has no two values."""
    traces = found.traces
    if len(traces) < 2 or not traces[column].notna().any():
        return None
    thinned = traces.iloc[np.unique(np.linspace(0, len(traces) - 1, MOST_POINTS).round().astype(int))]
    drawn: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": figures.rounded(thinned["minutes"]),
            "y": figures.rounded(thinned[column], 4),
            "line": {"color": colour, "width": 1.2},
        }
    ]
    layout = {"xaxis": figures.axis("minutes"), "yaxis": figures.axis(unit)}
    return figures.figure(name, title, caption, drawn, layout, 220)


_FOLDERS = Part(
    "folders", "Folders", "What was measured, and whether the folders are whole. A dash is “the file does not tell”."
)
_METHODS = Part("methods", "Methods", "")
_FACTS = {
    "1/K0": "from the scan by the curve of TimsCalibration (ModelType 2), not by a straight line",
    "m/z": "from the time of flight by MzCalibration (ModelType 1 or 2), with the temperatures of each frame",
    "health": "frames beyond the end of the file, blocks and tables that do not fit, missing numbers, version, compression",
}
