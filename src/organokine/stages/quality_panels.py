"""Proteins that are no message: from hands and hair, from the bench, from blood. Measured, shown, never removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.kernels.quality import mean_centred_level
from organokine.study_file import PLASMA

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.references import References

LEAST_FEATURES = 3
"""Features of a panel an assay must have for a level: of fewer, one protein's own regulation would decide."""
NEGATIVE_SHARE = 0.1
"""Share of values below zero from which a table is one of ratios: intensities on the log2 scale are hardly ever below 1, and the
sum of ratios has no meaning of which a panel could have a share."""
AFFINITY_READERS = ("olink", "somascan")
"""Readers of affinity panels, whose values of different proteins are not on one scale."""
OWN_OF_PLASMA = ("plasma", "immunoglobulin")
"""Panels that are what plasma consists of."""

_PREFIX = re.compile(r"^(?:con__|cont_|contam_|crap[-_|])", re.IGNORECASE)
_IN_HEADER = re.compile(r"^(?:sp|tr)\|([^|]+)\|")
_SUFFIX = re.compile(r"[-.#]\d+$")


def panel_rows(adata: AnnData, references: References | None) -> pd.DataFrame:
    """Share of the intensity and level of every panel in every sample of a protein assay.

    Parameters
    ----------
    adata : anndata.AnnData
        A prepared assay, log2.
    references : References, optional
        Panels of the study's species; without them, and for RNA, there are no rows: a transcript of keratin or haemoglobin is
        made by the cells of the sample.

    Returns
    -------
    pandas.DataFrame
        Rows of the table `qc_panels`: all samples, and the panels of which the assay has a feature.
    """
    about = adata.uns["organokine"]
    if references is None or about["modality"] != "protein":
        return pd.DataFrame(columns=["assay", "sample", "panel", "n_features", "share", "level"])
    values = np.asarray(adata.X, dtype=float)
    measured = np.isfinite(values)
    linear = _linear(values, measured, str(about.get("reader", "")))
    parts = []
    for panel, is_member in panel_members(adata.var, references).items():
        if not is_member.any() or (about["organ"] == PLASMA and panel in OWN_OF_PLASMA):
            continue
        usable = is_member & adata.var["kept"].to_numpy(dtype=bool)
        level = mean_centred_level(values[:, usable].T) if usable.sum() >= LEAST_FEATURES else np.nan
        parts.append(
            pd.DataFrame(
                {
                    "assay": about["name"],
                    "sample": adata.obs_names.to_numpy(dtype=object),
                    "panel": panel,
                    "n_features": measured[:, is_member].sum(axis=1),
                    "share": np.nan if linear is None else linear[:, is_member].sum(axis=1) / linear.sum(axis=1),
                    "level": level,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if len(parts) > 0 else panel_rows(adata, None)


def panel_members(var: pd.DataFrame, references: References) -> dict[str, np.ndarray]:
    """Which features belong to each panel: by symbol of the species, and contaminants by any accession of the group as well.

    Parameters
    ----------
    var : pandas.DataFrame
        Features of an assay: index native identifiers, columns gene and protein.
    references : References
        Panels and contaminants of the species.

    Returns
    -------
    dict of str to numpy.ndarray
        (n_features,) bool by panel; contaminants first.
    """
    genes = var["gene"].to_numpy(dtype=object)
    names = [
        {plain_accession(each) for each in f"{row};{protein}".split(";")}
        for row, protein in zip(var.index, var["protein"], strict=True)
    ]
    members = {}
    for panel, rows in references.contaminants().groupby("panel", sort=True):
        symbols, accessions = set(rows["gene"]) - {""}, set(rows["protein"]) - {""}
        members[str(panel)] = np.array(
            [gene in symbols or not accessions.isdisjoint(own) for gene, own in zip(genes, names, strict=True)],
            dtype=bool,
        )
    panels = references.panels()
    for panel in sorted(set(panels["panel"])):
        members[panel] = np.isin(genes.astype(str), panels.loc[panels["panel"] == panel, "gene"].to_numpy(dtype=str))
    if "immunoglobulin" in members:
        members["immunoglobulin"] |= references.is_immunoglobulin(list(genes))
    return members


def plain_accession(text: str) -> str:
    """An accession without the prefix of a contaminant, the frame of a FASTA header, isoform, version and mark of a repeat."""
    plain = _PREFIX.sub("", text.strip())
    header = _IN_HEADER.match(plain)
    return _SUFFIX.sub("", _PREFIX.sub("", plain if header is None else header.group(1)))


def _linear(values: np.ndarray, measured: np.ndarray, reader: str) -> np.ndarray | None:
    """Values on the linear scale, each sample relative to its highest; None where a sum has no meaning."""
    if reader in AFFINITY_READERS or not measured.any() or (values[measured] < 0).mean() > NEGATIVE_SHARE:
        return None
    highest = np.where(measured, values, -np.inf).max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.where(measured, np.exp2(values - highest), 0.0)
