"""The commands `card`, `digest` and `note`: evidence cards for their readers, and what people say of them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer


def card(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a run.", show_default=False)],
    gene: Annotated[str, typer.Argument(metavar="GENE", help="Leading candidate.", show_default=False)],
    view: Annotated[
        Literal["markdown", "html", "json", "reviewer", "pi", "clinician", "patient"],
        typer.Option(help="How to write it, or for whom."),
    ] = "markdown",
) -> None:
    """Print the evidence card of one leading candidate."""
    from organokine.card_files import read_card

    if view in {"json", "markdown", "html"}:
        typer.echo(_shown(read_card(out, gene), view), nl=False)
        return
    from organokine.digest_files import read_view

    typer.echo(read_view(out, gene, view), nl=False)


def _shown(found: dict[str, Any], view: str) -> str:
    if view == "json":
        import json

        return json.dumps(found, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    from organokine.report.card_page import card_html, card_markdown

    return card_html(found) if view == "html" else card_markdown(found)


def digest(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a run.", show_default=False)],
    draft: Annotated[bool, typer.Option("--draft", help="Also cards that a contradiction blocks, stamped.")] = False,
) -> None:
    """Write all cards of a run for four readers, as pages in OUT/digest."""
    from organokine.digest_files import write_digest

    typer.echo(f"digest: {write_digest(out, draft=draft)}")


def note(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study file.", show_default=False)],
    gene: Annotated[
        str, typer.Argument(metavar="GENE", help="The candidate; `*` answers a rule on all cards.", show_default=False)
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is said.", show_default=False)],
    author: Annotated[str, typer.Option(help="Who says it.", show_default=False)],
    day: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="When; today if left out.", show_default=False),
    ] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="RULE", help="Answer the flag of this rule, such as R13.", show_default=False)
    ] = None,
    question: Annotated[bool, typer.Option("--question", help="It is a question.")] = False,
) -> None:
    """Add a note, a question or an answer to a flag; it stands on the card after the next run."""
    from organokine.appraisal.answers import entry_of
    from organokine.card_files import add_entry, lacks_card
    from organokine.errors import DataError, Problem

    when = date.today() if day is None else day.date()
    if when > date.today():
        what = f"{when} is still to come"
        raise DataError(Problem("--date", what, "Readers would not know when it was said", "Give the day it was said"))
    entry = entry_of(gene, text, author, when, rule=rule, question=question)
    typer.echo(f"wrote {add_entry(study, entry)}; it stands on the card after: organokine run {study}")
    if lacks_card(study, entry.gene):
        typer.echo(
            f"{entry.gene} has no card now: only leading candidates have one, and nobody sees this before it has."
        )
