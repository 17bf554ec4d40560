"""Does the source organ make the candidate, or is it blood?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from organokine.design import design_matrix
from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import matrix_by_gene, organ_of
from organokine.kernels.correlation import paired_correlation

MADE_HERE_QUANTILE = 0.5
"""A blood protein counts as made by the organ if its transcript is above this quantile of the organ's expressed genes: residual
blood carries transcripts of blood cells, so mere detection is not enough."""
BLOOD_INDEX_P = 0.01
"""A protein is said to follow the blood index below this one-sided p of the within-group correlation."""


def run(given: EvidenceInput) -> pd.DataFrame:
    """Say whether the source has the transcript, and whether the protein is one of blood. Flags, never removes.

    States: `made_here` (transcript expressed in the source), `no_transcript` (RNA measured, gene below detection),
    `blood_suspect` (a protein of plasma, erythrocytes, platelets or an immunoglobulin, without a transcript that would
    explain it), `rna_not_measured`. The note names blood panels, and organs that the references know to make the protein; that is
    told and decides nothing, since the list names the leading organs and not all.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is the within-group correlation of the source protein with the blood index.
    """
    genes = given.candidates.index
    panel = given.references.panels().groupby("gene")["panel"].agg(lambda names: ", ".join(sorted(set(names))))
    panel = panel.reindex(genes).fillna("")
    in_panel = (panel != "").to_numpy()
    has_rna = ("source", "rna") in given.prepared
    expressed, strong = _expression(given)
    is_expressed, is_strong = genes.isin(expressed), genes.isin(strong)
    made = np.where(in_panel, is_strong, is_expressed)
    if not has_rna:
        made = ~in_panel
    state = np.select(
        [in_panel & ~made, np.full(len(genes), not has_rna), made],
        ["blood_suspect", "rna_not_measured", "made_here"],
        "no_transcript",
    )
    follows = _blood_index_correlation(given).reindex(genes)
    follows_blood = (follows["p"] < BLOOD_INDEX_P).to_numpy()
    note = _notes(panel, given.references.origin(list(genes))["organs"])
    flags = [
        ";".join(
            flag for flag, holds in (("blood_panel", a), ("follows_blood_index", b), ("no_transcript", c)) if holds
        )
        for a, b, c in zip(in_panel, follows_blood, state == "no_transcript", strict=True)
    ]
    return pd.DataFrame(
        {
            "effect": follows["r"].to_numpy(dtype=float),
            "n": follows["n"].to_numpy(dtype=float),
            "state": state,
            "note": note,
            "flags": flags,
        },
        index=genes,
    )


def _notes(panel: pd.Series, organs: pd.Series) -> list[str]:
    """Blood panels of each gene, and the organs that are known to make it."""
    known = organs.str.replace(";", ", ").str.replace(r"\ball\b", "all tissues", regex=True)
    blood = ("blood panel: " + panel).where(panel != "", "").to_numpy(dtype=object)
    made = ("known to be made in " + known).where(organs != "", "").to_numpy(dtype=object)
    return ["; ".join(part for part in pair if part != "") for pair in zip(blood, made, strict=True)]


def _expression(given: EvidenceInput) -> tuple[pd.Index, pd.Index]:
    """Genes expressed in the source, and those strongly so."""
    nothing = pd.Index([], dtype=object)
    if ("source", "rna") not in given.prepared:
        return nothing, nothing
    level = matrix_by_gene(given.prepared["source", "rna"], kept=True).mean(axis=1)
    return level.index, level.index[level >= level.quantile(MADE_HERE_QUANTILE)]


def _blood_index_correlation(given: EvidenceInput) -> pd.DataFrame:
    """Within-group correlation of each source protein with the sample's blood index; p one-sided."""
    nothing = pd.DataFrame(columns=["r", "n", "p"], dtype=float)
    if ("source", "protein") not in given.prepared or given.file.contrast is None:
        return nothing
    adata = given.prepared["source", "protein"]
    qc = given.qc[given.qc["sample"].isin(adata.obs_names) & (given.qc["organ"] == organ_of(given, "source"))]
    index = qc[qc["modality"] == "protein"].set_index("sample")["blood_index"].reindex(adata.obs_names)
    if index.isna().any():
        return nothing
    design = design_matrix(adata.obs, given.file.contrast, "source protein").matrix
    values = matrix_by_gene(adata, kept=True)
    blood = np.broadcast_to(index.to_numpy(dtype=float), values.shape)
    found = paired_correlation(values.to_numpy(), blood, design)
    p = stats.t.sf(found.t, np.where(found.df >= 1, found.df, np.nan))
    return pd.DataFrame({"r": found.r, "n": found.n, "p": p}, index=values.index)


LINE = Line(
    name="origin",
    question="Does the source organ make it, or is it blood?",
    needs=("RNA of the source organ (better)", "reference knowledge"),
    null="None: states and flags; a suspect stays in the table at tier 1 or below.",
    unit="r with blood",
    reference="10.15252/emmm.201910427",
    run=run,
    role="gate",
    caps={"blood_suspect": 1, "no_transcript": 1},
)
