"""Stage: case against control of every feature of every assay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from organokine import tables
from organokine.design import design_matrix
from organokine.kernels.linear_model import ModeratedTest, moderated_test
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.parallel import map_items

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.study_file import ContrastSection, DifferentialSection

CONFIDENCE = 0.95
"""Coverage of the intervals in the tables and the report."""


def differential_table(
    assays: Mapping[str, AnnData], contrast: ContrastSection, options: DifferentialSection, *, workers: int = 1
) -> pd.DataFrame:
    """Moderated t-tests of all prepared assays.

    Null hypothesis: case and control have the same mean log2 level, given the covariates.

    Parameters
    ----------
    assays : mapping of str to anndata.AnnData
        Prepared assays: `X` normalised log2, NaN not measured; `var["kept"]`; precision weights in `layers["weights"]` for
        counts.
    contrast : ContrastSection
        Factor, case, control, covariates.
    options : DifferentialSection
        Options of the variance prior.
    workers : int
        Processes, one assay each.

    Returns
    -------
    pandas.DataFrame
        Table `differential`: every feature of every assay, tested or with the reason why not.

    Raises
    ------
    DataError
        If a design cannot separate the contrast from a covariate.
    """
    ask = partial(assay_differential, contrast=contrast, options=options)
    parts = map_items(ask, assays.values(), workers)
    return tables.DIFFERENTIAL.conform(pd.concat(parts, ignore_index=True))


def assay_differential(adata: AnnData, contrast: ContrastSection, options: DifferentialSection) -> pd.DataFrame:
    """Moderated t-tests of one prepared assay; see `differential_table`."""
    about = adata.uns["organokine"]
    name = about["name"]
    design = design_matrix(adata.obs, contrast, f"assay {name}")
    values = np.asarray(adata.X, dtype=float).T
    kept = adata.var["kept"].to_numpy(dtype=bool)
    weights = adata.layers["weights"].T[kept] if "weights" in adata.layers else None
    test = moderated_test(
        values[kept], design.matrix, design.contrast, weights=weights, trend=options.trend, robust=options.robust
    )
    measured = np.isfinite(values)
    is_case = design.matrix[:, 1] == 1
    frame = pd.DataFrame(
        {
            "assay": name,
            "organ": about["organ"],
            "modality": about["modality"],
            "feature": adata.var_names.to_numpy(),
            "gene": adata.var["gene"].to_numpy(),
            "protein": adata.var["protein"].to_numpy(),
            "representative": adata.var["representative"].to_numpy(dtype=bool),
            "mean_log2": adata.var["mean_log2"].to_numpy(dtype=float),
            "n_case": measured[:, is_case].sum(axis=1),
            "n_control": measured[:, ~is_case].sum(axis=1),
            "n_missing": (~measured).sum(axis=1),
            "state": adata.var["reason"].to_numpy(),
        }
    )
    frame.loc[kept, "state"] = np.where(test.estimable & np.isfinite(test.p), "tested", "not_estimable")
    return frame.assign(**_numbers(test, kept))


def _numbers(test: ModeratedTest, kept: np.ndarray) -> dict[str, np.ndarray]:
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, test.df) * test.se
    columns = {
        "log2fc": test.effect,
        "se": test.se,
        "ci_low": test.effect - half,
        "ci_high": test.effect + half,
        "sd": test.sd,
        "df": test.df,
        "t": test.t,
        "p": test.p,
        "q": benjamini_hochberg(test.p),
    }
    spread = {}
    for column, values in columns.items():
        whole = np.full(len(kept), np.nan)
        whole[kept] = values
        spread[column] = whole
    return spread
