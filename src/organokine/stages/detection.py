"""Stage: features that are measured in one group and missing in the other; a table of its own beside the fold changes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from organokine import tables
from organokine.design import design_matrix
from organokine.kernels.detection import detection_test
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.parallel import map_items

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.study_file import ContrastSection

MINIMUM_ANIMALS = 4
"""Animals per group from which detection is tested. With three, the most extreme outcome, all against none, still has a
two-sided p of 0.1 by Fisher's exact test."""
INTERVAL_P = 0.05
"""Largest p of a row that gets an interval: those that anyone reads."""
DEPTH_FEATURES = 100
"""Features with missing values from which the depth of a sample is estimated (its log odds then has a standard error of about
0.2) and no single feature decides it."""
BATCH_CORRELATION = 0.8
"""Correlation of two samples, over the features missing beyond the design, from which they are taken to have been measured as
one: samples of an isobaric plex reach 0.9 to 1 (two real studies), samples measured one by one stay below 0.2 (IonStar)."""
LIMIT_QUANTILE = 0.05
"""Quantile of a sample's measured levels that stands for what is too low to be seen; the lowest level itself is often noise."""
LOWER_SHARE = 0.6
"""Share of the incomplete features that must lie below the median of the complete ones before a missing value is read as a low
level; 0.5 is what values missing at random give, and what ratios to a reference channel give."""


def detection_table(assays: Mapping[str, AnnData], contrast: ContrastSection, *, workers: int = 1) -> pd.DataFrame:
    """Presence and absence of all features of all protein assays that have some values and lack others.

    Null hypothesis: the odds of being measured are the same in case and control, given the covariates and how deeply each
    sample was measured: the log odds of its detected share enter with a coefficient of one. As a free covariate the depth
    would cost a coefficient per feature and most of the power; left out, groups of unequal depth would differ in every
    feature.

    Parameters
    ----------
    assays : mapping of str to anndata.AnnData
        Prepared assays: `X` normalised log2, NaN not measured. Assays of counts are passed over.
    contrast : ContrastSection
        Factor, case, control, covariates.
    workers : int
        Processes, one assay each.

    Returns
    -------
    pandas.DataFrame
        Table `detection`, assay by assay, best first. With fewer than four animals in a group the rows are `descriptive`,
        and where values are missing in whole batches of samples `by_batch`: without interval, p and q, in the order of the
        difference of detected shares.

    Raises
    ------
    DataError
        If a design cannot separate the contrast from a covariate.
    """
    asked = [
        adata
        for adata in assays.values()
        if adata.uns["organokine"]["modality"] == "protein" and "weights" not in adata.layers
    ]
    parts = map_items(partial(assay_detection, contrast=contrast), asked, workers)
    return tables.DETECTION.conform(pd.concat(parts, ignore_index=True)) if len(parts) > 0 else tables.DETECTION.empty()


def assay_detection(adata: AnnData, contrast: ContrastSection) -> pd.DataFrame:
    """Presence and absence of the features of one prepared assay; see `detection_table`."""
    about = adata.uns["organokine"]
    design = design_matrix(adata.obs, contrast, f"assay {about['name']}")
    is_case = design.matrix[:, 1] == 1
    values = np.asarray(adata.X, dtype=float).T
    measured = np.isfinite(values)
    rows = np.flatnonzero(measured.any(axis=1) & ~measured.all(axis=1))
    state = _state(measured[rows], design.matrix, _animals(adata.obs, is_case))
    tested = state == "tested"
    depth = sample_depth(measured[rows])
    asked = INTERVAL_P if tested else -1.0
    test = detection_test(measured[rows], design.matrix, design.contrast, offset=depth, interval_p=asked)
    p = np.where(tested, test.p, np.nan)
    var = adata.var.iloc[rows]
    frame = pd.DataFrame(
        {
            "assay": about["name"],
            "organ": about["organ"],
            "modality": about["modality"],
            "feature": adata.var_names.to_numpy()[rows],
            "gene": var["gene"].to_numpy(),
            "protein": var["protein"].to_numpy(),
            "representative": var["representative"].to_numpy(dtype=bool),
            "precursors": var["precursors"].to_numpy(dtype=float) if "precursors" in var else np.nan,
            "mean_log2": var["mean_log2"].to_numpy(dtype=float),
            "n_case": int(is_case.sum()),
            "n_control": int((~is_case).sum()),
            "detected_case": measured[rows][:, is_case].sum(axis=1),
            "detected_control": measured[rows][:, ~is_case].sum(axis=1),
            "log_odds": test.log_odds,
            "ci_low": np.where(tested, test.ci_low, np.nan),
            "ci_high": np.where(tested, test.ci_high, np.nan),
            "p": p,
            "q": benjamini_hochberg(p),
            "log2fc_bound": change_bound(values, is_case)[rows],
            "state": state,
        }
    )
    return _ranked(frame)


def _state(measured: np.ndarray, design: np.ndarray, n_animals: int) -> str:
    if n_animals < MINIMUM_ANIMALS:
        return "descriptive"
    return "by_batch" if missing_by_batch(measured, design) else "tested"


def missing_by_batch(measured: np.ndarray, design: np.ndarray, correlation: float = BATCH_CORRELATION) -> bool:
    """Whether samples lack the same features, as those of one isobaric plex do: then the batch is the unit, not the animal.

    Parameters
    ----------
    measured : numpy.ndarray
        (n_features, n_samples) bool; features measured in some samples only.
    design : numpy.ndarray
        (n_samples, n_coefficients). What it explains is taken out: a group or a batch that is adjusted for is no fault.
    correlation : float
        From which two samples count as measured as one.

    Returns
    -------
    bool
        True if at least half of the samples have such a partner; False with fewer than 100 features.
    """
    if len(measured) < DEPTH_FEATURES:
        return False
    basis = np.linalg.qr(design)[0]
    left = measured - (measured @ basis) @ basis.T
    products = left.T @ left
    size = np.sqrt(np.diag(products))
    alike = np.divide(products, np.outer(size, size), out=np.zeros(products.shape), where=np.outer(size, size) > 1e-9)
    np.fill_diagonal(alike, 0.0)
    return bool(np.mean(alike.max(axis=0) >= correlation) >= 0.5)


def sample_depth(measured: np.ndarray) -> np.ndarray:
    """Log odds of a feature being measured in each sample, centred: how deeply the sample was measured.

    Parameters
    ----------
    measured : numpy.ndarray
        (n_features, n_samples) bool; features measured in some samples only.

    Returns
    -------
    numpy.ndarray
        (n_samples,) natural log odds less their mean; zero with fewer than 100 features.
    """
    n_features, n_samples = measured.shape
    if n_features < DEPTH_FEATURES:
        return np.zeros(n_samples)
    depth = special.logit((measured.sum(axis=0) + 0.5) / (n_features + 1.0))
    return np.asarray(depth - depth.mean())


def change_bound(values: np.ndarray, is_case: np.ndarray, quantile: float = LIMIT_QUANTILE) -> np.ndarray:
    """Least change of features without any value in one group, if their level there is below what is usually seen.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) log2 levels, NaN not measured.
    is_case : numpy.ndarray
        (n_samples,) bool.
    quantile : float
        Quantile of each sample's measured levels below which an absent feature is taken to be.

    Returns
    -------
    numpy.ndarray
        (n_features,) mean measured level of one group less the mean limit of the samples of the other, log2, negative where
        the case group has no value. NaN where both groups or none have values, where the level lies below the limit, and
        everywhere if missing values are not the low ones of the assay.
    """
    measured = np.isfinite(values)
    bound = np.full(len(values), np.nan)
    if not _missing_are_low(values, measured):
        return bound
    limit = np.array(
        [np.quantile(values[seen, place], quantile) for place, seen in enumerate(measured.T) if seen.any()]
    )
    has_limit = measured.any(axis=0)
    for present, sign in ((is_case, 1.0), (~is_case, -1.0)):
        below = limit[~present[has_limit]]
        one_sided = measured[:, present].any(axis=1) & ~measured[:, ~present].any(axis=1)
        if len(below) == 0 or not one_sided.any():
            continue
        least = np.nanmean(values[np.ix_(one_sided, present)], axis=1) - below.mean()
        bound[one_sided] = np.where(least > 0, sign * least, np.nan)
    return bound


def _missing_are_low(values: np.ndarray, measured: np.ndarray) -> bool:
    """Whether incomplete features lie below the complete ones, so that a missing value speaks of a low level."""
    complete = measured.all(axis=1)
    incomplete = measured.any(axis=1) & ~complete
    if not complete.any() or not incomplete.any():
        return False
    middle = np.median(values[complete].mean(axis=1))
    return bool(np.mean(np.nanmean(values[incomplete], axis=1) < middle) >= LOWER_SHARE)


def _animals(obs: pd.DataFrame, is_case: np.ndarray) -> int:
    """Animals of the smaller group."""
    subject = obs["subject"].to_numpy()
    return min(len(set(subject[is_case])), len(set(subject[~is_case])))


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    share = frame["detected_case"] / frame["n_case"] - frame["detected_control"] / frame["n_control"]
    order = frame.assign(_difference=-share.abs(), _level=-frame["mean_log2"]).sort_values(
        ["p", "_difference", "_level", "feature"], kind="stable", na_position="last"
    )
    ranked = frame.loc[order.index].reset_index(drop=True)
    return ranked.assign(rank=np.arange(1, len(ranked) + 1))
