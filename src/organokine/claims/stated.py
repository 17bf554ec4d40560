"""What a page states of its study: whom it studied, by which design, how many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from organokine.claims import caveats, field_names, words
from organokine.claims.page import Field, Page, Sentence, listed

HUMAN_TYPES = frozenset({"MedicalStudy", "MedicalTrial", "MedicalObservationalStudy"})
"""Types of schema.org that are defined for human medicine."""
_HUMAN_WORD = re.compile(
    r"\b(?:humans?(?! (?:gene|protein|cells?|cdna|apoe\w*|tau|tumou?rs?|cell lines?)\b)|people|persons?|participants?|patients?|volunteers?"
    r"|wom[ae]n|m[ae]n|pensioners|residents)\b",
    re.IGNORECASE,
)
_WEAK_HUMAN = re.compile(
    r"\b(?:adults?|children|individuals|infants|newborns|adolescents|elderly|seniors|smokers|athletes|donors|twins)\b",
    re.I,
)
_DENIED = re.compile(r"\b(?:no|not|none|without|never|nor|excluding|zero|rather than)\b[^.;,|]{0,60}", re.IGNORECASE)
_STOP = listed(
    "summary summaries digest clinical implications card highlights discoveries news research press release plain lay language report editor note",
    "about after among and are because been before could does find finds found first from have health high human humans into linked low made make",
    "makes mice more mouse much new older over patients people protein rats scientists shows signal some study than that their them these they this",
    "through what when where which will with would your disease questions frequently asked adults early could soon lead leads cause causes prevents",
)


@dataclass(frozen=True)
class Place:
    """Words of a sentence, and what they name."""

    sentence: Sentence
    start: int
    end: int
    label: str = ""

    @property
    def text(self) -> str:
        """The words."""
        return self.sentence.text[self.start : self.end]


class Stated:
    """What a page states of its study; every part is looked up once, when it is asked for.

    Parameters
    ----------
    page : Page
        The page as read.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = " ".join(sentence.text for sentence in page.sentences)

    @cached_property
    def claimed_human(self) -> tuple[Field, ...]:
        """Header fields that say people were studied, and name no animal beside them."""
        named = [field for field in self.page.fields if _claims(field) == "human"]
        types = [kind for kind in self.page.types if kind in HUMAN_TYPES]
        return (*named, *(Field("JSON-LD type", kind, 0) for kind in dict.fromkeys(types)))

    @cached_property
    def header_names_animals(self) -> bool:
        """Whether a header field names an animal."""
        return any(_claims(field) in {"animal", "both"} for field in self.page.fields)

    @cached_property
    def animals(self) -> tuple[Place, ...]:
        """Where the page says that a model organism was used."""
        return tuple(place for sentence in self.page.sentences for place in _animals_in(sentence))

    @cached_property
    def people(self) -> tuple[Place, ...]:
        """Where the page says that people, or material of people, were studied; header fields are not asked."""
        values = {field.sentence for field in self.page.fields}
        return tuple(
            place
            for sentence in self.page.sentences
            if sentence.kind not in {"field", "markup"}
            and (sentence.number not in values or len(sentence.text.split()) > 7)
            for place in _people_in(sentence)
        )

    @cached_property
    def has_people(self) -> bool:
        """Whether people were studied, as far as the page says: in its text, or in a header that its text does not contradict."""
        if len(self.people) > 0 or len(self.animals) > 0:
            return len(self.people) > 0
        return any(_claims(field) in {"human", "both"} for field in self.page.fields) or any(
            map(_tells_of_people, self.page.sentences)
        )

    @cached_property
    def species(self) -> str:
        """The organism as words for a fairer sentence: "in mice", "in cultured cells"; empty where the page names none."""
        named = [place.label for place in self.animals if place.label != "animals"]
        if len(named) > 0:
            return f"in {named[0]}"
        if len(self.animals) > 0:
            return "in animals"
        if self.has_people:
            return "in people"
        return "in cultured cells" if words.CELLS.search(self.text) is not None else ""

    @cached_property
    def names_any_organism(self) -> bool:
        """Whether the page says anywhere in whom, in what, or that nothing was measured at all."""
        is_named = any(_people_in(sentence) != () for sentence in self.page.sentences)
        return (
            self.species != ""
            or is_named
            or words.PREDICTED.search(self.text) is not None
            or words.ANIMAL.search(self.text) is not None
        )

    @cached_property
    def has_loss(self) -> bool:
        """Whether something was taken away or blocked."""
        return words.LOSS.search(self.text) is not None

    @cached_property
    def is_randomised(self) -> bool:
        """Whether chance decided who got what; genes by which people differ from birth count."""
        return words.RANDOMISED.search(self.text) is not None

    @cached_property
    def has_experiment(self) -> bool:
        """Whether an experimenter moved something: in people only an allocation by chance counts."""
        if len(self.animals) == 0 and self.has_people:
            return self.is_randomised or (not self.is_observed and words.TREATED.search(self.text) is not None)
        return self.has_loss or words.GAIN.search(self.text) is not None or self.is_randomised

    @cached_property
    def is_observed(self) -> bool:
        """Whether the page says that it observed."""
        return words.OBSERVED.search(self.text) is not None

    @cached_property
    def topic(self) -> frozenset[str]:
        """Words of titles and headings that tell the page's own subject from background, in small letters; names of genes among them."""
        heads = [sentence for sentence in self.page.sentences if sentence.kind in {"title", "heading"}]
        found = {word.lower() for title in heads for word in re.findall(r"[\w-]{4,30}", title.text)}
        genes = {
            word.lower() for word in re.findall(r"\b[A-Z][A-Z0-9-]{2,9}\b", self.text) if any(c.isdigit() for c in word)
        }
        return frozenset((found - _STOP) | genes)

    def is_on_topic(self, text: str) -> bool:
        """Whether a sentence speaks of the page's own subject: it shares a word with the title, or points back."""
        if (
            len(self.topic) == 0
            or re.match(r"(?:it|this|these|our|the (?:finding|discovery|result)s?)\b", text, re.IGNORECASE) is not None
        ):
            return True
        lowered = {word.lower() for word in re.findall(r"[\w-]{3,30}", text)}
        return any(word in self.topic or word.rstrip("s") in self.topic or f"{word}s" in self.topic for word in lowered)

    def after(self, sentence: Sentence) -> Sentence | None:
        """The next sentence, or None at the end."""
        return self.page.sentences[sentence.number] if sentence.number < len(self.page.sentences) else None

    def is_fair(self, place: Place) -> bool:
        """Whether words are denied, asked, left open or taken back: see `caveats.is_fair`."""
        return caveats.is_fair(place.sentence, place.start, place.end, self.after(place.sentence))


def _claims(field: Field) -> str:
    """What a header field says was studied: human, animal, both, or nothing of it."""
    if not (field_names.asks_population(field.name) or field_names.asks_design(field.name) or field.name == "label"):
        return ""
    value = _DENIED.sub(" ", field.value)
    has_animal = words.ANIMAL.search(value) is not None or re.search(r"\banimals?\b", value, re.IGNORECASE) is not None
    has_human = _HUMAN_WORD.search(value) is not None
    if has_animal:
        return "both" if has_human else "animal"
    is_population = field_names.asks_population(field.name) or field.name == "label"
    return "human" if has_human or (is_population and _WEAK_HUMAN.search(value) is not None) else ""


def _animals_in(sentence: Sentence) -> tuple[Place, ...]:
    text = sentence.text
    if sentence.asks or caveats.opens_limits(sentence.section):
        return ()
    found = [
        Place(sentence, match.start(), match.end(), _label(match.group()))
        for match in words.ANIMAL.finditer(text)
        if words.REAGENT.match(text, match.end()) is None and not text[: match.start()].lower().endswith("anti-")
    ]
    if len(found) == 0:
        signs = (words.SOME_ANIMALS.search(text), words.SIGNS_OF_ANIMALS.search(text))
        found = [Place(sentence, sign.start(), sign.end(), "animals") for sign in signs if sign is not None]
    return tuple(place for place in found if not _is_only_planned(place))


def _tells_of_people(sentence: Sentence) -> bool:
    """Whether a sentence tells in the past tense of something in people, without counting them: "in patients with ... was"."""
    text = sentence.text
    told = words.IN_PEOPLE.search(text) is not None and words.PAST.search(text) is not None
    return told and not sentence.asks and words.NOT_STUDIED.search(text) is None and not caveats.tells_of_plans(text)


def _is_only_planned(place: Place) -> bool:
    """Whether the clause around a named animal says that it was not, is only to be, or was by others, studied."""
    text = place.sentence.text
    first, last = caveats.clause_of(text, place.start)
    before = text[first : place.start]
    in_general = (
        re.match(r" (?:models? )?(?:are|is|do|does|can|cannot|may|differ)\b", text[place.end : place.end + 20])
        is not None
    )
    if caveats.tells_of_others(text[first:last]) or (in_general and caveats.has_caveat(text[first:last])):
        return True
    return re.search(
        r"\b(?:no|not in|not|never|neither|without)\s+(?:\w+\s+){0,2}\Z", before, re.IGNORECASE
    ) is not None or (
        caveats.tells_of_plans(text[first:last]) and re.search(r"\b(?:was|were|had|n ?=)", text[first:last]) is None
    )


def _people_in(sentence: Sentence) -> tuple[Place, ...]:
    text = sentence.text
    if sentence.asks or words.NOT_STUDIED.search(text) is not None or caveats.tells_of_plans(text):
        return ()
    return tuple(
        Place(sentence, match.start(), match.end(), "people")
        for match in words.PEOPLE_STUDIED.finditer(text)
        if words.ANIMAL.search(match.group()) is None
        and not caveats.is_fair(sentence, match.start(), match.end())
        and words.ANIMAL.match(text[match.end() : match.end() + 20].lstrip()) is None
    )


def _label(name: str) -> str:
    return next(label for label, names in words.ANIMALS.items() if words.pattern(names).fullmatch(name) is not None)
