"""The commands `refs`: what is known beforehand, from where, and how it is brought up to date."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Show, update and verify the reference knowledge.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_releases(as_json: AsJson = False) -> None:
    """List releases with their tables: version, size, licence, citation."""
    from organokine.references import listing

    found = listing.all_releases()
    typer.echo(listing.as_json(found) if as_json else listing.as_text(found))


@app.command()
def show(
    gene: Annotated[str, typer.Argument(metavar="GENE", help="Symbol, synonym or accession.", show_default=False)],
    species: Annotated[
        Literal["human", "mouse", "rat"] | None,
        typer.Option(help="Species.  [default: the one whose symbols fit the name best]", show_default=False),
    ] = None,
    release: Annotated[str, typer.Option(help="`embedded`, `current`, or the name of a release.")] = "embedded",
    as_json: AsJson = False,
) -> None:
    """Print everything known of a gene, and from where."""
    from organokine.references import dossier, dossier_text

    found = dossier.look_up(gene, species, release)
    typer.echo(dossier_text.as_json(found) if as_json else dossier_text.as_text(found))


@app.command()
def update(
    mirror: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            envvar="ORGANOKINE_REFS_MIRROR",
            help="Fetch from a mirror, where a file lies at NAME/FILE; its SHA256SUMS is honoured.",
            show_default=False,
        ),
    ] = "",
    extra: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="SET", help="Fetch a large set too: secact, nichenet_human, nichenet_mouse."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no server; use what was downloaded before.")] = False,
) -> None:
    """Download the sources of today and make a release of them."""
    from organokine.references.updates import update as updates

    options = updates.Options(mirror=mirror, offline=offline, extra=tuple(extra or ()))
    made = updates.update(options, _tell)
    typer.echo(made.as_text())


@app.command()
def verify() -> None:
    """Read every table again and compare its hash."""
    from organokine.references import listing

    found = listing.damage()
    for name, problems in found.items():
        typer.echo(f"{name}: {'intact' if len(problems) == 0 else 'damaged'}")
        for problem in problems:
            typer.echo(str(problem), err=True)
    raise typer.Exit(code=int(any(len(problems) > 0 for problems in found.values())))


@app.command()
def path() -> None:
    """Print the folder of the store."""
    from organokine.references.releases import store_folder

    typer.echo(str(store_folder()))


def _tell(text: str) -> None:
    typer.echo(text, err=True)
