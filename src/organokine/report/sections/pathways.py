"""Processes and signalling pathways: source, target and perturbations side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from organokine.report import words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

MOST_ROWS = 15
"""Sets shown of one collection; as many as are read. All are in the table of the run."""
FEWEST_ROWS = 5
"""Sets shown although none is significant, so that a reader sees what came nearest."""
CONTRAST = "contrast"


def build(data: ReportData) -> str:
    """One table per collection: a row per set, a column per comparison of the two organs and the perturbations."""
    table = data.tables["pathways"]
    columns = _columns(data, table)
    if len(columns) == 0:
        return ""
    shown = table.merge(columns[["comparison", "assay", "label"]], on=["comparison", "assay"])
    collections = list(dict.fromkeys(shown["collection"]))
    blocks = [
        _block(name, shown[shown["collection"] == name], list(columns["label"]), data.alpha) for name in collections
    ]
    return fill("pathways.html.jinja", blocks=blocks, alpha=f"{data.alpha:g}")


def _columns(data: ReportData, table: pd.DataFrame) -> pd.DataFrame:
    """Comparisons in the order of a reader: source, target, perturbations; columns comparison, assay, label."""
    found = table[["comparison", "assay", "organ", "modality"]].drop_duplicates().reset_index(drop=True)
    axis = {} if data.axis is None else {organ: role for role, organ in data.axis.items()}
    of_contrast = found["comparison"] == CONTRAST
    role = found["organ"].map(axis).where(of_contrast, "perturbation")
    found = found[role.notna() | (len(axis) == 0)].copy()
    order = {"source": 0, "target": 1, "perturbation": 3}
    found["place"] = [order.get(str(each), 2) for each in role[found.index]]
    found["label"] = [
        f"{_start(str(comparison), str(each))}{organ}, {words.modality(modality)}"
        for comparison, organ, modality, each in zip(
            found["comparison"], found["organ"], found["modality"], role[found.index], strict=True
        )
    ]
    return found.sort_values("place", kind="stable").reset_index(drop=True)


def _start(comparison: str, role: str) -> str:
    if comparison != CONTRAST:
        return f"{comparison}: "
    return f"{role}: " if role in ("source", "target") else ""


def _block(name: str, rows: pd.DataFrame, labels: list[str], alpha: float) -> dict[str, Any]:
    least = rows.groupby("set")[["p", "q"]].min().sort_values("p", kind="stable")
    n_called = int((least["q"] <= alpha).sum())
    chosen = list(least.index[: min(max(n_called, FEWEST_ROWS), MOST_ROWS)])
    cells = {(row["set"], row["label"]): row for row in rows.to_dict("records")}
    lines = []
    for each in chosen:
        listed = [_cell(cells.get((each, label)), alpha) for label in labels]
        of_set = rows[rows["set"] == each].sort_values("p", kind="stable").iloc[0]
        lines.append(
            {
                "name": each,
                "n": int(of_set["n"]),
                "cells": listed,
                "leading": of_set["leading"],
                "where": of_set["label"],
            }
        )
    return {"label": name, "columns": labels, "rows": lines, "n_all": len(least), "n_called": n_called}


def _cell(row: dict[Any, Any] | None, alpha: float) -> dict[str, Any]:
    if row is None or words.is_missing(row["p"]):
        return {"effect": None, "q": None, "called": False}
    return {"effect": row["effect"], "q": row["q"], "called": bool(row["q"] <= alpha)}


SECTION = Section(
    name="pathways",
    title="Processes and pathways",
    description="Which sets of genes move together, in source and target side by side, for a person to read: no claim rests on it. "
    "The effect is the mean of a set's moderated z less that of all other genes; its error knows how the genes of the set are correlated "
    "over the animals.",
    build=build,
    empty="No set of genes could be tested in the two organs.",
)
