"""The FASTA that raw files are searched against: read whole, and refused or remarked upon before any engine spends hours on it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count
from organokine.readers.grid import read_text
from organokine.readers.precursors.filters import is_contaminant, is_decoy
from organokine.study_file_base import Species

TAXA: dict[Species, int] = {"human": 9606, "mouse": 10090, "rat": 10116}
LEAST_OWN = 0.05
"""Smallest share of entries of the study's species among those that name one and are no contaminants. A proteome of another
species has none; a mixture, such as mouse tissue with human cells (17,000 reviewed entries beside 83,000), has more."""
MOST_NUCLEOTIDES = 0.9
"""Share of the letters A, C, G, T, U and N from which a file is of nucleotides. In proteins it is about a quarter."""

_UNIPROT = re.compile(r"(?:[A-Za-z]+_)?(?P<part>sp|tr)\|(?P<accession>[^|\s]+)\|(?P<entry>\S+)")
_KEY = re.compile(r"\s(OS|OX|GN|PE|SV)=")
_RESIDUES = re.compile(r"[ACDEFGHIKLMNPQRSTVWYUOBZJX]*")
_UNCLEAR = re.compile(r"[BZJX]")


class Entry(NamedTuple):
    """One protein of a FASTA.

    Attributes
    ----------
    name : str
        First word of its header, as engines report it: `sp|P12345|ABC_MOUSE`.
    accession, entry, gene : str
        `P12345`, `ABC_MOUSE` and the symbol after `GN=`; of a plain header the accession is the first word and the others are
        empty.
    taxon : int or None
        Number after `OX=`.
    is_reviewed, is_contaminant : bool
        Of Swiss-Prot; with the prefix of a contaminant.
    sequence : str
        Capital letters.
    line : int
        Line of its header, from 1.
    """

    name: str
    accession: str
    entry: str
    gene: str
    taxon: int | None
    is_reviewed: bool
    is_contaminant: bool
    sequence: str
    line: int


@dataclass(frozen=True)
class Fasta:
    """A FASTA that may be searched.

    Attributes
    ----------
    entries : tuple of Entry
        In the order of the file.
    counts : tuple of Count
        What a user should know, and what was repaired.
    sha256 : str
        Of the text, so that a file and its gzip have the same.
    """

    entries: tuple[Entry, ...]
    counts: tuple[Count, ...]
    sha256: str


def read_fasta(path: Path, where: str, species: Species | None = None) -> Fasta:
    """Read a FASTA of proteins, gzip or not.

    Parameters
    ----------
    path : pathlib.Path
        The file; headers of UniProt or plain ones.
    where : str
        What to call it in messages.
    species : str, optional
        Of the study; None: the species is not checked.

    Returns
    -------
    Fasta
        Its entries, with counts of equal sequences, contaminants, unclear residues, small letters, and entries of other
        species.

    Raises
    ------
    DataError
        With everything that is wrong: no FASTA, nucleotides, empty entries, letters that are no residues, identifiers that stand
        twice, decoys, another species.
    """
    text = read_text(path, where)
    entries, n_stars, n_small = _entries(text, where)
    problems = [problem for check in _CHECKS for problem in check(entries, where)]
    if species is not None:
        problems += _other_species(entries, species, where)
    if len(problems) > 0:
        raise DataError(problems)
    counts = _counts(entries, n_stars, n_small, species)
    return Fasta(tuple(entries), tuple(counts), hashlib.sha256(text.encode()).hexdigest())


def _entries(text: str, where: str) -> tuple[list[Entry], int, int]:
    """Entries, and how many ended with a star or had small letters."""
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip() != ""), None)
    if first is None:
        raise DataError(Problem(where, "the file is empty", "There is nothing to search against", "Download it again"))
    if not lines[first].startswith(">"):
        what = f"it is no FASTA: line {first + 1} is {lines[first][:40]!r}, and a FASTA begins with >"
        remedy = "Name the FASTA of the proteome (in UniProt: Download, format FASTA (canonical))"
        raise DataError(Problem(where, what, "Peptides are made from the sequences of this file", remedy))
    entries, n_stars, n_small = [], 0, 0
    starts = [number for number in range(first, len(lines)) if lines[number].startswith(">")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        written = "".join("".join(lines[start + 1 : end]).split())
        sequence = written.removesuffix("*").upper()
        n_stars += written.endswith("*")
        n_small += written != written.upper()
        entries.append(_entry(lines[start][1:].strip(), sequence, start + 1))
    return entries, n_stars, n_small


def _entry(header: str, sequence: str, line: int) -> Entry:
    name, _, rest = header.partition(" ")
    parts = _KEY.split(f" {rest}")
    keys = {key: value.strip() for key, value in zip(parts[1::2], parts[2::2], strict=True)}
    found = _UNIPROT.match(name)
    taxon = keys.get("OX", "")
    return Entry(
        name,
        name if found is None else found["accession"],
        "" if found is None else found["entry"],
        keys.get("GN", ""),
        int(taxon) if taxon.isascii() and taxon.isdigit() else None,
        found is not None and found["part"] == "sp",
        is_contaminant(name),
        sequence,
        line,
    )


def _named(entries: Iterable[Entry]) -> str:
    return first_examples(f"{entry.name} in line {entry.line}" for entry in entries)


def _nucleotides(entries: Sequence[Entry], where: str) -> list[Problem]:
    letters = Counter[str]()
    for entry in entries:
        letters.update(entry.sequence)
    total = letters.total()
    if total == 0 or sum(letters[letter] for letter in "ACGTUN") < MOST_NUCLEOTIDES * total:
        return []
    what = "its sequences are of nucleotides, not of amino acids"
    return [Problem(where, what, "Peptides are made of proteins", "Name the FASTA of the proteome")]


def _empty(entries: Sequence[Entry], where: str) -> list[Problem]:
    empty = [entry for entry in entries if entry.sequence == ""]
    unnamed = [entry for entry in entries if entry.name == ""]
    problems = []
    if len(empty) > 0:
        what = f"{len(empty)} of {len(entries)} entries have no sequence: {_named(empty)}"
        why = "The file may have been cut off, and then proteins are missing in silence"
        problems.append(Problem(where, what, why, "Download it again, or remove these entries"))
    if len(unnamed) > 0:
        what = f"{len(unnamed)} headers are empty, first in line {unnamed[0].line}"
        problems.append(Problem(where, what, "A protein needs a name in the results", "Write one after the >"))
    return problems


def _illegal(entries: Sequence[Entry], where: str) -> list[Problem]:
    faulty = [entry for entry in entries if _RESIDUES.fullmatch(entry.sequence) is None]
    if len(faulty) == 0:
        return []
    letters = sorted({letter for entry in faulty for letter in entry.sequence if _RESIDUES.fullmatch(letter) is None})
    what = (
        f"{len(faulty)} of {len(entries)} entries have letters that are no residues ({first_examples(letters, 5)}): "
        f"{_named(faulty)}"
    )
    why = "Engines cut, skip or replace them, each in its own way"
    remedy = "Remove these entries, or gaps and stops inside them; X stands for an unknown residue"
    return [Problem(where, what, why, remedy)]


def _repeated(entries: Sequence[Entry], where: str) -> list[Problem]:
    lines: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
    for entry in entries:
        if not is_decoy(entry.name):
            lines[entry.accession, entry.is_contaminant].append(entry)
    twice = [found for found in lines.values() if len(found) > 1 and found[0].name != ""]
    if len(twice) == 0:
        return []
    shown = first_examples(
        f"{found[0].accession} in lines {', '.join(str(entry.line) for entry in found[:3])}" for found in twice
    )
    what = f"{len(twice)} identifiers stand more than once: {shown}"
    why = "Peptides of the one would be reported as those of the other, and none of them is unique"
    return [Problem(where, what, why, "Keep one entry of each, or join files without repeating them")]


def _decoys(entries: Sequence[Entry], where: str) -> list[Problem]:
    decoys = [entry for entry in entries if is_decoy(entry.name)]
    if len(decoys) == 0:
        return []
    what = f"{len(decoys)} of {len(entries)} entries are decoys already: {_named(decoys)}"
    why = "Engines make decoys of their own and would take these for proteins, so that q-values are wrong"
    return [Problem(where, what, why, "Name the FASTA without decoys")]


def _joined(entries: Sequence[Entry], where: str) -> list[Problem]:
    joined = [entry for entry in entries if ";" in entry.accession]
    if len(joined) == 0:
        return []
    what = f"{len(joined)} identifiers hold a semicolon: {_named(joined)}"
    why = "It joins the proteins of a group in the results, so that one protein would look like several"
    return [Problem(where, what, why, "Write another sign there, such as _")]


_CHECKS: tuple[Callable[[Sequence[Entry], str], list[Problem]], ...] = (
    _nucleotides,
    _empty,
    _illegal,
    _repeated,
    _joined,
    _decoys,
)


def _other_species(entries: Sequence[Entry], species: Species, where: str) -> list[Problem]:
    taxa = Counter(entry.taxon for entry in entries if entry.taxon is not None and not entry.is_contaminant)
    n_own = taxa[TAXA[species]]
    if taxa.total() == 0 or n_own >= LEAST_OWN * taxa.total():
        return []
    taxon, n = max(taxa.items(), key=lambda item: (item[1], -item[0]))
    known = {number: name for name, number in TAXA.items()}
    called = f"OX={taxon} ({known[taxon]})" if taxon in known else f"OX={taxon}"
    what = (
        f"{n_own} of {taxa.total()} entries are of the study's species {species} (OX={TAXA[species]}); {n} are {called}"
    )
    why = "Proteins of another species share some peptides only, and the others are found wrongly or not at all"
    return [Problem(where, what, why, f"Name the proteome of {species}, or correct the species of the study")]


def _counts(entries: Sequence[Entry], n_stars: int, n_small: int, species: Species | None) -> list[Count]:
    n = len(entries)
    counts = [_count_contaminants(entries)]
    by_sequence: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        by_sequence[entry.sequence].append(entry.accession)
    same = [names for names in by_sequence.values() if len(names) > 1]
    shown = first_examples((" = ".join(names[:3]) for names in same), 1)
    note = "their peptides are shared, so they form one protein group"
    rows = [("entries with the sequence of another", sum(len(names) for names in same), shown, note)]
    unclear = [entry.accession for entry in entries if _UNCLEAR.search(entry.sequence) is not None]
    note = "B, Z, J or X: peptides with them are not searched"
    rows.append(("entries with unclear residues", len(unclear), first_examples(unclear, 1), note))
    rows.append(("sequences ending with a star", n_stars, "", "the star is a stop and was taken off"))
    rows.append(("sequences with small letters", n_small, "", "read as capitals; masking is not kept"))
    if species is not None:
        own = TAXA[species]
        silent = [entry.accession for entry in entries if entry.taxon is None and not entry.is_contaminant]
        foreign = [entry.accession for entry in entries if entry.taxon not in (own, None) and not entry.is_contaminant]
        rows.append(("entries without OX=", len(silent), first_examples(silent, 1), "their species was not checked"))
        rows.append(("entries of other species", len(foreign), first_examples(foreign, 1), "searched with the others"))
    return counts + [Count(item, number, n, shown, note) for item, number, shown, note in rows if number > 0]


def _count_contaminants(entries: Sequence[Entry]) -> Count:
    found = [entry.accession for entry in entries if entry.is_contaminant]
    if len(found) > 0:
        note = "known by their prefix; searched, and left out of the table of proteins"
    else:
        note = "add them (keratins, trypsin, albumin of the medium), or their peptides are taken for others"
    return Count("contaminants", len(found), len(entries), first_examples(found, 1), note)
