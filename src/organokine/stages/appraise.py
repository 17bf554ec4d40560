"""Stage: what a reader needs to judge the leading candidates, and how many animals an empty tier would need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from organokine import tables
from organokine.design import design_matrix
from organokine.kernels.linear_model import residuals
from organokine.kernels.power import animals_per_group

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.evidence.base import Line
    from organokine.study_file import ContrastSection, RankingSection, StudyFile

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


def animals_needed(
    differential: pd.DataFrame, tiers: Sequence[Mapping[str, object]], file: StudyFile
) -> dict[str, object] | None:
    """How many animals per group a typical protein would need to reach tier 2, where nothing did.

    Each organ must find a change of `relevant_log2fc` with the square root of the wanted power, at the level that the first
    discovery of the conjunction needs: the false discovery rate over the square root of twice the number of hypotheses (the
    adaptive filter lets about 2 g m of m null pairs pass at threshold g). The variance is the median moderated variance of
    the proteins of the noisier organ. This plans a study; it is not the power of the one at hand.

    Parameters
    ----------
    differential : pandas.DataFrame
        Table of that name.
    tiers : sequence of mappings
        Summary of the tiers from the ranking.
    file : StudyFile
        Resolved study file.

    Returns
    -------
    dict or None
        `tier`, `n_per_group`, `n_now`, `effect_log2fc`, `power`, `sd`, `sentence`; None if tier 2 or above is not empty, or
        was not asked.
    """
    reached = sum(int(str(row["n"])) for row in tiers if int(str(row["tier"])) >= 2)
    second = next(row for row in tiers if row["tier"] == 2)
    if reached > 0 or second["asked"] is not True or file.axis is None:
        return None
    settings = file.ranking
    tested = differential[(differential["state"] == "tested") & (differential["modality"] == "protein")]
    by_organ = tested[tested["organ"].isin([file.axis.source, file.axis.target])].groupby("organ")
    if by_organ.ngroups == 0:
        return None
    sd = float(by_organ["sd"].median().max())
    n_now = int(by_organ[["n_case", "n_control"]].max().to_numpy(dtype=int).min())
    n = _animals(sd, int(str(second["n_hypotheses"])), settings)
    found = f"about {n} animals per group" if n is not None else "more than 1,000 animals per group"
    sentence = (
        f"To find a {2**settings.relevant_log2fc:.1f}-fold change in both organs of a typical protein "
        f"(standard deviation {sd:.2f} log2) with {settings.power:.0%} power, {found} would be needed; "
        f"this study has up to {n_now}."
    )
    return {
        "tier": 2,
        "n_per_group": n,
        "n_now": n_now,
        "effect_log2fc": settings.relevant_log2fc,
        "power": settings.power,
        "sd": sd,
        "sentence": sentence,
    }


def _animals(sd: float, n_hypotheses: int, settings: RankingSection) -> int | None:
    alpha = float(np.sqrt(settings.fdr / (2.0 * max(n_hypotheses, 1))))
    return animals_per_group(settings.relevant_log2fc / sd, alpha=alpha, power=float(np.sqrt(settings.power)))


def evidence_cards(
    mediators: pd.DataFrame, evidence: pd.DataFrame, flags: pd.DataFrame, lines: Sequence[Line], species: str
) -> dict[str, dict[str, Any]]:
    """Facts of each leading candidate, line by line, with what was not shown.

    Returns
    -------
    dict
        By gene: plain JSON values; numbers that are missing are None.
    """
    cards: dict[str, dict[str, Any]] = {}
    for row in mediators[mediators["gene"].isin(leading_candidates(mediators))].to_dict("records"):
        gene = row["gene"]
        answers = evidence[evidence["gene"] == gene].set_index("line")
        chain: list[dict[str, Any]] = [
            {"line": line.name, "question": line.question, "null": line.null, "unit": line.unit}
            | {name: _plain(answers.at[line.name, name]) for name in answers.columns if name != "gene"}
            for line in lines
            if line.name in answers.index
        ]
        remarks = flags[(flags["scope"] == "gene") & (flags["name"] == gene)]
        cards[gene] = {
            "gene": gene,
            "species": species,
            "tier": _plain(row["tier"]),
            "q": _plain(row["q"]),
            "route": row["route"],
            "limiting_evidence": row["limiting_evidence"],
            "chain": chain,
            "not_shown": [step["question"] for step in chain if step["p"] is None and step["null"][:4] != "None"],
            "flags": remarks[["flag", "source", "detail"]].to_dict("records"),
        }
    return cards


def _plain(value: object) -> object:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    return str(value)
