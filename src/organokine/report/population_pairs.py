"""The pairs of organs of a population as a report tells them: their rows, their names, their order, how much is shown of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from organokine.population_tables import POPULATION_TABLES
from organokine.report import words

Tables = Mapping[str, pd.DataFrame]
ASKED = "asked"
ALL = "all"
UNADJUSTED = "none"
LIKE_MATCHED = "like_matched"
MOST_ROWS = 50
"""Candidates shown of a pair; as many as are read. All are in the table of the run."""
FEW_PAIRS = 6
"""Pairs up to which each shows `MOST_ROWS`; of more, those beyond the significant ones would only fill the page."""
FEWEST_ROWS = 10
"""Candidates shown of each of more pairs, so that a reader sees what came nearest."""
MOST_DETAILS = 60
"""Leading candidates whose targets, pathways, traits and individuals are on the page, the best of all pairs: with hundreds of
individuals each takes some tens of kilobytes."""


@dataclass(frozen=True)
class Pair:
    """One ordered pair of organs.

    Attributes
    ----------
    name : str
        Anchor on the page.
    source, target : str
        Sending and receiving organ; the assay where an organ has several.
    row : mapping
        Its row of `population_pairs`.
    tables : mapping of str to pandas.DataFrame
        Its rows of every other table; those of `population` best first.
    fdr : float
        Error rate at or below which q counts as significant.
    """

    name: str
    source: str
    target: str
    row: Mapping[Any, Any]
    tables: Tables
    fdr: float

    @property
    def label(self) -> str:
        """Both organs as a sentence names them."""
        return f"{self.source} to {self.target}"

    @property
    def is_scored(self) -> bool:
        """Whether the pair has candidates with a p-value."""
        return self.row["state"] == ASKED and len(self.scored) > 0

    @property
    def candidates(self) -> pd.DataFrame:
        """All candidates, best first, those without a p last."""
        return self.tables["population"]

    @cached_property
    def scored(self) -> pd.DataFrame:
        """Candidates with a p-value, best first."""
        return self.candidates[self.candidates["p"].notna()]

    @cached_property
    def significant(self) -> pd.DataFrame:
        """Candidates at the error rate, best first."""
        return self.candidates[self.candidates["q"] <= self.fdr]

    @cached_property
    def specific(self) -> pd.DataFrame:
        """Those of them that stand out from matched genes without a secretion route, best first; none that were not held against any."""
        found = self.significant
        is_like = np.array([LIKE_MATCHED in split(flags) for flags in found["flags"]], dtype=bool)
        return found.iloc[np.flatnonzero(found["p_competitive"].notna().to_numpy(dtype=bool) & ~is_like)]

    @property
    def rungs(self) -> list[str]:
        """Numbers of hidden factors that were taken out, as the tables name them, fewest first."""
        return split(self.row["factors"])

    @property
    def is_adjusted(self) -> bool:
        """Whether there are covariates."""
        return len(split(self.row["adjusted_for"])) > 0


def split(text: object) -> list[str]:
    """Parts of a cell that are separated by `;`."""
    return [part.strip() for part in str(text).split(";") if part.strip() != ""]


def complete(tables: Tables) -> dict[str, pd.DataFrame]:
    """The tables of population mode, those that are absent as empty ones."""
    return {table.name: tables.get(table.name, table.empty()) for table in POPULATION_TABLES}


def pairs_of(tables: Tables, fdr: float) -> list[Pair]:
    """Every pair of the table `population_pairs`: those with most to show first, those that were not scored last.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        By name of the schema in `population_tables.py`; absent ones are taken as empty.
    fdr : float
        Error rate.
    """
    known = complete(tables)
    rows = known.pop("population_pairs").to_dict("records")
    known["population"] = known["population"].sort_values(["rank", "gene"], kind="stable", na_position="last")
    labels = _labels(rows)
    parts = {
        name: {key: own for key, own in table.groupby(["source", "target"], sort=False)}  # noqa: C416  a GroupBy is no mapping
        for name, table in known.items()
    }
    found = [
        Pair(
            "",
            labels[row["source"]],
            labels[row["target"]],
            row,
            {name: own.get((row["source"], row["target"]), known[name].iloc[:0]) for name, own in parts.items()},
            fdr,
        )
        for row in rows
    ]
    ordered = sorted(found, key=_turn)
    return [replace(pair, name=f"pair-{place}") for place, pair in enumerate(ordered, start=1)]


def _turn(pair: Pair) -> tuple[bool, int, int, float]:
    """Most specific ones first, then most significant ones, then the smallest p; what was not scored is last."""
    p = pair.scored["p"].min()
    return not pair.is_scored, -len(pair.specific), -len(pair.significant), float(p) if pair.is_scored else 1.0


def _labels(rows: Sequence[Mapping[Any, Any]]) -> dict[str, str]:
    """By assay: its organ, or its own name where an organ has several assays or none was given."""
    organs = {row[end]: str(row[f"{end}_organ"]) for row in rows for end in ("source", "target")}
    times = pd.Series(list(organs.values()), dtype=object).value_counts()
    return {
        assay: organ if organ != "" and times[organ] == 1 else words.spaced(assay) for assay, organ in organs.items()
    }


def rows_shown(pair: Pair, n_pairs: int) -> pd.DataFrame:
    """The candidates of a pair that are on the page, best first; fewer where there are many pairs."""
    least = MOST_ROWS if n_pairs <= FEW_PAIRS else FEWEST_ROWS
    return pair.scored.head(min(MOST_ROWS, max(least, len(pair.significant))))


def detailed(pairs: Sequence[Pair]) -> dict[str, list[str]]:
    """By name of a pair: the genes whose targets and individuals are on the page, best first.

    The best `MOST_DETAILS` of all pairs, by q, then p, among those that the run looked at.
    """
    parts = [
        pair.scored[pair.scored["gene"].isin(_looked_at(pair))].assign(pair=pair.name)[
            ["pair", "gene", "q", "p", "z_score"]
        ]
        for pair in pairs
    ]
    if sum(len(part) for part in parts) == 0:
        return {}
    table = pd.concat([part for part in parts if len(part) > 0], ignore_index=True)
    best = table.assign(low=-table["z_score"]).sort_values(["q", "p", "low"], kind="stable").head(MOST_DETAILS)
    return {str(name): list(own["gene"]) for name, own in best.groupby("pair", sort=False)}


def _looked_at(pair: Pair) -> set[str]:
    names = ("population_targets", "population_pathways", "population_traits", "population_individuals")
    return {gene for name in names for gene in pair.tables[name]["gene"]}
