"""Proteome Discoverer's table of proteins, exported as text or as a workbook, with headers as shown or as R reads them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.base import Count, RawTable
from organokine.readers.grid import Grid, read_grid
from organokine.readers.search_engines.protein_tables import Layout, quantity_count, read_layout, required
from organokine.readers.search_engines.row_filters import RowFilter, flagged
from organokine.readers.search_engines.samples import SampleColumn, filled_quantity

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ENGINE = "Proteome Discoverer"
_QUANTITIES = {
    "Abundances (Normalized)": re.compile(r"Abundances(?: \(Normalized\):| Normalized) (?P<sample>F[0-9]+.*)"),
    "Abundance": re.compile(r"Abundance:? (?P<sample>F[0-9]+.*)"),
}
"""Names of the columns of each quantity, in the order of preference."""
_SAMPLE = re.compile(r"(?P<file>F[0-9]+)[: ]*(?P<channel>[^,]*)(?:, *(?P<factors>.*))?")
_PEPTIDE_COLUMNS = frozenset({"Annotated Sequence", "Master Protein Accessions", "Modified Sequence"})
_MASTERS = frozenset({"ismasterprotein", "master protein"})


def is_proteome_discoverer(sniffed: Sniffed) -> bool:
    """Accessions with abundances of files; no peptides."""
    abundances = any(pattern.fullmatch(name) for name in sniffed.header for pattern in _QUANTITIES.values())
    return sniffed.has("Accession") and abundances and _PEPTIDE_COLUMNS.isdisjoint(sniffed.header)


def read_proteome_discoverer(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read Proteome Discoverer's table of proteins; parameters and errors as in `read_layout`.

    Normalised abundances where they are. The sample of `Abundance: F1: Sample, Old` is the file `F1`; with several channels in
    one file, `F1: 126`. The sample sheet may also write what follows the quantity (`F1: Sample, Old`), or the factors (`Old`) if
    no other column has the same.
    """
    grid = read_grid(path, where)
    identifier = required(("Accession",), grid, _ENGINE, where)
    found = {quantity: _samples(grid, pattern) for quantity, pattern in _QUANTITIES.items()}
    quantity, samples, others = filled_quantity(grid, found)
    counts = []
    if len(samples) > 0:
        counts = [quantity_count(quantity, [sample.column for sample in samples], others), _naming(samples)]
    filters = [*flagged(grid, "Contaminant", "contaminants", where), *_not_master(grid)]
    layout = Layout(
        _ENGINE, samples, identifier, "", ("Gene Symbol",), (identifier,),
        ("# Peptides", "Number of Peptides", "# Unique Peptides", "Number of Unique Peptides"), ("Description",), filters, counts,
    )  # fmt: skip
    return read_layout(grid, layout, assay, folder, known, where)


def _samples(grid: Grid, pattern: re.Pattern[str]) -> list[SampleColumn]:
    found = []
    for name in grid.header:
        written = pattern.fullmatch(name)
        parts = None if written is None else _SAMPLE.fullmatch(written["sample"])
        if written is not None and parts is not None:
            found.append((name, written["sample"], parts))
    files = Counter(parts["file"] for _, _, parts in found)
    factors = Counter(parts["factors"] for _, _, parts in found)
    samples = []
    for name, written_as, parts in found:
        channel = f"{parts['file']}: {parts['channel'].strip()}"
        names = [parts["file"] if files[parts["file"]] == 1 else channel, written_as, channel]
        if parts["factors"] is not None and factors[parts["factors"]] == 1:
            names.append(parts["factors"])
        samples.append(SampleColumn(name, tuple(dict.fromkeys(names))))
    return samples


def _naming(samples: Collection[SampleColumn]) -> Count:
    first = next(iter(samples))
    note = "names of samples that may stand in the sample sheet; the first is used where there is none"
    return Count("names of samples", len(samples), None, " or ".join(repr(name) for name in first.names), note)


def _not_master(grid: Grid) -> list[RowFilter]:
    """Proteins that another one of their group stands for; none if the table does not tell."""
    if "Master" not in grid.header:
        return []
    is_master = grid.body["Master"].str.strip().str.lower().isin(_MASTERS)
    if not is_master.any():
        return []
    return [RowFilter("proteins that are not the master of their group", ~is_master, "by the column 'Master'")]
