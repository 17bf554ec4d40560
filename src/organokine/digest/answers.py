"""The standing questions, answered from facts for those who read science: reviewer, principal investigator, clinician."""

from __future__ import annotations

from typing import Any

from organokine.digest.clauses import arm_sentences, link_sentences, measured
from organokine.digest.sentence import Name, Part, Parts, Quote, Sentence, phrase, say
from organokine.digest.voice import Voice

QUESTIONS = {
    "connection": "What is the connection?",
    "biomarker": "Could it be a biomarker?",
    "prevention": "Could it change prevention?",
    "treatment": "What of current treatment?",
    "reliability": "How reliable is it for decisions?",
    "studied": "Who was studied?",
}
"""By key: the questions that every view answers, in order."""
LINKS = ("L1", "L2", "L3", "L4", "L5", "L6", "L7")
DISCRIMINATION = ("auc", "area under the curve", "c index")
"""Units of a fact that tells how well a level parts people, in small letters."""
PLASMA = "line.plasma_change"
NOT_ONE = ("rodent", "unknown")
"""What identifiers and sheets may tell that is no species yet; the study file then names it."""


def headline(voice: Voice) -> tuple[Sentence, ...]:
    """Stage, species, proposition, weakest link and relevance: the first lines of every expert's view."""
    case, control = (voice.group(each) for each in voice.groups)
    return (
        say("{stage} in {species}.", "card:stage", "species", stage=voice.stage(), species=voice.species(latin=True)),
        say(
            "it was asked, in {species}, whether {gene} carries the change of {case} against {control} from the {source} to the {target}.",
            "card:proposition", species=voice.species(), gene=voice.gene, case=case, control=control, source=voice.source,
            target=voice.target,
        ),
        weakest(voice),
        say(
            "relevance in {species}, by rule {rule}: {word}, since {reason}.",
            "card:relevance", species=voice.species(), rule=Quote(voice.card["relevance"]["rule"]), word=voice.relevance(),
            reason=Quote(voice.card["relevance"]["reason"]),
        ),
    )  # fmt: skip


def weakest(voice: Voice) -> Sentence:
    """The weakest link of the chain."""
    found = voice.card["weakest_link"]
    link = found["id"]
    return say(
        "weakest link in {species}: {link} {name} ({state}; certainty {certainty}): {reason}.",
        "card:weakest_link", f"link:{link}", species=voice.species(), link=voice.weakest(link), name=Quote(found["name"]),
        state=voice.state(link), certainty=voice.certainty(link), reason=Quote(found["reason"].rstrip(". ")),
    )  # fmt: skip


def connection(voice: Voice) -> tuple[Sentence, ...]:
    """Every link, in order, and what arms show beside it."""
    return (*(sentence for link in LINKS for sentence in link_sentences(voice, link)), *arm_sentences(voice))


def discrimination(voice: Voice) -> dict[str, Any] | None:
    """A fact of people that tells how well the level in blood parts them."""
    facts = voice.card["facts"].values()
    return next((dict(fact) for fact in facts if fact["unit"].lower() in DISCRIMINATION and voice.is_of_people), None)


def biomarker(voice: Voice) -> tuple[Sentence, ...]:
    """Category of BEST, the measure in plasma, and discrimination with its interval if there is one."""
    fact, parting = voice.fact(PLASMA), discrimination(voice)
    has_plasma = fact is not None and isinstance(fact["value"], (int, float))
    first: Sentence
    if not voice.is_of_people:
        seen = "only of {species}" if has_plasma else "and not of {species}"
        said = f"no category of BEST can be assigned: it was not measured in the plasma of people, {seen}."
        first = say(said, "card:stage", "link:L2", species=voice.species())
    elif not has_plasma:
        first = say(
            "no category of BEST can be assigned: in {species}, it was not measured in plasma.",
            "card:stage",
            species=voice.species(),
        )
    elif parting is None or parting["interval"] is None:
        first = say(
            "no category of BEST can be assigned: in {species}, no estimate with an interval says how well its level parts one group from the other.",
            "link:L2", species=voice.species(),
        )  # fmt: skip
    else:
        first = say(
            "diagnostic candidate only, in {species}: {unit}{measured}, not validated in other {species}; certainty of its level in plasma {certainty}.",
            parting["id"], "link:L2", species=voice.species(), unit=Quote(parting["unit"]), measured=measured(parting),
            certainty=voice.certainty("L2"),
        )  # fmt: skip
    if (fact is None or not has_plasma) and not voice.is_of_people:
        return (first,)
    if fact is None or not has_plasma:
        return first, say("it was not measured in the plasma of {species}.", "link:L2", species=voice.species())
    return first, _in_plasma(voice, fact)


def _in_plasma(voice: Voice, fact: dict[str, Any]) -> Sentence:
    """Level in plasma by group; a direction is told only where the link is supported."""
    case, control = (voice.group(each) for each in voice.groups)
    slots: dict[str, Part | Parts] = {
        "species": voice.species(), "case": case, "control": control, "measured": measured(fact), "state": voice.state("L2"),
        "certainty": voice.certainty("L2"),
    }  # fmt: skip
    if voice.state("L2").value != "supported":
        said = "in the plasma of {species}, its level was compared between {case} and {control}{measured} ({state}; certainty {certainty})."
        return say(said, PLASMA, "link:L2", **slots)
    way = "higher" if fact["value"] > 0 else "lower"
    verbs = (f"was {way} in {{case}} than in {{control}}", f"been {way} in {{case}} than in {{control}}")
    claim = voice.hedged("L2", verbs, subject="its level", case=case, control=control)
    return say(
        "in the plasma of {species}, {claim}{measured} ({state}; certainty {certainty}).",
        PLASMA,
        "link:L2",
        claim=claim,
        **slots,
    )


def prevention(voice: Voice) -> tuple[Sentence, ...]:
    """No, unless it was moved at random in people."""
    if voice.card["stage"]["code"] == "T5":
        return (
            say(
                "not by this alone: it was moved in {species} once, and guidelines weigh all trials.",
                "card:stage",
                species=voice.species(),
            ),
        )
    if voice.is_of_people:
        return (
            say(
                "no. In {species}, no level was moved, and no outcome was followed.",
                "card:stage",
                species=voice.species(),
            ),
        )
    return (
        say(
            "no. No person's outcome was changed here; the data are of {species}.",
            "card:stage",
            species=voice.species(),
        ),
    )


def treatment(voice: Voice) -> tuple[Sentence, ...]:
    """Nothing to start or to stop; what was moved, and in whom."""
    arms = {
        fact["source"]["row"].get("arm", ""): name
        for name, fact in voice.card["facts"].items()
        if fact["kind"] == "perturbation"
    }
    first = say(
        "nothing to start and nothing to stop follows from it: no treatment of people was compared with another, only {species} were measured.",
        "card:stage", species=voice.species(),
    )  # fmt: skip
    if voice.is_of_people:
        first = say(
            "nothing to start and nothing to stop follows from it: no treatment of {species} was compared with another.",
            "card:stage", species=voice.species(),
        )  # fmt: skip
    if len(arms) == 0:
        return first, say(
            "no arm of this project moved it on purpose in {species}.", "card:stage", species=voice.members()
        )
    named: list[Part] = []
    for place, arm in enumerate(arms):
        named += [", "] * (place > 0) + [Name(str(arm))]
    return first, say(
        "it was moved on purpose in {species} only, by the arms {arms}; certainty of what followed in the {target}: {certainty}.",
        "link:L5",
        *arms.values(),
        species=voice.members(),
        arms=tuple(named),
        target=voice.target,
        certainty=voice.certainty("L5"),
    )


def reliability(voice: Voice) -> tuple[Sentence, ...]:
    """What keeps one from deciding by it: replication, sexes, flags, and what would change the answer."""
    found = [weakest(voice)]
    for name, words in (
        ("replication", "an independent cohort"),
        ("both_sexes", "each sex by itself"),
        ("order", "the order of events"),
    ):
        test = voice.test(name)
        cites = (f"test:{name}",) if any(each["name"] == name for each in voice.card["tests"]) else ("card:not_shown",)
        state = test["state"].replace("_", " ")
        reason: Part = (
            Quote(test["reason"].rstrip(". ")) if cites != ("card:not_shown",) else "the card has no such test"
        )
        found.append(
            say(f"{words}, in {{species}}: {state}, {{reason}}.", *cites, species=voice.species(), reason=reason)
        )
    rules = sorted({flag["rule"] for flag in voice.card["flags"]})
    if len(rules) > 0:
        named = ", ".join(rules)
        found.append(say("flags that stand: {rules}.", *(f"flag:{rule}" for rule in rules), rules=phrase(named)))
    return (*found, *_next(voice))


def _next(voice: Voice) -> tuple[Sentence, ...]:
    return tuple(
        say(
            "what would change the answer, for {link} in {species}: {design}.",
            f"next:{each['closes']}",
            link=Quote(each["closes"]),
            species=voice.species(),
            design=Quote(each["design"].rstrip(". ")),
        )
        for each in voice.card["next_experiment"][:1]
    )


def studied(voice: Voice) -> tuple[Sentence, ...]:
    """Species, and animals of every assay and test with their sexes."""
    by = "by the study file; identifiers and sample sheets tell only {derived}"
    known = voice.card["facts"].get("species", {}).get("value", "")
    by = by if known in NOT_ONE else "by identifiers and sample sheets"
    found = [say(f"{{species}}, {by}.", "species", species=voice.species(latin=True), derived=Quote(str(known)))]
    if not voice.is_of_people:
        found.append(
            say("no person was measured in this project; that says nothing of what exists elsewhere.", "card:not_shown")
        )
    for name, fact in voice.card["facts"].items():
        if fact["kind"] == "design" and isinstance(fact["value"], (int, float)):
            groups = _counts(fact["n"]["by_group"])
            sexes = _counts(fact["n"]["by_sex"])
            found.append(
                say(
                    "{label}: {n} {members}{groups}{sexes}.",
                    name,
                    label=Quote(fact["label"].removeprefix("animals of ")),
                    n=Quote(f"{fact['value']:g}"),
                    members=voice.members(),
                    groups=() if len(groups) == 0 else (", ", *groups),
                    sexes=("; sex not recorded",) if len(sexes) == 0 else ("; ", *sexes),
                )
            )
    return tuple(found)


def _counts(counts: dict[str, int]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for level, n in counts.items():
        parts += [", "] * (len(parts) > 0) + [Quote(str(n)), " (", Name(level), ")"]
    return tuple(parts)


ANSWERS = {
    "connection": connection,
    "biomarker": biomarker,
    "prevention": prevention,
    "treatment": treatment,
    "reliability": reliability,
    "studied": studied,
}
"""By question: the answer for experts."""
