from __future__ import annotations

import gzip
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers import READERS, RawTable
from organokine.readers.assay import read_assay
from organokine.readers.matrix import read_matrix
from organokine.readers.sniff import Sniffed
from organokine.study_file import AssaySection, ColumnsSection

TABLE = pd.DataFrame(
    {
        "id": ["P1", "P2", "P3"],
        "gene": ["Anxa2", "Il6", "Gfap"],
        "s1": [20.5, 21.25, np.nan],
        "s2": [22.0, np.nan, 23.5],
    }
)


def section(file: str, **keys: object) -> AssaySection:
    return AssaySection(name="a", organ="muscle", modality="protein", file=file, **keys)


def read(path: Path, known: list[str] | None = None, **keys: object) -> RawTable:
    return read_matrix(path, section(path.name, **keys), path.parent, known, "t")


def written(folder: Path, text: str, name: str = "t.tsv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def items(table: RawTable) -> dict[str, int]:
    return {count.item: count.n for count in table.counts}


def write_as(kind: str, folder: Path) -> Path:
    path = folder / f"table.{kind}"
    match kind:
        case "tsv":
            TABLE.to_csv(path, sep="\t", index=False)
        case "csv":
            TABLE.to_csv(path, index=False)
        case "german.csv":
            TABLE.to_csv(path, sep=";", decimal=",", index=False)
        case "tsv.gz":
            path.write_bytes(gzip.compress(TABLE.to_csv(sep="\t", index=False).encode()))
        case "xlsx":
            TABLE.to_excel(path, index=False)
        case "parquet":
            TABLE.to_parquet(path)
        case "indexed.parquet":
            TABLE.set_index("id").to_parquet(path)
        case "no_ending":
            TABLE.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "kind", ["tsv", "csv", "german.csv", "tsv.gz", "xlsx", "parquet", "indexed.parquet", "no_ending"]
)
def test_every_kind_of_file_gives_the_same_table(kind: str, tmp_path: Path) -> None:
    table = read(write_as(kind, tmp_path))
    expected = TABLE.set_index("id")[["s1", "s2"]]
    np.testing.assert_array_equal(table.values.to_numpy(), expected.to_numpy())
    assert table.values.index.tolist() == ["P1", "P2", "P3"]
    assert table.values.columns.tolist() == ["s1", "s2"]
    assert table.features["gene"].tolist() == ["Anxa2", "Il6", "Gfap"]


def test_precursors_that_are_no_number_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "id\tpeptides\ts1\nP1\tmany\t1.5\nP2\t3\t2.5\nP3\t\t3.5\nP4\tNA\t4.5\n")
    table = read(path, known=["s1"])
    np.testing.assert_array_equal(table.features["precursors"], [np.nan, 3.0, np.nan, np.nan])
    (count,) = [each for each in table.counts if each.item == "precursors that are no number"]
    assert (count.n, count.of, count.example) == (1, 4, "'many'")


def test_decimal_commas_are_counted_and_thousands_are_refused(tmp_path: Path) -> None:
    assert items(read(write_as("german.csv", tmp_path)))["decimal commas"] == 4
    with pytest.raises(DataError, match="'1,234 in row P1, column s1'"):
        read(written(tmp_path, "id\tgene\ts1\nP1\tAnxa2\t1,234\n"), known=["s1"])


def test_marks_of_missing_values_are_missing_and_counted(tmp_path: Path) -> None:
    marks = ["NA", "NaN", "n.a.", "-", "Filtered", "#N/A", "null", ""]
    rows = "".join(f"P{number}\t{mark}\n" for number, mark in enumerate(marks))
    table = read(written(tmp_path, f"id\ts1\n{rows}P99\t3.5\n"), known=["s1"])
    assert np.isnan(table.values["s1"].to_numpy()[:-1]).all()
    assert table.values["s1"].iloc[-1] == 3.5
    assert items(table)["marks of missing values"] == len(marks) - 1  # the empty cell needs no mark


def test_names_read_as_floats_are_repaired_and_counted(tmp_path: Path) -> None:
    table = read(written(tmp_path, "entrez\t12345.0\t12346.0\n101.0\t1.5\t2\n102.0\t3\t4\n"), known=["12345", "12346"])
    assert table.values.columns.tolist() == ["12345", "12346"]
    assert table.values.index.tolist() == ["101", "102"]
    assert items(table)["column names repaired"] == 2
    assert items(table)["identifiers repaired"] == 2


def test_repeated_and_empty_identifiers_become_unique_and_are_counted(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id\ts1\nP1\t1.5\nP1\t2.5\n\t3.5\nP1\t4.5\n"), known=["s1"])
    assert table.values.index.tolist() == ["P1", "P1#2", "line 4", "P1#3"]
    assert items(table)["duplicated feature identifiers"] == 2
    assert items(table)["features without an identifier"] == 1


def test_columns_outside_the_sheet_are_counted_not_read(tmp_path: Path) -> None:
    text = "id\tgene\tdescription\ts1\ts2\textra\nP1\tAnxa2\tannexin\t1.5\t2.5\t9\n"
    table = read(written(tmp_path, text), known=["s1", "s2", "s3"])
    assert table.values.columns.tolist() == ["s1", "s2"]
    assert items(table)["columns without a row in the sheet"] == 1
    assert items(table)["text columns ignored"] == 1


def test_a_file_of_features_is_joined_by_identifier(tmp_path: Path) -> None:
    written(tmp_path, "id\tsymbol\tn_peptides\nP2\tIl6\t4\nP1\tAnxa2\t7\nP1\tAnxa2\t7\n", "features.tsv")
    table = read(written(tmp_path, "id\ts1\nP1\t1.5\nP2\t2.5\nP3\t3.5\n"), known=["s1"], features="features.tsv")
    assert table.features["gene"].tolist() == ["Anxa2", "Il6", ""]
    np.testing.assert_array_equal(table.features["precursors"], [7.0, 4.0, np.nan])
    assert items(table)["features without annotation"] == 1


def test_repairs_of_the_file_of_features_are_counted_apart(tmp_path: Path) -> None:
    written(tmp_path, "id\tsymbol\tlength\nP1\tIl6\nP2\tAnxa2\t3\n", "features.tsv")
    table = read(written(tmp_path, "id\ts1\ts2\nP1\t1.5\nP2\t2\t3\n"), known=["s1", "s2"], features="features.tsv")
    assert items(table)["lines shorter than the header"] == 1
    assert items(table)["lines shorter than the header in the file of features"] == 1


def test_a_file_of_features_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "id\tsymbol\nP1\tIl6\nP1\tAnxa2\n", "features.tsv")
    with pytest.raises(DataError, match="1 identifiers have several rows that differ, first 'P1'"):
        read(written(tmp_path, "id\ts1\nP1\t1.5\n"), known=["s1"], features="features.tsv")


def test_the_identifier_is_the_gene_only_if_it_is_no_accession(tmp_path: Path) -> None:
    symbols = read(written(tmp_path, "name\ts1\nAnxa2\t1.5\nIl6\t2.5\n"), known=["s1"])
    assert symbols.features["gene"].tolist() == ["Anxa2", "Il6"]
    accessions = read(written(tmp_path, "name\ts1\nP07356\t1.5\nP08505\t2.5\n"), known=["s1"])
    assert accessions.features["gene"].tolist() == ["", ""]
    assert accessions.features["protein"].tolist() == ["P07356", "P08505"]
    assert items(accessions)["no gene column"] == 2


def test_row_names_of_r_are_taken_for_identifiers(tmp_path: Path) -> None:
    table = read(written(tmp_path, "s1\ts2\nAnxa2\t1.5\t2.5\nIl6\t3.5\t4.5\n"), known=["s1", "s2"])
    assert table.values.index.tolist() == ["Anxa2", "Il6"]
    assert table.values.loc["Il6"].tolist() == [3.5, 4.5]


@pytest.mark.parametrize(
    "text",
    [
        '"","a","b"\n"ENSMUSG00000032231.2",1520,3\n"ENSMUSG00000025746.1",0,17\n',
        "a\tb\nENSMUSG00000032231.2\t1520\t3\nENSMUSG00000025746.1\t0\t17\n",
        "Unnamed: 0,a,b\nENSMUSG00000032231.2,1520.0,3.0\nENSMUSG00000025746.1,0.0,17.0\n",
        "gene_id,gene_name,a,b\nENSMUSG00000032231.2,Anxa2,1520,3\nENSMUSG00000025746.1,Il6,0,17\n",
    ],
)
def test_counts_as_r_and_pandas_write_them(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    assay = AssaySection(name="a", organ="muscle", modality="rna", file=path.name)
    table = read_assay(tmp_path, assay, "mouse")
    assert (table.scale, table.zeros) == ("counts", "value")
    assert table.values.loc["ENSMUSG00000025746.1"].tolist() == [0, 17]
    assert table.features["gene"].tolist() == ["Anxa2", "Il6"]


def test_dates_of_a_workbook_are_read_as_dates(tmp_path: Path) -> None:
    frame = TABLE.astype({"gene": object})
    frame.loc[0, "gene"] = pd.Timestamp("2024-09-07")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    matrix = read_assay(tmp_path, section("t.xlsx"), "mouse")
    assert matrix.features["gene"].tolist() == ["Septin7", "Il6", "Gfap"]


def test_short_lines_are_padded_and_counted(tmp_path: Path) -> None:
    table = read(written(tmp_path, "id\ts1\ts2\nP1\t1.5\t2.5\nP2\t3.5\n"), known=["s1", "s2"])
    assert np.isnan(table.values.loc["P2", "s2"])
    assert items(table)["lines shorter than the header"] == 1


def test_columns_may_be_named(tmp_path: Path) -> None:
    columns = ColumnsSection(id="key", gene="who", protein="acc", precursors="k")
    text = "who\tkey\tacc\tk\ts1\nAnxa2\tx1\tP07356;Q9\t3\t1.5\n"
    table = read(written(tmp_path, text), known=["s1"], columns=columns)
    assert table.features.loc["x1"].tolist() == ["Anxa2", "P07356", 3.0]


def test_every_reader_card_is_complete() -> None:
    for name, reader in READERS.items():
        assert reader.name == name
        assert len(reader.reads) > 10
        assert reader.detect(Sniffed(Path("absent"), "text", ("id", "s1"), ("id\ts1",))) is (name == "matrix")
        assert reader.detect(Sniffed(Path("absent"), "unknown")) is (name == "matrix")


def test_an_assay_carries_where_it_came_from(tmp_path: Path) -> None:
    path = write_as("tsv", tmp_path)
    matrix = read_assay(tmp_path, section(path.name), "mouse", {"s1", "s2"})
    assert (matrix.scale, matrix.detected, matrix.reader, matrix.file) == ("log2", "log2", "matrix", "table.tsv")
    assert len(matrix.sha256) == 64


def test_a_quotation_mark_inside_a_cell_is_a_letter(tmp_path: Path) -> None:
    text = 'id\tgene\ts1\nP1\t5" end\t1.5\nP2\t"a ""b"""\t2.5\n'
    assert read(written(tmp_path, text), known=["s1"]).features["gene"].tolist() == ['5" end', 'a "b"']


def test_comments_above_the_header_are_counted_and_a_header_may_begin_with_a_hash(tmp_path: Path) -> None:
    table = read(written(tmp_path, "# made by x, y\n#id\ts1\nP1\t1.5\n"), known=["s1"])
    assert table.values.index.tolist() == ["P1"]
    assert items(table)["comment lines skipped"] == 1


def test_line_numbers_count_comments_and_empty_lines(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="first line 5"):
        read(written(tmp_path, "# x\nid\ts1\n\nP1\t1.5\nP2\t1\t2\n"), known=["s1"])


def test_a_formula_with_a_stored_result_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    frame = TABLE.astype({"s1": object, "gene": object})
    frame.loc[0, "s1"], frame.loc[1, "gene"] = "=20+0.5", '=""'
    frame.to_excel(path, index=False)
    changed = tmp_path / "calculated.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = re.sub(rb"<f>20\+0.5</f><v ?/>|<f>20\+0.5</f><v></v>", b"<f>20+0.5</f><v>20.5</v>", data)
                data = re.sub(rb'<c r="B3"[^>]*><f>""</f>', b'<c r="B3" t="str"><f>""</f>', data)
            new.writestr(name, data)
    table = read(changed, known=["s1", "s2"])
    assert table.values.loc["P1", "s1"] == 20.5
    assert table.features["gene"].tolist() == ["Anxa2", "", "Gfap"]


def test_any_damage_of_a_workbook_is_refused_or_harmless(tmp_path: Path) -> None:
    path = write_as("xlsx", tmp_path)
    book = path.read_bytes()
    rng = np.random.default_rng(1)
    refused = 0
    for position in rng.integers(4, len(book), 60):
        path.write_bytes(book[:position] + bytes(rng.integers(0, 256, 3, dtype=np.uint8)) + book[position + 3 :])
        try:
            read(path, known=["s1", "s2"])
        except DataError:
            refused += 1
    assert refused > 0


def test_samples_of_the_sheet_are_never_annotation(tmp_path: Path) -> None:
    text = "id\tProtein\tsymbol\tprecursors\nP07356\t1.5\t2.5\t3.5\nP08505\t4.5\t5.5\t6.5\n"
    table = read(written(tmp_path, text), known=["Protein", "symbol", "precursors"])
    np.testing.assert_array_equal(table.values.to_numpy(), [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]])
    assert table.features["protein"].tolist() == ["P07356", "P08505"]
    assert table.features["precursors"].isna().all()


def test_a_sample_in_the_first_column_is_not_taken_for_identifiers(tmp_path: Path) -> None:
    table = read(written(tmp_path, "s1\tlength\tgene\ts2\n1.5\t9\tAnxa2\t2.5\n"), known=["s1", "s2"])
    assert table.values.loc["Anxa2"].tolist() == [1.5, 2.5]
    assert table.features["gene"].tolist() == ["Anxa2"]
    with pytest.raises(DataError, match=r"first column 's1' is a sample.*columns = \{ id = \.\.\. \}"):
        read(written(tmp_path, "s1\tentrez\ts2\n1.5\t9\t2.5\n"), known=["s1", "s2"])
