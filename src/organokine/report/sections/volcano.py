"""Volcano of every assay, candidates marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import figures, words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

MOST_POINTS = 8000
"""Points of one plot; above it the page becomes slow in a browser without a graphics card."""
NAMED = 12
"""Candidates written beside their point where there is room; all have their name on hover."""
NAMED_P = 0.05
"""Candidates above this p in an assay are not written there: the name would say more than the point."""
_OFFSETS = ((8.0, 0.0), (-8.0, 0.0), (0.0, 13.0), (0.0, -13.0))
_SMALLEST_PLOT = (290.0, 290.0)


def thinned(rows: pd.DataFrame, is_marked: np.ndarray, most: int = MOST_POINTS) -> np.ndarray:
    """Which rows are drawn: all marked ones and the smallest p-values, then every so many of the rest.

    Parameters
    ----------
    rows : pandas.DataFrame
        Tested rows of one assay with column `p`.
    is_marked : numpy.ndarray
        (n_rows,) rows that must stay.
    most : int
        Points at most, marked ones included where possible.

    Returns
    -------
    numpy.ndarray
        (n_rows,) bool.
    """
    if len(rows) <= most:
        return np.ones(len(rows), dtype=bool)
    order = np.lexsort((rows["p"].to_numpy(), ~is_marked))
    certain, rest = order[: most // 2], order[most // 2 :]
    spread = rest[np.unique(np.linspace(0, len(rest) - 1, most - len(certain)).astype(int))]
    keep = np.zeros(len(rows), dtype=bool)
    keep[certain] = True
    keep[spread] = True
    return np.asarray(keep | is_marked, dtype=bool)


def volcano(data: ReportData, name: str, label: str, rows: pd.DataFrame) -> Markup | None:
    """One assay: change against p, tested features only; None if none was tested."""
    tested = rows[rows["p"].notna() & rows["log2fc"].notna()].reset_index(drop=True)
    if len(tested) == 0:
        return None
    tiers = data.mediators.set_index("gene")["tier"].fillna(0)
    tier = tested["gene"].map(tiers).fillna(0).to_numpy(dtype=int)
    is_marked = (tier >= 1) & tested["representative"].fillna(value=False).to_numpy(dtype=bool)
    drawn = thinned(tested, is_marked)
    smallest = tested.loc[tested["p"] > 0, "p"].min()
    floor = smallest if np.isfinite(smallest) else 1.0
    height = -np.log10(np.maximum(tested["p"].to_numpy(dtype=float), floor))
    traces = [
        _points(tested, height, drawn & ~is_marked, {"size": 5, "color": figures.FAINT, "opacity": 0.65}, "other"),
        _points(
            tested,
            height,
            drawn & is_marked,
            {"size": 9, "color": figures.ACCENT, "symbol": "diamond", "line": {"color": "#ffffff", "width": 1}},
            "tier 1 or above",
        ),
    ]
    reach = 1.12 * float(np.nanmax(np.abs(tested["log2fc"]))) + 0.05
    top = 1.08 * float(height.max()) + 0.05
    shares = ((tested["log2fc"].to_numpy(dtype=float) + reach) / (2 * reach), height / top)
    named = np.flatnonzero(is_marked & (tested["p"].to_numpy(dtype=float) <= NAMED_P))
    named = named[np.lexsort((-height[named], -tier[named]))][:NAMED]
    layout = {
        "xaxis": figures.axis("log2 fold change", range=[-reach, reach], zeroline=True, zerolinecolor=figures.FAINT),
        "yaxis": figures.axis("−log₁₀ p", range=[0, top]),
        "showlegend": True,
        "margin": {"l": 48, "r": 14, "t": 30, "b": 44},
        "annotations": _names(tested, shares, named),
    }
    return figures.figure(name, label, _caption(data, tested, is_marked, int(drawn.sum())), traces, layout, height=380)


def _caption(data: ReportData, tested: pd.DataFrame, is_marked: np.ndarray, n_drawn: int) -> str:
    n_significant = int((tested["q"] <= data.alpha).sum())
    caption = (
        f"{words.count(len(tested))} tested features, {words.count(n_significant)} at q ≤ {data.alpha:g}, "
        f"{words.count(int(is_marked.sum()))} candidates of tier 1 or above."
    )
    if n_drawn < len(tested):
        caption += f" Thinned to {words.count(n_drawn)} points; candidates and small p-values are all drawn."
    if bool((tested["p"] == 0).any()):
        caption += " p-values of 0 are drawn at the smallest other one."
    return caption


def _points(
    rows: pd.DataFrame, height: np.ndarray, which: np.ndarray, marker: dict[str, Any], name: str
) -> dict[str, Any]:
    chosen = rows[which]
    text = [
        figures.plot_text(gene if gene != "" else feature)
        for gene, feature in zip(chosen["gene"], chosen["feature"], strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": figures.rounded(chosen["log2fc"], 4),
        "y": figures.rounded(height[which], 4),
        "text": text,
        "marker": marker,
        "hovertemplate": "<b>%{text}</b><br>log2FC %{x:+.2f}<br>−log₁₀ p %{y:.2f}<extra></extra>",
    }


def _names(rows: pd.DataFrame, shares: tuple[np.ndarray, np.ndarray], which: np.ndarray) -> list[dict[str, Any]]:
    """Names beside points, as many as have room; `shares` are positions in the plot from 0 to 1."""
    chosen = rows.iloc[which]
    across, up = shares[0][which], shares[1][which]
    places = figures.place_names(across, up, list(chosen["gene"]), _OFFSETS, _SMALLEST_PLOT)
    return [
        {
            "x": float(across[index]),
            "y": float(up[index]),
            "xref": "x domain",
            "yref": "y domain",
            "text": figures.plot_text(gene),
            "showarrow": False,
            "xanchor": "center",
            "yanchor": "middle",
            "xshift": place[0],
            "yshift": place[1],
            "font": {"size": 11, "color": figures.ACCENT},
            "bgcolor": figures.VEIL,
        }
        for index, (gene, place) in enumerate(zip(chosen["gene"], places, strict=True))
        if place is not None
    ]


def build(data: ReportData) -> str:
    """One volcano per assay."""
    table = data.tables["differential"]
    plots = [
        volcano(
            data,
            f"volcano-{place}",
            f"{row.organ}, {words.modality(str(row.modality))}",
            table[table["assay"] == row.assay],
        )
        for place, row in enumerate(data.assays().itertuples(index=False))
    ]
    drawn = [plot for plot in plots if plot is not None]
    return fill("plots.html.jinja", plots=drawn, size="wide") if len(drawn) > 0 else ""


SECTION = Section(
    name="volcano",
    title="What changed in each organ",
    description="Change of the case against the control, each organ and modality on its own. The marked points are candidates "
    "of tier 1 or above; that an organ changed is evidence for none of them by itself.",
    build=build,
    empty="No feature was tested in any assay.",
)
