"""Peptides that differ in leucine and isoleucine only: they have one mass, no spectrum tells them apart, and so neither do we."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from organokine.raw.fasta import Fasta
    from organokine.raw.settings import SearchSettings


def twin_of(peptide: str) -> str:
    """The peptide with every isoleucine written as leucine."""
    return peptide.replace("I", "L")


def proteins_of_twins(peptides: Collection[str], fasta: Fasta, settings: SearchSettings) -> dict[str, set[str]]:
    """All proteins that could give each peptide, isoleucine taken for leucine.

    An engine keeps both forms apart and reports the one or the other, by chance, as if it were of its proteins only.

    Parameters
    ----------
    peptides : collection of str
        Peptides as found.
    fasta : Fasta
        What was searched.
    settings : SearchSettings
        Digestion.

    Returns
    -------
    dict of str to set of str
        By `twin_of` each peptide, accessions. A peptide of no protein has no entry.
    """
    wanted = {twin_of(peptide) for peptide in peptides}
    found: dict[str, set[str]] = {}
    for entry in fasta.entries:
        for piece in _pieces(twin_of(entry.sequence), settings):
            if piece in wanted:
                found.setdefault(piece, set()).add(entry.accession)
    return found


def _pieces(sequence: str, settings: SearchSettings) -> Iterator[str]:
    """Tryptic peptides of a protein: cut after K and R, not before P."""
    cuts = [place + 1 for place, residue in enumerate(sequence[:-1]) if residue in "KR" and sequence[place + 1] != "P"]
    ends = [0, *cuts, len(sequence)]
    for first, start in enumerate(ends[:-1]):
        for end in ends[first + 1 : first + settings.missed_cleavages + 2]:
            if settings.minimum_length <= end - start <= settings.maximum_length:
                yield sequence[start:end]
