"""A table of proteins, one row per protein group and one column per run, by the layout of the engine that wrote it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.annotation import annotate, identifiers_of, unique_identifiers
from organokine.readers.base import Count, RawTable
from organokine.readers.grid import Grid
from organokine.readers.matrix import values_of
from organokine.readers.search_engines.row_filters import (
    RowFilter,
    contaminant_fraction,
    keep_rows,
    prefixed,
    q_value_filters,
)
from organokine.readers.search_engines.samples import SampleColumn, choose_samples

if TYPE_CHECKING:
    from organokine.study_file import AssaySection, ColumnsSection

_UNIPROT_ENTRY = re.compile(r"^(?:[a-z]+_)?(?:sp|tr)\|([^|]+)\|.*$", re.IGNORECASE)
_FASTA_GENE = re.compile(r"\bGN=([^\s;]+)")
_GENE_OF_FASTA = "gene of the FASTA header"


@dataclass(frozen=True)
class Layout:
    """What the columns of one engine's table are.

    Attributes
    ----------
    engine, version : str
        Program that wrote the table; the version as far as the columns show it.
    samples : sequence of SampleColumn
        Columns of intensities.
    identifier : str
        Column that names the protein group.
    gene, protein, precursors : sequence of str
        Columns that may hold the symbol, the accession and the number of precursors or peptides; the first that is there is
        taken.
    fasta : sequence of str
        Columns that hold FASTA headers, from which `GN=` is read where there is no column of symbols.
    filters : sequence of RowFilter
        Rows to leave out, besides those whose accession has the prefix of a contaminant or decoy.
    counts : sequence of Count
        What else is to be said, such as which quantity was taken.
    """

    engine: str
    samples: Sequence[SampleColumn]
    identifier: str
    version: str = ""
    gene: Sequence[str] = ()
    protein: Sequence[str] = ()
    precursors: Sequence[str] = ()
    fasta: Sequence[str] = ()
    filters: Sequence[RowFilter] = ()
    counts: Sequence[Count] = ()


def read_layout(
    grid: Grid, layout: Layout, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read a table of proteins.

    Parameters
    ----------
    grid : Grid
        The table as text.
    layout : Layout
        What its columns are.
    assay : AssaySection
        Section of the assay; its `columns`, `features`, `q_values` and `zeros` go before the layout.
    folder : pathlib.Path
        What the path of the file of features is relative to.
    known : collection of str or None
        Samples of the sheet; None if every run is a sample.
    where : str
        What to call the table in messages.

    Returns
    -------
    RawTable
        Intensities as written, zero and blank are NaN; contaminants, decoys and what else was left out are counted.

    Raises
    ------
    DataError
        With what is wrong with the table.
    """
    _refuse_directlfq(layout, assay, where)
    chosen = choose_samples(layout.samples, known, where)
    filters = [*layout.filters, *prefixed(grid.body[layout.identifier]), *q_value_filters(grid, assay, where)]
    columns = list(chosen.samples)
    fraction = contaminant_fraction(grid, filters, columns, assay)
    told = {"sample": list(chosen.samples.values()), "contaminant_fraction": fraction}
    runs = None if fraction is None else pd.DataFrame(told)
    body, filter_counts = keep_rows(grid.body, layout.identifier, filters, where)
    kept, gene_counts = _with_genes(replace(grid, body=body), layout, assay)
    filled = assay.model_copy(update={"columns": _columns(kept, layout, assay, gene_counts)})
    _, identifiers, id_counts = identifiers_of(kept, filled, columns, where)
    beside = None if assay.features is None else folder / assay.features
    features, _, annotation_counts = annotate(kept, identifiers, filled, beside, columns, where)
    index, unique_counts = unique_identifiers(identifiers)
    values, cell_counts = values_of(kept, columns, index, where)
    values, zero_counts = _zeros_missing(values, assay)
    features["protein"] = features["protein"].str.replace(_UNIPROT_ENTRY, r"\1", regex=True)
    features.index = index
    values.index = index
    counts = (
        *grid.counts, *layout.counts, *chosen.counts, *filter_counts, *gene_counts, *id_counts, *unique_counts,
        *annotation_counts, *cell_counts, *zero_counts,
    )  # fmt: skip
    values = values.rename(columns=chosen.samples)
    return RawTable(values, features, counts, (), layout.engine, layout.version, runs)


def first_present(names: Sequence[str], header: Collection[str]) -> str | None:
    """The first of these columns that is there."""
    return next((name for name in names if name in header), None)


def required(names: Sequence[str], grid: Grid, engine: str, where: str) -> str:
    """The first of these columns that is there; a `DataError` if none is."""
    found = first_present(names, grid.header)
    if found is None:
        what = f"there is no column {' or '.join(repr(name) for name in names)}"
        remedy = "Export the table with it, or write format = 'matrix' and name the columns in `columns`"
        raise DataError(Problem(where, what, f"It names the rows of a table by {engine}", remedy))
    return found


def quantity_count(quantity: str, columns: Collection[str], instead_of: Collection[str] = ()) -> Count:
    """Say which quantity of several was taken."""
    others = f"; the table also has {', '.join(instead_of)}" if len(instead_of) > 0 else ""
    return Count("quantity", len(columns), None, first_examples(columns, 1), f"{quantity} was taken{others}")


def _refuse_directlfq(layout: Layout, assay: AssaySection, where: str) -> None:
    if assay.quantity != "directlfq":
        return
    what = f"directLFQ was asked for, and this table of {layout.engine} holds proteins only"
    remedy = "Name the engine's table of precursors or ions, or leave the key out"
    raise DataError(Problem(f"{where} quantity", what, "directLFQ needs the precursors of each protein", remedy))


def _columns(grid: Grid, layout: Layout, assay: AssaySection, gene_counts: Sequence[Count]) -> ColumnsSection:
    """Columns named by the user, else by the layout; with a file of features only those that the user named."""
    named = assay.columns.model_dump()
    gene = (_GENE_OF_FASTA,) if len(gene_counts) > 0 else layout.gene
    usual = {"gene": gene, "protein": layout.protein, "precursors": layout.precursors}
    if assay.features is None:
        for kind, names in usual.items():
            named[kind] = named[kind] if named[kind] is not None else first_present(names, grid.header)
    named["id"] = named["id"] if named["id"] is not None else layout.identifier
    return assay.columns.model_copy(update=named)


def _with_genes(grid: Grid, layout: Layout, assay: AssaySection) -> tuple[Grid, list[Count]]:
    """Add symbols from FASTA headers where the table has no column of symbols."""
    fasta = first_present(layout.fasta, grid.header)
    is_named = assay.columns.gene is not None or assay.features is not None
    if fasta is None or is_named or first_present(layout.gene, grid.header) is not None:
        return grid, []
    genes = grid.body[fasta].map(lambda text: ";".join(dict.fromkeys(_FASTA_GENE.findall(text))))
    n_found = int((genes != "").sum())
    if n_found == 0:
        return grid, []
    note = f"the table has no column of symbols: read from GN= in the column {fasta!r}"
    count = Count("genes from FASTA headers", n_found, len(genes), first_examples(genes[genes != ""], 1), note)
    body = grid.body.assign(**{_GENE_OF_FASTA: genes})
    return replace(grid, header=[*grid.header, _GENE_OF_FASTA], body=body), [count]


def _zeros_missing(values: pd.DataFrame, assay: AssaySection) -> tuple[pd.DataFrame, list[Count]]:
    zeros = values == 0
    n_zeros = int(zeros.to_numpy().sum())
    if n_zeros == 0 or assay.zeros == "value" or bool((values < 0).to_numpy().any()):
        return values, []
    note = "a zero of a search engine is a protein that was not measured"
    return values.mask(zeros), [Count("zeros taken as missing", n_zeros, values.size, "", note)]
