"""Raw runs to proteins: what was planted is found, what is absent is not, again and again the same."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine import cli
from organokine.errors import DataError, OutputError
from organokine.raw.settings import SearchSettings
from organokine.raw_job import RawJob
from organokine.raw_run import run_raw
from organokine.readers.assay import read_assay
from organokine.study_file import AssaySection
from tests.raw.conftest import Searched, search, some_runs

TABLES = ("proteins.tsv", "precursors.tsv", "precursors.parquet", "runs.tsv", "samples.tsv", "qc.json", "report.html")
SAMPLES = ["young_1", "young_2", "aged_1", "aged_2"]
TWO = ["young_1", "aged_1"]


@pytest.fixture(scope="module")
def proteins(searched: Searched) -> pd.DataFrame:
    return pd.read_csv(searched.out / "proteins.tsv", sep="\t")


@pytest.fixture(scope="module")
def precursors(searched: Searched) -> pd.DataFrame:
    return pd.read_parquet(searched.out / "precursors.parquet")


@pytest.fixture(scope="module")
def truth(searched: Searched) -> pd.DataFrame:
    return pd.read_csv(searched.study / "truth.tsv", sep="\t", index_col="protein")


def quality(folder: Path) -> dict[str, object]:
    return json.loads((folder / "qc.json").read_text("utf-8"))


def test_nine_in_ten_of_the_proteins_that_are_there_are_found(proteins, truth):
    there = truth.index[truth["in_sample"] & truth["in_fasta"]]
    assert len(set(proteins["protein"]) & set(there)) >= 0.9 * len(there)


def test_what_no_sample_has_is_found_no_more_often_than_the_error_rate_allows(searched, precursors, truth):
    absent = set(truth.index[~truth["in_sample"]])
    found = precursors.drop_duplicates("sequence")
    n_false = int(found["protein_group"].isin(absent).sum())
    accepted = quality(searched.out)["false_discovery"]["peptides"]["n_accepted"]
    # only peptides of reported groups are in the table, most false ones are not; test_joint looks at all that are accepted
    assert n_false <= stats.binom.ppf(0.999, accepted, 0.01)


def test_planted_changes_come_back(proteins, truth):
    # samples are loaded differently, and [prepare] takes that out later
    logs = np.log2(proteins.set_index("protein")[SAMPLES])
    logs -= logs.median()
    change = logs[["aged_1", "aged_2"]].mean(axis="columns") - logs[["young_1", "young_2"]].mean(axis="columns")
    error = (change - truth["log2fc_aged"].reindex(change.index)).dropna()
    assert len(error) >= 80
    assert error.abs().median() <= 0.15
    planted = truth["log2fc_aged"].reindex(error.index)
    for size in planted.unique():
        assert abs(change[error.index][planted == size].median() - size) <= 0.3


def test_mobilities_are_exact_and_not_those_of_a_straight_line(searched, precursors):
    ions = pd.read_csv(searched.study / "truth_ions.tsv", sep="\t").drop_duplicates(["peptide", "charge"])
    plain = precursors[(precursors["sequence"] == precursors["peptide"]) & precursors["identified"]]
    both = plain.merge(ions, on=["peptide", "charge"], suffixes=("", "_true"))
    error = 100 * (both["one_over_k0"] / both["one_over_k0_true"] - 1)
    assert len(both) > 3000
    assert both["one_over_k0"].notna().all()
    assert error.abs().median() < 0.2  # runs drift by .1 %, as was planted; a straight line is off by 2 %


def test_two_unique_peptides_make_a_protein(precursors):
    unique = precursors[precursors["unique"]].groupby("protein_group")["peptide"].nunique()
    assert set(unique.index) == set(precursors["protein_group"])
    assert unique.min() >= 2


def test_the_table_of_precursors_gives_the_same_proteins_through_the_reader(searched, proteins):
    assay = AssaySection(name="muscle", organ="muscle", modality="protein", file="precursors.parquet")
    matrix = read_assay(searched.out, assay, "mouse", SAMPLES)
    assert matrix.reader == "raw_precursors"
    ours = proteins.set_index("protein_group")
    assert set(matrix.values.index) == set(ours.index)
    theirs = matrix.values.loc[ours.index, SAMPLES].to_numpy()
    assert np.allclose(theirs, np.log2(ours[SAMPLES].to_numpy()), rtol=1e-9, equal_nan=True)
    assert (matrix.features.loc[ours.index, "precursors"] == ours["precursors"]).all()


def test_every_run_is_described(searched):
    runs = pd.read_csv(searched.out / "runs.tsv", sep="\t")
    assert runs["sample"].tolist() == SAMPLES
    assert (runs["state"] == "searched").all()
    assert (runs["matched"] > 1000).all()
    assert (runs["quantified"] >= runs["transferred"]).all()
    assert (runs["mass_spread"] < 5).all()
    said = quality(searched.out)
    assert said["simulated"] is True
    mobility = said["mobility"]["peptides"]
    assert mobility["both"] > 0.95 * mobility["with"] > 1000
    assert said["warnings"] == []


def test_provenance_names_inputs_engine_and_settings(searched):
    said = json.loads((searched.out / "provenance.json").read_text("utf-8"))
    assert said["engine"]["name"] == "Sage"
    assert [each["file"] for each in said["inputs"]] == ["samples.tsv", "proteome.fasta"]
    assert set(said["searches"]) == set(SAMPLES)
    assert said["settings"]["least_unique"] == 2
    assert "10.1021/acs.jproteome.3c00486" in [each["doi"] for each in said["citations"]]
    assert str(searched.study) not in (searched.out / "provenance.json").read_text("utf-8")


def test_the_same_again_is_the_same_to_the_byte_on_any_number_of_threads(searched, tmp_path):
    key = json.loads((searched.out / "provenance.json").read_text("utf-8"))["searches"]["aged_1"]
    cache = tmp_path / "cache"
    shutil.copytree(searched.cache, cache)
    (cache / f"{key}.zip").unlink()
    said: list[str] = []
    search(searched.study, tmp_path / "out", cache, workers=2, echo=said.append)
    assert [line for line in said if "searched," in line] == ["3 of 4: aged_1 searched, 3,591 spectra"]
    for name in TABLES[:-1]:
        assert (tmp_path / "out" / name).read_bytes() == (searched.out / name).read_bytes(), name


def test_another_group_in_the_sheet_is_not_taken_for_nothing_changed(searched, tmp_path):
    sheet = some_runs(searched.study, ["young_1"], tmp_path / "samples.tsv")
    settings = SearchSettings(compare_mobility=False)
    job = RawJob(sheet, searched.study / "proteome.fasta", tmp_path / "out", settings, cache=searched.cache)
    run_raw(job, lambda _: None)
    header, row = sheet.read_text("utf-8").splitlines()
    sheet.write_text(f"{header}\tgroup\n{row}\told\n", encoding="utf-8")
    assert run_raw(job, lambda _: None).reused is False
    assert "old" in (tmp_path / "out" / "samples.tsv").read_text("utf-8")


def test_the_order_of_the_sheet_hardly_changes_a_number(searched, tmp_path):
    found = []
    for place, runs in enumerate((TWO, TWO[::-1])):
        sheet = some_runs(searched.study, runs, tmp_path / f"{place}.tsv")
        settings = SearchSettings(compare_mobility=False)
        job = RawJob(sheet, searched.study / "proteome.fasta", tmp_path / str(place), settings, cache=searched.cache)
        run_raw(job, lambda _: None)
        found.append(pd.read_csv(tmp_path / str(place) / "proteins.tsv", sep="\t", index_col="protein_group")[TWO])
    pd.testing.assert_frame_equal(*found, rtol=0.1)


def test_a_run_of_nothing_new_leaves_everything_as_it_is(searched, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(searched.out, out)
    before = {name: (out / name).stat().st_mtime_ns for name in TABLES}
    said: list[str] = []
    assert search(searched.study, out, searched.cache, echo=said.append).reused
    assert {name: (out / name).stat().st_mtime_ns for name in TABLES} == before
    assert said[-1].startswith("nothing changed")


def test_a_killed_run_goes_on_where_it_was(searched, tmp_path):
    sheet = some_runs(searched.study, TWO, tmp_path / "two.tsv")
    words = ["raw", "run", "--samples", str(sheet), "--fasta", str(searched.study / "proteome.fasta")]
    killed = subprocess.Popen([sys.executable, "-m", "organokine", *words, "--out", str(tmp_path / "out")])
    searches = tmp_path / "out" / ".organokine" / "searches"
    while not searches.is_dir() or len(list(searches.glob("*.zip"))) == 0:
        assert killed.poll() is None
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (tmp_path / "out" / "proteins.tsv").exists()
    said: list[str] = []
    job = RawJob(sheet, searched.study / "proteome.fasta", tmp_path / "out")
    run_raw(job, said.append)
    assert said[0].startswith("1 of 2: young_1 searched earlier")
    whole = RawJob(sheet, searched.study / "proteome.fasta", tmp_path / "whole", cache=searched.cache)
    run_raw(whole, said.append)
    for name in TABLES[:-1]:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


@pytest.fixture(scope="module")
def with_bad(searched: Searched, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sound runs, one that was cut short, one without a table, and two with a frame that is spoilt, as a whole or behind its header."""
    folder = tmp_path_factory.mktemp("bad")
    for name in ("cut", "lame"):
        shutil.copytree(searched.study / "aged_2.d", folder / f"{name}.d")
    frames = folder / "cut.d" / "analysis.tdf_bin"
    os.truncate(frames, frames.stat().st_size // 2)
    _without_table(folder / "lame.d", "Precursors")
    for name, kind, kept in (("spoilt", 8, 0), ("torn", 0, 64)):
        shutil.copytree(searched.study / "aged_2.d", folder / f"{name}.d")
        _with_an_empty_block(folder / f"{name}.d", kind, kept)
    sheet = some_runs(searched.study, TWO, folder / "samples.tsv")
    with sheet.open("a", encoding="utf-8") as file:
        file.write("cut.d\tcut\nlame.d\tlame\nspoilt.d\tspoilt\ntorn.d\ttorn\n")
    return sheet


def _without_table(folder: Path, table: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "analysis.tdf")) as database:
        database.execute(f"drop table {table}")
        database.commit()


def _with_an_empty_block(folder: Path, kind: int, kept: int) -> None:
    """Write zeros over the packed part of a frame, its first bytes left as they are."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "analysis.tdf")) as database:
        middle = "select TimsId from Frames where MsMsType = ? and NumPeaks > 100 order by abs(Id - 450) limit 1"
        offset = database.execute(middle, (kind,)).fetchone()[0]
        # another run than the one it was copied from, whose search is finished: the middle of the frames is in no hash
        database.execute("update GlobalMetadata set Value = ? where Key = 'Description'", (folder.name,))
        database.commit()
    with (folder / "analysis.tdf_bin").open("r+b") as file:
        file.seek(offset)
        length = int.from_bytes(file.read(4), "little")
        file.seek(offset + 8 + kept)
        file.write(bytes(length - 8 - kept))


def test_bad_files_are_told_and_the_others_go_on(searched, with_bad, tmp_path):
    job = RawJob(with_bad, searched.study / "proteome.fasta", tmp_path / "out", cache=searched.cache)
    left = run_raw(job, lambda _: None)
    runs = pd.read_csv(tmp_path / "out" / "runs.tsv", sep="\t", index_col="sample")
    assert runs["state"].to_dict() == dict.fromkeys(TWO, "searched") | dict.fromkeys(
        ("cut", "lame", "spoilt", "torn"), "failed"
    )
    told = "\n".join(left.warnings)
    assert "truncated" in told
    assert "Precursors is absent" in told
    assert "the blocks of 1 of 900 frames" in told
    assert "1 of 900 frames cannot be unpacked" in told  # its header is whole
    assert left.n_proteins > 50
    columns = pd.read_csv(tmp_path / "out" / "proteins.tsv", sep="\t").columns
    assert columns[-2:].tolist() == TWO


def test_a_run_without_any_match_does_not_stop_the_others_even_as_the_last(searched, tmp_path):
    blank = shutil.copytree(searched.study / "aged_2.d", tmp_path / "blank.d")
    _with_two_precursors_of_nothing(blank)
    sheet = some_runs(searched.study, TWO, tmp_path / "samples.tsv")
    with sheet.open("a", encoding="utf-8") as file:
        file.write("blank.d\tblank\n")
    settings = SearchSettings(compare_mobility=False)
    job = RawJob(sheet, searched.study / "proteome.fasta", tmp_path / "out", settings, cache=searched.cache)
    left = run_raw(job, lambda _: None)
    assert any("blank" in said and "0 matched spectra" in said for said in left.warnings)
    proteins = pd.read_csv(tmp_path / "out" / "proteins.tsv", sep="\t")
    assert proteins.columns[-3:].tolist() == [*TWO, "blank"]
    assert proteins[TWO].notna().mean().min() > 0.9
    assert proteins["blank"].notna().mean() < 0.1


def _with_two_precursors_of_nothing(folder: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "analysis.tdf")) as database:
        database.execute("delete from Precursors where Id > 2")
        database.execute("delete from PasefFrameMsMsInfo where Precursor > 2")
        database.execute("update Precursors set MonoisotopicMz = 400.9, LargestPeakMz = 400.9")
        database.commit()


def test_a_copy_of_a_run_is_no_second_animal(searched, tmp_path):
    shutil.copytree(searched.study / "young_1.d", tmp_path / "copy.d")
    sheet = some_runs(searched.study, ["young_1"], tmp_path / "samples.tsv")
    with sheet.open("a", encoding="utf-8") as file:
        file.write("copy.d\tother\n")
    job = RawJob(sheet, searched.study / "proteome.fasta", tmp_path / "out", cache=searched.cache)
    with pytest.raises(DataError, match="young_1 and other"):
        run_raw(job, lambda _: None)


def test_fail_fast_stops_at_the_first_bad_file(searched, with_bad, tmp_path):
    job = RawJob(with_bad, searched.study / "proteome.fasta", tmp_path / "out", cache=searched.cache, fail_fast=True)
    with pytest.raises(DataError, match="truncated"):
        run_raw(job, lambda _: None)
    assert not (tmp_path / "out" / "proteins.tsv").exists()


def test_too_few_decoys_are_told_loudly(searched, tmp_path, capsys):
    lines = (searched.study / "proteome.fasta").read_text("utf-8").split(">")
    (tmp_path / "tiny.fasta").write_text(">" + ">".join(lines[1:13]), encoding="utf-8")
    sheet = some_runs(searched.study, ["young_1"], tmp_path / "one.tsv")
    words = [
        "raw",
        "run",
        "--samples",
        str(sheet),
        "--fasta",
        str(tmp_path / "tiny.fasta"),
        "--out",
        str(tmp_path / "out"),
    ]
    ended = cli.status(words)
    said = capsys.readouterr().err
    assert "WARNING: false discovery rate" in said
    assert "decoys" in said
    assert quality(tmp_path / "out")["false_discovery"]["peptides"]["enough"] is False
    assert "too few" in (tmp_path / "out" / "report.html").read_text("utf-8")
    proteins = pd.read_csv(tmp_path / "out" / "proteins.tsv", sep="\t")
    assert ended == int(len(proteins) == 0)


def test_searches_of_single_jobs_are_combined(searched, tmp_path, capsys):
    sheet = some_runs(searched.study, TWO, tmp_path / "two.tsv")
    cache = tmp_path / "cache"
    fasta = ["--fasta", str(searched.study / "proteome.fasta"), "--cache", str(cache)]
    combine = ["raw", "combine", "--samples", str(sheet), *fasta, "--out", str(tmp_path / "out")]
    assert cli.status(combine) == 1
    assert "2 of 2 runs are not searched" in capsys.readouterr().err
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(searched.cache, cache)
    for run in TWO:
        assert cli.status(["raw", "search", str(searched.study / f"{run}.d"), *fasta]) == 0
    assert "young_1.d searched earlier" in capsys.readouterr().out
    assert cli.status(combine) == 0
    assert (tmp_path / "out" / "report.html").exists()


def test_without_matches_between_runs_a_quantity_needs_a_spectrum(searched, tmp_path):
    settings = SearchSettings(match_between_runs=False, compare_mobility=False)
    job = RawJob(
        some_runs(searched.study, TWO, tmp_path / "two.tsv"),
        searched.study / "proteome.fasta",
        tmp_path / "out",
        settings,
        cache=searched.cache,
    )
    run_raw(job, lambda _: None)
    table = pd.read_parquet(tmp_path / "out" / "precursors.parquet")
    assert table.loc[table["quantity"].notna(), "identified"].all()
    assert quality(tmp_path / "out")["mobility"] is None


def test_a_folder_with_other_files_is_not_touched(searched, tmp_path):
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="other files"):
        search(searched.study, tmp_path, searched.cache)
    assert [item.name for item in tmp_path.iterdir()] == ["mine.txt"]
