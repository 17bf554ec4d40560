"""The page of a population: who goes with whom across individuals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from organokine import __version__
from organokine.output import write_text
from organokine.population_tables import POPULATION_TABLES
from organokine.report import population_blocks, population_words
from organokine.report.comparison import Part
from organokine.report.finished import REPORT, read_finished
from organokine.report.frame import framed
from organokine.report.population_pairs import pairs_of
from organokine.report.population_words import in_words
from organokine.report.sections import joins as bookkeeping
from organokine.report.templates import fill
from organokine.tables import FLAGS, JOINS

__all__ = ["build_population", "build_population_page", "in_words"]

MANIFEST_KEYS = ("study", "alpha", "methods", "versions", "outputs")
"""Entries of a manifest without which no page can be made."""


def build_population(out: Path) -> Path:
    """Write the report of a finished run of population mode into its folder.

    Parameters
    ----------
    out : pathlib.Path
        Folder with the tables of `population_tables.POPULATION_TABLES`, `joins` and `flags` as Parquet, and `manifest.json`.

    Returns
    -------
    pathlib.Path
        The page, `report.html`.

    Raises
    ------
    OutputError
        If the folder holds no finished run, or its files are not those the run wrote.
    """
    tables, manifest = read_finished(out, (*POPULATION_TABLES, JOINS, FLAGS), MANIFEST_KEYS, "organokine population")
    study = manifest["study"]["study"]
    page = build_population_page(
        tables,
        manifest["methods"],
        title=study["name"],
        species=study["species"],
        fdr=manifest["alpha"],
        joins=tables[JOINS.name],
        flags=tables[FLAGS.name],
        command="organokine population study.toml",
        versions=manifest["versions"],
    )
    write_text(out / REPORT, page)
    return out / REPORT


def build_population_page(  # noqa: PLR0913  each argument is one thing that is shown
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, str],
    *,
    title: str,
    species: str = "",
    fdr: float = 0.1,
    joins: pd.DataFrame | None = None,
    flags: pd.DataFrame | None = None,
    command: str = "",
    versions: Mapping[str, str] | None = None,
) -> str:
    """The report of population mode as a single HTML file without outside requests.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        By name of the schema in `population_tables.py`; absent ones are taken as empty.
    facts : mapping of str to str
        What was done, in words, by name.
    title : str
        Heading of the page.
    species : str
        As a study file names it, such as `mouse`; "individuals" are spoken of without it.
    fdr : float
        False discovery rate at or below which a candidate counts as significant; that of the run, by which
        `population_pairs` counts.
    joins, flags : pandas.DataFrame, optional
        What was matched and lost, and remarks; their part is left out unless both are given.
    command : str
        Command or call that makes the page again; left out if empty.
    versions : mapping of str to str, optional
        Versions of the packages that computed it.

    Returns
    -------
    str
        HTML; the same arguments always give the same page.
    """
    pairs = pairs_of(tables, fdr)
    said = population_words.answer(pairs, fdr, species)
    methods = fill("comparison_methods.html.jinja", facts=facts, versions=versions or {}, command=command)
    nothing = Markup('<p class="nothing">There is no pair of organs to show.</p>')
    parts = [
        (_ANSWER, fill("comparison_answer.html.jinja", sentences=said)),
        (_MAP, population_blocks.overview(pairs) if len(pairs) > 0 else nothing),
        (_PAIRS, population_blocks.blocks(pairs, species) if len(pairs) > 0 else nothing),
        (_LIMITS, fill("population_limits.html.jinja", limits=population_words.LIMITS)),
        (_METHODS, methods),
    ]
    if joins is not None and flags is not None:
        counted = bookkeeping.of_tables(joins, flags) or f'<p class="nothing">{bookkeeping.SECTION.empty}</p>'
        parts.insert(-2, (_JOINS, Markup(counted)))
    return framed("comparison.html.jinja", title=title, version=__version__, groups={}, sections=parts)


_ANSWER = Part("answer", "Answer", "")
_MAP = Part("map", "Organs", "From source to target: whether genes that the source secretes go with many genes of the target, individual by individual.")  # fmt: skip
_PAIRS = Part(
    "pairs",
    "Pairs of organs",
    "Those with most to show first. A score is the mean of −ln p of a candidate's correlations with all genes of the target; p asks how "
    "often permuted individuals give as high a score. Rest on a heading to read what a column means; a dash is “not asked” or “not "
    "measured”, never zero.",
)
_JOINS = Part(bookkeeping.SECTION.name, bookkeeping.SECTION.title, bookkeeping.SECTION.description)
_LIMITS = Part("limits", "What this does not show", "")
_METHODS = Part("methods", "Methods", "What was done, and what it takes to do it again.")
