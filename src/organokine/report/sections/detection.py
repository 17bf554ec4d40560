"""Presence and absence: what was measured in one group and not in the other, apart from fold changes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from organokine.report import words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

MOST_ROWS = 20
"""Rows shown of one assay; as many as are read. All are in the table of the run."""
CAUTIONS = {
    "tested": "",
    "descriptive": "Descriptive only: with fewer than four animals in a group, even all against none may be chance "
    "(at three and three, Fisher's exact test cannot go below p = 0.1). The order is that of the detected shares; there is "
    "no p-value.",
    "by_batch": "Descriptive only: samples lack the same features, as in isobaric plexes, so that a value is missing for a whole "
    "batch and the animals are not independent. The order is that of the detected shares; there is no p-value. With the batch "
    "as a covariate it could be tested.",
}
"""What a reader must know, by the state of an assay's rows."""
VERDICTS = ("stable", "depends_on_imputation", "only_with_imputation")


def build(data: ReportData) -> str:
    """One table per assay of the two organs, then what depends on imputation, if it was asked."""
    detection = data.tables["detection"]
    axis = data.axis
    organs = None if axis is None else set(axis.values())
    blocks = []
    for assay in data.assays().itertuples(index=False):
        rows = detection[detection["assay"] == assay.assay].sort_values("rank", kind="stable")
        if len(rows) == 0 or (organs is not None and assay.organ not in organs):
            continue
        blocks.append(_block(f"{assay.organ}, {words.modality(str(assay.modality))}", rows))
    asked = bool(data.study.get("differential", {}).get("sensitivity", False))
    if len(blocks) == 0 and not asked:
        return ""
    return fill(
        "detection.html.jinja",
        blocks=blocks,
        asked=asked,
        verdicts=[words.spaced(verdict) for verdict in VERDICTS],
        sensitivity=_sensitivity(data),
        alpha=words.percent(data.alpha),
    )


def _block(label: str, rows: pd.DataFrame) -> dict[str, Any]:
    states = list(rows["state"].unique())
    return {
        "label": label,
        "n_all": len(rows),
        "cautions": [CAUTIONS[state] for state in states if CAUTIONS.get(state, "") != ""],
        "rows": [_cells(row) for row in rows.head(MOST_ROWS).to_dict("records")],
    }


def _cells(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "name": row["gene"] if row["gene"] != "" else row["feature"],
        "protein": row["protein"],
        "case": f"{words.count(row['detected_case'])} of {words.count(row['n_case'])}",
        "control": f"{words.count(row['detected_control'])} of {words.count(row['n_control'])}",
        "log_odds": row["log_odds"],
        "interval": "" if words.is_missing(row["ci_low"]) else f"{_end(row['ci_low'])} to {_end(row['ci_high'])}",
        "p": row["p"],
        "q": row["q"],
        "bound": row["log2fc_bound"],
        "precursors": row["precursors"],
    }


def _end(value: float) -> str:
    if np.isinf(value):
        return "−∞" if value < 0 else "+∞"
    return words.signed(value)


def _sensitivity(data: ReportData) -> list[dict[str, Any]]:
    """By assay: how many calls have which verdict, and the strongest of those that depend on imputation."""
    table = data.tables["sensitivity"]
    rows = []
    for assay in data.assays().itertuples(index=False):
        of_assay = table[table["assay"] == assay.assay]
        if len(of_assay) == 0:
            continue
        lost = of_assay[of_assay["verdict"] == "depends_on_imputation"].sort_values(["q", "feature"], kind="stable")
        rows.append(
            {
                "label": f"{assay.organ}, {words.modality(str(assay.modality))}",
                "counts": [int((of_assay["verdict"] == verdict).sum()) for verdict in VERDICTS],
                "lost": [row["gene"] or row["feature"] for row in lost.head(MOST_ROWS).to_dict("records")],
            }
        )
    return rows


SECTION = Section(
    name="detection",
    title="Presence and absence",
    description="Proteins that were measured in some animals and not in others, in an order of their own: a missing value has no "
    "fold change. Absence from the list of measured proteins is not absence from the organ. The least change holds only if an "
    "absent protein lies below what is usually seen in those samples.",
    build=build,
    empty="No protein of the two organs was measured in some samples only.",
)
