"""A linear discriminant between targets and decoys, learned on one part of the peptides and applied to another."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def cross_fitted_scores(
    features: ArrayLike, decoy: ArrayLike, pair: ArrayLike, *, n_folds: int = 3, ridge: float = 1e-3, fewest: int = 30
) -> Floats:
    """Score every match by a discriminant that has seen neither it nor another match of its pair.

    A discriminant that is learned from the decoys that are counted afterwards makes these look worse than other false matches, so
    that too many of the latter are accepted; with some hundred decoys and a dozen features by a third. Every fold is scored with the
    direction of the others, and brought to their scale by the median and standard deviation of the decoys it was learned from.

    Parameters
    ----------
    features : array_like
        (n, n_features) numbers without NaN; only differences matter, and not the unit.
    decoy : array_like
        (n,) whether a match is of a decoy.
    pair : array_like
        (n,) whole number shared by all matches of a target and its decoy: they are in one fold, since a false match of one run is
        often found again in another.
    n_folds : int
        Parts of the pairs: pairs with the same remainder.
    ridge : float
        Added to the diagonal of the covariance, as a share of its mean, so that features that say the same do no harm.
    fewest : int
        Targets and decoys that must be left to learn from; with fewer than about three for each feature a direction is chance.

    Returns
    -------
    numpy.ndarray
        (n,) scores, larger is more like a target: standard deviations of decoys above their median. All NaN if there are too few
        targets or decoys.

    Raises
    ------
    ValueError
        If the arrays do not fit together, or a feature is NaN or infinite.

    References
    ----------
    Cross-validation of scores learned from decoys: Granholm, Noble and Kall 2012, doi:10.1186/1471-2105-13-S16-S3.
    """
    matrix = np.asarray(features, dtype=np.float64)
    is_decoy = np.asarray(decoy, dtype=np.bool_)
    fold = np.asarray(pair, dtype=np.int64) % n_folds
    if matrix.ndim != 2 or not matrix.shape[:1] == is_decoy.shape == fold.shape:
        message = "features must have a row for every entry of decoy and pair"
        raise ValueError(message)
    if not np.isfinite(matrix).all():
        message = "features must be finite"
        raise ValueError(message)
    scores = np.full(len(matrix), np.nan)
    for number in range(n_folds):
        learned, scored = fold != number, fold == number
        if min((learned & is_decoy).sum(), (learned & ~is_decoy).sum()) < fewest:
            return np.full(len(matrix), np.nan)
        scores[scored] = _scores_of(matrix[scored], matrix[learned & ~is_decoy], matrix[learned & is_decoy], ridge)
    return scores


def _scores_of(scored: Floats, targets: Floats, decoys: Floats, ridge: float) -> Floats:
    """Scores along the direction that tells targets from decoys best, in standard deviations of the decoys."""
    scale = np.vstack([targets, decoys]).std(axis=0)
    scale[scale == 0] = 1.0
    targets, decoys, scored = targets / scale, decoys / scale, scored / scale
    # the two kinds count alike, however few decoys there are
    covariance = (np.cov(targets, rowvar=False) + np.cov(decoys, rowvar=False)).reshape(scale.size, scale.size) / 2
    covariance += ridge * np.trace(covariance) / scale.size * np.eye(scale.size)
    direction = np.linalg.solve(covariance, targets.mean(axis=0) - decoys.mean(axis=0))
    known = decoys @ direction
    spread = known.std()
    return (scored @ direction - np.median(known)) / (spread if spread > 0 else 1.0)
