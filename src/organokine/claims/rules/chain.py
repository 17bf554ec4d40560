"""Rules on links of the chain from organ to behaviour that a text claims and does not show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from organokine.claims import caveats
from organokine.claims.rule import Hit, Rule, by_sentence, in_whom, matches
from organokine.claims.stated import Stated
from organokine.claims.words import pattern

_TRAVELS = re.compile(
    r"\b(?:secreted|released|sends?|sent out|shed)\b[^.;]{0,80}?\b(?:travels?|reach(?:es)?|cross(?:es)?|is carried|are carried|arrives?|enters?|to the brain|acts? on)\b"
    r"|\b(?:travels|is carried|migrates) (?:\w{1,10} ){0,4}(?:to|into) the\b|\bcrosses the blood[–-]brain barrier\b",
    re.IGNORECASE,
)
_OUTSIDE = pattern(
    r"plasma|serum|bloodstream|blood (?:levels?|samples?|of)|in (?:the )?blood|medium|conditioned|vesicles?|exosomes?|secretome|tracer|label(?:l)?ed|parabiosis|circulat\w{2,4}|arteriovenous|dialysis"
)
_MOTOR = pattern(r"rota-?rod|balance beam|motor (?:coordination|performance|skill|learning)|water maze|open field")
_OTHER_CAUSES = pattern(
    r"grip(?: strength)?|strength|body weight|weigh(?:t|ed)|activity|speed|distance|swimming speed|muscle mass|weak(?:er|ness)?|gait|stride"
)
_WEAK_SIGN = pattern(r"motor (?:coordination|performance|skill|learning)|balance|memory|learning")


def travels_unseen(stated: Stated) -> Iterator[Hit]:
    """Something is said to travel from organ to organ, and nobody looked outside of the organ."""
    if _OUTSIDE.search(stated.text) is not None:
        return
    places = (
        place
        for place in matches(stated, _TRAVELS)
        if not caveats.tells_of_others(place.sentence.text) and caveats.HEDGE.search(place.sentence.text) is None
    )
    why = "it is said to travel between organs, and the page tells of no measure in blood, medium or vesicles"
    yield from by_sentence(places, why, f"... changed in both organs {in_whom(stated)}; that it travels was not shown")


def other_cause_of_behaviour(stated: Stated) -> Iterator[Hit]:
    """A test of behaviour is told of without strength, weight or activity."""
    if len(stated.animals) == 0 or _MOTOR.search(stated.text) is None or _OTHER_CAUSES.search(stated.text) is not None:
        return
    for place in matches(stated, _WEAK_SIGN, in_fields=False):
        why = "weak, heavy or listless animals also do worse in this test, and the page says nothing of strength, weight or activity"
        yield Hit(
            place.sentence, ((place.start, place.end),), why, "say whether strength, weight and activity differed too"
        )
        return


TRAVELS = Rule(
    "R17",
    "travels_unseen",
    "Is a protein said to travel between organs, though nobody measured it in between?",
    "A protein that both organs make and change alike looks the same",
    "Links L2 and L3 of an evidence card",
    "over-claim",
    travels_unseen,
)
BEHAVIOUR = Rule(
    "R11",
    "other_cause_of_behaviour",
    "Could strength, weight or activity explain a change of behaviour?",
    "A rotarod measures strength and body weight as well as coordination",
    "Link L6 of an evidence card",
    "note",
    other_cause_of_behaviour,
)
