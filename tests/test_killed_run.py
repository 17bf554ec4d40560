from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pandas as pd
import pytest

import organokine as ok
from organokine import tables
from organokine.pipeline import STAGES
from tests.small_study import write_small_study


def ready_processes() -> multiprocessing.context.BaseContext:
    """Processes forked from one that has imported the package, which takes longer than the stages; new ones on Windows."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["organokine.pipeline", "scipy.stats", "plotly.graph_objects"])
    return forking


def read_and_run(study: Path, out: Path) -> None:
    ok.run(ok.read_study(study), out)


@pytest.mark.slow
def test_a_run_killed_after_any_stage_leaves_nothing_half_written_and_resumes(tmp_path: Path) -> None:
    study, out = write_small_study(tmp_path / "study"), tmp_path / "out"
    starting = ready_processes()
    for stage in STAGES:
        note = out / ".organokine" / "stages" / stage.name / "done.json"
        process = starting.Process(target=read_and_run, args=(study, out))
        process.start()
        while not note.exists() and process.is_alive():
            time.sleep(0.001)
        process.kill()
        process.join()
        assert process.exitcode != 0, "it was killed before its end"
        assert sorted_results(out) == [], "all or nothing"
    resumed = ok.run(ok.read_study(study), out)
    assert all(stage["resumed"] for stage in resumed.manifest["stages"])
    undisturbed = ok.run(ok.read_study(study), tmp_path / "other")
    for table in tables.TABLES:
        pd.testing.assert_frame_equal(getattr(resumed, table.name), getattr(undisturbed, table.name), check_exact=True)
    assert sorted_results(out) == sorted_results(tmp_path / "other")


def sorted_results(out: Path) -> list[str]:
    return sorted(item.name for item in out.iterdir() if item.name != ".organokine")
