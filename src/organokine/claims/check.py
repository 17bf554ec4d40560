"""Holding a page against all rules: findings, and one verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from organokine.claims.page import Page
from organokine.claims.reading import page_of, read_page
from organokine.claims.rule import Hit, Rule, Severity
from organokine.claims.rules import RULES
from organokine.claims.stated import Stated

Verdict = Literal["clean", "over-claims", "contradiction"]


@dataclass(frozen=True)
class Finding:
    """One rule broken by one sentence.

    Attributes
    ----------
    rule : Rule
        The rule.
    severity : {"contradiction", "over-claim", "note"}
        How much it weighs.
    sentence : int
        Number of the sentence; 0 where it is in no sentence, but in the page's markup.
    text : str
        The sentence.
    spans : tuple of (int, int)
        The words at fault, as positions in `text`, in order and apart.
    why, fairer : str
        What is wrong, and what could be said instead.
    """

    rule: Rule
    severity: Severity
    sentence: int
    text: str
    spans: tuple[tuple[int, int], ...]
    why: str
    fairer: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words at fault."""
        return tuple(self.text[start:end] for start, end in self.spans)


@dataclass(frozen=True)
class Checked:
    """A page and what was found.

    Attributes
    ----------
    page : Page
        The page as read.
    findings : tuple of Finding
        Contradictions and over-claims, gravest rule first, then in reading order.
    notes : tuple of Finding
        What is worth asking, and alone leaves a page clean.
    """

    page: Page
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """`contradiction` where the page contradicts itself or its card, else `over-claims` where it says too much, else `clean`."""
        if any(finding.severity == "contradiction" for finding in self.findings):
            return "contradiction"
        return "over-claims" if len(self.findings) > 0 else "clean"


def check(page: Page, rules: Sequence[Rule] = RULES) -> Checked:
    """Hold a page against rules.

    Parameters
    ----------
    page : Page
        As `read_page` or `page_of` made it.
    rules : sequence of Rule
        The rules; by default all that a text alone can be held against.

    Returns
    -------
    Checked
        Findings and verdict.
    """
    stated = Stated(page)
    found = [_finding(rule, hit) for rule in rules for hit in rule.find(stated)]
    return Checked(
        page,
        tuple(finding for finding in found if finding.severity != "note"),
        tuple(finding for finding in found if finding.severity == "note"),
    )


def check_text(text: str, name: str = "text", *, is_html: bool = False) -> Checked:
    """Hold a text at hand against all rules; see `page_of` and `check`."""
    return check(page_of(text, name, is_html=is_html))


def check_file(path: Path | str, rules: Sequence[Rule] = RULES) -> Checked:
    """Hold a file against rules; see `read_page` and `check`."""
    return check(read_page(path), rules)


def _finding(rule: Rule, hit: Hit) -> Finding:
    text = "" if hit.sentence is None else hit.sentence.text
    number = 0 if hit.sentence is None else hit.sentence.number
    return Finding(rule, rule.severity, number, text, _joined(hit.spans), hit.why, hit.fairer)


def _joined(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Spans in order; those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if len(joined) > 0 and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
