"""A cohort on disk: written once, and opened by every worker with its matrices mapped into memory, so that they share them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd

from organokine.errors import OutputError, Problem
from organokine.output import file_sha256
from organokine.population.cohort import Cohort, OrganMatrix
from organokine.population_section import PopulationSection

NOTE = "cohort.json"
"""Written last: a folder without it is not whole."""


def matrix_fingerprint(matrix: OrganMatrix) -> str:
    """SHA-256 of everything one organ holds."""
    digest = hashlib.sha256(json.dumps([matrix.name, matrix.organ, matrix.modality, matrix.values.shape]).encode())
    digest.update(np.ascontiguousarray(matrix.values, dtype=float).tobytes())
    digest.update("\n".join([*matrix.genes, "", *matrix.proteins]).encode())
    digest.update(matrix.individuals.to_csv().encode() + repr(matrix.individuals.dtypes.to_dict()).encode())
    return digest.hexdigest()


def cohort_fingerprint(cohort: Cohort, organs: Mapping[str, str] | None = None) -> str:
    """SHA-256 of a whole cohort with its settings.

    Parameters
    ----------
    cohort : Cohort
        The cohort.
    organs : mapping of str to str, optional
        Fingerprints of its matrices by name, if they are known.
    """
    known = {name: matrix_fingerprint(each) for name, each in cohort.matrices.items()} if organs is None else organs
    digest = hashlib.sha256(json.dumps(known).encode())
    digest.update(json.dumps(_settings(cohort), sort_keys=True).encode())
    digest.update(cohort.routes.to_csv().encode() + cohort.traits.to_csv().encode())
    return digest.hexdigest()


def save_cohort(cohort: Cohort, folder: Path, fingerprint: str) -> Path:
    """Write a cohort into a folder of its own, unless it is there and whole.

    Several processes may do so at once: each writes aside, and the first to be done puts its folder into place.

    Parameters
    ----------
    cohort : Cohort
        The cohort.
    folder : pathlib.Path
        Folder of cohorts; made if absent.
    fingerprint : str
        Its fingerprint, by which its own folder is called.

    Returns
    -------
    pathlib.Path
        Folder that `open_cohort` opens.
    """
    place = folder / fingerprint[:32]
    if _is_whole(place):
        return place
    aside = folder / f"{uuid4().hex}.part"
    aside.mkdir(parents=True)
    try:
        _write(cohort, aside)
        _put(aside, place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return place


@lru_cache(maxsize=1)
def open_cohort(folder: Path) -> Cohort:
    """Open a cohort that `save_cohort` wrote; its matrices are read from the disk as they are needed.

    Parameters
    ----------
    folder : pathlib.Path
        Its folder. The last one opened is remembered, since a worker computes many cells of one cohort; what is in a folder never
        changes, because its name is the hash of what it holds.

    Returns
    -------
    Cohort
        The same as the one that was saved.

    Raises
    ------
    OutputError
        If the folder is not there, such as on a machine that does not see the disk of the others.
    """
    try:
        about = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        settings = about["settings"]
        return Cohort(
            matrices={
                name: _read_matrix(folder, number, name, *own)
                for number, (name, own) in enumerate(about["matrices"].items())
            },
            routes=_read_frame(folder / "routes.parquet"),
            options=PopulationSection.model_validate(settings["options"]),
            factor=settings["factor"],
            seed=settings["seed"],
            fdr=settings["fdr"],
            traits=_read_frame(folder / "traits.parquet"),
        )
    except OSError as error:
        raise OutputError(
            Problem(
                str(folder),
                f"the cohort cannot be opened here: {error.strerror or error}",
                "Every worker reads it from the output folder",
                "Put --out on a disk that all machines see under one path",
            )
        ) from error


def _settings(cohort: Cohort) -> dict[str, object]:
    options = cohort.options.model_dump(mode="json")
    return {"options": options, "factor": cohort.factor, "seed": cohort.seed, "fdr": cohort.fdr}


def _put(aside: Path, place: Path) -> None:
    """Move a folder into place; one that is there and whole, by another process, is as good."""
    try:
        aside.rename(place)
    except OSError:
        if _is_whole(place):
            return
        damaged = place.with_name(f"{uuid4().hex}.part")
        place.rename(damaged)
        aside.rename(place)
        shutil.rmtree(damaged, ignore_errors=True)


def _write(cohort: Cohort, folder: Path) -> None:
    for number, matrix in enumerate(cohort.matrices.values()):
        np.save(folder / f"{number}.npy", np.ascontiguousarray(matrix.values, dtype=float))
        pd.DataFrame({"gene": matrix.genes, "protein": matrix.proteins}).to_parquet(folder / f"{number}_genes.parquet")
        matrix.individuals.to_parquet(folder / f"{number}_individuals.parquet")
    cohort.routes.to_parquet(folder / "routes.parquet")
    cohort.traits.to_parquet(folder / "traits.parquet")
    about = {
        "settings": _settings(cohort),
        "matrices": {name: (each.organ, each.modality) for name, each in cohort.matrices.items()},
        "files": {file.name: file_sha256(file) for file in sorted(folder.iterdir())},
    }
    (folder / NOTE).write_text(json.dumps(about), encoding="utf-8")


def _is_whole(folder: Path) -> bool:
    try:
        files = json.loads((folder / NOTE).read_text(encoding="utf-8"))["files"]
        return all(file_sha256(folder / name) == sha for name, sha in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _read_matrix(folder: Path, number: int, name: str, organ: str, modality: str) -> OrganMatrix:
    rows = _read_frame(folder / f"{number}_genes.parquet")
    return OrganMatrix(
        name=name,
        organ=organ,
        modality=modality,
        values=np.load(folder / f"{number}.npy", mmap_mode="r"),
        genes=rows["gene"].to_numpy(dtype=object),
        proteins=rows["protein"].to_numpy(dtype=object),
        individuals=_read_frame(folder / f"{number}_individuals.parquet"),
    )


def _read_frame(path: Path) -> pd.DataFrame:
    """A table with its text as it was: objects, and NaN where there is none."""
    frame = pd.read_parquet(path)
    for name in frame.columns:
        if frame[name].dtype == object or pd.api.types.is_string_dtype(frame[name]):
            frame[name] = frame[name].astype(object).where(frame[name].notna(), np.nan)
    return (
        frame.set_axis(frame.index.astype(object), axis="index")
        if not isinstance(frame.index, pd.RangeIndex)
        else frame
    )
