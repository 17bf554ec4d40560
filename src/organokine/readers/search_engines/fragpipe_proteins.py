"""FragPipe's `combined_protein.tsv`, by IonQuant or Philosopher, old and new."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.base import RawTable
from organokine.readers.grid import Grid, read_grid
from organokine.readers.search_engines.protein_tables import Layout, quantity_count, read_layout, required
from organokine.readers.search_engines.row_filters import prefixed
from organokine.readers.search_engines.samples import SampleColumn, filled_quantity

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_ENGINE = "FragPipe"
_QUANTITIES = (
    "MaxLFQ Intensity", "Razor Intensity", "Intensity", "MaxLFQ Unique Intensity", "MaxLFQ Total Intensity", "Unique Intensity",
    "Total Intensity",
)  # fmt: skip
"""How the columns of each quantity end, in the order of preference."""
_PEPTIDE_COLUMNS = frozenset({"Peptide", "Peptide Sequence", "Modified Sequence", "Sequence"})
_COMBINED = ("Combined ", "Summarized ")


def is_fragpipe_proteins(sniffed: Sniffed) -> bool:
    """Proteins with counts that are combined over experiments; no peptides."""
    combined = any(name.startswith(_COMBINED) for name in sniffed.header)
    return sniffed.has("Protein", "Protein ID") and combined and _PEPTIDE_COLUMNS.isdisjoint(sniffed.header)


def read_fragpipe_proteins(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read FragPipe's table of combined proteins; parameters and errors as in `read_layout`.

    MaxLFQ intensities where they are, else razor, else plain, unique or total ones.
    """
    grid = read_grid(path, where)
    identifier = required(("Protein ID", "Protein"), grid, _ENGINE, where)
    quantity, samples, others = filled_quantity(grid, _found(grid))
    counts = [quantity_count(quantity, [sample.column for sample in samples], others)] if len(samples) > 0 else []
    layout = Layout(
        _ENGINE, samples, identifier, "", ("Gene", "Gene Names"), ("Protein ID", "Protein"),
        ("Combined Total Peptides", "Unique Stripped Peptides", "Combined Unique Peptides"), (),
        prefixed(grid.body["Protein"]) if "Protein" in grid.header else [], counts,
    )  # fmt: skip
    return read_layout(grid, layout, assay, folder, known, where)


def _found(grid: Grid) -> dict[str, list[SampleColumn]]:
    """Columns by quantity; a column belongs to the longest ending that fits."""
    found: dict[str, list[SampleColumn]] = {quantity: [] for quantity in _QUANTITIES}
    by_length = sorted(_QUANTITIES, key=len, reverse=True)
    for name in grid.header:
        ending = next((quantity for quantity in by_length if name.endswith(f" {quantity}")), None)
        if ending is not None:
            found[ending].append(SampleColumn(name, (name.removesuffix(ending).strip(),)))
    return found
