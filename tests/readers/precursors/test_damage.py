"""Whatever happened to a table of precursors: values, or one message; never a traceback."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers import READERS
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parents[1] / "twins" / "precursors"
FORMATS = {
    "diann_1.8_report.tsv": "diann",
    "diann_pr_matrix.tsv": "diann_matrix",
    "spectronaut_report.tsv": "spectronaut",
    "maxquant_evidence.txt": "maxquant_evidence",
    "fragpipe_combined_ion.tsv": "fragpipe_ion",
    "sage_lfq.tsv": "sage",
    "alphadia_2_precursors.tsv": "alphadia",
    "alphadia_precursor_matrix.tsv": "alphadia_matrix",
    "peaks_lfq_dia_features.csv": "peaks",
    "msstats_in.csv": "msstats",
    "organokine_raw_precursors.tsv": "raw_precursors",
}

ESSENTIAL = {
    "diann_1.8_report.tsv": ("Protein.Group", "Run", "Precursor.Id", "Precursor.Normalised", "Q.Value"),
    "diann_pr_matrix.tsv": ("Precursor.Id", "Protein.Group", "Genes", "D:\\timsTOF\\2026\\m1.d"),
    "spectronaut_report.tsv": ("EG.ModifiedSequence", "R.FileName", "PG.ProteinGroups", "FG.Quantity", "EG.Qvalue"),
    "maxquant_evidence.txt": ("Intensity", "Charge", "Experiment", "Leading razor protein", "Reverse"),
    "fragpipe_combined_ion.tsv": ("Charge", "Protein", "m1 Intensity", "Modified Sequence"),
    "sage_lfq.tsv": ("proteins", "peptide", "m1.mzML.gz", "q_value"),
    "alphadia_2_precursors.tsv": ("precursor.intensity", "raw.name", "pg.proteins", "precursor.qval"),
    "alphadia_precursor_matrix.tsv": ("mod_seq_charge_hash", "pg", "m1", "decoy"),
    "peaks_lfq_dia_features.csv": ("Accession", "Peptide", "z", "m1.raw Normalized Area"),
    "msstats_in.csv": ("ProteinName", "PeptideSequence", "Run", "Intensity"),
    "organokine_raw_precursors.tsv": ("protein_group", "sample", "sequence", "charge", "quantity"),
}


def survives(name: str, path: Path, **keys: object) -> bool:
    """Whether a table comes out; a `DataError` says what is wrong, anything else fails the test."""
    section = AssaySection(name="a", organ="muscle", modality="protein", file=path.name, **keys)
    try:
        table = READERS[name].read(path, section, path.parent, None, "t")
    except DataError as error:
        assert str(error).startswith("t")  # noqa: PT017  says where
        return False
    assert table.values.index.is_unique
    assert np.isfinite(table.values.to_numpy()[~table.values.isna().to_numpy()]).all()
    assert table.values.index.equals(table.features.index)
    return True


def rows_of(file: str) -> tuple[str, list[list[str]]]:
    delimiter = "," if file.endswith("csv") else "\t"
    with (TWINS / file).open(encoding="utf-8", newline="") as text:
        return delimiter, list(csv.reader(text, delimiter=delimiter))


def written(folder: Path, file: str, rows: list[list[str]]) -> Path:
    delimiter, _ = rows_of(file)
    path = folder / "table.txt"
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return path


@pytest.mark.parametrize("file", FORMATS)
def test_cut_off_anywhere(file: str, tmp_path: Path) -> None:
    content = (TWINS / file).read_bytes()
    path = tmp_path / "cut.txt"
    outcomes = set()
    for end in np.linspace(0, len(content), 25, dtype=int):
        path.write_bytes(content[:end])
        outcomes.add(survives(FORMATS[file], path))
    assert outcomes == {True, False}
    packed = gzip.compress(content)
    for end in np.linspace(1, len(packed) - 1, 15, dtype=int):
        path.write_bytes(packed[:end])
        assert not survives(FORMATS[file], path)


def damaged(rows: list[list[str]], place: int) -> dict[str, list[list[str]]]:
    """One column of a table lost, renamed, doubled, or with other cells."""
    words = {"words": "word", "empty": "", "infinite": "inf", "negative": "-1"}
    return {
        "lost": [row[:place] + row[place + 1 :] for row in rows],
        "renamed": [[*rows[0][:place], "other", *rows[0][place + 1 :]], *rows[1:]],
        "doubled": [[*row, row[place]] for row in rows],
    } | {
        kind: [rows[0], *([*row[:place], word, *row[place + 1 :]] for row in rows[1:])] for kind, word in words.items()
    }


@pytest.mark.parametrize("file", FORMATS)
def test_a_column_lost_renamed_doubled_or_with_other_cells(file: str, tmp_path: Path) -> None:
    """Each kind of damage for the columns that matter most, one kind after the other for the rest."""
    _, rows = rows_of(file)
    failed = set()
    for place, name in enumerate(rows[0]):
        tables = damaged(rows, place)
        kinds = list(tables) if name in ESSENTIAL[file] else [list(tables)[place % len(tables)]]
        failed |= {kind for kind in kinds if not survives(FORMATS[file], written(tmp_path, file, tables[kind]))}
    assert {"doubled", "words", "empty"} <= failed


# these two have another column for whatever is gone
@pytest.mark.parametrize("file", sorted(FORMATS.keys() - {"alphadia_precursor_matrix.tsv", "spectronaut_report.tsv"}))
def test_without_a_column_that_is_needed_the_message_names_it(file: str, tmp_path: Path) -> None:
    _, rows = rows_of(file)
    name = ESSENTIAL[file][0]
    path = written(tmp_path, file, [[f"{cell}s" if cell == name else cell for cell in rows[0]], *rows[1:]])
    section = AssaySection(name="a", organ="muscle", modality="protein", file=file)
    with pytest.raises(DataError) as caught:
        READERS[FORMATS[file]].read(path, section, tmp_path, None, "t")
    assert f"is it '{name}s'?" in str(caught.value)


@pytest.mark.parametrize("file", FORMATS)
def test_columns_in_another_order_and_rows_twice_change_nothing(file: str, tmp_path: Path) -> None:
    _, rows = rows_of(file)
    section = AssaySection(name="a", organ="muscle", modality="protein", file=file)
    read = READERS[FORMATS[file]].read
    expected = read(TWINS / file, section, TWINS, None, "t").values
    order = np.random.default_rng(0).permutation(len(rows[0]))
    turned = written(tmp_path, file, [[row[i] for i in order] for row in rows])
    found = read(turned, section, tmp_path, None, "t").values
    pd.testing.assert_frame_equal(found[expected.columns], expected)
    twice = read(written(tmp_path, file, [*rows, *rows[1:]]), section, tmp_path, None, "t")
    assert "precursors repeated in a run" in {count.item for count in twice.counts}


@pytest.mark.parametrize("file", FORMATS)
def test_lines_too_short_and_too_long_are_refused(file: str, tmp_path: Path) -> None:
    _, rows = rows_of(file)
    assert not survives(FORMATS[file], written(tmp_path, file, [*rows[:3], rows[3][:4], *rows[4:]]))
    assert not survives(FORMATS[file], written(tmp_path, file, [*rows[:3], [*rows[3], "more"], *rows[4:]]))


@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"\n", b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"\x00\x01", b"one column\n1\n", b"\xff\xfe"]
)
def test_what_is_no_table_is_refused(file: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(content)
    assert not survives(FORMATS[file], path)
    assert not survives(FORMATS[file], tmp_path)
    assert not survives(FORMATS[file], tmp_path / "absent")


def test_not_utf_8_is_refused(tmp_path: Path) -> None:
    content = (TWINS / "diann_1.8_report.tsv").read_bytes().replace(b"Anxa2", b"Anx\xe4")
    path = tmp_path / "table.tsv"
    path.write_bytes(content)
    assert not survives("diann", path)


def test_a_parquet_of_other_types_is_refused_or_read(tmp_path: Path) -> None:
    frame = pd.read_csv(TWINS / "diann_1.8_report.tsv", sep="\t")
    path = tmp_path / "report.parquet"
    for name in ("Run", "Protein.Group", "Precursor.Id", "Genes", "Q.Value", "Precursor.Normalised"):
        for other in ([[1, 2]] * len(frame), list(range(len(frame))), [b"\xff"] * len(frame), [True] * len(frame)):
            frame.assign(**{name: other}).to_parquet(path)
            survives("diann", path)
    frame.head(0).to_parquet(path)
    assert not survives("diann", path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert not survives("diann", path)


def test_column_names_of_the_study_file_that_hold_other_things(tmp_path: Path) -> None:
    path = TWINS / "diann_1.8_report.tsv"
    survives("diann", path, q_values={"Run": 0.5})
    survives("diann", path, columns={"protein": "Q.Value", "gene": "Precursor.Normalised"})
    survives("diann", path, columns={"protein": "Run"})
