"""What every section of the report is given: the tables of a run and its manifest, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from organokine.report.words import SPECIES, is_missing

LEADING_CARDS = 10
"""Candidates that get a card whatever their tier; as many as a reader goes through."""
MOST_CARDS = 25
"""Cards at most, with all candidates of tier 2 or above in order; the table holds the rest."""
CARD_TIER = 2
"""Tier from which a candidate gets a card beyond the leading ones."""


@dataclass(frozen=True)
class ReportData:
    """The tables of a run and its manifest.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame
        By name of the schema in `tables.py`; each conforms to it.
    manifest : dict
        The manifest of the run.
    cards : tuple of mapping
        Evidence cards in the order of the ranking.
    """

    tables: Mapping[str, pd.DataFrame]
    manifest: dict[str, Any]
    cards: tuple[Mapping[str, Any], ...] = ()

    @property
    def mediators(self) -> pd.DataFrame:
        """Table `mediators`, best first."""
        return self.tables["mediators"].sort_values("rank", kind="stable").reset_index(drop=True)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Cards of the evidence lines in the order of the chain."""
        return list(self.manifest["lines"])

    @cached_property
    def n_with_q(self) -> dict[str, int]:
        """By line: the candidates over which its false discovery rate was controlled."""
        evidence = self.tables["evidence"]
        asked = evidence.loc[evidence["q"].notna(), "line"].value_counts()
        return {str(line): int(n) for line, n in asked.items()}

    @property
    def alpha(self) -> float:
        """Declared false discovery rate."""
        return float(self.manifest["alpha"])

    @property
    def study(self) -> dict[str, Any]:
        """The resolved study file."""
        return dict(self.manifest["study"])

    @property
    def species(self) -> str:
        """Species as the study file names it."""
        return str(self.study["study"]["species"])

    @property
    def species_plural(self) -> str:
        """Species as a reader says it."""
        return SPECIES.get(self.species, ("animal", "animals"))[1]

    @property
    def contrast(self) -> dict[str, Any] | None:
        """The contrast, or None in population mode."""
        found = self.study.get("contrast")
        return None if found is None else dict(found)

    @property
    def axis(self) -> dict[str, str] | None:
        """Source and target organ, or None if the study names none."""
        found = self.study.get("axis")
        return None if found is None else dict(found)

    @property
    def groups(self) -> list[str]:
        """Levels of the contrast factor, control first; any other level after them in sorted order."""
        seen = sorted({str(group) for group in self.tables["qc"]["group"] if not is_missing(group)})
        if self.contrast is None:
            return seen
        named = [str(self.contrast["control"]), str(self.contrast["case"])]
        return [*named, *(group for group in seen if group not in named)]

    def subjects_per_group(self) -> dict[str, int]:
        """Animals by group, as the manifest counted them; in a study without an axis, those with a measured sample."""
        counted = self.manifest["subjects"].get("per_group", {})
        if len(counted) > 0:
            return {group: int(counted[group]) for group in sorted(counted, key=self.groups.index)}
        qc = self.tables["qc"]
        found = qc[qc["group"] != ""].groupby("group")["subject"].nunique()
        return {group: int(found.get(group, 0)) for group in self.groups}

    def pairs_per_group(self) -> list[int]:
        """Animals with both organs, in the order of `subjects_per_group`; empty where the manifest did not count them."""
        paired = self.manifest["subjects"].get("paired_per_group", {})
        return [int(paired[group]) for group in self.subjects_per_group() if group in paired]

    def leading(self) -> pd.DataFrame:
        """Rows of `mediators` that get a card: the first ones, then all of tier 2 or above, up to a limit."""
        mediators = self.mediators
        is_leading = (mediators.index < LEADING_CARDS) | (mediators["tier"].fillna(0) >= CARD_TIER).to_numpy(dtype=bool)
        return mediators[is_leading].head(MOST_CARDS)

    def assays(self) -> pd.DataFrame:
        """One row per assay of `differential` or `qc`: columns assay, organ, modality, in the order of the study file."""
        known = ["assay", "organ", "modality"]
        found = pd.concat([self.tables["qc"][known], self.tables["differential"][known]]).drop_duplicates("assay")
        order = {str(assay["name"]): place for place, assay in enumerate(self.study.get("assay", []))}
        place = found["assay"].map(order).fillna(len(order))
        return found.assign(place=place).sort_values(["place", "assay"], kind="stable")[known].reset_index(drop=True)
