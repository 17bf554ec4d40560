"""One score for every match, from what the engine measured of it: of its spectrum, its mass, its retention time and its 1/K0."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def joint_score(
    features: pd.DataFrame, decoy: pd.Series, sequence: pd.Series, *, use_mobility: bool
) -> NDArray[np.float64]:
    """Score all matches together, peptides never by themselves.

    Parameters
    ----------
    features : pandas.DataFrame
        Columns `FEATURES`, one row per match.
    decoy : pandas.Series
        Whether a match is of a decoy.
    sequence : pandas.Series
        Sequence of the target with its modifications, also of a decoy: all matches of one are learned from, or scored, together.
    use_mobility : bool
        Whether 1/K0 takes part.

    Returns
    -------
    numpy.ndarray
        (n,) larger is better; the score of the spectrum alone (`hyperscore`) where there are too few targets or decoys to learn
        from.
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
    pair = pd.factorize(sequence, sort=True)[0]
    found = cross_fitted_scores(matrix, decoy.to_numpy(dtype=bool), pair)
    return features["hyperscore"].to_numpy(dtype=float) if np.isnan(found).all() else found
