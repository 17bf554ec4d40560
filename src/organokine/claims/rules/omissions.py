"""Rules on what a page leaves out: the organism, the number, the sex."""

from __future__ import annotations

import re
from collections.abc import Iterator

from organokine.claims import caveats
from organokine.claims.page import Sentence
from organokine.claims.rule import Hit, Rule, in_whom, matches
from organokine.claims.stated import Place, Stated
from organokine.claims.words import (
    ANIMAL,
    CELLS,
    NOT_STUDIED,
    PREDICTED,
    RATED,
    RESULT,
    SIZE,
    SOME_ANIMALS,
    TELLS_STUDY,
    pattern,
)

_EFFECT = pattern(
    r"(?:cause|drive|trigger|improve|impair|weaken|restore|reverse|prevent|protect|raise|lower|reduce|increase|shorten|lengthen|worsen|lead"
    r"|destroy|slow|speed|strengthen|regulate|control|govern|mend|treat|cure|clear|boost|protect|make|repair|rebuild|heal|melt|relax|decide|block|stop"
    r"|damage|kill|open|act|rejuvenate|regrow|regenerate)(?:s|d|es|ed)?(?: (?:up|down))?(?! by)|finds?|found to|linked to|tied to|keeps? \w{2,12} alive"
)
_FINITE = pattern(
    r"causes|drives|triggers|improves|impairs|weakens|restores|reverses|prevents|protects|raises|lowers|reduces|increases|shortens|lengthens|worsens|leads to"
    r"|destroys|slows|strengthens|regulates|controls|governs|mends|treats|cures|boosts|repairs|rebuilds|heals|relaxes|blocks|stops|damages|kills"
)
_SOME_LIFE = pattern(r"animals?|worms?|fish|fl(?:y|ies)|pups?|larvae|yeast|mammals?|veterinary|organoids?")
_OTHER_LIFE = pattern(
    r"bacteri\w{1,3}|strains?|yeasts?|virus(?:es)?|viral|membranes?|microsom\w{1,3}|mitochondri\w{1,3}|embryos?|plants?|leaves|larvae|amphibians?|mammalian|mutants?"
    r"|species|vitro|animals?|sera|cells of|cell cycle|polymerase|enzymes?|assays?"
)
_PEOPLE_WORD = pattern(
    r"patients?|cases?|clinical|child(?:ren)?|mothers?|wom[ae]n|m[ae]n|people|participants?|volunteers?|adults?|limbs?|lesions?|families|family"
)
_PAST = pattern(r"was|were|had|did|[a-z]{3,15}ed|showed|found|felt|took|rose|fell|gave|ate|got")
_BIOLOGY = pattern(
    r"genes?|proteins?|hormones?|blood|muscles?|brain|liver|kidneys?|bones?|heart|gut|cells?|tissues?|disease|memory|receptors?|immune|tumou?rs?|molecules?|drug"
    r"|compound|arter(?:y|ies)|weight|sight|hearing|sleep|balance|fat|nerves?"
)
_MALE = pattern(r"(?:only )?males?")
_FEMALE = pattern(r"females?|both sexes|either sex|one sex|sexes")


def _names_organism(text: str) -> bool:
    return any(wanted.search(text) is not None for wanted in (ANIMAL, SOME_ANIMALS, CELLS, PREDICTED, _SOME_LIFE))


def headline_omits_organism(stated: Stated) -> Iterator[Hit]:
    """A title tells of an effect in animals, and neither it nor what stands beside it names them."""
    if len(stated.animals) == 0 or len(stated.people) > 0 or stated.header_names_animals:
        return
    titles = stated.page.titles
    near = [*titles, *_lead(stated)]
    if any(_names_organism(sentence.text) for sentence in near):
        return
    for title in titles[:1]:
        match = _EFFECT.search(title.text)
        if match is not None and not title.asks:
            why = f"the title tells of an effect and leaves out that it was found {in_whom(stated)}; what is not in a title is not in the news"
            yield Hit(title, ((match.start(), match.end()),), why, f"{title.text.rstrip('.')}, {in_whom(stated)}")


def _lead(stated: Stated) -> list[Sentence]:
    """What a reader sees beside the title: subtitle, description, first sentence."""
    after = [sentence for sentence in stated.page.sentences if sentence.kind not in {"title", "field"}]
    return after[:1] + [sentence for sentence in after[1:2] if sentence.kind == "markup" or after[0].kind == "markup"]


def species_missing(stated: Stated) -> Iterator[Hit]:
    """An effect is told of, and no reader can know in whom it was found."""
    is_study = TELLS_STUDY.search(stated.text) is not None or RATED.search(stated.text) is not None
    if stated.names_any_organism or not is_study or _BIOLOGY.search(stated.text) is None or stated.claimed_human != ():
        return
    if _OTHER_LIFE.search(stated.text) is not None or any(
        _tells_of_people(sentence) for sentence in stated.page.sentences
    ):
        return
    for wanted in (RESULT, _FINITE):
        for place in matches(stated, wanted, in_fields=False):
            if place.sentence.kind not in {"title", "heading"} and not caveats.tells_of_others(place.sentence.text):
                why = "an effect is told of, and the page says nowhere in whom or in what it was found"
                yield Hit(place.sentence, ((place.start, place.end),), why, f"{in_whom(stated)}, {_small_first(place)}")
                return


def size_missing(stated: Stated) -> Iterator[Hit]:
    """Results are told of, and not how many animals or people they rest on."""
    if SIZE.search(stated.text) is not None or any(_is_size(field.name) for field in stated.page.fields):
        return
    for place in matches(stated, RESULT, in_fields=False):
        if not caveats.tells_of_others(place.sentence.text):
            why = "a result is told of, and the page says nowhere how many animals or people it rests on"
            yield Hit(
                place.sentence,
                ((place.start, place.end),),
                why,
                f"{place.sentence.text.rstrip('.')} (n = [how many] per group).",
            )
            return


def one_sex(stated: Stated) -> Iterator[Hit]:
    """Only males were studied, and the page draws no line there."""
    if len(stated.animals) == 0 or _FEMALE.search(stated.text) is not None:
        return
    for place in matches(stated, _MALE):
        yield Hit(
            place.sentence,
            ((place.start, place.end),),
            "only males are spoken of; females may differ",
            "say that females were not studied",
        )
        return


def _tells_of_people(sentence: Sentence) -> bool:
    """Whether a sentence tells, in the past tense, of people or of what clinicians see; what a disease costs does not count."""
    text = sentence.text
    told = _PEOPLE_WORD.search(text) is not None and _PAST.search(text) is not None
    return told and NOT_STUDIED.search(text) is None and caveats.HEDGE.search(text) is None and not sentence.asks


def _is_size(name: str) -> bool:
    return re.match(r"(?:sample size|n|number of \w+|size)\Z", name.strip(), re.IGNORECASE) is not None


def _small_first(place: Place) -> str:
    text = place.sentence.text
    is_name = len(text) > 1 and text[1].isupper()
    return text if is_name else text[:1].lower() + text[1:]


HEADLINE = Rule(
    "R19",
    "headline_omits_organism",
    "Does a title tell of an effect and leave out that it was found in animals?",
    "Papers whose title omits mice get news that omits mice",
    "doi 10.1371/journal.pbio.3001260",
    "over-claim",
    headline_omits_organism,
)
SPECIES = Rule(
    "P1",
    "species_missing",
    "Is an effect told of without saying in whom it was found?",
    "A reader takes it for an effect in people",
    "ARRIVE 2.0 asks for species, strain, sex and age (doi 10.1371/journal.pbio.3000410)",
    "over-claim",
    species_missing,
)
NUMBER = Rule(
    "P2",
    "size_missing",
    "Are results told of without saying on how many animals or people they rest?",
    "Six animals and six thousand people are different news",
    "ARRIVE 2.0 asks for the number of experimental units (doi 10.1371/journal.pbio.3000410)",
    "note",
    size_missing,
)
SEX = Rule(
    "R13",
    "one_sex",
    "Were animals of one sex studied only?",
    "The other sex may answer differently",
    "ARRIVE 2.0 (doi 10.1371/journal.pbio.3000410)",
    "note",
    one_sex,
)
