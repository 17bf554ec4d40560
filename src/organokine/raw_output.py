"""The folder that `organokine raw run` leaves: tables, quality, provenance and page, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import organokine
from organokine.errors import DataError
from organokine.fingerprints import code_fingerprint
from organokine.manifest import versions
from organokine.output import OutputFolder, file_sha256, write_parquet, write_text
from organokine.raw_job import FORMAT, PROVENANCE, TABLE, Ended, Given, RawOutput

if TYPE_CHECKING:
    import pandas as pd

    from organokine.raw.search import Searched

CITATIONS = {
    "Sage": ("Sage (Lazear 2023)", "10.1021/acs.jproteome.3c00486"),
    "DIA-NN": ("DIA-NN (Demichev et al. 2020)", "10.1038/s41592-019-0638-x"),
}
"""What to cite of an engine; AlphaDIA says it itself."""
OF_THE_COUNT = (
    ("Targets and decoys (Elias and Gygi 2007)", "10.1038/nmeth1019"),
    ("Picked pairs (Savitski et al. 2015)", "10.1074/mcp.M114.046995"),
)
DIRECTLFQ = ("directLFQ (Ammar et al. 2023)", "10.1016/j.mcpro.2023.100581")


def result_key(given: Given, found: Sequence[Searched], ended: Ended | None) -> str | None:
    """Hash of all that the tables depend on; None where it is not known, as with an engine of the user."""
    if ended is not None or any(len(each.file.problems) > 0 for each in found):
        return None
    about = {
        "searches": [[each.file.sample, str(each.file.path.name), each.key] for each in found],
        "sheet": [given.samples.kind, given.samples.table.to_csv(index=False)],
        "species": given.job.species,
        "settings": given.job.settings.model_dump(mode="json"),
        "code": code_fingerprint(),
        "versions": versions() | _raw_versions(),
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def kept_results(folder: OutputFolder, key: str) -> RawOutput | None:
    """Results that were made of the same, if none of their files was touched."""
    try:
        said = json.loads((folder.path / PROVENANCE).read_text(encoding="utf-8"))
        whole = said["key"] == key and all(
            file_sha256(folder.path / name) == sha for name, sha in said["files"].items()
        )
        if not whole:
            return None
        return RawOutput(folder.path, folder.path / TABLE, FORMAT, True, int(said["proteins"]), tuple(said["warnings"]))  # noqa: FBT003
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_results(folder: OutputFolder, given: Given, ended: Ended, key: str | None) -> None:
    """Write everything aside and move it into place; the page and `provenance.json` say of what it was made.

    Parameters
    ----------
    folder : OutputFolder
        The claimed folder.
    given : Given
        Inputs.
    ended : Ended
        What came out of them.
    key : str or None
        Of `result_key`; None: the tables are made anew each time.
    """
    from organokine.report.raw_run_page import build_raw_run_page

    result = ended.result
    warnings = [str(each) for each in result.warnings]
    with folder.staging() as aside:
        write_parquet(result.precursors, aside / TABLE)
        _tsv(result.precursors, aside / "precursors.tsv")
        _tsv(result.proteins, aside / "proteins.tsv")
        _tsv(result.runs, aside / "runs.tsv")
        _tsv(given.samples.table, aside / "samples.tsv")
        quality = dict(result.quality) | {"simulated": _is_simulated(given)}
        text = json.dumps(quality | {"warnings": warnings}, allow_nan=False, indent=1)
        write_text(aside / "qc.json", text + "\n")
        said = _provenance(given, ended)
        page = build_raw_run_page(replace(result, quality=quality), said, given.job.command)
        write_text(aside / "report.html", page)
        files = {item.name: file_sha256(item) for item in sorted(aside.iterdir())}
        said |= {
            "key": key,
            "proteins": len(result.proteins),
            "warnings": warnings,
            "files": files,
        }
        write_text(aside / PROVENANCE, json.dumps(said, allow_nan=False, indent=1) + "\n")


def _tsv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, sep="\t", index=False, lineterminator="\n", float_format="%.10g")


def _is_simulated(given: Given) -> bool:
    from organokine.raw.folder import is_simulated_instrument, open_folder

    for run in given.samples.runs:
        try:
            if is_simulated_instrument(open_folder(run.path).metadata.get("InstrumentName", "")):
                return True
        except DataError:
            continue
    return False


def _provenance(given: Given, ended: Ended) -> dict[str, Any]:
    job = given.job
    return {
        "organokine": organokine.__version__,
        "command": job.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "mode": given.mode,
        "engine": dict(ended.result.quality["engine"]),
        "engine_commands": list(ended.commands),
        "settings": dict(ended.result.quality["settings"]),
        "species": job.species,
        "inputs": [_input(job.samples), _input(job.fasta) | {"text_sha256": given.fasta.sha256}],
        "runs": {run.sample: run.path.name for run in given.samples.runs},
        "searches": dict(ended.searches),
        "citations": [{"text": text, "doi": doi} for text, doi in _citations(given, ended)],
        "versions": versions() | _raw_versions(),
    }


def _citations(given: Given, ended: Ended) -> list[tuple[str, str]]:
    engine = str(ended.result.quality["engine"]["name"])
    named = [CITATIONS[engine]] if engine in CITATIONS else []
    return [*named, *(OF_THE_COUNT if given.engine == "sage" else ()), DIRECTLFQ]


def _input(path: Path) -> dict[str, Any]:
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": file_sha256(path)}


def _raw_versions() -> dict[str, str]:
    found = {}
    for name in ("sagepy", "sagepy-connector", "directlfq"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
