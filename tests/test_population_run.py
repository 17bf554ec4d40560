"""Cells may be computed anywhere, in any order, in parts, and again after whatever happened: the tables are the same."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import organokine as ok
from organokine import cell_store, population_run, shards
from organokine.errors import OrganokineError, OutputError
from organokine.parallel import WorkerLostError
from organokine.population_run import PopulationResult, ShardDone, run_population, run_shard
from organokine.population_tables import POPULATION_TABLES
from organokine.study import Study
from tests.population_cells import dying_cell
from tests.population_study import edit, stand_in, write_small_population

N_CELLS = 12
"""Two ordered pairs of organs; at each the four steps in all individuals, and one in either sex."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return ok.read_study(write_small_population(tmp_path_factory.mktemp("population")))


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)


@pytest.fixture(scope="module")
def reference(study: Study, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Hashes of the tables that one process makes without interruption."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        stand_in(monkeypatch)
        out = tmp_path_factory.mktemp("reference") / "out"
        run_population(study, out)
    return hashes(out)


def hashes(out: Path) -> dict[str, str]:
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))["outputs"]


def cells_of(out: Path) -> list[Path]:
    return sorted((out / ".organokine" / cell_store.FOLDER).iterdir())


def reused(result: PopulationResult) -> int:
    return result.manifest["cells"]["reused"]


def test_what_a_run_leaves(study: Study, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    result = run_population(study, tmp_path / "out", progress=lambda stage, share: told.append((stage, share)))
    names = {f"{table.name}.parquet" for table in POPULATION_TABLES} | {"qc.parquet", "joins.parquet", "flags.parquet"}
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == names | {"report.html", "population.tsv", "manifest.json", ".organokine"}
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out" / f"{name}.parquet"), table)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["mode"] == "population"
    assert manifest["seed"] == study.file.study.seed
    assert len(manifest["cells"]["keys"]) == manifest["cells"]["n"] == N_CELLS
    assert {each["file"] for each in manifest["inputs"]} == {
        "samples.tsv",
        "muscle.tsv.gz",
        "fat.tsv.gz",
        "traits.tsv",
    }
    assert manifest["references"][0]["sha256"] != ""
    assert manifest["study"]["population"]["permutations"] == 999
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], told[-1]) == (0.0, ("done", 1.0))
    assert "left" in told[2][0]
    assert not (tmp_path / "out" / ".organokine" / "cohort").exists()


def test_without_a_folder_nothing_is_kept(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run_population(study)
    assert result.out is None
    assert list(tmp_path.iterdir()) == []
    with_folder = run_population(study, tmp_path / "out")
    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(table, with_folder.tables[name], check_exact=True)


def test_processes_give_the_same_bytes(study: Study, tmp_path: Path, reference: dict[str, str]) -> None:
    run_population(study, tmp_path / "out", workers=2)
    assert hashes(tmp_path / "out") == reference


def test_a_dask_cluster_gives_the_same_bytes(study: Study, tmp_path: Path, reference: dict[str, str]) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        run_population(study, tmp_path / "out", scheduler=cluster.scheduler_address)
    assert hashes(tmp_path / "out") == reference


def test_shards_at_once_and_a_merge_give_the_same_bytes(
    study: Study, tmp_path: Path, reference: dict[str, str]
) -> None:
    out = tmp_path / "out"
    start = threading.Barrier(4)

    def one(shard: str) -> ShardDone:
        start.wait()
        return run_shard(study, out, shard)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(one, ["1/3", "2/3", "3/3", "2/3"]))  # one of them twice
    assert [each.n_own for each in done] == [4, 4, 4, 4]
    assert {each.n_cells for each in done} == {N_CELLS}
    assert len(cells_of(out)) == N_CELLS
    assert not (out / "report.html").exists()
    result = run_population(study, out, merge=True)
    assert hashes(out) == reference
    assert reused(result) == N_CELLS


def test_a_shard_that_is_started_again_has_nothing_to_do(study: Study, tmp_path: Path, monkeypatch) -> None:
    assert run_shard(study, tmp_path / "out", "2/5") == ShardDone(3, 0, N_CELLS)
    before = {path: path.stat().st_mtime_ns for path in cells_of(tmp_path / "out")}
    monkeypatch.setattr(population_run, "save_cohort", None)  # not so much as the cohort is written
    assert run_shard(study, tmp_path / "out", "2/5") == ShardDone(3, 3, N_CELLS)
    assert {path: path.stat().st_mtime_ns for path in cells_of(tmp_path / "out")} == before


def test_more_shards_than_cells(study: Study, tmp_path: Path) -> None:
    assert run_shard(study, tmp_path / "out", "40/40") == ShardDone(0, 0, N_CELLS)


def test_what_shards_did_is_not_done_again_by_a_run(study: Study, tmp_path: Path, reference: dict[str, str]) -> None:
    run_shard(study, tmp_path / "out", "1/2")
    assert reused(run_population(study, tmp_path / "out")) == N_CELLS // 2
    assert hashes(tmp_path / "out") == reference
    assert reused(run_population(study, tmp_path / "out")) == N_CELLS
    assert reused(run_population(study, tmp_path / "out", fresh=True)) == 0
    assert hashes(tmp_path / "out") == reference


def test_a_merge_names_the_shards_that_are_missing(study: Study, tmp_path: Path) -> None:
    run_shard(study, tmp_path / "out", "2/4")
    with pytest.raises(OrganokineError) as caught:
        run_population(study, tmp_path / "out", merge=True)
    message = str(caught.value)
    assert "9 of 12 cells are missing: 'muscle_protein/fat_protein/all/none'" in message
    assert "they belong to shards 1/4, 3/4, 4/4" in message
    assert "another state" not in message
    assert not (tmp_path / "out" / "report.html").exists()


def test_a_merge_of_nothing(study: Study, tmp_path: Path) -> None:
    with pytest.raises(OrganokineError, match=r"12 of 12 cells are missing.*leave --merge out"):
        run_population(study, tmp_path / "out", merge=True)


def test_a_study_that_was_edited_between_shards_and_merge(tmp_path: Path) -> None:
    path = write_small_population(tmp_path / "study")
    for shard in ("1/2", "2/2"):
        run_shard(ok.read_study(path), tmp_path / "out", shard)
    edited = ok.read_study(edit(path, "permutations = 999", "permutations = 1000"))
    with pytest.raises(OrganokineError) as caught:
        run_population(edited, tmp_path / "out", merge=True)
    assert "12 of 12 cells are missing" in str(caught.value)
    assert "they belong to shards 1/2, 2/2. 12 cells are there of another state of the study" in str(caught.value)
    back = ok.read_study(edit(path, "permutations = 1000", "permutations = 999"))
    assert reused(run_population(back, tmp_path / "out", merge=True)) == N_CELLS


def test_a_finished_run_forgets_cells_of_earlier_states(tmp_path: Path) -> None:
    path, out = write_small_population(tmp_path / "study"), tmp_path / "out"
    run_population(ok.read_study(path), out)
    before = cells_of(out)
    torn = before[0].with_name("0123-torn.part")
    torn.touch()
    edited = ok.read_study(edit(path, "permutations = 999", "permutations = 1000"))
    run_shard(edited, out, "1/1")
    assert len(cells_of(out)) == 2 * N_CELLS + 1, "a shard removes nothing"
    run_population(edited, out, merge=True)
    assert len(cells_of(out)) == N_CELLS
    assert set(cells_of(out)).isdisjoint({*before, torn})
    assert reused(run_population(edited, out, merge=True)) == N_CELLS


def test_nothing_is_forgotten_while_a_shard_may_be_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = write_small_population(tmp_path / "study"), tmp_path / "out"
    first = ok.read_study(path)
    edited = ok.read_study(edit(path, "permutations = 999", "permutations = 1000"))

    def run_the_other(*_: object) -> None:
        with monkeypatch.context() as inner:
            inner.setattr(population_run, "compute_cell", cell_store.compute_cell)
            run_population(first, out)
        raise KeyboardInterrupt  # as if the shard was stopped

    run_shard(edited, out, "2/2")
    kept = set(cells_of(out))
    with monkeypatch.context() as stopped:
        stopped.setattr(population_run, "compute_cell", run_the_other)
        with pytest.raises(KeyboardInterrupt):
            run_shard(edited, out, "1/2")
    assert kept < set(cells_of(out)), "cells of the shards' state outlive a run of another that ends among them"
    run_population(first, out)
    assert kept.isdisjoint(cells_of(out))


def test_a_shard_that_was_killed_is_taken_for_one_at_work_until_it_has_ended(study: Study, tmp_path: Path) -> None:
    notes = tmp_path / ".organokine" / "shards"
    (notes / "at_work").mkdir(parents=True)
    (notes / "at_work" / "1_of_2").touch()  # a killed process removes nothing
    run_shard(study, tmp_path, "2/2")
    assert shards.is_any_at_work(notes)
    run_shard(study, tmp_path, "1/2")
    assert not shards.is_any_at_work(notes)
    (notes / "at_work" / "1_of_9").touch()
    run_population(study, tmp_path, fresh=True)
    assert not shards.is_any_at_work(notes)


@pytest.mark.parametrize("shard", ["3/2", "a/b", "0/4", "1", "", "1/0", "-1/3", "1/2/3", "1.0/2"])
def test_a_shard_that_is_none(study: Study, tmp_path: Path, shard: str) -> None:
    with pytest.raises(OrganokineError, match="3/8"):
        run_shard(study, tmp_path / "out", shard)
    assert not (tmp_path / "out").exists()


def test_a_worker_that_is_killed_takes_nothing_along(
    study: Study, tmp_path: Path, reference: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr(population_run, "run_cell", partial(dying_cell, str(tmp_path / "killed"), "15"))
    with pytest.raises(WorkerLostError, match="fewer --workers, or on a machine with more memory") as caught:
        run_population(study, out, workers=2)
    assert len(caught.value.problems) == 1
    assert (tmp_path / "killed").exists()
    assert not (out / "report.html").exists()
    n_kept = len([path for path in cells_of(out) if path.suffix == ".zip"])
    assert 0 < n_kept < N_CELLS
    assert reused(run_population(study, out)) == n_kept
    assert hashes(out) == reference


def test_a_damaged_cell_is_computed_again(study: Study, tmp_path: Path, reference: dict[str, str]) -> None:
    out = tmp_path / "out"
    run_population(study, out)
    spoilt = cells_of(out)[3]
    whole = spoilt.read_bytes()
    spoilt.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(OrganokineError, match="1 of 12 cells are missing"):
        run_population(study, out, merge=True)
    assert reused(run_population(study, out)) == N_CELLS - 1
    assert spoilt.read_bytes() == whole
    assert hashes(out) == reference


def test_the_folder_of_a_run_is_not_taken(study: Study, tmp_path: Path) -> None:
    hidden = tmp_path / "out" / ".organokine"
    hidden.mkdir(parents=True)
    (hidden / "study.json").write_text(json.dumps({"name": study.file.study.name}), encoding="utf-8")
    for start in (run_population, partial(run_shard, shard="1/2")):
        with pytest.raises(OutputError, match="another study"):
            start(study, tmp_path / "out")


def test_a_folder_with_other_files_is_not_taken(study: Study, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(OutputError, match=r"thesis\.docx"):
        run_shard(study, tmp_path, "1/2")


@pytest.mark.parametrize(("out", "options"), [(None, {"merge": True}), ("out", {"merge": True, "fresh": True})])
def test_options_that_contradict_each_other(study: Study, tmp_path: Path, out: str | None, options) -> None:
    with pytest.raises(OrganokineError, match="merge"):
        run_population(study, None if out is None else tmp_path / out, **options)


def test_a_study_without_the_section(tmp_path: Path) -> None:
    path = write_small_population(tmp_path)
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[population]"), text.index("[[assay]]")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(OrganokineError, match=r"\[population\] is absent"):
        run_population(ok.read_study(path))
