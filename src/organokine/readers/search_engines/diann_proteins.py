"""DIA-NN's matrix of protein groups (`report.pg_matrix.tsv`), versions 1.8, 1.9 and 2."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.base import Count, RawTable
from organokine.readers.grid import Grid, read_grid
from organokine.readers.search_engines.protein_tables import Layout, read_layout, required
from organokine.readers.search_engines.samples import open_columns

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ENGINE = "DIA-NN"
_ANNOTATION = (
    "Protein.Group", "Protein.Ids", "Protein.Names", "Genes", "First.Protein.Description", "N.Sequences",
    "N.Proteotypic.Sequences", "Proteotypic",
)  # fmt: skip
_NAMES = ("Genes", "Protein.Names", "First.Protein.Description")
_PRECURSOR_COLUMNS = frozenset({"Precursor.Id", "Stripped.Sequence", "Modified.Sequence", "Run", "File.Name"})


def is_diann_proteins(sniffed: Sniffed) -> bool:
    """Protein.Group beside names of the protein, and nothing of a precursor."""
    header = set(sniffed.header)
    return "Protein.Group" in header and not header.isdisjoint(_NAMES) and header.isdisjoint(_PRECURSOR_COLUMNS)


def read_diann_proteins(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read DIA-NN's matrix of protein groups; parameters and errors as in `read_layout`.

    DIA-NN has filtered the matrix by its q-values, and wrote the columns `N.Sequences` from 2.1 on and `Protein.Ids` before 2.
    """
    grid = read_grid(path, where)
    identifier = required(("Protein.Group",), grid, _ENGINE, where)
    samples, counts = open_columns(grid, _ANNOTATION, known)
    counts.append(Count("quantity", len(samples), None, "", "protein groups as DIA-NN quantified and filtered them"))
    layout = Layout(
        _ENGINE, samples, identifier, _version(grid), ("Genes",), (identifier,), ("N.Sequences", "N.Proteotypic.Sequences"),
        counts=counts,
    )  # fmt: skip
    return read_layout(grid, layout, assay, folder, known, where)


def _version(grid: Grid) -> str:
    if "N.Sequences" in grid.header:
        return "2.1 or later"
    return "1.x" if "Protein.Ids" in grid.header else ""
