"""Stage: the quality of whole assays. Looks at everything, changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.kernels.quality import sample_correlation
from organokine.kernels.variability import geometric_cv, missing_values
from organokine.quality_tables import QC_ASSAY, QC_BATCH, QC_PAIRS, QC_PANELS
from organokine.stages.quality_batch import batch_flags, batch_rows
from organokine.stages.quality_panels import panel_rows
from organokine.study_runs import RUN_ORDER
from organokine.tables import FLAGS

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.references import References
    from organokine.study_file import StudyFile
    from organokine.table_schema import Table

CV_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of the coefficients of variation of a group: a box with its whiskers."""
MOST_SAMPLES = 200
"""Samples up to which an assay's correlations are kept pair by pair: 200 make 19,900 pairs, more than anyone looks at."""


class Quality(NamedTuple):
    """What was seen.

    Attributes
    ----------
    assay, batch, panels, pairs : pandas.DataFrame
        Tables `qc_assay`, `qc_batch`, `qc_panels` and `qc_pairs`.
    flags : pandas.DataFrame
        Table `flags`: batches outside the model, columns that go with the contrast.
    """

    assay: pd.DataFrame
    batch: pd.DataFrame
    panels: pd.DataFrame
    pairs: pd.DataFrame
    flags: pd.DataFrame


def assay_quality(
    assays: Mapping[str, AnnData],
    qc: pd.DataFrame,
    runs: pd.DataFrame,
    file: StudyFile,
    references: References | None,
    *,
    most_samples: int = MOST_SAMPLES,
) -> Quality:
    """Quality of every assay: by group, by design column, by panel of proteins, by pair of samples.

    Parameters
    ----------
    assays : mapping of str to anndata.AnnData
        Prepared assays by name, those of perturbations as well.
    qc : pandas.DataFrame
        Table `qc` of the same assays: group and outliers are read from it.
    runs : pandas.DataFrame
        Table `runs`: the run order, where the sample sheet holds times instead of numbers.
    file : StudyFile
        The resolved study file: what each assay is for.
    references : References, optional
        Panels of the study's species.
    most_samples : int
        Samples up to which correlations are kept pair by pair.

    Returns
    -------
    Quality
        The tables and flags.
    """
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in ("assay", "batch", "panels", "pairs")}
    flags: list[dict[str, str]] = []
    for name, adata in assays.items():
        rows = qc[qc["assay"] == name].set_index("sample").reindex(adata.obs_names)
        groups = rows["group"].fillna("").to_numpy(dtype=str)
        correlation = sample_correlation(_kept(adata))
        panels = panel_rows(adata, references)
        measures = [*_of_values(adata, rows, groups), *_of_pairs(correlation, groups, most_samples)]
        measures += _of_panels(panels, groups)
        contrast = file.contrast_of(name)
        is_outlier = rows["outlier"].fillna(value=False).to_numpy(dtype=bool)
        batch = batch_rows(adata, _with_order(adata.obs, runs[runs["assay"] == name], file), is_outlier, contrast)
        found["assay"].append(pd.DataFrame(measures, columns=_MEASURE).assign(assay=name))
        found["batch"].append(batch)
        found["panels"].append(panels)
        found["pairs"].append(_pairs(name, adata, correlation, most_samples))
        flags += batch_flags(batch, contrast)
    schemas = (QC_ASSAY, QC_BATCH, QC_PANELS, QC_PAIRS)
    made = {name: _conformed(schema, found[name]) for name, schema in zip(found, schemas, strict=True)}
    return Quality(**made, flags=FLAGS.conform(pd.DataFrame(flags, columns=FLAGS.names())))


_MEASURE = ("group", "measure", "value", "unit", "n", "note")
Measure = tuple[str, str, float, str, int, str]


def _conformed(schema: Table, parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part) > 0]
    return schema.conform(pd.concat(filled, ignore_index=True)) if len(filled) > 0 else schema.empty()


def _with_order(obs: pd.DataFrame, runs: pd.DataFrame, file: StudyFile) -> pd.DataFrame:
    """The sample sheet of an assay in which the run order is a number, also where it was written as times."""
    column = file.prepare.run_order if file.prepare.run_order is not None else RUN_ORDER
    order = runs.set_index("sample")["run_order"].reindex(obs.index)
    return obs.assign(**{column: order.to_numpy()}) if column in obs.columns and order.notna().any() else obs


def _kept(adata: AnnData) -> np.ndarray:
    """Values of the kept features, features x samples."""
    return np.asarray(adata.X, dtype=float)[:, adata.var["kept"].to_numpy(dtype=bool)].T


def _members(groups: np.ndarray) -> dict[str, np.ndarray]:
    """Samples of every group, and of all together under the empty name."""
    return {"": np.ones(len(groups), dtype=bool)} | {str(name): groups == name for name in np.unique(groups)}


def _of_values(adata: AnnData, qc: pd.DataFrame, groups: np.ndarray) -> list[Measure]:
    """Identifications, missing values, and the scatter within groups."""
    values = np.asarray(adata.X, dtype=float).T
    detected = qc["n_detected"].to_numpy(dtype=float)
    is_count = "counts" in adata.layers
    measures: list[Measure] = [("", "features", float(len(values)), "features", len(groups), "")]
    for group, own in _members(groups).items():
        n = int(own.sum())
        missing = missing_values(values[:, own])
        measures.append((group, "identified", _quantile(detected[own], 0.5), "features", n, ""))
        if not is_count:
            measures.append((group, "missing", missing.share, "share", n, ""))
            measures.append((group, "complete", float(missing.complete), "features", n, ""))
            measures.append((group, "absent", float(missing.absent), "features", n, ""))
        if group == "" and len(np.unique(groups)) > 1:
            continue  # over all groups the scatter is that of the change that is looked for
        cv = geometric_cv(_kept(adata)[:, own])
        note = "" if n > 1 else "one sample has no scatter"
        known = int(np.isfinite(cv).sum())
        measures += [(group, f"cv_{100 * at:02.0f}", _quantile(cv, at), "share", known, note) for at in CV_QUANTILES]
    return measures


def _of_pairs(correlation: np.ndarray, groups: np.ndarray, most_samples: int) -> list[Measure]:
    """Median and lowest correlation within each group, and across groups."""
    n_samples = len(correlation)
    upper = np.triu(np.ones((n_samples, n_samples), dtype=bool), 1)
    same = groups[:, None] == groups[None, :]
    note = "" if n_samples <= most_samples else f"{n_samples} samples: pairs are not kept above {most_samples}"
    measures: list[Measure] = []
    for group, own in _members(groups).items():
        several = len(np.unique(groups)) > 1
        pairs = upper & ~same if group == "" and several else upper & own[:, None] & own[None, :]
        r = correlation[pairs]
        n = int(np.isfinite(r).sum())
        measures.append((group, "correlation", _quantile(r, 0.5), "r", n, note))
        measures.append((group, "lowest_correlation", _quantile(r, 0.0), "r", n, note))
    return measures


def _of_panels(panels: pd.DataFrame, groups: np.ndarray) -> list[Measure]:
    """Median share of every panel by group, and its level, which is centred over all samples."""
    measures: list[Measure] = []
    for panel, rows in panels.groupby("panel", sort=False):
        share, level = rows["share"].to_numpy(dtype=float), rows["level"].to_numpy(dtype=float)
        for group, own in _members(groups).items():
            n = int(np.isfinite(share[own]).sum())
            if n > 0 or group == "":
                note = "" if n > 0 else "ratios or values of an affinity panel: no share of a sum"
                measures.append((group, str(panel), _quantile(share[own], 0.5), "share", n, note))
            n = int(np.isfinite(level[own]).sum())
            if n > 0 and group != "":
                measures.append((group, f"{panel}_level", _quantile(level[own], 0.5), "log2", n, ""))
    return measures


def _pairs(name: str, adata: AnnData, correlation: np.ndarray, most_samples: int) -> pd.DataFrame:
    if len(correlation) > most_samples:
        return pd.DataFrame(columns=QC_PAIRS.names())
    first, second = np.triu_indices(len(correlation), 1)
    samples = adata.obs_names.to_numpy(dtype=object)
    found = {"sample": samples[first], "other": samples[second], "r": correlation[first, second]}
    return pd.DataFrame(found).assign(assay=name)


def _quantile(values: np.ndarray, at: float) -> float:
    known = values[np.isfinite(values)]
    return float(np.quantile(known, at)) if len(known) > 0 else float("nan")
