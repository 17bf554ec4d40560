"""Missed cleavages, from sequences as search engines write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

_IN_BRACKETS = re.compile(r"\([^()\[\]]*\)|\[[^()\[\]]*\]")
_FLANKED = re.compile(r"[A-Z_-]\.(.+)\.[A-Z_-]")
_NO_RESIDUE = re.compile(r"[^A-Z]+")
_MISSED = re.compile(r"[KR][A-OQ-Z]")


def residues(written: str) -> str:
    """The residues of a peptide without modifications, flanking residues, charge and signs.

    Parameters
    ----------
    written : str
        A peptide as an engine writes it: `PEPC(UniMod:4)TIDEK2`, `_AC[Carbamidomethyl (C)]K_.2`, `K.PEPTM(+15.99)IDE.R`,
        `n[42.0106]PEPTIDE`.

    Returns
    -------
    str
        Capital letters; empty if there are none.
    """
    bare = written
    while "(" in bare or "[" in bare:
        shorter = _IN_BRACKETS.sub("", bare)
        if shorter == bare:
            break
        bare = shorter
    flanked = _FLANKED.fullmatch(bare)
    return _NO_RESIDUE.sub("", bare if flanked is None else flanked[1])


def missed_cleavages(written: Iterable[str]) -> np.ndarray:
    """Whether trypsin left a cleavage out: a lysine or arginine inside that no proline follows.

    Parameters
    ----------
    written : iterable of str
        (n,) peptides as an engine writes them, see `residues`.

    Returns
    -------
    numpy.ndarray
        (n,) 1 or 0; NaN where there are no residues.

    References
    ----------
    Olsen, Ong and Mann, Molecular & Cellular Proteomics 3, 608 (2004), doi 10.1074/mcp.T400003-MCP200: trypsin cleaves
    after arginine and lysine.
    """
    bare = [residues(peptide) for peptide in written]
    return np.array([np.nan if peptide == "" else float(_MISSED.search(peptide) is not None) for peptide in bare])
