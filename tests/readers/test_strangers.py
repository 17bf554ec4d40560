"""Files that are no tables are called by their name, by every reader and by `inspect`."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from organokine import cli
from organokine.errors import DataError
from organokine.readers import READERS
from organokine.readers.inspection import inspect
from organokine.readers.strangers import stranger
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parent / "twins"
TEXT = (TWINS / "plain" / "matrix.csv").read_text(encoding="utf-8")
READ_WHOLE = ("matrix", "maxquant", "olink_wide")
READ_AS_TEXT = ("somascan", "mztab")
PRECURSORS = ("diann", "sage", "msstats")


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("matrix.csv", TEXT)
    return file.getvalue()


def chart() -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.create_chartsheet("chart")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


STRANGERS = {
    "UTF-16": (TEXT.encode("utf-16"), "UTF-16 text"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "UTF-16 text"),
    "gzip twice": (gzip.compress(gzip.compress(TEXT.encode())), "compressed twice"),
    "bzip2": (bz2.compress(TEXT.encode()), "a compressed one"),
    "zip": (archive(), "a zip archive, not a workbook"),
    "PDF": (b"%PDF-1.4\n%\xe2\xe3\n", "a PDF"),
    "web page": (b"\n<!DOCTYPE html><title>404</title>", "a web page or XML"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + bytes(600), "the old Excel format"),
    "bytes": (TEXT.encode().replace(b"2", b"\0", 1), "bytes that no text has"),
    "chart": (chart(), "no sheet of cells"),
}


def section(name: str) -> AssaySection:
    return AssaySection(name="a", organ="muscle", modality="protein", file=name)


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_is_called_by_its_name(name: str, tmp_path: Path) -> None:
    content, what = STRANGERS[name]
    path = tmp_path / "table"
    path.write_bytes(content)
    for reader in READ_WHOLE:
        with pytest.raises(DataError, match=what) as caught:
            READERS[reader].read(path, section("table"), tmp_path, None, "t")
        assert all(problem.where == "t" and problem.remedy != "" for problem in caught.value.problems)
    for reader in (*READ_AS_TEXT, *PRECURSORS):
        with pytest.raises(DataError):
            READERS[reader].read(path, section("table"), tmp_path, None, "t")
    (problem,) = inspect(path).problems
    assert what in problem


@pytest.mark.parametrize("content", [b"", b"a\tb\n", TEXT.encode(), "Ångström\tµ\n".encode(), b"\xef\xbb\xbfa;b\n"])
def test_text_is_no_stranger(content: bytes) -> None:
    assert stranger(content) is None


def test_a_table_of_precursors_says_why_it_is_none(tmp_path: Path) -> None:
    frame = pd.read_csv(TWINS / "precursors" / "diann_1.8_report.tsv", sep="\t")
    frame.to_excel(tmp_path / "report.xlsx", index=False)
    (tmp_path / "latin.tsv").write_bytes(
        (TWINS / "precursors" / "diann_1.8_report.tsv").read_bytes().replace(b"Anxa2", b"Anx\xe42")
    )
    (tmp_path / "page.tsv").write_bytes(b"<html></html>")
    for file, what in {
        "report.xlsx": "an Excel workbook",
        "latin.tsv": "not UTF-8 text",
        "page.tsv": "there is no column",
        "absent": "there is no file 'absent'",
        ".": "is a folder, not a table",
    }.items():
        with pytest.raises(DataError, match=what):
            READERS["diann"].read(tmp_path / file, section(file), tmp_path, None, "t")


def test_pipes_loops_and_folders_are_said_to_be_no_files(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "itself").mkdir()
    (tmp_path / "itself" / "again").symlink_to(tmp_path / "itself")
    os.mkfifo(tmp_path / "pipe.tsv")
    for name, what in {
        "loop": "does not exist",
        "itself": "is a folder, not a table",
        "pipe.tsv": "is no ordinary file",
        "x" * 300: "does not exist",
    }.items():
        (problem,) = inspect(tmp_path / name).problems
        assert what in problem
    assert cli.status(["new", str(tmp_path)]) == 1


def test_a_file_that_may_not_be_opened_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table.tsv"
    path.write_text(TEXT, encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    for reader in ("matrix", "diann", "star"):
        with pytest.raises(DataError, match="Permission denied"):
            READERS[reader].read(path, section(path.name), tmp_path, None, "t")


def test_signs_that_move_the_cursor_are_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "red\x1b[31m.csv"
    path.write_text(TEXT.replace("Anxa2", "An\x1bxa2"), encoding="utf-8")
    assert cli.status(["inspect", str(path), "--species", "mouse"]) == 0
    assert "\x1b" not in capsys.readouterr().out
