"""Plots of genes of one pair of organs: targets and individuals of a leading candidate, genes against themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.population.same_gene import UNCLEAR as UNCLEAR_ROUTES
from organokine.report import figures, words
from organokine.report.population_pairs import Pair
from organokine.report.population_words import individuals

N_TARGETS = 15
"""Target genes drawn as bars; the others are in the table of the run."""
NAMED = 4
_SYMBOLS = ("circle", "diamond", "square", "triangle-up")
_LEGEND = {"showlegend": True, "margin": {"l": 52, "r": 14, "t": 32, "b": 44}}
SECRETED, INSIDE, UNCLEAR = "secreted", "in the cell", "unclear"
_INKS = {SECRETED: figures.ACCENT, INSIDE: figures.MUTED, UNCLEAR: "#8a9299"}
_OFFSETS = ((9.0, 0.0), (-9.0, 0.0), (9.0, 11.0), (9.0, -11.0))
_SMALLEST_PLOT = (280.0, 250.0)


def targets(name: str, gene: str, pair: Pair, rows: pd.DataFrame) -> Markup | None:
    """The strongest target genes of a candidate as bars of their correlation; None without any.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    gene : str
        The candidate.
    pair : Pair
        Its pair of organs.
    rows : pandas.DataFrame
        Its rows of `population_targets`.
    """
    known = rows[rows["r"].notna()].sort_values("place", kind="stable").head(N_TARGETS)
    if len(known) == 0:
        return None
    itself = known["same_gene"].fillna(value=False).to_numpy(dtype=bool)
    labels = [
        figures.tick_text(each) + (" (itself)" if own else "")
        for each, own in zip(known["target_gene"], itself, strict=True)
    ]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": figures.rounded(known["r"], 3),
        "y": list(range(len(known))),
        "marker": {"color": [figures.ACCENT if r > 0 else figures.WARM for r in known["r"]]},
        "text": [figures.plot_text(each) for each in known["target_gene"]],
        "textposition": "none",
        "customdata": [
            [words.probability(p), words.probability(q), words.count(n)]
            for p, q, n in zip(known["p"], known["q"], known["n"], strict=True)
        ],
        "hovertemplate": "<b>%{text}</b><br>r = %{x:.2f}<br>p = %{customdata[0]}, q = %{customdata[1]}, n = %{customdata[2]}<extra></extra>",
    }
    layout = {
        "xaxis": figures.axis(f"r with {figures.shortened(gene)}", zeroline=True, zerolinecolor=figures.FAINT),
        "yaxis": figures.axis(
            "", tickvals=list(range(len(known))), ticktext=labels, range=[len(known) - 0.5, -0.5], showgrid=False
        ),
        "margin": {"l": 52, "r": 14, "t": 6, "b": 44},
    }
    listed = f"{words.count(len(known))} of the {words.count(len(rows))} listed" if len(known) < len(rows) else "all"
    caption = (
        f"Genes of {pair.target} that go with {gene} most, strongest first ({listed}); orange falls as it rises. Their q runs over all "
        f"target genes and is no smaller than that of {gene}."
    )
    return figures.figure(name, f"Target genes of {gene}", caption, [trace], layout, 70 + 19 * len(known))


def dots(name: str, gene: str, pair: Pair, rows: pd.DataFrame, species: str) -> Markup | None:
    """One dot per individual: level of the candidate against its module, by group and sex; None without values.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    gene : str
        The candidate.
    pair : Pair
        Its pair of organs.
    rows : pandas.DataFrame
        Its rows of `population_individuals`.
    species : str
        As a study file names it; empty for unknown.
    """
    known = rows[np.isfinite(rows["candidate"]) & np.isfinite(rows["module"])]
    if len(known) == 0:
        return None
    groups, sexes = (list(dict.fromkeys(sorted(known[column]))) for column in ("group", "sex"))
    traces = []
    for (group, sex), own in known.groupby(["group", "sex"], sort=True):
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": figures.plot_text(", ".join(part for part in (group, sex) if part != "")),
                "x": figures.rounded(own["candidate"], 4),
                "y": figures.rounded(own["module"], 4),
                "text": [figures.plot_text(subject) for subject in own["subject"]],
                "marker": _marker(groups, sexes, group, sex),
                "hovertemplate": "<b>%{text}</b><br>level %{x:.2f}<br>module %{y:.2f}<extra>%{fullData.name}</extra>",
            }
        )
    layout = {
        **(_LEGEND if len(traces) > 1 else {}),
        "xaxis": figures.axis(f"{figures.shortened(gene)} in {figures.shortened(pair.source)}, log2"),
        "yaxis": figures.axis(f"module in {figures.shortened(pair.target)}, SD"),
    }
    caption = (
        f"{individuals(len(known), species)}, covariates taken out of both. The module is the shared course of the target genes; they were "
        "chosen because they go with the candidate, so that a line here is no evidence. Look for single dots that make it."
    )
    return figures.figure(name, "One dot per individual", caption, traces, layout, 350)


def _marker(groups: Sequence[str], sexes: Sequence[str], group: str, sex: str) -> dict[str, Any]:
    """Colour by group, hollow and grey for the first; shape by sex."""
    shape = _SYMBOLS[sexes.index(sex) % len(_SYMBOLS)]
    if len(groups) == 1:
        return {"size": 8, "color": figures.ACCENT, "symbol": shape, "line": {"color": "#ffffff", "width": 0.8}}
    return figures.group_marker(groups, group, 8) | {"symbol": shape}


def same_gene(name: str, pair: Pair, most: int) -> Markup | None:
    """Correlation of each gene with itself in the target, secreted ones beside the others; None without any.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    pair : Pair
        The pair of organs.
    most : int
        Genes of one kind drawn as dots; boxes are made of all.
    """
    rows = pair.tables["population_same_gene"]
    known = rows[rows["r"].notna()].sort_values("r", ascending=False, kind="stable")
    if len(known) == 0:
        return None
    kinds = _kinds(known)
    parts = {kind: known[kinds == kind] for kind in _INKS if (kinds == kind).any()}
    traces = [trace for place, (kind, own) in enumerate(parts.items()) for trace in _box(place, _INKS[kind], own, most)]
    reach = (min(-0.5, 1.1 * float(known["r"].min())), max(0.5, 1.1 * float(known["r"].max())))
    layout = {
        "xaxis": figures.axis(
            "",
            tickvals=list(range(len(parts))),
            ticktext=[f"{kind}<br>({words.count(len(own))})" for kind, own in parts.items()],
            range=[-0.9, len(parts) - 0.55],
            showgrid=False,
        ),
        "yaxis": figures.axis("r of a gene with itself", range=list(reach), zeroline=True, zerolinecolor=figures.MUTED),
        "annotations": _names(parts.get(SECRETED, known.iloc[:0]).head(NAMED), reach),
    }
    thin = " (of many genes some, evenly along r)" if max(len(part) for part in parts.values()) > most else ""
    caption = (
        f"A gene's level in {pair.source} against its own level in {pair.target} across individuals{thin}; boxes hold the middle half, whiskers "
        "90\u00a0%. A whole box above zero is what individuals share in both organs."
    )
    if UNCLEAR in parts:
        caption += " Unclear are vesicle cargo and genes without an entry, which the means of the sentence leave out."
    return figures.figure(name, "Genes against themselves", caption, traces, layout, 330)


def _kinds(rows: pd.DataFrame) -> np.ndarray:
    is_secreted = rows["secreted"].fillna(value=False).to_numpy(dtype=bool)
    is_unclear = rows["route"].isin(UNCLEAR_ROUTES).to_numpy(dtype=bool)
    return np.where(is_unclear, UNCLEAR, np.where(is_secreted, SECRETED, INSIDE))


def _box(place: int, ink: str, rows: pd.DataFrame, most: int) -> list[dict[str, Any]]:
    """Box and whiskers from quantiles, and dots beside it: the highest, and every so many of the rest."""
    r = rows["r"].to_numpy(dtype=float)
    low, first, middle, third, high = figures.rounded(np.quantile(r, (0.05, 0.25, 0.5, 0.75, 0.95)), 3)
    kept = np.unique(np.linspace(0, len(r) - 1, min(most, len(r))).astype(int))
    box = {
        "type": "box", "x": [place], "q1": [first], "median": [middle], "q3": [third], "lowerfence": [low], "upperfence": [high],
        "width": 0.28, "line": {"color": ink, "width": 1.5}, "fillcolor": "rgba(255,255,255,0.75)", "hoverinfo": "skip",
    }  # fmt: skip
    # Steps of the golden ratio spread neighbours in r apart, the same way on every build.
    aside = place + 0.36 * (((np.arange(len(kept)) * 0.6180339887) % 1.0) - 0.5)
    points = {
        "type": "scatter", "mode": "markers", "x": figures.rounded(aside, 3), "y": figures.rounded(r[kept], 3),
        "text": [figures.plot_text(gene) for gene in rows["gene"].to_numpy()[kept]],
        "customdata": [words.probability(q) for q in rows["q"].to_numpy()[kept]],
        "marker": {"size": 5, "color": ink, "opacity": 0.45},
        "hovertemplate": "<b>%{text}</b><br>r = %{y:.2f}<br>q = %{customdata}<extra></extra>",
    }  # fmt: skip
    return [points, box]


def _names(rows: pd.DataFrame, reach: tuple[float, float]) -> list[dict[str, Any]]:
    """Names of the highest secreted genes, to the left of their dots."""
    if len(rows) == 0:
        return []
    names = [figures.tick_text(gene, 12) for gene in rows["gene"]]
    up = (rows["r"].to_numpy(dtype=float) - reach[0]) / (reach[1] - reach[0])
    placed = figures.place_names(
        np.full(len(rows), 0.14), up, names, ((0.0, 0.0), (0.0, 12.0), (0.0, -12.0)), _SMALLEST_PLOT
    )
    return [
        {"x": -0.22, "y": r, "xanchor": "right", "text": name, "showarrow": False, "yshift": offset[1], "font": {"size": 11, "color": figures.ACCENT}}
        for r, name, offset in zip(figures.rounded(rows["r"], 3), names, placed, strict=True)
        if offset is not None
    ]  # fmt: skip
