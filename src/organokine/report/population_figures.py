"""Plots of pairs of organs: which organs go together, scores against their null, p along the steps of adjustment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from scipy.interpolate import PchipInterpolator

from organokine.report import figures, words
from organokine.report.population_pairs import ALL, LIKE_MATCHED, UNADJUSTED, Pair, split
from organokine.report.population_words import rung_name, score, why_not

FEWEST_ORGANS = 3
"""Organs from which a map is drawn: of two it would have two squares, which the table tells better."""
MOST_BOTH_NUMBERS = 8
"""Organs up to which a square of a telephone's width holds both numbers."""
MOST_NUMBERS = 20
"""Organs up to which it holds one."""
LEADING = 10
"""Candidates drawn against the null and along the steps; more lines hide one another."""
FEWEST_QUANTILES = 3
NAMED = 3
"""Candidates named against the null where none was found."""
N_BARS = 40
_UNSCORED = "#cfccc4"
_SCALE = [[0.0, "#f1efe8"], [0.001, "#dbe8f0"], [0.5, "#6fa6c6"], [1.0, figures.ACCENT]]
_MARGIN = {"l": 52, "r": 14, "t": 14, "b": 44}
_OFFSETS = ((0.0, 13.0), (0.0, 27.0), (0.0, 41.0), (0.0, 55.0), (0.0, 69.0))
_SIDEWAYS = ((8.0, 0.0), (8.0, 11.0), (8.0, -11.0), (8.0, 22.0), (8.0, -22.0))
_LOW = 0.04
"""Share of the plot's height at which candidates stand on the histogram."""
_SMALLEST_PLOT = (280.0, 250.0)


def organ_map(name: str, pairs: Sequence[Pair]) -> Markup | None:
    """Sending organs in rows, receiving ones in columns, candidates at the error rate in the squares; None for two organs.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    pairs : sequence of Pair
        Every pair, scored or not.
    """
    organs = sorted({organ for pair in pairs for organ in (pair.source, pair.target)}, key=str.casefold)
    if len(organs) < FEWEST_ORGANS:
        return None
    scored = {(pair.source, pair.target): pair for pair in pairs if pair.is_scored}
    others = {(pair.source, pair.target): pair for pair in pairs if not pair.is_scored}
    most = max([1, *(len(pair.significant) for pair in scored.values())])
    counts = _squares(organs, scored, lambda pair: len(pair.significant))
    texts = _grid(organs, scored, lambda pair: _square(pair, len(organs)))
    grey = {"colorscale": [[0, _UNSCORED], [1, _UNSCORED]]}
    traces = [
        _squares(organs, others, lambda _: 0) | grey,
        counts
        | {
            "text": [[text or "" for text in row] for row in texts],
            "texttemplate": "%{text}" if len(organs) <= MOST_NUMBERS else "",
            "zmin": 0,
            "zmax": most,
            "colorscale": _SCALE,
        },
    ]
    places: dict[str, Any] = {
        "tickvals": list(range(len(organs))),
        "ticktext": [figures.tick_text(organ) for organ in organs],
        "showgrid": False,
    }
    layout = {
        "xaxis": figures.axis("target", side="bottom", tickangle=-45, **places),
        "yaxis": figures.axis("source", autorange="reversed", **places),
    }
    both = " in brackets those that also stand out from matched genes;" if len(organs) <= MOST_BOTH_NUMBERS else ""
    has_grey = " grey was not scored;" if len(others) > 0 else ""
    caption = (
        f"Number of candidates of the source at the error rate;{both}{has_grey} no square: not asked. A row that is dark throughout can be "
        "one organ that goes with everything, such as with how samples were taken."
    )
    height = 120 + (34 if len(organs) <= MOST_NUMBERS else 20) * len(organs)
    return figures.figure(name, "Which organs go together", caption, traces, layout, height)


def _squares(
    organs: Sequence[str], pairs: Mapping[tuple[str, str], Pair], tell: Callable[[Pair], int]
) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": _grid(organs, pairs, tell),
        "customdata": _grid(organs, pairs, _hover),
        "hovertemplate": "%{customdata}<extra></extra>",
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
    }


def _grid(organs: Sequence[str], pairs: Mapping[tuple[str, str], Pair], tell: Callable[[Pair], Any]) -> list[list[Any]]:
    """What is told of each pair, sources in rows and targets in columns; None where there is no pair."""
    return [
        [tell(pairs[source, target]) if (source, target) in pairs else None for target in organs] for source in organs
    ]


def _square(pair: Pair, n_organs: int) -> str:
    n = len(pair.significant)
    return str(n) if n == 0 or n_organs > MOST_BOTH_NUMBERS else f"{n} ({len(pair.specific)})"


def _hover(pair: Pair) -> str:
    head = f"<b>{figures.plot_text(pair.label)}</b><br>"
    if not pair.is_scored:
        return f"{head}not scored for {figures.plot_text(why_not(pair))}"
    return (
        f"{head}{words.count(len(pair.significant))} at q ≤ {pair.fdr:g} of {words.counted(len(pair.scored), 'candidate')}"
        f"<br>{words.count(len(pair.specific))} beyond matched genes<br>n = {words.count(pair.row['n'])}"
    )


def null_plot(name: str, pair: Pair) -> Markup | None:
    """Scores of permuted individuals as a histogram, and the leading candidates on it; None without a null.

    Each is in standard deviations of its own null, so that candidates with missing values, whose nulls are others, stand on
    one picture.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    pair : Pair
        A scored pair; its table `population_null` has quantiles, of which the bars are made.
    """
    rung = pair.rungs[0] if len(pair.rungs) > 0 else UNADJUSTED
    drawn = _standardised(pair, rung)
    quantiles = _quantiles(pair, rung)
    if len(drawn) == 0 or quantiles["share"].nunique() < FEWEST_QUANTILES:
        return None
    edges, heights = _bars(quantiles["value"].to_numpy(dtype=float), quantiles["share"].to_numpy(dtype=float))
    # In the crowd of those that were not found names would hide the bars; all have their name on hover.
    is_found = drawn["colour"] != figures.MUTED
    named = drawn[is_found] if is_found.any() else drawn.head(NAMED)
    reach = [float(min([edges[0], *drawn["height"]])), float(max([edges[-1], *drawn["height"]]))]
    pad = 0.05 * (reach[1] - reach[0])
    frame = (reach[0] - pad, reach[1] + 2 * pad)
    top = 1.12 * float(heights.max())
    title = f"score in SDs of the null, {_step(pair, rung)} taken out"
    layout = {
        "xaxis": figures.axis(title, range=list(frame), showgrid=False),
        "yaxis": figures.axis("share of the draws", range=[0, top], tickformat=".0%"),
        "bargap": 0,
        "margin": _MARGIN,
        "annotations": _names(
            named,
            (named["height"].to_numpy(dtype=float) - frame[0]) / (frame[1] - frame[0]),
            np.full(len(named), _LOW),
            _OFFSETS,
            [(float(height), _LOW * top) for height in named["height"]],
        ),
    }
    caption = (
        f"Bars: {words.count(quantiles['n_draws'].max())} draws of permuted individuals, from their quantiles. Diamonds: leading candidates, "
        "each in SDs of its own null above the mean of that; filled are those at the error rate, orange if matched genes score as high."
    )
    traces = [_bar_trace(edges, heights), *_diamonds(drawn, top)]
    return figures.figure(name, "Scores against their null", caption, traces, layout, 330)


def _quantiles(pair: Pair, rung: str) -> pd.DataFrame:
    """The null that most candidates share at one step, smallest share first, its values in standard deviations about its mean."""
    nulls, steps = pair.tables["population_null"], pair.tables["population_ladder"]
    own = nulls[(nulls["stratum"] == ALL) & (nulls["rung"] == rung) & nulls["value"].notna()]
    at_step = steps[(steps["stratum"] == ALL) & (steps["rung"] == rung) & (steps["null_sd"] > 0)]
    shared = at_step[at_step["null_name"].isin(set(own["null_name"]))]
    if len(shared) == 0:
        return own.iloc[:0]
    chosen = shared["null_name"].value_counts().index[0]
    mean, sd = shared.loc[shared["null_name"] == chosen, ["null_mean", "null_sd"]].iloc[0]
    found: pd.DataFrame = own[own["null_name"] == chosen].sort_values("share", kind="stable")
    return found.assign(value=(found["value"] - mean) / sd)


def _step(pair: Pair, rung: str) -> str:
    return rung_name(rung, is_adjusted=pair.is_adjusted).replace("+\u00a0", "covariates and ")


def _bars(values: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges of bars of equal width, and the share of draws in each, by a smooth monotone curve through the quantiles."""
    edges = np.linspace(values[0], values[-1], N_BARS + 1)
    if edges[0] == edges[-1]:
        edges = np.linspace(values[0] - 0.5, values[0] + 0.5, N_BARS + 1)
        return edges, np.where(np.arange(N_BARS) == N_BARS // 2, 1.0, 0.0)
    known, first = np.unique(values, return_index=True)
    return edges, np.diff(PchipInterpolator(known, shares[first])(edges))


def _bar_trace(edges: np.ndarray, heights: np.ndarray) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": figures.rounded((edges[:-1] + edges[1:]) / 2),
        "y": figures.rounded(heights, 4),
        "width": float(edges[1] - edges[0]),
        "marker": {"color": figures.FAINT},
        "hovertemplate": "about %{x:.1f} SDs<br>%{y:.2%} of the draws<extra></extra>",
    }


def _standardised(pair: Pair, rung: str) -> pd.DataFrame:
    """Leading candidates with `height`, their score at a step in standard deviations of their null, and `colour`."""
    steps = pair.tables["population_ladder"]
    own = steps[(steps["stratum"] == ALL) & (steps["rung"] == rung) & (steps["null_sd"] > 0)].drop_duplicates("gene")
    heights = pd.Series(((own["score"] - own["null_mean"]) / own["null_sd"]).to_numpy(), index=own["gene"])
    table = pair.scored.head(LEADING)
    known = table.assign(height=table["gene"].map(heights), colour=colours(pair, table))
    return known[known["height"].notna()]


def colours(pair: Pair, table: pd.DataFrame) -> list[str]:
    """By candidate: accent at the error rate, warm if matched genes score as high, grey for what was not found."""
    return [
        figures.MUTED if not q <= pair.fdr else figures.WARM if LIKE_MATCHED in split(flags) else figures.ACCENT
        for q, flags in zip(table["q"], table["flags"], strict=True)
    ]


def _diamonds(drawn: pd.DataFrame, top: float) -> list[dict[str, Any]]:
    if len(drawn) == 0:
        return []
    inks = list(drawn["colour"])
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": figures.rounded(drawn["height"], 4),
            "y": [_LOW * top] * len(drawn),
            "text": [figures.plot_text(gene) for gene in drawn["gene"]],
            "customdata": [
                f"score {score(value)}, p = {words.probability(p)}"
                for value, p in zip(drawn["score"], drawn["p"], strict=True)
            ],
            "marker": {
                "symbol": "diamond",
                "size": 10,
                "color": ["#ffffff" if each == figures.MUTED else each for each in inks],
                "line": {"width": 1.4, "color": ["#ffffff" if each != figures.MUTED else each for each in inks]},
            },
            "hovertemplate": "<b>%{text}</b><br>%{x:.1f} null SDs above<br>%{customdata}<extra></extra>",
        }
    ]


def _names(
    drawn: pd.DataFrame,
    x: np.ndarray,
    y: np.ndarray,
    offsets: Sequence[tuple[float, float]],
    at: Sequence[tuple[float, float]],
) -> list[dict[str, Any]]:
    """Names beside points that lie at shares `x` and `y` of the plot and at the values `at`, where there is room."""
    names = [figures.tick_text(gene) for gene in drawn["gene"]]
    placed = figures.place_names(x, y, names, offsets, _SMALLEST_PLOT)
    return [
        {
            "x": across,
            "y": up,
            "text": name,
            "showarrow": False,
            "xshift": offset[0],
            "yshift": offset[1],
            "font": {"size": 11, "color": ink},
        }
        for (across, up), name, ink, offset in zip(at, names, drawn["colour"], placed, strict=True)
        if offset is not None
    ]


def ladder_plot(name: str, pair: Pair) -> Markup | None:
    """Probabilities of the leading candidates along the steps of adjustment; None with a single step.

    Parameters
    ----------
    name : str
        Identifier of the plot.
    pair : Pair
        A scored pair.
    """
    steps = steps_of(pair)
    rungs = [rung for rung in (UNADJUSTED, *pair.rungs) if rung in set(steps["rung"])]
    table = pair.scored.head(LEADING)
    drawn = table.assign(colour=colours(pair, table))[table["gene"].isin(set(steps["gene"])).to_numpy()]
    if len(rungs) < 2 or len(drawn) == 0:
        return None
    known = _by_step(steps)
    lines = [np.array([known.get((gene, rung), (np.nan, np.nan)) for rung in rungs]) for gene in drawn["gene"]]
    last = [_last(line[:, 0]) for line in lines]
    floor = _smallest_p(pair)
    top = 1.08 * max(
        [1.0, 0.0 if floor is None else floor, *last, *(float(np.nanmax(line[:, 0], initial=0.0)) for line in lines)]
    )
    traces = [_line(row, line) for row, line in zip(drawn.to_dict("records"), lines, strict=True)][::-1]
    right = len(rungs) - 1 + 0.22 * len(rungs)
    across = np.full(len(drawn), (len(rungs) - 0.75) / (right + 0.25))
    layout = {
        "xaxis": figures.axis(
            "taken out of both organs: covariates, then hidden factors",
            tickvals=list(range(len(rungs))),
            ticktext=[rung_name(rung, is_adjusted=pair.is_adjusted).removesuffix("\u00a0factors") for rung in rungs],
            range=[-0.25, right],
            showgrid=False,
        ),
        "yaxis": figures.axis("−log₁₀ p", range=[0, top]),
        "margin": _MARGIN,
        "shapes": [] if floor is None else [_floor_line(floor, len(rungs) - 1)],
        "annotations": _names(
            drawn, across, np.array(last) / top, _SIDEWAYS, [(len(rungs) - 1, height) for height in last]
        ),
    }
    caption = (
        "A candidate counts by its largest p among the steps after the first. One that falls as factors are taken out rests on what many "
        "genes of the source share."
    )
    if floor is not None:
        caption += " Dashed: the smallest p that the draws can give; no draw reached a candidate whose dot lies there."
    return figures.figure(name, "Along the steps of adjustment", caption, traces, layout, 330)


def _by_step(steps: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    """-log10 p, and score in standard deviations of the null, by candidate and step."""
    columns = (steps[name] for name in ("gene", "rung", "p", "score", "null_mean", "null_sd"))
    return {
        (gene, rung): (-np.log10(p) if p > 0 else np.nan, (score - mean) / sd if sd > 0 else np.nan)
        for gene, rung, p, score, mean, sd in zip(*columns, strict=True)
    }


def steps_of(pair: Pair) -> pd.DataFrame:
    """Rows of `population_ladder` of all individuals, of the candidates that are drawn."""
    steps = pair.tables["population_ladder"]
    leading = pair.scored.head(LEADING)["gene"]
    return steps[(steps["stratum"] == ALL) & steps["gene"].isin(leading)].drop_duplicates(["gene", "rung"])


def _last(height: np.ndarray) -> float:
    known = height[np.isfinite(height)]
    return float(known[-1]) if len(known) > 0 else 0.0


def _smallest_p(pair: Pair) -> float | None:
    draws = pair.tables["population_null"]["n_draws"].max()
    return None if words.is_missing(draws) else float(np.log10(1.0 + float(draws)))


def _floor_line(height: float, last: int) -> dict[str, Any]:
    """A line up to the last step, so that it crosses no name."""
    line = {"color": figures.MUTED, "width": 1, "dash": "dash"}
    return {"type": "line", "x0": -0.25, "x1": last, "y0": height, "y1": height, "line": line}


def _line(row: dict[Any, Any], line: np.ndarray) -> dict[str, Any]:
    """-log10 p and null standard deviations at each step, as one line."""
    ink = row["colour"]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(line))),
        "y": figures.rounded(line[:, 0], 4),
        "customdata": figures.rounded(line[:, 1], 3),
        "line": {
            "color": figures.FAINT if ink == figures.MUTED else ink,
            "width": 1.5 if ink == figures.MUTED else 2.2,
        },
        "marker": {"size": 7, "color": ink},
        "hovertemplate": f"<b>{figures.plot_text(row['gene'])}</b><br>−log₁₀ p %{{y:.2f}}<br>%{{customdata:.1f}} null SDs above<extra></extra>",
    }
