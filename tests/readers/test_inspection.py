"""What `inspect` says of a file: facts of a table, of bad files, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from organokine import cli
from organokine.readers import READERS
from organokine.readers.base import RawTable, Reader, Remark
from organokine.readers.inspection import Inspection, as_text, inspect, modality_of

PROTEIN = (
    "protein\tgene\tprecursors\ts1\ts2\ts3\n"
    "P07355\tANXA2\t9\t1000\t2000\t0\n"
    "P14136\tGFAP\t3\t3000\t4000\tNA\n"
    "P02452\t\t1\t5000\t6000\t7000\n"
)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_told_in_numbers(tmp_path: Path) -> None:
    found = inspect(write(tmp_path, "muscle_protein.tsv", PROTEIN))
    assert (found.kind, found.format, found.engine, found.modality) == ("text", "matrix", "", "protein")
    assert found.samples == ("s1", "s2", "s3")
    assert (found.n_features, found.n_with_gene, found.n_with_accession, found.precursors) == (3, 2, 3, 3.0)
    assert found.identified == (1.0, 3.0, 3.0)
    assert found.missing == pytest.approx(2 / 9)
    assert (found.scale, found.zeros, found.mobility) == ("linear", "missing", "no ion mobility in this file")
    assert {count.item: count.n for count in found.counts} == {
        "marks of missing values": 1,
        "zeros that mean missing": 1,
    }
    assert found.problems == ()


def test_genes_are_mapped_where_a_species_is_given(tmp_path: Path) -> None:
    found = inspect(write(tmp_path, "muscle_protein.tsv", PROTEIN), "human")
    assert {count.item: count.n for count in found.counts}["genes found by accession"] == 1


def test_a_zero_of_counts_is_not_an_identification(tmp_path: Path) -> None:
    found = inspect(write(tmp_path, "liver.tsv", "gene\ta\tb\nAnxa2\t0\t5000\nGfap\t3\t7\n"))
    assert (found.modality, found.scale, found.zeros) == ("rna", "counts", "value")
    assert (found.identified, found.missing) == ((1.0, 1.5, 2.0), 0.0)


@pytest.mark.parametrize(
    ("name", "gene", "protein", "value", "expected"),
    [
        ("x_rna.tsv", "Anxa2", "", 3.5, "rna"),
        ("x_proteome.tsv", "Anxa2", "", 5000.0, "protein"),
        ("x.tsv", "Anxa2", "P07355", 5000.0, "protein"),
        ("x.tsv", "Anxa2", "", 5000.0, "rna"),
        ("x.tsv", "Anxa2", "", 5000.5, "protein"),
        ("x.tsv", "ENSMUSG00000032231.3", "", 5.5, "rna"),
        ("x.tsv", "ENSMUSG00000032231.3", "ENSMUSG00000032231.3", 5.5, "rna"),
        ("x_proteome.tsv", "ENSMUSG00000032231.3", "", 5.5, "protein"),
    ],
)
def test_proteins_and_rna_are_told_apart(name: str, gene: str, protein: str, value: float, expected: str) -> None:
    index = pd.Index([gene], dtype=object)
    features = pd.DataFrame({"gene": [gene], "protein": [protein], "precursors": [float("nan")]}, index=index)
    assert (
        modality_of(READERS["matrix"], name, RawTable(pd.DataFrame({"s": [value]}, index=index), features)) == expected
    )


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4\n\0\1\2", b"", b"\x1f\x8bbroken", b"PAR1broken", b"PK\3\4broken", b"one\n"]
)
def test_what_is_no_table_has_a_problem_and_no_traceback(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.dat"
    path.write_bytes(content)
    found = inspect(path)
    assert len(found.problems) == 1
    assert found.problems[0].startswith("file.dat")
    assert "problems" in as_text(found)


def test_what_is_not_there_or_is_no_data_has_a_problem(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert len(inspect(tmp_path / "absent.tsv").problems) == 1
    assert len(inspect(tmp_path / "empty").problems) == 1


def test_values_that_cannot_be_leave_the_other_facts(tmp_path: Path) -> None:
    found = inspect(write(tmp_path, "x_protein.tsv", "gene\ta\tb\nAnxa2\t-5000\t5000\nGfap\t4000\t7000\n"))
    assert "values are negative" in found.problems[0]
    assert (found.n_features, found.samples, found.identified, found.scale) == (2, ("a", "b"), None, "")


def test_the_text_fits_a_terminal_of_80_columns(tmp_path: Path) -> None:
    found = inspect(write(tmp_path, "muscle_protein.tsv", PROTEIN))
    long = found._replace(
        file="f",
        samples=tuple(f"20261123_a_long_name_of_a_run_{number}" for number in range(9)),
        engine="DIA-NN",
        remarks=(Remark("assay", "table", "x", found.mobility), Remark("assay", "table", "x", "word " * 40)),
    )
    text = as_text(long)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "DIA-NN, version not in the file" in text
    assert "1 / 3 / 3 per sample (fewest, median, most)" in text
    assert text.count(found.mobility) == 1


def test_mobility_is_summed_over_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from organokine.readers import inspection

    runs = pd.DataFrame(
        {"sample": ["a", "b"], "n_precursors": [10, 20], "n_with_mobility": [10, 0], "n_contradicting": [3, 0]}
    )
    index = pd.Index(["P1"], dtype=object)
    features = pd.DataFrame({"gene": ["A"], "protein": ["P1"], "precursors": [1.0]}, index=index)
    table = RawTable(pd.DataFrame({"a": [1e4], "b": [1e5]}, index=index), features, runs=runs)
    monkeypatch.setattr(inspection, "detect_reader", lambda _: Reader("x", "x", lambda _: True, lambda *_: table))
    assert inspect(tmp_path).mobility == "10 of 30 precursors in 1 runs, 3 flagged"


def test_digestion_and_contaminants_are_told_over_runs() -> None:
    twins = Path(__file__).parent / "twins"
    found = inspect(twins / "precursors" / "diann_1.9_report.tsv")
    assert found.missed_cleavages == (0, 0, 0)
    assert found.contaminants == pytest.approx((2 / 37, (2 / 17 + 2 / 25) / 2, 4 / 27))
    text = " ".join(as_text(found).split())
    assert "digestion 0.0 / 0.0 / 0.0 % of precursors have a missed cleavage (lowest, median, highest run)" in text
    assert "contaminants 5.4 / 9.9 / 14.8 % of the intensity, left out (lowest, median, highest run)" in text
    matrix = inspect(twins / "plain" / "matrix.csv")
    assert (matrix.missed_cleavages, matrix.contaminants) == (None, None)


def test_the_command_goes_on_after_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write(tmp_path, "muscle_protein.tsv", PROTEIN)
    bad = write(tmp_path, "notes.txt", "nothing")
    assert cli.status(["inspect", str(good)]) == 0
    capsys.readouterr()
    assert cli.status(["inspect", str(bad), str(good)]) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "Traceback" not in shown.out
    assert shown.out.index("only one column") < shown.out.index("3 with an accession")


def test_json_has_one_object_per_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write(tmp_path, "muscle_protein.tsv", PROTEIN)
    bad = write(tmp_path, "notes.txt", "nothing")
    assert cli.status(["inspect", "--json", str(good), str(bad)]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert list(first) == list(Inspection._fields)
    assert first["identified"] == [1.0, 3.0, 3.0]
    assert first["counts"][0]["item"] == "marks of missing values"
    assert (first["problems"], len(second["problems"])) == ([], 1)


@pytest.mark.public
@pytest.mark.parametrize(
    ("file", "n_samples", "least"),
    [
        ("tsumagari2023_mouse_ageing_brain/cortex.log2.tsv.gz", 18, 6000),
        ("motrpac_rat_training/gastrocnemius_rnaseq_counts.matrix.tsv.gz", 50, 14000),
        ("search_engine_reports/diann_1.9_report_orbitrap_sample.tsv.gz", 6, 150),
    ],
)
def test_real_files(file: str, n_samples: int, least: int, shared_data: Path) -> None:
    found = inspect(shared_data / file)
    assert found.problems == ()
    assert found.mobility == "no ion mobility in this file"
    assert len(found.samples) == n_samples
    assert found.identified is not None
    assert least < found.identified[0] <= found.n_features
