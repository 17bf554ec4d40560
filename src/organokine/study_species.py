"""Tables whose genes are those of another species than the study says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, get_args

from organokine.errors import Problem, first_examples
from organokine.readers.plasma import PLASMA_READERS
from organokine.references.species_names import telling_symbols
from organokine.study_file_base import Species

if TYPE_CHECKING:
    from organokine.readers import RawMatrix
    from organokine.study_file import AssaySection, StudyFile

LEAST_FOREIGN = 10
"""Symbols, or identifiers, that only another species has, below which a table is not accused: a family renamed at once makes a few."""
MOST_OWN = 1 / 3
"""Largest share of the declared species among the symbols that tell two species apart. In nine real tables of rat and mouse and
five lists of all genes the right species has 0.79 and more of them (0.92 in tables), a wrong one 0.21 and less (0.08 in tables);
`benchmarks/species.py` counts them. A half would accuse as few; a third spares mixtures, such as human cells in a mouse."""
PANELS = frozenset(reader.name for reader in PLASMA_READERS)
"""Readers of panels made against human proteins: their symbols are human in any species, and say nothing of the samples."""

_ENSEMBL = {"human": "ENS", "mouse": "ENSMUS", "rat": "ENSRNO"}
_IDENTIFIERS = {
    species: re.compile(rf"\b{prefix}[GTP]\d{{6,}}|[A-Z0-9]_{species.upper()}(?![A-Za-z0-9])")
    for species, prefix in _ENSEMBL.items()
}
"""Ensembl's identifiers and the entry names of UniProt (`CPSM_MOUSE`) name their species."""


class Foreign(NamedTuple):
    """What a table has of another species.

    Attributes
    ----------
    species : str
        The other species.
    n_foreign, n_own : int
        Names that only the other species has, and that only the declared one has.
    example : str
        Some of the former.
    """

    species: Species
    n_foreign: int
    n_own: int
    example: str


def check_species(file: StudyFile, tables: Mapping[str, RawMatrix]) -> Iterator[Problem]:
    """Find tables whose identifiers or symbols are plainly those of another species than the study's.

    Parameters
    ----------
    file : StudyFile
        The study file.
    tables : mapping of str to RawMatrix
        Tables by assay; panels against human proteins are not looked at.

    Yields
    ------
    Problem
        One per table.
    """
    for assay in file.assay:
        table = tables.get(assay.name)
        if table is None or table.reader in PANELS:
            continue
        found = foreign_identifiers(file.study.species, _identifiers(table))
        kind = "identifiers"
        if found is None:
            found, kind = foreign_symbols(file.study.species, written_symbols(table)), "symbols"
        if found is not None:
            yield _problem(assay, file.study.species, kind, found)


def _identifiers(table: RawMatrix) -> Iterator[str]:
    index = table.features.index
    protein = table.features["protein"] if "protein" in table.features.columns else [""] * len(index)
    return (f"{key} {accession}" for key, accession in zip(index, protein, strict=True))


def written_symbols(table: RawMatrix) -> list[str]:
    """Symbols of a table before former names were replaced by official ones of the declared species, which would speak for it."""
    return [table.names.replaced.get(str(key), gene) for key, gene in table.features["gene"].items()]


def foreign_identifiers(species: Species, identifiers: Iterable[str]) -> Foreign | None:
    """Another species that most of the identifiers name, by Ensembl's prefixes and the entry names of UniProt.

    Parameters
    ----------
    species : str
        The declared one.
    identifiers : iterable of str
        All identifiers of a row in one text.

    Returns
    -------
    Foreign or None
        None if there is none, or not plainly.
    """
    of_species: dict[Species, set[str]] = {name: set() for name in get_args(Species)}
    for text in identifiers:
        for name, pattern in _IDENTIFIERS.items():
            if pattern.search(text) is not None:
                of_species[name].add(text.strip())  # type: ignore[index]
    pairs = {other: (of_species[other], of_species[species]) for other in of_species if other != species}
    return _plainest(pairs)


def foreign_symbols(species: Species, symbols: Iterable[str]) -> Foreign | None:
    """Another species that knows a table's symbols much better, among those that tell the two apart.

    Parameters
    ----------
    species : str
        The declared one.
    symbols : iterable of str
        Symbols as the table was written; empty ones do not count.

    Returns
    -------
    Foreign or None
        None if there is none, or not plainly.
    """
    spelt = {symbol.lower(): symbol for symbol in symbols if symbol != ""}
    pairs = {}
    for other in get_args(Species):
        if other != species:
            telling = telling_symbols(species, other)
            pairs[other] = ({spelt[name] for name in spelt.keys() & telling.other}, spelt.keys() & telling.own)
    return _plainest(pairs)


def _plainest(pairs: Mapping[Species, tuple[set[str], set[str]]]) -> Foreign | None:
    found = [
        Foreign(other, len(foreign), len(own), first_examples(sorted(foreign)))
        for other, (foreign, own) in pairs.items()
        if len(foreign) >= LEAST_FOREIGN and len(own) < MOST_OWN * (len(foreign) + len(own))
    ]
    return max(found, key=lambda each: each.n_foreign - each.n_own, default=None)


def _problem(assay: AssaySection, species: Species, kind: str, found: Foreign) -> Problem:
    return Problem(
        f"[assay {assay.name}] {assay.file}",
        f"of the {kind} that tell {species} from {found.species}, {found.n_foreign} are of {found.species} "
        f"({found.example}) and {found.n_own} of {species}",
        f"Tables are joined, and ways out of the cell and receptors are looked up, by {species} symbols: genes that are called "
        "otherwise would be lost in silence",
        f"If the samples are of {found.species}, write species = {found.species!r} in [study]; otherwise give the table that was "
        f"annotated with genes of {species}",
    )
