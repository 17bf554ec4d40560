from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from organokine.errors import DataError
from organokine.readers import RawTable
from organokine.readers.precursors.columns import read_columns
from organokine.readers.precursors.diann import is_diann, read_diann
from organokine.readers.precursors.runs import choose_runs, run_stem
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection, ColumnsSection

TWIN = Path(__file__).resolve().parents[1] / "twins" / "precursors" / "diann_1.9_report.tsv"
ONLY_IN_2 = ["Run.Index", "Channel", "Precursor.Lib.Index", "Decoy", "Precursor.Mz", "PG.TopN", "PG.PEP"]
GONE_IN_2 = ["File.Name", "PG.Quantity", "PG.Normalised", "Genes.Quantity", "Genes.Normalised"]


def read(path: Path, known: list[str] | None = None, **keys: object) -> RawTable:
    assay = AssaySection(name="a", organ="muscle", modality="protein", file=path.name, **keys)
    return read_diann(path, assay, path.parent, known, "t")


def items(table: RawTable) -> dict[str, int]:
    return {count.item: count.n for count in table.counts}


def twin() -> pd.DataFrame:
    return pd.read_csv(TWIN, sep="\t", keep_default_na=False, na_values={"Q.Value": [""]})


def report_2() -> pd.DataFrame:
    """The twin as DIA-NN 2 writes it: other columns, 32-bit numbers, decoys."""
    frame = twin().drop(columns=GONE_IN_2).assign(**(dict.fromkeys(ONLY_IN_2, 0) | {"Channel": ""}))
    numbers = frame.select_dtypes("float64").columns
    frame = frame.astype(dict.fromkeys(numbers, "float32")).assign(**{"Precursor.Mz": np.float32(600)})
    decoy = frame.iloc[:2].assign(**{"Decoy": 1, "Precursor.Id": ["DECOY1", "DECOY2"]})
    return pd.concat([frame, decoy], ignore_index=True)


def written(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "report.parquet"
    frame.to_parquet(path, row_group_size=7)
    return path


def test_a_report_of_version_2_gives_what_the_tsv_gives(tmp_path: Path) -> None:
    path = written(report_2(), tmp_path)
    assert is_diann(sniff(path))
    table = read(path)
    pd.testing.assert_frame_equal(table.values, read(TWIN).values, rtol=1e-6)
    assert (table.engine, table.version) == ("DIA-NN", "2.x")
    assert items(table)["decoys"] == 2
    assert table.runs["median_deviation"].to_numpy() == pytest.approx(0.002, abs=1e-6)


def test_text_columns_in_other_types_are_read(tmp_path: Path) -> None:
    frame = report_2()
    path = tmp_path / "report.parquet"
    schema = pa.Schema.from_pandas(frame)
    large = schema.set(schema.get_field_index("Precursor.Id"), pa.field("Precursor.Id", pa.large_string()))
    parquet.write_table(pa.Table.from_pandas(frame, schema=large), path)
    expected = read(written(report_2(), tmp_path)).values
    pd.testing.assert_frame_equal(read(path).values, expected)
    as_category = frame.astype({"Run": "category", "Genes": "category", "Precursor.Normalised": "string"})
    pd.testing.assert_frame_equal(read(written(as_category, tmp_path)).values, expected, rtol=1e-6)


def test_missing_names_and_numbers_in_parquet(tmp_path: Path) -> None:
    frame = report_2()
    frame.loc[0, "Protein.Group"] = None
    frame.loc[1, "Q.Value"] = np.nan
    frame.loc[2, "Genes"] = None
    table = read(written(frame, tmp_path))
    assert items(table)["rows without a protein"] == 1
    assert items(table)["rows without Q.Value"] == 1
    assert table.features.loc["P07356", "gene"] == "Anxa2"


def test_only_the_columns_needed_are_read() -> None:
    frame, _ = read_columns(TWIN, ["Run", "Genes"], ["IM"], "t")
    assert list(frame.columns) == ["Run", "Genes", "IM"]
    assert isinstance(frame["Run"].dtype, pd.CategoricalDtype)
    assert frame["IM"].dtype == "float64"


def test_filters_follow_the_study_file() -> None:
    narrow = twin()["PG.Q.Value"].max()
    assert set(read(TWIN, q_values={"PG.Q.Value": narrow}).values.index) == set(read(TWIN).values.index)
    with pytest.raises(DataError, match="no precursor with a quantity is left"):
        read(TWIN, q_values={"PG.Q.Value": narrow / 2})


def test_a_wider_filter_lets_the_precursor_in() -> None:
    assert read(TWIN).features.loc["P07356", "precursors"] == 3
    wide = read(TWIN, q_values={"Q.Value": 0.6})
    assert wide.features.loc["P07356", "precursors"] == 4
    assert "rows with Q.Value above 0.01" not in items(wide)


def test_a_filter_on_a_column_that_is_not_there_or_no_rate_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        read(TWIN, q_values={"Q.Valu": 0.01, "PG.Q.Value": 5})
    assert len(caught.value.problems) == 2
    assert "Write 'Q.Value'" in str(caught.value)


def test_without_a_library_of_the_runs_the_global_q_values_are_asked(tmp_path: Path) -> None:
    silent = twin().assign(**{"Lib.Q.Value": 0.0, "Lib.PG.Q.Value": 0.0, "Global.PG.Q.Value": 0.001})
    silent["Global.Q.Value"] = 0.001
    silent.loc[silent["Precursor.Id"] == "TPAQYDASELK2", "Global.Q.Value"] = 0.02
    table = read(written(silent, tmp_path))
    assert items(table)["rows with Global.Q.Value above 0.01"] == 4
    note = next(count.note for count in table.counts if count.item == "rows of precursors read")
    assert "Global.Q.Value <= 0.01, Global.PG.Q.Value <= 0.01; set by" in note
    named = read(written(silent, tmp_path), q_values={"Lib.Q.Value": 0.01})
    assert "rows with Global.Q.Value above 0.01" not in items(named)
    made = silent.assign(**{"Lib.Q.Value": 0.001})
    assert "rows with Global.Q.Value above 0.01" not in items(read(written(made, tmp_path)))


def test_an_empty_column_of_q_values_filters_nothing_and_is_said(tmp_path: Path) -> None:
    frame = report_2().assign(**{"Lib.Q.Value": np.nan})
    table = read(written(frame, tmp_path))
    assert "no Lib.Q.Value in the table" in items(table)
    assert set(table.values.index) == set(read(TWIN).values.index)


def test_zero_is_no_mobility(tmp_path: Path) -> None:
    table = read(written(report_2().assign(IM=0.0), tmp_path))
    assert table.runs["n_with_mobility"].eq(0).all()
    assert "mobility_unit" not in table.runs.columns
    assert [remark.flag for remark in table.remarks] == ["no_ion_mobility"]


def test_a_contradicting_mobility_is_counted_and_stays(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    many = pd.concat([report_2().iloc[[0]]] * 400, ignore_index=True)
    many["Precursor.Id"] = [f"PEPTIDE{i}2" for i in range(400)]
    many["IM"] = many["Predicted.IM"] + rng.normal(0, 0.01, 400).astype("float32")
    many.loc[:3, "IM"] += 0.4
    table = read(written(pd.concat([report_2(), many]), tmp_path))
    assert items(table)["precursors with a contradicting ion mobility"] == 4
    assert table.runs.set_index("sample").loc["m1", "n_contradicting"] == 4


def test_normalised_quantities_are_preferred_and_it_is_said() -> None:
    said = next(count for count in read(TWIN).counts if count.item == "quantity of precursors")
    assert said.example == "Precursor.Normalised"
    values = read(TWIN).values
    np.testing.assert_allclose(values.loc["P03995;P20152"].dropna(), [16e6, 8e6, 4e6])


def test_the_study_file_may_name_the_columns() -> None:
    table = read(TWIN, columns=ColumnsSection(gene="Protein.Names", protein="Protein.Ids"))
    assert table.features.loc["P07356", "gene"] == "ANXA2_MOUSE"
    with pytest.raises(DataError, match="there is no column 'Gene'"):
        read(TWIN, columns=ColumnsSection(gene="Gene"))


@pytest.mark.parametrize(
    ("written_as", "stem"),
    [
        (r"D:\timsTOF\a b\m1.d", "m1"),
        ("/data/x.y/m1.mzML.gz", "m1"),
        ("m1.raw.dia", "m1"),
        ("m1.wiff", "m1"),
        ("\\\\server\\share\\m1.d\\", "m1"),
        ("mouse_1.2", "mouse_1.2"),
        ("m1", "m1"),
    ],
)
def test_a_run_is_known_by_its_stem(written_as: str, stem: str) -> None:
    assert run_stem(written_as) == stem


def test_the_sheet_may_name_runs_by_path() -> None:
    chosen = choose_runs(["m1", "m2"], ["D:\\x\\m1.d"], "t")
    assert chosen.samples == {"m1": "D:\\x\\m1.d"}
    assert [count.n for count in chosen.counts] == [1]


def test_two_runs_of_one_name_and_no_run_at_all_are_refused() -> None:
    with pytest.raises(DataError, match="same name in several folders"):
        choose_runs(["a/m1.d", "b/m1.d"], None, "t")
    with pytest.raises(DataError, match="none of the 1 samples"):
        choose_runs(["a/m1.d"], ["m9"], "t")


def test_gzip_and_decimal_commas_give_the_same(tmp_path: Path) -> None:
    text = TWIN.read_text(encoding="utf-8")
    packed = tmp_path / "report.tsv"
    packed.write_bytes(gzip.compress(text.encode()))
    expected = read(TWIN).values
    pd.testing.assert_frame_equal(read(packed).values, expected)
    comma = tmp_path / "comma.tsv"
    twin().to_csv(comma, sep="\t", index=False, decimal=",")
    table = read(comma)
    pd.testing.assert_frame_equal(table.values, expected)
    assert items(table)["decimal commas"] > 0


@pytest.mark.public
def test_real_reports(shared_data: Path) -> None:
    folder = shared_data / "search_engine_reports"
    orbitrap = read(folder / "diann_1.9_report_orbitrap_sample.tsv.gz")
    assert orbitrap.version == "1.9"
    assert orbitrap.values.shape == (209, 6)
    assert orbitrap.runs["n_with_mobility"].eq(0).all()
    names = orbitrap.values.columns
    logs = np.log2(orbitrap.values)
    change = logs[names[names.str.contains("_B_")]].mean(axis=1) - logs[names[names.str.contains("_A_")]].mean(axis=1)
    assert abs(change.median()) < 0.2
    timstof = read(folder / "diapasef_diann_report_with_IM_1.tsv")
    assert timstof.version == "1.8"
    assert timstof.runs["n_with_mobility"].tolist() == [1, 1]
    assert timstof.features["protein"].tolist() == ["Q07021"]
