"""How one fact bears on one link: its state, and the certainty that is left after every step down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from organokine.appraisal.thresholds import LEVELS

if TYPE_CHECKING:
    from organokine.appraisal.facts import Fact
    from organokine.appraisal.thresholds import Thresholds

State = Literal["supported", "contradicted", "inconclusive", "not_tested", "not_assessable"]
WEAKNESS: tuple[State, ...] = ("contradicted", "not_assessable", "inconclusive", "not_tested", "supported")
"""States, the weakest first: what was asked and not found is weaker than what nobody asked."""


class Verdict(NamedTuple):
    """State of a link, the rule that gave it, and the reason in words."""

    state: State
    rule: str
    reason: str


@dataclass(frozen=True)
class Step:
    """One step of certainty: its domain, how many levels (negative is down), the rule and the fact behind it."""

    domain: str
    steps: int
    rule: str
    fact: str
    reason: str


def judge(fact: Fact | None, expected: int, limits: Thresholds) -> Verdict:
    """State of a link by the one fact that answers it.

    Supported: the interval excludes zero on the expected side and the error rate holds, however small the effect, which costs certainty.
    Contradicted: it excludes zero on the other side, or shows nothing and lies wholly within what matters. Inconclusive otherwise:
    absence of significance is never a contradiction.

    Parameters
    ----------
    fact : Fact or None
        The fact; None if the study holds none.
    expected : int
        Sign the link predicts: 1, -1, or 0 if either would do.
    limits : Thresholds
        Thresholds.
    """
    if fact is None or (fact.p is None and fact.low is None):
        why = (
            "the study holds nothing that asks this"
            if fact is None
            else f"it could not be asked: {_spaced(fact.state)}"
        )
        return Verdict("not_tested", "S-NONE", why)
    if fact.n_least is not None and fact.n_least < limits.least_units:
        return Verdict("not_assessable", "S-FEW", f"{fact.n_least} animals in the smaller group")
    if _against(fact, expected):
        return Verdict(
            "contradicted", "S-OPPOSITE", "the interval excludes zero on the side opposite to the one predicted"
        )
    if _holds(fact, limits) and _on_side(fact, expected):
        return Verdict("supported", "S-SHOWN", "the interval excludes zero as predicted, and the error rate holds")
    if _within(fact):
        return Verdict(
            "contradicted", "S-NEGLIGIBLE", f"the interval lies wholly within {fact.relevant:.3g} {fact.unit} of none"
        )
    return Verdict("inconclusive", "S-OPEN", "asked, and neither shown nor ruled out")


def _holds(fact: Fact, limits: Thresholds) -> bool:
    if fact.q is not None:
        return fact.q <= limits.largest_q
    return fact.p is not None and fact.p <= limits.largest_p


def none_of(fact: Fact) -> float:
    """Value of no effect: 1 for a ratio, 0 else."""
    return 1.0 if fact.unit == "ratio" else 0.0


def _on_side(fact: Fact, expected: int) -> bool:
    none = none_of(fact)
    if fact.low is None or fact.high is None:
        return fact.number is None or expected == 0 or (fact.number - none) * expected > 0
    return (expected >= 0 and fact.low > none) or (expected <= 0 and fact.high < none)


def _against(fact: Fact, expected: int) -> bool:
    if expected == 0 or fact.low is None or fact.high is None:
        return False
    none = none_of(fact)
    return fact.high < none if expected > 0 else fact.low > none


def _nearest_end(fact: Fact) -> float:
    """Distance from no effect of the end of the interval that is nearest to it; infinite without an interval."""
    if fact.low is None or fact.high is None:
        return float("inf")
    return min(abs(fact.low - none_of(fact)), abs(fact.high - none_of(fact)))


def _within(fact: Fact) -> bool:
    if fact.low is None or fact.high is None or fact.relevant is None:
        return False
    none = none_of(fact)
    return -fact.relevant < fact.low - none and fact.high - none < fact.relevant


def _spaced(word: str) -> str:
    return word.replace("_", " ")


def level_after(start: str, steps: list[Step], cap: str = "high") -> str:
    """Certainty after all steps: down as they say, up never past `cap` and never from high, and never below very low."""
    place = LEVELS.index(start) + sum(step.steps for step in steps if step.steps < 0)
    place = max(place, 0)
    place += sum(step.steps for step in steps if step.steps > 0)
    return LEVELS[max(0, min(place, LEVELS.index(cap)))]


def shared_steps(fact: Fact, limits: Thresholds, rule: str = "") -> list[Step]:
    """Steps down that any measured fact can bring: few animals, selection, an interval that crosses zero.

    A link that is contradicted since its interval is narrow about no effect (rule S-NEGLIGIBLE) is not less certain for that interval
    or for a large q: both are what it rests on.
    """
    found = []
    is_negligible = rule == "S-NEGLIGIBLE"
    if fact.n_least is not None and fact.n_least < limits.few_units:
        found.append(Step("imprecision", -1, "C-FEW", fact.id, f"{fact.n_least} animals in the smaller group"))
    none = none_of(fact)
    if is_negligible:
        pass
    elif fact.low is not None and fact.high is not None and fact.low <= none <= fact.high:
        found.append(Step("imprecision", -1, "C-WIDE", fact.id, "the interval includes no effect"))
    elif _nearest_end(fact) < (fact.relevant or 0.0):
        said = f"the interval includes effects too small to matter (below {fact.relevant:.3g} {fact.unit})"
        found.append(Step("imprecision", -1, "C-SMALL", fact.id, said))
    is_selected = fact.q is not None and fact.tested is not None and fact.tested > 1 and fact.q > limits.selected_q
    if is_selected and not is_negligible:
        found.append(
            Step("selection", -1, "C-SELECTED", fact.id, f"q = {fact.q:.2g} over {fact.tested} candidates asked")
        )
    if len(fact.n) > 0 and len(fact.n_by_sex) == 0:
        found.append(Step("indirectness", -1, "C-SEX", fact.id, "sex is not recorded"))
    elif len(fact.n) > 0 and len(fact.n_by_sex) == 1:
        only = next(iter(fact.n_by_sex))
        found.append(Step("indirectness", -1, "C-ONE-SEX", fact.id, f"one sex only: {only}"))
    return found
