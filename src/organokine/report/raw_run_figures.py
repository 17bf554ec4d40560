"""Plots of raw runs: what was identified in each, how their calibration moves, and 1/K0 against its trend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words

MOST_NAMES = 30
"""Runs whose names stand below a plot; those of more overlap, and are left to the hover."""
N_BINS = 60
_SHIFTS = (
    ("mass-error", "mass_error", "mass_spread", "Error of mass", "ppm", "Median error of the mass of identified precursors"),
    (
        "mobility-shift", "mobility_shift", "mobility_spread", "Shift of 1/K0", "%",
        "Median deviation of 1/K0 from the median of the same precursors over all runs",
    ),
    (
        "minutes-shift", "minutes_shift", None, "Shift of retention time", "minutes",
        "Median deviation of retention time from the median of the same precursors over all runs",
    ),
)  # fmt: skip


def identifications(runs: pd.DataFrame) -> Markup | None:
    """Quantities with a spectrum of the run and those matched between runs, in the order of the sheet; None without any."""
    searched = runs[runs["state"] != "failed"]
    quantified, transferred, identified = (
        searched[name].to_numpy(dtype=float, na_value=np.nan) for name in ("quantified", "transferred", "precursors")
    )
    names = [figures.plot_text(name) for name in searched["sample"]]
    if len(searched) == 0 or not np.nansum(identified) + np.nansum(quantified) > 0:
        return None
    place = list(range(len(names)))
    kinds = (
        ("quantified, identified in the run", quantified - transferred, figures.ACCENT),
        ("quantified, matched between runs", transferred, figures.FAINT),
    )
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": kind,
            "x": place,
            "y": figures.rounded(values, 9),
            "text": names,
            "textposition": "none",
            "marker": {"color": colour},
            "hovertemplate": f"<b>%{{text}}</b><br>%{{y}} {kind}<extra></extra>",
        }
        for kind, values, colour in kinds
    ]
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "identified",
            "x": place,
            "y": figures.rounded(identified, 9),
            "text": names,
            "marker": {"symbol": "diamond", "size": 8, "color": figures.WARM, "line": {"width": 1, "color": "#ffffff"}},
            "hovertemplate": "<b>%{text}</b><br>%{y} identified<extra></extra>",
        }
    )
    layout = {
        "barmode": "stack",
        "showlegend": True,
        "xaxis": _places([str(name) for name in searched["sample"]]),
        "yaxis": figures.axis("precursors", rangemode="tozero"),
        "margin": {"l": 52, "r": 14, "t": 60, "b": 44},
    }
    caption = (
        "Bars: precursors with a quantity, parted by whether a spectrum of the run itself identifies them. Diamonds: precursors "
        "identified in the run, with or without a quantity. In the order of the sheet."
    )
    return figures.figure("identifications", "Precursors of every run", caption, traces, layout, 340)


def _places(names: list[str]) -> dict[str, Any]:
    """An axis of runs with their names, as far as they fit."""
    room = len(names) <= MOST_NAMES
    return figures.axis(
        "",
        tickvals=list(range(len(names))) if room else [],
        ticktext=[figures.tick_text(name) for name in names] if room else [],
        tickangle=-45,
        showgrid=False,
        range=[-0.6, max(len(names), 1) - 0.4],
    )


def calibration(runs: pd.DataFrame) -> list[Markup]:
    """Median error of mass, and shifts of 1/K0 and time, over the runs in the order they were measured in."""
    ordered, said = _in_order(runs[runs["state"] != "failed"])
    return [plot for shift in _SHIFTS if (plot := _shift(ordered, said, shift)) is not None]


def _in_order(runs: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    times = pd.to_datetime(runs["acquired"], utc=True, errors="coerce", format="ISO8601")
    if times.isna().any():
        return runs, "In the order of the sheet: not every file tells when it was measured."
    return runs.iloc[np.argsort(times.to_numpy(), kind="stable")], "In the order of measurement."


def _shift(runs: pd.DataFrame, order: str, shift: tuple[str, str, str | None, str, str, str]) -> Markup | None:
    name, column, spread, title, unit, meaning = shift
    values = runs[column].to_numpy(dtype=float)
    if not np.isfinite(values).any():
        return None
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(runs))),
        "y": figures.rounded(values, 4),
        "text": [
            f"<b>{figures.plot_text(sample)}</b><br>{figures.plot_text(words.moment(acquired))}"
            for sample, acquired in zip(runs["sample"], runs["acquired"], strict=True)
        ],
        "line": {"color": figures.FAINT, "width": 1},
        "marker": {"color": figures.ACCENT, "size": 8},
        "hovertemplate": f"%{{text}}<br>%{{y}} {unit}<extra></extra>",
    }
    within = ""
    if spread is not None:
        bars = figures.rounded(runs[spread].to_numpy(dtype=float), 4)
        trace["error_y"] = {"type": "data", "array": bars, "color": figures.FAINT, "thickness": 1.2, "width": 3}
        within = "; bars are one robust standard deviation of single precursors within the run"
    zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": {"color": figures.MUTED, "width": 1}}  # fmt: skip
    layout = {"xaxis": _places([str(each) for each in runs["sample"]]), "yaxis": figures.axis(unit), "shapes": [zero]}
    caption = f"{meaning}{within}. {order} A slope or a step is a calibration that drifts."
    return figures.figure(name, title, caption, [trace], layout, 300)


def trend(points: Mapping[str, Any]) -> list[Markup]:
    """1/K0 by m/z with a colour per charge, and a histogram of the distances from the trends; empty without points."""
    if len(points["mz"]) == 0:
        return []
    charge = np.array(points["charge"], dtype=int)
    mz, k0, residual = (np.array(points[name], dtype=float) for name in ("mz", "one_over_k0", "residual"))
    n = words.count(points.get("n", len(mz)))
    shown = f"{words.count(len(mz))} of {n} identified precursors, evenly chosen" if str(n) != words.count(len(mz)) else f"All {n} identified precursors"  # fmt: skip
    plots = [_by_mz(charge, mz, k0, shown)]
    held = residual[np.isfinite(residual)]
    if len(held) > 0:
        plots.append(_histogram(held))
    return plots


def _by_mz(charge: np.ndarray, mz: np.ndarray, k0: np.ndarray, shown: str) -> Markup:
    colours = (figures.ACCENT, figures.WARM, *figures.MORE_GROUPS)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"{state}+",
            "x": figures.rounded(mz[charge == state], 6),
            "y": figures.rounded(k0[charge == state], 4),
            "marker": {"color": colours[place % len(colours)], "size": 4, "opacity": 0.6},
            "hovertemplate": f"{state}+, m/z %{{x:.1f}}, 1/K0 %{{y:.3f}}<extra></extra>",
        }
        for place, state in enumerate(np.unique(charge))
    ]
    layout = {
        "showlegend": True,
        "xaxis": figures.axis("m/z"),
        "yaxis": figures.axis("1/K0, V s/cm²"),
        "margin": {"l": 52, "r": 14, "t": 40, "b": 44},
    }
    caption = f"{shown}, of all runs. Ions of one charge lie on a line; one far from it is a second conformer, or identified wrongly."
    return figures.figure("trend", "1/K0 by m/z and charge", caption, traces, layout, 360)


def _histogram(residual: np.ndarray) -> Markup:
    # Few ions lie very far off; they are put into the outermost bars so that the bulk is seen.
    reach = max(8 * float(np.median(np.abs(residual))), 1e-6)
    counts, edges = np.histogram(np.clip(residual, -reach, reach), bins=N_BINS, range=(-reach, reach))
    trace = {
        "type": "bar",
        "x": figures.rounded((edges[1:] + edges[:-1]) / 2),
        "y": counts.tolist(),
        "width": float(edges[1] - edges[0]),
        "marker": {"color": figures.ACCENT},
        "hovertemplate": "about %{x:.4f} V s/cm²: %{y}<extra></extra>",
    }
    layout = {
        "xaxis": figures.axis("1/K0 less its trend, V s/cm²", showgrid=False),
        "yaxis": figures.axis("precursors"),
        "bargap": 0,
    }
    caption = (
        "The same precursors: 1/K0 less its trend with m/z within run and charge. The outermost bars hold all that lies beyond; charges with "
        "too few precursors for a trend are left out."
    )
    return figures.figure("trend-residual", "1/K0 against its trend", caption, [trace], layout, 300)
