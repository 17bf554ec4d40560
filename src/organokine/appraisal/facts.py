"""Facts of a card: each a number or a word of a table of the run, with its unit, its animals and the row it was taken from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from organokine.appraisal.eco import Code

Badge = str
COMPUTED, DECLARED, NOT_RECORDED = "computed", "declared", "not_recorded"


@dataclass(frozen=True)
class Fact:
    """One fact.

    Attributes
    ----------
    id : str
        Name within the card; the same fact of the same study always has the same name.
    kind : str
        `effect`, `correlation`, `perturbation`, `engagement`, `function`, `annotation`, `design`, `quality` or `declaration`.
    label : str
        What it is, in words, with the organ.
    value : float, str or None
        The number or word; None is not measured.
    unit : str
        Unit of the value and its interval; empty for words.
    low, high : float or None
        95 % interval.
    relevant : float or None
        Smallest size, in the same unit, that would matter: an interval wholly within it speaks against.
    p, q : float or None
        p-value and false discovery rate.
    tested : int or None
        Hypotheses over which `q` was controlled.
    n : mapping of str to int
        Animals by group; empty where there is none.
    n_by_sex : mapping of str to int
        Animals by sex; empty if the sheet does not tell.
    state : str
        The table's own word.
    text : str
        What a reader should know.
    eco : (str, str) or None
        Code and name in the Evidence and Conclusion Ontology.
    table : str
        Table of the run.
    row : mapping of str to str
        Key of its row.
    badge : str
        `computed`, `declared` or `not_recorded`.
    """

    id: str
    kind: str
    label: str
    value: float | str | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    relevant: float | None = None
    p: float | None = None
    q: float | None = None
    tested: int | None = None
    n: Mapping[str, int] = field(default_factory=dict)
    n_by_sex: Mapping[str, int] = field(default_factory=dict)
    state: str = ""
    text: str = ""
    eco: Code | None = None
    table: str = ""
    row: Mapping[str, str] = field(default_factory=dict)
    badge: Badge = COMPUTED

    @property
    def n_least(self) -> int | None:
        """Animals of the smaller group, or half of them where a table knows them together only; None if there are none."""
        if len(self.n) == 0:
            return None
        return min(self.n.values()) if len(self.n) > 1 else next(iter(self.n.values())) // 2

    @property
    def number(self) -> float | None:
        """The value if it is a number."""
        return float(self.value) if isinstance(self.value, (int, float)) else None

    def as_json(self, taxon: str) -> dict[str, Any]:
        """Plain JSON, every key always there; `taxon` is the species the study was made in."""
        return {
            "id": self.id,
            "type": "StudyResult" if self.kind not in {"annotation", "declaration"} else "InformationEntity",
            "kind": self.kind,
            "label": self.label,
            "value": self.value,
            "unit": self.unit,
            "interval": None if self.low is None or self.high is None else [self.low, self.high],
            "relevant": self.relevant,
            "p": self.p,
            "q": self.q,
            "tested": self.tested,
            "n": {"by_group": dict(self.n), "by_sex": dict(self.n_by_sex), "unit": "animal" if len(self.n) > 0 else ""},
            "species": taxon,
            "state": self.state,
            "text": self.text,
            "eco": None if self.eco is None else {"code": self.eco[0], "name": self.eco[1]},
            "source": {"table": self.table, "row": dict(self.row)},
            "badge": self.badge,
        }


class Facts:
    """The facts of one card, by id, in the order they were added."""

    def __init__(self) -> None:
        self._by_id: dict[str, Fact] = {}

    def add(self, fact: Fact) -> Fact:
        """Add a fact.

        Raises
        ------
        ValueError
            If another fact has its id.
        """
        if fact.id in self._by_id:
            message = f"two facts are called {fact.id}"
            raise ValueError(message)
        self._by_id[fact.id] = fact
        return fact

    def get(self, name: str) -> Fact | None:
        """The fact of this id, or None."""
        return self._by_id.get(name)

    def of(self, kind: str) -> list[Fact]:
        """Facts of one kind."""
        return [fact for fact in self if fact.kind == kind]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._by_id.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_id

    def __len__(self) -> int:
        return len(self._by_id)


def number(value: object) -> float | None:
    """A table's number as JSON has it: None where it is missing or not finite."""
    import pandas as pd

    if value is None or value is pd.NA or isinstance(value, str):
        return None
    found = float(value)  # type: ignore[arg-type]
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """A table's count as JSON has it."""
    found = number(value)
    return None if found is None else int(found)
