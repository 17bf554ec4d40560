"""The report of an engine as a table of precursors, its runs under the names of the samples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from organokine.errors import DataError, Problem, first_examples
from organokine.raw.engines.base import Engine, EngineJob, stem_of
from organokine.raw.engines.run import EngineRun
from organokine.readers.base import Count
from organokine.readers.precursors.long import read_precursors
from organokine.readers.precursors.table import PrecursorTable, measured
from organokine.study_file import AssaySection

if TYPE_CHECKING:
    import pandas as pd


def read_engine_report(run: EngineRun, engine: Engine, job: EngineJob) -> PrecursorTable:
    """Read the report of an engine by the reader of its format, with the filters of that reader.

    Parameters
    ----------
    run : EngineRun
        Where the report is.
    engine : Engine
        Card of the engine.
    job : EngineJob
        Which folder is which sample.

    Returns
    -------
    PrecursorTable
        Without decoys; `run` holds names of samples, in the order of the job. Samples of which nothing was found are counted and
        are no category.

    Raises
    ------
    DataError
        If the report cannot be read, is of other runs, or nothing in it passes the filters.
    """
    where = f"report of {engine.title}"
    samples = {stem_of(folder): sample for folder, sample in zip(job.folders, job.samples, strict=True)}
    assay = AssaySection(name=where, organ="all", modality="protein", file=str(run.report), format=engine.format)
    table = read_precursors(run.report, engine.layout, assay, list(samples), where)
    rows, unmeasured = measured(table.rows)
    if len(rows) == 0:
        said = "; ".join(f"{count.item}: {count.n}" for count in table.counts)
        what = f"no precursor of any sample passes the filters ({said})"
        remedy = f"See {run.log}; was it the FASTA of the right species?"
        raise DataError(Problem(f"{where} {run.report}", what, "There is nothing to make proteins of", remedy))
    renamed = _renamed(rows, samples)
    absent = [sample for sample in job.samples if sample not in set(renamed["run"])]
    counts = [*table.counts, *unmeasured]
    if len(absent) > 0:
        note = f"{engine.title} found nothing in them, or could not read them: see {run.log}"
        counts.append(
            Count("samples without a precursor in the report", len(absent), len(samples), first_examples(absent), note)
        )
    contaminants = None if table.contaminants is None else _renamed(table.contaminants, samples)
    return replace(table, rows=renamed, counts=tuple(counts), contaminants=contaminants)


def _renamed(rows: pd.DataFrame, samples: dict[str, str]) -> pd.DataFrame:
    """Rows with runs under the names of their samples; categories are those that have rows, in the order of the samples."""
    run = rows["run"].cat.remove_unused_categories().cat.rename_categories(samples)
    present = set(run.cat.categories)
    return rows.assign(run=run.cat.set_categories([name for name in samples.values() if name in present]))
