"""Stage: normalise, filter and look at every sample. Nothing is imputed and nothing is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import anndata
import numpy as np
import pandas as pd
from scipy import stats

from organokine import tables
from organokine.design import AnyLevel, Slope, design_matrix
from organokine.errors import DataError, Problem
from organokine.kernels import counts as count_kernel
from organokine.kernels import normalisation, quality
from organokine.stages.run_drift import drift_flags
from organokine.study_file import PLASMA, ContrastSection

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.design import Asked
    from organokine.references import References
    from organokine.study import Study
    from organokine.study_file import Normalisation, PrepareSection, StudyFile

BLOOD_PANELS = ("erythrocyte", "immunoglobulin", "plasma")
"""Panels of the blood index. Platelet proteins are left out: most are made by other cells as well."""
MINIMUM_PANEL = 3
"""Genes of the panels an assay must have for a blood index; of fewer, one gene's own regulation would decide."""
BLOOD_P = 0.05
"""Two-sided p of Welch's t below which the blood index is said to differ. A remark, so the usual level without correction."""
LEAST_FEATURES = 10
"""Features below which samples cannot be normalised by them: one that changes would be more than a tenth of all."""
HIGH_MISSINGNESS = 0.5
"""Share of an assay's features without a value above which a sample is named: more is missing than measured."""


class Prepared(NamedTuple):
    """Prepared assays and what was seen on the way.

    Attributes
    ----------
    assays : dict of str to anndata.AnnData
        By assay name, samples x features. `X` normalised log2, NaN not measured; `obs` as in the study; `var` with `kept`
        (bool), `reason` (why not kept: `too_few_values`, `low_counts`, `constant`, else empty) and `mean_log2` (mean of the
        measured normalised values). Counts: `X` is log2 counts per million of TMM-scaled libraries and
        `layers["weights"]` the voom precision weights, NaN for features not kept; `layers["counts"]` the counts. `uns["organokine"]` as in the study,
        `scale` now `log2` or `log2_cpm`, and `normalisation` the method used.
    qc : pandas.DataFrame
        Table `qc`.
    flags : pandas.DataFrame
        Table `flags`: outlying samples, high missingness, blood that differs between the groups, drift over the order of runs.
    """

    assays: dict[str, AnnData]
    qc: pd.DataFrame
    flags: pd.DataFrame


class _Levels(NamedTuple):
    """Normalised values of one assay, features x samples, with what else is known of its samples and features."""

    normalised: np.ndarray
    counts: np.ndarray | None
    weights: np.ndarray | None
    reason: np.ndarray
    shift: np.ndarray
    total: np.ndarray
    detected: np.ndarray
    method: str


def prepare(study: Study, references: References | None, asked: Asked | None = None) -> Prepared:
    """Normalise and filter every assay, and look at every sample. The study is not changed.

    Intensities are shifted per sample (or as `[prepare] normalise` says); counts become log2 counts per million of
    TMM-scaled libraries with voom weights. A feature is kept if enough values were measured in each group.

    Parameters
    ----------
    study : Study
        The study as read.
    references : References, optional
        Blood panels of the study's species; without them there is no blood index.
    asked : ContrastSection, LevelContrast, Slope or AnyLevel, optional
        What will be asked of the assays; by default the contrast of the study, or of the perturbation an assay is for.

    Returns
    -------
    Prepared
        Assays and the tables `qc` and `flags`.

    Raises
    ------
    DataError
        If an assay of counts asks for a normalisation of intensities, or a design cannot separate the contrast from a
        covariate.
    """
    panels = pd.DataFrame(columns=["panel", "gene"]) if references is None else references.panels()
    assays: dict[str, AnnData] = {}
    qc: list[pd.DataFrame] = []
    flags: list[dict[str, str]] = []
    for name, adata in study.assays.items():
        contrast = _asked_of(study.file, name) if asked is None else asked
        levels = _levels(adata, study.file, name, contrast)
        assays[name] = _prepared(adata, levels, name)
        table = _sample_table(assays[name], levels, contrast, panels)
        qc.append(table)
        flags.extend(_flags(table, name, contrast))
    seen = tables.FLAGS.conform(pd.DataFrame(flags, columns=tables.FLAGS.names()))
    return Prepared(
        assays,
        tables.QC.conform(pd.concat(qc, ignore_index=True)) if len(qc) > 0 else tables.QC.empty(),
        pd.concat([seen, drift_flags(study.runs)], ignore_index=True),
    )


def _asked_of(file: StudyFile, name: str) -> ContrastSection | AnyLevel | None:
    """What an assay is for; all levels where several perturbations share it, or one has a rescue."""
    arms = file.arms_of(name)
    if len({level for arm in arms for level in arm.levels}) > 2:
        return AnyLevel(arms[0].factor)
    return file.contrast_of(name)


def _levels(adata: AnnData, file: StudyFile, name: str, contrast: Asked | None) -> _Levels:
    raw = np.ascontiguousarray(np.asarray(adata.X, dtype=float).T)
    groups = _groups(adata.obs, contrast)
    override = next((assay.normalise for assay in file.assay if assay.name == name), None)
    if adata.uns["organokine"]["scale"] == "counts":
        design = np.ones((len(groups), 1)) if contrast is None else design_matrix(adata.obs, contrast, name).matrix
        return _count_levels(raw, groups, design, file.prepare, _count_method(override, name), name)
    method = override if override is not None else file.prepare.normalise
    if method != "none":
        _refuse_few_features(raw, name)
    return _intensity_levels(raw, groups, file.prepare, method)


def _refuse_few_features(raw: np.ndarray, name: str) -> None:
    n_features = int(np.isfinite(raw).any(axis=1).sum())
    if n_features < LEAST_FEATURES:
        raise DataError(
            Problem(
                f"assay {name}",
                f"has {n_features} features with a value",
                f"Samples are made comparable by what most features have in common; of fewer than {LEAST_FEATURES}, the change of "
                "one would become that of all others",
                "Write normalise = 'none' if the samples are comparable as they are",
            )
        )


def _groups(obs: pd.DataFrame, contrast: Asked | None) -> np.ndarray:
    """Level of the contrast factor per sample; one group if there is no contrast or the factor is a number."""
    if contrast is None or isinstance(contrast, Slope):
        return np.full(len(obs), "", dtype=object)
    return obs[contrast.factor].astype(str).to_numpy(dtype=object)


def _count_method(override: Normalisation | None, name: str) -> str:
    if override in {None, "stable", "median"}:
        return "tmm"
    if override == "none":
        return "library_size"
    raise DataError(
        Problem(
            f"study.toml [assay {name}] normalise",
            f"{override!r} is a normalisation of intensities, and this assay holds counts",
            "The precision of a count is known only before its distribution is changed",
            "Leave `normalise` out (TMM), or write 'none' (library size only)",
        )
    )


def _intensity_levels(raw: np.ndarray, groups: np.ndarray, options: PrepareSection, method: Normalisation) -> _Levels:
    values, shift = _normalised(raw, method)
    measured = np.isfinite(raw)
    in_group = np.column_stack([measured[:, groups == group].sum(axis=1) for group in np.unique(groups)])
    smallest = min(int((groups == group).sum()) for group in np.unique(groups))
    needed = options.minimum_values_large if smallest >= options.large_group else options.minimum_values
    too_few = (in_group < needed).any(axis=1)
    # Looked for before normalisation, which would hide that a filled-in value is the same everywhere.
    highest = np.where(measured, raw, -np.inf).max(axis=1)
    lowest = np.where(measured, raw, np.inf).min(axis=1)
    reason = np.select([too_few, highest == lowest], ["too_few_values", "constant"], "").astype(object)
    total = np.array([_median(sample) for sample in raw.T])
    return _Levels(values, None, None, reason, shift, total, measured, method)


def _normalised(raw: np.ndarray, method: Normalisation) -> tuple[np.ndarray, np.ndarray]:
    """Normalised values, and the median of what was taken away from each sample."""
    match method:
        case "none":
            return raw, np.zeros(raw.shape[1])
        case "stable" | "median":
            shift = normalisation.stable_shift(raw) if method == "stable" else normalisation.median_shift(raw)
            return raw - shift, shift
        case "quantile":
            values = normalisation.quantile_normalise(raw)
        case _:
            values = normalisation.cyclic_loess(raw)
    return values, np.array([_median(sample) for sample in (raw - values).T])


def _count_levels(
    raw: np.ndarray, groups: np.ndarray, design: np.ndarray, options: PrepareSection, method: str, name: str
) -> _Levels:
    total = np.nansum(raw, axis=0)
    _refuse_empty(total, name)
    smallest = min(int((groups == group).sum()) for group in np.unique(groups))
    kept = count_kernel.expressed(raw, smallest, total, options.minimum_cpm_count)
    library = total * (count_kernel.tmm_factors(raw[kept]) if method == "tmm" else 1.0)
    weights = np.full(raw.shape, np.nan)
    weights[kept] = count_kernel.voom_weights(raw[kept], design, library).weights
    reason = np.where(kept, "", "low_counts").astype(object)
    shift = np.log2(library) - np.mean(np.log2(library))
    values = count_kernel.log2_cpm(raw, library)
    return _Levels(values, raw, weights, reason, shift, total, raw > 0, method)


def _refuse_empty(total: np.ndarray, name: str) -> None:
    empty = np.flatnonzero(~(total > 0))
    if len(empty) > 0:
        raise DataError(
            Problem(
                f"assay {name}",
                f"{len(empty)} of {len(total)} samples have no counts at all, first in column {empty[0] + 1}",
                "A library of size zero cannot be compared with the others",
                "Leave those samples out of the sample sheet, or check the table",
            )
        )


def _prepared(adata: AnnData, levels: _Levels, name: str) -> AnnData:
    var = adata.var.assign(
        kept=levels.reason == "",
        reason=levels.reason,
        mean_log2=normalisation.row_means(levels.normalised),
    )
    about: dict[str, Any] = dict(adata.uns["organokine"])
    about |= {
        "name": name,
        "scale": "log2" if levels.weights is None else "log2_cpm",
        "normalisation": levels.method,
    }
    result = anndata.AnnData(np.ascontiguousarray(levels.normalised.T), obs=adata.obs.copy(), var=var)
    if levels.weights is not None and levels.counts is not None:
        result.layers["weights"] = np.ascontiguousarray(levels.weights.T)
        result.layers["counts"] = np.ascontiguousarray(levels.counts.T)
    result.uns["organokine"] = about
    return result


def _sample_table(adata: AnnData, levels: _Levels, contrast: Asked | None, panels: pd.DataFrame) -> pd.DataFrame:
    about = adata.uns["organokine"]
    kept = levels.normalised[levels.reason == ""]
    correlation = quality.median_correlation(kept)
    components = quality.principal_components(kept)
    n_features = max(len(levels.normalised), 1)
    return pd.DataFrame(
        {
            "assay": about["name"],
            "organ": about["organ"],
            "modality": about["modality"],
            "sample": adata.obs_names.to_numpy(dtype=object),
            "subject": adata.obs["subject"].to_numpy(dtype=object),
            "group": _groups(adata.obs, contrast),
            "n_detected": levels.detected.sum(axis=0),
            "missing_fraction": 1.0 - np.isfinite(levels.normalised).sum(axis=0) / n_features,
            "total": levels.total,
            "shift": levels.shift,
            "median_correlation": correlation,
            "pc1": components.scores[:, 0],
            "pc2": components.scores[:, 1],
            "pc1_share": components.share[0],
            "pc2_share": components.share[1],
            "blood_index": _blood_index(adata, panels),
            "outlier": quality.stands_apart(correlation),
        }
    )


def _blood_index(adata: AnnData, panels: pd.DataFrame) -> np.ndarray:
    """Mean centred level of the blood panel per sample, log2; NaN in plasma and with too few panel genes."""
    about = adata.uns["organokine"]
    nothing = np.full(adata.n_obs, np.nan)
    if about["organ"] == PLASMA:
        return nothing
    genes = panels.loc[panels["panel"].isin(BLOOD_PANELS), "gene"]
    if about["modality"] == "rna":
        # Of the panels only haemoglobin has its transcript in blood itself; the others are made in liver and lymph nodes.
        genes = genes[genes.str.fullmatch(r"hb[abdegmqz].*", case=False)]
    var = adata.var
    rows = (var["gene"].isin(genes) & var["representative"] & var["kept"]).to_numpy(dtype=bool)
    if rows.sum() < MINIMUM_PANEL:
        return nothing
    return quality.mean_centred_level(np.asarray(adata.X, dtype=float)[:, rows].T)


def _flags(qc: pd.DataFrame, name: str, contrast: Asked | None) -> list[dict[str, str]]:
    found = []
    for row in qc[qc["outlier"]].itertuples():
        detail = (
            f"median correlation {row.median_correlation:.3f} with the other samples of {name}, where "
            f"{qc['median_correlation'].median():.3f} is usual; it was not removed"
        )
        found.append(_flag("sample", f"{name}: {row.sample}", "outlier", detail))
    for row in qc[qc["missing_fraction"] > HIGH_MISSINGNESS].itertuples():
        detail = f"{row.missing_fraction:.0%} of the features of {name} have no value; it was not removed"
        found.append(_flag("sample", f"{name}: {row.sample}", "high_missingness", detail))
    return found + (_blood_flags(qc, name, contrast) if isinstance(contrast, ContrastSection) else [])


def _blood_flags(qc: pd.DataFrame, name: str, contrast: ContrastSection) -> list[dict[str, str]]:
    index = qc["blood_index"].to_numpy(dtype=float)
    case = index[((qc["group"] == contrast.case) & np.isfinite(index)).to_numpy()]
    control = index[((qc["group"] == contrast.control) & np.isfinite(index)).to_numpy()]
    if min(len(case), len(control)) < 2 or np.ptp(case) + np.ptp(control) == 0:
        return []
    p = float(stats.ttest_ind(case, control, equal_var=False).pvalue)
    if not p < BLOOD_P:
        return []
    effect = float(case.mean() - control.mean())
    detail = (
        f"blood proteins of {name} are {effect:+.2f} log2 in {contrast.case} against {contrast.control} (p = {p:.2g}): "
        "changes of proteins that blood carries may be blood left in the organ"
    )
    return [_flag("assay", name, "blood_differs", detail)]


def _flag(scope: str, name: str, flag: str, detail: str) -> dict[str, str]:
    return {"scope": scope, "name": name, "flag": flag, "source": "prepare", "detail": detail}


def _median(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) > 0 else float("nan")
