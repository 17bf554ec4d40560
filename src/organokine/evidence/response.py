"""Does the target's contrast look like what this ligand does to cells?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.design import covariate_column
from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import (
    ASKED,
    by_gene,
    design_of_subset,
    largest,
    matrix_by_gene,
    one_sided,
    source_change,
    words,
)
from organokine.kernels import ligand_score
from organokine.kernels.relabeling import relabeled_t, relabelings
from organokine.references.signatures import family_mask

if TYPE_CHECKING:
    from anndata import AnnData

LEVEL = 0.05
"""Level that arrangements and others must be able to reach; with fewer, the answer could only be no, and is not asked."""
OWN_P = 0.05
"""One-sided p of the ligand's own change in the target below which its expression there is named as another explanation."""
N_LEADING = 5
"""Genes named in a note: as many as are read."""


class Scored(NamedTuple):
    """All signatures, scored in the target.

    Attributes
    ----------
    table : pandas.DataFrame
        Index signature; columns `score`, `animals_p`, `competitive_p`, `overlap`, `n_others`, `leading`.
    n_animals : int
        Animals of the target.
    n_possible : int
        Distinct arrangements of their labels.
    n_effective : float
        How many independent questions the signatures are worth in this target.
    """

    table: pd.DataFrame
    n_animals: int
    n_possible: int
    n_effective: float


def run(given: EvidenceInput) -> pd.DataFrame:
    """Score of the ligand's signature in the target, against rearranged animals and against other signatures of its size.

    The score is the t of the slope when the moderated t of the target's genes are regressed on the weights of the signature,
    without the ligand and its family. A source that rises must be met by the signature, one that falls by its reverse. Two nulls
    are asked and the larger p counts: the labels of the animals rearranged within the strata of the covariates, and the place
    among other signatures of like size in the same data, for an organ that changes looks like many signatures and that is
    evidence for none of them.

    Null hypothesis: which animal of the target has which label does not matter, or the signature stands among those of like size
    wherever chance puts it.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is the score.

    References
    ----------
    Badia-i-Mompel 2022, doi:10.1093/bioadv/vbac016; Phipson and Smyth 2010, doi:10.2202/1544-6115.1585; Berger 1982,
    doi:10.1080/00401706.1982.10487790.
    """
    genes = given.candidates.index
    found = score_target(given)
    if isinstance(found, str):
        return pd.DataFrame({"state": found}, index=genes)
    scored, modality = found
    rows = scored.table.reindex(genes)
    direction = np.sign(source_change(given)["log2fc"].to_numpy(dtype=float))
    p = np.maximum(rows["animals_p"].to_numpy(dtype=float), rows["competitive_p"].to_numpy(dtype=float))
    options = given.file.response
    reasons = {
        "none_known": rows["overlap"].isna().to_numpy(),
        "small_overlap": (rows["overlap"] < options.minimum_overlap).to_numpy(),
        "too_few_animals": np.full(len(genes), scored.n_possible * LEVEL < 1),
        "too_few_signatures": ((rows["n_others"] + 1) * LEVEL < 1).to_numpy(),
        "no_direction": ~(np.abs(direction) == 1),
        "not_testable": ~np.isfinite(p),
    }
    unasked = np.any(list(reasons.values()), axis=0)
    own = _own_expression(given, direction)
    state = np.select(
        [*reasons.values(), own, np.full(len(genes), modality == "protein")],
        [*reasons, "own_expression", "rna_not_measured"],
        ASKED,
    )
    effect = np.where(np.isfinite(rows["overlap"]), rows["score"], np.nan)
    return pd.DataFrame(
        {
            "effect": effect,
            "p": np.where(unasked, np.nan, p),
            "n": np.where(rows["overlap"].notna(), float(scored.n_animals), np.nan),
            "direction": words(np.sign(effect)),
            "state": state,
            "note": _notes(rows, scored),
        },
        index=genes,
    )


def score_target(given: EvidenceInput) -> tuple[Scored, str] | str:
    """Score all signatures in the target.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    tuple or str
        Scores and the modality they rest on (`rna` where it was measured, else `protein`), or the state that says why there are
        none.
    """
    contrast, signatures = given.file.contrast, given.signatures
    if signatures is None:
        return "no_signatures"
    modality = "rna" if ("target", "rna") in given.prepared else "protein"
    if contrast is None or ("target", modality) not in given.prepared:
        return "target_not_measured"
    adata = given.prepared["target", modality]
    design = design_of_subset(adata.obs, contrast)
    if design is None:
        return "not_testable"
    values = _measured_enough(given, adata, modality)
    weights = signatures.over(list(values.index))
    values = values.loc[weights.index]
    if len(values) <= given.file.response.minimum_overlap:
        return "small_overlap"
    arranged = relabelings(
        list(adata.obs[contrast.factor].astype(str)),
        _strata(adata.obs, contrast.covariates),
        given.file.response.n_permutations,
        given.rng("response/animals"),
    )
    hidden = family_mask(list(values.index), list(weights.columns), family=given.file.response.mask_family)
    prepared = ligand_score.signatures(weights.to_numpy(), hidden)
    asked = (values.to_numpy(), design.matrix, design.contrast)
    scores = ligand_score.scores(relabeled_t(*asked, arranged.orders), len(arranged.orders), prepared)
    _, observed = next(relabeled_t(*asked, arranged.orders[:1]))
    return (
        Scored(
            _both_nulls(given, list(weights.columns), prepared.overlap, scores).assign(
                leading=_leading(given, prepared.weights, observed[:, 0], weights)
            ),
            adata.n_obs,
            arranged.n_possible,
            ligand_score.effective_number(scores),
        ),
        modality,
    )


def _measured_enough(given: EvidenceInput, adata: AnnData, modality: str) -> pd.DataFrame:
    """Genes x samples that keep enough values however the labels are arranged: the filter must not look at the true ones."""
    contrast = given.file.contrast
    values = matrix_by_gene(adata, kept=modality == "rna")
    if contrast is None:
        return values
    smaller = int(adata.obs[contrast.factor].astype(str).value_counts().min())
    allowed = max(smaller - given.file.prepare.minimum_values, 0)
    return values[values.isna().sum(axis=1) <= allowed]


def _strata(obs: pd.DataFrame, covariates: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Levels of the covariates, between which labels do not move; numbers are adjusted for and bind no label."""
    columns = [
        obs[covariate_column(name)].astype(str)
        for name in covariates
        if covariate_column(name) != name or obs[name].dtype.kind not in "iuf"
    ]
    return list(zip(*columns, strict=True)) if len(columns) > 0 else [()] * len(obs)


def _both_nulls(given: EvidenceInput, signatures: list[str], overlap: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Both p of every signature, in the direction that the source sets."""
    change = source_change(given)["log2fc"].reindex(signatures)
    direction = np.sign(change.to_numpy(dtype=float))
    standard = ligand_score.standardised(scores)
    standard[overlap < given.file.response.minimum_overlap] = np.nan
    competitive = ligand_score.competitive_p(standard, overlap, direction)
    return pd.DataFrame(
        {
            "score": scores[:, 0],
            "animals_p": ligand_score.animal_p(scores, direction),
            "competitive_p": competitive.p,
            "overlap": overlap,
            "n_others": competitive.n,
        },
        index=pd.Index(signatures, dtype=object),
    )


def _leading(given: EvidenceInput, weights: np.ndarray, t: np.ndarray, labels: pd.DataFrame) -> list[str]:
    """The genes that speak most for the score of each candidate's signature, in its direction; empty for other signatures."""
    genes = labels.index.to_numpy(dtype=object)
    candidates = set(given.candidates.index)
    names = []
    for place, signature in enumerate(labels.columns):
        if signature not in candidates:
            names.append("")
            continue
        spoken = weights[:, place] * np.nan_to_num(t)
        spoken = spoken * np.sign(spoken.sum())
        names.append(", ".join(genes[largest(spoken, N_LEADING)]))
    return names


def _own_expression(given: EvidenceInput, direction: np.ndarray) -> np.ndarray:
    """Whether the target changes its own expression of a candidate in the same direction."""
    rows = by_gene(given, "target", "rna")
    rows = (by_gene(given, "target", "protein") if len(rows) == 0 else rows).reindex(given.candidates.index)
    p = one_sided(rows["t"].to_numpy(dtype=float), rows["df"].to_numpy(dtype=float), direction)
    return np.asarray(p < OWN_P)


def _notes(rows: pd.DataFrame, scored: Scored) -> list[str]:
    """What each answer rests on, in words; empty without a signature."""
    notes = []
    for row in rows.to_dict("records"):
        if np.isnan(row["overlap"]):
            notes.append("")
            continue
        said = f"rests on {row['overlap']:.0f} genes"
        said += f", led by {row['leading']}" if row["leading"] != "" else ""
        if np.isfinite(row["animals_p"]):
            said += (
                f"; rearranged animals p = {row['animals_p']:.2g} ({scored.n_possible:,} arrangements possible); against "
                f"{row['n_others']:.0f} other signatures p = {row['competitive_p']:.2g}, which together are worth "
                f"{scored.n_effective:.1f} independent ones"
            )
        notes.append(said)
    return notes


LINE = Line(
    name="response",
    question="Does the target respond as this ligand predicts?",
    needs=("signatures of ligands ([response] signatures)", "RNA (better) or protein of the target organ"),
    null="Which animal of the target has which label does not matter, or the signature stands among those of like size "
    "wherever chance puts it.",
    unit="t",
    reference="10.1093/bioadv/vbac016",
    run=run,
    role="arm",
    tier=2,
    caveats={
        ASKED: "a response that looks like this ligand's may be another's whose signature is like it: signatures learned from "
        "co-expression are few independent ones",
        "own_expression": "the target changes its own expression of it in the same direction, so that the response may be to "
        "what the target makes, or the signature may show what is expressed together",
        "rna_not_measured": "signatures are of RNA, and the response was looked for in protein: RNA of the target was not "
        "measured",
    },
    columns={"response_p": "p"},
)
