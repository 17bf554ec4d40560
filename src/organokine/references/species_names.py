"""Which symbols tell two species apart: official in one, and no name of any gene in the other."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from organokine.references.registry import read_table, registry
from organokine.references.releases import EMBEDDED

if TYPE_CHECKING:
    from organokine.study_file import Species

_MICRO_RNA = re.compile(r"mir-?\d|let-?7|mirlet7")
"""Left out: the embedded table of the rat has none, so that every one would speak for the mouse."""


class Telling(NamedTuple):
    """Symbols, in lower case, that tell two species apart.

    Attributes
    ----------
    own, other : frozenset of str
        Those of the first and of the second species.
    """

    own: frozenset[str]
    other: frozenset[str]


class _Names(NamedTuple):
    official: frozenset[str]
    every: frozenset[str]


@cache
def telling_symbols(species: Species, other: Species) -> Telling:
    """Official symbols of each of two species that the other knows neither as a symbol nor as a former name or alias.

    Parameters
    ----------
    species, other : str
        `human`, `mouse` or `rat`, two different ones.

    Returns
    -------
    Telling
        From the embedded tables, without micro-RNA. Letter case is left out: it is a matter of spelling, and tables of mice
        are written in capitals often enough.

    Raises
    ------
    ReferenceError
        If a table is missing or damaged.
    """
    first, second = _names(species), _names(other)
    return Telling(first.official - second.every, second.official - first.every)


@cache
def _names(species: Species) -> _Names:
    # The embedded table of rat genes is filled up with symbols of the mouse; those of the rat stand with its accessions.
    wanted = {f"accessions_{species}"} | (set() if species == "rat" else {f"genes_{species}"})
    official: set[str] = set()
    every: set[str] = set()
    for entry in registry(EMBEDDED):
        if entry.name in wanted:
            table = read_table(entry)
            official.update(table["symbol"].str.lower())
            if "synonyms" in table.columns:
                every.update("|".join(table["synonyms"]).lower().split("|"))
    official = {name for name in official if _MICRO_RNA.match(name) is None}
    return _Names(frozenset(official), frozenset(official | every))
