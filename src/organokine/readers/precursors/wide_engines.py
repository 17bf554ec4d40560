"""Wide tables of precursors: FragPipe `combined_ion.tsv`, Sage `lfq.tsv`, PEAKS features, AlphaDIA precursor matrix."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.precursors.columns import header_of
from organokine.readers.precursors.filters import Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.wide import read_wide

if TYPE_CHECKING:
    from organokine.readers.base import RawTable
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

FRAGPIPE = Layout(
    engine="FragPipe",
    precursor=(("Modified Sequence", "Charge"), ("Peptide Sequence", "Charge")),
    protein=("Protein", "Protein ID"),
    genes=("Gene", "Gene Names"),
    mz=("M/Z",),
    charge=("Charge",),
    repeats="sum",
)
SAGE = Layout(
    engine="Sage",
    precursor=(("peptide", "charge"),),
    protein=("proteins",),
    charge=("charge",),
    q_values={"q_value": 0.01},
)
PEAKS = Layout(
    engine="PEAKS", precursor=(("Peptide", "z"),), protein=("Accession",), mz=("m/z",), charge=("z",), repeats="sum"
)
ALPHADIA_MATRIX = Layout(
    engine="AlphaDIA",
    precursor=(("mod_seq_charge_hash",), ("sequence", "mods", "mod_sites", "charge")),
    protein=("pg", "proteins", "genes"),
    genes=("genes",),
    charge=("charge",),
    marks={"decoy": Mark("decoys")},
)
_SAGE_COLUMNS = ("peptide", "charge", "proteins", "q_value", "score", "spectral_angle")
_ALPHADIA_COLUMNS = frozenset(
    {
        *("mod_seq_charge_hash", "mod_seq_hash", "pg", "pg_master", "proteins", "genes", "decoy"),
        *("mods", "mod_sites", "sequence", "charge", "channel"),
    }
)
_FRAGPIPE_SUFFIX = " Intensity"
_PEAKS_SUFFIX = " Normalized Area"


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


def read_fragpipe_ion(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read `combined_ion.tsv`; see `organokine.readers.precursors.wide.read_wide`."""
    return read_wide(path, FRAGPIPE, _fragpipe_runs(header_of(path, where)), assay, known, where)


def read_sage(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read `lfq.tsv`; Sage infers no proteins in it, so all proteins of a peptide are one group."""
    runs = {name: name for name in header_of(path, where) if name not in _SAGE_COLUMNS and name != ""}
    return read_wide(path, SAGE, runs, assay, known, where)


def read_peaks(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read features of PEAKS; features of one precursor are summed."""
    return read_wide(path, PEAKS, _peaks_runs(header_of(path, where)), assay, known, where)


def read_alphadia_matrix(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read the precursor matrix of AlphaDIA; see `organokine.readers.precursors.wide.read_wide`."""
    runs = {name: name for name in header_of(path, where) if name not in _ALPHADIA_COLUMNS and name != ""}
    return read_wide(path, ALPHADIA_MATRIX, runs, assay, known, where)


def _fragpipe_runs(header: Collection[str]) -> dict[str, str]:
    names = (name for name in header if name.endswith(_FRAGPIPE_SUFFIX) and not name.endswith(" MaxLFQ Intensity"))
    return {name: name.removesuffix(_FRAGPIPE_SUFFIX) for name in names}


def _peaks_runs(header: Collection[str]) -> dict[str, str]:
    """Runs have a retention time beside their area; groups of runs have none."""
    stems = (name.removesuffix(_PEAKS_SUFFIX) for name in header if name.endswith(_PEAKS_SUFFIX))
    return {f"{stem}{_PEAKS_SUFFIX}": stem for stem in stems if f"{stem} RT mean" in header}
