"""The commands `raw run`, `raw search` and `raw combine`: raw files to tables, on one machine or many."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from organokine.raw.settings import SearchSettings
    from organokine.raw_job import RawJob

Samples = Annotated[
    Path,
    typer.Option(
        metavar="FILE",
        help="Sheet of runs: columns path and sample; SDRF and FragPipe manifests too.",
        show_default=False,
    ),
]
FastaFile = Annotated[
    Path, typer.Option("--fasta", metavar="FILE", help="Proteome to search, with contaminants.", show_default=False)
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder of the results.", show_default=False)]
Config = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Settings as TOML; see the page on raw data.", show_default=False)
]
Cache = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of finished searches; within --out by itself.", show_default=False),
]
NeededCache = Annotated[
    Path, typer.Option("--cache", metavar="DIR", help="Folder of finished searches.", show_default=False)
]
SpeciesOption = Annotated[
    Literal["human", "mouse", "rat"] | None,
    typer.Option(help="Refuse the FASTA of another species.", show_default=False),
]
Workers = Annotated[int, typer.Option(min=1, help="Threads; the results do not depend on it.")]


def run_raw_files(
    samples: Samples,
    fasta: FastaFile,
    out: Out,
    species: SpeciesOption = None,
    engine: Annotated[
        Literal["auto", "sage", "diann", "alphadia"], typer.Option(help="Search engine; auto is Sage for ddaPASEF.")
    ] = "auto",
    engine_path: Annotated[
        str | None, typer.Option(metavar="PATH", help="Program of DIA-NN or AlphaDIA.", show_default=False)
    ] = None,
    config: Config = None,
    cache: Cache = None,
    workers: Workers = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A running Dask scheduler, for the searches.", show_default=False),
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first run that cannot be searched.")
    ] = False,
) -> None:
    """Search raw runs: proteins, precursors, their quality and a page."""
    from organokine.raw_job import RawJob

    job = RawJob(samples, fasta, out, _settings(config), species, engine, engine_path, cache, command=_command())
    _run(job, workers=workers, scheduler=scheduler, fail_fast=fail_fast)


def search_raw_file(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="One folder NAME.d.", show_default=False)],
    fasta: FastaFile,
    cache: NeededCache,
    species: SpeciesOption = None,
    config: Config = None,
    workers: Workers = 1,
) -> None:
    """Search one raw run into a cache: one job of a cluster."""
    from organokine.cli_differential import writing

    _limit_threads(workers)
    from organokine.raw_job import RawJob
    from organokine.raw_run import search_one

    job = RawJob(folder, fasta, cache, _settings(config), species, cache=cache, workers=workers)
    with writing(cache):
        search_one(job, folder, typer.echo)


def combine_raw_files(
    samples: Samples,
    fasta: FastaFile,
    cache: NeededCache,
    out: Out,
    species: SpeciesOption = None,
    config: Config = None,
    workers: Workers = 1,
) -> None:
    """Join the finished searches of raw runs."""
    from organokine.raw_job import RawJob

    job = RawJob(samples, fasta, out, _settings(config), species, cache=cache, search=False, command=_command())
    _run(job, workers=workers, scheduler=None, fail_fast=False)


def _run(job: RawJob, *, workers: int, scheduler: str | None, fail_fast: bool) -> None:
    from dataclasses import replace

    from organokine.cli_differential import writing

    _limit_threads(workers)
    from organokine.raw_run import run_raw

    with writing(job.out if job.cache is None else job.cache):
        left = run_raw(replace(job, workers=workers, scheduler=scheduler, fail_fast=fail_fast), typer.echo)
    for warning in left.warnings:
        typer.echo(f"WARNING: {warning}", err=True)
    typer.echo(f"{left.n_proteins:,} protein groups: {left.folder / 'proteins.tsv'}")
    typer.echo(f"report: {left.folder / 'report.html'}")
    raise typer.Exit(code=int(left.n_proteins == 0))


def _limit_threads(workers: int) -> None:
    """The engine's joint step takes all processors unless it is told otherwise before it is loaded."""
    os.environ.setdefault("RAYON_NUM_THREADS", str(workers))


def _settings(config: Path | None) -> SearchSettings:
    from organokine.raw.config import read_settings

    return read_settings(config)


def _command() -> str:
    return shlex.join(["organokine", *sys.argv[1:]])
