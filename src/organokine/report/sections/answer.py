"""The answer in three sentences, and the ladder of tiers."""

from __future__ import annotations

from typing import Any

from organokine.report import words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill

FIRST_NAMES = 5
"""Candidates named in the second sentence."""


def ladder(data: ReportData) -> list[dict[str, Any]]:
    """One step per tier: its meaning, how many candidates stand there, and why it could not be asked."""
    at_tier = data.mediators["tier"].value_counts()
    most = max([int(n) for n in at_tier] + [1])
    steps = []
    for step in data.manifest["tiers"]:
        n = int(at_tier.get(step["tier"], 0))
        steps.append({**step, "n": n, "share": n / most})
    return sorted(steps, key=lambda step: int(step["tier"]))


def how_many(data: ReportData) -> str:
    """First sentence: how many candidates, in how many animals, stand at which tier."""
    mediators = data.mediators
    if len(mediators) == 0:
        return "No candidate was measured in the source organ, so that nothing could be asked."
    opening = f"Of {words.counted(len(mediators), 'candidate')} measured"
    if data.axis is not None:
        opening += f" in the {data.axis['source']}"
    sizes = data.subjects_per_group()
    total = sum(sizes.values())
    if total > 0:
        opening += (
            f", in a study of {words.animals(total, data.species)} ({words.group_sizes(sizes)}{_paired(data, total)})"
        )
    counts = mediators["tier"].value_counts()
    reached = sorted((int(tier) for tier in counts.index if int(tier) >= 1), reverse=True)
    if len(reached) == 0:
        return f"{opening}, none reaches tier 1: no claim stands at a false discovery rate of {data.alpha:g}."
    parts = [f"{words.count(int(counts[tier]))} at tier {tier} ({meaning_of(data, tier)})" for tier in reached]
    stand = "stands" if sum(int(counts[tier]) for tier in reached) == 1 else "stand"
    return f"{opening}, {words.listed(parts)} {stand} at a false discovery rate of {data.alpha:g}."


def _paired(data: ReportData, total: int) -> str:
    """How many animals have both organs, where not all of them do."""
    n_paired = data.manifest["subjects"].get("n_paired")
    if n_paired is None or int(n_paired) == total:
        return ""
    return f"; {'none' if int(n_paired) == 0 else words.count(int(n_paired))} of them with both organs"


def meaning_of(data: ReportData, tier: int) -> str:
    """What a tier means, in the words of the manifest."""
    for step in data.manifest["tiers"]:
        if int(step["tier"]) == tier:
            return str(step["meaning"]).rstrip(".").removeprefix("and ")
    return ""


def first_ones(data: ReportData) -> str:
    """Second sentence: the first candidates by name."""
    first = data.mediators.head(FIRST_NAMES)
    if len(first) == 0:
        return "There is no candidate to name."
    standing = first[first["tier"].fillna(0) >= 1]
    if len(standing) == 0:
        names = words.listed([str(gene) for gene in first["gene"]])
        return f"The first in order are {names}; the order is a suggestion, and no error rate is controlled for it."
    named = [
        f"{row['gene']} (tier {row['tier']}, q = {words.probability(row['q'])})" for row in standing.to_dict("records")
    ]
    verb = "is" if len(named) == 1 else "are"
    return f"The first {verb} {words.listed(named)}."


def what_limits(data: ReportData) -> str:
    """Third sentence: the line that most often holds candidates back, and the animals that would be needed."""
    mediators = data.mediators
    standing = mediators[mediators["tier"].fillna(0) >= 1]
    looked_at, name = (
        (standing, "candidates that stand") if len(standing) > 0 else (data.leading(), "leading candidates")
    )
    limits = looked_at["limiting_evidence"]
    limits = limits[limits != ""]
    if len(limits) == 0:
        sentence = "No single line of evidence is named as the limit."
    else:
        counts = limits.value_counts()
        line = min(counts[counts == counts.max()].index)
        question = next((str(card["question"]) for card in data.lines if card["name"] == line), "")
        asked = f" (“{question}”)" if question != "" else ""
        sentence = (
            f"What limits them most often is {words.spaced(str(line))}{asked}: "
            f"{words.count(int(counts[line]))} of {words.count(len(looked_at))} {name}."
        )
    needed = data.manifest.get("animals_needed")
    if needed is not None:
        more = words.sentence(str(needed["sentence"]))
        sentence = f"{sentence.removesuffix('.')}; {more[:1].lower()}{more[1:]}"
    return sentence


def what_is_not_shown(data: ReportData) -> list[str]:
    """One sentence per caveat of the claims at hand."""
    return [
        words.sentence(
            f"For {words.count(int(each['n']))} of the {words.count(int(each['of']))} at tier {each['tier']} or above: "
            f"{each['caveat']}"
        )
        for each in data.manifest.get("caveats", [])
    ]


def build(data: ReportData) -> str:
    """Three sentences, ladder, caveats."""
    return fill(
        "answer.html.jinja",
        sentences=[how_many(data), first_ones(data), what_limits(data)],
        steps=ladder(data),
        caveats=what_is_not_shown(data),
        n_candidates=len(data.mediators),
    )


SECTION = Section(
    name="answer",
    title="The answer",
    description="",
    build=build,
    empty="The run holds no candidates.",
)
