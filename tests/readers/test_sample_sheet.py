from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from organokine.errors import DataError
from organokine.readers.sample_sheet import read_samples


def write(folder: Path, text: str, name: str = "samples.tsv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_text_is_stripped_floats_repaired_and_numbers_typed(tmp_path: Path) -> None:
    text = "Sample\tsubject\tgroup\tage\tweight\tplate\n 101.0\t7.0\t aged \t24\t31.5\t1\n102.0\t8.0\tyoung\t3\tNA\tA\n"
    sheet = read_samples(write(tmp_path, text), "sheet")
    samples = sheet.samples
    assert samples["sample"].tolist() == ["101", "102"]
    assert samples["subject"].tolist() == ["7", "8"]
    assert samples["group"].tolist() == ["aged", "young"]
    assert samples["age"].dtype == np.dtype("int64")
    np.testing.assert_array_equal(samples["weight"], [31.5, np.nan])
    assert samples["plate"].tolist() == ["1", "A"]
    assert {count.item: count.n for count in sheet.counts} == {
        "names of sample repaired": 2,
        "names of subject repaired": 2,
    }


def test_semicolons_are_read(tmp_path: Path) -> None:
    sheet = read_samples(write(tmp_path, "sample;subject;group\na;1;x\nb;2;y\n", "s.csv"), "sheet")
    assert sheet.samples["group"].tolist() == ["x", "y"]


def test_one_sample_may_stand_once_per_assay(tmp_path: Path) -> None:
    text = "assay\tsample\tsubject\nprotein\ta\t1\nrna\ta\t1\n"
    sheet = read_samples(write(tmp_path, text), "sheet")
    assert sheet.names_of("rna") == {"a"}
    assert sheet.names_of("unknown") is None
    without = "sample\tsubject\na\t1\na\t2\n"
    with pytest.raises(DataError, match=r"more than once: 'a'.*add a column `assay`"):
        read_samples(write(tmp_path, without), "sheet")


def test_missing_marks_are_missing_in_text_columns(tmp_path: Path) -> None:
    sheet = read_samples(write(tmp_path, "sample\tsubject\tsex\na\t1\tmale\nb\t2\tn.a.\n"), "sheet")
    assert sheet.samples["sex"].isna().tolist() == [False, True]


def test_decimal_commas_are_read_as_numbers_and_counted(tmp_path: Path) -> None:
    text = "sample\tsubject\tage\tcage\nA\t1\t7,1\t1,A\nB\t2\t12\t2\nC\t3\t-\t3\n"
    sheet = read_samples(write(tmp_path, text), "sheet")
    np.testing.assert_array_equal(sheet.samples["age"], [7.1, 12.0, np.nan])
    assert sheet.samples["cage"].tolist() == ["1,A", "2", "3"]
    assert {count.item: count.n for count in sheet.counts} == {"decimal commas in age": 1}


def test_whole_numbers_too_long_for_an_integer_stay_text(tmp_path: Path) -> None:
    text = "sample\tsubject\tbarcode\tlong\nA\t1\t9223372036854775808\t9007199254740993\nB\t2\t1\t1\n"
    samples = read_samples(write(tmp_path, text), "sheet").samples
    assert samples["barcode"].tolist() == ["9223372036854775808", "1"]
    assert samples["long"].tolist() == [9007199254740993, 1]
