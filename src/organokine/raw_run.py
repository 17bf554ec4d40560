"""`organokine raw run`: from a sheet of raw runs and a FASTA to tables in a folder, the only code here that writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from organokine.errors import DataError, Problem
from organokine.output import HIDDEN, claim
from organokine.raw.fasta import read_fasta
from organokine.raw.samples import RawRun, acquisition_mode, read_raw_samples
from organokine.raw_job import FORMAT, OWNER, SEARCHES, TABLE, Ended, Given, RawJob, RawOutput

if TYPE_CHECKING:
    from organokine.raw.search import Searched
    from organokine.raw.search_cache import SearchStore


def run_raw(job: RawJob, echo: Callable[[str], None]) -> RawOutput:
    """Search raw runs and leave tables, quality, provenance and a page.

    Parameters
    ----------
    job : RawJob
        What is asked.
    echo : callable
        Told what is being done.

    Returns
    -------
    RawOutput
        Where the results are.

    Raises
    ------
    DataError
        With everything that is wrong with the sheet, the FASTA or the runs.
    OutputError
        If the folder cannot be used.
    OrganokineError
        If an engine is missing or fails.
    """
    from organokine.raw_output import kept_results, result_key, write_results

    given = read_inputs(job)
    with claim(job.out, OWNER, fresh=False) as folder:
        ended = _dia(given, echo) if given.engine != "sage" else None
        found = _searched(given, echo) if ended is None else []
        key = result_key(given, found, ended)
        kept = kept_results(folder, key) if key is not None else None
        if kept is not None:
            echo(f"nothing changed since the results in {job.out} were made")
            return kept
        if ended is None:
            ended = _joined(given, found, echo)
        write_results(folder, given, ended, key)
    warnings = tuple(str(problem) for problem in ended.result.warnings)
    return RawOutput(job.out, job.out / TABLE, FORMAT, False, len(ended.result.proteins), warnings)  # noqa: FBT003


def read_inputs(job: RawJob) -> Given:
    """Read sheet and FASTA, and settle the engine; parameters as in `run_raw`.

    Raises
    ------
    DataError
        With everything that is wrong with either, mixed modes, or an engine that does not search this mode.
    """
    problems: list[Problem] = []
    samples = fasta = None
    try:
        samples = read_raw_samples(job.samples)
    except DataError as error:
        problems += error.problems
    try:
        fasta = read_fasta(job.fasta, str(job.fasta), job.species)
    except DataError as error:
        problems += error.problems
    if samples is None or fasta is None or len(problems) > 0:
        raise DataError(problems)
    mode = acquisition_mode(samples.runs)
    return Given(job, samples, fasta, mode, _engine(job, mode))


def _engine(job: RawJob, mode: str) -> str:
    from organokine.raw.engines import engine_of, no_engine_problem

    if job.engine == "auto" and mode != "ddaPASEF":
        raise DataError(no_engine_problem(str(job.samples)))
    engine = "sage" if job.engine == "auto" else job.engine
    known = ("ddaPASEF",) if engine == "sage" else engine_of(engine).modes
    problems = []
    if mode not in known:
        what = f"the runs are {mode}, and {engine} searches {' and '.join(known)}"
        remedy = "Leave --engine out for ddaPASEF; for diaPASEF name diann or alphadia"
        problems.append(Problem(str(job.samples), what, "Nothing sensible would be found", remedy))
    if engine == "sage" and job.engine_path is not None:
        what = "--engine-path is given, and Sage comes as a package"
        problems.append(Problem("--engine-path", what, "It would be ignored in silence", "Leave it out"))
    if engine == "sage" and len(job.settings.engine_words) > 0:
        what = "engine_words are set, and Sage takes none"
        problems.append(Problem("settings", what, "They would be ignored in silence", "Leave them out"))
    if engine != "sage" and job.scheduler is not None:
        what = f"--scheduler is given, and {engine} searches all runs by itself"
        problems.append(Problem("--scheduler", what, "It would be ignored in silence", "Leave it out"))
    if len(problems) > 0:
        raise DataError(problems)
    return engine


def _searched(given: Given, echo: Callable[[str], None]) -> list[Searched]:
    from organokine.raw.sage import engine_version
    from organokine.raw.search import Task, find_searches, search_files

    engine_version()  # before anything is read that takes long
    job, store = given.job, _store(given.job)
    runs = given.samples.runs
    if job.scheduler is not None:  # workers of a cluster were started in folders of their own
        runs = tuple(run._replace(path=run.path.absolute()) for run in runs)
    tasks = [Task(run, given.fasta, job.settings, store, job.workers) for run in runs]
    if job.search:
        found = search_files(tasks, scheduler=job.scheduler, fail_fast=job.fail_fast, echo=echo)
    else:
        found = find_searches(tasks, echo=echo)
    _refuse_copies(job, found)
    return found


def _refuse_copies(job: RawJob, found: Sequence[Searched]) -> None:
    """One run under two names would count as two animals."""
    by_key: dict[str, list[str]] = {}
    for each in found:
        if each.key != "":
            by_key.setdefault(each.key, []).append(each.file.sample)
    twice = [names for names in by_key.values() if len(names) > 1]
    if len(twice) > 0:
        shown = "; ".join(" and ".join(names) for names in twice[:3])
        what = f"{len(twice)} runs stand twice, as copies of one another: {shown}"
        remedy = "Leave one of them in the sheet, or name the run that was meant"
        raise DataError(Problem(str(job.samples), what, "One measurement would count as several", remedy))


def _store(job: RawJob) -> SearchStore:
    from organokine.raw.search_cache import SearchStore

    return SearchStore((job.out / HIDDEN / SEARCHES if job.cache is None else job.cache).absolute())


def _joined(given: Given, found: Sequence[Searched], echo: Callable[[str], None]) -> Ended:
    from organokine.raw.combine import Runs, combine

    store = _store(given.job)
    packed = []
    for each in found:
        if len(each.file.problems) == 0:
            search = store.load(each.key)
            if search is None:
                what, why = "its finished search was damaged or deleted while it was in use", "Its matches are lost"
                raise DataError(Problem(each.file.sample, what, why, "Run the same command again"))
            packed.append(search.packed)
    runs = Runs(tuple(each.file for each in found), tuple(packed))
    result = combine(runs, given.fasta, given.job.settings, given.samples.counts, echo)
    return Ended(result, {each.file.sample: each.key for each in found if each.key != ""}, ())


def _dia(given: Given, echo: Callable[[str], None]) -> Ended:
    from organokine.raw.dia import EngineAsked, search_dia
    from organokine.raw.engines import engine_of, find_engine

    job = given.job
    engine = engine_of(given.engine)
    asked = EngineAsked(engine, find_engine(given.engine, job.engine_path), (job.out / HIDDEN / engine.name).resolve())
    fasta = (job.fasta, given.fasta)
    result, run = search_dia(given.samples.runs, fasta, asked, job.settings, job.workers, echo, given.samples.counts)
    return Ended(result, {}, run.commands)


def search_one(job: RawJob, folder: Path, echo: Callable[[str], None]) -> None:
    """Search one file into the cache: one job of a cluster. `job.samples` is not read.

    Raises
    ------
    DataError
        If the file cannot be searched.
    OrganokineError
        If sagepy is not installed, or the FASTA will not do.
    """
    from organokine.raw.sage import engine_version
    from organokine.raw.search import Task, line_of, search_file

    engine_version()
    fasta = read_fasta(job.fasta, str(job.fasta), job.species)
    task = Task(RawRun(folder.name, folder), fasta, job.settings, _store(job), job.workers)
    found = search_file(task)
    if len(found.file.problems) > 0:
        raise DataError(list(found.file.problems))
    echo(line_of(found))
