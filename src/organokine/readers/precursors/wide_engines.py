"""Wide tables of precursors: DIA-NN and AlphaDIA matrices, FragPipe `combined_ion.tsv`, Sage `lfq.tsv`, PEAKS features."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from organokine.readers.precursors.filters import Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.wide import wide_reader

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed

DIANN_MATRIX = Layout(
    engine="DIA-NN",
    precursor=(("Precursor.Id",),),
    protein=("Protein.Group",),
    genes=("Genes",),
    charge=("Precursor.Charge",),
    sequence=("Precursor.Id",),
)
FRAGPIPE = Layout(
    engine="FragPipe",
    precursor=(("Modified Sequence", "Charge"), ("Peptide Sequence", "Charge")),
    protein=("Protein", "Protein ID"),
    genes=("Gene", "Gene Names"),
    mz=("M/Z",),
    charge=("Charge",),
    sequence=("Modified Sequence", "Peptide Sequence"),
    repeats="sum",
)
SAGE = Layout(
    engine="Sage",
    precursor=(("peptide", "charge"),),
    protein=("proteins",),
    charge=("charge",),
    sequence=("peptide",),
    q_values={"q_value": 0.01},
)
PEAKS = Layout(
    engine="PEAKS",
    precursor=(("Peptide", "z"),),
    protein=("Accession",),
    mz=("m/z",),
    charge=("z",),
    sequence=("Peptide",),
    repeats="sum",
)
ALPHADIA_MATRIX = Layout(
    engine="AlphaDIA",
    precursor=(("mod_seq_charge_hash",), ("sequence", "mods", "mod_sites", "charge")),
    protein=("pg", "proteins", "genes"),
    genes=("genes",),
    charge=("charge",),
    sequence=("sequence",),
    marks={"decoy": Mark("decoys")},
)
_DIANN_COLUMNS = frozenset(
    {
        *("Protein.Group", "Protein.Ids", "Protein.Names", "Genes", "First.Protein.Description", "Proteotypic"),
        *("Stripped.Sequence", "Modified.Sequence", "Precursor.Charge", "Precursor.Id"),
    }
)
_NO_DIANN_MATRIX = frozenset({"Run", "File.Name", "Precursor.Quantity", "Q.Value", "Precursor.Mz", "Product.Mz", "RT"})
"""Columns of the report and of spectral libraries."""
_SAGE_COLUMNS = ("peptide", "charge", "proteins", "q_value", "score", "spectral_angle")
_ALPHADIA_COLUMNS = frozenset(
    {
        *("mod_seq_charge_hash", "mod_seq_hash", "pg", "pg_master", "proteins", "genes", "decoy"),
        *("mods", "mod_sites", "sequence", "charge", "channel"),
    }
)
_FRAGPIPE_SUFFIX = " Intensity"
_PEAKS_SUFFIX = " Normalized Area"


def is_diann_matrix(sniffed: Sniffed) -> bool:
    """`report.pr_matrix.tsv`: groups and precursors, and nothing of a single run or fragment."""
    is_matrix = sniffed.has("Protein.Group", "Precursor.Id") and _NO_DIANN_MATRIX.isdisjoint(sniffed.header)
    return is_matrix and not _DIANN_COLUMNS.issuperset(sniffed.header)


def is_fragpipe_ion(sniffed: Sniffed) -> bool:
    """`combined_ion.tsv`: sequence, charge, m/z, protein, and a column of intensity for each sample."""
    return sniffed.has("Peptide Sequence", "Charge", "M/Z", "Protein") and len(_fragpipe_runs(sniffed.header)) > 0


def is_sage(sniffed: Sniffed) -> bool:
    """`lfq.tsv` of Sage."""
    return sniffed.has("peptide", "charge", "proteins", "q_value", "score")


def is_peaks(sniffed: Sniffed) -> bool:
    """Features of PEAKS."""
    return sniffed.has("Peptide", "z", "Accession") and len(_peaks_runs(sniffed.header)) > 0


def is_alphadia_matrix(sniffed: Sniffed) -> bool:
    """Precursor matrix of AlphaDIA."""
    return sniffed.has("mod_seq_charge_hash") and not sniffed.has("run")


def _fragpipe_runs(header: Collection[str]) -> dict[str, str]:
    names = (name for name in header if name.endswith(_FRAGPIPE_SUFFIX) and not name.endswith(" MaxLFQ Intensity"))
    return {name: name.removesuffix(_FRAGPIPE_SUFFIX) for name in names}


def _peaks_runs(header: Collection[str]) -> dict[str, str]:
    """Runs have a retention time beside their area; groups of runs have none."""
    stems = (name.removesuffix(_PEAKS_SUFFIX) for name in header if name.endswith(_PEAKS_SUFFIX))
    return {f"{stem}{_PEAKS_SUFFIX}": stem for stem in stems if f"{stem} RT mean" in header}


def _other_columns(columns: Collection[str], header: Collection[str]) -> dict[str, str]:
    """Every column that the engine does not know by another meaning is a run."""
    return {name: name for name in header if name not in columns and name != ""}


read_diann_matrix = wide_reader(DIANN_MATRIX, partial(_other_columns, _DIANN_COLUMNS))
"""`report.pr_matrix.tsv`, which DIA-NN has filtered by its q-values."""
read_fragpipe_ion = wide_reader(FRAGPIPE, _fragpipe_runs)
"""`combined_ion.tsv`."""
read_sage = wide_reader(SAGE, partial(_other_columns, _SAGE_COLUMNS))
"""`lfq.tsv`; Sage infers no proteins in it, so all proteins of a peptide are one group."""
read_peaks = wide_reader(PEAKS, _peaks_runs)
"""Features of PEAKS; features of one precursor are summed."""
read_alphadia_matrix = wide_reader(ALPHADIA_MATRIX, partial(_other_columns, _ALPHADIA_COLUMNS))
"""Precursor matrix of AlphaDIA."""
