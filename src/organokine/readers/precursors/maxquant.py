"""`evidence.txt` of MaxQuant: one row per feature."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.readers.precursors.filters import Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.long import read_long

if TYPE_CHECKING:
    from organokine.readers.base import RawTable
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

EVIDENCE = Layout(
    engine="MaxQuant",
    precursor=(("Modified sequence", "Charge"), ("Sequence", "Charge")),
    protein=("Leading razor protein", "Leading proteins", "Proteins"),
    genes=("Gene names", "Gene Names"),
    run=("Experiment", "Raw file"),
    quantity=("Intensity",),
    mobility=("1/K0", "CCS"),
    mz=("m/z",),
    charge=("Charge",),
    rt=("Retention time",),
    marks={"Reverse": Mark("decoys"), "Potential contaminant": Mark("contaminants")},
    repeats="sum",
)


def is_evidence(sniffed: Sniffed) -> bool:
    """A table of features: sequence, charge, raw file and intensity."""
    return sniffed.has("Sequence", "Charge", "Raw file", "Intensity", "Proteins")


def read_evidence(
    path: Path,
    assay: AssaySection,
    folder: Path,  # noqa: ARG001  all readers are called alike
    known: Collection[str] | None,
    where: str,
) -> RawTable:
    """Read `evidence.txt`; the features of a precursor in a sample, from several fractions too, are summed."""
    return read_long(path, EVIDENCE, assay, known, where)
