"""Population mode from a study to its tables and page: cells computed anywhere, kept one by one, put together once all are there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
from threadpoolctl import threadpool_limits

from organokine import cell_store, output, shards, tables
from organokine.cell_store import CellStore, StoredResults, cell_keys, compute_cell
from organokine.errors import OrganokineError, Problem
from organokine.output import OutputFolder
from organokine.parallel import as_finished, n_slots
from organokine.population.cell import run_cell
from organokine.population.cohort import Cell, Cohort
from organokine.population.cohort_files import cohort_fingerprint, matrix_fingerprint, open_cohort, save_cohort
from organokine.population.plan import Plan, plan
from organokine.population_manifest import population_manifest
from organokine.population_tables import POPULATION_TABLES
from organokine.references import load_references, with_lists
from organokine.references.gene_sets import load_gene_sets
from organokine.shards import Shard, parse_shard
from organokine.stages.population import Gathered, gather_cohort
from organokine.work_left import cell_costs, in_words, seconds_left

if TYPE_CHECKING:
    from organokine.references import References
    from organokine.study import Study

Progress = Callable[[str, float], None]

COHORT_FOLDER = "cohort"
_CELLS_FROM, _CELLS_TO = 0.05, 0.85
"""Shares of the whole between which cells are computed, for the bar."""


@dataclass(frozen=True)
class PopulationResult:
    """All tables of population mode.

    Attributes
    ----------
    population, population_ladder, population_null, population_pairs, population_same_gene : pandas.DataFrame
    population_targets, population_pathways, population_traits, population_individuals : pandas.DataFrame
        Tables of these names; see `organokine.population_tables`.
    qc, joins, flags : pandas.DataFrame
        Tables of these names; see `organokine.tables`.
    manifest : dict
        Resolved study file, hashes, versions, cells, methods and citations.
    out : pathlib.Path or None
        Output folder, if there was one.
    """

    population: pd.DataFrame
    population_ladder: pd.DataFrame
    population_null: pd.DataFrame
    population_pairs: pd.DataFrame
    population_same_gene: pd.DataFrame
    population_targets: pd.DataFrame
    population_pathways: pd.DataFrame
    population_traits: pd.DataFrame
    population_individuals: pd.DataFrame
    qc: pd.DataFrame
    joins: pd.DataFrame
    flags: pd.DataFrame
    manifest: dict[str, object]
    out: Path | None = None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        held = (*(table.name for table in POPULATION_TABLES), "qc", "joins", "flags")
        return {name: getattr(self, name) for name in held}


@dataclass(frozen=True)
class ShardDone:
    """What a shard did: cells that are its own, those that were there already, and how many the whole plan has."""

    n_own: int
    n_reused: int
    n_cells: int


@dataclass(frozen=True)
class _Work:
    """What is to be computed."""

    study: Study
    references: References
    gathered: Gathered
    planned: Plan
    keys: dict[Cell, str]
    fingerprint: str

    @property
    def cohort(self) -> Cohort:
        return self.gathered.cohort


@dataclass(frozen=True)
class _Machine:
    """Where it is computed, and who is told."""

    workers: int
    scheduler: str | None
    tell: Progress
    fresh: bool = False


def run_population(
    study: Study,
    out: Path | str | None = None,
    *,
    workers: int = 1,
    fresh: bool = False,
    merge: bool = False,
    scheduler: str | None = None,
    progress: Progress | None = None,
    references: References | None = None,
) -> PopulationResult:
    """Run population mode on a study; what an earlier run or shards have finished in the folder is not computed again.

    Parameters
    ----------
    study : Study
        The study as read, with `[population]`.
    out : path-like, optional
        Output folder; without one nothing is kept.
    workers : int
        Processes; never changes an answer.
    fresh : bool
        Forget what was finished earlier.
    merge : bool
        Compute no cell: put together what shards have computed.
    scheduler : str, optional
        Address of a Dask scheduler whose workers compute, and see the output folder under the same path (extra `dask`).
    progress : callable, optional
        Told what is being done and the share done.
    references : References, optional
        Reference knowledge; by default that of the release which the study file names. The study's own lists are laid over it.

    Returns
    -------
    PopulationResult
        All tables; the same to the bit whoever computed the cells.

    Raises
    ------
    OrganokineError
        If the study has no `[population]`, the folder cannot be used, a worker is lost, or cells are missing at a merge.
    """
    machine = _Machine(workers, scheduler, _silent if progress is None else progress, fresh)
    _refuse_contradictions(out, fresh=fresh, merge=merge)
    with threadpool_limits(limits=1):
        work = _planned(study, references, machine.tell)
        with _folder(out, work, fresh=fresh) as folder:
            store = CellStore(folder.hidden / cell_store.FOLDER)
            if merge:
                _refuse_missing(work, store, folder)
                n_reused = len(work.keys)
            else:
                n_reused = _compute(work, folder, range(len(work.keys)), machine)
            result = _assembled(work, store, n_reused, None if out is None else folder.path, machine.tell)
            if out is not None:
                machine.tell("report", 0.95)
                _write(result, folder)
                shutil.rmtree(folder.hidden / COHORT_FOLDER, ignore_errors=True)
                _forget_others(work, store, folder)
    machine.tell("done", 1.0)
    return result


def run_shard(
    study: Study,
    out: Path | str,
    shard: str,
    *,
    workers: int = 1,
    fresh: bool = False,
    scheduler: str | None = None,
    progress: Progress | None = None,
    references: References | None = None,
) -> ShardDone:
    """Compute the cells of one shard into a folder and stop; `run_population(..., merge=True)` puts them together.

    Any number of shards may be at work in one folder at once, on one machine or many, and a shard that is started again computes
    only what it lacks.

    Parameters
    ----------
    study, workers, scheduler, progress, references
        As for `run_population`.
    out : path-like
        Output folder.
    shard : str
        `i/N`: the cells whose place in the plan is i - 1 modulo N.
    fresh : bool
        Compute cells of this shard again that are there already.

    Returns
    -------
    ShardDone
        Cells computed and found.

    Raises
    ------
    OrganokineError
        As for `run_population`, and if the shard is not written as it should be.
    """
    machine = _Machine(workers, scheduler, _silent if progress is None else progress, fresh)
    part = _parsed(shard)
    with threadpool_limits(limits=1):
        work = _planned(study, references, machine.tell)
        with output.share(Path(out), _owner(study)) as folder:
            notes = folder.hidden / shards.FOLDER
            shards.note_shard(notes, part)
            own = part.places(len(work.keys))
            with shards.at_work(notes, part):
                n_reused = _compute(work, folder, own, machine)
    machine.tell("done", 1.0)
    return ShardDone(len(own), n_reused, len(work.keys))


def _parsed(shard: str) -> Shard:
    try:
        return parse_shard(shard)
    except ValueError as error:
        raise OrganokineError(Problem("shard", str(error), "Each shard computes its own part", "Correct it")) from None


def _refuse_contradictions(out: Path | str | None, *, fresh: bool, merge: bool) -> None:
    if merge and out is None:
        why = "What shards have computed is in their output folder"
        raise OrganokineError(Problem("merge", "no output folder is named", why, "Name it"))
    if merge and fresh:
        why = "One puts together what is there, the other forgets it"
        raise OrganokineError(Problem("merge", "merge and fresh stand together", why, "Leave one of them out"))


def _planned(study: Study, references: References | None, tell: Progress) -> _Work:
    tell("preparing", 0.0)
    file = study.file
    known = load_references(file.study.species, file.references.release) if references is None else references
    known = with_lists(known, study.lists)
    gathered = gather_cohort(study, known)
    cohort = gathered.cohort
    planned = plan(cohort)
    organs = {name: matrix_fingerprint(matrix) for name, matrix in cohort.matrices.items()}
    keys = cell_keys(cohort, planned.cells, organs)
    return _Work(study, known, gathered, planned, keys, cohort_fingerprint(cohort, organs))


def _owner(study: Study) -> str:
    """Whose the folder is: an ordinary run of the same study may not write into it, nor the reverse."""
    return f"{study.file.study.name} (population mode)"


@contextmanager
def _folder(out: Path | str | None, work: _Work, *, fresh: bool) -> Iterator[OutputFolder]:
    """The output folder, or one that is thrown away."""
    if out is None:
        with TemporaryDirectory(prefix="organokine_") as scratch:
            yield OutputFolder(Path(scratch))
        return
    with output.claim(Path(out), _owner(work.study), fresh=fresh) as folder:
        if fresh:
            for kept in (cell_store.FOLDER, shards.FOLDER):
                shutil.rmtree(folder.hidden / kept, ignore_errors=True)
        yield folder


def _compute(work: _Work, folder: OutputFolder, places: Sequence[int], machine: _Machine) -> int:
    """Compute those cells of the plan that are not there, dearest first; gives the number of those that were."""
    store = CellStore(folder.hidden / cell_store.FOLDER)
    cells = [(work.planned.cells[place], work.keys[work.planned.cells[place]]) for place in places]
    todo = [job for job in cells if machine.fresh or not store.has(job[1])]
    if len(todo) == 0:
        return len(cells)
    costs = cell_costs(work.cohort, [cell for cell, _ in todo])
    order = sorted(range(len(todo)), key=lambda place: -costs[place])
    todo, costs = [todo[place] for place in order], [costs[place] for place in order]
    cohort_folder = save_cohort(work.cohort, folder.hidden.resolve() / COHORT_FOLDER, work.fingerprint)
    job = partial(compute_cell, run_cell, cohort_folder, CellStore(store.folder.resolve()))
    slots = n_slots(machine.workers, machine.scheduler)
    done: dict[int, float] = {}
    machine.tell(f"cell 1 of {len(todo)}", _CELLS_FROM)
    try:
        for place, seconds in as_finished(job, todo, machine.workers, machine.scheduler):
            done[place] = seconds
            machine.tell(*_progress(done, costs, slots))
    finally:
        open_cohort.cache_clear()  # or this process would hold the files of the matrices
    return len(cells) - len(todo)


def _progress(done: Mapping[int, float], costs: Sequence[float], slots: int) -> tuple[str, float]:
    share = sum(costs[place] for place in done) / sum(costs)
    left = in_words(seconds_left(done, costs, slots))
    said = f"cell {len(done)} of {len(costs)}" + (f", {left}" if left != "" else "")
    return said, _CELLS_FROM + (_CELLS_TO - _CELLS_FROM) * share


def _refuse_missing(work: _Work, store: CellStore, folder: OutputFolder) -> None:
    cells = work.planned.cells
    absent = [place for place, cell in enumerate(cells) if not store.has(work.keys[cell])]
    if len(absent) > 0:
        n_other = len(store.keys() - set(work.keys.values()))
        names = [cell.name for cell in cells]
        raise OrganokineError(shards.missing_cells(folder.path, names, absent, n_other))


def _forget_others(work: _Work, store: CellStore, folder: OutputFolder) -> None:
    """Remove the cells of earlier states of the study, once the tables of this one stand.

    The lock of the folder keeps other runs out, not shards, whose study may be of another state: while one may be at work nothing
    is removed. They are asked for after the files were listed, so that one which begins now loses nothing that it writes.
    """
    others = store.others(work.keys.values())
    if not shards.is_any_at_work(folder.hidden / shards.FOLDER):
        for path in others:
            path.unlink(missing_ok=True)


def _assembled(work: _Work, store: CellStore, n_reused: int, out: Path | None, tell: Progress) -> PopulationResult:
    from organokine.population.assemble import assemble

    tell("tables", _CELLS_TO)
    file, own = work.study.file, work.study.gene_sets
    sets = [*load_gene_sets(file.study.species, file.references.release), *([] if own is None else [own])]
    made = assemble(work.cohort, work.planned, StoredResults(store, work.keys), sets)
    flags = pd.concat([work.study.flags, work.gathered.flags], ignore_index=True)
    joins = pd.concat([work.study.joins, work.gathered.joins], ignore_index=True)
    return PopulationResult(
        **{table.name: made[table.name] for table in POPULATION_TABLES},
        qc=work.gathered.qc,
        joins=tables.JOINS.conform(joins),
        flags=tables.FLAGS.conform(flags.drop_duplicates(["scope", "name", "flag"])),
        manifest=population_manifest(work.study, work.references, work.cohort, work.keys, n_reused),
        out=out,
    )


def _write(result: PopulationResult, folder: OutputFolder) -> None:
    from organokine.report.population_page import build_population

    with folder.staging() as aside:
        for name, table in result.tables.items():
            output.write_parquet(table, aside / f"{name}.parquet")
        text = result.population.to_csv(sep="\t", index=False, na_rep="NaN", lineterminator="\n")
        output.write_text(aside / "population.tsv", text)
        manifest = result.manifest | {"outputs": output.hashes(aside)}
        output.write_text(aside / output.MANIFEST, json.dumps(manifest, indent=2, allow_nan=False))
        build_population(aside)


def _silent(stage: str, share: float) -> None:
    """Tell nobody."""
