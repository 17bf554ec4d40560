"""Engines of straw: what is run, when it is run again, and what is said when it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from organokine.errors import DataError, OrganokineError, OutputError
from organokine.raw.engines import EngineJob, EngineRun, engine_of, read_engine_report, run_engine
from tests.raw.engines.stub import TWINS, calls_of, recorded_alphadia_2, recorded_diann_2, write_job, write_stub

DIANN = engine_of("diann")
SAMPLES = ["mouse 1", "mouse 2", "mouse 3", "mouse 4"]


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    says = "DIA-NN 1.8.1 (made of straw)"
    return write_stub(tmp_path / "bin", "diann", TWINS / "diann_1.8_report.tsv", "report.tsv", says=says)


@pytest.fixture
def job(tmp_path: Path) -> EngineJob:
    return write_job(tmp_path / "Mäuse & Läufe")


def run(stub: Path, job: EngineJob) -> EngineRun:
    return run_engine(DIANN, stub, job, [].append)


def test_every_command_is_told_run_and_kept(stub: Path, job: EngineJob) -> None:
    told: list[str] = []
    done = run_engine(DIANN, stub, job, told.append)
    assert (done.engine, done.version, done.reused, done.report) == ("diann", "1.8.1", False, job.out / "report.tsv")
    assert tuple(told) == done.commands
    assert [[str(stub), *words] for words in calls_of(stub)] == DIANN.commands(stub, job)
    log = done.log.read_text("utf-8").splitlines()
    assert log == [
        line for command in told for line in (f"$ {command}", "DIA-NN 1.8.1 (made of straw)", "on the other stream")
    ]
    assert (job.out / "quant").is_dir()  # DIA-NN does not make its folder


def test_the_commands_told_are_those_of_a_shell(stub: Path, job: EngineJob) -> None:
    done = run(stub, job)
    first = calls_of(stub)
    for command in done.commands:
        subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)
    assert calls_of(stub) == [*first, *first]


def test_what_is_done_is_not_done_again(stub: Path, job: EngineJob) -> None:
    first = run(stub, job)
    told: list[str] = []
    again = run_engine(DIANN, stub, replace(job, threads=1), told.append)
    assert (again.reused, again.version, again.report) == (True, first.version, first.report)
    assert len(calls_of(stub)) == 2
    assert "nothing is run" in told[0]


@pytest.mark.parametrize("what", ["deleted", "changed"])
def test_a_report_that_is_gone_or_other_is_made_again_with_the_library_that_is_there(
    stub: Path, job: EngineJob, what: str
) -> None:
    report = run(stub, job).report
    right = report.read_bytes()
    (job.out / "quant" / "kept").touch()
    report.unlink() if what == "deleted" else report.write_text("other")
    assert not run(stub, job).reused
    assert report.read_bytes() == right
    assert len(calls_of(stub)) == 3
    assert (job.out / "quant" / "kept").exists()


@pytest.mark.parametrize("what", ["fasta", "tables", "ions", "settings", "program", "note"])
def test_another_job_is_run_whole_and_keeps_nothing_of_the_first(stub: Path, job: EngineJob, what: str) -> None:
    run(stub, job)
    (job.out / "quant" / "of the first").touch()
    if what == "fasta":
        job.fasta.write_text(">B\nMK\n")
    elif what == "tables":
        (job.folders[0] / "analysis.tdf").write_text("other")
    elif what == "ions":
        (job.folders[0] / "analysis.tdf_bin").write_bytes(b"more ions")
    elif what == "settings":
        job = replace(job, settings=job.settings.model_copy(update={"missed_cleavages": 2}))
    elif what == "program":
        os.utime(stub, ns=(1, 1))
    else:
        (job.out / "job.json").write_text("{")
    assert not run(stub, job).reused
    assert len(calls_of(stub)) == 4
    assert not (job.out / "quant" / "of the first").exists()
    assert run(stub, job).reused


def test_a_run_that_was_cut_short_goes_on(tmp_path: Path, job: EngineJob) -> None:
    acts = "if searches and not (me / 'mended').exists():\n    (folder / 'quant' / 'm1').touch()\n    sys.exit(3)"
    stub = write_stub(tmp_path / "bin", "diann", TWINS / "diann_1.8_report.tsv", "report.tsv", acts=acts)
    with pytest.raises(OrganokineError, match="exit status 3"):
        run(stub, job)
    (stub.parent / "mended").touch()
    assert not run(stub, job).reused
    assert ["--fasta-search" in words for words in calls_of(stub)] == [True, False, False]
    assert (job.out / "quant" / "m1").exists()


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        ("print('no memory for ions'); sys.exit(7)", "ended with exit status 7"),
        ("sys.exit(139)", "ended with exit status 139, as after signal SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by signal SIGKILL, which is what happens when memory"),
    ],
)
def test_a_failure_is_told_with_command_and_last_words(tmp_path: Path, job: EngineJob, acts: str, said: str) -> None:
    stub = write_stub(tmp_path / "bin", "diann", TWINS / "diann_1.8_report.tsv", "report.tsv", acts=acts)
    told: list[str] = []
    with pytest.raises(OrganokineError) as caught:
        run_engine(DIANN, stub, job, told.append)
    message = str(caught.value)
    assert message.startswith(f"{job.out / 'engine.log'}: DIA-NN {said}")
    assert f"The command was: {told[0]}\n" in message
    assert ("no memory for ions" if "ions" in acts else "on the other stream") in message
    assert len(told) == 1


@pytest.mark.parametrize("gone", ["library", "report"])
def test_no_file_without_an_error_is_an_error(tmp_path: Path, job: EngineJob, gone: str) -> None:
    acts = "" if gone == "report" else "sys.exit(0)"
    stub = write_stub(tmp_path / "bin", "diann", TWINS / "diann_1.8_report.tsv", "", acts=acts)
    names = "library.predicted.speclib" if gone == "library" else "report.parquet or report.tsv"
    with pytest.raises(OrganokineError, match=f"without an error and without {names}"):
        run(stub, job)
    assert not (job.out / "report.tsv").exists()


def test_an_earlier_report_is_not_taken_for_that_of_a_failed_run(tmp_path: Path, job: EngineJob) -> None:
    acts = "if (me / 'broken').exists():\n    sys.exit(0)"
    stub = write_stub(tmp_path / "bin", "diann", TWINS / "diann_1.8_report.tsv", "report.tsv", acts=acts)
    run(stub, job).report.write_text("changed since")
    (stub.parent / "broken").touch()
    with pytest.raises(OrganokineError, match="without an error and without"):
        run(stub, job)
    assert not (job.out / "report.tsv").exists()


def test_results_of_single_runs_go_with_the_library_they_were_found_with(stub: Path, job: EngineJob) -> None:
    run(stub, job).report.unlink()
    (job.out / "library.predicted.speclib").unlink()
    (job.out / "quant" / "of the old library").touch()
    assert not run(stub, job).reused
    assert len(calls_of(stub)) == 4
    assert not (job.out / "quant" / "of the old library").exists()


def test_files_that_were_not_made_here_are_not_overwritten(stub: Path, job: EngineJob) -> None:
    job.out.mkdir()
    (job.out / "report.tsv").write_text("precious")
    with pytest.raises(OutputError, match=r"holds 'report\.tsv'.*format = \"diann\""):
        run(stub, job)
    assert (job.out / "report.tsv").read_text() == "precious"
    assert calls_of(stub) == []


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path, job: EngineJob) -> None:
    program = tmp_path / "diann"
    program.write_bytes(b"MZ of another system")
    program.chmod(0o755)
    with pytest.raises(OrganokineError, match=r"DIA-NN cannot be started: .*built for this machine"):
        run(program, job)


def test_an_impossible_job_runs_nothing(stub: Path, job: EngineJob) -> None:
    with pytest.raises(DataError):
        run(stub, replace(job, fasta=Path("no.fasta")))
    assert calls_of(stub) == []
    assert not job.out.exists()


def test_the_engine_and_its_children_end_when_the_program_is_interrupted(
    tmp_path: Path, job: EngineJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    acts = """import subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
(me / "part").write_text(str(child.pid))
(me / "part").rename(me / "child")
signal.pause()"""
    stub = write_stub(tmp_path / "bin", "diann", TWINS / "diann_1.8_report.tsv", "report.tsv", acts=acts)
    child = stub.parent / "child"

    class Interrupted(subprocess.Popen):
        def wait(self, timeout: float | None = None) -> int:
            if self not in started:
                started.append(self)
                assert eventually(child.exists)
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(stub, job)
    assert [process.returncode for process in started] == [-signal.SIGTERM]
    assert eventually(lambda: not is_running(child.read_text("utf-8")))
    assert json.loads((job.out / "job.json").read_text("utf-8"))["done"] == []


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds within half a minute, asked again and again."""
    for _ in range(1500):
        if holds():
            return True
        time.sleep(0.02)
    return False


def is_running(pid: str) -> bool:
    """Whether a process is there and not dead; nobody may have asked for the end of a dead one."""
    try:
        state = (Path("/proc") / pid / "stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def with_report(tmp_path: Path, name: str, recorded: Path, leaves: str, **settings: object):
    engine = engine_of(name)
    stub = write_stub(tmp_path / "bin", name, recorded, leaves)
    job = write_job(tmp_path / "runs", **settings)
    return run_engine(engine, stub, job, [].append), engine, job


@pytest.mark.parametrize(
    ("name", "leaves", "make"),
    [
        ("diann", "report.tsv", lambda _: TWINS / "diann_1.8_report.tsv"),
        ("diann", "report.tsv", lambda _: TWINS / "diann_1.9_report.tsv"),
        ("diann", "report.parquet", recorded_diann_2),
        ("alphadia", "precursors.tsv", lambda _: TWINS / "alphadia_1_precursors.tsv"),
        ("alphadia", "precursors.parquet", recorded_alphadia_2),
    ],
)
def test_reports_of_all_versions_are_read_under_the_names_of_samples(
    tmp_path: Path, name: str, leaves: str, make
) -> None:
    done, engine, job = with_report(tmp_path, name, make(tmp_path), leaves)
    assert done.report == job.out / leaves
    table = read_engine_report(done, engine, job)
    assert list(table.rows["run"].cat.categories) == SAMPLES
    annexin = table.rows[table.rows["protein"].astype(str).str.startswith("P07356")]
    assert set(annexin["run"]) == set(SAMPLES)
    assert not table.rows["precursor"].astype(str).str.contains("DECOY").any()
    assert (table.rows["quantity"] > 0).all()
    assert "samples without a precursor in the report" not in {count.item for count in table.counts}


def test_names_may_be_swapped_between_runs_and_samples(tmp_path: Path) -> None:
    done, engine, job = with_report(tmp_path, "diann", TWINS / "diann_1.9_report.tsv", "report.tsv")
    straight = read_engine_report(done, engine, replace(job, samples=("m1", "m2", "m3", "m4")))
    swapped = read_engine_report(done, engine, replace(job, samples=("m2", "m1", "m3", "m4")))
    assert list(swapped.rows["run"].cat.categories) == ["m2", "m1", "m3", "m4"]
    back = {"m1": "m2", "m2": "m1", "m3": "m3", "m4": "m4"}
    assert [back[name] for name in swapped.rows["run"]] == list(straight.rows["run"])


def test_a_sample_that_is_not_in_the_report_is_counted(tmp_path: Path) -> None:
    stub = write_stub(tmp_path / "bin", "diann", TWINS / "diann_1.9_report.tsv", "report.tsv")
    job = write_job(tmp_path / "runs", stems=("m4", "m9", "m1"))
    table = read_engine_report(run(stub, job), DIANN, job)
    (absent,) = [count for count in table.counts if count.item == "samples without a precursor in the report"]
    assert (absent.n, absent.of, absent.example) == (1, 3, "'mouse 2'")
    assert list(table.rows["run"].cat.categories) == ["mouse 1", "mouse 3"]


def test_a_report_in_which_nothing_passes_is_an_error(tmp_path: Path) -> None:
    lines = (TWINS / "alphadia_2_precursors.tsv").read_text("utf-8").splitlines()
    place = lines[0].split("\t").index("precursor.qval")
    cells = lines[1].split("\t")
    cells[place] = "0.5"
    recorded = tmp_path / "recorded.tsv"
    recorded.write_text("\n".join((lines[0], "\t".join(cells))) + "\n")
    done, engine, job = with_report(tmp_path, "alphadia", recorded, "precursors.tsv")
    with pytest.raises(DataError, match=r"no precursor of any sample passes.*precursor.qval above 0.01: 1"):
        read_engine_report(done, engine, job)


@pytest.mark.parametrize("content", [b"", b"PAR1 cut off", b"a\tb\n1\t2\n"])
def test_a_report_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    recorded = tmp_path / "recorded"
    recorded.write_bytes(content)
    done, engine, job = with_report(tmp_path, "diann", recorded, "report.parquet")
    with pytest.raises(DataError, match="report of DIA-NN"):
        read_engine_report(done, engine, job)
