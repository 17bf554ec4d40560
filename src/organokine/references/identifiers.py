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
        Official symbols. Embedded for the rat are those of the Rat Genome Database; symbols of the mouse, and human ones in
        rodent spelling, that it does not know stand beside them.
    synonyms : mapping of str to str
        Synonyms of one official symbol only, which are no official symbol themselves.
    spelt : mapping of str to str
        Official symbols by their lower case, where only one is spelt so.
    accessions : mapping of str to tuple of str
        Accessions without version and isoform, to all official symbols they stand for. Embedded are UniProt and Ensembl genes for
        human, Ensembl genes for mouse and rat; a release has both kinds for all three.
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
    genes, listed = tables[f"genes_{species}"], tables[f"accessions_{species}"]
    own = names_of(listed) if "synonyms" in listed.columns else {}
    # A species' own table decides which symbols are official; the others are known under its names.
    names = {name: own.get(symbol, symbol) for name, symbol in names_of(genes).items()} | own
    official = {own.get(symbol, symbol) for symbol in genes["symbol"]} | set(listed["symbol"])
    owners: dict[str, set[str]] = {}
    for column in listed.columns.drop(["symbol", "synonyms"], errors="ignore"):
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
