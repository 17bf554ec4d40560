"""What the embedded tables and those of releases were made from, and whether they are intact."""

from __future__ import annotations

import gzip
import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from organokine import errors
from organokine.errors import Problem
from organokine.output import file_sha256
from organokine.references.releases import EMBEDDED, REGISTRY, registry_is_intact, release_folder

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableEntry:
    """One table, embedded or of a release.

    Attributes
    ----------
    name : str
        Name of the table.
    file : str
        File name in `references/data`, or in the folder of the release.
    species : tuple of str
        Species it serves.
    version, sha256, licence, citation : str
        Version of the table, hash of the file, licence and citation of its content.
    sources : tuple of str
        What it was made from, each `name version (licence), sha256 HASH`; `hand-written` where there is nothing.
    release : str
        `embedded`, or the release it belongs to.
    """

    name: str
    file: str
    species: tuple[str, ...]
    version: str
    sha256: str
    licence: str
    citation: str
    sources: tuple[str, ...]
    release: str = EMBEDDED


@dataclass(frozen=True)
class SourceEntry:
    """One source of the embedded tables or of a release.

    Attributes
    ----------
    name, version, sha256, licence, citation : str
        The source.
    address : str
        Where a release took it from; empty for the packages of the embedded tables.
    file : str
        Its file; a release keeps those of the large sets.
    size : int or None
        Bytes, if known.
    kept : bool
        The file lies in the folder of the release as it came.
    """

    name: str
    version: str
    sha256: str
    licence: str
    citation: str
    address: str
    file: str
    size: int | None
    kept: bool


def data_folder() -> Traversable:
    """Folder of the embedded tables."""
    return resources.files("organokine.references").joinpath("data")


@cache
def registry(release: str = EMBEDDED) -> tuple[TableEntry, ...]:
    """All tables of a release, as its `registry.toml` lists them.

    Parameters
    ----------
    release : str
        `embedded`, or the name of a release that is in the store (see `releases.resolve_release`).

    Raises
    ------
    ReferenceError
        If the registry of a release is missing or damaged.
    """
    return listed(release)[0]


def listed(release: str) -> tuple[tuple[TableEntry, ...], tuple[SourceEntry, ...]]:
    """All tables and sources of a release, its `registry.toml` read anew; see `registry`."""
    content = _content(release)
    return _tables_in(content, release), _sources_in(content)


def _tables_in(content: Mapping[str, Any], release: str) -> tuple[TableEntry, ...]:
    packages = {
        each.name: f"{each.name} {each.version} ({each.licence}), sha256 {each.sha256}" for each in _sources_in(content)
    }
    return tuple(
        TableEntry(
            name=name,
            file=table["file"],
            species=tuple(table["species"]),
            version=table["version"] if release == EMBEDDED else release,
            sha256=table["sha256"],
            licence=table["licence"],
            citation=table["citation"],
            sources=tuple(packages.get(source, source) for source in table["sources"]),
            release=release,
        )
        for name, table in content["table"].items()
    )


def _sources_in(content: Mapping[str, Any]) -> tuple[SourceEntry, ...]:
    return tuple(
        SourceEntry(
            name=name,
            version=source["version"],
            sha256=source["sha256"],
            licence=source["licence"],
            citation=source["citation"],
            address=source.get("address", ""),
            file=source["file"],
            size=source.get("size"),
            kept=source.get("kept", False),
        )
        for name, source in content["source"].items()
    )


def _content(release: str) -> dict[str, Any]:
    if release == EMBEDDED:
        text = resources.files("organokine.references").joinpath(REGISTRY).read_text(encoding="utf-8")
        return tomllib.loads(text)
    try:
        raw = (release_folder(release) / REGISTRY).read_bytes()
    except OSError as error:
        raise damaged(release, REGISTRY, "the file is missing") from error
    if not registry_is_intact(release, raw):
        raise damaged(release, REGISTRY, "the file is not the one that gave the release its name (SHA-256)")
    return tomllib.loads(raw.decode("utf-8"))


def read_verified(entry: TableEntry) -> bytes:
    """Content of a table.

    Raises
    ------
    ReferenceError
        If the file is absent or its SHA-256 is not that of the registry.
    """
    folder = data_folder() if entry.release == EMBEDDED else release_folder(entry.release)
    try:
        content = folder.joinpath(entry.file).read_bytes()
    except OSError as error:
        raise damaged(entry.release, entry.file, "the file is missing") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise damaged(entry.release, entry.file, "the file differs from what the registry lists (SHA-256)")
    return content


def read_table(entry: TableEntry) -> pd.DataFrame:
    """A table as text, after its hash was checked; an empty cell is the empty string."""
    import pandas as pd

    content = read_verified(entry)
    if entry.file.endswith(".gz"):
        content = gzip.decompress(content)
    return pd.read_csv(io.BytesIO(content), sep="\t", dtype=str, keep_default_na=False)


def damaged(release: str, file: str, what: str) -> errors.ReferenceError:
    """The error of a file that is missing or damaged."""
    embedded = release == EMBEDDED
    return errors.ReferenceError(
        Problem(
            f"references/data/{file}" if embedded else str(release_folder(release) / file),
            what,
            "Secretion routes and receptors cannot be trusted, and a run could not be repeated",
            "Install the package again"
            if embedded
            else f"Copy the release {release} again from where it was made, or remove its folder and make a new one with "
            "`organokine refs update`",
        )
    )


def faults(release: str) -> list[Problem]:
    """Everything of a release that is missing or differs from its registry, every file read anew; nothing if it is intact."""
    try:
        entries, made_from = listed(release)
    except errors.ReferenceError as error:
        return list(error.problems)
    found: list[Problem] = []
    for entry in entries:
        try:
            read_verified(entry)
        except errors.ReferenceError as error:
            found += error.problems
    for source in made_from:
        path = release_folder(release) / source.file
        if source.kept and not path.is_file():
            found += damaged(release, source.file, "the file is missing").problems
        elif source.kept and file_sha256(path) != source.sha256:
            found += damaged(release, source.file, "the file differs from what the registry lists (SHA-256)").problems
    return found
