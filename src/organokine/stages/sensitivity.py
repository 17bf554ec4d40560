"""Stage: which calls would change if missing values were filled in. The calls themselves always rest on measured values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine import tables
from organokine.kernels.imputation import downshift, nearest_neighbours
from organokine.parallel import map_items
from organokine.stages.differential import assay_differential

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.study_file import ContrastSection, DifferentialSection

N_DRAWS = 20
"""Draws of the random imputation; a share of draws is then known to 0.11 (standard error at one half)."""
DESCRIBED = ["assay", "organ", "modality", "feature", "gene", "protein", "representative", "n_missing", "log2fc", "q"]


def imputation_sensitivity(
    assays: Mapping[str, AnnData],
    contrast: ContrastSection,
    options: DifferentialSection,
    *,
    seed: int,
    fdr: float = 0.05,
    draws: int = N_DRAWS,
    workers: int = 1,
) -> pd.DataFrame:
    """Repeat the differential test with missing values filled in, in two ways that err in opposite directions.

    Draws from the lower flank of each sample take a missing value for a low one; the nearest features take it for an
    ordinary one. A call that stands under both does not depend on why values are missing.

    Parameters
    ----------
    assays : mapping of str to anndata.AnnData
        Prepared assays; those of counts are passed over, and so are those without missing values. None is changed.
    contrast : ContrastSection
        Factor, case, control, covariates.
    options : DifferentialSection
        Options of the model, the same for all.
    seed : int
        Seed of the draws; each draw of each assay has its own generator, named by both.
    fdr : float
        False discovery rate of a call.
    draws : int
        Draws of the random imputation.
    workers : int
        Processes; never changes an answer.

    Returns
    -------
    pandas.DataFrame
        Table `sensitivity`: the features called (q below `fdr`) on measured values, in the median of the draws, or with the
        nearest features.

    Raises
    ------
    DataError
        If a design cannot separate the contrast from a covariate.
    """
    parts = []
    for adata in assays.values():
        if adata.uns["organokine"]["modality"] != "protein" or "weights" in adata.layers:
            continue
        if np.isfinite(adata.X).all():
            continue
        fills = ["measured", "neighbours", *(f"draw {place}" for place in range(draws))]
        ask = partial(_tested, adata, contrast, options, seed)
        measured, neighbours, *drawn = map_items(ask, fills, workers)
        parts.append(_compared(measured, neighbours, drawn, fdr))
    return (
        tables.SENSITIVITY.conform(pd.concat(parts, ignore_index=True))
        if len(parts) > 0
        else tables.SENSITIVITY.empty()
    )


def _tested(
    adata: AnnData, contrast: ContrastSection, options: DifferentialSection, seed: int, fill: str
) -> pd.DataFrame:
    """The differential table of one assay, its missing values filled in as `fill` says."""
    if fill == "measured":
        return assay_differential(adata, contrast, options)[DESCRIBED]
    values = np.asarray(adata.X, dtype=float).T
    if fill == "neighbours":
        filled = nearest_neighbours(values)
    else:
        name = f"{adata.uns['organokine']['name']}/{fill}"
        rng = np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=tuple(name.encode())))
        filled = downshift(values, rng)
    copied = adata.copy()
    copied.X = np.ascontiguousarray(filled.T)
    # A feature left out for its missing values has them now; without any value there was nothing to fill in from.
    lacking = (adata.var["reason"] == "too_few_values").to_numpy() & np.isfinite(values).any(axis=1)
    copied.var["kept"] = adata.var["kept"].to_numpy(dtype=bool) | lacking
    copied.var["reason"] = np.where(lacking, "", adata.var["reason"].to_numpy())
    return assay_differential(copied, contrast, options)[["log2fc", "q"]]


def _compared(measured: pd.DataFrame, neighbours: pd.DataFrame, drawn: list[pd.DataFrame], fdr: float) -> pd.DataFrame:
    """Rows called at least once, with their verdict."""
    effects = np.column_stack([draw["log2fc"] for draw in drawn])
    rates = np.column_stack([draw["q"] for draw in drawn])
    table = measured.assign(
        downshift_log2fc=np.median(effects, axis=1),
        downshift_q=np.median(rates, axis=1),
        downshift_called=np.where(np.isfinite(rates).all(axis=1), (rates < fdr).mean(axis=1), np.nan),
        neighbours_log2fc=neighbours["log2fc"].to_numpy(),
        neighbours_q=neighbours["q"].to_numpy(),
    )
    called = (table[["q", "downshift_q", "neighbours_q"]] < fdr).to_numpy()
    signs = np.sign(table[["log2fc", "downshift_log2fc", "neighbours_log2fc"]].to_numpy(dtype=float))
    stable = called.all(axis=1) & (signs == signs[:, :1]).all(axis=1)
    table["verdict"] = np.select([stable, called[:, 0]], ["stable", "depends_on_imputation"], "only_with_imputation")
    return table.iloc[np.flatnonzero(called.any(axis=1))]
