"""directLFQ on arrays: the steps of the package around its own alignment of traces, without its frames.

`directlfq` goes through a pandas frame for each protein and each precursor, which takes nearly all of its time. Its alignment,
`normalization.get_normfacts`, works on arrays; the few lines around it are written here, and a test holds them to the package.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable

import numpy as np

Aligner = Callable[[np.ndarray], dict[int, float]]


def protein_profiles(logs: np.ndarray, protein: np.ndarray, anchors: int, most: int) -> np.ndarray:
    """Estimate protein intensities from precursors.

    Parameters
    ----------
    logs : numpy.ndarray
        (n_precursors, n_samples) log2 quantities, NaN is not measured.
    protein : numpy.ndarray
        (n_precursors,) position of the protein of each row, from 0, rising without a gap.
    anchors : int
        Precursors of a protein, those with the fewest missing values, that are aligned pair by pair; the others are aligned to
        the median of these.
    most : int
        Precursors of a protein that are used, those with the fewest missing values and the highest quantities.

    Returns
    -------
    numpy.ndarray
        (n_proteins, n_samples) log2 intensities; NaN where a protein has none.
    """
    starts = np.flatnonzero(np.append(True, protein[1:] != protein[:-1]))
    ends = np.append(starts[1:], len(protein))
    profiles = np.full((len(starts), logs.shape[1]), np.nan)
    with warnings.catch_warnings():
        # medians of precursors that were nowhere measured together are NaN, and NumPy says so each time
        warnings.simplefilter("ignore", RuntimeWarning)
        align = _aligner()
        for position, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            profiles[position] = _profile(logs[start:end], anchors, most, align)
    return profiles


def _profile(logs: np.ndarray, anchors: int, most: int, align: Aligner) -> np.ndarray:
    if len(logs) > most:
        missing = np.isnan(logs).sum(axis=1)
        logs = logs[np.lexsort((-np.nansum(logs, axis=1), missing))[:most]]
    aligned = logs if logs.shape[1] < 2 else _aligned(logs, anchors, align)
    profile = np.nanmedian(aligned, axis=0)
    total = np.nansum(2.0**profile)
    if total == 0:
        return np.full(logs.shape[1], np.nan)
    return np.asarray(profile + np.log2(np.nansum(2.0**logs) / total))


def _aligned(logs: np.ndarray, anchors: int, align: Aligner) -> np.ndarray:
    """Precursors shifted onto each other."""
    if len(logs) <= anchors:
        return _shifted(logs, align)
    order = np.argsort(np.isnan(logs).sum(axis=1), kind="stable")
    first = _shifted(logs[order[:anchors]], align)
    rest = logs[order[anchors:]]
    to_reference = np.nanmedian(np.nanmedian(first, axis=0) - rest, axis=1)
    return np.vstack([first, rest + to_reference[:, None]])


def _shifted(logs: np.ndarray, align: Aligner) -> np.ndarray:
    traces = logs.copy()
    for row, shift in align(traces).items():  # sets traces with a single value to NaN, in place
        traces[row] += shift
    return traces


def _aligner() -> Aligner:
    """The alignment of directLFQ; importing it sets up logging for the whole process, which is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        from directlfq import normalization
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    aligner: Aligner = normalization.get_normfacts
    return aligner
