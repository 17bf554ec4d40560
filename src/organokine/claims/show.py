"""Findings as text for a terminal, and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from organokine.claims.check import Checked, Finding

SCHEMA = "organokine.claims/1"
LONGEST = 300
"""Characters of a sentence that are shown; longer ones are cut around the words at fault."""


def as_text(checked: Checked, width: int = 100) -> str:
    """Verdict, findings and notes for people to read; words at fault stand between `[[` and `]]`."""
    n = len(checked.findings)
    verdict = {"clean": "clean", "over-claims": "over-claims", "contradiction": "CONTRADICTION"}[checked.verdict]
    lines = [
        f"{checked.page.name}: {verdict} ({n} finding{'s' if n != 1 else ''} in {len(checked.page.sentences)} sentences)"
    ]
    for finding in checked.findings:
        lines += ["", *_shown(finding, width)]
    if len(checked.notes) > 0:
        lines += ["", "Worth asking (a note alone leaves a page clean):"]
        for finding in checked.notes:
            lines += ["", *_shown(finding, width)]
    lines += [f"\nRemark: {remark}." for remark in checked.page.remarks]
    lines += ["", "Rules read words, not minds: a finding asks for another look, and a clean page is not thereby true."]
    return "\n".join(lines)


def as_json(checked: Checked) -> str:
    """Everything as JSON, alike in every run.

    Returns
    -------
    str
        An object with `schema`, `file`, `verdict`, `findings`, `notes` and `remarks`. Each finding has `rule`, `name`, `severity`,
        `sentence` (from 1; 0 is the page's markup), `text`, `words`, `spans`, `why`, `fairer`, `question`, `reason` and `source`.
    """
    found = {
        "schema": SCHEMA,
        "file": checked.page.name,
        "verdict": checked.verdict,
        "sentences": len(checked.page.sentences),
        "fields": [
            {"name": field.name, "value": field.value, "sentence": field.sentence} for field in checked.page.fields
        ],
        "findings": [_plain(finding) for finding in checked.findings],
        "notes": [_plain(finding) for finding in checked.notes],
        "remarks": list(checked.page.remarks),
    }
    return json.dumps(found, indent=2)


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "severity": finding.severity,
        "sentence": finding.sentence,
        "text": finding.text,
        "words": list(finding.words),
        "spans": [list(span) for span in finding.spans],
        "why": finding.why,
        "fairer": finding.fairer,
        "question": finding.rule.question,
        "reason": finding.rule.why,
        "source": finding.rule.source,
    }


def _shown(finding: Finding, width: int) -> list[str]:
    where = f"Sentence {finding.sentence}" if finding.sentence > 0 else "The page"
    lines = [f"{where}: {finding.rule.id} {finding.rule.name} ({finding.severity})"]
    if finding.text != "":
        lines += _wrapped(_marked(finding), width)
    lines += _wrapped(f"Why: {finding.why}. {finding.rule.why}.", width)
    lines += _wrapped(f"Fairer: {_short(finding.fairer)}", width)
    return lines


def _marked(finding: Finding) -> str:
    text, end = "", 0
    for first, last in finding.spans:
        text += f"{finding.text[end:first]}[[{finding.text[first:last]}]]"
        end = last
    text += finding.text[end:]
    start = max(0, text.find("[[") - LONGEST // 2)
    shown = text[start : start + LONGEST]
    return f"{'... ' if start > 0 else ''}{shown}{' ...' if start + LONGEST < len(text) else ''}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
