"""Rules that hold a text against the facts of an evidence card."""

from __future__ import annotations

import re
from collections.abc import Iterator

from organokine.claims import caveats
from organokine.claims.card_facts import CardFacts
from organokine.claims.page import Sentence
from organokine.claims.rule import Hit, Rule, by_sentence, matches, quoted_field
from organokine.claims.stated import Place, Stated
from organokine.claims.words import PEOPLE, pattern

_HIGHER = (
    r"higher|raised|increased|elevated|more abundant|up-?regulated|rises?|rose|increases?|accumulates?|goes up|went up"
)
_LOWER = r"lower|reduced|decreased|less abundant|down-?regulated|falls?|fell|decreases?|declines?|declined|drops?|dropped|goes down|went down|lost"
_MOVED = pattern(
    r"over-?express\w{0,5}|knock\w{0,5}[- ]?(?:out|down)\w{0,2}|inject\w{2,5}|silenc\w{2,3}|inhibit\w{0,5}|block\w{0,4}|delet\w{2,4}|treated|treatment|given|raising|lowering"
)
_CLAIMS: dict[str, tuple[str, re.Pattern[str]]] = {
    "necessity": ("is needed", pattern(r"(?:required|necessary|essential|indispensable|needed) (?:for|to)|depends on")),
    "sufficiency": (
        "is enough",
        pattern(r"(?:sufficient|enough) (?:for|to)|causes|drives|triggers|induces|impairs|destroys|leads to|robs"),
    ),
    "reversal": (
        "reverses the change",
        pattern(r"revers(?:es|ed|ing)|rescu(?:es|ed|ing)|restor(?:es|ed|ing)|brought back"),
    ),
    "L2": ("leaves the organ", pattern(r"(?:is |are |was )?(?:secreted|released|shed)|secretes|releases|circulates")),
    "L3": (
        "arrives in the target organ",
        pattern(r"travels to|reaches|arrives in|crosses|enters the (?:brain|blood)|is carried to|is transported to"),
    ),
    "L4": (
        "is received",
        pattern(
            r"binds(?: to)?|activates (?:the|its) receptor|acts (?:on|through|via) (?:the|its|a) (?:\w{1,12} )?receptors?"
        ),
    ),
    "replication": (
        "was replicated",
        pattern(r"replicated|confirmed in (?:a|an) (?:second|independent)|independent cohorts?"),
    ),
    "dose": ("depends on dose", pattern(r"dose[- ]dependent(?:ly)?|dose[- ]response")),
}
_SIZE = re.compile(
    r"(?<![\w.])n ?= ?(\d{1,6})\b|(?<![\w.])(\d{1,6}) (?:\w{1,12} ){0,2}(?:mice|rats|animals|people|patients|adults|participants|women|men|donors)\b",
    re.IGNORECASE,
)


def card_rules(card: CardFacts) -> tuple[Rule, ...]:
    """Rules for one card, in the order of their weight.

    Parameters
    ----------
    card : CardFacts
        The card.

    Returns
    -------
    tuple of Rule
        To be appended to those that a text alone is held against.
    """
    source = "Facts of the evidence card"
    return (
        Rule("C1", "card_species", "Does the text name another species than the card?", "A finding holds for the species it was made in", source,
             "contradiction", lambda stated: _other_species(stated, card)),
        Rule("C2", "card_direction", "Does the text give the change the other direction?", "More and less are opposite findings", source,
             "contradiction", lambda stated: _other_direction(stated, card)),
        Rule("C3", "card_size", "Does the text name more animals or people than the card?", "The number decides how sure one may be", source,
             "contradiction", lambda stated: _other_size(stated, card)),
        Rule("C4", "card_link", "Does the text claim a link or a test that the card does not support?", "Each step of a chain needs evidence of its own", source,
             "over-claim", lambda stated: _beyond_card(stated, card)),
        Rule("C5", "card_gene", "Does the text speak of the gene of the card?", "Otherwise it is held against the wrong card", source,
             "note", lambda stated: _no_gene(stated, card)),
    )  # fmt: skip


def _gene(card: CardFacts) -> re.Pattern[str]:
    """The symbol as a word, however it is written: `Anxa2` and `ANXA2`, `MT-CO1` and `MT CO1`."""
    return pattern(re.sub(r"(?:\\-|[ _])", "[- ]?", re.escape(card.gene)))


def _names_gene(stated: Stated, card: CardFacts) -> bool:
    return _gene(card).search(stated.text) is not None


def _no_gene(stated: Stated, card: CardFacts) -> Iterator[Hit]:
    if not _names_gene(stated, card):
        why = f"the text never names {card.gene}; the card may be of another study"
        yield Hit(None, (), why, "check the text against the card of the gene that it is about")


def _other_species(stated: Stated, card: CardFacts) -> Iterator[Hit]:
    """People in header or text where the card has none, or another animal than the card's."""
    whom = "people" if card.species == "human" else card.species or "animals"
    if not card.is_human and card.stage + card.species != "":
        for field in stated.claimed_human:
            sentence = None if field.sentence == 0 else stated.page.sentences[field.sentence - 1]
            spans = () if sentence is None else ((max(0, len(sentence.text) - len(field.value)), len(sentence.text)),)
            why = f"the header says {quoted_field(field.name, field.value)}, and the card is of {whom} ({card.stage or 'no stage'})"
            yield Hit(sentence, spans, why, f"{field.name}: {whom}; no people were studied")
        yield from by_sentence(
            iter(stated.people),
            f"the text says that people were studied, and the card is of {whom} ({card.stage or 'no stage'})",
            f"in {whom}, ...",
        )
    if card.species not in {"mice", "rats", "human"}:
        return
    others = (
        place
        for place in stated.animals
        if place.label not in {card.species, "animals", "rodents"}
        and not (card.species == "human" and card.is_human and stated.has_people)
    )
    yield from by_sentence(others, f"another species than that of the card, {whom}", f"in {whom}, ...")


def _level_claims(sentence: Sentence, gene: re.Pattern[str], words: str) -> Iterator[tuple[int, int]]:
    """Where the gene itself, not something moved by it, is said to be higher or lower."""
    wanted = re.compile(
        rf"{gene.pattern}(?: (?!not\b|did\b|does\b)[\w’'-]{{1,15}}){{0,4}} (?:{words})(?![\w-])", re.IGNORECASE
    )
    before = re.compile(
        rf"(?<![\w-])(?:{words}) (?:levels? of |amounts? of |abundance of |expression of )?{gene.pattern}",
        re.IGNORECASE,
    )
    for match in (*wanted.finditer(sentence.text), *before.finditer(sentence.text)):
        yield match.start(), match.end()


def _other_direction(stated: Stated, card: CardFacts) -> Iterator[Hit]:
    opposite = {"increased": _LOWER, "decreased": _HIGHER}.get(card.direction)
    if opposite is None:
        return
    for sentence in stated.page.sentences:
        if _MOVED.search(sentence.text) is not None or caveats.tells_of_others(sentence.text):
            continue
        spans = [
            span
            for span in _level_claims(sentence, _gene(card), opposite)
            if not stated.is_fair(Place(sentence, *span))
        ]
        if len(spans) > 0:
            why = f"the card says that {card.gene} is {card.direction} in the source organ"
            yield Hit(sentence, tuple(spans), why, f"{card.gene} was {card.direction} ...")


def _other_size(stated: Stated, card: CardFacts) -> Iterator[Hit]:
    if len(card.group_sizes) == 0:
        return
    most = max(card.group_sizes)
    total = sum(card.group_sizes) if len(card.group_sizes) > 1 else 2 * most
    for sentence in stated.page.sentences:
        if caveats.tells_of_others(sentence.text) or caveats.tells_of_plans(sentence.text):
            continue
        for match in _SIZE.finditer(sentence.text):
            n = int(match.group(1) or match.group(2))
            if n > max(total, 2 * most) and not stated.is_fair(Place(sentence, match.start(), match.end())):
                why = f"the largest group of the card has {most}"
                yield Hit(sentence, ((match.start(), match.end()),), why, f"n = {most} in the largest group")


def _beyond_card(stated: Stated, card: CardFacts) -> Iterator[Hit]:
    known = {**card.links, **card.tests}
    gene = _gene(card)
    for name, (words, wanted) in _CLAIMS.items():
        if name not in known or card.shows(name):
            continue
        places = (
            place
            for place in matches(stated, wanted, in_fields=False)
            if (
                gene.search(place.sentence.text) is not None
                or re.match(r"(?:it|this)\b", place.sentence.text, re.IGNORECASE) is not None
            )
            and caveats.HEDGE.search(place.sentence.text) is None
        )
        state = known[name].replace("_", " ")
        yield from by_sentence(
            places, f"that it {words} is “{state}” on the card ({name})", f"say that {name} is {state}"
        )
    if not card.is_human and card.stage + card.species != "":
        yield from _in_people(stated, card, gene)


def _in_people(stated: Stated, card: CardFacts, gene: re.Pattern[str]) -> Iterator[Hit]:
    effect = pattern(
        r"causes|drives|weakens|impairs|improves|restores|prevents|protects|treats|lowers|raises|marks|predicts|makes|robs|helps"
    )
    places = (
        place
        for place in matches(stated, effect, in_fields=False)
        if gene.search(place.sentence.text) is not None and PEOPLE.search(place.sentence.text) is not None
    )
    whom = card.species or "animals"
    yield from by_sentence(
        places,
        f"an effect in people, and the card has none ({card.stage or whom})",
        f"in {whom}, ... ; not tested in people",
    )
