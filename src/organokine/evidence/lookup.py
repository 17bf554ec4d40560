"""What several lines need: one row per gene of a role, and the direction that the source sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from organokine.design import Design, design_matrix
from organokine.errors import DataError
from organokine.study_file import PLASMA

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.evidence.base import EvidenceInput
    from organokine.study_file import ContrastSection

ASKED = "asked"


def organ_of(given: EvidenceInput, role: str) -> str:
    """Organ that plays a role: `source`, `target` or `plasma`."""
    if role == PLASMA or given.file.axis is None:
        return PLASMA
    return given.file.axis.source if role == "source" else given.file.axis.target


def by_gene(given: EvidenceInput, role: str, modality: str) -> pd.DataFrame:
    """Rows of the table `differential` that stand for a gene in one role, indexed by gene; empty if not measured."""
    table = given.differential
    chosen = (
        (table["organ"] == organ_of(given, role))
        & (table["modality"] == modality)
        & table["representative"].fillna(value=False).astype(bool)
        & (table["gene"] != "")
    )
    return table[chosen].set_index("gene")


def matrix_by_gene(adata: AnnData, *, kept: bool) -> pd.DataFrame:
    """Normalised log2 values, genes x samples, of the representative rows.

    Parameters
    ----------
    adata : anndata.AnnData
        A prepared assay.
    kept : bool
        Only rows that passed the filter.
    """
    rows = adata.var["representative"].to_numpy(dtype=bool) & (adata.var["gene"] != "").to_numpy()
    if kept:
        rows &= adata.var["kept"].to_numpy(dtype=bool)
    values = np.asarray(adata.X, dtype=float)[:, rows].T
    return pd.DataFrame(values, index=adata.var["gene"].to_numpy()[rows], columns=adata.obs_names)


def measured_genes(given: EvidenceInput, role: str) -> set[str]:
    """Genes seen in a role: a protein with any value, or a transcript above the expression filter."""
    seen: set[str] = set()
    if (role, "protein") in given.prepared:
        seen |= set(matrix_by_gene(given.prepared[role, "protein"], kept=False).dropna(how="all").index)
    if (role, "rna") in given.prepared:
        seen |= set(matrix_by_gene(given.prepared[role, "rna"], kept=True).index)
    return seen


def source_change(given: EvidenceInput) -> pd.DataFrame:
    """Change of every candidate in the source organ, protein first, RNA where no protein could be tested.

    Returns
    -------
    pandas.DataFrame
        Index gene in the order of the candidates; the columns of the table `differential` and `modality` (empty where
        neither was tested).
    """
    genes = given.candidates.index
    protein = by_gene(given, "source", "protein").reindex(genes)
    rna = by_gene(given, "source", "rna").reindex(genes)
    use_rna = protein["p"].isna() & rna["p"].notna()
    chosen = protein.where(~use_rna, rna)
    chosen["modality"] = np.where(use_rna, "rna", np.where(protein["p"].notna(), "protein", ""))
    return chosen


def design_of_subset(obs: pd.DataFrame, contrast: ContrastSection) -> Design | None:
    """Design of some of an assay's samples; None where these cannot tell the contrast from a covariate."""
    try:
        return design_matrix(obs, contrast)
    except DataError:
        return None


def one_sided(t: np.ndarray, df: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """p-value of a change in a given direction.

    Parameters
    ----------
    t, df : numpy.ndarray
        Moderated t and its degrees of freedom; NaN where not tested.
    direction : numpy.ndarray
        +1 or -1; 0 or NaN where there is none.

    Returns
    -------
    numpy.ndarray
        p-values; NaN where not tested or without direction.
    """
    signed = np.where(direction == 0, np.nan, direction) * t
    return np.asarray(stats.t.sf(signed, df))


def largest(values: np.ndarray, n: int) -> np.ndarray:
    """Positions of the n largest values above zero, the largest first; ties in their order."""
    n = min(n, len(values))
    if n == 0:
        return np.empty(0, dtype=int)
    least = np.partition(values, len(values) - n)[len(values) - n]
    order = np.flatnonzero((values >= least) & (values > 0))
    return order[np.argsort(-values[order], kind="stable")][:n]


def words(direction: np.ndarray) -> np.ndarray:
    """`up`, `down` or empty for +1, -1 or anything else."""
    return np.select([direction > 0, direction < 0], ["up", "down"], "")


def effect_columns(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Effect, standard error, interval and animals of differential rows, as evidence columns."""
    return {
        "effect": rows["log2fc"].to_numpy(dtype=float),
        "se": rows["se"].to_numpy(dtype=float),
        "ci_low": rows["ci_low"].to_numpy(dtype=float),
        "ci_high": rows["ci_high"].to_numpy(dtype=float),
        "n": (rows["n_case"] + rows["n_control"]).to_numpy(dtype=float, na_value=np.nan),
        "direction": words(np.sign(rows["log2fc"].to_numpy(dtype=float))),
    }
