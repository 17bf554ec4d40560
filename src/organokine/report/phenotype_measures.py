"""The measures of functional tests, and how each is spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from organokine.report import words


class Measure(NamedTuple):
    """One measure of one functional test, and what its groups are called.

    Attributes
    ----------
    phenotype, test, measure, unit : str
        As in the table `phenotype_animals`.
    case, control : str
        Names of the groups; `case` and `control` where no animal tells them.
    better : str
        `higher`, `lower` or empty: which way is better function.
    domain : str
        What it measures.
    species : str
        As the study file names it; empty if not known.
    """

    phenotype: str
    test: str
    measure: str
    unit: str
    case: str
    control: str
    better: str
    domain: str
    species: str

    @property
    def noun(self) -> str:
        """The measure in words; a value without a name of its own is called like its test, where that has one."""
        test = "the value" if self.phenotype == self.test else self.phenotype
        own = test if self.measure in {"", "value"} else words.spaced(self.measure)
        return self.phrase.noun or own

    @property
    def phrase(self) -> Phrase:
        """How it is spoken of."""
        return _PHRASES.get((self.test, self.measure), _ANY)

    @property
    def groups(self) -> tuple[str, str]:
        """Case and control with an article; a group that is called by a number is said to be one."""
        case, control = self.case, self.control
        first = f"the {case} {self.animals}" if case[:1].isalpha() else f"the {self.animals} of group {case}"
        second = f"the {control} ones" if control[:1].isalpha() else f"those of group {control}"
        return first, second

    @property
    def animals(self) -> str:
        """Species in the plural."""
        return words.SPECIES.get(self.species, ("animal", "animals"))[1]

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table that belong to this measure."""
        found: pd.DataFrame = table[(table["phenotype"] == self.phenotype) & (table["measure"] == self.measure)]
        return found


class Phrase(NamedTuple):
    """How a measure is spoken of: more and less of it, a multiple of it, its noun, and the two ends of an interval."""

    more: str
    less: str
    times: str
    noun: str
    ends: tuple[str, str]


_PHRASES = {
    ("rotarod", "latency"): Phrase(
        "{case} stayed {size} longer on the rod than {control}",
        "{case} stayed {size} less on the rod than {control}",
        "{case} stayed {size} times as long on the rod as {control}",
        "time on the rod",
        ("longer", "shorter"),
    ),
    ("beam", "slips"): Phrase(
        "{case} made {size} more slips than {control}",
        "{case} made {size} fewer slips than {control}",
        "{case} made {size} times as many slips as {control}",
        "slips on the beam",
        ("more", "fewer"),
    ),
    ("beam", "time"): Phrase(
        "{case} took {size} longer to cross the beam than {control}",
        "{case} took {size} less to cross the beam than {control}",
        "{case} took {size} times as long to cross the beam as {control}",
        "time to cross the beam",
        ("longer", "shorter"),
    ),
    ("beam", "failed"): Phrase(
        "{noun} were {size} higher in {case} than in {control}",
        "{noun} were {size} lower in {case} than in {control}",
        "{noun} were {size} times as high in {case} as in {control}",
        "the odds of failing to cross at least once",
        ("higher", "lower"),
    ),
    ("grip", "force"): Phrase(
        "{case} pulled {size} more than {control}",
        "{case} pulled {size} less than {control}",
        "{case} pulled {size} times as hard as {control}",
        "grip force",
        ("more", "less"),
    ),
}
_ANY = Phrase(
    "{noun} was {size} higher in {case} than in {control}",
    "{noun} was {size} lower in {case} than in {control}",
    "{noun} in {case} was {size} times that in {control}",
    "",
    ("higher", "lower"),
)


def measures_of(effects: pd.DataFrame, animals: pd.DataFrame, species: str = "") -> list[Measure]:
    """Every measure of the table `phenotypes` in its order, with the names of its groups from `phenotype_animals`.

    Parameters
    ----------
    effects, animals : pandas.DataFrame
        Tables `phenotypes` and `phenotype_animals`.
    species : str
        As the study file names it; the words say "animals" where it is not known.
    """
    found = []
    for row in effects.drop_duplicates(["phenotype", "measure"]).to_dict("records"):
        own = animals[(animals["phenotype"] == row["phenotype"]) & (animals["measure"] == row["measure"])]
        is_case = own["is_case"].fillna(value=False).to_numpy(dtype=bool)
        first = own.iloc[0] if len(own) > 0 else {"unit": row["unit"], "better": "", "domain": ""}
        found.append(
            Measure(
                str(row["phenotype"]),
                str(row["test"]),
                str(row["measure"]),
                str(first["unit"]),
                str(own["group"][is_case].iloc[0]) if is_case.any() else "case",
                str(own["group"][~is_case].iloc[0]) if (~is_case).any() else "control",
                str(first["better"]),
                str(first["domain"]),
                species,
            )
        )
    return found


def number(value: float, row: Mapping[Any, Any]) -> str:
    """A number of an effect to as many decimals as its interval is exact: two digits of half its width.

    Parameters
    ----------
    value : float
        Estimate or an end of the interval, in the unit of the row; an infinite one is given as its sign.
    row : mapping
        Row of the table `phenotypes`. Without a finite interval the number has three digits.
    """
    if words.is_missing(value):
        return words.MISSING
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    half = (float(row["ci_high"]) - float(row["ci_low"])) / 2
    if not (np.isfinite(half) and half > 0):
        return words.plain(value)
    decimals = max(0, 1 - int(np.floor(np.log10(half))))
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}".replace("-", "−")
