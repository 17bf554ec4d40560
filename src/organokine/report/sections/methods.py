"""Methods in words, the lines of evidence, and what was declared beforehand."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill
from organokine.study_file import DifferentialSection, PrepareSection, RankingSection

_DECLARED: tuple[tuple[str, type[BaseModel]], ...] = (
    ("prepare", PrepareSection),
    ("differential", DifferentialSection),
    ("ranking", RankingSection),
)


def declared(data: ReportData) -> list[dict[str, str]]:
    """Every threshold and weight of the study file, with its meaning."""
    rows = []
    for section, model in _DECLARED:
        for key, value in data.study.get(section, {}).items():
            field = model.model_fields.get(key)
            meaning = "" if field is None or field.description is None else field.description.replace("`", "")
            rows.append({"section": section, "key": str(key), "value": _in_words(value), "meaning": meaning})
    for key, value in data.study.get("declared", {}).items():
        rows.append(
            {
                "section": "declared",
                "key": str(key),
                "value": _in_words(value),
                "meaning": "said by the user, not seen in data",
            }
        )
    return rows


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(each)}" for key, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def build(data: ReportData) -> str:
    """Sentences, lines, thresholds, citations."""
    return fill(
        "methods.html.jinja",
        sentences=data.manifest["methods"],
        lines=data.lines,
        declared=declared(data),
        citations=data.manifest["citations"],
    )


SECTION = Section(
    name="methods",
    title="Methods",
    description="What was done, in words that may go into a paper.",
    build=build,
    empty="The run holds no account of its methods.",
)
