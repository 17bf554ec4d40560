"""A folder that DIA-NN wrote, alone or for FragPipe: which of its tables is read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers import READERS, RawTable
from organokine.readers.inspection import inspect
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parents[1] / "twins"
REPORT = TWINS / "precursors" / "diann_1.8_report.tsv"
FILES = {
    "report.tsv": REPORT,
    "report-first-pass.tsv": REPORT,
    "report.pr_matrix.tsv": TWINS / "precursors" / "diann_pr_matrix.tsv",
    "report.pg_matrix.tsv": TWINS / "proteins" / "diann_1.8.pg_matrix.tsv",
    "report.gg_matrix.tsv": TWINS / "proteins" / "diann_2.1.gg_matrix.tsv",
}


def folder_with(tmp_path: Path, *names: str) -> Path:
    folder = tmp_path / "diann-output"
    folder.mkdir()
    for name in names:
        shutil.copy(FILES[name], folder / name)
    (folder / "report.log.txt").write_text("DIA-NN 1.8.1\n", encoding="utf-8")
    (folder / "report.stats.tsv").write_text("File.Name\tPrecursors.Identified\nm1.d\t7\n", encoding="utf-8")
    return folder


def read(folder: Path) -> RawTable:
    assert [name for name, card in READERS.items() if card.detect(sniff(folder))] == ["diann_folder", "matrix"]
    section = AssaySection(name="a", organ="muscle", modality="protein", file=folder.name)
    return READERS["diann_folder"].read(folder, section, folder.parent, None, "t")


def named(table: RawTable) -> str:
    return next(count.example for count in table.counts if count.item == "tables of DIA-NN in the folder")


def test_the_report_goes_before_matrices_and_the_report_of_the_first_pass_is_none(tmp_path: Path) -> None:
    table = read(folder_with(tmp_path, *FILES))
    assert (named(table), table.version, table.scale) == ("report.tsv", "1.8", "linear")
    assert table.values.columns.tolist() == ["m1", "m2", "m3", "m4"]


@pytest.mark.parametrize("n_absent", [2, 3])
def test_without_a_report_a_matrix_is_read(n_absent: int, tmp_path: Path) -> None:
    names = list(FILES)[n_absent:]
    assert named(read(folder_with(tmp_path, *names))) == names[0]


def test_one_report_in_two_formats_is_read_from_parquet_and_two_reports_are_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "report.tsv")
    pd.read_csv(REPORT, sep="\t").to_parquet(folder / "report.parquet")
    assert named(read(folder)) == "report.parquet"
    (folder / "report.parquet").rename(folder / "other.parquet")
    with pytest.raises(DataError, match=r"2 tables of one kind: 'other.parquet', 'report.tsv'.*Name the file itself"):
        read(folder)


def test_inspect_and_the_command_line_know_it(tmp_path: Path) -> None:
    found = inspect(folder_with(tmp_path, *FILES))
    assert (found.kind, found.format, found.engine, found.modality) == ("folder", "diann_folder", "DIA-NN", "protein")
    assert found.problems == ()


def test_a_spectral_library_is_no_matrix_of_precursors(tmp_path: Path) -> None:
    library = pd.DataFrame({"Precursor.Id": ["AK2"], "Protein.Group": ["P1"], "Product.Mz": [500.1], "Genes": ["A"]})
    library.to_parquet(tmp_path / "report-lib.parquet")
    assert not READERS["diann_matrix"].detect(sniff(tmp_path / "report-lib.parquet"))
