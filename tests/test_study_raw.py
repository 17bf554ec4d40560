"""Assays of raw runs: looked at before anything is searched, searched once, and read like any other table."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from organokine import cli
from organokine.errors import DataError, NotSearchedError, StudyFileError
from organokine.manifest import input_files, methods
from organokine.raw import sage
from organokine.raw.settings import SearchSettings
from organokine.simulate.raw_study import simulate_raw
from organokine.study import read_study
from organokine.study_file_raw import SIMULATED_RUNS
from organokine.study_file_reader import read_study_file
from organokine.study_raw import WARNING, Searching, searched
from tests.raw.tiny_folder import change
from tests.raw_assay import STUDY, WARNED, stand_in, write_raw_study

NO_SEARCH = Searching(may_search=False)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The stand-in, in place of the search."""
    module = stand_in()
    monkeypatch.setitem(sys.modules, "organokine.raw_run", module)
    monkeypatch.setattr(sage, "engine_version", lambda: "0")
    return module


def edited(study: Path, old: str, new: str, file: str = "study.toml") -> Path:
    path = study.parent / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return study


def test_raw_runs_are_searched_and_read_like_any_table(tmp_path: Path, engine: SimpleNamespace) -> None:
    path = write_raw_study(tmp_path)
    said: list[str] = []
    study = read_study(path, Searching(workers=2, echo=said.append))
    adata = study.assays["muscle_protein"]
    assert list(adata.obs_names) == ["m1", "m2", "m3"]
    assert list(adata.var["gene"]) == ["Anxa2", "Il6"]
    np.testing.assert_allclose(adata.X - adata.X[0], [[0, 0], [0, 1], [0, np.log2(3)]], atol=1e-9)
    assert adata.uns["organokine"]["reader"] == "raw_precursors"
    assert said == ["muscle_protein: 1 of 3: m1 searched, 10 spectra"]
    job = engine.jobs[0]
    assert (job.samples, job.fasta) == (tmp_path / "runs.tsv", tmp_path / "mouse.fasta")
    assert job.settings == SearchSettings(fdr=0.05)
    assert job.settings.model_fields_set == {"fdr"}  # the rest is left to engines with defaults of their own
    assert (job.species, job.engine, job.workers) == ("mouse", "auto", 2)
    assert job.fail_fast is True
    assert job.cache.is_relative_to(tmp_path / "raw_cache")


def test_the_resolved_file_names_the_runs_and_not_the_cache(tmp_path: Path, engine: SimpleNamespace) -> None:
    study = read_study(write_raw_study(tmp_path))
    assay = study.file.assay[0]
    assert (assay.format, assay.file, assay.scale) == ("raw", "runs.tsv", "linear")
    assert {row["file"] for row in input_files(study.file)} == {"samples.tsv", "runs.tsv", "mouse.fasta"}
    assert "searched against mouse.fasta" in " ".join(methods(study.file))
    assert len(engine.jobs) == 1


def test_warnings_of_the_search_are_flags_of_the_assay(tmp_path: Path, engine: SimpleNamespace) -> None:
    path = write_raw_study(tmp_path)
    flags = read_study(path).flags.set_index("flag")
    assert flags.loc[WARNING, ["scope", "name"]].tolist() == ["assay", "muscle_protein"]
    assert flags.loc[WARNING, "detail"].startswith("mouse.fasta: there are no contaminants. Keratins")
    again = read_study(path, NO_SEARCH).flags.set_index("flag")
    assert again.loc[WARNING, "detail"] == flags.loc[WARNING, "detail"]
    assert len(engine.jobs) == 1


def test_a_study_of_simulated_runs_is_marked_as_simulated(tmp_path: Path, engine: SimpleNamespace) -> None:
    study = read_study(write_raw_study(tmp_path))
    assert study.file.declared["simulated"] is True
    assert SIMULATED_RUNS in set(study.flags["flag"])


def test_what_the_search_counted_is_among_the_joins_once(tmp_path: Path, engine: SimpleNamespace) -> None:
    path = write_raw_study(tmp_path)
    for study in (read_study(path), read_study(path, NO_SEARCH)):
        joins = study.joins.set_index("item")
        assert joins.loc["search: fragment spectra without a charge", ["n", "of", "example"]].tolist() == [
            7,
            30,
            "m1.d",
        ]
        assert joins.index.tolist().count("protein intensities by directLFQ") == 1
        assert not any(item.startswith("search: protein") for item in joins.index)


def test_runs_that_the_sample_sheet_lacks_are_left_out_and_counted(tmp_path: Path, engine: SimpleNamespace) -> None:
    study = read_study(edited(write_raw_study(tmp_path), "m2\tb\n", "", "samples.tsv"))
    assert list(study.assays["muscle_protein"].obs_names) == ["m1", "m3"]
    joins = study.joins.set_index("item")
    assert joins.loc["runs without a row in the sheet", ["n", "of", "example"]].tolist() == [1, 3, "'m2'"]


def test_check_never_searches_and_says_what_would_be(
    tmp_path: Path, engine: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_raw_study(tmp_path)
    assert cli.status(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "3 ddaPASEF runs and the FASTA (1 entry) are fit to be searched" in said
    assert "organokine run" in said
    assert len(engine.jobs) == 0
    read_study(path)
    assert cli.status(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "muscle_protein: 3 samples x 2 features" in said
    assert "Warning: mouse.fasta: there are no contaminants." in said
    assert len(engine.jobs) == 1


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("study.toml", "fdr = 0.05", "fdr = 0.02"),
        ("mouse.fasta", "MSTV", "MSTA"),
        ("runs.tsv", "m2.d\tm2\n", ""),
    ],
)
def test_a_finished_search_counts_only_for_the_same_inputs(
    tmp_path: Path, engine: SimpleNamespace, file: str, old: str, new: str
) -> None:
    path = write_raw_study(tmp_path)
    read_study(path)
    read_study(path, NO_SEARCH)
    with pytest.raises(NotSearchedError):
        read_study(edited(path, old, new, file), NO_SEARCH)
    assert len(engine.jobs) == 1


@pytest.mark.parametrize("note", ["", "[]", '{"key": 1}', "{"])
def test_a_damaged_note_is_no_finished_search(tmp_path: Path, engine: SimpleNamespace, note: str) -> None:
    path = write_raw_study(tmp_path)
    read_study(path)
    next((tmp_path / "raw_cache").glob("assays/*.json")).write_text(note, encoding="utf-8")
    with pytest.raises(NotSearchedError):
        read_study(path, NO_SEARCH)
    assert len(engine.jobs) == 1


def test_everything_that_is_wrong_is_told_before_anything_is_searched(tmp_path: Path, engine: SimpleNamespace) -> None:
    path = edited(write_raw_study(tmp_path), "OX=10090", "OX=9606", "mouse.fasta")
    edited(path, 'file = "runs.tsv"', 'file = "runs.tsv"\nquantity = "engine"')
    edited(path, "m1\ta\nm2\tb\nm3", "x\ta\ny\tb\nz", "samples.tsv")
    (tmp_path / "m2.d" / "analysis.tdf_bin").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        read_study(path)
    said = str(caught.value)
    for part in ("OX=9606", "quantity: ", "none of the 3 samples", "m2.d"):
        assert part in said
    assert len(engine.jobs) == 0


def test_a_fault_elsewhere_is_told_without_a_search(tmp_path: Path, engine: SimpleNamespace) -> None:
    other = '\n[[assay]]\nname = "b"\norgan = "liver"\nmodality = "protein"\nfile = "gone.tsv"\n'
    path = write_raw_study(tmp_path)
    path.write_text(STUDY + other, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_study(path)
    assert [problem.where for problem in caught.value.problems] == ["[assay b] gone.tsv"]
    assert len(engine.jobs) == 0


def test_a_failed_search_fails_the_study(
    tmp_path: Path, engine: SimpleNamespace, capsys: pytest.CaptureFixture
) -> None:
    def fail(job: object, echo: object) -> None:
        raise DataError(WARNED)

    engine.run_raw = fail
    path = write_raw_study(tmp_path)
    assert cli.status(["run", str(path)]) == 1
    assert capsys.readouterr().err.strip() == str(WARNED)
    with pytest.raises(NotSearchedError):
        read_study(path, NO_SEARCH)


def test_runs_of_dia_need_an_engine_that_is_named(tmp_path: Path, engine: SimpleNamespace) -> None:
    with pytest.raises(DataError, match="diaPASEF, and no engine is named"):
        read_study(write_raw_study(tmp_path, kind=9))
    assert len(engine.jobs) == 0


def test_without_the_engine_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(sage, "version", absent)
    with pytest.raises(DataError, match="pip install 'organokine\\[raw\\]'"):
        read_study(write_raw_study(tmp_path), NO_SEARCH)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('raw = { fasta = "mouse.fasta", fdr = 0.05 }\n', "", "stands without raw"),
        ('format = "raw"\n', "", "raw stands beside format = 'auto'"),
        ('modality = "protein"', 'modality = "rna"', "raw runs are said to be of rna"),
        ('fasta = "mouse.fasta", ', "", "'fasta' is missing"),
        ("fdr = 0.05", 'engine_path = "/opt"', "engine_path stands beside engine = 'auto'"),
        ("fdr = 0.05", "fdrr = 0.05", "Write 'fdr'"),
        ("fdr = 0.05", 'engine = "sagee"', "Write 'sage'"),
    ],
)
def test_what_is_wrong_in_the_study_file_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in STUDY
    (tmp_path / "study.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyFileError) as caught:
        read_study_file(tmp_path / "study.toml")
    assert said in str(caught.value)


def test_an_unknown_format_lists_raw(tmp_path: Path) -> None:
    text = STUDY.replace('format = "raw"', 'format = "zzz"').replace("raw = {", "# raw = {")
    (write_raw_study(tmp_path)).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="Choose one of auto, raw, "):
        read_study(tmp_path / "study.toml")


def test_another_assay_is_given_back_as_it_is(tmp_path: Path) -> None:
    assay = read_study_file(write_raw_study(tmp_path)).assay[0].model_copy(update={"format": "diann", "raw": None})
    assert searched(tmp_path, assay, "mouse") == (assay, (), ())


def test_assays_whose_names_are_plain_alike_do_not_share_a_folder(tmp_path: Path, engine: SimpleNamespace) -> None:
    assay = read_study_file(write_raw_study(tmp_path)).assay[0]
    found = {searched(tmp_path, assay.model_copy(update={"name": name}), "mouse").assay.file for name in ("a b", "a_b")}
    assert len(found) == 2
    assert all((tmp_path / file).is_file() for file in found)
    change(tmp_path / "m1.d", "update Frames set T1 = 30")
    with pytest.raises(NotSearchedError):
        searched(tmp_path, assay, "mouse", None, NO_SEARCH)


def test_simulated_runs_come_through_to_the_proteins_that_raw_run_writes(tmp_path: Path) -> None:
    pytest.importorskip("sagepy")
    runs = simulate_raw(tmp_path / "raw", n_proteins=100, groups=["a"], replicates=2, gradient=30.0, seed=1)
    samples = pd.read_csv(runs.samples, sep="\t")["sample"]
    pd.DataFrame({"sample": samples, "subject": samples}).to_csv(tmp_path / "samples.tsv", sep="\t", index=False)
    text = STUDY.replace('"runs.tsv"', '"raw/samples.tsv"').replace('"mouse.fasta"', '"raw/proteome.fasta"')
    (tmp_path / "study.toml").write_text(text.replace("fdr = 0.05", "compare_mobility = false"), encoding="utf-8")
    said: list[str] = []
    study = read_study(tmp_path / "study.toml", Searching(echo=said.append))
    assert sum(" searched, " in line for line in said) == 2
    adata = study.assays["muscle_protein"]
    assert adata.n_vars > 20
    written = pd.read_csv(next((tmp_path / "raw_cache").rglob("proteins.tsv")), sep="\t", index_col="protein_group")
    assert set(written.index) == set(adata.var_names)
    expected = np.log2(written.loc[adata.var_names, adata.obs_names].T.to_numpy())
    np.testing.assert_allclose(adata.X, expected, rtol=1e-8)
    assert study.runs["n_with_mobility"].gt(0).all()
    said.clear()
    again = read_study(tmp_path / "study.toml", Searching(echo=said.append))
    np.testing.assert_array_equal(again.assays["muscle_protein"].X, adata.X)
    assert not any(" searched, " in line for line in said)
