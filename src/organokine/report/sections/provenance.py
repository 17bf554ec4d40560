"""The resolved study file, inputs, references and versions: what it takes to repeat the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from organokine.report.data import ReportData
from organokine.report.sections.base import Section
from organokine.report.templates import fill


def toml_text(study: Mapping[str, Any]) -> str:
    """A nested dict as a study file reads; keys without a value become a comment.

    Parameters
    ----------
    study : mapping
        Resolved study file.

    Returns
    -------
    str
        Text in the shape of TOML.
    """
    return "\n".join(_table(study, "")).strip() + "\n"


def _table(values: Mapping[str, Any], name: str) -> list[str]:
    plain = {key: value for key, value in values.items() if not _is_table(value)}
    lines = [f"{key} = {_scalar(value)}" if value is not None else f"# {key}: not set" for key, value in plain.items()]
    for key, value in values.items():
        full = str(key) if name == "" else f"{name}.{key}"
        if isinstance(value, Mapping) and len(value) > 0:
            lines += ["", f"[{full}]", *_table(value, full)]
        elif _is_table(value):
            for each in value:
                lines += ["", f"[[{full}]]", *_table(each, full)]
    return lines


def _is_table(value: Any) -> bool:
    if isinstance(value, Mapping):
        return len(value) > 0
    return isinstance(value, list | tuple) and len(value) > 0 and all(isinstance(each, Mapping) for each in value)


def _scalar(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_scalar(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)


def build(data: ReportData) -> str:
    """Study file, inputs with hashes, references, versions, stages."""
    manifest = data.manifest
    return fill(
        "provenance.html.jinja",
        study=toml_text(data.study),
        inputs=manifest["inputs"],
        references=manifest["references"],
        versions={"organokine": manifest["organokine"], **manifest["versions"]},
        stages=manifest["stages"],
        seed=manifest["seed"],
        created=manifest["created"],
    )


SECTION = Section(
    name="provenance",
    title="To repeat this run",
    description="The study file with every default it resolved to, the hashes of all that was read, and the versions that read it.",
    build=build,
    empty="The run holds no account of its inputs.",
)
