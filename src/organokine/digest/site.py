"""The pages of a digest as text: an index, and one page per card that needs no script and asks nothing of the outside."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from organokine.digest.linked_data import as_script, card_graph
from organokine.digest.sentence import Said, Sentence, Table, View
from organokine.digest.views import READERS, SIMULATED, TITLES, view_of

Card = Mapping[str, Any]
INDEX = "index"
LONGEST = 80
"""Signs of a file name at most; file systems end at 255 bytes."""
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d|index)$", re.IGNORECASE)
"""Names that Windows keeps for itself, and our own."""


def file_names(genes: Sequence[str]) -> dict[str, str]:
    """A name for the page of every candidate: safe on every file system, and no two alike in whatever case.

    Parameters
    ----------
    genes : sequence of str
        Candidates; any text.

    Returns
    -------
    dict of str to str
        By candidate, without the ending.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for gene in genes:
        stem = re.sub(r"[^A-Za-z0-9-]+", "_", gene).strip("_-")[:LONGEST]
        stem = f"gene_{stem}" if stem == "" or _RESERVED.match(stem) is not None else stem
        name, n = stem, 1
        while name.casefold() in taken:
            n += 1
            name = f"{stem}_{n}"
        taken.add(name.casefold())
        names[gene] = name
    return names


def site_of(cards: Mapping[str, Card], *, draft: bool = False) -> dict[str, str]:
    """All files by name: the index, a page per card, and the card itself beside its page.

    Parameters
    ----------
    cards : mapping of str to mapping
        Cards by candidate, in the order of the ranking.
    draft : bool
        Whether a card that a contradiction blocks gets a page, which is stamped.

    Returns
    -------
    dict of str to str
        Text by file name.
    """
    names = file_names(list(cards))
    shown = {names[gene]: card for gene, card in cards.items() if draft or not card["blocked"]}
    found = {f"{INDEX}.html": index_page(cards, {str(card["gene"]): f"{name}.html" for name, card in shown.items()})}
    for name, card in shown.items():
        found[f"{name}.html"] = card_page(card, f"{name}.json")
        found[f"{name}.json"] = json.dumps(card, indent=2, allow_nan=False) + "\n"
    return found


def index_page(cards: Mapping[str, Card], pages: Mapping[str, str]) -> str:
    """The list of all cards; those without a page are blocked, and say so."""
    first = next(iter(cards.values()), None)
    return _rendered(
        "index.html.jinja",
        cards=list(cards.values()),
        pages=pages,
        study="" if first is None else first["provenance"]["study"],
        use="Research use only." if first is None else first["use"],
        simulated=SIMULATED if any(card["simulated"] for card in cards.values()) else "",
    )


def card_page(card: Card, card_file: str) -> str:
    """One card with its four views, and everything that they cite.

    Parameters
    ----------
    card : mapping
        The card.
    card_file : str
        Where its JSON is, from the page.

    Raises
    ------
    DigestFault
        If a view says what the card does not bear out.
    """
    views: dict[str, View] = {reader: view_of(card, reader) for reader in READERS}
    cited = dict.fromkeys(name for view in views.values() for name in _cites(view))
    facts = {name: f"F{place}" for place, name in enumerate(card["facts"], start=1) if name in cited}
    judged = {
        name: f"J{place}" for place, name in enumerate((name for name in cited if name not in card["facts"]), start=1)
    }
    return _rendered(
        "card.html.jinja",
        card=card,
        views=views,
        titles=TITLES,
        anchors=facts | judged,
        facts=facts,
        judged=judged,
        card_file=card_file,
        graph=as_script(card_graph(card, views, card_file)),
    )


def _cites(view: View) -> list[str]:
    cited = [each.cites for each in view.sentences()] + [each.cites for each in view.rows()]
    return [name for names in cited for name in names]


def judgement(card: Card, name: str) -> str:
    """What a judgement of a card says, in a few words."""
    kind, _, which = name.partition(":")
    lists = {
        "link": ("hasEvidenceLines", "id"),
        "test": ("tests", "name"),
        "bias": ("bias", "item"),
        "next": ("next_experiment", "closes"),
        "flag": ("flags", "rule"),
    }
    if kind == "card":
        return {
            "stage": "stage, from species and design alone",
            "relevance": "relevance, by rule",
            "weakest_link": "the weakest link of the chain",
            "proposition": "what was asked",
            "not_shown": "the list of what is not shown",
            "provenance": "inputs, versions and parameters",
            "sensitivity": "what other thresholds would say",
        }[which]
    where, key = lists[kind]
    found = [each for each in card[where] if str(each[key]) == which]
    shown = {
        "link": ("state", "certainty", "rule"),
        "test": ("question", "state", "rule"),
        "bias": ("name", "risk", "badge"),
        "next": ("design",),
        "flag": ("severity", "message"),
    }
    return "; ".join(", ".join(str(each[field]).replace("_", " ") for field in shown[kind]) for each in found)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("organokine", "digest/assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["said"] = lambda block: isinstance(block, Said)
    environment.tests["sentence"] = lambda block: isinstance(block, Sentence)
    environment.filters["spaced"] = lambda text: str(text).replace("_", " ")
    environment.globals["judgement"] = judgement
    return environment


def _rendered(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values).rstrip() + "\n"
