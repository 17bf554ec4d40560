"""DIA-NN's matrices of genes (`report.gg_matrix.tsv`, `report.unique_genes_matrix.tsv`)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.base import Count, RawTable
from organokine.readers.grid import read_grid
from organokine.readers.precursors.runs import run_stem
from organokine.readers.search_engines.protein_tables import Layout, read_layout, required
from organokine.readers.search_engines.row_filters import RowFilter
from organokine.readers.search_engines.samples import open_columns

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ENGINE = "DIA-NN"
_NUMBERS = ("N.Sequences", "N.Proteotypic.Sequences")


def is_diann_genes(sniffed: Sniffed) -> bool:
    """Genes, and no other column than runs named by raw files and numbers of sequences."""
    others = [name for name in sniffed.header if name not in ("Genes", *_NUMBERS)]
    return "Genes" in sniffed.header and len(others) > 0 and all(run_stem(name) != name.strip() for name in others)


def read_diann_genes(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read a matrix of genes; parameters and errors as in `read_layout`.

    DIA-NN has filtered the matrix by its q-values. It names no proteins, so contaminants with a gene cannot be told and stay.
    """
    grid = read_grid(path, where)
    identifier = required(("Genes",), grid, _ENGINE, where)
    samples, counts = open_columns(grid, (identifier, *_NUMBERS), known)
    note = "genes as DIA-NN quantified and filtered them; contaminants cannot be told, since it names no proteins"
    nameless = RowFilter("rows without a gene", grid.body[identifier].str.strip() == "", "the table names nothing else")
    layout = Layout(
        _ENGINE, samples, identifier, "2.1 or later" if _NUMBERS[0] in grid.header else "", (identifier,), (), _NUMBERS,
        filters=[nameless], counts=[*counts, Count("quantity", len(samples), None, "", note)],
    )  # fmt: skip
    return read_layout(grid, layout, assay, folder, known, where)
