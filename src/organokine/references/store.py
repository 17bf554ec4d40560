"""The reference knowledge of one species, ready for look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


@dataclass(frozen=True)
class References:
    """Reference knowledge of one species."""

    species: str

    def routes(self, genes: Sequence[str]) -> pd.DataFrame:
        """Secretion routes: index gene; columns route, routes, grade, evidence."""
        raise NotImplementedError

    def receptors(self, genes: Sequence[str]) -> pd.DataFrame:
        """Receptors: long, columns ligand, receptor (parts joined by `+`), source, reference."""
        raise NotImplementedError

    def panels(self) -> pd.DataFrame:
        """Blood panels: columns gene, panel (erythrocyte, platelet, immunoglobulin, plasma)."""
        raise NotImplementedError

    def resolve(self, symbols: Sequence[str]) -> pd.Series:
        """Official symbol per given symbol; empty where unknown."""
        raise NotImplementedError

    def versions(self) -> pd.DataFrame:
        """What the tables were made from: columns name, version, licence, sha256, citation."""
        raise NotImplementedError


def load_references(species: str) -> References:
    """Load the embedded tables of a species."""
    return References(species)
