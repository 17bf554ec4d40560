"""The output folder: claimed by one run, written aside, and moved into place whole."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from organokine.errors import OutputError, Problem

if TYPE_CHECKING:
    import pandas as pd

HIDDEN = ".organokine"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class StageOutput:
    """What a stage leaves: tables, and facts that are plain JSON."""

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class OutputFolder:
    """A folder that belongs to one study and, while open, to one run.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    """

    path: Path

    @property
    def hidden(self) -> Path:
        """Where finished stages and files in the making are kept."""
        return self.path / HIDDEN

    def load_stage(self, name: str, key: str) -> StageOutput | None:
        """A stage finished earlier with the same key, or None if there is none or it is damaged."""
        import pandas as pd

        folder = self.hidden / "stages" / name
        try:
            done = json.loads((folder / "done.json").read_text(encoding="utf-8"))
            if done["key"] != key or any(file_sha256(folder / file) != sha for file, sha in done["files"].items()):
                return None
            facts = dict(done["facts"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        tables = {Path(file).stem: pd.read_parquet(folder / file) for file in done["files"]}
        return StageOutput(tables, facts)

    def save_stage(self, name: str, key: str, output: StageOutput) -> None:
        """Keep a finished stage; the note that makes it count is written last."""
        folder = self.hidden / "stages" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for table, frame in output.tables.items():
            write_parquet(frame, folder / f"{table}.parquet")
        files = {file.name: file_sha256(file) for file in sorted(folder.glob("*.parquet"))}
        write_text(folder / "done.json", json.dumps({"key": key, "files": files, "facts": dict(output.facts)}))

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder for a whole set of results, moved into place only if everything in it was made.

        The manifest goes first and comes last: a folder in which a move was cut short has none, and no page is made of it.
        """
        aside = self.hidden / "results"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        yield aside
        (self.path / MANIFEST).unlink(missing_ok=True)
        for item in sorted(aside.iterdir(), key=lambda item: (item.name == MANIFEST, item.name)):
            final = self.path / item.name
            if final.is_dir():
                shutil.rmtree(final)
            item.replace(final)
        aside.rmdir()


@contextmanager
def claim(path: Path, study_name: str, *, fresh: bool) -> Iterator[OutputFolder]:
    """Claim a folder for a run.

    Parameters
    ----------
    path : pathlib.Path
        The folder; made if absent.
    study_name : str
        Study it shall belong to.
    fresh : bool
        Forget the stages finished earlier.

    Raises
    ------
    OutputError
        If the folder cannot be written, holds other files or another study, or another run is at work in it.
    """
    from filelock import FileLock, Timeout

    folder = OutputFolder(path)
    _refuse_foreign(folder, study_name)
    try:
        folder.hidden.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.hidden / "lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError(
            Problem(
                str(path),
                "another run is writing into this folder",
                "Two runs would mix their results",
                "Wait for it to end, or give another folder with --out",
            )
        ) from error
    except OSError as error:
        raise _not_writable(path, error) from error
    try:
        if fresh:
            shutil.rmtree(folder.hidden / "stages", ignore_errors=True)
        write_text(folder.hidden / "study.json", json.dumps({"name": study_name}))
        yield folder
    except OSError as error:
        raise _not_writable(path, error) from error
    finally:
        lock.release()


@contextmanager
def share(path: Path, study_name: str) -> Iterator[OutputFolder]:
    """Work in a folder beside others that do the same, without a lock: for files that are written aside and renamed.

    A lock that several machines respect is not to be had on every disk of a cluster, and none is needed.

    Parameters
    ----------
    path : pathlib.Path
        The folder; made if absent.
    study_name : str
        Study it shall belong to.

    Raises
    ------
    OutputError
        If the folder cannot be written, or holds other files or another study.
    """
    folder = OutputFolder(path)
    _refuse_foreign(folder, study_name)
    try:
        folder.hidden.mkdir(parents=True, exist_ok=True)
        mark = folder.hidden / "study.json"
        if not mark.exists():
            aside = mark.with_name(f"{uuid4().hex}.part")
            write_text(aside, json.dumps({"name": study_name}))
            aside.replace(mark)
        yield folder
    except OSError as error:
        raise _not_writable(path, error) from error


def _refuse_foreign(folder: OutputFolder, study_name: str) -> None:
    if not folder.path.exists():
        return
    if not folder.path.is_dir():
        raise OutputError(
            Problem(str(folder.path), "this is a file", "Results need a folder", "Give a folder with --out")
        )
    mark = folder.hidden / "study.json"
    if not mark.exists():
        strangers = [item.name for item in folder.path.iterdir() if item.name != HIDDEN]
        if len(strangers) == 0:
            return
        what, why = (
            f"the folder holds {len(strangers)} other files, first {sorted(strangers)[0]!r}",
            "They could be overwritten",
        )
    else:
        owner = _owner(mark)
        if owner == study_name:
            return
        what, why = f"the folder holds the results of another study, {owner!r}", "They would be overwritten"
    raise OutputError(Problem(str(folder.path), what, why, "Give an empty or new folder with --out"))


def _owner(mark: Path) -> str:
    try:
        return str(json.loads(mark.read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            Problem(
                str(mark),
                "the note that says which study the folder belongs to is damaged",
                "The results of another study could be overwritten",
                "Delete the folder if it is of no use, or give another with --out",
            )
        ) from error


def _not_writable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        Problem(
            str(path),
            f"the folder cannot be written: {error.strerror or error}",
            "The results would be lost",
            "Give a folder you may write to with --out, or free some space",
        )
    )


def plain_name(name: str) -> str:
    """A name with the signs that trouble file systems replaced, for files and folders of a study."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write a text file aside and rename it into place."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Make a folder and write text files into it, by name."""
    folder.mkdir()
    for name, text in texts.items():
        write_text(folder / name, text)


def hashes(folder: Path, *subfolders: str) -> dict[str, str]:
    """SHA-256 of the files in a folder and in the subfolders named, by their path from it."""
    files = [item for place in (folder, *(folder / name for name in subfolders)) for item in place.iterdir()]
    return {item.relative_to(folder).as_posix(): file_sha256(item) for item in sorted(files) if item.is_file()}


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file aside and rename it into place; meaning and unit of the columns go with it, where known."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from organokine.population_tables import POPULATION_TABLES
    from organokine.tables import TABLES

    known = {table.name: table for table in (*TABLES, *POPULATION_TABLES)}
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if path.stem in known:
        schema = {column.name: f"{column.meaning} [{column.unit}]" for column in known[path.stem].columns}
        table = table.replace_schema_metadata(
            (table.schema.metadata or {}) | {b"organokine": json.dumps(schema).encode()}
        )
    part = path.with_name(path.name + ".part")
    pq.write_table(table, part, compression="zstd")
    part.replace(path)
