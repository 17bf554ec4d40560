"""AlphaDIA 2: one command, which predicts a library from the FASTA and searches all runs.

Options as in `default.yaml` of the package alphadia 2.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from organokine.errors import Problem
from organokine.raw.engines.base import Engine, EngineJob, Modification, own_words, version_in
from organokine.readers.precursors.long_engines import ALPHADIA as LAYOUT

_VARIABLE: dict[Modification, str] = {"oxidation": "Oxidation@M", "acetyl": "Acetyl@Protein_N-term"}
_CONFIG = "alphadia.json"
_OWN = (
    *("-o", "--output", "--output-directory", "-f", "--file", "--raw-path", "-d", "--directory", "-r", "--regex"),
    *("--fasta", "--fasta-path", "-c", "--config", "--quant-dir", "--quant-directory", "-v", "--version", "--check"),
)
_VERSION = re.compile(r"\bversion: (\d[\w.]*)")


def _commands(path: Path, job: EngineJob) -> list[list[str]]:
    out = job.out.resolve()
    words = [
        *(str(path), "--output", str(out)),
        *(word for folder in job.folders for word in ("--file", str(folder.resolve()))),
        *("--fasta", str(job.fasta.resolve()), "--config", str(out / _CONFIG), *job.settings.extra),
    ]
    return [words]


def _files(job: EngineJob) -> Mapping[str, str]:
    """The settings. JSON is YAML as well, and only ASCII is the same in every locale."""
    return {_CONFIG: json.dumps(_settings(job), indent=1) + "\n"}


def _settings(job: EngineJob) -> dict[str, Any]:
    """Only the Python backend reads timsTOF data; results of single runs are kept and used again."""
    settings = job.settings
    is_variable = settings.maximum_variable > 0
    return {
        "general": {"thread_count": job.threads, "reuse_quant": True},
        "library_prediction": {
            "enabled": True,
            "enzyme": "trypsin",
            "missed_cleavages": settings.missed_cleavages,
            "precursor_len": [settings.minimum_length, settings.maximum_length],
            "precursor_charge": [settings.minimum_charge, settings.maximum_charge],
            "fixed_modifications": "Carbamidomethyl@C" if settings.carbamidomethyl else "",
            "variable_modifications": ";".join(_VARIABLE[name] for name in settings.variable) if is_variable else "",
            "max_var_mod_num": settings.maximum_variable,
        },
        "search": {
            "extraction_backend": "python",
            "target_ms1_tolerance": settings.mass_accuracy,
            "target_ms2_tolerance": settings.mass_accuracy,
        },
        "fdr": {"fdr": settings.fdr},
    }


def _products(job: EngineJob) -> list[tuple[Path, ...]]:
    return [(job.out / "precursors.parquet", job.out / "precursors.tsv")]


def _faults(job: EngineJob) -> list[Problem]:
    return own_words(TITLE, job.settings.extra, _OWN)


TITLE = "AlphaDIA"
ALPHADIA = Engine(
    name="alphadia",
    title=TITLE,
    modes=("diaPASEF",),
    executables=("alphadia", "alphadia.exe"),
    licence="AlphaDIA is open source (Apache-2.0)",
    get_it="install the package alphadia, version 2 or later, into a Python environment of its own (it needs about 6 GB, and once a "
    "network, for its models)",
    format="alphadia",
    layout=LAYOUT,
    commands=_commands,
    files=_files,
    products=_products,
    faults=_faults,
    version=partial(version_in, _VERSION),
)
"""AlphaDIA. A `--config-dict` in `extra` is laid over the settings."""
