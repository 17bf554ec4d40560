"""Picked target-decoy competition: q-values counted from scores, and whether there are enough decoys to believe them.

Every target has one decoy. The better of the two stays; a target that is not there loses to its decoy every other time, so the
decoys that stay above a score tell how many of the targets above it are false.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]


class Picked(NamedTuple):
    """What stays of each pair of a target and its decoy. All arrays are (n_pairs,), in the order of `pair`.

    Attributes
    ----------
    pair : numpy.ndarray
        Codes of the pairs with a score, ascending.
    row : numpy.ndarray
        Row of the input that stays.
    score : numpy.ndarray
        Its score.
    decoy : numpy.ndarray
        Whether it is a decoy.
    q : numpy.ndarray
        Smallest estimated false discovery rate among targets at which it is accepted, at most 1. That of a decoy is where it
        stands, for plots; decoys are never accepted.
    """

    pair: Integers
    row: Integers
    score: Floats
    decoy: Booleans
    q: Floats


class DecoyVerdict(NamedTuple):
    """Whether q-values at a level mean anything.

    Attributes
    ----------
    n_targets, n_decoys : int
        Pairs that a target or a decoy won, down to the last one accepted; where none is, in the best list that is long enough
        to be, and in all where none is that long.
    n_accepted : int
        Targets with q at or below the level.
    false_low, false_high : float
        Interval for the share of false targets among `n_targets`; NaN if there is none.
    enough : bool
        False: there are too few decoys, and q-values at this level mean nothing.
    """

    n_targets: int
    n_decoys: int
    n_accepted: int
    false_low: float
    false_high: float
    enough: bool


def picked_q_values(scores: ArrayLike, decoy: ArrayLike, pair: ArrayLike, *, add_one: bool = True) -> Picked:
    """Let each target compete with its decoy, and count decoys from the best score down.

    Null hypothesis of a pair: its target is false, and wins as often as its decoy does. At peptide level a pair is a sequence
    and its reversal; at protein level a protein and its decoy, each with the score of its best peptide.

    Parameters
    ----------
    scores : array_like
        (n_rows,) scores, larger is better; only their order matters. NaN: not scored, takes no part.
    decoy : array_like
        (n_rows,) whether a row is a decoy.
    pair : array_like
        (n_rows,) integer code shared by a target and its decoy. Of several rows of one pair the best counts.
    add_one : bool
        Add one to the count of decoys, as needed for the false discovery rate to be controlled on average however few
        there are. Without it a list without decoys has q = 0.

    Returns
    -------
    Picked
        One entry per pair with a score. Equal scores share one q. Where target and decoy tie, the decoy stays.

    Raises
    ------
    ValueError
        If the arrays differ in length.

    References
    ----------
    Elias and Gygi 2007, doi:10.1038/nmeth1019; picking: Savitski et al. 2015, doi:10.1074/mcp.M114.046995; the added one:
    Levitsky et al. 2017, doi:10.1021/acs.jproteome.6b00144.
    """
    score = np.asarray(scores, dtype=np.float64)
    is_decoy = np.asarray(decoy, dtype=np.bool_)
    code = np.asarray(pair, dtype=np.int64)
    if not score.shape == is_decoy.shape == code.shape or score.ndim != 1:
        message = "scores, decoy and pair must have one length"
        raise ValueError(message)
    scored = np.flatnonzero(~np.isnan(score))
    # Best first within a pair; of equal scores the decoy, then the earlier row.
    order = scored[np.lexsort((scored, ~is_decoy[scored], -score[scored], code[scored]))]
    pairs, first = np.unique(code[order], return_index=True)
    row = order[first]
    q = _count_down(score[row], is_decoy[row], 1 if add_one else 0)
    return Picked(pairs, row, score[row], is_decoy[row], q)


def _count_down(score: Floats, decoy: Booleans, added: int) -> Floats:
    """The q of each winner: (decoys + added) / targets at or above its score, at its smallest from here on down."""
    if score.size == 0:
        return np.empty(0)
    order = np.argsort(-score, kind="stable")
    n_decoys = np.cumsum(decoy[order])
    n_targets = np.arange(1, score.size + 1) - n_decoys
    ordered = -score[order]
    last = np.searchsorted(ordered, ordered, side="right") - 1  # ties are counted together
    rate = (n_decoys[last] + added) / np.maximum(n_targets[last], 1)
    q = np.empty(score.size)
    q[order] = np.minimum(np.minimum.accumulate(rate[::-1])[::-1], 1.0)
    return q


def false_targets_interval(n_decoys: int, confidence: float = 0.95) -> tuple[int, int]:
    """How many false targets go with a number of decoys, if either wins with probability one half.

    Parameters
    ----------
    n_decoys : int
        Pairs that a decoy won above a score.
    confidence : float
        One-sided confidence of each end.

    Returns
    -------
    tuple of int
        The fewest and the most false targets above that score that an exact binomial test does not reject. Without any decoy
        these are 0 and 4 at 95 %: five false targets and no decoy have a probability of 1/32.
    """
    most = int(stats.nbinom.ppf(confidence, n_decoys + 1, 0.5))
    fewest = 0 if n_decoys == 0 else int(stats.nbinom.ppf(1 - confidence, n_decoys, 0.5))
    return fewest, most


def decoy_verdict(
    picked: Picked, level: float = 0.01, *, factor: float = 2.0, confidence: float = 0.95
) -> DecoyVerdict:
    """Whether there are enough decoys for q-values at a level to mean anything.

    Rule: targets were accepted, and at most `factor` times `level` of them are false with the stated confidence; or none was,
    and of the best list that is long enough to be accepted (1 / level targets) more than `level` are false with that
    confidence, so that it is right to accept none. Anything else is too few decoys: the same counts arise from a list as good
    as claimed and from one that is far worse.

    Parameters
    ----------
    picked : Picked
        Of `picked_q_values`.
    level : float
        False discovery rate at which targets are accepted.
    factor : float
        By how much the share of false targets may exceed the level; 2 asks for about 6 decoys among 600 targets at 1 %.
    confidence : float
        One-sided, of the exact binomial bound (`false_targets_interval`), for the threshold as if it were fixed in advance.

    Returns
    -------
    DecoyVerdict
        Counts, the interval and the verdict.
    """
    accepted = ~picked.decoy & (picked.q <= level)
    n_accepted = int(accepted.sum())
    order = np.argsort(-picked.score, kind="stable")
    decoys = np.cumsum(picked.decoy[order])
    targets = np.arange(1, order.size + 1) - decoys
    long_enough = np.flatnonzero(targets >= 1 / level)
    if n_accepted > 0:
        end = int(np.searchsorted(-picked.score[order], -picked.score[accepted].min(), side="right")) - 1
    elif long_enough.size > 0:
        end = int(long_enough[np.argmin((decoys[long_enough] + 1) / targets[long_enough])])
    else:
        end = order.size - 1
    if order.size == 0 or targets[end] == 0:
        return DecoyVerdict(0, 0 if order.size == 0 else int(decoys[end]), 0, np.nan, np.nan, enough=False)
    n_targets, n_decoys = int(targets[end]), int(decoys[end])
    low, high = (min(n / n_targets, 1.0) for n in false_targets_interval(n_decoys, confidence))
    enough = high <= factor * level if n_accepted > 0 else long_enough.size > 0 and low > level
    return DecoyVerdict(n_targets, n_decoys, n_accepted, low, high, enough)
