"""Stage: from evidence to tiers and an order. Reads the cards of the lines, never their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine import tables
from organokine.kernels.partial_conjunction import adaptive_filter, max_p

if TYPE_CHECKING:
    from organokine.evidence.base import Line
    from organokine.study_file import RankingSection

TIERS: dict[int, str] = {
    0: "nominated: order only, the false discovery rate is not controlled",
    1: "changed in the source, and has a known way out of the cell",
    2: "and arrives in, or specifically moves, the target",
    3: "and follows the source animal by animal",
    4: "and a perturbation reproduces it",
    5: "and loss of function or rescue reverses it",
}
"""Claim tiers: how much of the chain is supported."""


class Ranking(NamedTuple):
    """Order and claims.

    Attributes
    ----------
    mediators : pandas.DataFrame
        Table `mediators`, best first.
    tiers : list of dict
        Per tier: `tier`, `meaning`, `n` candidates, `asked`, `reason` if it was not, `n_hypotheses`.
    """

    mediators: pd.DataFrame
    tiers: list[dict[str, object]]


def rank(
    evidence: pd.DataFrame,
    flags: pd.DataFrame,
    candidates: pd.DataFrame,
    lines: Sequence[Line],
    settings: RankingSection,
) -> Ranking:
    """Claim a tier for every candidate and order them.

    The claim of tier k is a conjunction over the arms of the tiers 1 to k; its false discovery rate is that of the weighted
    partial-conjunction procedure over all candidates for which every arm was asked, or that of the tier below where that
    is larger: adaptive filtering can find a conjunction surer than one of its arms, and a claim is no surer than those it
    builds on. A candidate holds tier k if it passes the tiers 1 to k.

    Caps of gates do not look at p-values and take a candidate out before the rates are computed, so that the blood proteins
    of a leaky organ do not make room for false claims. Caps of an arm's own state rest on the same data as its p-value:
    taking candidates out by them beforehand would leave the small p-values alone, so they are applied to the claim.

    Parameters
    ----------
    evidence, flags : pandas.DataFrame
        Tables of these names.
    candidates : pandas.DataFrame
        Index gene, column `protein`.
    lines : sequence of Line
        Cards of the lines in `evidence`.
    settings : RankingSection
        False discovery rate; the weights are in `evidence` already.

    Returns
    -------
    Ranking
        Table `mediators` and the summary of the tiers.
    """
    genes = candidates.index
    weight = _product_of_weights(evidence, lines, genes)
    cap_before, _ = _caps(evidence, [line for line in lines if line.role == "gate"], genes)
    cap, _ = _caps(evidence, lines, genes)
    arms = {tier: _arm(evidence, lines, genes, tier) for tier in range(1, max(TIERS) + 1)}
    frame = pd.DataFrame({"gene": genes, "protein": candidates["protein"].to_numpy(), "weight": weight})
    claimed = np.zeros(len(genes), dtype=int)
    q_of = np.full((len(genes), max(TIERS) + 1), np.nan)
    maximum_q = q_of.copy()
    for tier in arms:
        p = np.column_stack([arms[each] for each in range(1, tier + 1)])
        allowed = np.where(cap_before >= tier, weight, 0.0)
        below = q_of[:, tier - 1] if tier > 1 else np.zeros(len(genes))
        q_of[:, tier] = np.maximum(adaptive_filter(p, allowed), below)
        maximum_q[:, tier] = max_p(p, allowed)
        claimed[(q_of[:, tier] <= settings.fdr) & (cap >= tier) & (claimed == tier - 1)] = tier
        frame[f"q_tier{tier}"] = q_of[:, tier]
    shown = np.maximum(claimed, 1)
    rows = np.arange(len(genes))
    frame["tier"] = claimed
    frame["q"] = q_of[rows, shown]
    frame["q_maxp"] = maximum_q[rows, shown]
    frame["limiting_evidence"] = limiting_evidence(evidence, lines, genes, claimed)
    frame = frame.assign(**_filled_columns(evidence, lines, genes), flags=_joined_flags(flags, genes))
    ordered = _in_order(frame)
    return Ranking(tables.MEDIATORS.conform(ordered), _summary(claimed, q_of, lines, arms))


def caveats(mediators: pd.DataFrame, evidence: pd.DataFrame, lines: Sequence[Line]) -> list[dict[str, object]]:
    """What the claims at hand do not show.

    Returns
    -------
    list of dict
        Per line and state with a caveat that holds for a claimed candidate: `line`, `tier`, `state`, `n` candidates it
        holds for, `of` candidates at that tier or above, `caveat`.
    """
    found: list[dict[str, object]] = []
    for line in lines:
        if line.tier is None:
            continue
        claimed = pd.Index(mediators.loc[mediators["tier"] >= line.tier, "gene"])
        resting = claimed[_is_best_alternative(evidence, lines, line, claimed)]
        states = column_of(evidence, line, resting, "state").value_counts()
        found += [
            {"line": line.name, "tier": line.tier, "state": state, "n": int(states[state]), "of": len(claimed)}
            | {"caveat": caveat}
            for state, caveat in line.caveats.items()
            if state in states.index
        ]
    return found


def _is_best_alternative(evidence: pd.DataFrame, lines: Sequence[Line], line: Line, genes: pd.Index) -> np.ndarray:
    """Whether a claim of a gene rests on this line: no alternative of its tier has a smaller p."""
    own = column_of(evidence, line, genes, "p").to_numpy(dtype=float)
    best = np.ones(len(genes), dtype=bool)
    for other in lines:
        if other.role == line.role == "arm" and other.tier == line.tier and other.name != line.name:
            p = column_of(evidence, other, genes, "p").to_numpy(dtype=float)
            best &= ~(p < np.where(np.isfinite(own), own, np.inf))
    return best


def column_of(evidence: pd.DataFrame, line: Line, genes: pd.Index, column: str) -> pd.Series:
    """One column of one line's answers, in the order of the genes."""
    rows = evidence[evidence["line"] == line.name].set_index("gene")
    return rows[column].reindex(genes)


def _product_of_weights(evidence: pd.DataFrame, lines: Sequence[Line], genes: pd.Index) -> np.ndarray:
    weight = np.ones(len(genes))
    for line in lines:
        if line.role == "weight":
            weight = weight * column_of(evidence, line, genes, "weight").to_numpy(dtype=float)
    return weight


def _caps(evidence: pd.DataFrame, lines: Sequence[Line], genes: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Highest tier each gene may hold, and the line that says so."""
    cap = np.full(len(genes), max(TIERS))
    by = np.full(len(genes), "", dtype=object)
    for line in lines:
        allowed = column_of(evidence, line, genes, "state").map(dict(line.caps)).fillna(max(TIERS)).to_numpy(dtype=int)
        by = np.where(allowed < cap, line.name, by)
        cap = np.minimum(cap, allowed)
    return cap, by


def _arm(evidence: pd.DataFrame, lines: Sequence[Line], genes: pd.Index, tier: int) -> np.ndarray:
    """p-value of the arm of one tier: the least of its alternatives, Bonferroni-corrected for their number; NaN if none."""
    alternatives = [
        column_of(evidence, line, genes, "p").to_numpy(dtype=float)
        for line in lines
        if line.role == "arm" and line.tier == tier
    ]
    if len(alternatives) == 0:
        return np.full(len(genes), np.nan)
    p = np.column_stack(alternatives)
    asked = np.isfinite(p).sum(axis=1)
    least = np.where(np.isfinite(p), p, np.inf).min(axis=1)
    least[asked == 0] = np.nan
    return np.asarray(np.minimum(least * asked, 1.0))


def limiting_evidence(
    evidence: pd.DataFrame, lines: Sequence[Line], genes: pd.Index, claimed: np.ndarray
) -> np.ndarray:
    """Name of the line that keeps each candidate from the next tier; empty at the top.

    In this order: a prior of zero, a cap, the arm of the next tier (of alternatives the one with the least p, on which a
    claim would rest; one that could not be asked only if none could).
    """
    limiting = np.full(len(genes), "", dtype=object)
    following = claimed + 1
    least = np.full(len(genes), np.inf)
    for line in lines:
        if line.role != "arm":
            continue
        p = column_of(evidence, line, genes, "p").to_numpy(dtype=float)
        badness = np.where(np.isfinite(p), p, np.inf)
        needed = (following == line.tier) & ((limiting == "") | (badness < least))
        limiting[needed] = line.name
        least[needed] = badness[needed]
    cap, by = _caps(evidence, lines, genes)
    limiting = np.where(cap < following, by, limiting)
    for line in lines:
        if line.role == "weight":
            zero = column_of(evidence, line, genes, "weight").to_numpy(dtype=float) == 0
            limiting = np.where(zero, line.name, limiting)
    return limiting


def _filled_columns(evidence: pd.DataFrame, lines: Sequence[Line], genes: pd.Index) -> dict[str, np.ndarray]:
    return {
        target: column_of(evidence, line, genes, source).to_numpy()
        for line in lines
        for target, source in line.columns.items()
    }


def _joined_flags(flags: pd.DataFrame, genes: pd.Index) -> np.ndarray:
    of_genes = flags[flags["scope"] == "gene"]
    joined = of_genes.groupby("name")["flag"].agg(lambda each: ";".join(dict.fromkeys(each)))
    return joined.reindex(genes).fillna("").to_numpy()


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Tier first; within a tier the false discovery rate of its claim, then p in the source, then name."""
    by = [name for name in ("tier", "q", "source_p", "gene") if name in frame.columns]
    ordered = frame.sort_values(by, ascending=[name != "tier" for name in by], na_position="last", kind="stable")
    return ordered.assign(rank=np.arange(1, len(frame) + 1))


def _summary(
    claimed: np.ndarray, q_of: np.ndarray, lines: Sequence[Line], arms: dict[int, np.ndarray]
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for tier, meaning in TIERS.items():
        n_hypotheses = len(claimed) if tier == 0 else int(np.isfinite(q_of[:, tier]).sum())
        names = [line.name for line in lines if line.role == "arm" and line.tier == tier]
        if tier == 0 or n_hypotheses > 0:
            reason = ""
        elif len(names) == 0:
            reason = "no evidence line of this version asks it"
        elif not np.isfinite(arms[tier]).any():
            reason = f"could not be asked of any candidate: {', '.join(names)}"
        else:
            reason = "no candidate with a way out of the cell has all the arms it needs"
        rows.append(
            {
                "tier": tier,
                "meaning": meaning,
                "n": int((claimed == tier).sum()),
                "n_hypotheses": n_hypotheses,
                "asked": n_hypotheses > 0,
                "reason": reason,
            }
        )
    return rows
