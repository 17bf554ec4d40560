"""From the answer of one comparison of one arm to rows of the tables of perturbations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from organokine.kernels.relabeling import permutation_p, relabelings
from organokine.kernels.signature_score import contrast_of_scores
from organokine.stages.concordance import strata_of
from organokine.stages.differential import CONFIDENCE

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.perturbation_section import PerturbationSection
    from organokine.stages.arms import Engagement
    from organokine.stages.concordance import Concordance
    from organokine.study_file import ContrastSection

VERDICT_P = 0.05
"""Level at which the one planned test of an arm is said to show what its design can show."""
MOST_POINTS = 2000
"""Genes kept for the picture: half of them those that changed most clearly in the contrast."""
DOSE_PERMUTATIONS = 1000
"""Arrangements of doses over the perturbed animals; all are used if there are no more than this."""


class Question(NamedTuple):
    """One comparison of one arm, with all it is asked of.

    Attributes
    ----------
    arm : PerturbationSection
        The arm.
    comparison : str
        `perturbed`, `rescue` or `interaction`.
    asked : ContrastSection
        Factor, levels and covariates of the comparison.
    contrast_factor : str
        Factor of the contrast of the study.
    moves, direction : int
        Where it moves the gene; whether it should agree with the contrast (+1) or oppose it (-1); 0 where not known.
    data, contrast : anndata.AnnData
        Prepared samples of the arm and of the contrast; None if the contrast was not measured there.
    engagement : Engagement
        Whether the gene moved.
    background, shows : str
        See `stages.arms`.
    own_change : (float, str)
        The contrast's own change of the gene where the arm is seen to move it, log2, and in which assay.
    """

    arm: PerturbationSection
    comparison: str
    asked: ContrastSection
    contrast_factor: str
    moves: int
    direction: int
    data: AnnData
    contrast: AnnData | None
    engagement: Engagement
    background: str
    shows: str
    own_change: tuple[float, str]


class Answer(NamedTuple):
    """What was found.

    Attributes
    ----------
    state : str
        `tested`, or why there is nothing to claim; see the table `perturbations`.
    found : Concordance
        The comparison.
    n_shared : int
        Samples of the arm that the contrast has too.
    note : str
        In words.
    contrast_obs : pandas.DataFrame or None
        Animals of the contrast that were compared; None if nothing was.
    arm_obs : pandas.DataFrame
        Those of the arm.
    """

    state: str
    found: Concordance
    n_shared: int
    note: str
    contrast_obs: pd.DataFrame | None
    arm_obs: pd.DataFrame


def table_rows(
    question: Question, answer: Answer, rng: Callable[[str], np.random.Generator]
) -> dict[str, pd.DataFrame]:
    """Rows of all tables of perturbations but for the columns `arm` and `comparison`; empty frames where there is nothing.

    Parameters
    ----------
    question : Question
        What was asked.
    answer : Answer
        What was found.
    rng : callable
        Name to a numpy Generator.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name of the table.
    """
    scores = _scores(question, answer)
    doses, dose_p = _doses(question, answer, rng(f"perturbation/{question.arm.name}/{question.comparison}/doses"))
    grid = answer.found.overlap
    return {
        "perturbations": pd.DataFrame([_summary(question, answer) | {"dose_p": dose_p}]),
        "perturbation_scores": scores,
        "perturbation_doses": doses,
        "perturbation_genes": thinned(answer.found.points).rename_axis("gene").reset_index(),
        "perturbation_overlap": pd.DataFrame(
            {
                "contrast_top": np.repeat(grid.steps, len(grid.steps)),
                "arm_top": np.tile(grid.steps, len(grid.steps)),
                "signed": grid.signed.ravel(),
            }
        ),
    }


def thinned(points: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """Genes for the picture: half of the places to the largest t of the contrast, the rest evenly over the others by symbol."""
    if len(points) <= most:
        return points
    by_size = np.argsort(-points["contrast_t"].abs().to_numpy(), kind="stable")
    largest, others = by_size[: most // 2], np.sort(by_size[most // 2 :])
    evenly = others[np.unique(np.linspace(0, len(others) - 1, most - len(largest)).astype(int))]
    return points.iloc[np.sort(np.concatenate([largest, evenly]))]


def _summary(question: Question, answer: Answer) -> dict[str, Any]:
    about, found = question.data.uns["organokine"], answer.found
    level = answer.arm_obs[question.asked.factor].astype(str)
    return {
        "gene": question.arm.gene,
        "kind": question.arm.kind,
        "moves": {1: "up", -1: "down"}.get(question.moves, ""),
        "organ": about["organ"],
        "modality": about["modality"],
        "background": question.background,
        "shows": question.shows,
        "n_case": int((level == question.asked.case).sum()),
        "n_control": int((level == question.asked.control).sum()),
        "engagement": question.engagement.state,
        "engagement_assay": question.engagement.assay,
        "engagement_log2fc": question.engagement.log2fc,
        "engagement_p": question.engagement.p,
        "contrast_log2fc": question.own_change[0],
        "contrast_assay": question.own_change[1],
        "direction": question.direction,
        "state": answer.state,
        "rho": found.rho,
        "p": found.p,
        "smallest_p": found.smallest_p,
        "n_arrangements": found.n_arrangements,
        "fraction": found.fraction.slope,
        "fraction_low": found.fraction.low,
        "fraction_high": found.fraction.high,
        "n_genes": found.n_genes,
        "shared_samples": answer.n_shared,
        "verdict": _verdict(question, found) if answer.state == "tested" else "",
        "note": answer.note,
    } | found.quadrants._asdict()


def _verdict(question: Question, found: Concordance) -> str:
    if found.p <= VERDICT_P:
        return question.shows
    # The share at least as far the other way: all that are not as far this way, and the true one.
    other_p = 1.0 - found.p + found.smallest_p
    return "opposite" if np.sign(found.rho) == -question.direction and other_p <= VERDICT_P else "not_shown"


def _scores(question: Question, answer: Answer) -> pd.DataFrame:
    if answer.contrast_obs is None or len(answer.found.arm_scores) == 0:
        return pd.DataFrame()
    doses = dose_of(question, answer.arm_obs)
    sides = [
        ("arm", answer.arm_obs, question.asked.factor, answer.found.arm_scores, doses),
        ("contrast", answer.contrast_obs, question.contrast_factor, answer.found.contrast_scores, None),
    ]
    frames = [
        pd.DataFrame(
            {
                "side": side,
                "sample": obs.index.to_numpy(),
                "subject": obs["subject"].to_numpy(),
                "group": _groups(question, obs, factor, side),
                "dose": np.full(len(obs), np.nan) if dose is None else dose,
                "score": scores,
            }
        )
        for side, obs, factor, scores, dose in sides
    ]
    return pd.concat(frames, ignore_index=True)


def _groups(question: Question, obs: pd.DataFrame, factor: str, side: str) -> np.ndarray:
    level = obs[factor].astype(str).to_numpy(dtype=object)
    second = question.arm.interaction
    if side == "contrast" or second is None:
        return level
    return np.array([f"{one} {other}" for one, other in zip(level, obs[second.factor], strict=True)], dtype=object)


def dose_of(question: Question, obs: pd.DataFrame) -> np.ndarray | None:
    """Dose of every animal of the arm, 0 for its controls; None if the arm has none, or none in this comparison."""
    if question.arm.dose is None or question.comparison == "rescue":
        return None
    dose = pd.to_numeric(obs[question.arm.dose], errors="coerce").to_numpy(dtype=float)
    return np.where((obs[question.asked.factor].astype(str) == question.asked.control).to_numpy(), 0.0, dose)


def _doses(question: Question, answer: Answer, rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """One row per dose in order, and p of a score that goes with the dose among the perturbed animals."""
    dose = dose_of(question, answer.arm_obs)
    scores = answer.found.arm_scores
    if dose is None or len(scores) == 0:
        return pd.DataFrame(), float("nan")
    levels = np.unique(dose)
    design = (dose[:, None] == levels).astype(float)
    level_of_gene = _level_of_gene(question, answer.arm_obs)
    rows = []
    for place, one in enumerate(levels):
        against = np.eye(len(levels))[place] - np.eye(len(levels))[0]
        estimate, variance, df = contrast_of_scores(scores, design, against)
        half = stats.t.ppf(0.5 + CONFIDENCE / 2, df) * np.sqrt(variance) if df > 0 and place > 0 else np.nan
        rows.append(
            {
                "dose": one,
                "n": int((dose == one).sum()),
                "engagement_log2fc": _mean(level_of_gene[dose == one]) - _mean(level_of_gene[dose == levels[0]]),
                "fraction": estimate,
                "fraction_low": estimate - half,
                "fraction_high": estimate + half,
            }
        )
    return pd.DataFrame(rows), _dose_p(question, answer, dose, rng)


def _dose_p(question: Question, answer: Answer, dose: np.ndarray, rng: np.random.Generator) -> float:
    """Null hypothesis: which perturbed animal was given which dose does not matter."""
    perturbed = (dose > 0) & np.isfinite(answer.found.arm_scores)
    if len(np.unique(dose[perturbed])) < 2:
        return float("nan")
    strata = strata_of(answer.arm_obs[perturbed], question.asked.covariates)
    ranks = stats.rankdata(dose[perturbed])
    orders = relabelings(ranks.tolist(), strata, DOSE_PERMUTATIONS, rng).orders
    together = (ranks - ranks.mean())[orders] @ answer.found.arm_scores[perturbed]
    return permutation_p(
        together if question.direction == 0 else question.direction * together, two_sided=question.direction == 0
    )


def _level_of_gene(question: Question, obs: pd.DataFrame) -> np.ndarray:
    data = question.data
    rows = (data.var["gene"] == question.arm.gene).to_numpy() & data.var["representative"].to_numpy(dtype=bool)
    if not rows.any():
        return np.full(len(obs), np.nan)
    return np.asarray(data[obs.index].X, dtype=float)[:, np.flatnonzero(rows)[0]]


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) > 0 else float("nan")
