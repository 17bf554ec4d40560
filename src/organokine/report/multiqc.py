"""The quality of a run as custom content for MultiQC: files it finds by their names, without a plug-in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from organokine.report import figures
from organokine.report.data import ReportData
from organokine.report.quality_figures import (
    CV_COLUMNS,
    LIGHT,
    SCALE,
    by_group_and_name,
    lowest_usual,
    pair_matrix,
)
from organokine.report.sections.quality import KERATIN, by_group

FOLDER = "multiqc"
"""Folder of these files in the output of a run."""
_PARENT = "organokine"
_SPACE = re.compile(r"\s+")


def multiqc_files(tables: Mapping[str, pd.DataFrame], manifest: dict[str, Any]) -> dict[str, str]:
    """Files that MultiQC shows as a section `organokine`, and as columns of its general statistics.

    A sample is called `assay | sample`, so that samples of one name in two assays stay apart. Data are lists, not mappings:
    MultiQC shortens the keys of mappings as if they were names of files, and samples could fall together.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables of `tables.TABLES` by name.
    manifest : dict
        The manifest of the run.

    Returns
    -------
    dict of str to str
        Text by file name, each ending in `_mqc.tsv` or `_mqc.json`; what a run does not hold has no file. Names are HTML,
        since MultiQC puts them into its page as they are.

    References
    ----------
    Ewels et al. 2016, doi:10.1093/bioinformatics/btw354.
    """
    data = ReportData(tables, manifest)
    if len(data.tables["qc"]) == 0:
        return {}
    files = {"organokine_general_mqc.tsv": _general(data)}
    for place, assay in enumerate(data.assays()["assay"], start=1):
        samples = by_group_and_name(data.tables["qc"][data.tables["qc"]["assay"] == assay], data.groups)
        name = f"{place:02d}_{_file_part(str(assay))}"
        files[f"organokine_pca_{name}_mqc.json"] = _components(data, str(assay), samples, f"pca_{place:02d}")
        files[f"organokine_correlation_{name}_mqc.json"] = _correlation(data, str(assay), samples, f"r_{place:02d}")
    files["organokine_cv_mqc.json"] = _variation(data)
    files["organokine_missing_mqc.json"] = _missing(data)
    return {name: text for name, text in files.items() if text != ""}


def plain_name(*parts: object) -> str:
    """Names joined by a bar, on one line, as HTML text; no comment sign at its start."""
    text = html.escape(_SPACE.sub(" ", " | ".join(str(part) for part in parts if part != "")).strip(), quote=False)
    return f"&#35;{text[1:]}" if text.startswith("#") else text


def _file_part(assay: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", assay)[:40].strip("_")


_GENERAL: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("n_detected", "Identified", "features with a value", {"format": "{:,.0f}", "scale": "Blues"}),
    ("missing_fraction", "Missing", "share of the assay's features without a value", {"suffix": "%", "scale": "Oranges"}),
    ("median_correlation", "Correlation", "median correlation with the other samples", {"format": "{:,.3f}", "scale": "Greens"}),
    ("blood_index", "Blood", "blood index, log2", {"format": "{:,.2f}", "scale": "RdYlGn-rev"}),
    (KERATIN, "Keratin", "share of the intensity in keratins of skin and hair", {"suffix": "%", "format": "{:,.2f}", "scale": "Oranges"}),
    ("n_precursors", "Precursors", "precursors with a quantity", {"format": "{:,.0f}", "scale": "Blues"}),
    ("missed_cleavage_fraction", "Missed", "share of precursors with a missed cleavage", {"suffix": "%", "scale": "Oranges"}),
    ("contaminant_fraction", "Contaminants", "share of the intensity in rows of contaminants", {"suffix": "%", "format": "{:,.2f}", "scale": "Oranges"}),
    ("outlier", "Stands", "apart from the others by its correlation, or alike; named, never removed", {"cond_formatting_rules": {"warn": [{"s_eq": "apart"}]}}),
)  # fmt: skip
"""Columns of the general statistics: column, heading, meaning, and how MultiQC shows it."""


def _general(data: ReportData) -> str:
    """Tab-separated text with a header of comments, one row per sample."""
    qc = data.tables["qc"]
    keys = ["assay", "sample"]
    panels = data.tables["qc_panels"]
    keratin = panels.loc[panels["panel"] == KERATIN, [*keys, "share"]].rename(columns={"share": KERATIN})
    runs = data.tables["runs"].drop(columns=["organ", "modality", "subject", "group"])
    joined = qc.merge(keratin, on=keys, how="left").merge(runs, on=keys, how="left")
    headers, columns = [], {}
    for column, title, meaning, style in _GENERAL:
        cells = _cells(joined[column], is_share=style.get("suffix") == "%")
        if any(cell != "" for cell in cells):
            columns[column] = cells
            headers.append({column: {"title": title, "description": meaning, "namespace": _PARENT, **style}})
    names = [plain_name(assay, sample) for assay, sample in zip(joined["assay"], joined["sample"], strict=True)]
    about = {"id": f"{_PARENT}_general", "plot_type": "generalstats", "headers": headers}
    lines = [f"# {key}: {json.dumps(value)}" for key, value in about.items()]
    lines.append("\t".join(["Sample", *columns]))
    lines += ["\t".join(row) for row in zip(names, *columns.values(), strict=True)]
    return "\n".join(lines) + "\n"


def _cells(values: pd.Series, *, is_share: bool) -> list[str]:
    """Cells as text: shares in percent, an outlier as `apart` or `alike`, missing as nothing."""
    if str(values.dtype) == "boolean":
        return ["" if pd.isna(value) else "apart" if value else "alike" for value in values]
    numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan) * (100.0 if is_share else 1.0)
    return [f"{number:.6g}" if np.isfinite(number) else "" for number in numbers]


def _section(name: str, title: str, description: str, plot: str, config: dict[str, Any], **content: Any) -> str:
    """One file of custom content as JSON."""
    about = {
        "id": f"{_PARENT}_{name}",
        "parent_id": _PARENT,
        "parent_name": _PARENT,
        "parent_description": "quality of the assays of a run",
        "section_name": title,
        "description": description,
        "plot_type": plot,
        "pconfig": {"id": f"{_PARENT}_{name}_plot", "title": f"{_PARENT}: {title}", **config},
        **content,
    }
    return json.dumps(about, ensure_ascii=False, allow_nan=False) + "\n"


def _components(data: ReportData, assay: str, samples: pd.DataFrame, name: str) -> str:
    known = samples[samples["pc1"].notna() & samples["pc2"].notna()]
    if len(known) == 0:
        return ""
    points = {}
    for row in known.to_dict("records"):
        x, y = figures.rounded([row["pc1"], row["pc2"]])
        points[plain_name(assay, row["sample"])] = {"x": x, "y": y, "color": _colour(data.groups, str(row["group"]))}
    shares = [f"PC{number} explains {100 * float(known[f'pc{number}_share'].max()):.0f} %" for number in (1, 2)]
    present = [group for group in data.groups if group in set(known["group"]) and group != ""]
    legend = ", ".join(f"{plain_name(group)} {_COLOURS[_colour(data.groups, group)]}" for group in present)
    said = f"Samples of {plain_name(assay)} on their first two principal components. {'; '.join(shares)}."
    said += f" Colours: {legend}." if legend != "" else ""
    # A sign of percent in the name of an axis would be put behind every number.
    config = {"xlab": "PC1, log2", "ylab": "PC2, log2", "marker_size": 9}
    return _section(name, f"{plain_name(assay)}: principal components", said, "scatter", config, data=[points])


_COLOURS = {figures.MUTED: "grey", figures.ACCENT: "blue"} | dict(
    zip(figures.MORE_GROUPS, ("green", "pink", "orange", "light blue", "black"), strict=True)
)


def _colour(groups: Sequence[str], group: str) -> str:
    """A filled colour per group; the report's hollow control is grey here."""
    colour = str(figures.group_marker(groups, group)["color"])
    return figures.MUTED if colour == "#ffffff" else colour


def _correlation(data: ReportData, assay: str, samples: pd.DataFrame, name: str) -> str:
    pairs = data.tables["qc_pairs"]
    own = pairs[pairs["assay"] == assay]
    if not own["r"].notna().any():
        return ""
    r = pair_matrix(list(samples["sample"]), own)
    names = [plain_name(assay, sample) for sample in samples["sample"]]
    config = {
        "xlab": "sample",
        "ylab": "sample",
        "zlab": "r",
        "min": lowest_usual(r, samples),
        "max": float(np.nanmax(r)),
        "colstops": SCALE,
        "tt_decimals": 3,
        "square": True,
        "cluster_rows": False,
        "cluster_cols": False,
    }
    said = f"Pearson correlation of every two samples of {plain_name(assay)}, by group and name."
    squares = [figures.rounded(row, 4) for row in r]
    title = f"{plain_name(assay)}: correlation of samples"
    return _section(name, title, said, "heatmap", config, xcats=names, ycats=names, data=squares)


def _by_assay_and_group(data: ReportData, columns: Sequence[str]) -> list[tuple[str, dict[str, float]]]:
    """Name and measures of every group of every assay that has all of them."""
    found = []
    for assay in data.assays()["assay"]:
        measures = by_group(data.tables["qc_assay"], str(assay)).reindex(columns=list(columns))
        named = [group for group in data.groups if group in measures.index and group != ""]
        for group in named if len(named) > 0 else [each for each in measures.index if each == ""]:
            row = measures.loc[group].to_numpy(dtype=float)
            if np.isfinite(row).all():
                found.append((plain_name(assay, group), dict(zip(columns, row.tolist(), strict=True))))
    return found


def _variation(data: ReportData) -> str:
    boxes = {
        name: dict(
            zip(("min", "q1", "median", "q3", "max"), figures.rounded(100.0 * np.array(list(cv.values()))), strict=True)
        )
        for name, cv in _by_assay_and_group(data, CV_COLUMNS)
    }
    if len(boxes) == 0:
        return ""
    said = "Coefficient of variation of the features within each group, in percent: median, quartiles, and 5 to 95 % as whiskers."
    config = {"xlab": "coefficient of variation, %", "sort_samples": False, "xmin": 0}
    return _section("cv", "Variation within groups", said, "box", config, data=[boxes])


def _missing(data: ReportData) -> str:
    bars = {}
    for name, found in _by_assay_and_group(data, ("complete", "absent", "in_some")):
        bars[name] = {key: int(n) for key, n in found.items()}
    if len(bars) == 0:
        return ""
    said = "Features with a value in all, in some, and in none of the samples of a group."
    categories = {
        "complete": {"name": "all", "color": figures.ACCENT},
        "in_some": {"name": "some", "color": LIGHT},
        "absent": {"name": "none", "color": figures.FAINT},
    }
    config = {"ylab": "features", "sort_samples": False}
    return _section("missing", "Measured features", said, "bargraph", config, categories=categories, data=[bars])
