"""The command `population`: which secreted genes of one organ go with another organ, across individuals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from organokine.cli_common import StudyPath, Verbose, Workers, progress, read, start_logging

if TYPE_CHECKING:
    from organokine.population_run import PopulationResult
    from organokine.study import Study

N_SHOWN = 8


def _shard(text: str | None) -> str | None:
    from organokine.shards import parse_shard

    if text is not None:
        try:
            parse_shard(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    return text


def population(
    study: StudyPath,
    out: Annotated[
        Path | None,
        typer.Option(help="Output folder.  [default: NAME_population beside the study file]", show_default=False),
    ] = None,
    workers: Workers = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Take nothing over from an earlier run.")] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="i/N",
            callback=_shard,
            help="Compute the i-th of N parts of the work and stop; start it again to go on.",
            show_default=False,
        ),
    ] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Put together what shards have computed.")] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Dask scheduler whose workers compute, such as tcp://node7:8786 (extra dask).",
            show_default=False,
        ),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Score who talks to whom across individuals: no groups needed."""
    if merge and (fresh or shard is not None or scheduler is not None):
        message = "--merge computes nothing, so --fresh, --shard and --scheduler have no meaning beside it."
        raise typer.BadParameter(message)
    start_logging(verbose=verbose)
    loaded = read(study, search=shard is None and not merge, workers=workers, scheduler=scheduler)
    if shard is not None:
        folder = _default_out(loaded) if out is None else out
        _run_shard(loaded, folder, shard, study, workers=workers, fresh=fresh, scheduler=scheduler)
    else:
        run_and_show_population(loaded, out, workers=workers, fresh=fresh, merge=merge, scheduler=scheduler)


def _default_out(study: Study) -> Path:
    from organokine.output import plain_name

    return study.file.folder / f"{plain_name(study.file.study.name)}_population"


def _run_shard(
    study: Study, out: Path, shard: str, path: Path, *, workers: int, fresh: bool, scheduler: str | None
) -> None:
    from organokine.population_run import run_shard

    with progress() as tell:
        done = run_shard(study, out, shard, workers=workers, fresh=fresh, scheduler=scheduler, progress=tell)
    typer.echo(
        f"shard {shard}: {done.n_own} of {done.n_cells} cells, {done.n_reused} of them were there already. Once all shards are done: "
        f"organokine population {path} --merge"
    )


def run_and_show_population(
    study: Study,
    out: Path | None = None,
    *,
    workers: int,
    fresh: bool = False,
    merge: bool = False,
    scheduler: str | None = None,
) -> None:
    """Run population mode into a folder, beside the study file unless it is named, and print what leads."""
    from organokine.population_run import run_population

    folder = _default_out(study) if out is None else out
    with progress() as tell:
        result = run_population(
            study, folder, workers=workers, fresh=fresh, merge=merge, scheduler=scheduler, progress=tell
        )
    _show(result, study.file.ranking.fdr)
    typer.echo(f"report: {folder / 'report.html'}")


def _show(result: PopulationResult, fdr: float) -> None:
    """The first candidates over all pairs, and the result in words."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from organokine.report.population_page import in_words

    leaders = result.population[result.population["p"].notna()]
    leaders = leaders.sort_values(["p", "z_score"], ascending=[True, False], kind="stable").head(N_SHOWN)
    columns = ("gene", "source", "target", "route", "score", "p", "q", "p_competitive")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        table.add_column(name.replace("_", " "), no_wrap=name == "gene")
    for row in leaders.to_dict("records"):
        cells = (row[name] for name in columns)
        table.add_row(*(Text(f"{cell:.2g}" if isinstance(cell, float) else str(cell)) for cell in cells))
    if len(leaders) > 0:
        Console().print(table)
    for sentence in in_words(result.tables, fdr):
        typer.echo(sentence)
