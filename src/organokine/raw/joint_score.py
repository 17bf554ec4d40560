"""One score for every match, from what the engine measured of it: of its spectrum, its mass, its retention time and its 1/K0."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.kernels.discriminant import cross_fitted_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOGARITHMS = (
    "hyperscore",
    "minus_log_poisson",
    "delta_next",
    "matched_peaks",
    "longest_b",
    "matched_intensity",
    "residues",
)
"""Features that enter as log(1 + x)."""
PLAIN = ("longest_y_share", "fragment_error", "mass_error")
"""Features that enter as they are; errors in ppm, without their sign."""
RETENTION, MOBILITY = "minutes_off", "mobility_off"
"""Distances from what is predicted for the sequence, as a share of their range; they enter as square roots, since large ones are much
alike."""
FEATURES = (*LOGARITHMS, *PLAIN, RETENTION, MOBILITY)


class Scored(NamedTuple):
    """Scores, and what they lack.

    Attributes
    ----------
    score : numpy.ndarray
        (n,) larger is better.
    missing : tuple of str
        What could not be learned, in words.
    """

    score: NDArray[np.float64]
    missing: tuple[str, ...]


def joint_score(features: pd.DataFrame, decoy: pd.Series, peptide: pd.Series, *, use_mobility: bool) -> Scored:
    """Score all matches together, peptides never by themselves.

    Parameters
    ----------
    features : pandas.DataFrame
        Columns `FEATURES`, one row per match.
    decoy : pandas.Series
        Whether a match is of a decoy.
    peptide : pandas.Series
        Amino acids of the target, also of a decoy: all matches of one, in whatever form, are learned from, or scored, together.
    use_mobility : bool
        Whether 1/K0 takes part.

    Returns
    -------
    Scored
        The score of the spectrum alone (`hyperscore`) where there are too few targets or decoys to learn from.
    """
    distances = [RETENTION, *([MOBILITY] if use_mobility else [])]
    matrix = np.column_stack(
        [
            np.log1p(features[list(LOGARITHMS)].clip(lower=0).to_numpy(dtype=float)),
            features[list(PLAIN)].abs().to_numpy(dtype=float),
            np.sqrt(features[distances].abs().clip(upper=1).to_numpy(dtype=float)),
        ]
    )
    # places in alphabetical order, so that the order of the files is of no account
    pair = pd.factorize(peptide, sort=True)[0]
    found = cross_fitted_scores(_finite(matrix), decoy.to_numpy(dtype=bool), pair)
    if len(found) > 0 and np.isnan(found).all():
        return Scored(features["hyperscore"].to_numpy(dtype=float), ("joint score of spectrum, mass and time",))
    return Scored(found, ())


def _finite(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the engine could not compute (a probability of zero, or none) as the largest, or the least, that it did."""
    held = np.where(np.isfinite(matrix), matrix, np.nan)
    if not np.isnan(held).any():
        return matrix
    empty = np.isnan(held).all(axis=0)
    held[:, empty] = 0.0
    high, low = np.nanmax(held, axis=0), np.nanmin(held, axis=0)
    return np.where(np.isfinite(held), held, np.where(matrix == np.inf, high, low))
