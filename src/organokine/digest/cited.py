"""What a sentence may cite: facts of a card by their names, and judgements by names with a colon, such as `link:L1`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

Card = Mapping[str, Any]
NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?", re.IGNORECASE)
"""A number in text; digits within a word, as in T2 or Gdf15, are none."""
FORMATS = ("{:.3g}", "{:.2g}", "{:g}")
EFFECTS = frozenset({"effect", "correlation", "perturbation", "engagement", "function"})
"""Kinds of fact that speak of an effect."""


class Cited:
    """Everything of one card that can be cited, by name."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._items: dict[str, Any] = dict(card["facts"])
        self._items |= {f"link:{each['id']}": each for each in card["hasEvidenceLines"]}
        self._items |= {f"test:{each['name']}": each for each in card["tests"]}
        self._items |= {f"bias:{each['item']}": each for each in card["bias"]}
        self._items |= {f"next:{each['closes']}": each for each in card["next_experiment"]}
        for flag in card["flags"]:
            self._items.setdefault(f"flag:{flag['rule']}", []).append({**flag, "answers": []})
        parts = ("stage", "relevance", "weakest_link", "proposition", "not_shown", "provenance", "sensitivity")
        self._items |= {f"card:{name}": card[name] for name in parts}

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def item(self, name: str) -> Any:
        """What is cited.

        Raises
        ------
        KeyError
            If the card has nothing of this name.
        """
        return self._items[name]

    def is_effect(self, name: str) -> bool:
        """Whether it is a fact about an effect, or the judgement of a link or a test."""
        kind = self._items[name].get("kind") if name in self.card["facts"] else ""
        return kind in EFFECTS or name.startswith(("link:", "test:"))

    def texts(self, names: tuple[str, ...]) -> list[str]:
        """All words of what is cited, as the card has them and with underscores as spaces."""
        found = [leaf for name in names for leaf in leaves(self._items[name]) if isinstance(leaf, str)]
        return [*found, *(text.replace("_", " ") for text in found)]

    def numbers(self, names: tuple[str, ...]) -> set[float]:
        """All numbers of what is cited, as they may be written."""
        found: set[float] = set()
        for name in names:
            for leaf in leaves(self._items[name]):
                written = [leaf] if isinstance(leaf, str) else [str(leaf), *(form.format(leaf) for form in FORMATS)]
                found |= {each for text in written for each in numbers_in(text)}
        return found

    @cached_property
    def names(self) -> set[str]:
        """Names of the study: gene, organs, groups, and keys of the rows that facts were taken from."""
        found = {str(self.card["gene"]), str(self.card["provenance"]["study"])}
        found |= {leaf for leaf in leaves(self.card["proposition"]) if isinstance(leaf, str)}
        for fact in self.card["facts"].values():
            found |= {str(value) for value in fact["source"]["row"].values()}
            found |= {*fact["n"]["by_group"], *fact["n"]["by_sex"]}
        return found


def leaves(value: Any) -> Iterator[Any]:
    """Every word and number within plain JSON, keys of mappings as well; truth values and null are left out."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from leaves(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, (int, float, str)) and not isinstance(value, bool):
        yield value


def numbers_in(text: str) -> list[float]:
    """Numbers of a text; a comma between digits parts thousands."""
    return [float(found.replace("−", "-").replace(",", "")) for found in _plain_numbers(text)]


def _plain_numbers(text: str) -> Iterator[str]:
    for match in NUMBER.finditer(text):
        # Dates and versions hold more than one point, and are compared part by part.
        found = match.group()
        yield from [found] if found.count(".") < 2 else re.findall(r"\d+", found)
