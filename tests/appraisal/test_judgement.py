from __future__ import annotations

from typing import Any

import pytest

from organokine.appraisal.facts import Fact
from organokine.appraisal.judgement import Step, judge, level_after, shared_steps
from organokine.appraisal.thresholds import THRESHOLDS, described


def fact(**values: Any) -> Fact:
    plain: dict[str, Any] = {
        "value": 1.0,
        "unit": "log2",
        "low": 0.7,
        "high": 1.5,
        "relevant": 0.585,
        "p": 0.001,
        "n": {"a": 8, "b": 8},
    }
    return Fact(
        **{"id": "f", "kind": "effect", "label": "an effect", "n_by_sex": {"female": 8, "male": 8}} | plain | values
    )


@pytest.mark.parametrize(
    ("given", "expected", "state", "rule"),
    [
        (fact(), 0, "supported", "S-SHOWN"),
        (fact(), 1, "supported", "S-SHOWN"),
        (fact(), -1, "contradicted", "S-OPPOSITE"),
        (fact(value=-1.0, low=-1.5, high=-0.5), 1, "contradicted", "S-OPPOSITE"),
        (fact(value=0.1, low=-0.3, high=0.5, p=0.6), 0, "contradicted", "S-NEGLIGIBLE"),
        (fact(value=0.1, low=-0.3, high=0.9, p=0.6), 0, "inconclusive", "S-OPEN"),
        (fact(value=0.4, low=0.3, high=0.5), 1, "supported", "S-SHOWN"),
        (fact(value=0.4, low=0.3, high=0.5, q=0.3), 1, "contradicted", "S-NEGLIGIBLE"),
        (fact(q=0.2), 1, "inconclusive", "S-OPEN"),
        (fact(q=0.09), 1, "supported", "S-SHOWN"),
        (fact(p=0.06), 1, "inconclusive", "S-OPEN"),
        (fact(n={"a": 8, "b": 2}), 1, "not_assessable", "S-FEW"),
        (fact(p=None, low=None, high=None, value=None), 1, "not_tested", "S-NONE"),
        (None, 1, "not_tested", "S-NONE"),
        (fact(low=None, high=None), 1, "supported", "S-SHOWN"),
        (fact(low=None, high=None), -1, "inconclusive", "S-OPEN"),
        (fact(value=0.6, unit="ratio", low=0.4, high=0.9, relevant=None), 0, "supported", "S-SHOWN"),
        (fact(value=1.1, unit="ratio", low=0.9, high=1.3, relevant=None, p=0.4), 0, "inconclusive", "S-OPEN"),
    ],
)
def test_state_of_a_fact(given: Fact | None, expected: int, state: str, rule: str) -> None:
    verdict = judge(given, expected, THRESHOLDS)
    assert (verdict.state, verdict.rule) == (state, rule)


def test_no_significance_is_never_a_contradiction() -> None:
    for p in (0.06, 0.5, 1.0):
        assert judge(fact(value=0.2, low=-1.0, high=1.4, p=p), 1, THRESHOLDS).state == "inconclusive"


def step(n: int) -> Step:
    return Step("a", n, "r", "f", "because")


@pytest.mark.parametrize(
    ("start", "steps", "level"),
    [
        ("high", [], "high"),
        ("high", [-1, -1], "low"),
        ("low", [-2, -2], "very_low"),
        ("low", [-3, 1], "low"),
        ("moderate", [1, 1], "high"),
        ("moderate", [-1, 1], "moderate"),
    ],
)
def test_steps_go_down_to_the_floor_and_up_to_the_cap(start: str, steps: list[int], level: str) -> None:
    assert level_after(start, [step(n) for n in steps]) == level
    assert level_after(start, [step(n) for n in steps], cap="very_low") == "very_low"


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        (fact(), []),
        (fact(n={"a": 5, "b": 8}), ["C-FEW"]),
        (fact(low=-0.1), ["C-WIDE"]),
        (fact(low=0.1), ["C-SMALL"]),
        (fact(low=0.1, relevant=None), []),
        (fact(q=0.08, tested=300), ["C-SELECTED"]),
        (fact(q=0.08, tested=1), []),
        (fact(n_by_sex={}), ["C-SEX"]),
        (fact(n_by_sex={"male": 16}), ["C-ONE-SEX"]),
        (fact(n={}, n_by_sex={}), []),
    ],
)
def test_steps_that_any_fact_can_bring(given: Fact, rules: list[str]) -> None:
    steps = shared_steps(given, THRESHOLDS)
    assert [each.rule for each in steps] == rules
    assert all(each.steps < 0 and each.fact == "f" and each.reason != "" for each in steps)


def test_what_a_contradiction_rests_on_is_no_step_down() -> None:
    narrow = fact(low=-0.2, high=0.2, value=0.0, p=0.9, q=0.95, tested=300)
    verdict = judge(narrow, 1, THRESHOLDS)
    assert verdict.rule == "S-NEGLIGIBLE"
    assert shared_steps(narrow, THRESHOLDS, verdict.rule) == []
    assert [each.rule for each in shared_steps(narrow, THRESHOLDS)] == ["C-WIDE", "C-SELECTED"]


def test_every_threshold_says_its_unit_and_reason() -> None:
    for each in described():
        assert each["unit"] != ""
        assert len(each["reason"]) > 30
    assert {each["name"] for each in described()} == set(THRESHOLDS.named())
