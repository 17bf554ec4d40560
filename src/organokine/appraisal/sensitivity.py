"""What would change if a threshold were another one: each halved and doubled, all else alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from organokine.appraisal.card import Appraisal

if TYPE_CHECKING:
    from organokine.appraisal.given import AppraisalInput
    from organokine.appraisal.species import Derived

FACTORS = (("halved", 0.5), ("doubled", 2.0))
LARGEST = {"largest_p": 1.0, "largest_q": 1.0, "selected_q": 1.0, "batch_partly": 1.0, "batch_fully": 1.0, "attrition": 1.0}
"""Thresholds that cannot be above one."""


def threshold_sensitivity(
    given: AppraisalInput, genes: Sequence[str], species: Derived, now: Mapping[str, Mapping[str, str]]
) -> dict[str, list[dict[str, Any]]]:
    """Appraise again with each threshold halved and doubled.

    Parameters
    ----------
    given : AppraisalInput
        The run.
    genes : sequence of str
        Candidates.
    species : Derived
        Species as derived.
    now : mapping of str to mapping
        By gene: the levels at the thresholds in force, as `Appraisal.words` gives them.

    Returns
    -------
    dict of str to list of dict
        By gene: one row per threshold and factor, with the levels that change, from and to; empty `changes` if none does.
    """
    found: dict[str, list[dict[str, Any]]] = {gene: [] for gene in genes}
    for name, value in given.limits.named().items():
        for word, factor in FACTORS:
            other = min(value * factor, LARGEST.get(name, float("inf")))
            elsewhere = replace(given, limits=replace(given.limits, **{name: other}))
            for gene in genes:
                words = Appraisal(elsewhere, gene, species).words()
                found[gene].append(
                    {"threshold": name, "value": value, "moved": word, "to": other, "changes": _changes(now[gene], words)}
                )
    return found


def _changes(now: Mapping[str, str], then: Mapping[str, str]) -> list[dict[str, str]]:
    names = [name for name in dict.fromkeys([*now, *then]) if now.get(name) != then.get(name)]
    return [{"what": name, "from": now.get(name, ""), "to": then.get(name, "")} for name in names]
