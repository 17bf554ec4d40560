"""Tables on the page of one comparison: features, presence and absence, samples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from organokine.report import words
from organokine.report.sections.candidates import heading, sort_value
from organokine.report.templates import fill
from organokine.tables import DIFFERENTIAL, QC, Column, Table

MOST_ROWS = 2000
"""Features up to which all are on the page; above it a browser is slow to sort them."""
LEADING_ROWS = 500
"""Features on the page of a larger table."""
SHOWN = (
    "gene",
    "log2fc",
    "q",
    "p",
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
_SIGNED = frozenset({"log2fc", "ci_low", "ci_high", "shift", "blood_index"})
_PROBABILITIES = frozenset({"p", "q"})


def features(table: pd.DataFrame, fdr: float) -> Markup:
    """The leading features, or all of a small table, to be sorted, searched and filtered."""
    order = np.lexsort((-table["log2fc"].abs().to_numpy(dtype=float), table["p"].to_numpy(dtype=float)))
    rows = table.iloc[order]
    if len(table) > MOST_ROWS:
        rows = rows.head(LEADING_ROWS)
    names = [name for name in SHOWN if name in {"feature", "log2fc", "p", "q", "state"} or _has_value(table[name])]
    if "gene" not in names:
        names = ["feature", *(name for name in names if name != "feature")]
    columns = columns_of(DIFFERENTIAL, names)
    return fill(
        "comparison_features.html.jinja",
        columns=columns,
        rows=[
            (_direction(row["log2fc"]), "yes" if row["q"] < fdr else "no", _cells(DIFFERENTIAL, names, row))
            for row in rows.to_dict("records")
        ],
        n_all=len(table),
        fdr=fdr,
    )


def samples(qc: pd.DataFrame) -> Markup:
    """Detected features, shift, correlation and outliers, sample by sample."""
    names = [name for name in _QC_SHOWN if name in {"sample", "group", "outlier"} or _has_value(qc[name])]
    return _plain(columns_of(QC, names), [_cells(QC, names, row) for row in qc.to_dict("records")], "Samples")


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
    return words.spaced(str(value)) if column.name == "state" else str(value)


def _number_text(column: Column, value: float) -> str:
    if column.name in _SIGNED:
        return words.signed(value)
    if column.name in _PROBABILITIES:
        return words.probability(value)
    return words.percent(value) if column.unit == "share" else f"{value:.2f}".replace("-", "−")


def _cells(table: Table, names: Iterable[str], row: dict[Any, Any]) -> list[dict[str, str]]:
    known = {column.name: column for column in table.columns}
    return [{"text": cell_text(known[name], row[name]), "sort": sort_value(known[name], row[name])} for name in names]


def _column(column: Column) -> dict[str, str]:
    unit = f" Unit: {column.unit}." if column.unit != "" else ""
    meaning = f"{words.sentence(column.meaning.replace('`', ''))}{unit}"
    return {"name": column.name, "kind": column.kind, "heading": heading(column), "help": meaning}


def _plain(columns: list[dict[str, str]], rows: list[list[dict[str, str]]], label: str) -> Markup:
    return fill("comparison_table.html.jinja", columns=columns, rows=rows, label=label)


def _direction(log2fc: float) -> str:
    return "" if words.is_missing(log2fc) or log2fc == 0 else "up" if log2fc > 0 else "down"


def _has_value(values: pd.Series) -> bool:
    return not all(words.is_missing(value) for value in values)


def presence(detection: pd.DataFrame) -> Markup:
    """The features whose presence differs most between the groups."""
    return _leading(detection, "Presence and absence")


def dependent_calls(sensitivity: pd.DataFrame) -> Markup:
    """The features whose call depends on what stands in for missing values."""
    if len(sensitivity) == 0:
        return Markup('<p class="nothing">No call depends on it.</p>')
    return _leading(sensitivity, "Calls that depend on missing values")


def _leading(frame: pd.DataFrame, label: str) -> Markup:
    """The first rows by p, columns by their own kind: for tables whose schema is not `differential`."""
    ordered = frame.sort_values("p", kind="stable") if "p" in frame.columns else frame
    table = Table("shown", "one feature", (), tuple(_inferred(name, frame[name]) for name in frame.columns))
    rows = [_cells(table, table.names(), row) for row in ordered.head(LEADING_CALLS).to_dict("records")]
    shown = _plain(columns_of(table, table.names()), rows, label)
    if len(frame) <= LEADING_CALLS:
        return shown
    return shown + Markup('<p class="aside">The first {} of {} are shown.</p>').format(
        words.count(LEADING_CALLS), words.count(len(frame))
    )


def _inferred(name: str, values: pd.Series) -> Column:
    if pd.api.types.is_bool_dtype(values):
        return Column(name, "flag", "", name)
    if pd.api.types.is_integer_dtype(values):
        return Column(name, "integer", "", name)
    return Column(name, "number" if pd.api.types.is_float_dtype(values) else "text", "", name)
