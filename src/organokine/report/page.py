"""The page: sections in a frame, script and style inlined, nothing asked of the outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from organokine.card_files import CARDS, read_cards
from organokine.errors import OutputError, Problem, first_examples
from organokine.output import MANIFEST, file_sha256, write_text
from organokine.report import words
from organokine.report.data import ReportData
from organokine.report.frame import framed
from organokine.report.sections import SECTIONS
from organokine.tables import TABLES

REPORT = "report.html"
MANIFEST_KEYS = (
    "organokine",
    "study",
    "simulated",
    "subjects",
    "alpha",
    "tiers",
    "lines",
    "inputs",
    "references",
    "versions",
    "seed",
    "stages",
    "methods",
    "citations",
    "outputs",
)
"""Entries of a manifest without which no page can be made."""


def build(out: Path) -> Path:
    """Write the report of a finished run into its folder.

    Parameters
    ----------
    out : pathlib.Path
        Folder with the tables of `tables.TABLES` as Parquet and `manifest.json`.

    Returns
    -------
    pathlib.Path
        The page, `report.html`; written aside and renamed, so that there is never half a page.

    Raises
    ------
    OutputError
        If the folder holds no finished run, or its files are not those the run wrote.
    """
    missing = [
        name for name in [*(f"{table.name}.parquet" for table in TABLES), MANIFEST] if not (out / name).is_file()
    ]
    if len(missing) > 0:
        raise OutputError(
            Problem(
                str(out),
                f"{len(missing)} files of a finished run are missing: {first_examples(missing, 8)}",
                "The report is made from these tables alone",
                "Finish the run with `organokine run`, or name the folder of a finished one",
            )
        )
    manifest = _read_manifest(out / MANIFEST)
    _refuse_changed_tables(out, manifest)
    tables = {table.name: table.conform(pd.read_parquet(out / f"{table.name}.parquet")) for table in TABLES}
    page = out / REPORT
    cards = read_cards(out) if (out / CARDS).is_dir() else {}
    write_text(page, render(tables, manifest, tuple(cards.values())))
    return page


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        manifest = None
    absent = (
        [key for key in MANIFEST_KEYS if key not in manifest] if isinstance(manifest, dict) else list(MANIFEST_KEYS)
    )
    if isinstance(manifest, dict) and len(absent) == 0:
        return manifest
    raise OutputError(
        Problem(
            str(path),
            f"it is not the manifest of a run: {len(absent)} entries are missing, first {first_examples(absent)}",
            "It says what the tables rest on, and no page is made without",
            "Run the study again with `organokine run`; finished stages are kept",
        )
    )


def _refuse_changed_tables(out: Path, manifest: dict[str, Any]) -> None:
    """Files in subfolders are for others to take; the page does not need them."""
    changed = [
        name
        for name, sha256 in manifest["outputs"].items()
        if "/" not in name and (not (out / name).is_file() or file_sha256(out / name) != sha256)
    ]
    if len(changed) > 0:
        raise OutputError(
            Problem(
                str(out),
                f"{len(changed)} files are not as the run wrote them, first {first_examples(changed)}",
                "A page made from them would not be the result of the run",
                "Run the study again with `organokine run`; finished stages are kept",
            )
        )


def render(
    tables: Mapping[str, pd.DataFrame], manifest: dict[str, Any], cards: tuple[Mapping[str, Any], ...] = ()
) -> str:
    """The page as text; the same tables and manifest always give the same page.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Tables of `tables.TABLES` by name.
    manifest : dict
        The manifest of the run.
    cards : tuple of mapping
        Evidence cards in the order of the ranking.

    Returns
    -------
    str
        HTML without outside requests.
    """
    data = ReportData(tables, manifest, cards)
    return framed(
        "page.html.jinja",
        title=data.study["study"]["name"],
        species=data.species_plural,
        axis=data.axis,
        contrast=data.contrast,
        sizes=data.subjects_per_group(),
        pairs=[words.count(n) for n in data.pairs_per_group()],
        created=manifest["created"],
        version=manifest["organokine"],
        simulated=manifest["simulated"],
        sections=[(section, section.html(data)) for section in SECTIONS if not section.is_left_out(data)],
    )
