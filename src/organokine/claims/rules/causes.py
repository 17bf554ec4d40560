"""Rules on verbs that say more than the design can show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from organokine.claims import caveats
from organokine.claims.rule import Hit, Rule, by_sentence, in_whom, matches
from organokine.claims.stated import Place, Stated
from organokine.claims.words import pattern, some_words

_CAUSES = {
    r"causes|drives|triggers|induces|governs|regulates|promotes|determines|boosts|prevents|destroys|rebuilds|accelerates|slows(?: down)?"
    r"|protects(?: against)?|leads to|wards off|staves off|is responsible for|controls (?=the |blood |how |whether |muscle |its |your )": "goes with",
    r"(?:protect|guard)(?: against)?|drive|determine|trigger|cause(?! of)|lead to|prevent|are responsible for": "go with",
    r"drove|led to|prevented|protected against|was responsible for|(?:caused|triggered|resulted in)(?! by)": "went with",
}
_PAST = r"drove|led to|prevented|protected against|was responsible for|caused|triggered|resulted in"
_CAUSAL = pattern(
    *_CAUSES,
    r"(?:master regulator|key driver|driver|root cause|cause) of",
    r"(?:cuts?|lowers?|reduces?|halves|slashes) (?:their|the|your|its)? ?risk",
)
_NOT_FINITE = re.compile(
    r"\b(?:to|the|a|an|its|of|all|was|were|been|be|is|are|those|by|\w{3,15}ly|help|helps|could|would|main|likely|possible|common|root|underlying|third|same|one|not|no|any|other|this|that|by) \Z",
    re.IGNORECASE,
)
_ASKS_HOW = pattern(r"understand\w{0,5}|mechanisms?|aim(?:s|ed)?|role of|investigat\w{1,5}|examin\w{1,5}|care to")
_NEEDED = re.compile(
    rf"(?<![\w-])(?:is|are|was|were|as|proved|proves|remains) {some_words(2)}"
    r"(?:(?:required|necessary|essential|indispensable) (?:for|to (?:protect|maintain|keep|preserve|sustain|drive|trigger|regulate|control))"
    r"|(?:needed|crucial|critical|vital) for)\b|\b(?:cannot|can't) (?:\w{2,12} ){1,3}without\b",
    re.IGNORECASE,
)
_NOT_BIOLOGY = pattern(
    r"stud(?:y|ies)|research|trials?|work|data|approval|consent|evidence|experiments?|replication|caution|funding|training|registration|information"
)


def _claims_cause(stated: Stated) -> Iterator[Place]:
    for place in matches(stated, _CAUSAL, in_fields=False):
        text = place.sentence.text
        is_past = re.match(rf"(?:{_PAST})\b", place.text, re.IGNORECASE) is not None
        is_other_form = _NOT_FINITE.search(text[: place.start]) is not None or (is_past and not stated.is_observed)
        is_hedged = caveats.HEDGE.search(text) is not None
        others = caveats.tells_of_others(text)
        if not (is_other_form or is_hedged or others or _ASKS_HOW.search(text) is not None) and stated.is_on_topic(
            text
        ):
            yield place


def _weaker(place: Place) -> str:
    """The sentence with an association in place of its causal verb; a gap to fill where it claims more than one cause."""
    text, verb = place.sentence.text, place.text.lower()
    if _CAUSAL.search(text, place.end) is not None:
        return "say only what went with what, and in whom; nothing was moved that could show a cause"
    swap = next(
        (weaker for verbs, weaker in _CAUSES.items() if re.fullmatch(verbs, verb) is not None), "is associated with"
    )
    return f"{text[: place.start]}{swap}{text[place.end :]}"


def cause_without_experiment(stated: Stated) -> Iterator[Hit]:
    """A cause is claimed where nothing was moved, or nothing is told of it."""
    if stated.has_experiment or not (stated.is_observed or _tells_of_study(stated)):
        return
    told = "the page tells of an observation" if stated.is_observed else "the page tells of no experiment"
    why = f"a cause is claimed, but {told}: what goes with something need not bring it about"
    yield from by_sentence(_claims_cause(stated), why, _weaker)


def need_without_loss(stated: Stated) -> Iterator[Hit]:
    """Something is called necessary where nothing was taken away."""
    if stated.has_loss:
        return
    places = (
        place
        for place in matches(stated, _NEEDED, in_fields=False)
        if _NOT_BIOLOGY.search(place.sentence.text) is None
        and caveats.HEDGE.search(place.sentence.text) is None
        and stated.is_on_topic(place.sentence.text)
    )
    why = "it is called necessary, but the page tells of nothing that was taken away or blocked; adding it shows at most that it is enough"
    yield from by_sentence(places, why, f"say what was moved: {in_whom(stated)}, more of it was enough to ...")


def _tells_of_study(stated: Stated) -> bool:
    from organokine.claims.words import RATED, TELLS_STUDY

    return TELLS_STUDY.search(stated.text) is not None or RATED.search(stated.text) is not None


CAUSE = Rule(
    "R05",
    "cause_without_experiment",
    "Does a verb claim a cause where nothing was moved on purpose, or nobody was drawn by lot?",
    "Two things that go together may both come from a third",
    "Causal verbs for observations are one of three inflations of press releases (doi 10.1136/bmj.g7015)",
    "over-claim",
    cause_without_experiment,
)
NEED = Rule(
    "R06",
    "need_without_loss",
    "Is something called required or essential, though it was never taken away?",
    "Raising a factor shows that it can be enough; only taking it away shows that it is needed",
    "Sufficiency and necessity are two tests of an evidence card",
    "over-claim",
    need_without_loss,
)
