"""What the quality tables say of one assay, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from organokine.report import words

NOTABLE = 0.1
"""Share by which a sample's identifications must lie below the median before they are named as a reason to look at it."""
LEAST_DISTINCT = 3
"""Distinct values among which a highest or lowest is worth a word."""
NOTABLE_Q = 0.05
"""False discovery rate up to which the column that explains most is named; the usual level."""
SAID = {"batch_effect": "batch", "batch_confounded": "design", "blood_differs": "blood"}
"""Flags of an assay that belong to its quality, and what a reader calls them."""
REASONS = {
    "blood_index": "blood index",
    "shift": "level before normalisation",
    "n_precursors": "number of precursors",
    "missed_cleavage_fraction": "share of missed cleavages",
    "contaminant_fraction": "share of contaminants",
}
"""Numbers of a sample that are named where they are the highest or lowest of an outlying one."""
CONTAMINANTS = ("keratin", "reagent")
"""Panels of what is not of the animal."""
PANEL_NAMES = {
    "keratin": "keratin of skin and hair",
    "reagent": "reagents (trypsin, albumin, casein)",
    "erythrocyte": "erythrocytes",
    "platelet": "platelets",
    "immunoglobulin": "immunoglobulins",
    "plasma": "plasma proteins",
}


def outliers(samples: pd.DataFrame) -> list[str]:
    """One sentence per sample that stands apart: by how much, what else is odd about it, and that it stayed in.

    Parameters
    ----------
    samples : pandas.DataFrame
        Rows of `qc` of one assay, with those columns of `REASONS` that are of other tables joined to them.

    Returns
    -------
    list of str
        Plain text.
    """
    usual = samples["median_correlation"].dropna().median()
    found = samples[samples["outlier"].fillna(value=False).astype(bool)]
    return [_outlier(row, usual, samples) for row in found.to_dict("records")]


def _outlier(row: Mapping[Any, Any], usual: float, samples: pd.DataFrame) -> str:
    group = f" ({row['group']})" if row["group"] != "" else ""
    said = (
        f"{row['sample']}{group}: its median correlation with the other samples is "
        f"{words.correlation(row['median_correlation'])}, where {words.correlation(usual)} is usual"
    )
    typical = samples["n_detected"].dropna().median()
    less = 1.0 - float(row["n_detected"]) / float(typical) if typical > 0 else 0.0
    if less >= NOTABLE:
        said += f"; {words.percent(less)} fewer features were measured in it than in the median sample"
    for column, name in REASONS.items():
        extreme = _extreme(samples[column], row[column]) if column in samples.columns else ""
        said += f"; its {name} is the {extreme}" if extreme != "" else ""
    return f"{said}. It was not removed."


def _extreme(values: pd.Series, value: float) -> str:
    known = values.dropna()
    if words.is_missing(value) or known.nunique() < LEAST_DISTINCT:
        return ""
    return "highest" if value >= known.max() else "lowest" if value <= known.min() else ""


def batches(batch: pd.DataFrame, flags: pd.DataFrame) -> list[str]:
    """What the columns of the sample sheet explain: the remarks, or what was looked at and what came of it."""
    said = [
        f"{SAID[flag].capitalize()}: {words.sentence(detail)}"
        for flag, detail in zip(flags["flag"], flags["detail"], strict=True)
    ]
    if "batch_effect" in set(flags["flag"]):
        return said
    others = batch[batch["role"] == "other"]
    if len(others) == 0:
        none = "the sample sheet has no column beyond the model; a batch that is not written down is not looked for"
        return [*said, f"Batch: {none}."]
    looked = others[others["q"].notna()]
    if (looked["given"] != "").any():
        looked = looked[looked["given"] != ""]
    if len(looked) == 0:
        return [*said, "Batch: no column beyond the model could be looked at; why stands with each below."]
    return [*said, f"Batch: {_looked_at(looked)}."]


def _looked_at(looked: pd.DataFrame) -> str:
    names = words.listed([f"'{name}'" for name in looked["column"].drop_duplicates()])
    given = looked["given"].iloc[0]
    of_what = "" if given == "" else f" of what {_and(given)} {'leave' if ', ' in given else 'leaves'}"
    best = looked.iloc[int(looked["q"].argmin())]
    q = words.probability(best["q"])
    found = f"nothing stands out (smallest q {q})"
    if best["q"] <= NOTABLE_Q:
        found = f"'{best['column']}' explains {words.percent(best['share'])} of component {best['component']} (q {q})"
    return f"{names} held against the leading components{of_what}: {found}"


def _and(given: str) -> str:
    return words.listed(given.split(", "))


def contaminants(panel: pd.DataFrame) -> list[str]:
    """Share of the intensity that hands, hair and the bench make up, with the sample that has most; nothing of ratios."""
    said = []
    for name, rows in panel[panel["panel"].isin(CONTAMINANTS)].groupby("panel", sort=False):
        share = rows["share"].dropna()
        if len(share) == 0:
            continue
        most = rows.iloc[int(rows["share"].argmax())]
        said.append(
            f"{PANEL_NAMES[str(name)]} {words.small_share(share.median())} of the intensity of the median sample (most: "
            f"{words.small_share(most['share'])}, {most['sample']})"
        )
    return [f"Contaminants: {'; '.join(said)}."] if len(said) > 0 else []


def runs(table: pd.DataFrame) -> str:
    """What the file of an assay tells of its runs, in one line; the empty string if it tells nothing."""
    said = []
    if table["n_precursors"].notna().any():
        said.append(f"{words.count(int(table['n_precursors'].dropna().median()))} precursors")
    for column, name in (("missed_cleavage_fraction", "missed cleavages"), ("contaminant_fraction", "contaminants")):
        known = table[table[column].notna()]
        if len(known) > 0:
            most = known.iloc[int(known[column].argmax())]
            share = words.small_share(known[column].median())
            said.append(f"{name} {share} (most: {words.small_share(most[column])}, {most['sample']})")
    return f"Runs, median: {'; '.join(said)}." if len(said) > 0 else ""


def panels(panel: pd.DataFrame, samples: pd.DataFrame, groups: Sequence[str]) -> list[dict[str, Any]]:
    """One row per panel: features, share of the intensity, and level by group."""
    rows = []
    grouped = panel.merge(samples[["sample", "group"]], on="sample", how="left")
    for name, of_panel in grouped.groupby("panel", sort=False):
        known = of_panel[of_panel["share"].notna()]
        most = "" if len(known) == 0 else str(known["sample"].iloc[int(known["share"].argmax())])
        level = of_panel[of_panel["level"].notna()].groupby("group", sort=False)["level"].median()
        rows.append(
            {
                "panel": PANEL_NAMES.get(str(name), str(name)),
                "features": int(of_panel["n_features"].median()),
                "share": known["share"].median(),
                "most": known["share"].max(),
                "sample": most,
                "level": by_name({group: words.signed(level[group]) for group in groups if group in level.index}),
            }
        )
    return rows


def by_name(values: Mapping[str, str]) -> str:
    """Groups with a value each, unmistakable where a group is called by a number; the value alone where there is one group."""
    return ", ".join(f"{group}: {value}" if group != "" else value for group, value in values.items())


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
                "note": "; ".join(
                    dict.fromkeys(part for note in of_column["note"] for part in note.split("; ") if part)
                ),
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
