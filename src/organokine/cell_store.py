"""Finished cells of population mode on disk: one file each, written aside and renamed, so that any number of processes may write.

A file is a zip of two Parquet tables and a note with their hashes. Its name is the hash of everything that the answer depends on,
so that a cell of another state of the study is never taken for this one's.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pandas as pd

import organokine
from organokine.fingerprints import code_fingerprint
from organokine.population.cohort import Cell, CellResult, Cohort
from organokine.population.cohort_files import open_cohort
from organokine.population.plan import enough_draws

FOLDER = "cells"
NOTE = "cell.json"
NOT_OF_A_CELL = {"pairs", "across_modalities", "within", "traits", "leading", "targets"}
"""Settings that say which cells there are, or what is made of them afterwards; all others may change what a cell gives. The number of
draws, which grows with the pairs and falls with the error rate, is in the key by itself."""
_DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile)
"""What reading a damaged zip may raise."""
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def compute_cell(
    run: Callable[[Cohort, Cell], CellResult], cohort_folder: Path, store: CellStore, job: tuple[Cell, str]
) -> float:
    """Compute one cell and keep it, in whatever process; gives the seconds it took.

    Parameters
    ----------
    run : callable
        `organokine.population.cell.run_cell`.
    cohort_folder : pathlib.Path
        Where `save_cohort` put the cohort.
    store : CellStore
        Where to keep it.
    job : tuple of Cell and str
        The cell and its key.
    """
    start = time.perf_counter()
    cell, key = job
    store.save(key, cell, run(open_cohort(cohort_folder), cell))
    return time.perf_counter() - start


def cell_keys(cohort: Cohort, cells: Sequence[Cell], organs: Mapping[str, str]) -> dict[Cell, str]:
    """Hash of all that the answer of each cell depends on.

    Parameters
    ----------
    cohort : Cohort
        The cohort.
    cells : sequence of Cell
        Cells of its plan.
    organs : mapping of str to str
        Fingerprints of its matrices by name.

    Returns
    -------
    dict of Cell to str
        Another trait or number of leading candidates leaves the key of a cell as it is; another organ or error rate does as long as
        they need no other number of draws.
    """
    common = {
        "options": cohort.options.model_dump(mode="json", exclude=NOT_OF_A_CELL),
        "draws": enough_draws(cohort),
        "factor": cohort.factor,
        "seed": cohort.seed,
        "version": organokine.__version__,
        "code": code_fingerprint(),
    }
    routes = {name: _routes_of(cohort, name) for name in {cell.source for cell in cells}}
    return {
        cell: _sha256(
            common
            | {"cell": list(cell), "organs": [organs[cell.source], organs[cell.target]], "routes": routes[cell.source]}
        )
        for cell in cells
    }


@dataclass(frozen=True)
class CellStore:
    """The folder of finished cells.

    Attributes
    ----------
    folder : pathlib.Path
        Where the files are.
    """

    folder: Path

    def path(self, key: str) -> Path:
        """File of a cell."""
        return self.folder / f"{key}.zip"

    def has(self, key: str) -> bool:
        """Whether a cell is there and undamaged."""
        return self._parts(key) is not None

    def load(self, key: str) -> CellResult | None:
        """A finished cell, or None if there is none or its file is damaged."""
        parts = self._parts(key)
        if parts is None:
            return None
        return CellResult(**{name: pd.read_parquet(io.BytesIO(content)) for name, content in parts.items()})

    def _parts(self, key: str) -> dict[str, bytes] | None:
        """The Parquet tables of a cell as bytes, if their hashes are right."""
        try:
            with zipfile.ZipFile(self.path(key)) as file:
                parts = {name: file.read(f"{name}.parquet") for name in CellResult._fields}
                note = json.loads(file.read(NOTE))
            whole = note["key"] == key and note["sha256"] == _hashes(parts)
        except _DAMAGE:
            return None
        return parts if whole else None

    def save(self, key: str, cell: Cell, result: CellResult) -> None:
        """Keep a finished cell; the same answer gives the same bytes."""
        parts = {name: _parquet(table) for name, table in zip(CellResult._fields, result, strict=True)}
        note = json.dumps({"key": key, "cell": list(cell), "sha256": _hashes(parts)}).encode()
        members = {f"{name}.parquet": content for name, content in parts.items()} | {NOTE: note}
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f"{key[:16]}-{uuid4().hex}.part"
        try:
            with zipfile.ZipFile(aside, "x") as file:
                for name, content in members.items():
                    file.writestr(zipfile.ZipInfo(name, _FIRST_DAY), content)
            aside.replace(self.path(key))
        finally:
            aside.unlink(missing_ok=True)

    def keys(self) -> set[str]:
        """Keys of all files that are there, of this state of the study or another."""
        return {path.stem for path in self.folder.glob("*.zip")}

    def others(self, keys: Collection[str]) -> list[Path]:
        """Files that are none of these cells: those of another state of the study, and what a killed process left half written."""
        ours = {self.path(key) for key in keys}
        return [path for path in self.folder.iterdir() if path not in ours] if self.folder.is_dir() else []


@dataclass(frozen=True)
class StoredResults(Mapping[Cell, CellResult]):
    """Finished cells, read when they are asked for: those of many organs do not fit into memory together.

    Attributes
    ----------
    store : CellStore
        Where they are.
    cells : dict of Cell to str
        Their keys.
    """

    store: CellStore
    cells: dict[Cell, str]

    def __getitem__(self, cell: Cell) -> CellResult:
        found = self.store.load(self.cells[cell])
        if found is None:
            message = f"the file of the cell {cell.name} was damaged while it was in use"
            raise OSError(message)
        return found

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)


def _routes_of(cohort: Cohort, name: str) -> str:
    genes = list(cohort.matrices[name].genes)
    return hashlib.sha256(cohort.routes.loc[genes].to_csv().encode()).hexdigest()


def _sha256(about: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _hashes(parts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}


def _parquet(table: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    table.to_parquet(stream, index=False, compression="zstd")
    return stream.getvalue()
