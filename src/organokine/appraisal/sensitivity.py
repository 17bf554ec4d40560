"""What would change if a threshold were another one: each halved and doubled, all else alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from organokine.appraisal.card import Appraisal
from organokine.appraisal.case import Case, make_case

if TYPE_CHECKING:
    from organokine.appraisal.given import AppraisalInput

FACTORS = (("halved", 0.5), ("doubled", 2.0))
LARGEST = {
    "largest_p": 1.0,
    "largest_q": 1.0,
    "selected_q": 1.0,
    "batch_partly": 1.0,
    "batch_fully": 1.0,
    "attrition": 1.0,
}
"""Thresholds that cannot be above one."""


IN_FACTS = ("largest_q", "relevant_log2", "relevant_share", "relevant_r", "relevant_sd", "copy_distance")
"""Thresholds that facts carry or are counted by; the others are asked of facts as they are."""


def threshold_sensitivity(appraisals: Mapping[str, Appraisal]) -> dict[str, list[dict[str, Any]]]:
    """Appraise again with each threshold halved and doubled.

    Parameters
    ----------
    appraisals : mapping of str to Appraisal
        By gene, at the thresholds in force.

    Returns
    -------
    dict of str to list of dict
        By gene: one row per threshold and factor, with the levels that change, from and to; empty `changes` if none does.
    """
    found: dict[str, list[dict[str, Any]]] = {gene: [] for gene in appraisals}
    if len(appraisals) == 0:
        return found
    given = next(iter(appraisals.values())).case.given
    for name, value in given.limits.named().items():
        for word, factor in FACTORS:
            other = min(value * factor, LARGEST.get(name, float("inf")))
            elsewhere = replace(given, limits=replace(given.limits, **{name: other}))
            for gene, now in appraisals.items():
                words = Appraisal(_moved(now.case, elsewhere, name)).words()
                found[gene].append(
                    {
                        "threshold": name,
                        "value": value,
                        "moved": word,
                        "to": other,
                        "changes": _changes(now.words(), words),
                    }
                )
    return found


def _moved(case: Case, given: AppraisalInput, threshold: str) -> Case:
    """The case at other thresholds; its facts are collected anew only where the threshold is in them."""
    if threshold in IN_FACTS:
        return make_case(given, case.gene, case.species)
    return replace(case, given=given)


def _changes(now: Mapping[str, str], then: Mapping[str, str]) -> list[dict[str, str]]:
    names = [name for name in dict.fromkeys([*now, *then]) if now.get(name) != then.get(name)]
    return [{"what": name, "from": now.get(name, ""), "to": then.get(name, "")} for name in names]
