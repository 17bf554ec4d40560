"""Hashes by which a run knows whether a stage finished earlier is the one it would make."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import organokine

if TYPE_CHECKING:
    from organokine.references import References
    from organokine.study import Study


def fingerprint(study: Study, references: References) -> str:
    """SHA-256 of what a study holds: values, samples, features, and the reference tables it is held against."""
    digest = hashlib.sha256()
    for name in sorted(study.assays):
        adata = study.assays[name]
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(adata.X, dtype=float).tobytes())
        for frame in (adata.obs, adata.var):
            digest.update(frame.to_csv().encode())
    for frame in (study.runs, study.flags):
        digest.update(frame.to_csv().encode())
    for test in study.phenotypes:
        digest.update(test.rows.to_csv().encode() + repr(test.counts).encode())
    digest.update(references.versions().to_csv().encode())
    digest.update(b"" if study.traits is None else study.traits.to_csv().encode())
    for sets in (study.signatures, study.gene_sets):
        digest.update(b"" if sets is None else sets.fingerprint())
    return digest.hexdigest()


def code_fingerprint() -> str:
    """SHA-256 of the package's own source: a release never changes, a checkout does without a new version."""
    folder = Path(organokine.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
