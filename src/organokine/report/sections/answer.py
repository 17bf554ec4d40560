"""The answer in a few sentences, and the ladder of tiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from organokine.report import words
from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import direction, fill

FIRST_NAMES = 5
"""Candidates named in the second sentence."""
COMPARED_TIER = 2
"""Tier from which claims are compared with the maximum p-value: below it a claim is one arm, and the two are the same."""
LOUD_SHARE = 0.5
"""Share of the claims at a tier from which a caveat stands in the type of the answer."""


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
    return f"{opening}, {words.listed(parts)} {stand} at a false discovery rate of {data.alpha:g}{_ways(data)}{_by_maximum_p(data)}."


def _ways(data: ReportData) -> str:
    """How many of the claimed candidates rise and how many fall in the source, where both occur."""
    change = data.mediators.loc[data.mediators["tier"].fillna(0) >= 1, "source_log2fc"]
    n_up, n_down = int((change > 0).sum()), int((change < 0).sum())
    if n_up == 0 or n_down == 0:
        return ""
    return f" ({words.count(n_up)} up and {words.count(n_down)} down in the source)"


def _by_maximum_p(data: ReportData) -> str:
    """How many of the claims also stand by the conservative reference."""
    claimed = data.mediators[data.mediators["tier"].fillna(0) >= COMPARED_TIER]
    if len(claimed) == 0:
        return ""
    n = int((claimed["q_maxp"] <= data.alpha).sum())
    number = "none" if n == 0 else words.count(n)
    stands = "stands" if n <= 1 else "stand"
    whose = f"of the {words.count(len(claimed))} at tier {COMPARED_TIER} or above"
    return f"; {number} {whose} also {stands} by the maximum p-value, the conservative reference"


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


def first_ones(data: ReportData) -> Markup:
    """Second sentence: the first candidates by name, each with its direction in the source."""
    first = data.mediators.head(FIRST_NAMES)
    if len(first) == 0:
        return Markup("There is no candidate to name.")
    standing = first[first["tier"].fillna(0) >= 1]
    if len(standing) == 0:
        names = _listed([_named(row) for row in first.to_dict("records")])
        return Markup(
            "The first in order are {}; the order is a suggestion, and no error rate is controlled for it."
        ).format(names)
    named = [
        Markup("{} (tier {}, q\u00a0=\u00a0{})").format(_named(row), row["tier"], words.probability(row["q"]))
        for row in standing.to_dict("records")
    ]
    return Markup("The first {} {}.").format("is" if len(named) == 1 else "are", _listed(named))


def _named(row: dict[Any, Any]) -> Markup:
    """A gene and its direction in the source."""
    arrow = direction(row["source_log2fc"])
    return Markup("{}\u00a0{}").format(row["gene"], arrow) if arrow != "" else Markup("{}").format(row["gene"])


def _listed(parts: Sequence[Markup]) -> Markup:
    if len(parts) <= 1:
        return Markup("").join(parts)
    return Markup("{} and {}").format(Markup(", ").join(parts[:-1]), parts[-1])


def what_limits(data: ReportData) -> str:
    """Third sentence: the line that most often holds candidates back, and whether it was asked of them."""
    mediators = data.mediators
    standing = mediators[mediators["tier"].fillna(0) >= 1]
    looked_at, name = (
        (standing, "candidates that stand") if len(standing) > 0 else (data.leading(), "leading candidates")
    )
    limits = looked_at[looked_at["limiting_evidence"] != ""]
    if len(limits) == 0:
        return "No single line of evidence is named as the limit."
    counts = limits["limiting_evidence"].value_counts()
    line = str(min(counts[counts == counts.max()].index))
    card = next((card for card in data.lines if card["name"] == line), None)
    asked = "" if card is None else f" (“{card['question']}”)"
    held = _asked_or_not(data, card, limits.loc[limits["limiting_evidence"] == line, "gene"])
    return (
        f"What limits them most often is {words.spaced(line)}{asked}, for {words.count(int(counts[line]))} of "
        f"{words.count(len(looked_at))} {name}: {held}."
    )


def _asked_or_not(data: ReportData, card: dict[str, Any] | None, genes: pd.Series) -> str:
    """Of how many of these candidates a line was asked, and the most frequent reason why not of the others."""
    if card is None:
        return "no line of this run asks it"
    evidence = data.tables["evidence"]
    rows = evidence[evidence["line"] == card["name"]].set_index("gene").reindex(genes)
    if card["role"] not in {"arm", "support"}:
        return f"held back by its state{_most(rows['state'])}"
    not_asked = rows["p"].isna()
    n_asked, n_not = int((~not_asked).sum()), int(not_asked.sum())
    why = _most(rows.loc[not_asked, "state"])
    if n_not == 0:
        return "all asked and not supported"
    if n_asked == 0:
        return f"none could be asked{why}"
    return f"{words.count(n_asked)} asked and not supported, {words.count(n_not)} could not be asked{why}"


def _most(states: pd.Series) -> str:
    """The most frequent state in words, in brackets; nothing where no row has one."""
    counts = states[states.notna() & (states != "")].value_counts()
    if len(counts) == 0:
        return ""
    most = words.spaced(str(min(counts[counts == counts.max()].index)))
    return f" ({most})" if len(counts) == 1 else f" (most: {most})"


def animals_for_the_next_tier(data: ReportData) -> str:
    """Last sentence: the animals that the first empty tier would need, or that there were enough; empty if none is due."""
    needed = data.manifest.get("animals_needed")
    if needed is None:
        return ""
    n, n_now = needed.get("n_per_group"), needed.get("n_now")
    if n is None or n_now is None or int(n) > int(n_now):
        return words.sentence(str(needed["sentence"]))
    if needed.get("correlation") is not None:
        sought = f"an animal-level link of r = {float(needed['correlation']):.1f}"
    elif needed.get("effect_log2fc") is not None:
        sought = f"a {2 ** float(needed['effect_log2fc']):.1f}-fold change in both organs"
    else:
        sought = f"a claim of tier {needed['tier']}"
    return (
        f"The study has enough animals for {sought}, and no claim of tier {needed['tier']} was found: up to "
        f"{words.count(n_now)} per group, where about {words.count(n)} give {words.percent(needed['power'])} power."
    )


def what_is_not_shown(data: ReportData) -> tuple[list[str], list[str]]:
    """One sentence per caveat of the claims at hand.

    Returns
    -------
    list of str
        Those that concern half or more of the claims at their tier: part of the answer.
    list of str
        The others.
    """
    loud: list[str] = []
    small: list[str] = []
    for each in data.manifest.get("caveats", []):
        n, of = int(each["n"]), int(each["of"])
        whom = f"For {words.count(n)} of the {words.count(of)} at tier {each['tier']} or above"
        (loud if n >= LOUD_SHARE * of else small).append(words.sentence(f"{whom}: {each['caveat']}"))
    return loud, small


def build(data: ReportData) -> str:
    """The sentences with the caveats that concern most claims, ladder, other caveats."""
    loud, small = what_is_not_shown(data)
    sentences = [how_many(data), *loud, first_ones(data), what_limits(data), animals_for_the_next_tier(data)]
    return fill(
        "answer.html.jinja",
        sentences=[sentence for sentence in sentences if sentence != ""],
        steps=ladder(data),
        caveats=small,
        n_candidates=len(data.mediators),
    )


SECTION = Section(
    name="answer",
    title="The answer",
    description="",
    build=build,
    empty="The run holds no candidates.",
)
