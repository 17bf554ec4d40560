"""The page of one comparison: one table, one question, everything on one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from markupsafe import Markup

from organokine import __version__
from organokine.report import comparison_figures, comparison_tables, comparison_words
from organokine.report.comparison_question import MOST_NUMBERS, Question, group_names, number_marker, sizes, worded
from organokine.report.frame import framed
from organokine.report.quality_figures import Markers, components
from organokine.report.templates import fill
from organokine.tables import FLAGS, JOINS

if TYPE_CHECKING:
    from organokine.design import Asked


class Part(NamedTuple):
    """Head of one part of the page: its anchor, its title, and how to read it."""

    name: str
    title: str
    description: str


def comparison_page(  # noqa: PLR0913  each argument is one thing that is shown
    name: str,
    table: pd.DataFrame,
    *,
    asked: Asked,
    qc: pd.DataFrame,
    detection: pd.DataFrame | None = None,
    sensitivity: pd.DataFrame | None = None,
    joins: pd.DataFrame | None = None,
    flags: pd.DataFrame | None = None,
    facts: Mapping[str, str],
    fdr: float = 0.05,
    minimum_effect: float = 0.0,
    engine: str = "moderated",
    command: str = "",
    versions: Mapping[str, str] | None = None,
) -> str:
    """The report of one comparison as a single HTML file without outside requests.

    Parameters
    ----------
    name : str
        Name of the assay; the title of the page is this and the question.
    table : pandas.DataFrame
        Table `differential` of one assay, in any order; table `joint` for any difference between levels.
    asked : ContrastSection, LevelContrast, Slope or AnyLevel
        The question, with the levels as the sample sheet calls them.
    qc : pandas.DataFrame
        Table `qc` of the same assay; may be empty. For a slope the column `group` holds the number of each sample.
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
        Smallest change the test asked for, log2 (per unit of the factor for a slope); 0 for a test against no change.
    engine : str
        `moderated` or `deseq2`: what the column `sd` means.
    command : str
        Command or call that makes the page again; left out if empty.
    versions : mapping of str to str, optional
        Versions of the packages that computed it.

    Returns
    -------
    str
        HTML; the same arguments always give the same page.
    """
    question = worded(asked)
    parts = [
        (_ANSWER, _answer(table, question, fdr, minimum_effect)),
        (_FIGURES, _figures(table, question, fdr, minimum_effect, engine)),
        (_FEATURES, comparison_tables.features(table, question, fdr)),
        (_SAMPLES, _samples(qc, question)),
        (_BOOKKEEPING, _bookkeeping(joins, flags)),
        (_METHODS, fill("comparison_methods.html.jinja", facts=facts, versions=versions or {}, command=command)),
    ]
    if detection is not None and len(detection) > 0:
        parts.insert(3, (_DETECTION, comparison_tables.presence(detection, fdr)))
    if sensitivity is not None:
        parts.insert(-3, (_SENSITIVITY, comparison_tables.dependent_calls(sensitivity)))
    return framed(
        "comparison.html.jinja",
        title=f"{name}, {question.title}",
        version=__version__,
        groups=sizes(qc, question),
        sections=parts,
    )


def _answer(table: pd.DataFrame, question: Question, fdr: float, minimum_effect: float) -> Markup:
    sentences = comparison_words.answer(table, question, fdr, minimum_effect)
    return fill("comparison_answer.html.jinja", sentences=sentences)


def _figures(table: pd.DataFrame, question: Question, fdr: float, minimum_effect: float, engine: str) -> Markup:
    plots = [
        comparison_figures.volcano(table, question, fdr),
        comparison_figures.change_against_level(table, question, fdr),
        comparison_figures.p_values(table, question, minimum_effect),
        comparison_figures.spread_against_level(table, question, fdr, engine),
    ]
    drawn = [plot for plot in plots if plot is not None]
    if len(drawn) == 0:
        return Markup('<p class="nothing">No feature was tested: there is nothing to draw.</p>')
    return fill("plots.html.jinja", plots=drawn, size="wide")


def _samples(qc: pd.DataFrame, question: Question) -> Markup:
    if len(qc) == 0:
        return Markup('<p class="nothing">No quality measures were kept.</p>')
    groups = group_names(qc, question)
    if question.is_slope:
        shades = Markers(number_marker, len(groups) <= MOST_NUMBERS, "Light is the lowest number, dark the highest.")
        plot = components(groups, "components", "Samples", qc, shades)
    else:
        plot = components(groups, "components", "Samples", qc)
    plots = Markup("") if plot is None else fill("plots.html.jinja", plots=[plot], size="wide")
    return plots + comparison_tables.samples(qc, question.factor)


def _bookkeeping(joins: pd.DataFrame | None, flags: pd.DataFrame | None) -> Markup:
    shown = comparison_tables.bookkeeping(
        JOINS.empty() if joins is None else joins, FLAGS.empty() if flags is None else flags
    )
    return Markup('<p class="nothing">Nothing was dropped and nothing was remarked.</p>') if shown == "" else shown


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
