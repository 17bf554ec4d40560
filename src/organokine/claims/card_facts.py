"""The few facts of an evidence card that a text can be held against."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from organokine.errors import DataError, Problem

SPECIES = {
    "human": ("human", "homo sapiens", "9606"),
    "mice": ("mouse", "mice", "mus musculus", "10090"),
    "rats": ("rat", "rats", "rattus norvegicus", "10116"),
}
_STAGE = re.compile(r"T[0-5]")
LARGEST = 20_000_000
"""Bytes; a card has some 100 kB."""


@dataclass(frozen=True)
class CardFacts:
    """What a card says of its candidate.

    Attributes
    ----------
    gene : str
        Symbol.
    species : str
        `human`, `mice`, `rats` or what the card says; empty where it says nothing.
    stage : str
        `T0` to `T5`; empty where it says nothing.
    direction : str
        How it changes in the source organ: `increased`, `decreased`, or empty where the card does not tell.
    links : mapping of str to str
        State of each link, by its id (`L1` to `L7`).
    tests : mapping of str to str
        State of each test (sufficiency, necessity, reversal, ...).
    group_sizes : frozenset of int
        Every number of animals or people of a group; empty where the card has none.
    """

    gene: str
    species: str = ""
    stage: str = ""
    direction: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    group_sizes: frozenset[int] = frozenset()

    @property
    def is_human(self) -> bool:
        """Whether people were studied, by stage and, where there is none, by species."""
        return self.stage >= "T3" if self.stage != "" else self.species == "human"

    def shows(self, name: str) -> bool:
        """Whether a link or a test is supported; what the card does not name is not shown."""
        return {**self.links, **self.tests}.get(name) == "supported"


def read_card(path: Path | str) -> CardFacts:
    """Read the facts of an evidence card; keys that are not asked for may be absent or of any shape.

    Parameters
    ----------
    path : Path or str
        JSON as a run leaves it in `cards/`.

    Returns
    -------
    CardFacts
        See there.

    Raises
    ------
    DataError
        The file cannot be read, is not JSON, or names no gene.
    """
    path = Path(path)
    why = "A text can be held against an evidence card only"
    remedy = "Name a file of the folder cards/ of a run"
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        card = json.loads(data.decode("utf-8-sig")) if len(data) <= LARGEST else None
    except OSError as error:
        raise DataError(Problem(str(path), f"cannot be read ({error.strerror})", why, remedy)) from None
    except (ValueError, RecursionError):
        raise DataError(Problem(str(path), "is not JSON", why, remedy)) from None
    facts = card_facts(card) if isinstance(card, dict) else None
    if facts is None or facts.gene == "":
        raise DataError(Problem(str(path), "names no gene, so that it is no evidence card", why, remedy))
    return facts


def card_facts(card: Mapping[str, Any]) -> CardFacts:
    """Facts of a card already at hand as plain JSON."""
    asked = _mapping(card.get("proposition"))
    stage = _STAGE.search(_word(card.get("stage"), "code"))
    links = card.get("hasEvidenceLines", card.get("links"))
    return CardFacts(
        gene=_word(card.get("gene"), "name") or _word(asked.get("subject"), "name"),
        species=_species(_word(asked.get("species_of_data"), "name") or _word(card.get("species"), "name")),
        stage="" if stage is None else stage.group(),
        direction=_direction(asked, card),
        links=dict(_states(links)),
        tests=dict(_states(card.get("tests"))),
        group_sizes=frozenset(_sizes(card)),
    )


def _word(value: Any, key: str) -> str:
    """A word that may stand alone or under a key."""
    value = value.get(key, "") if isinstance(value, dict) else value
    return value.strip() if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _species(word: str) -> str:
    lowered = word.lower()
    return next((name for name, words in SPECIES.items() if lowered in words), lowered)


def _direction(asked: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    words = [
        _word(asked.get("change_in_source"), "value"),
        _word(asked.get("direction"), "value"),
        _word(card.get("direction"), "value"),
    ]
    for word in words:
        if re.match(r"(?:increas|up|higher|rais|ris)", word.lower()) is not None:
            return "increased"
        if re.match(r"(?:decreas|down|lower|fall|reduc)", word.lower()) is not None:
            return "decreased"
    return ""


def _states(found: Any) -> Iterator[tuple[str, str]]:
    """Names and states, from a list of objects or from a mapping by name."""
    if isinstance(found, dict):
        found = [
            {"id": name, **(value if isinstance(value, dict) else {"state": value})} for name, value in found.items()
        ]
    for thing in found if isinstance(found, list) else []:
        name = _word(_mapping(thing).get("id"), "id") or _word(_mapping(thing).get("name"), "name")
        state = _word(_mapping(thing).get("state"), "state") or _word(_mapping(thing).get("status"), "status")
        if name != "" and state != "":
            yield name, state


def _sizes(card: Mapping[str, Any]) -> Iterator[int]:
    facts = card.get("facts")
    listed = list(facts.values()) if isinstance(facts, dict) else facts if isinstance(facts, list) else []
    for n in [card.get("n"), *(_mapping(fact).get("n") for fact in listed)]:
        groups = _mapping(n).get("by_group", n)
        values = list(groups.values()) if isinstance(groups, dict) else groups if isinstance(groups, list) else [groups]
        yield from (value for value in values if isinstance(value, int) and not isinstance(value, bool) and value > 0)
