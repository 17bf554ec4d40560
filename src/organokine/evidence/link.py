"""Animal by animal, within group, does the target follow the source?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import ASKED, design_of_subset, matrix_by_gene, words
from organokine.kernels.correlation import pair_breaking_p, paired_correlation

N_MATCHED = 100
"""Non-secreted genes of like level against which a link is compared; 100 resolve p to 0.01."""
COMPETITIVE_P = 0.05
"""A link that does not stand out from matched non-secreted genes at this level is said to be like them."""


class Pairs(NamedTuple):
    """Both organs of the same animals.

    Attributes
    ----------
    source, target : pandas.DataFrame
        Genes x animals, same rows and columns; normalised log2, NaN not measured.
    groups : numpy.ndarray
        (n_animals,) level of the contrast factor.
    design : numpy.ndarray
        (n_animals, n_coefficients) group and covariates of both organs: a batch may differ between them.
    """

    source: pd.DataFrame
    target: pd.DataFrame
    groups: np.ndarray
    design: np.ndarray


def paired_values(given: EvidenceInput) -> Pairs | str:
    """The proteins measured in both organs of the same animals, or the state that says why there are none."""
    contrast = given.file.contrast
    if contrast is None or ("source", "protein") not in given.prepared or ("target", "protein") not in given.prepared:
        return "protein_not_measured_in_both"
    source, target = given.prepared["source", "protein"], given.prepared["target", "protein"]
    target_of = pd.Series(target.obs_names, index=target.obs["subject"].to_numpy())
    obs = source.obs[source.obs["subject"].isin(target_of.index)]
    group_sizes = obs[contrast.factor].astype(str).value_counts()
    if len(group_sizes) < 2 or group_sizes.min() < given.file.ranking.minimum_pairs:
        return "too_few_pairs" if len(obs) > 0 else "unpaired"
    partners = target.obs.loc[target_of[obs["subject"]]]
    left = matrix_by_gene(source, kept=True)[obs.index]
    right = matrix_by_gene(target, kept=True)[partners.index]
    shared = left.index.intersection(right.index)
    of_source, of_target = design_of_subset(obs, contrast), design_of_subset(partners, contrast)
    if of_source is None or of_target is None:
        return "too_few_pairs"
    groups = obs[contrast.factor].astype(str).to_numpy(dtype=str)
    return Pairs(left.loc[shared], right.loc[shared], groups, np.hstack([of_source.matrix, of_target.matrix]))


def run(given: EvidenceInput) -> pd.DataFrame:
    """Within-group correlation of source and target protein, against broken pairs and against matched non-secreted genes.

    The p-value is that of broken pairs. An animal-level nuisance (perfusion, dissection order) makes partners matter for
    every protein, so each link is also compared with non-secreted proteins of like level in the same animals; a link that
    does not stand out there gets the state `like_matched`, which caps the tier.

    Null hypothesis: within a group, which source belongs to which target does not matter.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is r given group and covariates, its interval by Fisher's z.
    """
    genes = given.candidates.index
    pairs = paired_values(given)
    if isinstance(pairs, str):
        return pd.DataFrame({"state": pairs}, index=genes)
    left, right = pairs.source.to_numpy(), pairs.target.to_numpy()
    correlation = paired_correlation(left, right, pairs.design)
    p = pair_breaking_p(left, right, pairs.design, pairs.groups, given.rng("link/pairs"))
    competitive = _competitive_p(given, pairs, correlation.t)
    spread = 1.0 / np.sqrt(np.maximum(correlation.df - 1.0, 1.0))
    state = np.select([~np.isfinite(p), competitive > COMPETITIVE_P], ["not_testable", "like_matched"], ASKED)
    found = pd.DataFrame(
        {
            "effect": correlation.r,
            "se": spread * (1.0 - correlation.r**2),
            "ci_low": np.tanh(np.arctanh(correlation.r) - 1.96 * spread),
            "ci_high": np.tanh(np.arctanh(correlation.r) + 1.96 * spread),
            "p": p,
            "n": correlation.n,
            "direction": words(np.sign(correlation.r)),
            "state": state,
            "note": [f"against {N_MATCHED} matched non-secreted proteins p = {each:.2g}" for each in competitive],
        },
        index=pairs.source.index,
    )
    rows = found.reindex(genes)
    rows["state"] = rows["state"].fillna("not_measured_in_both")
    rows["note"] = rows["note"].fillna("")
    rows["direction"] = rows["direction"].fillna("")
    return rows


def _competitive_p(given: EvidenceInput, pairs: Pairs, t: np.ndarray) -> np.ndarray:
    """Share of matched non-secreted proteins whose link is at least as strong, gene by gene; NaN without any."""
    weight = given.references.routes(list(pairs.source.index))["route"].map(given.file.ranking.route_weights)
    background = np.flatnonzero((weight.fillna(0.0).to_numpy() == 0.0) & np.isfinite(t))
    level = pairs.source.mean(axis=1).to_numpy()
    background = background[np.argsort(level[background], kind="stable")]
    if len(background) == 0:
        return np.full(len(t), np.nan)
    width = min(N_MATCHED, len(background))
    place = np.searchsorted(level[background], level)
    start = np.clip(place - width // 2, 0, len(background) - width)
    matched = t[background[start[:, None] + np.arange(width)]]
    at_least = (matched >= t[:, None]).sum(axis=1)
    return np.where(np.isfinite(t), (at_least + 1.0) / (width + 1.0), np.nan)


LINE = Line(
    name="link",
    question="Animal by animal, within group, does the target follow the source?",
    needs=("protein of both organs from the same animals", "five animals per group"),
    null="Within a group, which source belongs to which target does not matter.",
    unit="r",
    reference="10.1016/j.cmet.2018.03.015",
    run=run,
    role="arm",
    tier=3,
    caps={"like_matched": 2},
    columns={"link_p": "p"},
)
