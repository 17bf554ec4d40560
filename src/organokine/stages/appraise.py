"""Stage: what a reader needs to judge the leading candidates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from organokine import tables
from organokine.appraisal.appraise import appraise
from organokine.appraisal.given import AppraisalInput
from organokine.design import design_matrix
from organokine.kernels.linear_model import residuals

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.appraisal.answers import Answers
    from organokine.evidence.base import Line
    from organokine.study import Study
    from organokine.study_file import ContrastSection

N_LEADING = 10
"""Candidates that always get a card, however weak."""
N_LEADING_MOST = 25
"""Candidates that get a card at most; more would not be read."""


def leading_candidates(mediators: pd.DataFrame) -> list[str]:
    """Genes that get a card: the first ten, and all at tier 2 or above up to twenty-five."""
    n_claimed = int((mediators["tier"] >= 2).sum())
    n = min(max(N_LEADING, n_claimed), N_LEADING_MOST)
    return mediators["gene"].head(n).tolist()


def animal_values(
    genes: Sequence[str],
    prepared: Mapping[tuple[str, str], AnnData],
    names: Mapping[tuple[str, str], str],
    contrast: ContrastSection,
) -> pd.DataFrame:
    """Levels of the leading candidates, animal by animal.

    Parameters
    ----------
    genes : sequence of str
        Leading candidates.
    prepared : mapping of (role, modality) to anndata.AnnData
        Prepared assays.
    names : mapping of (role, modality) to str
        Names of the assays.
    contrast : ContrastSection
        Factor and covariates.

    Returns
    -------
    pandas.DataFrame
        Table `animals`: value in log2, and what remains after group and covariates are taken out; NaN is not measured.
    """
    parts = []
    for (role, modality), adata in prepared.items():
        rows = np.flatnonzero(
            adata.var["representative"].to_numpy(dtype=bool) & adata.var["gene"].isin(genes).to_numpy()
        )
        values = np.asarray(adata.X, dtype=float)[:, rows].T
        design = design_matrix(adata.obs, contrast, names[role, modality]).matrix
        left = residuals(values, design).values
        shape = values.shape
        parts.append(
            pd.DataFrame(
                {
                    "gene": np.repeat(adata.var["gene"].to_numpy()[rows], shape[1]),
                    "assay": names[role, modality],
                    "organ": adata.uns["organokine"]["organ"],
                    "role": role,
                    "modality": modality,
                    "sample": np.tile(adata.obs_names.to_numpy(), shape[0]),
                    "subject": np.tile(adata.obs["subject"].to_numpy(), shape[0]),
                    "group": np.tile(adata.obs[contrast.factor].astype(str).to_numpy(), shape[0]),
                    "value": values.ravel(),
                    "residual": left.ravel(),
                }
            )
        )
    if len(parts) == 0:
        return tables.ANIMALS.empty()
    return tables.ANIMALS.conform(pd.concat(parts, ignore_index=True))


def evidence_cards(study: Study, found: Mapping[str, pd.DataFrame], lines: Sequence[Line]) -> dict[str, dict[str, Any]]:
    """Appraise every leading candidate.

    Parameters
    ----------
    study : Study
        The study as read.
    found : mapping of str to pandas.DataFrame
        Tables of the run so far by name, with `animals` and the remarks on genes as `flags`.
    lines : sequence of Line
        Evidence lines of the run.

    Returns
    -------
    dict
        Cards by gene: plain JSON values; numbers that are missing are None. Provenance and answers are added by `complete_cards`.
    """
    designs = {name: adata.obs for name, adata in study.assays.items()}
    genes = leading_candidates(found["mediators"])
    given = AppraisalInput(study.file, {**found, "runs": study.runs}, designs, lines)
    ranking = {gene: _ranking(given.rows("mediators", "gene", gene)[0], gene, given) for gene in genes}
    return appraise(given, genes, ranking)


def complete_cards(
    cards: Mapping[str, Mapping[str, Any]], answers: Answers, manifest: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Add what people said, and what the cards rest on; nothing else of a card changes.

    Parameters
    ----------
    cards : mapping of str to mapping
        By gene, as `evidence_cards` makes them.
    answers : Answers
        Answers and notes of the study.
    manifest : mapping
        Manifest of the run.

    Returns
    -------
    dict of str to dict
        Cards with `notes`, `provenance` and `id`; no clock, so that the same inputs give the same bytes.
    """
    resolved = json.dumps(manifest["study"], sort_keys=True).encode()
    provenance = {
        "organokine": manifest["organokine"],
        "study": manifest["study"]["study"]["name"],
        "parameters_sha256": hashlib.sha256(resolved).hexdigest(),
        "seed": manifest["seed"],
        "inputs": [{"file": each["file"], "sha256": each["sha256"]} for each in manifest["inputs"]],
        "references": [{name: str(value) for name, value in each.items()} for each in manifest["references"]],
        "versions": dict(manifest["versions"]),
        "rerun": "organokine run STUDY",
    }
    found = {}
    for gene, card in cards.items():
        flags = [dict(flag) | {"answers": answers.of(gene, str(flag["rule"]))} for flag in card["flags"]]
        whole = dict(card) | {"flags": flags, "notes": answers.notes_of(gene), "provenance": provenance}
        whole["study_needs"] = manifest["animals_needed"]
        content = json.dumps(whole, sort_keys=True, allow_nan=False).encode()
        found[gene] = {"id": f"sha256:{hashlib.sha256(content).hexdigest()}"} | whole
    return found


def _ranking(row: Mapping[str, Any], gene: str, given: AppraisalInput) -> dict[str, Any]:
    """What the ranking said: tier, error rate, and every evidence line."""
    answers = {answer["line"]: answer for answer in given.rows("evidence", "gene", gene)}
    chain = [
        {"line": line.name, "question": line.question, "null": line.null, "unit": line.unit}
        | {name: _plain(value) for name, value in answers[line.name].items() if name not in {"line", "gene"}}
        for line in given.lines
        if line.name in answers
    ]
    remarks = [row for row in given.rows("flags", "name", gene) if row["scope"] == "gene"]
    return {
        "rank": _plain(row["rank"]),
        "tier": _plain(row["tier"]),
        "q": _plain(row["q"]),
        "route": row["route"],
        "limiting_evidence": row["limiting_evidence"],
        "chain": chain,
        "remarks": [{name: remark[name] for name in ("flag", "source", "detail")} for remark in remarks],
    }


def _plain(value: object) -> object:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    return str(value)
