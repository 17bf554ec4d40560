"""Every twin holds the same four runs of the same three protein groups, as its engine would write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.readers import READERS, RawTable
from organokine.readers.assay import read_assay
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parents[1] / "twins" / "precursors"
RUNS = ["m1", "m2", "m3", "m4"]
ENGINES = {
    "diann_1.8_report.tsv": ("diann", "DIA-NN", "1.8"),
    "diann_1.9_report.tsv": ("diann", "DIA-NN", "1.9"),
    "diann_pr_matrix.tsv": ("diann_matrix", "DIA-NN", ""),
    "spectronaut_report.tsv": ("spectronaut", "Spectronaut", ""),
    "maxquant_evidence.txt": ("maxquant_evidence", "MaxQuant", ""),
    "fragpipe_combined_ion.tsv": ("fragpipe_ion", "FragPipe", ""),
    "sage_lfq.tsv": ("sage", "Sage", ""),
    "alphadia_1_precursors.tsv": ("alphadia", "AlphaDIA", "1.x"),
    "alphadia_2_precursors.tsv": ("alphadia", "AlphaDIA", "2.x"),
    "alphadia_precursor_matrix.tsv": ("alphadia_matrix", "AlphaDIA", ""),
    "peaks_lfq_dia_features.csv": ("peaks", "PEAKS", ""),
    "msstats_in.csv": ("msstats", "MSstats format", ""),
    "organokine_raw_precursors.tsv": ("raw_precursors", "organokine raw", ""),
}
LEFT_OUT = {
    "diann_1.8_report.tsv": {"contaminants": 4, "rows with Q.Value above 0.01": 1},
    "diann_1.9_report.tsv": {"contaminants": 4, "rows with Q.Value above 0.01": 1},
    "diann_pr_matrix.tsv": {"contaminants": 1, "precursors without a quantity": 2},
    "spectronaut_report.tsv": {
        "decoys": 1,
        "imputed by the engine": 1,
        "contaminants": 8,
        "rows with EG.Qvalue above 0.01": 2,
        "precursors repeated in a run": 22,
    },
    "maxquant_evidence.txt": {
        "decoys": 1,
        "contaminants": 4,
        "precursors without a quantity": 1,
        "precursors repeated in a run": 4,
    },
    "fragpipe_combined_ion.tsv": {"contaminants": 1, "quantities of zero": 2},
    "sage_lfq.tsv": {"decoys": 1, "contaminants": 1, "rows with q_value above 0.01": 1, "quantities of zero": 2},
    "alphadia_1_precursors.tsv": {"decoys": 1, "contaminants": 4, "rows with qval above 0.01": 1},
    "alphadia_2_precursors.tsv": {"decoys": 1, "contaminants": 4, "rows with precursor.qval above 0.01": 1},
    "alphadia_precursor_matrix.tsv": {
        "decoys": 1,
        "contaminants": 1,
        "quantities of zero": 2,
        "precursors repeated in a run": 4,
    },
    "peaks_lfq_dia_features.csv": {"contaminants": 1, "quantities of zero": 2},
    "msstats_in.csv": {
        "heavy labelled reference": 1,
        "contaminants": 8,
        "precursors without a quantity": 1,
        "precursors repeated in a run": 22,
    },
    "organokine_raw_precursors.tsv": {"contaminants": 4, "precursors without a quantity": 2},
}
RATIOS = {"P07356": [1, 1, 2, 2], "P08505": [1, 2, 4, 8], "P03995": [1, 0.5, 0.25, np.nan]}
PRECURSORS = {"P07356": 3, "P08505": 2, "P03995": 1}
GENES = {"P07356": "Anxa2", "P08505": "Il6", "P03995": "Gfap;Vim"}
WITHOUT_GENES = {"sage_lfq.tsv", "peaks_lfq_dia_features.csv", "msstats_in.csv"}
WITH_MOBILITY = {
    "diann_1.9_report.tsv",
    "maxquant_evidence.txt",
    "alphadia_1_precursors.tsv",
    "alphadia_2_precursors.tsv",
    "organokine_raw_precursors.tsv",
}
WITHOUT_PREDICTION = {"maxquant_evidence.txt", "organokine_raw_precursors.tsv"}
WITH_ENGINE_QUANTITY = {
    "diann_1.8_report.tsv",
    "diann_1.9_report.tsv",
    "spectronaut_report.tsv",
    "alphadia_2_precursors.tsv",
}


def section(file: str, **keys: object) -> AssaySection:
    return AssaySection(name="a", organ="muscle", modality="protein", file=file, **keys)


def read(file: str, known: list[str] | None = None, folder: Path = TWINS, **keys: object) -> RawTable:
    reader = READERS[ENGINES[file][0]]
    return reader.read(folder / file, section(file, **keys), folder, known, "t")


def items(table: RawTable) -> dict[str, int]:
    return {count.item: count.n for count in table.counts}


def by_accession(table: RawTable) -> pd.DataFrame:
    return table.values.set_axis(table.features["protein"], axis="index")


@pytest.mark.parametrize("file", ENGINES)
def test_a_twin_is_known_by_one_reader_only(file: str) -> None:
    sniffed = sniff(TWINS / file)
    names = [name for name, reader in READERS.items() if reader.detect(sniffed)]
    assert names == [ENGINES[file][0], "matrix"]


@pytest.mark.parametrize("file", ENGINES)
def test_a_twin_gives_the_ratios_that_were_put_in(file: str) -> None:
    table = read(file)
    assert list(table.values.columns) == RUNS
    assert table.values.dtypes.eq("float64").all()
    values = by_accession(table)
    assert set(values.index) == set(RATIOS)
    for accession, ratios in RATIOS.items():
        found = values.loc[accession].to_numpy()
        np.testing.assert_allclose(found / found[0], ratios, rtol=1e-9)


@pytest.mark.parametrize("file", ENGINES)
def test_a_twin_gives_precursors_genes_engine_and_scale(file: str) -> None:
    table = read(file)
    features = table.features.set_index("protein")
    assert features["precursors"].to_dict() == PRECURSORS
    assert features["gene"].to_dict() == (dict.fromkeys(GENES, "") if file in WITHOUT_GENES else GENES)
    assert (table.engine, table.version) == ENGINES[file][1:]
    assert table.scale == "linear"
    assert table.values.index.equals(table.features.index)
    assert table.values.index.is_unique


@pytest.mark.parametrize("file", ENGINES)
def test_what_is_left_out_of_a_twin_is_counted(file: str) -> None:
    told = {"rows of precursors read", "quantity of precursors", "protein intensities by directLFQ", "decimal commas"}
    assert {item: n for item, n in items(read(file)).items() if item not in told} == LEFT_OUT[file]


@pytest.mark.parametrize("file", ENGINES)
def test_runs_that_the_sheet_does_not_name_are_left_out(file: str) -> None:
    table = read(file, ["m3", "m1", "gone"])
    assert list(table.values.columns) == ["m1", "m3"]
    assert items(table)["runs without a row in the sheet"] == 2


@pytest.mark.parametrize("file", ENGINES)
def test_ion_mobility_is_told_or_said_to_be_absent(file: str) -> None:
    table = read(file)
    if file not in WITH_MOBILITY:
        assert "mobility_unit" not in table.runs.columns
        assert [remark.detail for remark in table.remarks] == ["no ion mobility in this file"]
        return
    assert table.remarks == ()
    assert set(table.runs["mobility_unit"]) == {"1/K0"}
    assert table.runs["n_with_mobility"].tolist() == table.runs["n_precursors"].tolist()
    if file not in WITHOUT_PREDICTION:
        np.testing.assert_allclose(table.runs["median_deviation"], 0.002, atol=1e-6)


@pytest.mark.parametrize("file", ENGINES)
def test_every_engine_tells_the_same_of_its_runs(file: str) -> None:
    runs = read(file).runs
    assert runs["sample"].tolist() == RUNS
    assert runs["n_precursors"].tolist() == [6, 5, 6, 5]
    np.testing.assert_array_equal(runs["missed_cleavage_fraction"], 0)
    np.testing.assert_allclose(runs["contaminant_fraction"], [2 / 17, 4 / 27, 2 / 25, 2 / 37], rtol=1e-9)


@pytest.mark.parametrize("file", ENGINES)
def test_the_quantity_of_the_engine_is_taken_if_it_is_there(file: str) -> None:
    from organokine.errors import DataError

    if file not in WITH_ENGINE_QUANTITY:
        with pytest.raises(DataError, match="holds no quantity of proteins"):
            read(file, quantity="engine")
        return
    values = by_accession(read(file, quantity="engine"))
    np.testing.assert_allclose(values.loc["P07356"], [7e6, 7e6, 14e6, 14e6], rtol=1e-5)
    np.testing.assert_allclose(values.loc["P08505"], [7e6, 8e6, 28e6, 56e6], rtol=1e-5)


@pytest.mark.parametrize("file", ENGINES)
def test_a_twin_is_read_as_an_assay(file: str) -> None:
    matrix = read_assay(TWINS, section(file), "mouse")
    assert matrix.scale == "log2"
    assert matrix.detected == "linear"
    assert matrix.engine == ENGINES[file][1]
    anxa2 = matrix.values[(matrix.features["protein"] == "P07356").to_numpy()].to_numpy()[0]
    np.testing.assert_allclose(anxa2 - anxa2[0], [0, 0, 1, 1], atol=1e-9)
