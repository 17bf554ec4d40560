"""How many animals an empty tier would need: for the next study, never the power of the one at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from organokine.design import covariate_column
from organokine.kernels.power import animals_per_group, pairs_for_correlation

if TYPE_CHECKING:
    import pandas as pd

    from organokine.evidence.base import Line
    from organokine.study_file import RankingSection, StudyFile


LINK_TIER = 3
"""The tier whose arm is a correlation over pairs of animals."""


def animals_needed(
    differential: pd.DataFrame, tiers: Sequence[Mapping[str, Any]], file: StudyFile, n_pairs: int
) -> dict[str, object] | None:
    """Animals per group for the first tier, from the second up, that was asked and stayed empty.

    Tier 2: each organ must find a change of `relevant_log2fc` with the square root of the wanted power. The level is that
    of the first discovery of the conjunction: with m hypotheses the adaptive filter lets about 2 g m null pairs pass at
    threshold g, so that g is the square root of (false discovery rate / 2 m). The variance is the median moderated
    variance of the features of the noisier organ.

    Tier 3: a correlation of `relevant_correlation` must be found one-sided by Fisher's z, at the false discovery rate
    divided by the candidates at tier 2, which are those that pass the filter.

    Parameters
    ----------
    differential : pandas.DataFrame
        Table of that name.
    tiers : sequence of mappings
        Summary of the tiers from the ranking.
    file : StudyFile
        Resolved study file.
    n_pairs : int
        Animals measured in both organs, of both groups.

    Returns
    -------
    dict or None
        `tier`, `n_per_group` (None: more than 1,000), `n_now`, `power`, `sentence`, and for tier 2 `effect_log2fc` and `sd`,
        for tier 3 `correlation`; None if no such tier stayed empty.
    """
    by_tier = {int(row["tier"]): row for row in tiers}
    reached = {tier: sum(int(row["n"]) for each, row in by_tier.items() if each >= tier) for tier in (2, 3)}
    if reached[2] == 0 and by_tier[2]["asked"]:
        return _for_a_change(differential, int(by_tier[2]["n_hypotheses"]), file)
    if reached[2] > 0 and reached[3] == 0 and by_tier[3]["asked"]:
        return _for_a_link(reached[2], n_pairs, file)
    return None


def most_pairs(evidence: pd.DataFrame, lines: Sequence[Line]) -> int:
    """Animals that the best measured link rests on; 0 if none could be asked."""
    links = [line.name for line in lines if line.tier == LINK_TIER]
    n = evidence.loc[evidence["line"].isin(links), "n"].dropna()
    return 0 if len(n) == 0 else int(n.max())


def _for_a_change(differential: pd.DataFrame, n_hypotheses: int, file: StudyFile) -> dict[str, object] | None:
    if file.axis is None:
        return None
    settings = file.ranking
    organs = differential["organ"].isin([file.axis.source, file.axis.target])
    tested = differential[organs & (differential["state"] == "tested")]
    proteins = tested[tested["modality"] == "protein"]
    by_organ = (tested if len(proteins) == 0 else proteins).groupby("organ")
    if by_organ.ngroups == 0:
        return None
    sd = float(by_organ["sd"].median().max())
    n_now = int(by_organ[["n_case", "n_control"]].max().to_numpy(dtype=int).min())
    alpha = float(np.sqrt(settings.fdr / (2.0 * max(n_hypotheses, 1))))
    n = animals_per_group(settings.relevant_log2fc / sd, alpha=alpha, power=float(np.sqrt(settings.power)))
    sentence = (
        f"To find a {2**settings.relevant_log2fc:.1f}-fold change in both organs of a typical protein "
        f"(standard deviation {sd:.2f} log2) {_needs(n, n_now, settings)}"
    )
    about: dict[str, object] = {
        "tier": 2,
        "n_per_group": n,
        "n_now": n_now,
        "power": settings.power,
        "sentence": sentence,
    }
    return about | {"effect_log2fc": settings.relevant_log2fc, "sd": sd}


def _for_a_link(n_claimed: int, n_pairs: int, file: StudyFile) -> dict[str, object]:
    settings = file.ranking
    covariates = () if file.contrast is None else file.contrast.covariates
    n_taken_out = 1 + len({covariate_column(each) for each in covariates})
    pairs = pairs_for_correlation(settings.relevant_correlation, settings.fdr / n_claimed, settings.power, n_taken_out)
    n, n_now = -(-pairs // 2), n_pairs // 2
    sentence = (
        f"To find an animal-level link of r = {settings.relevant_correlation:.1f} among the {n_claimed} at tier 2 "
        f"{_needs(n, n_now, settings)}"
    )
    about: dict[str, object] = {
        "tier": 3,
        "n_per_group": n,
        "n_now": n_now,
        "power": settings.power,
        "sentence": sentence,
    }
    return about | {"correlation": settings.relevant_correlation}


def _needs(n: int | None, n_now: int, settings: RankingSection) -> str:
    found = "more than 1,000 animals per group" if n is None else f"about {n} animals per group"
    return f"with {settings.power:.0%} power, {found} would be needed; this study has up to {n_now}."
