"""`evidence.txt` of MaxQuant: one row per feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.readers.precursors.filters import Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.long import long_reader

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed

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
    sequence=("Modified sequence", "Sequence"),
    marks={"Reverse": Mark("decoys"), "Potential contaminant": Mark("contaminants")},
    repeats="sum",
)


def is_evidence(sniffed: Sniffed) -> bool:
    """A table of features: sequence, charge, raw file and intensity."""
    return sniffed.has("Sequence", "Charge", "Raw file", "Intensity", "Proteins")


read_evidence = long_reader(EVIDENCE)
"""`evidence.txt`; the features of a precursor in a sample, from several fractions too, are summed."""
