"""AlphaDIA's matrix of protein groups (`pg.matrix.tsv`)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.base import RawTable
from organokine.readers.grid import read_grid
from organokine.readers.search_engines.protein_tables import Layout, read_layout, required
from organokine.readers.search_engines.samples import open_columns

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ENGINE = "AlphaDIA"
_IDENTIFIERS = ("pg", "pg.proteins")
_GENES = ("genes", "pg.genes")
_ANNOTATION = (*_IDENTIFIERS, *_GENES, "proteins", "decoy", "pg.name")
_PRECURSOR_COLUMNS = frozenset(
    {
        "sequence", "precursor.sequence", "mod_seq_hash", "mod_seq_charge_hash", "charge", "precursor.charge", "run", "raw.name",
        "intensity", "pg.intensity", "precursor_idx", "precursor.idx", "ion",
    }
)  # fmt: skip


def is_alphadia_proteins(sniffed: Sniffed) -> bool:
    """Protein groups headed `pg`, and nothing of a precursor."""
    header = set(sniffed.header)
    return not header.isdisjoint(_IDENTIFIERS) and header.isdisjoint(_PRECURSOR_COLUMNS)


def read_alphadia_proteins(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read AlphaDIA's matrix of protein groups; parameters and errors as in `read_layout`.

    AlphaDIA quantifies with directLFQ and has filtered the matrix by its q-values; a zero is missing.
    """
    grid = read_grid(path, where)
    identifier = required(_IDENTIFIERS, grid, _ENGINE, where)
    samples, counts = open_columns(grid, _ANNOTATION, known)
    layout = Layout(_ENGINE, samples, identifier, "", _GENES, (identifier,), counts=counts)
    return read_layout(grid, layout, assay, folder, known, where)
