"""The command `claims`: does a text about a study say more than the study can show?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FOUND = 4
"""Exit status where something was found."""


def claims(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A page about a study: text, Markdown or HTML.", show_default=False)
    ],
    card: Annotated[
        Path | None,
        typer.Option(metavar="CARD.json", help="Evidence card to hold the text against as well.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List contradictions and over-claims in a text about a study; exit 4 if there are any."""
    from organokine.claims import RULES, check_file, read_card, show
    from organokine.claims.rules.card import card_rules

    rules = RULES if card is None else (*RULES, *card_rules(read_card(card)))
    checked = check_file(file, rules)
    typer.echo(show.as_json(checked) if as_json else show.as_text(checked))
    raise typer.Exit(code=FOUND if len(checked.findings) > 0 else 0)
