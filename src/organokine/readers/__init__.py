"""Readers: files in, tables out. A reader is a card in `READERS`; nothing else knows it by name."""

from __future__ import annotations

from organokine.readers.annotated import is_annotated, read_annotated
from organokine.readers.base import Count, RawMatrix, RawTable, Reader, Remark
from organokine.readers.matrix import is_matrix, read_matrix
from organokine.readers.plasma import PLASMA_READERS
from organokine.readers.precursors.cards import PRECURSOR_READERS
from organokine.readers.rnaseq import RNA_READERS
from organokine.readers.search_engines import PROTEIN_READERS

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        *RNA_READERS,
        *PLASMA_READERS,
        *PRECURSOR_READERS,
        *PROTEIN_READERS,
        Reader("anndata", "AnnData or MuData of bulk samples, h5ad or h5mu", is_annotated, read_annotated),
        Reader("matrix", "features x samples in tsv, csv, xlsx or parquet, gzip or not", is_matrix, read_matrix),
    )
}
"""All readers by name, in the order in which they are asked; the plain matrix is last, since it takes any table."""

__all__ = ["READERS", "Count", "RawMatrix", "RawTable", "Reader", "Remark"]
