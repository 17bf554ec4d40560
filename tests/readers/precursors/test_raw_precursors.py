"""The table of precursors of `organokine raw run`, read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.raw_tables import PRECURSORS
from organokine.readers import READERS, RawTable
from organokine.readers.precursors import PrecursorTable, to_proteins
from organokine.study_file import AssaySection

TWIN = Path(__file__).resolve().parents[1] / "twins" / "precursors" / "organokine_raw_precursors.tsv"


@pytest.fixture
def twin() -> pd.DataFrame:
    return PRECURSORS.conform(pd.read_csv(TWIN, sep="\t"))


def read(frame: pd.DataFrame, folder: Path) -> RawTable:
    frame.to_parquet(folder / "precursors.parquet")
    section = AssaySection(name="a", organ="muscle", modality="protein", file="precursors.parquet")
    return READERS["raw_precursors"].read(folder / "precursors.parquet", section, folder, None, "t")


def test_text_and_parquet_give_the_same_table(twin: pd.DataFrame, tmp_path: Path) -> None:
    section = AssaySection(name="a", organ="muscle", modality="protein", file=TWIN.name)
    text = READERS["raw_precursors"].read(TWIN, section, TWIN.parent, None, "t")
    parquet = read(twin, tmp_path)
    pd.testing.assert_frame_equal(parquet.values, text.values)
    pd.testing.assert_frame_equal(parquet.runs, text.runs)


def test_proteins_are_those_made_of_the_same_rows_in_memory(twin: pd.DataFrame, tmp_path: Path) -> None:
    kept = twin[~twin["contaminant"].astype(bool)]
    rows = pd.DataFrame(
        {
            "run": kept["sample"].astype("category"),
            "precursor": (kept["sequence"] + "/" + kept["charge"].astype(str)).astype("category"),
            "protein": kept["protein_group"].astype("category"),
            "genes": kept["gene"].astype("category"),
            "quantity": kept["quantity"],
        }
    )
    made = to_proteins(PrecursorTable(rows), "directlfq", "t")
    table = read(twin, tmp_path)
    pd.testing.assert_frame_equal(table.values, made.values)
    pd.testing.assert_frame_equal(table.features, made.features)


def test_the_column_marks_contaminants_whatever_they_are_called(twin: pd.DataFrame, tmp_path: Path) -> None:
    chosen = twin["protein_group"] == "P07356"
    table = read(twin.assign(contaminant=twin["contaminant"] | chosen), tmp_path)
    assert "P07356" not in table.values.index
    quantity = twin["quantity"].fillna(0)
    dropped = quantity.where(chosen | twin["contaminant"], 0).groupby(twin["sample"]).sum()
    expected = dropped / quantity.groupby(twin["sample"]).sum()
    np.testing.assert_allclose(table.runs.set_index("sample")["contaminant_fraction"], expected)
