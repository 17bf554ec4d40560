"""Tables of the references that few questions need; each is read when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from organokine.references import orthologs
from organokine.references.registry import read_table, registry
from organokine.references.route_evidence import evidence_table


@dataclass(frozen=True)
class Details:
    """What is known of one species beyond routes, receptors and names.

    Attributes
    ----------
    species : str
        `human`, `mouse` or `rat`.
    release : str
        `embedded`, or the name of a release in the store.
    """

    species: str
    release: str

    @cached_property
    def route_evidence(self) -> pd.DataFrame:
        """One row per gene, route and piece of evidence; columns of `References.route_evidence`."""
        own = self._table_or_none(f"route_evidence_{self.species}")
        if own is not None:
            return own.assign(**{name: own[name] == "True" for name in ("experimental", "by_orthology")})
        related = self._table("relatives").set_axis(["human", "symbol"], axis=1)
        return evidence_table(self._table("route_evidence"), self.species, self._mapping, related)

    def pairs_with(self, to_species: str) -> pd.DataFrame:
        """All orthologs in another species; see `orthologs.pairs_between`."""
        return orthologs.pairs_between(self._orthologs, self.species, to_species, self._rat)

    @cached_property
    def _orthologs(self) -> pd.DataFrame:
        """Pairs of human and mouse: human, mouse, rat_also, type, confidence, sources, as text."""
        return self._table("orthologs")

    @cached_property
    def _rat(self) -> pd.DataFrame | None:
        """Pairs of human and rat, in a release only: human, rat, type, confidence, sources, as text."""
        return self._table_or_none("orthologs_rat")

    @cached_property
    def metabolites(self) -> pd.DataFrame:
        """Hormones that are no proteins; columns of `References.metabolite_hormones`."""
        table = self._table("metabolite_hormones")
        if self.species == "human":
            return table
        put = {name: orthologs.carried_over(table[name], self._mapping) for name in ("enzymes", "absent", "receptors")}
        put["absent"] = orthologs.without_needed(put["absent"], put["enzymes"])
        return table.assign(**put, source=table["source"] + ", by orthology")

    @cached_property
    def origin(self) -> pd.DataFrame:
        """Where mediators are known to be made: gene, organs, reference, by_orthology."""
        table = self._table("curated_mediators").rename(columns={"symbol": "gene"})[["gene", "organs", "reference"]]
        if self.species != "human":
            pairs = self._mapping[self._mapping["human"].isin(table["gene"])]
            table = table.merge(pairs, left_on="gene", right_on="human").assign(gene=lambda both: both["symbol"])
            table = table.drop_duplicates("gene")[["gene", "organs", "reference"]]
        return table.assign(by_orthology=self.species != "human")

    @cached_property
    def _mapping(self) -> pd.DataFrame:
        if self.species == "rat" and self._rat is not None:
            return self._rat[["human", "rat"]].set_axis(["human", "symbol"], axis=1)
        return orthologs.symbols_of(self._orthologs, self.species)

    def _table(self, name: str) -> pd.DataFrame:
        return read_table(next(entry for entry in registry(self.release) if entry.name == name))

    def _table_or_none(self, name: str) -> pd.DataFrame | None:
        return self._table(name) if any(entry.name == name for entry in registry(self.release)) else None
