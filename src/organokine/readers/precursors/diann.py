"""The main report of DIA-NN: tsv of 1.8 and 1.9, Parquet of 1.9 and 2."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from organokine.readers.precursors.filters import Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.long import long_reader

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed

DIANN = Layout(
    engine="DIA-NN",
    precursor=(("Precursor.Id",),),
    protein=("Protein.Group",),
    genes=("Genes",),
    run=("Run", "File.Name"),
    quantity=("Precursor.Normalised", "Precursor.Quantity"),
    engine_quantity=("PG.MaxLFQ", "PG.Normalised", "PG.Quantity"),
    mobility=("IM",),
    predicted_mobility=("Predicted.IM",),
    mz=("Precursor.Mz",),
    charge=("Precursor.Charge",),
    rt=("RT",),
    sequence=("Precursor.Id",),
    marks={"Decoy": Mark("decoys")},
    # filters of the author for matrices of proteins: github.com/vdemichev/DiaNN, issue 1318
    q_values={"Q.Value": 0.01, "PG.Q.Value": 0.05, "Lib.Q.Value": 0.01, "Lib.PG.Q.Value": 0.01},
    # without a library of the runs (match between runs), the global q-values: same place, issue 1668
    instead={"Lib.Q.Value": "Global.Q.Value", "Lib.PG.Q.Value": "Global.PG.Q.Value"},
)


def is_diann(sniffed: Sniffed) -> bool:
    """A report of DIA-NN has a row per precursor and run; its matrices have no column of runs."""
    has_run = sniffed.has("Run") or sniffed.has("File.Name")
    return has_run and sniffed.has("Protein.Group", "Precursor.Id")


def diann_version(header: Collection[str]) -> str:
    """Family of versions, as the columns tell it: those of `Decoy.*` went with 1.9, `Run.Index` came with 2."""
    if "Run.Index" in header or "Precursor.Lib.Index" in header:
        return "2.x"
    if "Normalisation.Factor" in header or "Ms1.Normalised" in header:
        return "1.9"
    if "Decoy.Evidence" in header or "Fragment.Quant.Corrected" in header or "Precursor.Translated" in header:
        return "1.8"
    return ""


read_diann = long_reader(DIANN, diann_version)
"""The main report of DIA-NN."""
