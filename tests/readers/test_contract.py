"""What holds for every reader: one schema, NaN for what was not measured, and one message for whatever is wrong."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from organokine.errors import DataError
from organokine.raw_tables import PRECURSORS
from organokine.readers import READERS, RawTable
from organokine.readers.assay import read_assay
from organokine.readers.sniff import sniff
from organokine.study_file import AssaySection

TWINS = Path(__file__).resolve().parent / "twins"
N_TRUNCATIONS = 4
N_COLUMNS = 3


class Case(NamedTuple):
    """A twin: its reader, its group (a folder of `twins`), its path in it, and whether its columns are known by name."""

    reader: str
    group: str
    file: str
    is_named: bool = True

    def section(self) -> AssaySection:
        keys = {"modality": "rna", "transcripts": "tx2gene.tsv"} if self.group == "rnaseq" else {"modality": "protein"}
        return AssaySection(name="a", organ="muscle", file=self.file, **keys)


CASES = [
    Case("featurecounts", "rnaseq", "featurecounts.txt"),
    Case("star", "rnaseq", "star", is_named=False),
    Case("star", "rnaseq", "star_merged.tsv", is_named=False),
    Case("htseq", "rnaseq", "htseq", is_named=False),
    Case("htseq", "rnaseq", "htseq_merged.tsv", is_named=False),
    Case("nfcore", "rnaseq", "nfcore", is_named=False),
    Case("salmon", "rnaseq", "salmon", is_named=False),
    Case("kallisto", "rnaseq", "kallisto", is_named=False),
    Case("olink", "plasma", "olink_npx.csv"),
    Case("olink", "plasma", "olink_explore_ht.csv"),
    Case("olink", "made", "olink_explore_ht.parquet", is_named=False),
    Case("olink_wide", "plasma", "olink_target_96.csv", is_named=False),
    Case("olink_wide", "made", "olink_target_96.xlsx", is_named=False),
    Case("somascan", "plasma", "somascan.adat", is_named=False),
    Case("diann", "precursors", "diann_1.8_report.tsv"),
    Case("diann", "precursors", "diann_1.9_report.tsv"),
    Case("diann_matrix", "precursors", "diann_pr_matrix.tsv"),
    Case("diann_folder", "made", "diann-output", is_named=False),
    Case("spectronaut", "precursors", "spectronaut_report.tsv"),
    Case("maxquant_evidence", "precursors", "maxquant_evidence.txt"),
    Case("fragpipe_ion", "precursors", "fragpipe_combined_ion.tsv"),
    Case("sage", "precursors", "sage_lfq.tsv"),
    Case("alphadia", "precursors", "alphadia_1_precursors.tsv"),
    Case("alphadia", "precursors", "alphadia_2_precursors.tsv"),
    Case("alphadia_matrix", "precursors", "alphadia_precursor_matrix.tsv"),
    Case("peaks", "precursors", "peaks_lfq_dia_features.csv"),
    Case("msstats", "precursors", "msstats_in.csv"),
    Case("raw_precursors", "precursors", "organokine_raw_precursors.tsv"),
    Case("raw_precursors", "made", "precursors.parquet", is_named=False),
    Case("diann_proteins", "proteins", "diann_1.8.pg_matrix.tsv"),
    Case("diann_proteins", "proteins", "diann_2.1.pg_matrix.tsv"),
    Case("diann_genes", "proteins", "diann_2.1.gg_matrix.tsv"),
    Case("maxquant", "proteins", "maxquant.proteinGroups.txt"),
    Case("fragpipe", "proteins", "fragpipe_new.combined_protein.tsv"),
    Case("fragpipe", "proteins", "fragpipe_old.combined_protein.tsv"),
    Case("spectronaut_proteins", "proteins", "spectronaut_pivot.tsv"),
    Case("alphadia_proteins", "proteins", "alphadia.pg.matrix.tsv"),
    Case("proteome_discoverer", "proteins", "proteome_discoverer.Proteins.txt"),
    Case("mztab", "proteins", "quantms.mzTab", is_named=False),
    Case("diann_proteins", "made", "diann.parquet", is_named=False),
    Case("proteome_discoverer", "made", "proteins.xlsx", is_named=False),
    Case("anndata", "made", "table.h5ad", is_named=False),
    Case("matrix", "plain", "matrix.csv", is_named=False),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}/{case.file}")
every_table = pytest.mark.parametrize(
    "case", [case for case in CASES if case.is_named], ids=lambda case: f"{case.group}/{case.file}"
)


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All twins, and those that are no text, made from others."""
    folder = Path(shutil.copytree(TWINS, tmp_path_factory.mktemp("contract") / "twins"))
    made = folder / "made"
    made.mkdir()
    proteins = folder / "proteins"
    pd.read_csv(proteins / "diann_2.1.pg_matrix.tsv", sep="\t").to_parquet(made / "diann.parquet")
    plasma = folder / "plasma"
    pd.read_csv(plasma / "olink_explore_ht.csv", sep=";").to_parquet(made / "olink_explore_ht.parquet")
    wide = pd.read_csv(plasma / "olink_target_96.csv", sep=";", header=None, skip_blank_lines=False)
    wide.to_excel(made / "olink_target_96.xlsx", index=False, header=False)
    raw = pd.read_csv(folder / "precursors" / "organokine_raw_precursors.tsv", sep="\t")
    PRECURSORS.conform(raw).to_parquet(made / "precursors.parquet")
    output = made / "diann-output"
    output.mkdir()
    shutil.copy(folder / "precursors" / "diann_1.8_report.tsv", output / "report.tsv")
    shutil.copy(proteins / "diann_1.8.pg_matrix.tsv", output / "report.pg_matrix.tsv")
    discoverer = pd.read_csv(proteins / "proteome_discoverer.Proteins.txt", sep="\t", dtype=str, keep_default_na=False)
    discoverer.to_excel(made / "proteins.xlsx", index=False)
    plain = pd.read_csv(folder / "plain" / "matrix.csv", index_col="id")
    values = plain.drop(columns="gene").T
    AnnData(values.to_numpy(), pd.DataFrame(index=values.index), plain[["gene"]]).write_h5ad(made / "table.h5ad")
    return folder


def read(case: Case, folder: Path) -> RawTable:
    return READERS[case.reader].read(folder / case.file, case.section(), folder, None, "t")


def copied(case: Case, twins: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(twins / case.group, tmp_path / case.group, dirs_exist_ok=True))


def detected(path: Path) -> list[str]:
    sniffed = sniff(path)
    return [name for name, card in READERS.items() if card.detect(sniffed)]


def check_schema(table: RawTable) -> None:
    values, features = table.values, table.features
    assert isinstance(table, RawTable)
    assert values.dtypes.eq("float64").all()
    assert values.index.equals(features.index)
    assert values.index.is_unique
    assert values.columns.is_unique
    assert all(isinstance(name, str) and name != "" for name in [*values.index, *values.columns])
    assert {"gene", "protein", "precursors"} <= set(features.columns)
    assert features["precursors"].dtype == "float64"
    assert all(isinstance(cell, str) for kind in ("gene", "protein") for cell in features[kind])
    assert all(count.item != "" and count.n >= 0 for count in table.counts)
    assert table.scale in ("auto", "log2", "linear", "counts")


def test_every_reader_has_a_twin() -> None:
    assert {case.reader for case in CASES} == set(READERS)


@every_case
def test_exactly_one_reader_knows_a_twin(case: Case, twins: Path) -> None:
    expected = ["matrix"] if case.reader == "matrix" else [case.reader, "matrix"]
    assert detected(twins / case.group / case.file) == expected


@every_case
def test_all_readers_give_the_same_schema(case: Case, twins: Path) -> None:
    table = read(case, twins / case.group)
    check_schema(table)
    assert (table.engine == "") == (case.reader == "matrix")
    assert table.values.notna().any(axis=None)
    if case.group in ("precursors", "proteins"):
        assert table.values.isna().any(axis=None)
        assert not (table.values == 0).any(axis=None)


@every_case
def test_what_is_missing_or_is_no_table_is_one_message(case: Case, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read(case, tmp_path)
    path = tmp_path / case.file
    for content in (
        b"",
        b"\n\n",
        b"\x00\x01\x02",
        b"PAR1",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"a\tb\n",
        b"\xff\xfea\tb\n1\t2\n",
    ):
        path.write_bytes(content)
        with pytest.raises(DataError):
            read(case, tmp_path)


def rows_of(path: Path) -> tuple[str, list[str], list[list[str]], str]:
    """Lines above the header, cells, and delimiter of a table."""
    text = path.read_text(encoding="utf-8")
    above = [line for line in text.splitlines(keepends=True) if line.startswith("#")]
    body = text[len("".join(above)) :]
    delimiter = max("\t;,", key=body.splitlines()[0].count)
    header, *rows = csv.reader(io.StringIO(body), delimiter=delimiter)
    return "".join(above), header, rows, delimiter


def write_rows(path: Path, above: str, header: list[str], rows: list[list[str]], delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    path.write_text(above + text.getvalue(), encoding="utf-8")


@every_table
def test_the_order_of_rows_and_columns_does_not_matter(case: Case, twins: Path, tmp_path: Path) -> None:
    folder = copied(case, twins, tmp_path)
    before = read(case, folder)
    above, header, rows, delimiter = rows_of(folder / case.file)
    rng = np.random.default_rng(zlib.crc32(case.file.encode()))
    columns = rng.permutation(len(header))
    shuffled = [[row[j] for j in columns] for row in rng.permutation(np.array(rows, dtype=object)).tolist()]
    write_rows(folder / case.file, above, [header[j] for j in columns], shuffled, delimiter)
    assert detected(folder / case.file)[0] == case.reader
    after = read(case, folder)
    assert set(after.values.columns) == set(before.values.columns)
    pd.testing.assert_frame_equal(
        after.values.loc[before.values.index, before.values.columns], before.values, rtol=1e-9
    )
    pd.testing.assert_frame_equal(after.features.loc[before.features.index, before.features.columns], before.features)


def read_or_refused(case: Case, folder: Path) -> None:
    """Read as `format` says, and as `auto` finds and brings to its scale; whatever is wrong is a `DataError`."""
    with contextlib.suppress(DataError):
        check_schema(read(case, folder))
    with contextlib.suppress(DataError):
        matrix = read_assay(folder, case.section(), "mouse")
        assert matrix.reader in READERS
        assert not np.isinf(matrix.values.to_numpy()).any()


def files_of(case: Case, folder: Path) -> list[Path]:
    path = folder / case.file
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


@every_case
def test_a_truncated_file_never_shows_another_error(case: Case, twins: Path, tmp_path: Path) -> None:
    folder = copied(case, twins, tmp_path)
    rng = np.random.default_rng(zlib.crc32(case.file.encode()))
    for _ in range(N_TRUNCATIONS):
        file = files_of(case, folder)[rng.integers(len(files_of(case, folder)))]
        content = file.read_bytes()
        end = int(rng.integers(1, len(content)))
        for damaged in (content[:end], gzip.compress(content[:end]), gzip.compress(content)[: end // 4]):
            file.write_bytes(damaged)
            read_or_refused(case, folder)
        file.write_bytes(content)


def renamed(header: list[str], rows: list[list[str]], j: int) -> None:
    header[j] = f"{header[j]} x"


def duplicated(header: list[str], rows: list[list[str]], j: int) -> None:
    for row in (header, *rows):
        row.append(row[j])


def dropped(header: list[str], rows: list[list[str]], j: int) -> None:
    for row in (header, *rows):
        del row[j]


def emptied(header: list[str], rows: list[list[str]], j: int) -> None:
    for row in rows:
        row[j] = ""


def worded(header: list[str], rows: list[list[str]], j: int) -> None:
    rows[len(rows) // 2][j] = "wörd"


def infinite(header: list[str], rows: list[list[str]], j: int) -> None:
    rows[len(rows) // 2][j] = "1e999"


def repeated(header: list[str], rows: list[list[str]], j: int) -> None:
    rows.append(list(rows[j % len(rows)]))


def shifted(header: list[str], rows: list[list[str]], j: int) -> None:
    for row in rows:
        row.insert(j, row.pop())


@every_table
@pytest.mark.parametrize("damage", [renamed, duplicated, dropped, emptied, worded, infinite, repeated, shifted])
def test_a_damaged_table_never_shows_another_error(
    case: Case, damage: Callable[[list[str], list[list[str]], int], None], twins: Path, tmp_path: Path
) -> None:
    folder = copied(case, twins, tmp_path)
    above, header, rows, delimiter = rows_of(folder / case.file)
    rng = np.random.default_rng(zlib.crc32(f"{case.file} {damage.__name__}".encode()))
    for j in rng.choice(len(header), size=min(N_COLUMNS, len(header)), replace=False).tolist():
        damaged_header, damaged_rows = list(header), [list(row) for row in rows]
        damage(damaged_header, damaged_rows, j)
        write_rows(folder / case.file, above, damaged_header, damaged_rows, delimiter)
        read_or_refused(case, folder)
