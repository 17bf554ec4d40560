"""The command `inspect`: what a file is, before there is a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def inspect(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Tables, or folders of tables of one program.", show_default=False),
    ],
    species: Annotated[
        Literal["human", "mouse", "rat"] | None,
        typer.Option(help="Map genes to official symbols too, and count.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object per file.")] = False,
) -> None:
    """Say what a file is: program, samples, features, scale, problems."""
    from organokine.readers import inspection

    found = []
    for file in files:
        found.append(inspection.inspect(file, species))
        if not as_json:
            typer.echo(inspection.as_text(found[-1]) + "\n")
    if as_json:
        typer.echo(inspection.as_json(found))
    raise typer.Exit(code=int(any(len(each.problems) > 0 for each in found)))
