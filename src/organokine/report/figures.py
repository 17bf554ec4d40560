"""Plots as plain JSON beside the place where the page draws them, in one quiet style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from plotly.io.json import to_json_plotly

from organokine.report.templates import fill

ACCENT = "#0b5f8a"
WARM = "#b3500a"
INK = "#23282d"
MUTED = "#667079"
FAINT = "#b9bec3"
RULE = "#e7e4dd"
VEIL = "rgba(253,252,250,0.72)"
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
MORE_GROUPS = ("#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Colours of levels beyond control and case, from the palette of Okabe and Ito (2008), safe for the colour-blind."""


def plot_text(text: object) -> str:
    """Text that plotly shows letter by letter: it reads a few HTML tags in every label, so none may be left."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: object, most: int = 16) -> str:
    """Text of so many letters at most, as it is: for the title of an axis, which `axis` makes safe."""
    whole = str(text)
    return whole if len(whole) <= most else f"{whole[: most - 1]}…"


def tick_text(text: object, most: int = 16) -> str:
    """Text beside an axis: too long a name is cut, and stands in full on hover."""
    return plot_text(shortened(text, most))


def rounded(values: Iterable[float], digits: int = 5) -> list[float | None]:
    """Numbers to so many significant digits, None where not finite: enough for the eye, and a smaller page."""
    return [
        float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in np.asarray(list(values), dtype=float)
    ]


def axis(title: str, **options: object) -> dict[str, Any]:
    """One axis in the style of the page."""
    return {
        "title": {"text": plot_text(title), "standoff": 6, "font": {"size": 12, "color": MUTED}},
        "showgrid": True,
        "gridcolor": RULE,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 11, "color": MUTED},
        "automargin": True,
        "type": "linear",
        **options,
    }


def place_names(
    x: np.ndarray,
    y: np.ndarray,
    names: Sequence[str],
    offsets: Sequence[tuple[float, float]],
    size: tuple[float, float],
) -> list[tuple[float, float] | None]:
    """Where names stand beside their points without covering one another.

    Parameters
    ----------
    x, y : numpy.ndarray
        (n_names,) position of each point as a share of the plot, from its lower left corner.
    names : sequence of str
        The names, the most important first.
    offsets : sequence of (float, float)
        Offsets of a name's centre from its point in pixels, right and up, in order of preference; half of the name's width
        is added on the side of a sideways offset.
    size : (float, float)
        Width and height in pixels of the smallest plot that must stay readable.

    Returns
    -------
    list of (float, float) or None
        Offset of the centre of each name; None where there is no free place, so that the name is left to the hover.
    """
    letter, line = 6.6, 13.0
    centres = [(float(across) * size[0], float(up) * size[1]) for across, up in zip(x, y, strict=True)]
    taken = [(across - 5, across + 5, up - 5, up + 5) for across, up in centres]
    placed: list[tuple[float, float] | None] = []
    for own, (name, (across, up)) in enumerate(zip(names, centres, strict=True)):
        half = letter * len(name) / 2
        found = None
        for right, above in offsets:
            shift = right + float(np.sign(right)) * half
            box = (across + shift - half, across + shift + half, up + above - line / 2, up + above + line / 2)
            others = [each for place, each in enumerate(taken) if place != own]
            if _inside(box, size) and not any(_overlap(box, other) for other in others):
                found = (shift, above)
                taken.append(box)
                break
        placed.append(found)
    return placed


def _inside(box: tuple[float, float, float, float], size: tuple[float, float]) -> bool:
    return box[0] >= 0 and box[1] <= size[0] and box[2] >= 0 and box[3] <= size[1]


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def group_marker(groups: Sequence[str], group: str, size: int = 9) -> dict[str, Any]:
    """Marker of a group: control hollow and grey, case filled in the accent colour, others by colour and shape."""
    place = groups.index(group) if group in groups else 0
    if place == 0:
        return {"size": size, "color": "#ffffff", "symbol": "circle", "line": {"color": MUTED, "width": 1.6}}
    if place == 1:
        return {"size": size, "color": ACCENT, "symbol": "circle", "line": {"color": "#ffffff", "width": 0.8}}
    shape = ("diamond", "square", "triangle-up", "x", "star")[(place - 2) % len(MORE_GROUPS)]
    return {"size": size, "color": MORE_GROUPS[(place - 2) % len(MORE_GROUPS)], "symbol": shape}


def figure(
    name: str,
    title: str,
    caption: str,
    traces: list[dict[str, Any]],
    layout: Mapping[str, Any],
    height: int = 320,
) -> Markup:
    """One plot of the page: its heading, its place, its data, and its caption.

    Parameters
    ----------
    name : str
        Identifier, unique on the page: letters, digits and hyphens only.
    title : str
        Heading above the plot.
    caption : str
        What to see, in words; also read aloud in place of the plot.
    traces, layout : list of dict, mapping
        As plotly takes them; text from tables must have gone through `plot_text`.
    height : int
        Pixels.

    Returns
    -------
    markupsafe.Markup
        A `figure` element.
    """
    style = {
        "height": height,
        "margin": {"l": 52, "r": 14, "t": 10, "b": 44},
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "showlegend": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
            "font": {"size": 12},
        },
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": FAINT,
            "align": "left",
            "font": {"family": FONT, "size": 12},
        },
    }
    data = to_json_plotly({"data": traces, "layout": {**style, **layout}}, engine="json")
    # plotly escapes "</" by itself; the second look keeps the page whole should that ever change.
    safe = Markup(data.replace("</", "<\\/"))
    return fill("figure.html.jinja", name=name, title=title, caption=caption, height=height, data=safe)
