"""Words of a card as a reader hears them: stage, species, direction, states, certainty and relevance always come from here."""

from __future__ import annotations

from typing import Any

from organokine.digest.cited import Cited
from organokine.digest.sentence import Name, Part, Parts, Word, phrase

PEOPLE_STAGES = ("T3", "T4", "T5")
KINDS = {"mouse": "mice", "rat": "rats", "human": "people"}
STATES = {
    "supported": ("supported", "in line with it"),
    "contradicted": ("contradicted", "against it"),
    "inconclusive": ("inconclusive", "not clear"),
    "not_tested": ("not tested", "not done"),
    "not_assessable": ("not assessable", "of no use"),
}
"""By state of a link: the word, and what a patient reads of the test."""
OPENINGS = {
    "supported": ("", ""),
    "contradicted": ("the data speak against the claim that", "the data speak against the claim that"),
    "inconclusive": ("it is open whether", "it is open whether"),
    "not_tested": ("it was not asked whether", "no one asked here whether"),
    "not_assessable": ("it cannot be judged whether", "we cannot tell whether"),
}
"""By state of a link: what stands before its claim, for experts and for patients; a claim that is supported is hedged instead."""
CERTAINTY = {"very_low": "very low", "low": "low", "moderate": "moderate", "high": "high"}
STAGES = {
    "T0": "a look-up in data bases",
    "T1": "a test of cells or tissue outside the body",
    "T2": "a test in live animals",
    "T3": "a study of people at one point in time",
    "T4": "a study of people over time, or of their genes",
    "T5": "a study that moved it in people",
}
"""By stage: what a patient reads."""
WAYS = {"increased": "higher", "decreased": "lower", "unknown": "different"}
PATIENT = "patient"


class Voice:
    """One card in the words of one reader.

    Parameters
    ----------
    cited : Cited
        The card.
    reader : str
        Who reads.
    """

    def __init__(self, cited: Cited, reader: str) -> None:
        self.cited = cited
        self.card = cited.card
        self.is_plain = reader == PATIENT
        self._links = {each["id"]: each for each in self.card["hasEvidenceLines"]}

    @property
    def gene(self) -> Name:
        """The candidate."""
        return Name(str(self.card["gene"]))

    @property
    def source(self) -> Name:
        """Organ that sends."""
        return Name(str(self.card["proposition"]["object"]["source_organ"]))

    @property
    def target(self) -> Name:
        """Organ that receives."""
        return Name(str(self.card["proposition"]["object"]["target_organ"]))

    @property
    def groups(self) -> tuple[Part, Part]:
        """Names of the two groups, the changed one first."""
        context = self.card["proposition"]["context"]
        if "case" not in context or "control" not in context:
            return "the case group", "the control group"
        return Name(str(context["case"])), Name(str(context["control"]))

    def group(self, name: Part) -> Parts:
        """Members of a group: `old mice`, or `mice (age 24)` where its name is a number."""
        factor = self.card["proposition"]["context"].get("factor", "")
        if isinstance(name, Name) and _is_number(name.text) and factor != "":
            return self.members(), " (", Name(str(factor)), " ", name, ")"
        return (name, " ", self.members()) if isinstance(name, Name) else (name, " of ", self.members())

    @property
    def is_of_people(self) -> bool:
        """Whether living people were measured."""
        return self.card["stage"]["code"] in PEOPLE_STAGES and self.taxon == "Homo sapiens"

    @property
    def taxon(self) -> str:
        """Species, as identifiers and sheet tell it."""
        return str(self.card["proposition"]["species_of_data"]["name"])

    @property
    def who(self) -> str:
        """Those that were measured, in the plural."""
        if self.taxon == "unknown":
            return "an unknown species"
        return KINDS[self.card["species"]]

    def species(self, *, latin: bool = False) -> Word:
        """Species, as it stands in every sentence about an effect."""
        text = self.who
        if self.card["stage"]["code"] == "T1":
            text = f"cells or tissue of {self.who}"
        elif self._is_unseen:
            text = f"samples said to be of {self.who}"
        return Word("species", self.taxon, f"{text} ({self.taxon})" if latin and self.taxon != "unknown" else text)

    def members(self) -> Word:
        """Members of a group: mice, rats, people, or samples of them."""
        is_body = self.taxon != "unknown" and self.card["stage"]["code"] != "T1" and not self._is_unseen
        return Word("species", self.taxon, self.who if is_body else f"samples of {self.who}")

    @property
    def _is_unseen(self) -> bool:
        """Whether people are declared, and no identifier or sheet shows that they were measured."""
        return self.taxon == "Homo sapiens" and self.card["stage"]["code"] == "T0"

    def stage(self) -> Word:
        """Stage in words."""
        code, word = self.card["stage"]["code"], self.card["stage"]["word"]
        return Word("stage", code, STAGES[code] if self.is_plain else f"{word} ({code})")

    def way(self) -> Word:
        """Direction of the change in the source organ."""
        value = self.card["proposition"]["change_in_source"]
        return Word("direction", value, WAYS[value])

    def state(self, link: str) -> Word:
        """State of a link."""
        value = self._links[link]["state"]
        return Word(f"state {link}", value, STATES[value][1 if self.is_plain else 0])

    def certainty(self, link: str) -> Word:
        """Certainty of a link."""
        value = self._links[link]["certainty"]
        return Word(f"certainty {link}", value, CERTAINTY[value])

    def weakest(self, text: str) -> Word:
        """The weakest link."""
        return Word("weakest", self.card["weakest_link"]["id"], text)

    def relevance(self) -> Word:
        """Relevance by rule."""
        return Word("relevance", self.card["relevance"]["word"], self.card["relevance"]["word"])

    def hedged(self, link: str, verbs: tuple[str, str], **slots: Part | Parts) -> Parts:
        """A claim hedged by the certainty of its link.

        Parameters
        ----------
        link : str
            The link.
        verbs : (str, str)
            Template with the verb in the past, and as it follows "may have", such as `was {way} in {source}` and
            `been {way} in {source}`.
        **slots
            `subject`, and what the templates name.
        """
        value = self._links[link]["certainty"]
        topic = f"certainty {link}"
        past, participle = verbs
        if value == "very_low":
            lead = Word(topic, value, "it is very uncertain whether")
            return phrase(f"{{lead}} {{subject}} {past}", lead=lead, **slots)
        if value == "low":
            return phrase(f"{{subject}} {{may}} {participle}", may=Word(topic, value, "may have"), **slots)
        if value == "moderate":
            return phrase(f"{{subject}} {{adverb}} {past}", adverb=Word(topic, value, "probably"), **slots)
        verb, _, rest = past.partition(" ")
        return phrase(f"{{subject}} {{verb}} {rest}", verb=Word(topic, value, verb), **slots)

    def opening(self, link: str) -> Parts:
        """How the sentence of a link begins: with what its state allows to be said."""
        value = self._links[link]["state"]
        text = OPENINGS[value][1 if self.is_plain else 0]
        return () if text == "" else (Word(f"state {link}", value, text), " ")

    def fact(self, name: str | None) -> dict[str, Any] | None:
        """A fact of the card; None if it has none of this name."""
        return None if name is None else self.card["facts"].get(name)

    def test(self, name: str) -> dict[str, Any]:
        """A test across the chain; one that the card lacks was not tested."""
        empty = {"name": name, "state": "not_tested", "reason": "the study holds nothing that asks this", "facts": []}
        return next((dict(each) for each in self.card["tests"] if each["name"] == name), empty)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def truths(card: Any) -> dict[str, str]:
    """What every view must say of a card: by topic, its value."""
    found = {
        "stage": card["stage"]["code"],
        "species": card["proposition"]["species_of_data"]["name"],
        "direction": card["proposition"]["change_in_source"],
        "weakest": card["weakest_link"]["id"],
        "relevance": card["relevance"]["word"],
    }
    for each in card["hasEvidenceLines"]:
        found |= {f"state {each['id']}": each["state"], f"certainty {each['id']}": each["certainty"]}
    return {topic: str(value) for topic, value in found.items()}
