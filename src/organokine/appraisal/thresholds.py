"""Every threshold of the appraisal, with its reason: the one place to change them.

They are conventions of this package, and no expert panel has checked them. The card therefore carries a table of what would change if
each were halved or doubled (`organokine.appraisal.sensitivity`). None of them can be set in a study file: what a user types cannot
raise a level.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any


def _limit(default: float, unit: str, reason: str) -> Any:
    return field(default=default, metadata={"unit": unit, "reason": reason})


@dataclass(frozen=True)
class Thresholds:
    """All thresholds; each field carries its unit and its reason."""

    largest_p: float = _limit(
        0.05, "p", "a question asked of this candidate alone is answered at this level: the usual convention"
    )
    largest_q: float = _limit(
        0.1,
        "false discovery rate",
        "a link asked of many candidates is supported up to this rate, the default of the ranking: one in ten may be wrong",
    )
    selected_q: float = _limit(
        0.05,
        "false discovery rate",
        "above this rate the candidate may lead by luck of selection, and certainty falls by a step",
    )
    least_units: float = _limit(
        3.0, "animals per group", "with fewer, a spread within groups is hardly known, and the link cannot be assessed"
    )
    few_units: float = _limit(
        6.0,
        "animals per group",
        "with fewer, intervals are wide and one animal decides (imprecision), and certainty falls by a step",
    )
    relevant_log2: float = _limit(
        0.585,
        "log2",
        "1.5-fold: an interval wholly within this of no change speaks against the link; the default of the ranking's planning",
    )
    relevant_share: float = _limit(
        0.2, "share of the contrast", "an arm whose interval lies wholly within this reproduces next to nothing of it"
    )
    relevant_r: float = _limit(
        0.3, "r", "a correlation whose interval lies wholly within this explains less than a tenth of the variance"
    )
    relevant_sd: float = _limit(
        0.5,
        "standard deviations between animals",
        "a medium effect by Cohen's convention; an interval of function wholly within it speaks against the link",
    )
    batch_partly: float = _limit(
        0.3, "Cramer's V", "a batch that goes with the groups to this degree biases them: certainty falls by a step"
    )
    batch_fully: float = _limit(
        0.9, "Cramer's V", "a batch that goes with the groups to this degree cannot be told from them: not assessable"
    )
    attrition: float = _limit(
        0.2, "share of animals", "a difference of losses between groups beyond this may make the effect (SYRCLE item 8)"
    )
    far_move: float = _limit(
        2.0,
        "log2",
        "an arm that moves the candidate this much further than the contrast does (fourfold) shows what an excess can do",
    )
    copy_distance: float = _limit(
        1e-6, "1 - r", "no two animals agree this closely over a whole assay: one of the two is a copy of the other"
    )

    def named(self) -> dict[str, float]:
        """Value of every threshold by name."""
        return {each.name: float(getattr(self, each.name)) for each in fields(self)}


THRESHOLDS = Thresholds()
"""The thresholds of every card."""

START = {"annotation": "very_low", "given": "low", "assigned": "moderate", "randomised": "high"}
"""Certainty a link starts from, by how groups came about: none were compared; given, such as age; assigned by the experimenter; and
declared as randomised (after Hooijmans et al. 2018, doi 10.1371/journal.pone.0187271)."""

LEVELS = ("very_low", "low", "moderate", "high")
"""Certainty, from least to most. GRADE-inspired; it rates the links of one study, not a body of evidence."""


def described() -> list[dict[str, Any]]:
    """Name, value, unit and reason of every threshold, for report and docs."""
    return [_described(each) for each in fields(Thresholds)]


def _described(each: Field[Any]) -> dict[str, Any]:
    return {"name": each.name, "value": getattr(THRESHOLDS, each.name), **each.metadata}
