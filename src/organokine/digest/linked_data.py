"""What a page says to machines, as JSON-LD in the words of schema.org: questions with answers, the page, and the card as a data set.

`MedicalStudy` and its kin are defined for human medicine, and stand only where people were measured. `MedicalEvidenceLevel` is for
guidelines, and never stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from organokine.digest.answers import QUESTIONS
from organokine.digest.cited import Cited
from organokine.digest.sentence import View
from organokine.digest.voice import Voice

Card = Mapping[str, Any]
SPEAKS = "clinician"
"""Reader whose answers machines are given: those that say in every line in whom it was seen."""


def card_graph(card: Card, views: Mapping[str, View], card_file: str) -> dict[str, Any]:
    """Linked data of the page of a card.

    Parameters
    ----------
    card : mapping
        The card.
    views : mapping of str to View
        Its views by reader.
    card_file : str
        Where the JSON of the card is, from the page.
    """
    taxon, gene = _taxon(card), {"@type": "Gene", "name": card["gene"]}
    use = " ".join(banner.text for banner in views[SPEAKS].banners)
    title = f"{card['gene']}: digest of its evidence card ({taxon['name']})"
    graph: list[dict[str, Any]] = [
        {"@type": "FAQPage", "about": [taxon, gene], "mainEntity": _questions(views[SPEAKS])},
        {
            "@type": "ScholarlyArticle", "headline": title, "abstract": f"{use} {card['headline']}", "about": [taxon, gene], "inLanguage": "en",
            "isBasedOn": {"@id": card["id"]},
        },
        {
            "@type": "Dataset", "@id": card["id"], "name": f"{card['gene']}: evidence card ({taxon['name']})", "description": use,
            "identifier": card["id"], "about": [taxon, gene], "conditionsOfAccess": "research use only",
            "distribution": {"@type": "DataDownload", "encodingFormat": "application/json", "contentUrl": card_file},
        },
    ]  # fmt: skip
    if Voice(Cited(card), SPEAKS).is_of_people:
        graph.append({"@type": "MedicalObservationalStudy", "name": title, "description": use, "studySubject": taxon})
    return {"@context": "https://schema.org", "@graph": graph}


def _questions(view: View) -> list[dict[str, Any]]:
    by_key = {section.key: section for section in view.sections}
    return [
        {
            "@type": "Question",
            "name": f"{view.gene}: {by_key[key].heading}",
            "acceptedAnswer": {"@type": "Answer", "text": " ".join(each.text for each in by_key[key].sentences)},
        }
        for key in QUESTIONS
    ]


def _taxon(card: Card) -> dict[str, Any]:
    found = card["proposition"]["species_of_data"]
    known = {} if found["taxon"] == "unknown" else {"identifier": found["taxon"]}
    return {"@type": "Taxon", "name": found["name"], **known}


def as_script(graph: Mapping[str, Any]) -> Markup:
    """JSON for a script element: signs that could end it are written as escapes, so that no text can."""
    text = json.dumps(graph, indent=1, ensure_ascii=False, allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
