"""Running an engine: every command is told before it runs, everything it says is kept, and what is done is not done again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from organokine.errors import OrganokineError, OutputError, Problem, first_examples
from organokine.output import file_sha256, write_text
from organokine.raw.engines.base import HALVES, Engine, EngineJob, check_job
from organokine.raw.folder import FRAMES_FILE, TABLES_FILE

LOG = "engine.log"
NOTE = "job.json"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TAIL_LINES = 12
_PATIENCE = 10.0
"""Seconds an engine has to end by itself when it is interrupted."""


@dataclass(frozen=True)
class EngineRun:
    """What a run of an engine left.

    Attributes
    ----------
    engine, version : str
        Name of the engine, and its version as the log tells it; empty if it does not.
    commands : tuple of str
        Every command, as it would be typed in a shell, in order.
    report, log : pathlib.Path
        Its report, and all that it said.
    reused : bool
        Whether the report was there already and nothing was run.
    """

    engine: str
    version: str
    commands: tuple[str, ...]
    report: Path
    log: Path
    reused: bool


@dataclass(frozen=True)
class _Note:
    """What stands in `job.json`: key of the job, file and SHA-256 that each finished command left, and version of the engine."""

    key: str
    done: tuple[tuple[str, str], ...] = ()
    version: str = ""


def run_engine(engine: Engine, path: Path, job: EngineJob, echo: Callable[[str], None]) -> EngineRun:
    """Run an engine, or take what it left for the same job.

    A job is known by its commands, FASTA, runs (SHA-256 of their tables and size of their frames) and program (size and time).
    Commands that are done are not repeated, and neither are runs whose results the engine kept.

    Parameters
    ----------
    engine : Engine
        Its card.
    path : pathlib.Path
        Its executable, by `find_engine`.
    job : EngineJob
        What is searched.
    echo : callable
        Told each command before it runs, and that nothing is run.

    Returns
    -------
    EngineRun
        Where the report is.

    Raises
    ------
    DataError
        If the job cannot end well; nothing is run then.
    OutputError
        If the folder holds a report that was not made here.
    OrganokineError
        If the engine cannot be started, fails, is killed, or leaves no report.
    """
    check_job(engine, job)
    job.out.mkdir(parents=True, exist_ok=True)
    log = job.out / LOG
    commands = engine.commands(path, job)
    products = engine.products(job)
    key = _key(engine, path, job)
    note = _read_note(job.out)
    if note is None:
        _refuse_foreign(engine, job, products)
    if note is None or note.key != key:
        note = _Note(key)
        _forget(job, products)
    reused = len(note.done) == len(commands) and _is_whole(job.out, note.done[-1])
    if reused:
        echo(f"{engine.title}: the report in {job.out} is of the same runs and settings; nothing is run")
    else:
        note = _run_rest(engine, job, commands, note, echo)
    return EngineRun(
        engine=engine.name,
        version=note.version,
        commands=tuple(shlex.join(words) for words in commands),
        report=job.out / note.done[-1][0],
        log=log,
        reused=reused,
    )


def _run_rest(
    engine: Engine, job: EngineJob, commands: Sequence[Sequence[str]], note: _Note, echo: Callable[[str], None]
) -> _Note:
    """Run the commands whose product is not there; the note is written anew after each."""
    done = _finished(job.out, note, len(commands))
    note = replace(note, done=done)
    _write_note(job.out, note)
    for name, text in engine.files(job).items():
        write_text(job.out / name, text)
    products = engine.products(job)
    for step in range(len(done), len(commands)):
        if step < len(commands) - 1:
            shutil.rmtree(job.out / HALVES, ignore_errors=True)
        (job.out / HALVES).mkdir(exist_ok=True)
        for product in products[step]:
            product.unlink(missing_ok=True)
        start = _run(engine, commands[step], job.out, echo)
        left = next((product for product in products[step] if product.is_file()), None)
        if left is None:
            raise _nothing_left(engine, commands[step], job.out, products[step], start)
        log = (job.out / LOG).read_text(encoding="utf-8", errors="replace")
        done = (*note.done, (left.name, file_sha256(left)))
        note = replace(note, done=done, version=engine.version(_COLOUR.sub("", log)))
        _write_note(job.out, note)
    return note


def _run(engine: Engine, words: Sequence[str], out: Path, echo: Callable[[str], None]) -> int:
    """Run one command; where in the log what it says begins."""
    command = shlex.join(words)
    echo(command)
    with (out / LOG).open("ab") as log:
        log.write(f"$ {command}\n".encode())
        log.flush()
        start = log.tell()
        try:
            status = _wait(words, out, log)
        except OSError as error:
            what = f"{engine.title} cannot be started: {error.strerror or error}"
            why, remedy = (
                f"The command was: {command}",
                "Check that --engine-path names the program, built for this machine",
            )
            raise OrganokineError(Problem(words[0], what, why, remedy)) from error
    if status != 0:
        what = f"{engine.title} {_ending(status)}"
        remedy = "Mend what the log says and run the same again; runs that are done are not searched twice"
        raise OrganokineError(Problem(str(out / LOG), what, _circumstances(command, out, start), remedy))
    return start


def _wait(words: Sequence[str], out: Path, log: BinaryIO) -> int:
    """Exit status of a command; it and its children end when this program is interrupted."""
    process = subprocess.Popen(
        words, cwd=out, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        return process.wait()
    except BaseException:
        _end(process, signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            if sys.platform != "win32":
                _end(process, signal.SIGKILL)
            process.wait()
        raise


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """End a program and whatever it started, such as a container behind a script."""
    if sys.platform == "win32":
        process.terminate()
        return
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _ending(status: int) -> str:
    number = -status if status < 0 else status - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"ended with exit status {status}"
    how = f"was killed by signal {name}" if status < 0 else f"ended with exit status {status}, as after signal {name}"
    return f"{how}, which is what happens when memory or time runs out" if number == 9 else how


def _circumstances(command: str, out: Path, start: int) -> str:
    with (out / LOG).open("rb") as file:
        file.seek(start)
        said = _COLOUR.sub("", file.read().decode("utf-8", errors="replace"))
    lines = [line.rstrip()[:300] for line in said.splitlines() if line.strip() != ""][-_TAIL_LINES:]
    if len(lines) == 0:
        return f"The command was: {command}\nIt said nothing"
    return "\n  ".join((f"The command was: {command}\nThe last it said:", *lines))


def _nothing_left(
    engine: Engine, words: Sequence[str], out: Path, products: Sequence[Path], start: int
) -> OrganokineError:
    names = " or ".join(product.name for product in products)
    what = f"{engine.title} ended without an error and without {names}"
    remedy = "See what the log says of the runs and of unknown options"
    return OrganokineError(Problem(str(out / LOG), what, _circumstances(shlex.join(words), out, start), remedy))


def _key(engine: Engine, path: Path, job: EngineJob) -> str:
    """What makes a job; the number of threads does not."""
    alike = replace(job, threads=1)
    program = path.stat()
    content = {
        "commands": engine.commands(path, alike),
        "files": dict(engine.files(alike)),
        "fasta": file_sha256(job.fasta),
        "runs": [[file_sha256(run / TABLES_FILE), (run / FRAMES_FILE).stat().st_size] for run in job.folders],
        "program": [program.st_size, program.st_mtime_ns],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read_note(out: Path) -> _Note | None:
    """The note of an earlier run; a damaged one is a note of another job."""
    try:
        text = (out / NOTE).read_text(encoding="utf-8")
    except OSError:
        return None
    try:
        note = json.loads(text)
        done = tuple((str(name), str(sha)) for name, sha in note["done"])
        return _Note(str(note["key"]), done, str(note["version"]))
    except (ValueError, KeyError, TypeError):
        return _Note("")


def _write_note(out: Path, note: _Note) -> None:
    write_text(out / NOTE, json.dumps(asdict(note), indent=1) + "\n")


def _is_whole(out: Path, product: tuple[str, str]) -> bool:
    name, sha = product
    return (out / name).is_file() and file_sha256(out / name) == sha


def _finished(out: Path, note: _Note, n_commands: int) -> tuple[tuple[str, str], ...]:
    """Products of the first commands that are as they were left; the last command is never among them."""
    finished: list[tuple[str, str]] = []
    for product in note.done[: n_commands - 1]:
        if not _is_whole(out, product):
            break
        finished.append(product)
    return tuple(finished)


def _forget(job: EngineJob, products: Sequence[Sequence[Path]]) -> None:
    """Remove what another job left here, so that none of it can be taken for a result of this one."""
    shutil.rmtree(job.out / HALVES, ignore_errors=True)
    for path in (job.out / LOG, *(product for step in products for product in step)):
        path.unlink(missing_ok=True)


def _refuse_foreign(engine: Engine, job: EngineJob, products: Sequence[Sequence[Path]]) -> None:
    found = [product.name for step in products for product in step if product.exists()]
    if (job.out / HALVES).exists():
        found.append(HALVES)
    if len(found) > 0:
        what = f"the folder holds {first_examples(found)}, and no note that a run of {engine.title} here has left"
        raise OutputError(
            Problem(
                str(job.out), what, "It would be overwritten", f"Give another folder with --out. {engine.import_it}"
            )
        )
