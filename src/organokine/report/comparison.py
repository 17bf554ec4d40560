"""The page of one comparison: one table, two groups, everything on one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from organokine import __version__
from organokine.report import comparison_figures, comparison_tables, comparison_words
from organokine.report.frame import framed
from organokine.report.sections import quality
from organokine.report.templates import fill
from organokine.tables import FLAGS, JOINS


class Part(NamedTuple):
    """Head of one part of the page: its anchor, its title, and how to read it."""

    name: str
    title: str
    description: str


def comparison_page(  # noqa: PLR0913  each argument is one thing that is shown
    title: str,
    table: pd.DataFrame,
    *,
    groups: tuple[str, str],
    qc: pd.DataFrame,
    detection: pd.DataFrame | None = None,
    sensitivity: pd.DataFrame | None = None,
    joins: pd.DataFrame | None = None,
    flags: pd.DataFrame | None = None,
    facts: Mapping[str, str],
    fdr: float = 0.05,
    minimum_effect: float = 0.0,
    command: str = "",
    versions: Mapping[str, str] | None = None,
) -> str:
    """The report of one comparison as a single HTML file without outside requests.

    Parameters
    ----------
    title : str
        What was compared.
    table : pandas.DataFrame
        Table `differential` of one assay, in any order.
    groups : (str, str)
        Case and control, as the sample sheet calls them.
    qc : pandas.DataFrame
        Table `qc` of the same assay; may be empty.
    detection : pandas.DataFrame, optional
        Table `detection`: presence and absence beside the levels.
    sensitivity : pandas.DataFrame, optional
        Calls that depend on what is put in place of missing values; None if that was not asked.
    joins, flags : pandas.DataFrame, optional
        What was matched and lost, and remarks.
    facts : mapping of str to str
        What was done, in words, by name.
    fdr : float
        False discovery rate below which a feature counts as found; 0.05 is the custom of the field.
    minimum_effect : float
        Smallest log2 change the test asked for; 0 for a test against no change.
    command : str
        Command or call that makes the page again; left out if empty.
    versions : mapping of str to str, optional
        Versions of the packages that computed it.

    Returns
    -------
    str
        HTML; the same arguments always give the same page.
    """
    parts = [
        (_ANSWER, _answer(table, groups, fdr, minimum_effect)),
        (_FIGURES, _figures(table, groups, fdr, minimum_effect)),
        (_FEATURES, comparison_tables.features(table, fdr)),
        (_SAMPLES, _samples(qc, groups)),
        (_BOOKKEEPING, _bookkeeping(joins, flags)),
        (_METHODS, fill("comparison_methods.html.jinja", facts=facts, versions=versions or {}, command=command)),
    ]
    if detection is not None and len(detection) > 0:
        parts.insert(3, (_DETECTION, comparison_tables.presence(detection, fdr)))
    if sensitivity is not None:
        parts.insert(-3, (_SENSITIVITY, comparison_tables.dependent_calls(sensitivity)))
    return framed(
        "comparison.html.jinja",
        title=title,
        version=__version__,
        groups=_sizes(qc, groups),
        sections=parts,
    )


def _answer(table: pd.DataFrame, groups: tuple[str, str], fdr: float, minimum_effect: float) -> Markup:
    sentences = comparison_words.answer(table, groups, fdr, minimum_effect)
    return fill("comparison_answer.html.jinja", sentences=sentences)


def _figures(table: pd.DataFrame, groups: tuple[str, str], fdr: float, minimum_effect: float) -> Markup:
    plots = [
        comparison_figures.volcano(table, groups, fdr),
        comparison_figures.change_against_level(table, groups, fdr),
        comparison_figures.p_values(table, minimum_effect),
        comparison_figures.spread_against_level(table, fdr),
    ]
    drawn = [plot for plot in plots if plot is not None]
    if len(drawn) == 0:
        return Markup('<p class="nothing">No feature was tested: there is nothing to draw.</p>')
    return fill("plots.html.jinja", plots=drawn, size="wide")


def _samples(qc: pd.DataFrame, groups: tuple[str, str]) -> Markup:
    if len(qc) == 0:
        return Markup('<p class="nothing">No quality measures were kept.</p>')
    known = (groups[1], groups[0])
    others = tuple(sorted({str(group) for group in qc["group"]} - {*known, ""}))
    plot = quality.components((*known, *others), "components", "Samples", qc)
    plots = Markup("") if plot is None else fill("plots.html.jinja", plots=[plot], size="wide")
    return plots + comparison_tables.samples(qc)


def _bookkeeping(joins: pd.DataFrame | None, flags: pd.DataFrame | None) -> Markup:
    shown = comparison_tables.bookkeeping(
        JOINS.empty() if joins is None else joins, FLAGS.empty() if flags is None else flags
    )
    return Markup('<p class="nothing">Nothing was dropped and nothing was remarked.</p>') if shown == "" else shown


def _sizes(qc: pd.DataFrame, groups: tuple[str, str]) -> dict[str, int]:
    counted = qc["group"].value_counts()
    return {group: int(counted.get(group, 0)) for group in groups}


_ANSWER = Part("answer", "Answer", "")
_FIGURES = Part("figures", "Figures", "")
_FEATURES = Part(
    "features",
    "Features",
    "Best first: by q, then p. Press a heading to sort; rest on it to read what the column means. A dash is “not measured” or “not "
    "tested”, never zero.",
)
_DETECTION = Part(
    "detection",
    "Presence and absence",
    "Whether a feature is measured at all, in one group more often than in the other. This is asked apart from the levels, and "
    "with fewer than four samples in a group it describes and does not test.",
)
_SENSITIVITY = Part(
    "sensitivity",
    "Calls that depend on missing values",
    "The comparison was run again with missing values filled in two ways. Nothing was filled in for the result above.",
)
_SAMPLES = Part(
    "samples",
    "Samples",
    "Samples after normalisation. Those that stand apart are named and stay in: to take one out, take it out of the sample sheet.",
)
_BOOKKEEPING = Part(
    "joins", "What was matched, dropped or remarked", "Nothing leaves a table without being counted here."
)
_METHODS = Part("methods", "Methods", "What was done, and what it takes to do it again.")
