"""A simulated study, searched once on this machine for all tests of this folder, which only read it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock

from organokine.raw.settings import SearchSettings
from organokine.raw_job import RawJob, RawOutput
from organokine.raw_run import run_raw
from organokine.simulate.raw_study import simulate_raw


class Searched(NamedTuple):
    """A simulated study of four runs in two groups, its finished searches, and its results."""

    study: Path
    cache: Path
    out: Path


@pytest.fixture(scope="session")
def sagepy() -> None:
    if importlib.util.find_spec("sagepy") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("sagepy is not installed, and CI may not skip the search")
        pytest.skip("sagepy is not installed")


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first of the test processes makes, and all of them read."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER") is not None:
        shared = shared.parent
    folder = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not folder.exists():
            aside = shared / f"{name}.part"
            shutil.rmtree(aside, ignore_errors=True)
            make(aside)
            aside.rename(folder)
    return folder


def search(study: Path, out: Path, cache: Path, sheet: str = "samples.tsv", **options: object) -> RawOutput:
    told = options.pop("echo", lambda _: None)
    job = RawJob(study / sheet, study / "proteome.fasta", out, cache=cache, **{"species": "mouse", **options})
    return run_raw(job, told)


@pytest.fixture(scope="session")
def searched(sagepy: None, tmp_path_factory: pytest.TempPathFactory) -> Searched:
    def make(folder: Path) -> None:
        simulate_raw(folder / "study", seed=1)
        search(folder / "study", folder / "out", folder / "cache", settings=SearchSettings())

    folder = once(tmp_path_factory, "raw_searched", make)
    return Searched(folder / "study", folder / "cache", folder / "out")


def some_runs(study: Path, runs: list[str], sheet: Path) -> Path:
    """A sheet of some runs of a study."""
    sheet.write_text("path\tsample\n" + "".join(f"{study / run}.d\t{run}\n" for run in runs), encoding="utf-8")
    return sheet
