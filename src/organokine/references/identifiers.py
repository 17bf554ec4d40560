"""Names of genes: official symbols, synonyms and accessions of one species."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from organokine.references.registry import read_table, registry
from organokine.references.releases import EMBEDDED
from organokine.references.store import names_of

if TYPE_CHECKING:
    from organokine.study_file import Species


@dataclass(frozen=True)
class Identifiers:
    """What identifiers of one species stand for.

    Attributes
    ----------
    official : frozenset of str
        Official symbols. There is no embedded table of rat symbols: those of the mouse stand in, and human ones in rodent
        spelling; a release has the rat's own.
    synonyms : mapping of str to str
        Synonyms of one official symbol only, which are no official symbol themselves.
    spelt : mapping of str to str
        Official symbols by their lower case, where only one is spelt so.
    accessions : mapping of str to tuple of str
        Accessions without version and isoform, to all official symbols they stand for. Embedded are UniProt and Ensembl genes for
        human, Ensembl genes for mouse, none for rat; a release has both kinds for all three.
    """

    official: frozenset[str]
    synonyms: Mapping[str, str]
    spelt: Mapping[str, str]
    accessions: Mapping[str, tuple[str, ...]]


@cache
def load_identifiers(species: Species, release: str = EMBEDDED) -> Identifiers:
    """Load the names and accessions of a species and check their hashes.

    Parameters
    ----------
    species : str
        `human`, `mouse` or `rat`.
    release : str
        `embedded`, or the name of a release in the store (see `releases.resolve_release`).

    Returns
    -------
    Identifiers
        Ready for look-ups; nothing is read from the network.

    Raises
    ------
    ReferenceError
        If a table is missing or damaged.
    """
    tables = {
        entry.name: read_table(entry)
        for entry in registry(release)
        if entry.name in {f"genes_{species}", f"accessions_{species}"}
    }
    names = names_of(tables[f"genes_{species}"])
    owners: dict[str, set[str]] = {}
    official = set(tables[f"genes_{species}"]["symbol"])
    listed = tables.get(f"accessions_{species}")
    if listed is not None:
        official |= set(listed["symbol"])
        for column in listed.columns.drop("symbol"):
            for symbol, accessions in zip(listed["symbol"], listed[column], strict=True):
                for accession in accessions.split("|"):
                    owners.setdefault(accession, set()).add(symbol)
        owners.pop("", None)
    spellings: dict[str, set[str]] = {}
    for symbol in official:
        spellings.setdefault(symbol.lower(), set()).add(symbol)
    return Identifiers(
        official=frozenset(official),
        synonyms={name: symbol for name, symbol in names.items() if name not in official},
        spelt={lower: next(iter(symbols)) for lower, symbols in spellings.items() if len(symbols) == 1},
        accessions={accession: tuple(sorted(symbols)) for accession, symbols in owners.items()},
    )
