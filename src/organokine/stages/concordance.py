"""Two signatures held against each other: that of a contrast, and that of an arm with animals of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.design import covariate_column
from organokine.kernels.concordance import OverlapMap, Quadrants, overlap_map, quadrants, rank_correlations
from organokine.kernels.linear_model import moderated_test
from organokine.kernels.relabeling import permutation_p, relabeled_t, relabelings
from organokine.kernels.signature_score import (
    Fraction,
    Signature,
    fraction_reproduced,
    leave_one_out,
    signature_of,
    signature_scores,
)

if TYPE_CHECKING:
    from organokine.design import Design

LEAST_GENES = 50
"""Genes two signatures must share: of fewer, one pathway is most of them."""
LARGEST_SMALLEST_P = 0.05
"""Where not even the most extreme arrangement of the animals has a p this small, a p says nothing and none is given: 3 + 3
animals just reach it one-sided (1 of 20), and do not where sex is kept apart (1 of 12) or the direction is not known (2 of 20)."""
QUADRANT_P = 0.05
"""Genes counted in quadrants changed in the contrast at this p. Chosen in the contrast alone, half of them agree by chance."""


class Side(NamedTuple):
    """One side of the comparison.

    Attributes
    ----------
    values : pandas.DataFrame
        Genes x animals, normalised log2; NaN is not measured.
    design : Design
        Of these animals.
    groups : numpy.ndarray
        (n_animals,) text; the group of each animal.
    is_control : numpy.ndarray
        (n_animals,) bool; the animals whose mean score is called zero.
    strata : sequence
        (n_animals,) labels move within these only.
    n_factor : int
        Columns of the design, from the first, that are of the factor; the others are of covariates.
    """

    values: pd.DataFrame
    design: Design
    groups: np.ndarray
    is_control: np.ndarray
    strata: Sequence[object]
    n_factor: int = 2


class Concordance(NamedTuple):
    """What two signatures have in common.

    Attributes
    ----------
    state : str
        `tested`, `too_few_shared_genes`, or `too_few_animals_for_p`: effect and interval only.
    n_genes : int
        Genes compared.
    rho : float
        Spearman correlation of the moderated t of both.
    p, smallest_p : float
        p by permuting the labels of the arm's animals, and the smallest that its animals could give; NaN without animals.
    n_arrangements : int
        Arrangements used, the true one among them.
    fraction : Fraction
        Fraction of the contrast that the arm reproduces.
    quadrants : Quadrants
        Signs in the contrast, then in the arm, of genes that changed in the contrast.
    points : pandas.DataFrame
        Index gene: `contrast_log2fc`, `contrast_t`, `arm_log2fc`, `arm_t`.
    overlap : OverlapMap
        Rows are tops of the contrast, columns of the arm.
    arm_scores, contrast_scores : numpy.ndarray
        Score of each animal on the signature: 0 is the mean of the controls, 1 the whole contrast. An animal of the
        contrast is scored on the signature of the others.
    """

    state: str
    n_genes: int
    rho: float
    p: float
    smallest_p: float
    n_arrangements: int
    fraction: Fraction
    quadrants: Quadrants
    points: pd.DataFrame
    overlap: OverlapMap
    arm_scores: np.ndarray
    contrast_scores: np.ndarray


NOTHING = Concordance(
    "too_few_shared_genes",
    0,
    np.nan,
    np.nan,
    np.nan,
    0,
    Fraction(np.nan, np.nan, np.nan),
    Quadrants(0, 0, 0, 0),
    pd.DataFrame(columns=["contrast_log2fc", "contrast_t", "arm_log2fc", "arm_t"]),
    OverlapMap(np.empty(0, dtype=np.int64), np.empty((0, 0))),
    np.empty(0),
    np.empty(0),
)


def compare_signatures(
    table: pd.DataFrame,
    contrast: Side,
    arm: Side,
    *,
    direction: int,
    masked: Collection[str],
    n_permutations: int,
    rng: np.random.Generator,
) -> Concordance:
    """Ask whether an arm reproduces, or reverses, the signature of a contrast.

    One question has one side: an arm that moves a gene the way the contrast does should reproduce its signature, one that moves
    it the other way should reverse it, and nothing else would support the claim. So p is that of a correlation at least as far in
    the direction given; without a direction it has two sides.

    Null hypothesis: which animals of the arm were perturbed does not matter.

    Parameters
    ----------
    table : pandas.DataFrame
        Index gene: the contrast, columns `log2fc`, `se`, `df`, `t` and `p` of the table `differential`.
    contrast, arm : Side
        Both sides; they share no animal.
    direction : int
        +1 if the arm should reproduce the contrast, -1 if it should reverse it, 0 if neither is known.
    masked : collection of str
        Genes left out: the gene that the arm moves is no evidence of what it does.
    n_permutations : int
        All arrangements are used if there are no more than this.
    rng : numpy.random.Generator
        Source of arrangements, if not all are used.

    Returns
    -------
    Concordance
        With NaN for what could not be had.
    """
    genes = shared_genes(table, arm, masked)
    if len(genes) < LEAST_GENES:
        return NOTHING._replace(n_genes=len(genes))
    known = table.loc[genes]
    values = arm.values.loc[genes].to_numpy(dtype=float)
    labels = [tuple(row) for row in np.round(arm.design.matrix, 9)]
    found = relabelings(labels, arm.strata, n_permutations, rng)
    rho = np.concatenate(
        [
            # A gene that an arrangement leaves undetermined speaks for neither side in it.
            rank_correlations(known["t"].to_numpy(dtype=float), np.nan_to_num(t))
            for _, t in relabeled_t(values, arm.design.matrix, arm.design.contrast, found.orders)
        ]
    )
    mirrored = direction == 0 and found.exhaustive and _is_balanced(arm)
    smallest = (2 if mirrored else 1) / len(found.orders)
    enough = smallest <= LARGEST_SMALLEST_P
    p = permutation_p(rho if direction == 0 else direction * rho, two_sided=direction == 0)
    test = moderated_test(values, arm.design.matrix, arm.design.contrast, trend=False, robust=False, legacy=True)
    animals = _scores_and_fraction(known, contrast, arm, values)
    return _pictures(known, test.effect, test.t)._replace(
        state="tested" if enough else "too_few_animals_for_p",
        rho=float(rho[0]),
        p=p if enough else float("nan"),
        smallest_p=smallest,
        n_arrangements=len(found.orders),
        fraction=animals[0],
        arm_scores=animals[1],
        contrast_scores=animals[2],
    )


def compare_tables(first: pd.DataFrame, second: pd.DataFrame, masked: Collection[str]) -> Concordance:
    """The same of two tables `differential` alone: how much they agree, without p and interval, which rest on animals.

    Parameters
    ----------
    first, second : pandas.DataFrame
        Index gene: contrast and arm, columns `log2fc`, `se`, `df`, `t` and `p`.
    masked : collection of str
        Genes left out.

    Returns
    -------
    Concordance
        State `no_animals`; p, its smallest value, the interval and the scores are missing.
    """
    shared = first.index.intersection(second.index).difference(pd.Index(list(masked)))
    numbers = pd.concat([first.loc[shared, ["log2fc", "se", "t"]], second.loc[shared, ["log2fc", "t"]]], axis=1)
    genes = shared[np.isfinite(numbers.to_numpy(dtype=float)).all(axis=1)]
    if len(genes) < LEAST_GENES:
        return NOTHING._replace(n_genes=len(genes))
    known, other = first.loc[genes], second.loc[genes]
    t = other["t"].to_numpy(dtype=float)
    effect = other["log2fc"].to_numpy(dtype=float)
    rho = rank_correlations(known["t"].to_numpy(dtype=float), t[:, None])[0]
    # Two "animals" that differ by the change are its table: the slope of their scores is that of the changes.
    pair = np.column_stack([effect / 2, -effect / 2])
    slope = fraction_reproduced(
        pair, np.zeros(len(genes)), np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([0.0, 1.0]), _signature(known)
    ).slope
    return _pictures(known, effect, t)._replace(
        state="no_animals", rho=float(rho), fraction=Fraction(slope, np.nan, np.nan)
    )


def shared_genes(table: pd.DataFrame, arm: Side, masked: Collection[str]) -> pd.Index:
    """Genes tested in the contrast and measured well enough in the arm, by a rule that does not know its labels.

    A gene may lack as many animals as the smallest group has beyond two, so that each group keeps two however the labels fall;
    and it must vary.
    """
    values = arm.values.to_numpy(dtype=float)
    smallest = min(int((arm.groups == group).sum()) for group in np.unique(arm.groups))
    measured = np.isfinite(values)
    highest = np.where(measured, values, -np.inf).max(axis=1, initial=-np.inf)
    lowest = np.where(measured, values, np.inf).min(axis=1, initial=np.inf)
    usable = ((~measured).sum(axis=1) <= max(smallest - 2, 0)) & (highest > lowest)
    tested = table.index[np.isfinite(table[["log2fc", "se", "df", "t"]].to_numpy(dtype=float)).all(axis=1)]
    genes: pd.Index = arm.values.index[usable].intersection(tested).difference(pd.Index(list(masked)))
    return genes


def strata_of(obs: pd.DataFrame, covariates: Sequence[str]) -> list[object]:
    """Strata by all covariates that are labels; numbers are adjusted for and make none."""
    columns = [
        obs[covariate_column(name)].astype(str)
        for name in covariates
        if covariate_column(name) != name or obs[name].dtype.kind not in "iuf"
    ]
    return list(zip(*columns, strict=True)) if len(columns) > 0 else [()] * len(obs)


def _is_balanced(side: Side) -> bool:
    """Whether the labels can be exchanged as a whole, which gives the correlation the other sign."""
    sizes = np.unique(side.groups, return_counts=True)[1]
    return len(sizes) == 2 and sizes[0] == sizes[1]


def _signature(known: pd.DataFrame) -> Signature:
    effect, se, df = (known[name].to_numpy(dtype=float) for name in ("log2fc", "se", "df"))
    return signature_of(effect, se, df)


def _scores_and_fraction(
    known: pd.DataFrame, contrast: Side, arm: Side, values: np.ndarray
) -> tuple[Fraction, np.ndarray, np.ndarray]:
    signature = _signature(known)
    own = contrast.values.reindex(known.index).to_numpy(dtype=float)
    without_one = leave_one_out(own, contrast.design.matrix, contrast.design.contrast)
    middle = _midpoint(values, arm)
    fraction = fraction_reproduced(
        values,
        middle,
        arm.design.matrix,
        arm.design.contrast,
        signature,
        without_one,
        contrast.groups.tolist(),
    )
    if not np.isfinite(fraction.slope):
        return fraction, np.full(values.shape[1], np.nan), np.full(own.shape[1], np.nan)
    scores = np.empty(own.shape[1])
    for animal, one in enumerate(without_one):
        others = np.arange(own.shape[1]) != animal
        middle_of_others = _midpoint(own[:, others], _without(contrast, others))
        scores[animal] = signature_scores(own[:, [animal]], middle_of_others, one)[0]
    return (
        fraction,
        _adjusted(signature_scores(values, middle, signature), arm),
        _adjusted(scores, contrast),
    )


def _without(side: Side, kept: np.ndarray) -> Side:
    return side._replace(groups=side.groups[kept], is_control=side.is_control[kept])


def _midpoint(values: np.ndarray, side: Side) -> np.ndarray:
    """Mean of the group means, gene by gene; NaN where a group was not measured."""
    means = []
    for group in np.unique(side.groups):
        own = values[:, side.groups == group]
        n = np.isfinite(own).sum(axis=1)
        means.append(np.divide(np.nansum(own, axis=1), n, out=np.full(len(own), np.nan), where=n > 0))
    return np.asarray(np.mean(means, axis=0))


def _adjusted(scores: np.ndarray, side: Side) -> np.ndarray:
    """Scores with the part of the covariates taken out, zero where the controls are."""
    known = np.isfinite(scores)
    if not known.any():
        return scores
    coefficients = np.linalg.lstsq(side.design.matrix[known], scores[known], rcond=None)[0]
    left = scores - side.design.matrix[:, side.n_factor :] @ coefficients[side.n_factor :]
    controls = left[side.is_control & known]
    return np.asarray(left - controls.mean()) if len(controls) > 0 else np.full(len(left), np.nan)


def _pictures(known: pd.DataFrame, effect: np.ndarray, t: np.ndarray) -> Concordance:
    changed = known["p"].to_numpy(dtype=float) <= QUADRANT_P
    log2fc = known["log2fc"].to_numpy(dtype=float)
    of_contrast = known["t"].to_numpy(dtype=float)
    points = pd.DataFrame(
        {"contrast_log2fc": log2fc, "contrast_t": of_contrast, "arm_log2fc": effect, "arm_t": t}, index=known.index
    )
    return NOTHING._replace(
        n_genes=len(known),
        quadrants=quadrants(log2fc[changed], effect[changed]),
        points=points,
        overlap=overlap_map(of_contrast, np.nan_to_num(t)),
    )
