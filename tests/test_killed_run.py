from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import organokine as ok
from organokine import tables
from organokine.pipeline import STAGES
from tests.small_study import write_small_study

RUN = "import sys, organokine as ok; ok.run(ok.read_study(sys.argv[1]), sys.argv[2])"


@pytest.mark.slow
def test_a_run_killed_after_any_stage_leaves_nothing_half_written_and_resumes(tmp_path: Path) -> None:
    study, out = write_small_study(tmp_path / "study"), tmp_path / "out"
    for stage in STAGES:
        note = out / ".organokine" / "stages" / stage.name / "done.json"
        with subprocess.Popen([sys.executable, "-c", RUN, str(study), str(out)]) as process:
            while not note.exists() and process.poll() is None:
                time.sleep(0.001)
            process.kill()
        assert process.returncode != 0, "it was killed before its end"
        assert sorted_results(out) == [], "all or nothing"
    resumed = ok.run(ok.read_study(study), out)
    assert all(stage["resumed"] for stage in resumed.manifest["stages"])
    undisturbed = ok.run(ok.read_study(study), tmp_path / "other")
    for table in tables.TABLES:
        pd.testing.assert_frame_equal(getattr(resumed, table.name), getattr(undisturbed, table.name), check_exact=True)
    assert sorted_results(out) == sorted_results(tmp_path / "other")


def sorted_results(out: Path) -> list[str]:
    return sorted(item.name for item in out.iterdir() if item.name != ".organokine")
