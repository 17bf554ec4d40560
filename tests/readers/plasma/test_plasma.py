"""Readers of plasma panels on twins of Olink and SomaScan files: real headers, invented values."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers import READERS, RawMatrix
from organokine.readers.assay import read_assay
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parents[1] / "twins" / "plasma"
SAMPLES = ["young_1", "young_2", "old_1", "old_2"]
TWIN_OF = {
    "olink_npx.csv": "olink",
    "olink_explore_ht.csv": "olink",
    "olink_target_96.csv": "olink_wide",
    "somascan.adat": "somascan",
}


def read(file: str, known: list[str] | None = None, folder: Path = TWINS, **keys: object) -> RawMatrix:
    section = AssaySection(name="a", organ="plasma", modality="protein", file=file, **keys)
    return read_assay(folder, section, "human", known)


def items(table: RawMatrix) -> dict[str, int]:
    return {count.item: count.n for count in table.counts}


def flags(table: RawMatrix) -> dict[str, str]:
    return {remark.flag: remark.name for remark in table.remarks}


def npx() -> pd.DataFrame:
    return pd.read_csv(TWINS / "olink_npx.csv", sep=";")


def read_npx(frame: pd.DataFrame, folder: Path, **keys: object) -> RawMatrix:
    frame.to_csv(folder / "n.csv", index=False)
    return read("n.csv", folder=folder, **keys)


@pytest.mark.parametrize(("file", "reader"), TWIN_OF.items())
def test_a_twin_is_claimed_by_its_reader_alone(file, reader):
    sniffed = sniff(TWINS / file)
    assert [name for name, card in READERS.items() if name != "matrix" and card.detect(sniffed)] == [reader]
    table = read(file)
    assert (table.reader, table.scale) == (reader, "log2")
    assert table.engine != ""
    assert table.version != ""
    assert table.values.index.is_unique
    assert table.values.index.equals(table.features.index)


def test_npx_is_log2_as_written_and_nan_is_not_measured():
    table = read("olink_npx.csv")
    expected = npx().pivot_table(index="OlinkID", columns="SampleID", values="NPX")
    np.testing.assert_array_equal(table.values[SAMPLES], expected.loc[table.values.index, SAMPLES])
    assert np.isnan(table.values.loc["OID90005", "young_2"])
    assert table.features["genes"].to_list() == ["IL6", "IL6", "ANXA2", "IL12A;IL12B", "GDF15"]
    assert table.features["protein"].to_list() == ["P05231", "P05231", "P07355", "P29459", "Q99988"]


def test_controls_warnings_and_limits_of_detection_are_counted_and_named():
    table = read("olink_npx.csv")
    counted = items(table)
    assert counted["control samples"] == 1
    assert counted["control assays"] == 1
    assert counted["assays of one protein"] == 2
    assert counted["values below the limit of detection"] == 1
    assert counted["warnings of quality by sample"] == 2
    assert counted["warnings of quality by assay"] == 4
    assert flags(table)["qc_warning"] == "old_2"
    assert "2 of 5 values carry the warning WARN on Oncology" in next(
        r.detail for r in table.remarks if r.flag == "qc_warning"
    )


def test_an_assay_mostly_below_detection_is_flagged(tmp_path):
    frame = npx()
    frame.loc[frame["OlinkID"] == "OID90003", "LOD"] = 9.0
    table = read_npx(frame, tmp_path)
    assert items(table)["assays mostly below the limit of detection"] == 1
    assert flags(table)["below_detection"] == "a"


def test_npx_reads_alike_from_every_kind_of_file(tmp_path):
    frame = npx()
    expected = read("olink_npx.csv").values
    frame.to_csv(tmp_path / "comma.csv", index=False)
    frame.to_csv(tmp_path / "german.csv", index=False, sep=";", decimal=",")
    frame.to_parquet(tmp_path / "n.parquet")
    (tmp_path / "n.gz").write_bytes(gzip.compress((TWINS / "olink_npx.csv").read_bytes()))
    frame.rename(columns={"Sample_Type": "SampleType", "QC_Warning": "SampleQC", "Assay_Warning": "AssayQC"}).assign(
        AssayType=np.where(frame["OlinkID"] == "OID90006", "inc_ctrl", "assay"), Count=7
    ).to_parquet(tmp_path / "explore_ht.parquet")
    frame.to_excel(tmp_path / "n.xlsx", index=False)
    for file in ("comma.csv", "german.csv", "n.parquet", "n.gz", "n.xlsx", "explore_ht.parquet"):
        table = read(file, folder=tmp_path)
        assert table.reader == "olink"
        pd.testing.assert_frame_equal(table.values, expected)
        assert items(table)["warnings of quality by sample"] == 2


def test_without_a_type_controls_are_known_by_their_names_unless_the_sheet_has_them(tmp_path):
    frame = npx().drop(columns="Sample_Type")
    assert read_npx(frame, tmp_path).values.columns.to_list() == SAMPLES
    known = [*SAMPLES, "CONTROL_SAMPLE_AS 1"]
    assert read_npx(frame, tmp_path, known=known).values.columns.to_list() == known
    frame["SampleID"] = frame["SampleID"].str.replace("young", "control")
    assert "control_1" in read_npx(frame, tmp_path).values.columns


def test_a_sample_measured_twice_is_refused(tmp_path):
    frame = npx()
    with pytest.raises(DataError, match=r"1 values stand a second time, first OID90001 of young_1"):
        read_npx(pd.concat([frame, frame.iloc[:1]]), tmp_path)


def test_a_quotation_mark_that_swallows_rows_is_refused(tmp_path):
    text = (
        (TWINS / "olink_npx.csv")
        .read_text(encoding="utf-8")
        .replace(";IL6;", ';"IL6;', 1)
        .replace(";GDF15;", ';GDF15";', 1)
    )
    (tmp_path / "n.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        read("n.csv", folder=tmp_path)


def test_explore_ht_is_read_with_its_controls_left_out(tmp_path):
    pd.read_csv(TWINS / "olink_explore_ht.csv", sep=";").to_parquet(tmp_path / "ht.parquet")
    table = read("ht.parquet", folder=tmp_path)
    assert table.values.columns.to_list() == SAMPLES
    assert table.values.index.to_list() == ["OID40001", "OID40002", "OID40003", "OID40004"]
    assert table.values.loc["OID40001"].to_list() == [1.5, 1.6, 2.2, 2.3]
    assert np.isnan(table.values.loc["OID40003", "young_2"])
    counted = items(table)
    assert (counted["control samples"], counted["control assays"]) == (2, 2)
    assert (counted["warnings of quality by sample"], counted["warnings of quality by assay"]) == (2, 4)
    assert (table.engine, table.version, table.scale) == ("Olink NPX", "2.0.1", "log2")


def wide_rows():
    return [line.split(";") for line in (TWINS / "olink_target_96.csv").read_text(encoding="utf-8").splitlines()]


def read_wide(rows, folder, **keys):
    (folder / "w.csv").write_text("".join(";".join(row) + "\n" for row in rows), encoding="utf-8")
    return read("w.csv", folder=folder, **keys)


def test_a_wide_export_gives_assays_by_samples_with_limits_of_the_plate(tmp_path):
    table = read("olink_target_96.csv")
    assert table.values.columns.to_list() == SAMPLES
    assert table.values.loc["OID90003"].to_list()[2:] == [8.5, 8.7]
    assert np.isnan(table.values.loc["OID90003", "young_2"])
    assert table.features["protein"].to_list() == ["P05231", "P13500", "Q99988", "P05231", "P07355"]
    assert table.features["gene"].to_list() == ["IL6", "CCL2", "GDF15", "IL6", "ANXA2"]
    counted = items(table)
    assert counted["values below the limit of detection"] == 1
    assert counted["warnings of quality by sample"] == 5
    assert counted["assays of one protein"] == 2
    assert counted["columns that are no assays"] == 1
    assert [r.name for r in table.remarks if r.flag == "qc_warning"] == ["old_1", "old_2"]
    assert (table.version, table.scale) == ("NPX Signature 1.8.0", "log2")
    plate_only = [row for row in wide_rows() if row[0] != "Max LOD"]
    plate_only[-1][1] = "3.5"  # IL6 on plate INF_2, where old_1 has 3.4
    assert items(read_wide(plate_only, tmp_path))["values below the limit of detection"] == 2


def test_a_wide_export_reads_alike_from_a_workbook_and_with_commas(tmp_path):
    expected = read("olink_target_96.csv")
    rows = wide_rows()
    numbers = [[float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in row] for row in rows]
    pd.DataFrame(numbers).to_excel(tmp_path / "w.xlsx", index=False, header=False)
    pd.testing.assert_frame_equal(read("w.xlsx", folder=tmp_path).values, expected.values)
    german = [rows[0], *([cell.replace(".", ",") if row[0] != "Panel" else cell for cell in row] for row in rows[1:])]
    pd.testing.assert_frame_equal(read_wide(german, tmp_path).values, expected.values)
    assert read_wide(rows[2:], tmp_path).version == ""


def test_concentrations_are_linear_and_ct_values_are_refused(tmp_path):
    rows = wide_rows()
    rows[1][0] = "Quantified Data"
    rows.insert(6, ["Unit", *["pg/mL"] * 5, *[""] * 5])
    table = read_wide(rows, tmp_path)
    assert table.detected == "linear"
    np.testing.assert_allclose(table.values.loc["OID90001", "young_1"], np.log2(2.4))
    rows[1][0] = "Ct Data"
    with pytest.raises(DataError, match=r"holds Ct values.*Export it as NPX"):
        read_wide(rows, tmp_path)


@pytest.mark.parametrize(
    ("row", "cell", "new", "message"),
    [
        (3, 0, "Assays", "there is no row 'Assay' in the first column"),
        (8, 0, "", "1 rows have cells and no name of a sample"),
        (8, 0, "young_1", r"5 values stand a second time, first OID90001 of young_1"),
        (9, 2, "high", r"1 cells are no numbers, first 'high of OID90002 in old_1'"),
        (5, slice(1, 6), [""] * 5, "no column has an OlinkID"),
    ],
)
def test_a_wide_export_at_fault_is_refused_with_its_place(row, cell, new, message, tmp_path):
    rows = wide_rows()
    rows[row][cell] = new
    with pytest.raises(DataError, match=message):
        read_wide(rows, tmp_path, format="olink_wide")


def test_rfu_become_log2_and_what_is_no_human_protein_of_a_sample_is_counted():
    table = read("somascan.adat")
    assert (table.detected, table.engine, table.version) == ("linear", "SomaScan", "V4")
    assert table.values.columns.to_list() == ["S-001", "S-002", "S-003", "S-004"]
    np.testing.assert_allclose(table.values.loc["10001-7"], np.log2([1024.0, 1126.4, 1331.2, 1433.6]))
    counted = items(table)
    assert counted["control analytes"] == 1
    assert counted["analytes of other organisms"] == 1
    assert counted["control samples"] == 3
    assert counted["analytes flagged"] == 1
    assert flags(table)["row_check"] == "S-003"
    assert table.features["genes"].to_list() == ["ANXA2", "IL6", "IL6", "IL12A;IL12B"]
    assert table.features["protein"].to_list() == ["P07355", "P05231", "P05231", "P29459"]


def test_samples_are_known_by_the_column_that_the_sheet_uses():
    table = read("somascan.adat", known=["old_1", "young_2"])
    assert table.values.columns.to_list() == ["young_2", "old_1"]
    assert items(table)["samples named by another column"] == 2
    assert items(table)["samples without a row in the sheet"] == 2


def test_a_menu_of_another_species_keeps_its_analytes(tmp_path):
    text = (TWINS / "somascan.adat").read_text(encoding="utf-8").replace("\tHuman", "\tMouse")
    (tmp_path / "m.adat").write_text(text, encoding="utf-8")
    assert len(read("m.adat", folder=tmp_path).values) == 5


def test_repeated_samples_are_refused(tmp_path):
    text = (TWINS / "somascan.adat").read_text(encoding="utf-8").replace("S-002", "S-001")
    (tmp_path / "m.adat").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="1 samples stand more than once among the samples: 'S-001'"):
        read("m.adat", folder=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("^ROW_DATA", "^ROWS", "sections are absent"),
        ("\tSeqId\t10000-28", "\tSeq\t10000-28", "'SeqId' stands 0 times"),
        (
            "SampleId\tSampleType\tSampleMatrix\tBarcode\tSampleDescription\tSampleGroup",
            "SampleId\tSampleId",
            "'SampleId' stands 2",
        ),
        ("1024.0", "10240 RFU", "1 cells are no numbers, first '10240 RFU of 10001-7 in S-001'"),
        ("1024.0\t", "", "sample row 1 has 18 cells and 19 are expected"),
    ],
)
def test_an_adat_at_fault_is_refused_with_its_place(old, new, message, tmp_path):
    text = (TWINS / "somascan.adat").read_text(encoding="utf-8")
    head, mark, table = text.partition("^TABLE_BEGIN")
    head, table = (head.replace(old, new), table) if old.startswith("^") else (head, table.replace(old, new, 1))
    (tmp_path / "m.adat").write_text(head + mark + table, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read("m.adat", folder=tmp_path, format="somascan")


def cut(text: str) -> str:
    return text[: int(len(text) * 0.7)]


def renamed(text: str) -> str:
    return text.replace("OlinkID", "Id").replace("Panel;", "Pan;").replace("SeqId", "Id")


def repeated(text: str) -> str:
    return "\n".join(f"{line}{line[-12:]}\t{line[-12:]}" for line in text.splitlines())


def wrong_type(text: str) -> str:
    return text[:-6] + "many\n"


def reordered(text: str) -> str:
    sign = ";" if "^HEADER" not in text else "\t"
    return "\n".join(sign.join(reversed(line.split(sign))) for line in text.splitlines())


def empty(text: str) -> str:
    return ""


@pytest.mark.parametrize("damage", [cut, renamed, repeated, wrong_type, reordered, empty])
@pytest.mark.parametrize(("file", "reader"), TWIN_OF.items())
@pytest.mark.parametrize("is_declared", [False, True])
def test_damaged_files_are_read_or_refused_and_never_break(file, reader, damage, is_declared, tmp_path):
    (tmp_path / file).write_text(damage((TWINS / file).read_text(encoding="utf-8")), encoding="utf-8")
    try:
        table = read(file, folder=tmp_path, format=reader if is_declared else "auto")
    except DataError as error:
        assert str(error) != ""  # noqa: PT017  either outcome is right
    else:
        assert table.values.index.is_unique


@pytest.mark.parametrize("reader", sorted(set(TWIN_OF.values())))
def test_an_absent_path_is_a_message(reader, tmp_path):
    shutil.copy(TWINS / "somascan.adat", tmp_path / "a.adat")
    for file in ("nothing", "."):
        with pytest.raises(DataError):
            read(file, folder=tmp_path, format=reader)


@pytest.mark.parametrize(
    "change",
    [
        {"NPX": "x"},
        {"NPX": True},
        {"OlinkID": np.nan},
        {"SampleID": None},
        {"LOD": "high"},
        {"Assay": [["a", "b"]] * 30},
    ],
)
def test_wrong_types_in_parquet_are_refused(change, tmp_path):
    npx().assign(**change).to_parquet(tmp_path / "n.parquet")
    with pytest.raises(DataError):
        read("n.parquet", folder=tmp_path)
