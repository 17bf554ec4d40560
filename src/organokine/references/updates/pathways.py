"""Reactome: human pathways and their genes (doi:10.1093/nar/gkab1028)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.references.updates.faults import FORMAT_CHANGED, NOT_WHOLE, SourceFault
from organokine.references.updates.reading import Read, archive_members

if TYPE_CHECKING:
    from organokine.references.updates.cards import Card

MEMBER = "ReactomePathways.gmt"
_FILLER = "Reactome Pathway"


def read(path: Path, card: Card) -> Read:
    """Read the gene sets.

    Parameters
    ----------
    path : pathlib.Path
        `ReactomePathways.gmt.zip`: a line per pathway with its name, its identifier and its genes, separated by tabs.
    card : Card
        The source.

    Returns
    -------
    Read
        Columns pathway (`R-HSA-1`), name, genes (human symbols joined by `|`). Pathways without genes are left out and counted.
    """
    text = archive_members(path, card, [MEMBER])[MEMBER].decode("utf-8", errors="replace")
    lines = [line.split("\t") for line in text.splitlines() if line.strip() != ""]
    strange = [line[0][:60] for line in lines if len(line) < 2 or not line[1].startswith("R-")]
    if len(strange) > 0:
        what = f"{len(strange)} lines have no identifier `R-...` after the name, first {strange[0]!r}"
        raise SourceFault(what, FORMAT_CHANGED)
    if len(lines) < card.fewest:
        what = f"it has {len(lines):,} pathways, at least {card.fewest:,} are expected"
        raise SourceFault(what, NOT_WHOLE)
    rows = [(key, name, "|".join(sorted(set(genes) - {"", _FILLER}))) for name, key, *genes in lines]
    table = pd.DataFrame(rows, columns=["pathway", "name", "genes"])
    empty = table["genes"] == ""
    return Read(table[~empty].reset_index(drop=True), skipped={"pathways without genes": int(empty.sum())})
