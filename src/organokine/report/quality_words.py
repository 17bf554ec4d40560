"""What the quality tables say of one assay, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from organokine.report import words

NOTABLE = 0.1
"""Share by which a sample's identifications must lie below the median before they are named as a reason to look at it."""
SAID = {"batch_effect": "batch", "batch_confounded": "design", "blood_differs": "blood"}
"""Flags of an assay that belong to its quality, and what a reader calls them."""
PANEL_NAMES = {
    "keratin": "keratin of skin and hair",
    "reagent": "reagents",
    "erythrocyte": "erythrocytes",
    "platelet": "platelets",
    "immunoglobulin": "immunoglobulins",
    "plasma": "plasma proteins",
}


def outliers(samples: pd.DataFrame) -> list[str]:
    """One sentence per sample that stands apart: by how much, what else is odd about it, and that it stayed in."""
    usual = samples["median_correlation"].median()
    found = samples[samples["outlier"].fillna(value=False).astype(bool)]
    return [_outlier(row, usual, samples) for row in found.to_dict("records")]


def _outlier(row: Mapping[Any, Any], usual: float, samples: pd.DataFrame) -> str:
    group = f" ({row['group']})" if row["group"] != "" else ""
    said = (
        f"{row['sample']}{group} stands apart: its median correlation with the other samples is "
        f"{words.decimal(row['median_correlation'])}, where {words.decimal(usual)} is usual"
    )
    typical = samples["n_detected"].median()
    less = 1.0 - float(row["n_detected"]) / float(typical) if typical > 0 else 0.0
    if less >= NOTABLE:
        said += f"; {words.percent(less)} fewer features were measured in it than in the median sample"
    for column, name in (("blood_index", "blood index"), ("shift", "level before normalisation")):
        extreme = _extreme(samples[column], row[column])
        said += f"; its {name} is the {extreme}" if extreme != "" else ""
    return f"{said}. It was not removed."


def _extreme(values: pd.Series, value: float) -> str:
    known = values.dropna()
    if words.is_missing(value) or known.nunique() < 3:
        return ""
    return "highest" if value >= known.max() else "lowest" if value <= known.min() else ""


def batches(batch: pd.DataFrame, flags: pd.DataFrame) -> list[str]:
    """What the columns of the sample sheet explain: the remarks, or what was looked at without a finding."""
    said = [
        f"{SAID[flag].capitalize()}: {words.sentence(detail)}"
        for flag, detail in zip(flags["flag"], flags["detail"], strict=True)
    ]
    if "batch_effect" in set(flags["flag"]):
        return said
    beyond = batch[(batch["role"] == "other") & (batch["component"] > 0) & batch["p"].notna()]
    beyond = beyond[beyond["given"] != ""]
    if len(beyond) > 0:
        names = words.listed([f"“{name}”" for name in beyond["column"].drop_duplicates()])
        against = f"held against the leading components of what {_and(beyond['given'].iloc[0])} leave"
        q = words.probability(beyond["q"].min())
        return [*said, f"Batch: {names} {against}: nothing stands out (smallest q {q})."]
    if (batch["role"] == "other").any():
        return said
    return [
        *said,
        "Batch: the sample sheet has no column beyond the model; a batch that is not written down is not looked for.",
    ]


def _and(given: str) -> str:
    return words.listed(given.split(", "))


def panels(measures: pd.DataFrame, panel: pd.DataFrame) -> list[str]:
    """Share of the intensity that the panels of contaminants and blood make up, with the sample that has most."""
    said = []
    for name, rows in panel.groupby("panel", sort=False):
        share = rows["share"].dropna()
        if len(share) == 0:
            continue
        most = rows.iloc[int(rows["share"].argmax())]
        said.append(
            f"{PANEL_NAMES.get(str(name), name)} {words.small_share(share.median())} (most: {words.small_share(most['share'])} in {most['sample']})"
        )
    if len(said) > 0:
        return [f"Share of the intensity, median sample: {'; '.join(said)}."]
    without = [PANEL_NAMES.get(name, name) for name in panel["panel"].drop_duplicates()]
    if len(without) == 0 or len(measures) == 0:
        return []
    return [f"{words.listed(without).capitalize()} were measured, but a table of ratios has no share of the intensity."]


def columns(batch: pd.DataFrame) -> list[dict[str, str]]:
    """One row per column of the sample sheet: what it explains as it is, and beyond the model; how far it goes with the contrast."""
    rows = []
    for name, of_column in batch.groupby("column", sort=False):
        first = of_column.iloc[0]
        rows.append(
            {
                "column": str(name),
                "role": {"factor": "factor", "covariate": "in the model", "other": "not in the model"}[first["role"]],
                "plain": _best(of_column[of_column["given"] == ""]),
                "beyond": _best(of_column[of_column["given"] != ""]),
                "confounding": _confounding(first),
                "note": "; ".join(note for note in of_column["note"].drop_duplicates() if note != ""),
            }
        )
    return rows


def _best(rows: pd.DataFrame) -> str:
    """The component of which a column explains most of the variance, with its q."""
    known = rows[rows["share"].notna() & (rows["component"] > 0)]
    if len(known) == 0:
        return words.MISSING
    best = known.iloc[int((known["share"] * known["component_share"]).argmax())]
    q = "" if words.is_missing(best["q"]) else f", q {words.probability(best['q'])}"
    return (
        f"{words.percent(best['share'])} of component {best['component']} ({words.percent(best['component_share'])}{q})"
    )


def _confounding(row: pd.Series) -> str:
    if words.is_missing(row["confounding"]):
        return words.MISSING
    return f"{words.percent(row['confounding'])} ({words.percent(row['confounding_by_chance'])})"
