"""diaPASEF: an engine of the user is run, and its report brought into the same tables as any other search."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.raw.engines import Engine, EngineJob, EngineRun, EngineSettings, read_engine_report, run_engine
from organokine.raw.folder import open_folder
from organokine.raw.precursors import protein_matrix
from organokine.raw.result import MATCH_COLUMNS, RawFile, RawResult
from organokine.raw.run_quality import run_table, trend_sample
from organokine.raw_tables import PRECURSORS
from organokine.readers.base import Count

if TYPE_CHECKING:
    from organokine.raw.fasta import Fasta
    from organokine.raw.samples import RawRun
    from organokine.raw.settings import SearchSettings

_MODIFICATION = re.compile(r"\([^)]*\)|\[[^\]]*\]|[^A-Z]")
_NORMALISED = Count(
    "quantities of precursors by the engine", 0, None, "", "normalised between runs by the engine, where it does that"
)


class EngineAsked(NamedTuple):
    """An engine, its program, and where its files go."""

    engine: Engine
    path: Path
    out: Path


def engine_settings(settings: SearchSettings, engine: Engine) -> EngineSettings:
    """What was set, in the words of an engine for diaPASEF; what was left out keeps the engine's own defaults.

    Raises
    ------
    DataError
        If something was set that such an engine is not told.
    """
    given = settings.model_fields_set
    own_part = {"fasta", "cache", "engine", "engine_path", "shared_peptides", "compare_mobility"}
    shared = set(EngineSettings.model_fields) & set(type(settings).model_fields) - {"variable"}
    unknown = sorted(given - shared - own_part - {"engine_words"})
    if len(unknown) > 0:
        what = f"{first_examples(unknown)} is set, which {engine.title} is not told"
        remedy = (
            f"Leave it out, or say it in the engine's own words: engine_words. It is told {', '.join(sorted(shared))}"
        )
        raise DataError(Problem("settings", what, "It would be ignored in silence", remedy))
    chosen = {name: getattr(settings, name) for name in shared & given}
    return EngineSettings(**chosen, extra=settings.engine_words)


def search_dia(
    runs: tuple[RawRun, ...],
    fasta: tuple[Path, Fasta],
    asked: EngineAsked,
    settings: SearchSettings,
    threads: int,
    echo: Callable[[str], None],
    counts: tuple[Count, ...] = (),
) -> tuple[RawResult, EngineRun]:
    """Run an engine on all files, or take what it left, and read its report.

    Parameters
    ----------
    runs : tuple of RawRun
        Files in diaPASEF.
    fasta : tuple of pathlib.Path and Fasta
        The file for the engine, and its entries.
    asked : EngineAsked
        The engine.
    settings : SearchSettings
        See `engine_settings`.
    threads : int
        For the engine.
    echo : callable
        Told each command before it runs.
    counts : tuple of Count
        What was counted before.

    Returns
    -------
    result : RawResult
        Without matches: error rates are those of the engine, at the limits of the reader of its report.
    run : EngineRun
        The commands.

    Raises
    ------
    DataError, OrganokineError
        See `organokine.raw.engines.run_engine` and `read_engine_report`.
    """
    path, entries = fasta
    job = EngineJob(
        folders=tuple(run.path for run in runs),
        samples=tuple(run.sample for run in runs),
        fasta=path,
        out=asked.out,
        settings=engine_settings(settings, asked.engine),
        threads=threads,
    )
    ended = run_engine(asked.engine, asked.path, job, echo)
    table = read_engine_report(ended, asked.engine, job)
    precursors, repeated = _precursor_table(table.rows, table.contaminants)
    samples = [run.sample for run in runs]
    proteins, counted = protein_matrix(precursors, samples)
    files = tuple(RawFile(run.sample, run.path, _acquired(run.path)) for run in runs)
    nothing = pd.DataFrame(columns=list(MATCH_COLUMNS))
    quality_of_runs = run_table(files, nothing, precursors, proteins)
    every = (*counts, *entries.counts, *table.counts, _NORMALISED, *repeated, *counted)
    quality: dict[str, Any] = {
        "engine": {"name": asked.engine.title, "version": ended.version, "licence": asked.engine.licence},
        "settings": job.settings.model_dump(mode="json"),
        "false_discovery": None,
        "mobility": None,
        "trend": trend_sample(nothing, precursors),
        "counts": [count.__dict__ for count in every],
        "runs": len(runs),
    }
    # what is told of single runs rests on windows and counts that are those of Sage
    return RawResult(proteins, precursors, quality_of_runs, quality, every), ended


def _acquired(folder: Path) -> str:
    try:
        return open_folder(folder).metadata.get("AcquisitionDateTime", "")
    except DataError:
        return ""


def _precursor_table(rows: pd.DataFrame, contaminants: pd.DataFrame | None) -> tuple[pd.DataFrame, list[Count]]:
    """Rows of a report as `organokine.raw_tables.PRECURSORS`; a precursor written several times keeps its largest quantity."""
    parts = [rows.assign(contaminant=False)]
    if contaminants is not None and len(contaminants) > 0:
        parts.append(contaminants.assign(contaminant=True))
    text = ["run", "precursor", "protein", "genes", "sequence"]
    held = pd.concat(
        [part.astype({name: object for name in text if name in part}) for part in parts], ignore_index=True
    )
    held["sequence"] = held["sequence"] if "sequence" in held else held["precursor"]
    table = pd.DataFrame(
        {
            "sample": held["run"],
            "protein_group": held["protein"],
            "gene": held["genes"],
            "peptide": held["sequence"].str.replace(_MODIFICATION, "", regex=True),
            "sequence": held["sequence"],
            "charge": _numbers(held, "charge").fillna(0).astype("int64"),
            "mz": _numbers(held, "mz"),
            "quantity": held["quantity"],
            "identified": True,
            "minutes": _numbers(held, "rt"),
            "one_over_k0": _numbers(held, "mobility"),
            "contaminant": held["contaminant"],
        }
    )
    ordered = table.sort_values([*PRECURSORS.key, "quantity"], ascending=[True, True, True, False], kind="stable")
    once = ordered.drop_duplicates(list(PRECURSORS.key))
    n = len(ordered) - len(once)
    note = "the largest quantity is kept"
    return PRECURSORS.conform(once), (
        [Count("precursors repeated in a run", n, len(ordered), "", note)] if n > 0 else []
    )


def _numbers(held: pd.DataFrame, name: str) -> pd.Series:
    return held[name].astype(float) if name in held else pd.Series(float("nan"), index=held.index)
