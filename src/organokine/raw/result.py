"""What comes out of raw files, in memory: matches, precursors, proteins, and what may be thought of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from organokine.errors import Problem
    from organokine.readers.base import Count

MATCH_COLUMNS = (
    "sample", "spectrum", "sequence", "peptide", "charge", "decoy", "proteins", "score", "hyperscore", "mz", "mass_error",
    "fragment_error", "minutes", "one_over_k0", "engine_q",
)  # fmt: skip
"""Columns of the frame of matches, one row per fragment spectrum with its best peptide, target or decoy, of all samples:
`sample` (category), `spectrum` (whole number, the precursor's row in the file less one), `sequence` (target sequence with `[UNIMOD:n]`, also of a
decoy), `peptide` (the same without modifications), `charge`, `decoy` (bool), `proteins` (tuple of accessions), `score` (of all
it is known by, larger is better; see `joint_score`), `hyperscore` (of the spectrum alone), `mz` (Th, calculated), `mass_error` (ppm,
measured minus calculated; isotopes taken out), `fragment_error` (ppm, mean of the absolute errors of the fragments), `minutes`, `one_over_k0` (V s/cm2, exact; NaN without a known
calibration), `engine_q` (the engine's own q of the peptide)."""


@dataclass(frozen=True)
class RawFile:
    """One file after its search.

    Attributes
    ----------
    sample : str
        Name of the sample.
    path : pathlib.Path
        Its folder.
    acquired : str
        Date and time as the file says; empty if it does not.
    n_spectra : int or None
        Fragment spectra; None: the engine does not tell.
    problems : tuple of Problem
        Why it could not be searched; empty if it was.
    """

    sample: str
    path: Path
    acquired: str = ""
    n_spectra: int | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class RawResult:
    """Everything `raw run` found.

    Attributes
    ----------
    proteins : pandas.DataFrame
        Protein groups without contaminants: text columns `protein_group`, `protein` (leading accession), `gene`, the number `precursors`
        (that its quantities rest on), then one column per sample with linear intensities, NaN is not measured, not normalised.
    precursors : pandas.DataFrame
        `organokine.raw_tables.PRECURSORS`.
    runs : pandas.DataFrame
        `organokine.raw_tables.RUNS`, in the order of the sheet.
    quality : mapping
        Plain JSON for `qc.json`: see `organokine.raw.combine`.
    counts : tuple of Count
        What was left out or put together.
    warnings : tuple of Problem
        What a user must read before the tables; each is printed, and stands first on the page.
    """

    proteins: pd.DataFrame
    precursors: pd.DataFrame
    runs: pd.DataFrame
    quality: Mapping[str, Any]
    counts: tuple[Count, ...] = ()
    warnings: tuple[Problem, ...] = field(default=())
