"""Stage: which processes and signalling pathways change in every comparison, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from organokine import tables
from organokine.design import design_matrix
from organokine.errors import DataError
from organokine.evidence.lookup import largest, matrix_by_gene, words
from organokine.kernels.enrichment import set_correlation, set_test, z_of_t
from organokine.kernels.linear_model import residuals
from organokine.kernels.multiple_testing import benjamini_hochberg
from organokine.stages.differential import assay_differential
from organokine.study_file import ContrastSection

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.references.signatures import SignatureSet
    from organokine.study_file import DifferentialSection, StudyFile
    from organokine.study_file_sets import PathwaysSection

CONTRAST = "contrast"
"""Name of the comparison that is the study's contrast; a perturbation goes by its own name."""
SAMPLING_VARIANCE = 1.0
"""Variance of a z by sampling error alone. Only that much is inflated by the correlation of the genes; see `enrichment.set_test`."""
N_LEADING = 8
"""Leading genes kept of a set; as many as are read."""


class Comparison(NamedTuple):
    """Case against control in one assay: its name, the assay's, what was asked, and the rows of `differential`."""

    name: str
    adata: AnnData
    asked: ContrastSection
    differential: pd.DataFrame


def pathway_table(
    comparisons: Sequence[Comparison], collections: Sequence[SignatureSet], settings: PathwaysSection
) -> pd.DataFrame:
    """Test every set of every collection in every comparison.

    The moderated t of the representative rows become z; their mean in a set is held against that of all other genes, with a standard
    error that knows how the set's genes move together over the animals (camera; Wu and Smyth 2012). That correlation is estimated, not
    preset: with limma's preset of 0.01, real organs whose labels were swapped show sets in every study (docs/response.md).

    Parameters
    ----------
    comparisons : sequence of Comparison
        What is compared.
    collections : sequence of SignatureSet
        Gene sets and footprints in the symbols of the study.
    settings : PathwaysSection
        Smallest and largest set.

    Returns
    -------
    pandas.DataFrame
        Table `pathways`, in the order of comparisons and collections, best set first.

    References
    ----------
    Wu and Smyth 2012, doi:10.1093/nar/gks461.
    """
    parts = [part for each in comparisons for part in _of_comparison(each, collections, settings)]
    if len(parts) == 0:
        return tables.PATHWAYS.empty()
    return tables.PATHWAYS.conform(pd.concat(parts, ignore_index=True))


def find_comparisons(
    file: StudyFile, assays: Mapping[str, AnnData], differential: pd.DataFrame, options: DifferentialSection
) -> list[Comparison]:
    """The contrast in every assay of it, and every perturbation in its own that its covariates leave to be told.

    Parameters
    ----------
    file : StudyFile
        The study file.
    assays : mapping of str to anndata.AnnData
        Prepared assays.
    differential : pandas.DataFrame
        Table `differential` of the contrast.
    options : DifferentialSection
        Options of the model, for the perturbations.

    Returns
    -------
    list of Comparison
        The contrast first.
    """
    found = []
    if file.contrast is not None:
        for name, adata in assays.items():
            if name not in file.arm_assays:
                rows = differential[differential["assay"] == name]
                found.append(Comparison(CONTRAST, adata, file.contrast, rows))
    for arm in file.perturbation:
        asked = ContrastSection(factor=arm.factor, case=arm.case, control=arm.control, covariates=arm.covariates)
        whole = assays[arm.assay]
        adata = whole[whole.obs[arm.factor].astype(str).isin([arm.case, arm.control])].copy()
        try:
            table = assay_differential(adata, asked, options)
        except DataError:
            continue  # the arm is confounded with a covariate; the table `perturbations` says so
        found.append(Comparison(arm.name, adata, asked, table))
    return found


def _of_comparison(
    given: Comparison, collections: Sequence[SignatureSet], settings: PathwaysSection
) -> Iterator[pd.DataFrame]:
    rows = given.differential
    chosen = rows["representative"].fillna(value=False).astype(bool) & (rows["gene"] != "") & rows["p"].notna()
    tested = rows[chosen].set_index("gene")
    values = matrix_by_gene(given.adata, kept=True)
    genes = list(tested.index.intersection(values.index))
    try:
        design = design_matrix(given.adata.obs, given.asked)
    except DataError:
        return
    df = design.matrix.shape[0] - design.matrix.shape[1]
    if len(genes) < settings.minimum_genes or df < 1:
        return
    tested = tested.loc[genes]
    z = z_of_t((tested["log2fc"] / tested["se"]).to_numpy(dtype=float), tested["df"].to_numpy(dtype=float))
    left = residuals(values.loc[genes].to_numpy(), design.matrix).values
    for collection in collections:
        yield from _of_collection(given, collection, genes, (z, left, float(df)), settings)


def _of_collection(
    given: Comparison,
    collection: SignatureSet,
    genes: list[str],
    data: tuple[np.ndarray, np.ndarray, float],
    settings: PathwaysSection,
) -> Iterator[pd.DataFrame]:
    z, left, df = data
    weights = collection.over(genes)
    known = set(weights.index)
    kept = np.array([gene in known for gene in genes], dtype=bool)
    n = np.count_nonzero(weights.to_numpy(), axis=0)
    weights = weights.loc[:, (n >= settings.minimum_genes) & (n <= settings.maximum_genes)]
    if weights.shape[1] == 0:
        return
    values = weights.to_numpy(dtype=float)
    values = values / (np.abs(values).sum(axis=0) / np.count_nonzero(values, axis=0))
    table = sparse.csr_array(values)
    correlation = set_correlation(left[kept], table)
    test = set_test(z[kept], table, correlation, df, sampling_variance=SAMPLING_VARIANCE)
    about = given.adata.uns["organokine"]
    frame = pd.DataFrame(
        {
            "comparison": given.name,
            "assay": about["name"],
            "organ": about["organ"],
            "modality": about["modality"],
            "collection": collection.name,
            "set": weights.columns.to_numpy(dtype=object),
            "n": test.n,
            "direction": words(np.sign(test.effect)),
            "effect": test.effect,
            "correlation": correlation,
            "t": test.t,
            "df": test.df,
            "p": test.p,
            "q": benjamini_hochberg(test.p),
            "leading": _leading(values, z[kept], np.sign(test.effect), weights.index.to_numpy(dtype=object)),
        }
    )
    yield frame.sort_values(["p", "set"], kind="stable")


def _leading(weights: np.ndarray, z: np.ndarray, direction: np.ndarray, genes: np.ndarray) -> list[str]:
    """The genes of every set that moved most in its direction."""
    spoken = weights * np.nan_to_num(z)[:, None] * direction
    return [", ".join(genes[largest(column, N_LEADING)]) for column in np.ascontiguousarray(spoken.T)]
