"""Runs of diaPASEF: an engine of the user makes the tables, and says which."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from organokine import cli
from organokine.errors import DataError
from organokine.raw.dia import engine_settings
from organokine.raw.engines import engine_of
from organokine.raw.settings import SearchSettings
from organokine.simulate.raw_study import simulate_raw
from tests.raw.conftest import once
from tests.raw.engines.stub import TWINS, calls_of, recorded_alphadia_2, recorded_diann_2, write_stub

RUNS = ("m1", "m2", "m3", "m4")


@pytest.fixture(scope="module")
def dia(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four runs of diaPASEF, named as those of the recorded reports."""

    def make(folder: Path) -> None:
        study = simulate_raw(folder, mode="dia", n_proteins=4, gradient=10.0, replicates=2)
        for run, name in zip(study.runs, RUNS, strict=True):
            run.rename(folder / f"{name}.d")
        lines = "".join(f"{name}.d\tmouse {i}\n" for i, name in enumerate(RUNS, start=1))
        study.samples.write_text("path\tsample\n" + lines, encoding="utf-8")

    return once(tmp_path_factory, "raw_dia", make)


def words(study: Path, out: Path, *more: str) -> list[str]:
    return [
        "raw", "run", "--samples", str(study / "samples.tsv"), "--fasta", str(study / "proteome.fasta"), "--out", str(out), *more
    ]  # fmt: skip


def test_without_an_engine_it_is_said_which_to_get_and_how_to_import(dia, tmp_path, capsys):
    assert cli.status(words(dia, tmp_path / "out")) == 1
    said = capsys.readouterr().err
    for part in ("diaPASEF", "DIA-NN", "AlphaDIA", "--engine-path", 'format = "diann"'):
        assert part in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["diann", "alphadia"])
def test_an_engine_of_the_user_makes_the_tables(dia, tmp_path, capsys, name):
    recorded = (recorded_diann_2 if name == "diann" else recorded_alphadia_2)(tmp_path)
    leaves = "report.parquet" if name == "diann" else "precursors.parquet"
    program = write_stub(tmp_path / "bin", name, recorded, leaves)
    told = words(dia, tmp_path / "out", "--engine", name, "--engine-path", str(program))
    assert cli.status(told) == 0
    printed = capsys.readouterr().out
    assert str(program) in printed
    proteins = pd.read_csv(tmp_path / "out" / "proteins.tsv", sep="\t")
    assert [column for column in proteins if column.startswith("mouse")] == ["mouse 1", "mouse 2", "mouse 3", "mouse 4"]
    assert len(proteins) > 0
    said = json.loads((tmp_path / "out" / "provenance.json").read_text("utf-8"))
    assert said["engine_commands"][-1] in printed
    assert said["engine"]["name"] == engine_of(name).title
    precursors = pd.read_parquet(tmp_path / "out" / "precursors.parquet")
    assert not precursors["sequence"].str.contains("DECOY").any()
    n_calls = len(calls_of(program))
    assert cli.status(told) == 0
    assert len(calls_of(program)) == n_calls


def test_an_engine_that_fails_is_told_with_its_last_words(dia, tmp_path, capsys):
    recorded = TWINS / "diann_1.9_report.tsv"
    program = write_stub(tmp_path / "bin", "diann", recorded, "report.tsv", says="no licence", acts="sys.exit(7)")
    assert cli.status(words(dia, tmp_path / "out", "--engine", "diann", "--engine-path", str(program))) == 1
    said = capsys.readouterr().err
    assert "7" in said
    assert "no licence" in said
    assert not (tmp_path / "out" / "proteins.tsv").exists()


def test_an_engine_of_another_mode_is_refused(dia, tmp_path, capsys):
    assert cli.status(words(dia, tmp_path / "out", "--engine", "sage")) == 1
    assert "the runs are diaPASEF, and sage searches ddaPASEF" in capsys.readouterr().err


def test_mixed_modes_are_refused(dia, tmp_path, capsys):
    dda = simulate_raw(tmp_path / "dda", n_proteins=4, gradient=10.0, replicates=1, groups=["young"])
    sheet = tmp_path / "both.tsv"
    sheet.write_text(f"path\tsample\n{dda.runs[0]}\ta\n{dia / 'm1.d'}\tb\n", encoding="utf-8")
    told = [
        "raw",
        "run",
        "--samples",
        str(sheet),
        "--fasta",
        str(dia / "proteome.fasta"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert cli.status(told) == 1
    said = capsys.readouterr().err
    assert "ddaPASEF" in said
    assert "diaPASEF" in said


def test_what_an_engine_is_not_told_is_refused_and_the_rest_handed_on():
    engine = engine_of("diann")
    told = engine_settings(SearchSettings(missed_cleavages=2, engine_words=("--window", "7")), engine)
    assert (told.missed_cleavages, told.extra) == (2, ("--window", "7"))
    assert engine_settings(SearchSettings(), engine).missed_cleavages == 1  # its own default
    with pytest.raises(DataError, match="'peaks'"):
        engine_settings(SearchSettings(peaks=100), engine)
