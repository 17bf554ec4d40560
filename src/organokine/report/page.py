"""The page: sections in a frame, script and style inlined, nothing asked of the outside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from organokine.card_files import CARDS, read_cards
from organokine.output import write_text
from organokine.report import words
from organokine.report.data import ReportData
from organokine.report.finished import POPULATION_MODE, REPORT, mode_of, read_finished
from organokine.report.frame import framed
from organokine.report.population_page import build_population
from organokine.report.sections import SECTIONS
from organokine.tables import TABLES

MANIFEST_KEYS = (
    "organokine",
    "study",
    "simulated",
    "subjects",
    "alpha",
    "tiers",
    "lines",
    "inputs",
    "references",
    "versions",
    "seed",
    "stages",
    "methods",
    "citations",
    "outputs",
)
"""Entries of a manifest without which no page can be made."""


def build(out: Path) -> Path:
    """Write the report of a finished run into its folder.

    Parameters
    ----------
    out : pathlib.Path
        Folder with the tables of `tables.TABLES`, or of population mode, as Parquet and `manifest.json`.

    Returns
    -------
    pathlib.Path
        The page, `report.html`; written aside and renamed, so that there is never half a page.

    Raises
    ------
    OutputError
        If the folder holds no finished run, or its files are not those the run wrote.
    """
    if mode_of(out) == POPULATION_MODE:
        return build_population(out)
    tables, manifest = read_finished(out, TABLES, MANIFEST_KEYS, "organokine run")
    page = out / REPORT
    cards = read_cards(out) if (out / CARDS).is_dir() else {}
    write_text(page, render(tables, manifest, tuple(cards.values())))
    return page


def render(
    tables: Mapping[str, pd.DataFrame], manifest: dict[str, Any], cards: tuple[Mapping[str, Any], ...] = ()
) -> str:
    """The page as text; the same tables and manifest always give the same page.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables of `tables.TABLES` by name.
    manifest : dict
        The manifest of the run.
    cards : tuple of mapping
        Evidence cards in the order of the ranking.

    Returns
    -------
    str
        HTML without outside requests.
    """
    data = ReportData(tables, manifest, cards)
    return framed(
        "page.html.jinja",
        title=data.study["study"]["name"],
        species=data.species_plural,
        axis=data.axis,
        contrast=data.contrast,
        sizes=data.subjects_per_group(),
        pairs=[words.count(n) for n in data.pairs_per_group()],
        created=manifest["created"],
        version=manifest["organokine"],
        simulated=manifest["simulated"],
        sections=[(section, section.html(data)) for section in SECTIONS if not section.is_left_out(data)],
    )
