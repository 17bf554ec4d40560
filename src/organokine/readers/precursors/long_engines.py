"""Long tables of precursors by AlphaDIA, and in the format of MSstats, which quantms and others write."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.precursors.columns import header_of
from organokine.readers.precursors.filters import Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.long import read_long

if TYPE_CHECKING:
    from organokine.readers.base import RawTable
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

ALPHADIA = Layout(
    engine="AlphaDIA",
    precursor=(
        ("mod_seq_charge_hash",),
        ("precursor.mod_seq_charge_hash",),
        ("sequence", "mods", "mod_sites", "charge"),
        ("precursor.sequence", "precursor.mods", "precursor.mod_sites", "precursor.charge"),
        ("precursor.sequence", "precursor.charge"),
    ),
    protein=("pg", "pg.proteins", "pg.name", "proteins"),
    genes=("genes", "pg.genes"),
    run=("run", "raw.name"),
    quantity=("intensity", "precursor.intensity"),
    engine_quantity=("pg.intensity",),
    mobility=("mobility_observed", "precursor.mobility.observed"),
    predicted_mobility=("mobility_library", "precursor.mobility.library"),
    mz=("mz_observed", "mz_library", "precursor.mz.observed", "precursor.mz.library"),
    charge=("charge", "precursor.charge"),
    rt=("rt_observed", "precursor.rt.observed"),
    marks={"decoy": Mark("decoys"), "precursor.decoy": Mark("decoys")},
    q_values={"qval": 0.01, "fdr": 0.01, "pg_qval": 0.01, "precursor.qval": 0.01, "pg.qval": 0.01},
)
MSSTATS = Layout(
    engine="MSstats format",
    precursor=(("PeptideSequence", "PrecursorCharge"),),
    protein=("ProteinName",),
    run=("Reference", "Run"),
    quantity=("Intensity",),
    charge=("PrecursorCharge",),
    marks={"IsotopeLabelType": Mark("heavy labelled reference", frozenset({"h", "heavy"}))},
    repeats="sum",
)


def is_alphadia(sniffed: Sniffed) -> bool:
    """Precursors of AlphaDIA, version 1 or 2."""
    first = sniffed.has("run", "pg", "intensity") and (sniffed.has("sequence") or sniffed.has("mod_seq_charge_hash"))
    return first or sniffed.has("raw.name", "precursor.intensity")


def is_msstats(sniffed: Sniffed) -> bool:
    """The long format of MSstats."""
    return sniffed.has("ProteinName", "PeptideSequence", "PrecursorCharge", "Run", "Intensity")


def read_alphadia(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read precursors of AlphaDIA; see `organokine.readers.precursors.long.read_long`."""
    version = "2.x" if "raw.name" in header_of(path, where) else "1.x"
    return read_long(path, ALPHADIA, assay, known, where, version)


def read_msstats(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read the long format of MSstats; fragments and fractions of a precursor in a run are summed."""
    return read_long(path, MSSTATS, assay, known, where)
