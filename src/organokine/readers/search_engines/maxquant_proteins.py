"""MaxQuant's `proteinGroups.txt`."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.base import Count, RawTable
from organokine.readers.grid import Grid, read_grid
from organokine.readers.search_engines.protein_tables import Layout, quantity_count, read_layout, required
from organokine.readers.search_engines.row_filters import flagged
from organokine.readers.search_engines.samples import SampleColumn, filled_quantity

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ENGINE = "MaxQuant"
_IDENTIFIERS = ("Majority protein IDs", "Protein IDs")
_QUANTITIES = {
    "reporter intensity": re.compile(r"Reporter intensity corrected ([0-9]+ .+)"),
    "reporter intensity of the only experiment": re.compile(r"Reporter intensity corrected ([0-9]+)"),
    "LFQ intensity": re.compile(r"LFQ intensity (.+)"),
    "Intensity": re.compile(r"Intensity (.+)"),
}
"""Names of the columns of each quantity, in the order of preference; with reporters, the others are sums over a plex."""
_LABELS = ("L", "M", "H")
_FLAGS = (
    ("Reverse", "decoys"),
    ("Potential contaminant", "contaminants"),
    ("Contaminant", "contaminants"),
    ("Only identified by site", "proteins only identified by site"),
)


def is_maxquant_proteins(sniffed: Sniffed) -> bool:
    """Groups and their majority proteins, with intensities."""
    has_quantity = any(pattern.fullmatch(name) for name in sniffed.header for pattern in _QUANTITIES.values())
    return sniffed.has("Majority protein IDs") and (has_quantity or sniffed.has("Intensity"))


def read_maxquant_proteins(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read MaxQuant's table of protein groups; parameters and errors as in `read_layout`.

    LFQ intensities where they are, else intensities; rows flagged as reverse, contaminant or only identified by site are left
    out.
    """
    grid = read_grid(path, where)
    identifier = required(_IDENTIFIERS, grid, _ENGINE, where)
    labels, counts = _labelled(grid)
    found = {
        quantity: [
            SampleColumn(name, (match[1],))
            for name in grid.header
            if (match := pattern.fullmatch(name)) is not None and name not in labels
        ]
        for quantity, pattern in _QUANTITIES.items()
    }
    quantity, samples, others = filled_quantity(grid, found)
    if len(samples) > 0:
        counts.append(quantity_count(quantity, [sample.column for sample in samples], others))
    filters = [filtered for column, item in _FLAGS for filtered in flagged(grid, column, item, where)]
    layout = Layout(
        _ENGINE, samples, identifier, "", ("Gene names", "Gene name"), (identifier,),
        ("Razor + unique peptides", "Peptide counts (razor+unique)", "Peptides"), ("Fasta headers",), filters,
        [*counts, *_absent_flags(grid)],
    )  # fmt: skip
    return read_layout(grid, layout, assay, folder, known, where)


def _labelled(grid: Grid) -> tuple[set[str], list[Count]]:
    """Columns of the single labels of a SILAC experiment: their sums are read."""
    labels = [label for label in _LABELS if f"Intensity {label}" in grid.header]
    if "H" not in labels:
        return set(), []
    columns = [
        name
        for name in grid.header
        for label in labels
        if re.fullmatch(rf"(?:LFQ intensity|Intensity) {label}(?: .+)?", name) is not None
    ]
    note = "intensities of single SILAC labels: left out, the intensity of all labels is read"
    return set(columns), [Count("columns of labels ignored", len(columns), len(grid.header), columns[0], note)]


def _absent_flags(grid: Grid) -> list[Count]:
    contaminant = ("Contaminant",) if "Contaminant" in grid.header else ("Potential contaminant",)
    absent = [name for name in ("Reverse", *contaminant, "Only identified by site") if name not in grid.header]
    if len(absent) == 0:
        return []
    note = "such rows are left out by their prefix only, as far as it tells them"
    return [Count("columns of flags absent", len(absent), 3, ", ".join(absent), note)]
