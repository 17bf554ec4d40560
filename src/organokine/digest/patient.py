"""The standing questions answered for a patient: short words, what it is, and what it does not mean."""

from __future__ import annotations

from organokine.digest.answers import PLASMA, connection, discrimination
from organokine.digest.clauses import measured
from organokine.digest.sentence import Name, Quote, Section, Sentence, fixed, say
from organokine.digest.voice import Voice

QUESTIONS = {
    "connection": "What is the link?",
    "biomarker": "Could it be a marker in the blood?",
    "prevention": "Could it keep people well?",
    "treatment": "What of the care I get now?",
    "reliability": "How far can I trust it?",
    "studied": "Who took part?",
}
"""By key: the questions that every view answers, as a patient would ask them."""
STEPS = {
    "L1": "the start of the chain",
    "L2": "the way out of the organ",
    "L3": "the way into the other organ",
    "L4": "how the signal is taken up",
    "L5": "what the other organ does",
    "L6": "how they move or act",
    "L7": "how the parts fit",
}
DISCLAIMER = (
    "This page is for research. It gives no advice. It is no reason to start, stop or change anything in your care."
)


def sections(voice: Voice) -> list[Section]:
    """Key messages, the six questions, and what it does not mean."""
    answers = {
        "connection": connection(voice),
        "biomarker": _biomarker(voice),
        "prevention": _prevention(voice),
        "treatment": _treatment(voice),
        "reliability": _reliability(voice),
        "studied": _studied(voice),
    }
    return [
        Section("messages", "Key points", _messages(voice)),
        *(Section(key, QUESTIONS[key], answers[key]) for key in QUESTIONS),
        Section("means_not", "What it does not mean", _means_not(voice)),
    ]


def _messages(voice: Voice) -> tuple[Sentence, ...]:
    weak = voice.card["weakest_link"]["id"]
    people = (
        ()
        if voice.is_of_people
        else (say("no person took part in it, only {species}.", "card:stage", species=voice.species()),)
    )
    return (
        say("this was {stage}, done in {species}.", "card:stage", stage=voice.stage(), species=voice.species()),
        *people,
        say(
            "it asks, in {species}, if {gene} is a signal from the {source} to the {target}.",
            "card:proposition", species=voice.species(), gene=voice.gene, source=voice.source, target=voice.target,
        ),
        say(
            "the weak point in {species} is {step}: the test of it was {state}.",
            "card:weakest_link", f"link:{weak}", species=voice.species(), step=voice.weakest(STEPS[weak]), state=voice.state(weak),
        ),
        say("by a fixed rule, its label for {species} is “{word}”.", "card:relevance", species=voice.species(), word=voice.relevance()),
    )  # fmt: skip


def _biomarker(voice: Voice) -> tuple[Sentence, ...]:
    parting = discrimination(voice)
    if not voice.is_of_people:
        fact = voice.fact(PLASMA)
        has_plasma = fact is not None and isinstance(fact["value"], (int, float))
        seen = "only of {species}" if has_plasma else "and not of {species}"
        said = f"it was not measured in the blood of people, {seen}."
        return (
            say("no category can be assigned.", "card:stage"),
            say(said, "card:stage", "link:L2", species=voice.species()),
        )
    if parting is None or parting["interval"] is None:
        return (
            say("no category can be assigned.", "card:stage"),
            say(
                "in {species}, no one has shown how well it tells one group from the other.",
                "card:stage",
                species=voice.species(),
            ),
        )
    return (
        say(
            "it might be a marker in {species}, and no one else has checked it{measured}; certainty is {certainty}.",
            parting["id"], species=voice.species(), measured=measured(parting), certainty=voice.certainty("L2"),
        ),
    )  # fmt: skip


def _prevention(voice: Voice) -> tuple[Sentence, ...]:
    return (
        say("no.", "card:stage"),
        say("no one was kept well by it here; it was looked at in {species}.", "card:stage", species=voice.species()),
    )


def _treatment(voice: Voice) -> tuple[Sentence, ...]:
    tested = (
        "no care that {species} get now was tested here."
        if voice.is_of_people
        else "no care that people get now was tested here, only {species} were."
    )
    return (
        say("nothing to start and nothing to stop comes from this.", "card:stage"),
        say(tested, "card:stage", species=voice.species()),
    )


def _reliability(voice: Voice) -> tuple[Sentence, ...]:
    weak = voice.card["weakest_link"]["id"]
    is_tested = any(each["name"] == "replication" for each in voice.card["tests"])
    again = {
        "supported": "more than one set of {species} here points the same way.",
        "contradicted": "other {species} here point the other way.",
    }.get(voice.test("replication")["state"], "no second set of {species} here has shown the same.")
    rules = sorted({flag["rule"] for flag in voice.card["flags"]})
    warned = say("the full card has warnings on it.", *(f"flag:{rule}" for rule in rules)) if len(rules) > 0 else None
    return (
        say(
            "a chain is as sure as its weak point, and that is of {certainty} certainty in {species}.",
            f"link:{weak}", certainty=voice.certainty(weak), species=voice.species(),
        ),
        say(again, "test:replication" if is_tested else "card:stage", species=voice.species()),
        *(() if warned is None else (warned,)),
    )  # fmt: skip


def _studied(voice: Voice) -> tuple[Sentence, ...]:
    designs = [
        fact
        for fact in voice.card["facts"].values()
        if fact["kind"] == "design" and isinstance(fact["value"], (int, float))
    ]
    found = [say("those studied were {species}.", "species", species=voice.species(latin=True))]
    if len(designs) > 0:
        most = max(designs, key=lambda fact: float(fact["value"]))
        found.append(
            say(
                "the largest test had {n} {members}.",
                most["id"],
                n=Quote(f"{most['value']:g}"),
                members=voice.members(),
            )
        )
        sexes = most["n"]["by_sex"]
        if len(sexes) == 1:
            found.append(
                say(
                    "all of these {members} were {sex}.",
                    most["id"],
                    members=voice.members(),
                    sex=Name(next(iter(sexes))),
                )
            )
    if not voice.is_of_people:
        found.append(say("no person was tested here, which says nothing of other studies.", "card:not_shown"))
    return tuple(found)


def _means_not(voice: Voice) -> tuple[Sentence, ...]:
    where = (
        "it does not mean that the same is true in you."
        if voice.is_of_people
        else "it does not mean that the same is true in people."
    )
    return (
        say(where, "card:not_shown"),
        say(
            "it does not mean that {gene} is the only signal in {species}.",
            "card:not_shown",
            gene=voice.gene,
            species=voice.species(),
        ),
        fixed(DISCLAIMER),
    )
