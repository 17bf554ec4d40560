"""The long report of Spectronaut: one row per precursor and run, or one per fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.readers.precursors.filters import Mark
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.long import long_reader

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed

SPECTRONAUT = Layout(
    engine="Spectronaut",
    precursor=(
        ("EG.PrecursorId",),
        ("EG.ModifiedSequence", "FG.Charge"),
        ("EG.ModifiedPeptide", "FG.Charge"),
        ("FG.Id",),
    ),
    protein=("PG.ProteinGroups", "PG.ProteinAccessions", "PG.UniProtIds"),
    genes=("PG.Genes",),
    run=("R.FileName", "R.Run", "R.Label"),
    quantity=("FG.Quantity", "FG.MS2Quantity", "FG.MS2RawQuantity", "EG.TotalQuantity (Settings)"),
    engine_quantity=("PG.Quantity",),
    mobility=("FG.ApexIonMobility", "EG.ApexIonMobility", "EG.IonMobility"),
    predicted_mobility=("FG.PredictedIonMobility", "EG.PredictedIonMobility"),
    mz=("FG.PrecMz",),
    charge=("FG.Charge",),
    rt=("EG.ApexRT",),
    sequence=("EG.PrecursorId", "EG.ModifiedSequence", "EG.ModifiedPeptide", "FG.Id"),
    marks={"EG.IsDecoy": Mark("decoys"), "EG.IsImputed": Mark("imputed by the engine")},
    # precursor and protein of the experiment 1 %, protein in the run 5 %: the defaults of the program
    q_values={
        "EG.Qvalue": 0.01,
        "PG.Qvalue": 0.01,
        "PG.QValue (Run-Wise)": 0.05,
        "PG.Qvalue (Run-Wise)": 0.05,
    },
)


def is_spectronaut(sniffed: Sniffed) -> bool:
    """A long report names the run in a column of its own; a pivot does not."""
    has_run = any(sniffed.has(name) for name in SPECTRONAUT.run)
    has_protein = any(sniffed.has(name) for name in SPECTRONAUT.protein)
    return has_run and has_protein and any(name.startswith(("EG.", "FG.")) for name in sniffed.header)


read_spectronaut = long_reader(SPECTRONAUT)
"""A long report of Spectronaut; rows of fragments come together to the quantity of their precursor."""
