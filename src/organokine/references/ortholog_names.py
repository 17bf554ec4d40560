"""Orthologs between human, mouse and rat, from the tables of a release."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from organokine.references.identifiers import load_identifiers
from organokine.references.projection import rodent_spelling
from organokine.references.registry import read_table, registry
from organokine.references.releases import EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from organokine.study_file import Species

Pairs = set[tuple[str, str]]

TABLES: Mapping[str, str] = {"mouse": "orthologs", "rat": "orthologs_rat"}
"""Tables of human genes and those of a rodent; there is no embedded one for the rat."""


@cache
def load_orthologs(species: Species, target: Species, release: str = EMBEDDED) -> Mapping[str, tuple[str, ...]]:
    """Load the orthologs of the genes of one species in another.

    Genes of human and of a rodent are joined by the table of the release, those of mouse and rat by the human gene between
    them. Where there is no table for the rat it goes by symbol from mouse, as everywhere in the embedded references: a human gene
    has its mouse symbols, and its own symbol in rodent spelling where no mouse gene is called so.

    Parameters
    ----------
    species, target : str
        `human`, `mouse` or `rat`, two different ones.
    release : str
        `embedded`, or the name of a release in the store.

    Returns
    -------
    mapping of str to tuple of str
        Official symbols of `species` to those of `target`, sorted; several orthologs are all given, genes without one are absent.

    Raises
    ------
    ReferenceError
        If a table is missing or damaged.
    """
    if species == "human":
        return _grouped(_from_human(target, release))
    if target == "human":
        return _grouped(_turned(_from_human(species, release)))
    pairs = _through(_turned(_from_human(species, release)), _from_human(target, release))
    if not _has_rat_table(release):
        pairs = _by_symbol(pairs, species, release)
    return _grouped(pairs)


def _by_symbol(pairs: Pairs, species: Species, release: str) -> Pairs:
    """Genes that both species have under one symbol, or the rat under a later one, are joined so and not to one another's."""
    rat = load_identifiers("rat", release)
    called = {name: rat.synonyms.get(name, name) for name in load_identifiers("mouse", release).official}
    shared = {(name, own) for name, own in called.items() if own in rat.official}
    if species == "rat":
        shared = _turned(shared)
    taken = [{pair[side] for pair in shared} for side in (0, 1)]
    return {(one, other) for one, other in pairs if one not in taken[0] or other not in taken[1]} | shared


def _from_human(rodent: str, release: str) -> Pairs:
    if rodent == "mouse" or _has_rat_table(release):
        entry = next(entry for entry in registry(release) if entry.name == TABLES[rodent])
        table = read_table(entry)
        return {pair for pair in zip(table["human"], table[rodent], strict=True) if "" not in pair}
    pairs = _from_human("mouse", release)
    mouse = load_identifiers("mouse", release).official
    spelt = {(human, rodent_spelling(human)) for human, _ in pairs}
    known = load_identifiers("rat", release).synonyms
    spelt |= pairs
    return {
        (human, known.get(symbol, symbol)) for human, symbol in spelt if symbol not in mouse or (human, symbol) in pairs
    }


def _has_rat_table(release: str) -> bool:
    return any(entry.name == TABLES["rat"] for entry in registry(release))


def _turned(pairs: Pairs) -> Pairs:
    return {(other, name) for name, other in pairs}


def _through(first: Pairs, second: Pairs) -> Pairs:
    onward = _grouped(second)
    return {(name, other) for name, middle in first for other in onward.get(middle, ())}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, other in sorted(pairs):
        found.setdefault(name, []).append(other)
    return {name: tuple(others) for name, others in found.items()}
