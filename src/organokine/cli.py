"""The command line: thin commands over the library.

Exit status: 0 done; 1 the user's data or file is at fault; 2 usage; 3 a bug of ours; 4 `claims` found
something; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from organokine import __version__, doctor, terminal
from organokine.cli_card import card, digest, note
from organokine.cli_claims import claims
from organokine.cli_common import StudyPath, Verbose, Workers, progress, read, start_logging
from organokine.cli_differential import differential, writing
from organokine.cli_inspect import inspect
from organokine.cli_perturbation import perturbation
from organokine.cli_phenotype import phenotype
from organokine.cli_population import population, run_and_show_population
from organokine.cli_raw import app as raw
from organokine.cli_refs import app as refs
from organokine.errors import NotSearchedError, OrganokineError, OutputError, Problem

if TYPE_CHECKING:
    from organokine.study import Study


class _Commands(TyperGroup):
    """The group of all commands; an interrupted one says so."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            typer.echo("Interrupted. A run resumes where it stopped when it is started again.", err=True)
            raise typer.Exit(130) from error


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Which protein does one organ send that the other one receives, and how sure may we be?",
)


@app.callback(invoke_without_command=True)
def top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Answer options that stand before any command."""
    if version:
        typer.echo(f"organokine {__version__}")
        raise typer.Exit


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that holds the tables.", show_default=False)],
) -> None:
    """Write a study file and a sample sheet to fill in."""
    from organokine.new_study import write_new_study

    written = write_new_study(folder)
    typer.echo(f"wrote {written.study_file}\nwrote {written.sheet}")
    for remark in written.remarks:
        typer.echo(f"{remark}.")
    typer.echo("Fill in what is marked in both, then: organokine check STUDY")


@app.command()
def check(study: StudyPath) -> None:
    """Say what is wrong with a study, or what would run."""
    try:
        loaded = read(study, search=False)
    except NotSearchedError as error:
        typer.echo(f"{error}\n\nNothing is wrong so far.")
        return
    terminal.print_assays(loaded)
    terminal.print_joins(loaded.joins)
    terminal.print_warnings(loaded.flags)
    for command in _commands_for(loaded):
        typer.echo(f"\nThe study can be run: organokine {command} {study}")


@app.command()
def run(
    study: StudyPath,
    out: Annotated[
        Path | None,
        typer.Option(help="Output folder.  [default: NAME_organokine beside the study file]", show_default=False),
    ] = None,
    workers: Workers = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Take nothing over from an earlier run.")] = False,
    h5mu: Annotated[
        bool, typer.Option("--h5mu", help="Also write the study and all tables as one MuData (extra mudata).")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Run a study: ranked mediators, tables, a report."""
    start_logging(verbose=verbose)
    if h5mu:
        from organokine.exchange import require_mudata

        require_mudata()  # before the tables are read, which may take long
    loaded = read(study, workers=workers)
    _run_and_show(loaded, default_out(loaded) if out is None else out, workers=workers, fresh=fresh, h5mu=h5mu)


@app.command()
def report(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a run.", show_default=False)],
) -> None:
    """Write the report of a run again, from its tables."""
    from organokine.report import build

    typer.echo(f"report: {build(out)}")


@app.command()
def lines() -> None:
    """List the evidence lines and what each one asks."""
    from organokine.evidence import LINES

    for line in LINES:
        typer.echo(f"{line.name}: {line.question}")
        typer.echo(f"  needs {', '.join(line.needs)}")
        typer.echo(f"  null: {line.null}")
        effect = f"effect in {line.unit}" if line.unit != "" else "no effect"
        typer.echo(f"  {effect}; method: {line.reference}")


@app.command()
def demo(
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder to write into.  [default: organokine_demo, or organokine_demo_population]",
            show_default=False,
        ),
    ] = None,
    workers: Workers = 1,
    of_population: Annotated[
        bool, typer.Option("--population", help="Simulate a population of three organs in place of two groups.")
    ] = False,
) -> None:
    """Run a simulated study: no data needed."""
    from organokine.simulate import write_study
    from organokine.simulate.cohort_folder import write_population

    default = Path("organokine_demo_population" if of_population else "organokine_demo")
    place = default if out is None else out
    _refuse_own_study(place)
    typer.echo("The data of this demo are SIMULATED: no animal was measured, and nothing here is a finding.")
    with writing(place):
        written = write_population(place) if of_population else write_study(place, perturbations=True, behaviour=True)
    if of_population:
        run_and_show_population(read(written), workers=workers)
    else:
        loaded = read(written)
        _run_and_show(loaded, default_out(loaded), workers=workers, fresh=False)


@app.command("doctor")
def doctor_command() -> None:
    """Show versions, threads, memory, and what is slow here."""
    diagnosis = doctor.examine()
    width = max(len(fact.name) for fact in diagnosis.facts)
    for fact in diagnosis.facts:
        typer.echo(f"{fact.name:<{width}}  {fact.value}")
    for warning in diagnosis.warnings:
        typer.echo(f"\nWarning: {warning}")
    if len(diagnosis.warnings) == 0:
        typer.echo("\nNothing to mend.")


app.command()(claims)
app.command()(differential)
app.command()(card)
app.command()(digest)
app.command()(inspect)
app.command()(note)
app.command()(perturbation)
app.command()(phenotype)
app.command()(population)
app.add_typer(raw, name="raw")
app.add_typer(refs, name="refs")


def main() -> None:
    """Entry point: run the command line and exit with its status."""
    doctor.prefer_avx512_kernels(os.environ)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter of a gene or file name must not end the run.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(status(sys.argv[1:]))


def status(arguments: Sequence[str]) -> int:
    """Run one command and turn whatever happens into an exit status.

    Parameters
    ----------
    arguments : sequence of str
        The command line without the program's name.

    Returns
    -------
    int
        0 done; 1 the user's data or file is at fault; 2 usage; 3 a bug of ours; 4 `claims` found something; 130 interrupted.
    """
    try:
        app(args=list(arguments), prog_name="organokine")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except OrganokineError as error:
        typer.echo(str(error), err=True)
        return 1
    except Exception as error:  # noqa: BLE001  whatever is left is our bug, and is told as one
        typer.echo(_bug_message(error), err=True)
        return 3
    return 0


def default_out(study: Study) -> Path:
    """Folder of a run beside its study file: the study's name, with signs that trouble file systems replaced."""
    from organokine.output import plain_name

    return study.file.folder / f"{plain_name(study.file.study.name)}_organokine"


def _commands_for(study: Study) -> list[str]:
    """What can be run of a study: the chain if it has a contrast, and population mode if it asks for that."""
    file = study.file
    return [
        *(["run"] if (file.contrast is not None and file.axis is not None) or file.population is None else []),
        *(["population"] if file.population is not None else []),
    ]


def _bug_message(error: Exception) -> str:
    text = "".join(traceback.format_exception(error))
    summary = f"This is a bug of organokine {__version__} ({type(error).__name__}), not of your data."
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="organokine_", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
    except OSError:
        return f"{text}{summary} Please report it with the lines above and what `organokine doctor` prints."
    return f"{summary} Please report it with {file.name} and what `organokine doctor` prints."


def _refuse_own_study(folder: Path) -> None:
    """The demo replaces files of its own only; `truth.tsv` tells its folder from a real study."""
    if (folder / "study.toml").exists() and not (folder / "truth.tsv").exists():
        raise OutputError(
            Problem(
                str(folder), "the folder holds a study of its own", "The demo would replace it", "Name another --out"
            )
        )


def _run_and_show(study: Study, out: Path, *, workers: int, fresh: bool, h5mu: bool = False) -> None:
    from organokine import pipeline

    with progress() as tell:
        result = pipeline.run(study, out, workers=workers, fresh=fresh, h5mu=h5mu, progress=tell)
    terminal.print_leaders(result, study.file.ranking.fdr)
    typer.echo(f"report: {out / 'report.html'}")
