"""Assays of raw runs: the search that makes their table, before it is read like any other."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import organokine
from organokine.errors import DataError, NotSearchedError, OrganokineError, Problem
from organokine.fingerprints import code_fingerprint
from organokine.output import plain_name, write_text
from organokine.readers import Remark
from organokine.readers.base import Count
from organokine.study_file_raw import RAW, SIMULATED_RUNS

if TYPE_CHECKING:
    from organokine.raw.samples import RawSamples
    from organokine.readers import RawMatrix
    from organokine.study_file import AssaySection, Species, StudyFile
    from organokine.study_file_raw import RawSection

LOGGER = logging.getLogger("organokine.raw")
OF_PROTEINS = ("protein intensities by directLFQ", "contaminant protein groups")
"""Counts of proteins, which reading the table of precursors gives, too."""
WARNING = "raw_search_warning"
"""Flag of an assay whose search ended with a warning."""


class Searching(NamedTuple):
    """How raw runs are searched while a study is read.

    Attributes
    ----------
    may_search : bool
        Whether a search that is not finished yet may be made, which takes minutes to hours.
    workers : int
        Threads or processes.
    scheduler : str or None
        Address of a Dask scheduler whose workers search.
    echo : callable
        Told a line for every step of a search.
    """

    may_search: bool = True
    workers: int = 1
    scheduler: str | None = None
    echo: Callable[[str], None] = LOGGER.info


class Searched(NamedTuple):
    """An assay whose `file` and `format` are those of the table that its search left, what it warned of, and what it counted."""

    assay: AssaySection
    remarks: tuple[Remark, ...] = ()
    counts: tuple[Count, ...] = ()


class _Inputs(NamedTuple):
    """What a search rests on: its runs, how they were acquired, and a hash of all it depends on."""

    samples: RawSamples
    mode: str
    n_entries: int
    key: str


def read_table(file: StudyFile, assay: AssaySection, known: Collection[str] | None, searching: Searching) -> RawMatrix:
    """Read one assay, after the search of its runs if it is one of raw runs.

    Parameters
    ----------
    file : StudyFile
        The study file.
    assay : AssaySection
        One of its assays.
    known : collection of str or None
        Its samples in the sample sheet; None if the sheet cannot be read.
    searching : Searching
        How to search.

    Returns
    -------
    RawMatrix
        As by `read_assay`, with the warnings of the search among its remarks.

    Raises
    ------
    DataError
        With everything that is wrong with the runs, the FASTA or the table.
    NotSearchedError
        If nothing is wrong, the search is not finished, and none may be made.
    """
    from organokine.readers.assay import read_assay

    found = searched(file.folder, assay, file.study.species, known, searching)
    table = read_assay(file.folder, found.assay, file.study.species, known, file.references.release)
    return replace(table, remarks=(*found.remarks, *table.remarks), counts=(*found.counts, *table.counts))


def searched(
    folder: Path,
    assay: AssaySection,
    species: Species,
    known: Collection[str] | None = None,
    searching: Searching | None = None,
) -> Searched:
    """Search the runs of an assay of raw runs, or take what an earlier search of the same left.

    Parameters
    ----------
    folder : pathlib.Path
        What the paths in the section are relative to.
    assay : AssaySection
        The section; one that is not of raw runs is given back as it is.
    species : str
        `human`, `mouse` or `rat`; the FASTA must be of it.
    known : collection of str or None
        Samples of the sheet; runs that are none of them are searched with the others, and left out when the table is read.
    searching : Searching, optional
        How to search.

    Returns
    -------
    Searched
        The assay with `file` and `format` of the table of precursors. A run that cannot be searched is an error: a sample would be
        missing without anybody having said so.

    Raises
    ------
    DataError, NotSearchedError
        See `read_table`.
    """
    raw = assay.raw
    if assay.format != RAW or raw is None:
        return Searched(assay)
    how = Searching() if searching is None else searching
    inputs = _inputs(folder, assay, raw, species, known)
    out = folder / raw.cache / "assays" / _folder_name(assay.name)
    note = out.with_name(f"{out.name}.json")  # beside the results, whose folder holds nothing but them
    kept = None if how.may_search else _kept(note, inputs.key, out)
    if kept is not None:
        return _told(folder, out, assay, kept)
    from organokine.raw_job import RawJob
    from organokine.raw_run import read_inputs, run_raw

    job = RawJob(
        samples=folder / assay.file,
        fasta=folder / raw.fasta,
        out=out,
        settings=raw.settings,
        species=species,
        engine=raw.engine,
        engine_path=raw.engine_path,
        cache=folder / raw.cache / "searches",
        workers=how.workers,
        scheduler=how.scheduler if inputs.mode == "ddaPASEF" else None,
        fail_fast=True,
        command="organokine run",
    )
    if not how.may_search:
        read_inputs(job)
        raise NotSearchedError(_not_searched(assay, inputs))
    note.unlink(missing_ok=True)  # whatever it says is no longer so once the results are written
    found = run_raw(job, lambda line: how.echo(f"{assay.name}: {line}"))
    quality = json.loads((out / "qc.json").read_text(encoding="utf-8"))
    said = {
        "table": found.table.relative_to(out).as_posix(),
        "format": found.format,
        "warnings": list(found.warnings),
        "counts": _counts_of(quality),
        "simulated": quality.get("simulated") is True,
    }
    write_text(note, json.dumps({"key": inputs.key} | said, indent=2) + "\n")
    return _told(folder, out, assay, said)


def _inputs(
    folder: Path, assay: AssaySection, raw: RawSection, species: Species, known: Collection[str] | None
) -> _Inputs:
    """Look at the sheet, the FASTA and every folder before anything is searched; all faults at once."""
    from organokine.raw.fasta import read_fasta
    from organokine.raw.samples import read_raw_samples

    where = f"[assay {assay.name}]"
    problems: list[Problem] = []
    samples = fasta = None
    mode = ""
    try:
        fasta = read_fasta(folder / raw.fasta, f"{where} raw.fasta {raw.fasta}", species)
    except DataError as error:
        problems.extend(error.problems)
    try:
        samples = read_raw_samples(folder / assay.file)
    except DataError as error:
        problems.extend(error.problems)
    if samples is not None:
        mode, faults = _mode_and_faults(samples, assay, known, where)
        problems.extend(faults)
        problems.extend([] if mode == "" else _engine_faults(raw, mode, where))
    if samples is None or fasta is None or len(problems) > 0:
        raise DataError(problems)
    return _Inputs(samples, mode, len(fasta.entries), _key(samples, fasta.sha256, raw))


def _mode_and_faults(
    samples: RawSamples, assay: AssaySection, known: Collection[str] | None, where: str
) -> tuple[str, list[Problem]]:
    from organokine.raw.folder import open_folder
    from organokine.raw.health import faults_of
    from organokine.raw.samples import acquisition_mode
    from organokine.readers.precursors.runs import choose_runs

    problems: list[Problem] = []
    for run in samples.runs:
        try:
            problems.extend(fault.problem for fault in faults_of(open_folder(run.path)) if fault.is_fatal)
        except DataError as error:
            problems.extend(error.problems)
    try:
        choose_runs([run.sample for run in samples.runs], known, f"{where} {assay.file}")
    except DataError as error:
        problems.extend(error.problems)
    mode = ""
    try:
        mode = acquisition_mode(samples.runs)
    except DataError as error:
        problems.extend(problem for problem in error.problems if problem not in problems)
    if mode == "ddaPASEF" and assay.quantity == "engine":
        why = "Proteins are made of precursors by directLFQ; the engine gives no quantity of its own"
        what = 'quantity = "engine" is asked of runs of ddaPASEF'
        problems.append(Problem(f"{where} quantity", what, why, "Leave quantity out"))
    return mode, problems


def _engine_faults(raw: RawSection, mode: str, where: str) -> list[Problem]:
    """That the engine which the runs need is not here; what is installed for the other mode does not matter."""
    try:
        if mode == "ddaPASEF" and raw.engine in ("auto", "sage"):
            from organokine.raw.sage import engine_version

            engine_version()
        elif mode == "diaPASEF" and raw.engine in ("diann", "alphadia"):
            from organokine.raw.engines.find import find_engine

            find_engine(raw.engine, raw.engine_path)
        elif mode == "diaPASEF" and raw.engine == "auto":
            from organokine.raw.engines.find import no_engine_problem

            return [no_engine_problem(where)]
    except OrganokineError as error:
        return list(error.problems)
    return []


def _key(samples: RawSamples, fasta_sha256: str, raw: RawSection) -> str:
    """Hash of the runs, the FASTA and the settings; where these lie does not matter."""
    from organokine.raw.search_cache import folder_fingerprint

    about = {
        "runs": [(run.sample, folder_fingerprint(run.path)) for run in samples.runs],
        "fasta": fasta_sha256,
        "raw": raw.model_dump(mode="json", exclude={"fasta", "cache"}),
        "version": organokine.__version__,
        "code": code_fingerprint(),
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _kept(note: Path, key: str, out: Path) -> dict[str, Any] | None:
    """What a finished search of the same left; None if there is none, or it is not whole."""
    try:
        held = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_same = isinstance(held, dict) and held.get("key") == key
    return held if is_same and (out / held["table"]).is_file() else None


def _told(folder: Path, out: Path, assay: AssaySection, note: Mapping[str, Any]) -> Searched:
    """The assay as the table of its search, and a remark of each warning."""
    table = out / note["table"]
    file = table.relative_to(folder).as_posix() if table.is_relative_to(folder) else str(table)
    remarks = [Remark("assay", assay.name, WARNING, said.removesuffix(".")) for said in note["warnings"]]
    if note["simulated"] is True:
        remarks.append(Remark("assay", assay.name, SIMULATED_RUNS, "no instrument measured its runs"))
    return Searched(
        assay.model_copy(update={"file": file, "format": note["format"]}),
        tuple(remarks),
        tuple(Count(**each) for each in note["counts"]),
    )


def _counts_of(quality: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the search left out or put together; proteins are made anew when its table is read, and counted then."""
    return [each | {"item": f"search: {each['item']}"} for each in quality["counts"] if each["item"] not in OF_PROTEINS]


def _not_searched(assay: AssaySection, inputs: _Inputs) -> Problem:
    n_runs, n = len(inputs.samples.runs), inputs.n_entries
    return Problem(
        f"[assay {assay.name}] {assay.file}",
        f"{n_runs} {inputs.mode} run{'s' if n_runs > 1 else ''} and the FASTA ({n:,} entr{'ies' if n > 1 else 'y'}) are fit to be "
        "searched, and this is not done yet",
        "How its proteins join the other tables is not known before",
        "`organokine run`, or `organokine population` without --shard, searches them first",
    )


def _folder_name(name: str) -> str:
    """A folder of its own for every name, whatever signs it has."""
    return f"{plain_name(name)}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
