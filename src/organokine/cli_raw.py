"""The commands `raw`: timsTOF folders, looked at, simulated and searched."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from organokine.cli_raw_run import combine_raw_files, run_raw_files, search_raw_file

if TYPE_CHECKING:
    from organokine.raw.inspection import Inspection

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Raw folders of timsTOF instruments: look at them, search them, simulate them.",
)


@app.callback()
def raw() -> None:
    """Look at raw folders of timsTOF instruments, and search them."""


app.command("run")(run_raw_files)
app.command("search")(search_raw_file)
app.command("combine")(combine_raw_files)


@app.command("inspect")
def inspect_raw(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders NAME.d.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for inspect.json and inspect.html, with the map of m/z by 1/K0.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say what raw folders hold, and whether they are whole."""
    from organokine.raw import inspection

    found = []
    for folder in folders:
        found.append(inspection.inspect_folder(folder, with_map=out is not None))
        typer.echo(inspection.as_line(found[-1]))
        for fault in found[-1].faults:
            typer.echo(f"  {fault.problem}", err=True)
    if out is not None:
        _write(found, out)
    raise typer.Exit(code=int(not all(each.is_readable for each in found)))


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder, new or empty.", show_default=False)],
    mode: Annotated[Literal["dda", "dia"], typer.Option(help="ddaPASEF or diaPASEF.")] = "dda",
    proteins: Annotated[int, typer.Option(help="Proteins in the samples.")] = 120,
    groups: Annotated[str, typer.Option(metavar="A,B", help="Names of the groups.")] = "young,aged",
    replicates: Annotated[int, typer.Option(help="Runs a group.")] = 2,
    gradient: Annotated[float, typer.Option(help="Length of a run in seconds.")] = 90.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Write simulated runs of a known protein mixture, with a FASTA and the truth."""
    from organokine.cli_differential import writing
    from organokine.simulate.raw_study import simulate_raw

    names = groups.split(",")
    with writing(out):
        study = simulate_raw(
            out, mode=mode, n_proteins=proteins, groups=names, replicates=replicates, gradient=gradient, seed=seed
        )
    typer.echo(f"SIMULATED: {len(study.runs)} runs in {out}; nothing was measured. What is planted: {study.truth}")


def _write(found: list[Inspection], out: Path) -> None:
    from organokine.cli_differential import writing
    from organokine.output import write_text
    from organokine.raw.inspection import as_json
    from organokine.report.raw_page import build_raw_page

    words = ["organokine", "raw", "inspect", *(str(each.path) for each in found), "--out", str(out)]
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        write_text(out / "inspect.json", json.dumps(as_json(found), allow_nan=False) + "\n")
        write_text(out / "inspect.html", build_raw_page(found, shlex.join(words)))
    typer.echo(f"report: {out / 'inspect.html'}")
