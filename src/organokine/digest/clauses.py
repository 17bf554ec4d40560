"""What each link claims, as one sentence: the verb follows the design, the hedge follows the certainty, the species is always there."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from organokine.digest.sentence import Name, Part, Parts, Quote, Sentence, phrase, say
from organokine.digest.voice import Voice

Fact = dict[str, Any]
_KIND = re.compile(r"\((gain|loss|inhibitor|compound|recombinant|transfer), \w+\)$")
"""End of the label of an arm's fact, which names its kind."""
RAISING, LOWERING = ("gain", "recombinant"), ("loss", "inhibitor")
DRUGS = ("compound", "inhibitor")
"""Kinds of arm that move more than the candidate."""


OF_ALL = "effect of the contrast"
"""Beginning of the label of a functional effect that is the same for every candidate."""


class Claim(NamedTuple):
    """What a link claims: its subject, its verb as `past|participle rest`, and what it rests on."""

    subject: Parts
    verb: str
    cites: tuple[str, ...]
    slots: dict[str, Part | Parts]


_FIRST = ("{gene}", "was|been {way} in the {source} of {case} than of {control}")
_EXPERT: dict[str, tuple[str, str]] = {
    "L1": _FIRST,
    "L2": ("its level in plasma", "went|gone the same way as in the {source}"),
    "L3": ("its protein in the {target}", "moved|moved beyond what its own transcript there explains"),
    "L4": ("{gene}", "was|been received by the {target}"),
    "L5": ("the response of the {target}", "went|gone with what is predicted of {gene}"),
    "L6": ("behaviour or function", "went|gone with it"),
    "L7": ("the {target}", "went|gone with the {source}, one by one, within groups"),
}
_PLAIN: dict[str, tuple[str, str]] = {
    "L1": _FIRST,
    "L2": ("{gene} in the blood", "went|gone the same way"),
    "L3": ("{gene}", "came|come to the {target} from elsewhere"),
    "L4": ("the {target}", "took|taken up the signal of {gene}"),
    "L5": ("the {target}", "changed|changed in the way that {gene} would predict"),
    "L6": ("the way they move or act", "changed|changed with it"),
    "L7": ("the {source} and the {target}", "went|gone together, one by one"),
}
"""By link: subject and verb, for experts and for patients."""


def claim_of(voice: Voice, link: str) -> Claim:
    """The claim of a link, with the verb that its design allows."""
    line = next(each for each in voice.card["hasEvidenceLines"] if each["id"] == link)
    fact = voice.fact(line["leading_item"])
    subject, verb = (_PLAIN if voice.is_plain else _EXPERT)[link]
    cites = (f"link:{link}", *(() if fact is None else (fact["id"],)))
    slots = _slots(voice)
    if fact is not None and fact["kind"] == "perturbation":
        return _of_arm(voice, fact, line["state"], cites)
    if fact is not None and fact["kind"] == "function":
        return _of_function(voice, fact, cites)
    if fact is not None and fact["id"] == "line.phenotype":
        subject, verb = (
            ("test results", "went|gone with {gene}, one by one")
            if voice.is_plain
            else ("function", "went|gone with {gene}, one by one, within groups")
        )
    return Claim(phrase(subject, **slots), verb, cites, slots)


def _slots(voice: Voice) -> dict[str, Part | Parts]:
    case, control = voice.groups
    return {
        "gene": voice.gene, "source": voice.source, "target": voice.target, "case": voice.group(case), "control": voice.group(control),
        "way": voice.way(), "species": voice.species(),
    }  # fmt: skip


def arm_kind(fact: Fact) -> str:
    """Kind of an arm; empty if its fact does not tell."""
    found = _KIND.search(fact["label"])
    return "" if found is None else found.group(1)


def moving(voice: Voice, fact: Fact) -> str:
    """`raising` or `lowering`, by what was measured of the candidate in the arm, else by the kind of arm."""
    engagement = voice.fact(f"{fact['id']}.engagement")
    moved = None if engagement is None else engagement["value"]
    if isinstance(moved, (int, float)) and moved != 0:
        return "raising" if moved > 0 else "lowering"
    kind = arm_kind(fact)
    return "raising" if kind in RAISING else ("lowering" if kind in LOWERING else "moving")


def _of_arm(voice: Voice, fact: Fact, state: str, cites: tuple[str, ...]) -> Claim:
    """An arm is `enough to` or shows what is `needed for` only where the test for it is supported; else something followed it."""
    slots = _slots(voice)
    named = {name: voice.test(name) for name in ("sufficiency", "necessity")}
    shown = {name for name, test in named.items() if test["state"] == "supported" and fact["id"] in test["facts"]}
    shown = shown if state == "supported" else set()
    engaged = f"{fact['id']}.engagement"
    cites = (*cites, *((engaged,) if engaged in voice.card["facts"] else ()))
    slots |= {"seen": _where_seen(voice, engaged)}
    if "sufficiency" in shown:
        verb = "was|been enough to bring about part of the change in the {target}"
        return Claim(phrase(moving(voice, fact) + " {gene}{seen}", **slots), verb, (*cites, "test:sufficiency"), slots)
    if "necessity" in shown:
        return Claim((voice.gene,), "was|been needed for the change in the {target}", (*cites, "test:necessity"), slots)
    value = fact["value"]
    is_same = isinstance(value, (int, float)) and value > 0
    what = (
        ("part of the same change", "a change the other way")
        if voice.is_plain
        else ("part of the change", "the opposite of the change")
    )
    verb = f"was|been followed by {what[0 if is_same else 1]} in the {{target}}"
    if arm_kind(fact) in DRUGS:
        arm = Name(str(fact["source"]["row"].get("arm", "")))
        subject = f"{{arm}}, which is {moving(voice, fact)} {{gene}}{{seen}} among other things,"
        return Claim(phrase(subject, arm=arm, **slots), verb, cites, slots)
    return Claim(phrase(moving(voice, fact) + " {gene}{seen}", **slots), verb, cites, slots)


def _where_seen(voice: Voice, engaged: str) -> Parts:
    """In which assay the candidate was seen to move, for experts: an arm that moved it in the target does not show that the source sends it."""
    fact = voice.fact(engaged)
    text = "" if fact is None or voice.is_plain else str(fact["text"])
    return (" (", Quote(text.replace("_", " ")), ")") if text.startswith("seen in ") else ()


def arm_sentences(voice: Voice) -> tuple[Sentence, ...]:
    """Supported tests of sufficiency, necessity and reversal that another arm answers than the one behind L5; hedged as L5 is."""
    leading = next(each["leading_item"] for each in voice.card["hasEvidenceLines"] if each["id"] == "L5")
    found, told = [], {leading}
    for name in ("sufficiency", "necessity", "reversal"):
        test = voice.test(name)
        fact = voice.fact(test["facts"][0]) if len(test["facts"]) > 0 else None
        if test["state"] != "supported" or fact is None or fact["kind"] != "perturbation" or fact["id"] in told:
            continue
        told.add(fact["id"])
        claim = _of_arm(voice, fact, test["state"], ("link:L5", fact["id"]))
        past, participle = _forms(claim.verb)
        hedged = voice.hedged("L5", (past, participle), **{**claim.slots, "subject": claim.subject})
        numbers = () if voice.is_plain else measured(fact)
        said = say(
            "in {species}, {claim}{measured}.",
            *claim.cites,
            f"test:{name}",
            **{**claim.slots, "claim": hedged, "measured": numbers},
        )
        found.append(said)
    return tuple(found)


def _of_function(voice: Voice, fact: Fact, cites: tuple[str, ...]) -> Claim:
    row, levels = fact["source"]["row"], list(fact["n"]["by_group"])
    none = 1.0 if fact["unit"] == "ratio" else 0.0
    value = fact["value"]
    way = (
        "different" if not isinstance(value, (int, float)) or value == none else ("higher" if value > none else "lower")
    )
    slots = _slots(voice) | {
        "measure": Name(str(row.get("measure", ""))),
        "test": Name(str(row.get("phenotype", ""))),
        "first": voice.group(Name(levels[0]) if len(levels) == 2 else voice.groups[0]),
        "second": voice.group(Name(levels[1]) if len(levels) == 2 else voice.groups[1]),
    }
    subject = "results of the test {test}" if voice.is_plain else "{measure} ({test})"
    aside = ", which by itself says nothing of {gene}" if fact["label"].startswith(OF_ALL) else ""
    were = "were|been" if voice.is_plain else "was|been"
    return Claim(phrase(subject, **slots), f"{were} {way} in {{first}} than in {{second}}{aside}", cites, slots)


def link_sentences(voice: Voice, link: str) -> tuple[Sentence, ...]:
    """The claim of a link by its state, with reason and measurement for experts, in two short sentences for patients."""
    claim = claim_of(voice, link)
    line = next(each for each in voice.card["hasEvidenceLines"] if each["id"] == link)
    past, participle = _forms(claim.verb)
    common: dict[str, Part | Parts] = {
        **claim.slots, "subject": claim.subject, "state": voice.state(link), "certainty": voice.certainty(link),
        "claim": phrase(f"{{subject}} {past}", **{**claim.slots, "subject": claim.subject}),
    }  # fmt: skip
    common["opening"] = voice.opening(link)
    if line["state"] == "supported":
        common["claim"] = voice.hedged(link, (past, participle), **{**claim.slots, "subject": claim.subject})
    if voice.is_plain:
        return _plainly(line, claim, common)
    is_said = line["rule"] in {"S-SHOWN", "S-OPEN"}
    common["reason"] = "" if is_said else phrase(": {reason}", reason=Quote(_open_end(line["reason"])))
    common["measured"] = measured(voice.fact(line["leading_item"]))
    template = "in {species}, {opening}{claim}{measured} ({state}; certainty {certainty}){reason}."
    return (say(template, *claim.cites, **common),)


def _plainly(line: dict[str, Any], claim: Claim, common: dict[str, Part | Parts]) -> tuple[Sentence, ...]:
    first = "in {species}, {opening}{claim}."
    second = "the test in {species} was {state}, and its certainty is {certainty}."
    return say(first, *claim.cites, **common), say(second, f"link:{line['id']}", **common)


def _forms(verb: str) -> tuple[str, str]:
    """Past and participle of a verb, each with the rest of its clause."""
    forms, _, rest = verb.partition(" ")
    past, _, participle = forms.partition("|")
    return f"{past} {rest}".strip(), f"{participle} {rest}".strip()


def _open_end(text: str) -> str:
    return text.rstrip(". ")


def measured(fact: Fact | None) -> Parts:
    """Value, interval, p, q and animals of a fact in brackets; nothing without a number."""
    if fact is None or not isinstance(fact["value"], (int, float)):
        return ()
    parts: list[Part] = [" [", Quote(f"{fact['value']:.3g}")]
    if fact["unit"] != "":
        parts += [" ", Quote(fact["unit"])]
    if fact["interval"] is not None:
        low, high = fact["interval"]
        parts += [", 95 % interval ", Quote(f"{low:.3g}"), " to ", Quote(f"{high:.3g}")]
    for name in ("p", "q"):
        if fact[name] is not None:
            parts += [f", {name} = ", Quote(f"{fact[name]:.2g}")]
    if fact["q"] is not None and fact["tested"] is not None:
        parts += [" over ", Quote(str(fact["tested"])), " asked"]
    for place, (level, n) in enumerate(fact["n"]["by_group"].items()):
        parts += ["; n = " if place == 0 else ", ", Quote(str(n)), " (", Name(level), ")"]
    return (*parts, "]")
