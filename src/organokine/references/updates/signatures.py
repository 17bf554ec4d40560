"""Large sets that are kept as they come: their first bytes are looked at, so that no error page is kept in their place."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.references.updates.faults import FORMAT_CHANGED, SourceFault
from organokine.references.updates.reading import Read, opened

if TYPE_CHECKING:
    from organokine.references.updates.cards import Card

TAB = b"\t"
RDS_MAGIC = (b"X\n", b"RDX", b"A\n")


def read_secact(path: Path, card: Card) -> Read:
    """Check the signature matrix of SecAct: genes in rows, secreted proteins in columns, read to its end.

    Returns
    -------
    Read
        One row per secreted protein, column ligand. The matrix itself stays in its file.
    """
    with opened(path, card) as stream:
        ligands = stream.readline().decode("utf-8", errors="replace").rstrip("\r\n").replace('"', "").split("\t")
        ligands = ligands[1:] if ligands[0] == "" else ligands
        n_rows = 0
        for line in stream:
            n_rows += 1
            if line.count(TAB) != len(ligands):
                what = f"row {n_rows:,} has {line.count(TAB):,} numbers for {len(ligands):,} proteins"
                raise SourceFault(what, FORMAT_CHANGED)
    if len(ligands) < 2 or n_rows < card.fewest:
        what = f"it has {n_rows:,} rows and {len(ligands):,} columns: it is no signature matrix"
        raise SourceFault(what, FORMAT_CHANGED)
    return Read(pd.DataFrame({"ligand": ligands}))


def read_rds(path: Path, _: Card) -> Read:
    """Check that a file is of the R language; what is in it is not looked at.

    Returns
    -------
    Read
        No rows: reading these files needs R.
    """
    with path.open("rb") as raw:
        head = raw.read(4)
    if head[:2] == b"\x1f\x8b":
        with gzip.open(path) as stream:
            head = stream.read(4)
    if not head.startswith(RDS_MAGIC):
        what = "it is not a file of the R language"
        raise SourceFault(what, FORMAT_CHANGED)
    return Read(pd.DataFrame({"ligand": []}, dtype=str))
