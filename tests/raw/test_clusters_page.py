"""What docs/clusters.md says of raw runs works as it stands there: array job, Snakemake rules, and the commands alone."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from organokine import cli
from organokine.simulate.raw_study import simulate_raw

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "clusters.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"organokine (raw [^\n]*)")
SAYS_ITS_WORDS = "organokine() { printf '%s\\n' \"$@\"; }\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of a few proteins, under the names of the page."""
    folder = tmp_path_factory.mktemp("raw")
    study = simulate_raw(folder, n_proteins=24, replicates=1, gradient=10.0, seed=1)
    study.fasta.rename(folder / "mouse.fasta")
    return folder


@pytest.fixture
def study(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "study"
    shutil.copytree(template, here)
    monkeypatch.chdir(here)
    return here


def array_job(number: int) -> list[str]:
    """The words of `organokine` in the array job, as bash sees them."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    script = next(block for block in blocks if "raw search" in block)
    given = os.environ | {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_CPUS_PER_TASK": "1"}
    done = subprocess.run(
        ["bash", "-euc", SAYS_ITS_WORDS + script], check=True, capture_output=True, text=True, env=given
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def commands(kind: str) -> list[list[str]]:
    """The commands of the page that join, or search one file, with the variables of Snakemake filled in."""
    filled = {"{input}": "aged_1.d", "{threads}": "1", "runs/A1.d": "young_1.d", '"': ""}
    found = []
    for command in COMMAND.findall(PAGE):
        for sign, value in filled.items():
            command = command.replace(sign, value)  # noqa: PLW2901
        if command.startswith(f"raw {kind} ") and "$" not in command and "`" not in command:
            found.append(shlex.split(command))
    return found


def test_the_array_job_and_the_rules_give_tables(sagepy: None, study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    join = commands("combine")
    assert [len(commands("search")), len(join)] == [2, 3]
    threads = [" ".join(command).partition(" --workers ")[2] for command in join]
    assert threads == ["", "4", "1"]
    assert len({" ".join(command).partition(" --workers ")[0] for command in join}) == 1
    first = array_job(1)
    assert first == [*commands("search")[0], "--workers", "1"]
    assert cli.status(first) == 0
    assert cli.status(join[0]) == 1
    assert "1 of 2 runs are not searched" in capsys.readouterr().err
    assert cli.status(array_job(2)) == 0
    assert array_job(2) == commands("search")[1]
    # Snakemake makes the folder of its output before it starts
    (study / "OUT").mkdir(exist_ok=True)
    n_before = len(list((study / "searches").iterdir()))
    status = cli.status(join[0])
    captured = capsys.readouterr()
    assert status == int("0 protein groups" in captured.out), captured.err
    assert len(list((study / "searches").iterdir())) == n_before == 2
    assert len((study / "OUT" / "runs.tsv").read_text(encoding="utf-8").splitlines()) == 3


def test_the_command_for_dask_has_the_options_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    asked = commands("run")
    assert [command[-2] for command in asked] == ["--scheduler"]
    assert cli.status(["raw", "run", "--help"]) == 0
    shown = capsys.readouterr().out
    assert [word for word in asked[0] if word.startswith("--") and word not in shown] == []


def test_a_dask_cluster_gives_the_same_tables(sagepy: None, study: Path) -> None:
    distributed = pytest.importorskip("distributed")
    words = ["raw", "run", "--samples", "samples.tsv", "--fasta", "mouse.fasta", "--out"]
    here = cli.status([*words, "here"])
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        assert cli.status([*words, "there", "--scheduler", cluster.scheduler_address]) == here
    for name in ("proteins.tsv", "precursors.tsv", "runs.tsv", "qc.json"):
        assert (study / "there" / name).read_bytes() == (study / "here" / name).read_bytes(), name
