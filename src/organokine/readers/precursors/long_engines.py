"""Long tables of precursors by AlphaDIA, by `organokine raw run`, and in the format of MSstats, which quantms and others write."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from organokine.readers.precursors.filters import CONTAMINANTS, Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.long import long_reader

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed

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
    sequence=("sequence", "precursor.sequence"),
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
    sequence=("PeptideSequence",),
    marks={"IsotopeLabelType": Mark("heavy labelled reference", frozenset({"h", "heavy"}))},
    repeats="sum",
)
RAW = Layout(
    engine="organokine raw",
    precursor=(("sequence", "charge"),),
    protein=("protein_group",),
    genes=("gene",),
    run=("sample",),
    quantity=("quantity",),
    mobility=("one_over_k0",),
    mz=("mz",),
    charge=("charge",),
    rt=("minutes",),
    sequence=("sequence",),
    marks={"contaminant": Mark(CONTAMINANTS)},
)
"""`organokine.raw_tables.PRECURSORS`; its rows were held against an error rate when they were written, so no filter is advised. Which
engine searched the runs does not stand in it."""


def is_raw_precursors(sniffed: Sniffed) -> bool:
    """Precursors of `organokine raw run`."""
    return sniffed.has("sample", "protein_group", "sequence", "charge", "one_over_k0", "identified")


def is_alphadia(sniffed: Sniffed) -> bool:
    """Precursors of AlphaDIA, version 1 or 2."""
    first = sniffed.has("run", "pg", "intensity") and (sniffed.has("sequence") or sniffed.has("mod_seq_charge_hash"))
    return first or sniffed.has("raw.name", "precursor.intensity")


def is_msstats(sniffed: Sniffed) -> bool:
    """The long format of MSstats."""
    return sniffed.has("ProteinName", "PeptideSequence", "PrecursorCharge", "Run", "Intensity")


def _alphadia_version(header: Collection[str]) -> str:
    return "2.x" if "raw.name" in header else "1.x"


read_alphadia = long_reader(ALPHADIA, _alphadia_version)
"""Precursors of AlphaDIA."""


read_msstats = long_reader(MSSTATS)
"""The long format of MSstats; fragments and fractions of a precursor in a run are summed."""


read_raw_precursors = long_reader(RAW)
"""Precursors of `organokine raw run`; a row without a quantity is not measured."""
