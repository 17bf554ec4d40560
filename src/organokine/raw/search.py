"""Search raw files one by one, each at most once: what is finished is kept, and what fails is told without stopping the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from organokine.errors import DataError, Problem, first_examples
from organokine.raw.folder import connect, open_folder
from organokine.raw.frames import are_unpackable
from organokine.raw.health import faults_of
from organokine.raw.result import RawFile
from organokine.raw.search_cache import Search, SearchStore, search_key

if TYPE_CHECKING:
    from organokine.raw.fasta import Fasta
    from organokine.raw.samples import RawRun
    from organokine.raw.settings import SearchSettings

SUFFIX = ".d"


class Task(NamedTuple):
    """The search of one file, in whatever process."""

    run: RawRun
    fasta: Fasta
    settings: SearchSettings
    store: SearchStore
    threads: int


class Searched(NamedTuple):
    """One file after its search.

    Attributes
    ----------
    file : RawFile
        What is known of it, and what is wrong with it.
    key : str
        Hash of all the search depends on; empty if the file could not be opened.
    reused : bool
        The search was finished earlier.
    """

    file: RawFile
    key: str
    reused: bool


@dataclass
class Database:
    """The engine's index of a FASTA, built when the first file needs it."""

    fasta: Fasta
    settings: SearchSettings
    built: Any = None

    def get(self) -> Any:
        """The index."""
        if self.built is None:
            from organokine.raw.sage import build_database

            self.built = build_database(self.fasta, self.settings)
        return self.built


def search_file(task: Task, database: Database | None = None) -> Searched:
    """Search one file and keep what was found; a file that is damaged is told, not raised.

    Parameters
    ----------
    task : Task
        The file, and how to search it.
    database : Database, optional
        The index shared by all files of this process; made for this file if it is absent.

    Returns
    -------
    Searched
        The file, and the key under which its matches are kept.

    Raises
    ------
    OrganokineError
        If sagepy is not installed, or the FASTA gives no peptide.
    """
    opened = _finished(task)
    if opened.reused or len(opened.file.problems) > 0:
        return opened
    from organokine.raw.sage import search_folder

    spoilt = _spoilt(task.run.path)
    if len(spoilt) > 0:
        return opened._replace(file=replace(opened.file, problems=tuple(spoilt)))
    index = (Database(task.fasta, task.settings) if database is None else database).get()
    try:
        found = Search(*search_folder(index, task.run.path, task.settings, task.threads))
    except DataError as error:
        return opened._replace(file=replace(opened.file, problems=error.problems))
    task.store.save(opened.key, found)
    return opened._replace(file=replace(opened.file, n_spectra=found.n_spectra))


def search_files(
    tasks: Sequence[Task], *, scheduler: str | None, fail_fast: bool, echo: Callable[[str], None]
) -> list[Searched]:
    """Search several files: one after the other on all threads, or each as one task of a Dask cluster.

    Parameters
    ----------
    tasks : sequence of Task
        The files.
    scheduler : str, optional
        Address of a running Dask scheduler, whose workers see the same folders.
    fail_fast : bool
        Stop at the first file that fails; it is raised.
    echo : callable
        Told a line for every file.

    Returns
    -------
    list of Searched
        In the order of the tasks.

    Raises
    ------
    DataError
        The problems of the first file that failed, if `fail_fast`.
    """
    from organokine.parallel import as_finished

    found: dict[int, Searched] = {}
    if scheduler is None:
        shared = Database(tasks[0].fasta, tasks[0].settings) if len(tasks) > 0 else None
        finished = ((place, search_file(task, shared)) for place, task in enumerate(tasks))
    else:
        finished = ((place, each) for place, each in as_finished(search_file, tasks, scheduler=scheduler))
    for place, each in finished:
        found[place] = each
        echo(f"{len(found)} of {len(tasks)}: {line_of(each)}")
        if fail_fast and len(each.file.problems) > 0:
            raise DataError(list(each.file.problems))
    return [found[place] for place in range(len(tasks))]


def line_of(found: Searched) -> str:
    """One file in one line."""
    if len(found.file.problems) > 0:
        return f"{found.file.sample} failed: {found.file.problems[0].what}"
    how = "searched earlier" if found.reused else "searched"
    return f"{found.file.sample} {how}, {found.file.n_spectra or 0:,} spectra"


def _opened(task: Task) -> Searched:
    """A file that was looked at, with its key; with its problems if it cannot be searched."""
    run = task.run
    file = RawFile(run.sample, run.path)
    try:
        folder = open_folder(run.path)
        problems = [
            *(fault.problem for fault in faults_of(folder) if fault.is_fatal),
            *_unsuited(run.path, folder.mode),
            *_unpaired(run.path),
        ]
        if len(problems) > 0:
            return Searched(replace(file, problems=tuple(problems)), "", reused=False)
        key = search_key(run.path, task.fasta.sha256, task.settings)
    except DataError as error:
        return Searched(replace(file, problems=tuple(error.problems)), "", reused=False)
    except OSError as error:
        return Searched(replace(file, problems=(_unreadable(run.path, error),)), "", reused=False)
    return Searched(replace(file, acquired=folder.metadata.get("AcquisitionDateTime", "")), key, reused=False)


def _unsuited(path: Path, mode: str) -> list[Problem]:
    problems = []
    if path.suffix != SUFFIX:
        why = "Sage knows runs of a timsTOF by the ending .d of their folder"
        problems.append(Problem(str(path), "the name of the folder does not end in .d", why, "Rename the folder"))
    if mode != "ddaPASEF":
        why, remedy = "Sage searches ddaPASEF only", "Leave it out of the sheet, or search it with another engine"
        problems.append(Problem(str(path), f"the run is {mode}", why, remedy))
    return problems


def _unpaired(path: Path) -> list[Problem]:
    """Precursors that were never fragmented: the engine pairs both tables by place, so that all that follow get the spectra of others."""
    asked = (
        "select count(*) from Precursors where Id not in (select Precursor from PasefFrameMsMsInfo) "
        "and Id < (select max(Precursor) from PasefFrameMsMsInfo)"
    )
    with closing(connect(path)) as database:
        try:
            n = int(database.execute(asked).fetchone()[0])
        except sqlite3.Error:  # absent tables are told elsewhere
            return []
    if n == 0:
        return []
    what = f"{n} precursors of the table Precursors have no row in PasefFrameMsMsInfo, and others follow them"
    why = "Sage pairs precursors and spectra by their order, so that all that follow would be matched to the spectra of others"
    return [Problem(str(path), what, why, "Search the run with another engine, and name its report as an assay")]


def _spoilt(path: Path) -> list[Problem]:
    """Every block is unpacked once before the engine reads it: what it cannot unpack it leaves out and says nothing, or ends."""
    folder = open_folder(path)
    whole = are_unpackable(folder.frames_file, folder.frames["offset"].to_numpy())
    if whole.all():
        return []
    damaged = folder.frames.loc[~whole, "frame"].tolist()
    what = f"{len(damaged)} of {len(whole)} frames cannot be unpacked ({first_examples(damaged)})"
    why = "Blocks in the middle of analysis.tdf_bin are damaged, which its size does not show: their ions would be missing in silence"
    return [Problem(str(path), what, why, "Copy the folder from the instrument again")]


def _unreadable(path: Path, error: OSError) -> Problem:
    what = f"the folder cannot be read ({error.strerror or type(error).__name__})"
    return Problem(str(path), what, "Nothing of it can be searched", "Look at its permissions and at the disk")


def find_searches(tasks: Sequence[Task], echo: Callable[[str], None]) -> list[Searched]:
    """Finished searches of files, none of which is made here.

    Raises
    ------
    DataError
        If a search is missing; it says which, and how to make them.
    """
    found = [_finished(task) for task in tasks]
    absent = [each.file.path for each in found if each.key != "" and not each.reused and len(each.file.problems) == 0]
    if len(absent) > 0:
        what = f"{len(absent)} of {len(tasks)} runs are not searched with this FASTA and these settings: {first_examples(absent)}"
        remedy = (
            "Run `organokine raw search` for each with the same --fasta, --config and --cache, or `organokine raw run`; take a run "
            "out of the sheet that cannot be searched"
        )
        raise DataError(Problem("searches", what, "Tables of a part would look like those of the whole", remedy))
    for each in found:
        echo(line_of(each))
    return found


def _finished(task: Task) -> Searched:
    """A file with its key, and whether its search is there."""
    opened = _opened(task)
    if len(opened.file.problems) > 0:
        return opened
    kept = task.store.load(opened.key)
    if kept is None:
        return opened
    return Searched(replace(opened.file, n_spectra=kept.n_spectra), opened.key, reused=True)
