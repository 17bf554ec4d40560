"""The two plots of docs/population-figures.md, drawn from the tables on that page.

    python benchmarks/population_plots.py            writes them
    python benchmarks/population_plots.py --check    names the stale ones and exits 1

A plot shows what its table says and nothing else, so that it is drawn again when the table changes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "population-figures.md"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 64, 190, 16, 48
COLOURS = ("#0b5f8a", "#b5521b", "#4c7a34", "#7a4c8f", "#8a6d0b", "#555555")

Points = Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """Label, and the values at which it is marked; on a logarithmic scale or not."""

    label: str
    marks: Sequence[float]
    logarithmic: bool

    def place(self, value: float) -> float:
        """0 to 1 along the axis."""
        low, high, at = (np.log(x) if self.logarithmic else x for x in (self.marks[0], self.marks[-1], value))
        return float((at - low) / (high - low))


def table_after(text: str, heading: str) -> list[list[str]]:
    """Cells of the first table below a heading, without the line of dashes."""
    lines = text[text.index(heading) :].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [rows[0], *rows[2:]]


def chart(series: Mapping[str, Points], x: Axis, y: Axis, title: str) -> str:
    """Lines with dots as an SVG picture."""
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return LEFT + across * x.place(point[0]), TOP + down * (1 - y.place(point[1]))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="12">',
        f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for mark in x.marks:
        place = LEFT + across * x.place(mark)
        parts.append(f'<text x="{place:.1f}" y="{TOP + down + 16}" text-anchor="middle" fill="#444">{mark:,g}</text>')
    for mark in y.marks:
        place = TOP + down * (1 - y.place(mark))
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + across}" y1="{place:.1f}" y2="{place:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end" fill="#444">{mark:,g}</text>')
    parts.append(f'<text x="{LEFT + across / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x.label)}</text>')
    parts.append(
        f'<text x="14" y="{TOP + down / 2}" text-anchor="middle" transform="rotate(-90 14 {TOP + down / 2})">{escape(y.label)}</text>'
    )
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number]
        placed = [at(point) for point in points]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in placed)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.extend(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in placed)
        key = TOP + 12 + 20 * number
        parts.append(f'<circle cx="{WIDTH - RIGHT + 18}" cy="{key - 4}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 28}" y="{key}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def cost_plot(page: str) -> str:
    """Processor time of the score against the number of products it takes."""
    rows = [
        [float(cell.replace(",", "")) for cell in row]
        for row in table_after(page, "The cost is that of the products")[1:]
    ]
    products = [row[0] * row[1] * row[2] / 1e9 for row in rows]
    series = {
        name: sorted(zip(products, [row[column] for row in rows], strict=True))
        for name, column in (("complete", 3), ("1 in 100 missing", 4))
    }
    x = Axis("sources x targets x individuals, 1e9", (0.5, 1, 2, 5, 10), logarithmic=True)
    y = Axis("CPU of the score, s", (0.01, 0.03, 0.1, 0.3, 1, 3), logarithmic=True)
    return chart(series, x, y, "Processor time of the secretion score against its size")


def nuisance_plot(page: str) -> str:
    """Share of candidates called where nothing is to be found, against the loading of a nuisance that both organs share."""
    header, *rows = table_after(page, "### No message, a nuisance that both organs share")
    loadings = [float(row[0].removeprefix("loading ")) for row in rows]
    names = {
        "none": "nothing taken out",
        "0": "sex and age",
        "5": "and 5 factors",
        "15": "and 15 factors",
        "matched, 0": "matched genes",
    }
    series = {
        said: list(zip(loadings, [float(row[header.index(name)]) for row in rows], strict=True))
        for name, said in names.items()
    }
    x = Axis("loading of the shared nuisance", (0, 0.2, 0.4, 0.6, 0.8), logarithmic=False)
    y = Axis("share at p of .05", (0, 0.2, 0.4, 0.6, 0.8, 1), logarithmic=False)
    return chart(series, x, y, "False calls against a nuisance that both organs share")


PLOTS = {"population-cost.svg": cost_plot, "population-nuisance.svg": nuisance_plot}


def main() -> int:
    """Write the plots, or say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    page = PAGE.read_text(encoding="utf-8")
    stale = []
    for name, draw in PLOTS.items():
        place, drawn = DOCS / name, draw(page)
        if check and (not place.exists() or place.read_text(encoding="utf-8") != drawn):
            stale.append(name)
        elif not check:
            place.write_text(drawn, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{name} does not show its table; run benchmarks/population_plots.py")
    return int(len(stale) > 0)


if __name__ == "__main__":
    sys.exit(main())
