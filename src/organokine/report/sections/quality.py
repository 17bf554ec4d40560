"""Quality of every assay and its samples: identifications, missing values, scatter, likeness, batches, contaminants, blood."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from organokine.report import quality_words, words
from organokine.report.data import ReportData
from organokine.report.quality_figures import components, correlation_map, measured_bars, strip, variation_boxes
from organokine.report.sections.base import Section
from organokine.report.templates import fill
from organokine.tables import QC

KERATIN = "keratin"


def summary(data: ReportData) -> list[dict[str, Any]]:
    """One row per assay and group; one per assay without groups."""
    table = data.tables["qc"]
    rows = []
    for assay in data.assays().itertuples(index=False):
        measures = by_group(data.tables["qc_assay"], str(assay.assay))
        sizes = table.loc[table["assay"] == assay.assay, "group"].value_counts()
        named = [group for group in data.groups if group in sizes and group != ""]
        for place, group in enumerate(named if len(named) > 0 else [""]):
            rows.append(
                {
                    "assay": assay.assay,
                    "organ": assay.organ,
                    "modality": assay.modality,
                    "first": place == 0,
                    "span": max(len(named), 1),
                    "group": group,
                    "n": int(sizes.get(group, sizes.sum())),
                    **{name: _value(measures, group, name) for name in _SHOWN},
                }
            )
    return rows


_SHOWN = ("identified", "missing", "complete", "absent", "cv_50", "cv_75", "correlation", KERATIN)


def by_group(table: pd.DataFrame, assay: str) -> pd.DataFrame:
    """Measures of one assay, groups in rows; the empty name is all samples. `in_some`: neither `complete` nor `absent`."""
    of_assay = table[table["assay"] == assay]
    measures = of_assay.pivot_table(index="group", columns="measure", values="value", aggfunc="first", dropna=False)
    if {"features", "complete", "absent"} <= set(measures.columns):
        measures["in_some"] = measures["features"].max() - measures["complete"] - measures["absent"]
    return measures


def _value(measures: pd.DataFrame, group: str, name: str) -> float | None:
    if name not in measures.columns or group not in measures.index:
        return None
    value = measures[name][group]
    return None if words.is_missing(value) else float(value)


def plots(data: ReportData, place: int, label: str, samples: pd.DataFrame) -> list[Markup]:
    """Figures of one assay, those that have something to show."""
    assay = str(samples["assay"].iloc[0])
    measures = by_group(data.tables["qc_assay"], assay)
    pairs, panels = (data.tables[name] for name in ("qc_pairs", "qc_panels"))
    name = f"qc-{place}"
    drawn = [
        components(data.groups, f"{name}-components", label, samples),
        correlation_map(data.groups, f"{name}-correlation", label, samples, pairs[pairs["assay"] == assay]),
        measured_bars(data.groups, f"{name}-measured", label, measures),
        variation_boxes(data.groups, f"{name}-variation", label, measures),
    ]
    strips = ["missing_fraction", "blood_index"]
    # Of many samples no square map is drawn: each sample's own likeness to the others takes its place.
    strips += ["median_correlation"] if drawn[1] is None else []
    drawn += [_strip(data, f"{name}-{column.replace('_', '-')}", label, column, samples) for column in strips]
    drawn.append(_keratin(data, f"{name}-keratin", label, samples, panels[panels["assay"] == assay]))
    return [plot for plot in drawn if plot is not None]


def _strip(data: ReportData, name: str, label: str, column: str, samples: pd.DataFrame) -> Markup | None:
    if not bool((samples[column].fillna(0.0) != 0).any()):
        return None
    meaning = next(each for each in QC.columns if each.name == column)
    caption = words.sentence(meaning.meaning.replace("`", ""))
    title = f"{label}: {words.spaced(column)}"
    return strip(data.groups, name, title, caption, samples, column, meaning.unit)


def _keratin(data: ReportData, name: str, label: str, samples: pd.DataFrame, panels: pd.DataFrame) -> Markup | None:
    """Keratin in every sample: its share of the intensity, or where that has no meaning its level."""
    found = panels[panels["panel"] == KERATIN]
    column, unit = ("share", "share") if found["share"].notna().any() else ("level", "log2")
    joined = samples.merge(found[["sample", column]], on="sample", how="inner")
    caption = "Keratins of skin and hair, with proteins of the horny layer: hands and dust, unless the organ has a horny layer."
    return strip(data.groups, name, f"{label}: keratin", caption, joined, column, unit)


def build(data: ReportData) -> str:
    """Summary table, then words, figures and sample sheet of every assay."""
    table = data.tables["qc"]
    if len(table) == 0:
        return ""
    assays = []
    for place, assay in enumerate(data.assays().itertuples(index=False)):
        samples = table[table["assay"] == assay.assay]
        label = f"{assay.organ}, {words.modality(str(assay.modality))}"
        if len(samples) > 0:
            drawn = plots(data, place, label, samples)
            assays.append({"title": label, "plots": drawn, **_words(data, str(assay.assay), samples)})
    common = _common([each["said"] for each in assays])
    for each in assays:
        each["said"] = [text for text in each["said"] if text not in common]
    return fill("quality.html.jinja", rows=summary(data), assays=assays, common=common)


def _common(said: list[list[str]]) -> list[str]:
    """Sentences that hold for every one of several assays: said once, and not under each."""
    return [text for text in said[0] if all(text in each for each in said[1:])] if len(said) > 1 else []


def _words(data: ReportData, assay: str, samples: pd.DataFrame) -> dict[str, Any]:
    flags = data.tables["flags"]
    batch, panels, runs = (
        data.tables[name][data.tables[name]["assay"] == assay] for name in ("qc_batch", "qc_panels", "runs")
    )
    is_said = (flags["scope"] == "assay") & (flags["name"] == assay) & flags["flag"].isin(quality_words.SAID)
    of_runs = runs[["sample", *(name for name in quality_words.REASONS if name in runs.columns)]]
    outliers = quality_words.outliers(samples.merge(of_runs, on="sample", how="left"))
    said = [] if len(outliers) > 0 else ["No sample stands apart from the others."]
    said += quality_words.batches(batch, flags[is_said]) + quality_words.contaminants(panels)
    return {
        "outliers": outliers,
        "said": said,
        "runs": quality_words.runs(runs),
        "columns": quality_words.columns(batch),
        "panels": quality_words.panels(panels, samples, data.groups),
    }


SECTION = Section(
    name="quality",
    title="Quality of the samples",
    description="Samples as they came, after normalisation. Outliers are named and stay in: taking one out is your decision, in "
    "the sample sheet. A blood index that differs between groups can make blood proteins look like messages.",
    build=build,
    empty="No quality measures were kept.",
)
