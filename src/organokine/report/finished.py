"""The folder of a finished run, read back: its tables and its manifest, if they are as they were written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from organokine.errors import OutputError, Problem, first_examples
from organokine.output import MANIFEST, file_sha256
from organokine.table_schema import Table

REPORT = "report.html"
POPULATION_MODE = "population"


def mode_of(out: Path) -> str:
    """What kind of run a folder is of, by its manifest: `population`, or nothing for an ordinary one or none."""
    try:
        return str(json.loads((out / MANIFEST).read_text(encoding="utf-8"))["mode"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def read_finished(
    out: Path, schemas: Sequence[Table], keys: Sequence[str], command: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Read the tables and the manifest of a finished run.

    Parameters
    ----------
    out : pathlib.Path
        Its folder.
    schemas : sequence of Table
        Tables that it must hold.
    keys : sequence of str
        Entries that its manifest must have.
    command : str
        What makes such a folder, for messages.

    Returns
    -------
    tuple of dict and dict
        Tables by name, and the manifest.

    Raises
    ------
    OutputError
        If the folder holds no finished run, or its files are not those the run wrote.
    """
    missing = [
        name for name in [*(f"{table.name}.parquet" for table in schemas), MANIFEST] if not (out / name).is_file()
    ]
    if len(missing) > 0:
        raise OutputError(
            Problem(
                str(out),
                f"{len(missing)} files of a finished run are missing: {first_examples(missing, 8)}",
                "The report is made from these tables alone",
                f"Finish the run with `{command}`, or name the folder of a finished one",
            )
        )
    manifest = _read_manifest(out / MANIFEST, keys, command)
    _refuse_changed_tables(out, manifest, command)
    return {table.name: table.conform(pd.read_parquet(out / f"{table.name}.parquet")) for table in schemas}, manifest


def _read_manifest(path: Path, keys: Sequence[str], command: str) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        manifest = None
    absent = [key for key in keys if key not in manifest] if isinstance(manifest, dict) else list(keys)
    if isinstance(manifest, dict) and len(absent) == 0:
        return manifest
    raise OutputError(
        Problem(
            str(path),
            f"it is not the manifest of a run: {len(absent)} entries are missing, first {first_examples(absent)}",
            "It says what the tables rest on, and no page is made without",
            f"Run the study again with `{command}`; what was finished is kept",
        )
    )


def _refuse_changed_tables(out: Path, manifest: dict[str, Any], command: str) -> None:
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
                f"Run the study again with `{command}`; what was finished is kept",
            )
        )
