"""What ion mobility contributes: identifications, quantities and their interference, with it and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.spatial.distance import pdist

if TYPE_CHECKING:
    import pandas as pd

MOST_PRECURSORS = 3000
"""Precursors whose spread between samples is computed; their median is known to a fiftieth."""


class Uses(NamedTuple):
    """One way to use ion mobility, or not to.

    Attributes
    ----------
    accepted : frozenset of str
        Sequences accepted at the error rate.
    quantities : pandas.DataFrame
        Indexed by sequence and charge, each once; one column per sample, linear. NaN, and what is not above zero, is not measured.
    """

    accepted: frozenset[str]
    quantities: pd.DataFrame


def mobility_use(
    with_mobility: Uses, without: Uses | None, window_percent: float, most_precursors: int = MOST_PRECURSORS
) -> dict[str, Any]:
    """Compare what was found with ion mobility, and within its window, with the same without it.

    Parameters
    ----------
    with_mobility, without : Uses
        The second is None if it was not computed.
    window_percent : float
        Half width of the window of 1/K0 for quantities.
    most_precursors : int
        Precursors whose spread between samples is computed, evenly spaced in the order of their sequences.

    Returns
    -------
    dict
        Plain JSON; None is "not computed" or "there is none".

        - `window_percent`.
        - `peptides`: numbers accepted `with` and `without`, in `both`, `only_with`, `only_without`.
        - `quantities`: `precursors_with` and `precursors_without` a quantity in any sample, and values of a precursor in a sample:
          `cells_with`, `cells_without`, `cells_both`.
        - `interference`: log2 of the quantity without over that with the window, of `cells_both`: `median_log2`, `high_log2` (90th
          percentile), and `share_twice`, the share that is more than twice as large. What is larger without the window are
          other ions of the same m/z and time.
        - `spread_between_samples`: for `precursors` that have two values or more in `cells_both`, the median absolute log2 difference
          between two samples after taking the median deviation of each sample out; `with` and `without` are the medians over
          precursors. It holds what is different between the groups as well as noise: only its two values are compared.
    """
    inside = _log2(with_mobility.quantities)
    if without is None:
        return {
            "window_percent": float(window_percent),
            "peptides": {"with": len(with_mobility.accepted), **dict.fromkeys(("without", "both", "only_with", "only_without"))},
            "quantities": _held(inside, "with") | dict.fromkeys(("precursors_without", "cells_without", "cells_both")),
            "interference": None,
            "spread_between_samples": None,
        }  # fmt: skip
    outside = _log2(without.quantities)
    rows, samples = inside.index.intersection(outside.index), inside.columns.intersection(outside.columns)
    one, other = (each.loc[rows, samples].sort_index().to_numpy(dtype=float) for each in (inside, outside))
    is_both = np.isfinite(one) & np.isfinite(other)
    accepted, accepted_without = with_mobility.accepted, without.accepted
    return {
        "window_percent": float(window_percent),
        "peptides": {
            "with": len(accepted),
            "without": len(accepted_without),
            "both": len(accepted & accepted_without),
            "only_with": len(accepted - accepted_without),
            "only_without": len(accepted_without - accepted),
        },
        "quantities": _held(inside, "with") | _held(outside, "without") | {"cells_both": int(is_both.sum())},
        "interference": _interference((other - one)[is_both]),
        "spread_between_samples": _spreads(
            np.where(is_both, one, np.nan), np.where(is_both, other, np.nan), most_precursors
        ),
    }


def _log2(quantities: pd.DataFrame) -> pd.DataFrame:
    held = quantities.astype("float64")
    return held.where((held > 0) & np.isfinite(held)).map(np.log2)


def _held(quantities: pd.DataFrame, name: str) -> dict[str, Any]:
    is_held = quantities.notna()
    return {f"precursors_{name}": int(is_held.any(axis=1).sum()), f"cells_{name}": int(is_held.to_numpy().sum())}


def _interference(log2_ratio: np.ndarray) -> dict[str, Any] | None:
    if len(log2_ratio) == 0:
        return None
    return {
        "median_log2": float(np.median(log2_ratio)),
        "high_log2": float(np.quantile(log2_ratio, 0.9)),
        "share_twice": float(np.mean(log2_ratio > 1)),
    }


def _spreads(one: np.ndarray, other: np.ndarray, most: int) -> dict[str, Any] | None:
    """Of two (n_precursors, n_samples) arrays of log2 quantities with the same cells missing."""
    several = np.flatnonzero(np.isfinite(one).sum(axis=1) >= 2)
    if len(several) == 0:
        return None
    chosen = several[np.unique(np.linspace(0, len(several) - 1, min(len(several), most)).round().astype(int))]
    return {
        "precursors": len(several),
        "with": _spread(one[several], one[chosen]),
        "without": _spread(other[several], other[chosen]),
    }


def _spread(every: np.ndarray, chosen: np.ndarray) -> float:
    """Median over chosen precursors of their median absolute difference between samples, the level of every sample taken out."""
    deviation = every - np.nanmedian(every, axis=1, keepdims=True)
    # A sample without any value has no level, and none of its cells is used.
    level = np.array([np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else 0.0 for column in deviation.T])  # fmt: skip
    within = (row[np.isfinite(row)] for row in chosen - level)
    return float(np.median([np.median(pdist(row[:, None])) for row in within]))
