"""Tables on the page of one comparison: features, presence and absence, samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import words
from organokine.report.comparison_question import Question
from organokine.report.comparison_words import best_first
from organokine.report.sections.candidates import heading, sort_value
from organokine.report.templates import fill
from organokine.tables import DETECTION, DIFFERENTIAL, FLAGS, JOINS, JOINT, QC, SENSITIVITY, Column, Table

MOST_ROWS = 2000
"""Features up to which all are on the page; above it a browser is slow to sort them."""
LEADING_ROWS = 500
"""Features on the page of a larger table."""
SHOWN = (
    "gene",
    "log2fc",
    "q",
    "p",
    "discovery_p",
    "ci_low",
    "ci_high",
    "mean_log2",
    "sd",
    "n_case",
    "n_control",
    "n_missing",
    "feature",
    "protein",
    "state",
)
"""Columns of the features in their order: a narrow screen shows the change and how sure it is first."""
SHOWN_JOINT = (
    "gene",
    "largest_log2fc",
    "q",
    "highest",
    "lowest",
    "p",
    "f",
    "mean_log2",
    "sd",
    "n_measured",
    "n_missing",
    "feature",
    "protein",
    "state",
)
"""The same for any difference between levels."""
LEADING_CALLS = 50
"""Rows of the smaller tables."""
_QC_SHOWN = (
    "sample",
    "group",
    "n_detected",
    "missing_fraction",
    "shift",
    "median_correlation",
    "blood_index",
    "outlier",
)
_DETECTION_SHOWN = (
    "gene",
    "feature",
    "detected_case",
    "n_case",
    "detected_control",
    "n_control",
    "q",
    "p",
    "log_odds",
    "ci_low",
    "ci_high",
    "log2fc_bound",
    "mean_log2",
    "state",
)
_SENSITIVITY_SHOWN = (
    "gene",
    "feature",
    "verdict",
    "n_missing",
    "log2fc",
    "q",
    "downshift_log2fc",
    "downshift_q",
    "downshift_called",
    "neighbours_log2fc",
    "neighbours_q",
)
_JOINS_SHOWN = ("item", "n", "of", "example", "note")
_FLAGS_SHOWN = ("name", "flag", "detail")
_SIGNED = frozenset({"log2fc", "ci_low", "ci_high", "shift", "blood_index", "log_odds", "log2fc_bound"})
_WORDED = frozenset({"state", "verdict", "flag"})


def features(table: pd.DataFrame, question: Question, fdr: float) -> Markup:
    """The leading features, or all of a small table, to be sorted, searched and filtered."""
    schema, shown = (DIFFERENTIAL, SHOWN) if question.is_signed else (JOINT, SHOWN_JOINT)
    rows = best_first(table, question)
    if len(table) > MOST_ROWS:
        rows = rows.head(LEADING_ROWS)
    names = [name for name in shown if name in {question.effect, "p", "q", "state"} or _has_value(table[name])]
    if "gene" not in names:
        names = ["feature", *(name for name in names if name != "feature")]
    names = _without_repeats(table, names)
    columns = [_reworded(column, question) for column in columns_of(schema, names)]
    sizes = dict.fromkeys((question.effect, "ci_low", "ci_high"), question.size)
    return fill(
        "comparison_features.html.jinja",
        columns=columns,
        rows=[
            (_direction(row[question.effect]), "yes" if row["q"] < fdr else "no", _cells(schema, names, row, sizes))
            for row in rows.to_dict("records")
        ],
        n_all=len(table),
        fdr=fdr,
        is_signed=question.is_signed,
    )


def samples(qc: pd.DataFrame, factor: str) -> Markup:
    """Level of the factor, detected features, shift, correlation and outliers, sample by sample."""
    names = [name for name in _QC_SHOWN if name in {"sample", "group", "outlier"} or _has_value(qc[name])]
    columns = [column | ({"heading": factor} if column["name"] == "group" else {}) for column in columns_of(QC, names)]
    return _plain(columns, [_cells(QC, names, row) for row in qc.to_dict("records")], "Samples")


def columns_of(table: Table, names: Iterable[str]) -> list[dict[str, str]]:
    """Heading, kind and help of columns, from the schema."""
    known = {column.name: column for column in table.columns}
    return [_column(known[name]) for name in names]


def cell_text(column: Column, value: Any) -> str:
    """One cell in words: changes signed, probabilities by size, shares as percentages."""
    if words.is_missing(value):
        return words.MISSING
    if column.kind == "number":
        return _number_text(column, float(value))
    if column.kind == "integer":
        return words.count(value)
    if column.kind == "flag":
        return "yes" if bool(value) else "no"
    return words.spaced(str(value)) if column.name in _WORDED else str(value)


def _number_text(column: Column, value: float) -> str:
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    if column.name in _SIGNED or column.name.endswith("_log2fc"):
        return words.signed(value)
    if column.name in {"p", "q", "discovery_p"} or column.name.endswith("_q"):
        return words.probability(value)
    return words.percent(value) if column.unit == "share" else f"{value:.2f}".replace("-", "−")


def _cells(
    table: Table, names: Iterable[str], row: dict[Any, Any], texts: Mapping[str, Callable[[float], str]] | None = None
) -> list[dict[str, str]]:
    """Text and sort key of each cell; `texts` says how columns are written that are not written as usual."""
    known = {column.name: column for column in table.columns}
    special = {} if texts is None else texts
    return [
        {
            "text": special[name](row[name]) if name in special else cell_text(known[name], row[name]),
            "sort": sort_value(known[name], row[name]),
        }
        for name in names
    ]


def _reworded(column: dict[str, str], question: Question) -> dict[str, str]:
    """A column whose meaning, and for the effect the heading, is that of the question."""
    if column["name"] not in question.meanings:
        return column
    renamed = {"heading": question.short} if column["name"] == question.effect else {}
    return column | renamed | {"help": words.sentence(question.meanings[column["name"]])}


def _column(column: Column) -> dict[str, str]:
    unit = f" Unit: {column.unit}." if column.unit != "" else ""
    meaning = f"{words.sentence(column.meaning.replace('`', ''))}{unit}"
    return {"name": column.name, "kind": column.kind, "heading": heading(column), "help": meaning}


def _plain(columns: list[dict[str, str]], rows: list[list[dict[str, str]]], label: str) -> Markup:
    return fill("comparison_table.html.jinja", columns=columns, rows=rows, label=label)


def _direction(log2fc: float) -> str:
    return "" if words.is_missing(log2fc) or log2fc == 0 else "up" if log2fc > 0 else "down"


def _without_repeats(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Names of the columns without identifiers that repeat the column before them in every row."""
    identifiers = [name for name in ("gene", "feature", "protein") if name in names]
    repeated = {
        later for earlier, later in combinations(identifiers, 2) if bool((frame[earlier] == frame[later]).all())
    }
    return [name for name in names if name not in repeated]


def _has_value(values: pd.Series) -> bool:
    return not all(words.is_missing(value) for value in values)


def presence(detection: pd.DataFrame, fdr: float) -> Markup:
    """Features whose presence differs most between the groups, in their own order."""
    tested = detection[detection["p"].notna()]
    text = f"{words.counted(len(detection), 'feature')} measured in some samples and not in others; "
    if (detection["state"] == "by_batch").any():
        text += "samples lack the same ones in whole batches, as in isobaric plexes, so that this describes and does not test."
    elif len(tested) == 0:
        text += "with so few samples in a group this describes and does not test."
    else:
        n_found = int((tested["q"] < fdr).sum())
        text += f"{words.count(len(tested))} tested, {words.count(n_found)} at q < {fdr:g}."
    ordered = detection.sort_values("rank", kind="stable")
    return _aside(text) + _leading(DETECTION, _DETECTION_SHOWN, ordered, "Presence and absence")


def dependent_calls(sensitivity: pd.DataFrame) -> Markup:
    """How many calls depend on what stands in for missing values, and which."""
    if len(sensitivity) == 0:
        return Markup('<p class="nothing">No feature was called with or without missing values filled in.</p>')
    n = sensitivity["verdict"].value_counts()
    text = "; ".join(f"{words.spaced(str(verdict))}: {words.count(int(count))}" for verdict, count in n.items())
    unstable_first = sensitivity.assign(place=sensitivity["verdict"] == "stable").sort_values(
        ["place", "q"], kind="stable", na_position="last"
    )
    shown = _leading(SENSITIVITY, _SENSITIVITY_SHOWN, unstable_first, "Calls that depend on missing values")
    return _aside(words.sentence(text)) + shown


def bookkeeping(joins: pd.DataFrame, flags: pd.DataFrame) -> Markup:
    """What was matched, lost and remarked."""
    tables = ((JOINS, _JOINS_SHOWN, joins, "What was matched and lost"), (FLAGS, _FLAGS_SHOWN, flags, "Remarks"))
    return Markup("").join(
        Markup("<h3>{}</h3>").format(label) + _leading(table, names, frame, label)
        for table, names, frame, label in tables
        if len(frame) > 0
    )


def _leading(table: Table, wanted: Iterable[str], frame: pd.DataFrame, label: str) -> Markup:
    """The first rows; columns without any value are left out."""
    names = _without_repeats(frame, [name for name in wanted if _has_value(frame[name])])
    rows = [_cells(table, names, row) for row in frame.head(LEADING_CALLS).to_dict("records")]
    shown = _plain(columns_of(table, names), rows, label)
    if len(frame) <= LEADING_CALLS:
        return shown
    return shown + _aside(f"The first {words.count(LEADING_CALLS)} of {words.count(len(frame))} are shown.")


def _aside(text: str) -> Markup:
    return Markup('<p class="aside">{}</p>').format(text)
