"""What the embedded tables were made from, and whether they are intact."""

from __future__ import annotations

import gzip
import hashlib
import io
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from organokine import errors
from organokine.errors import Problem

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableEntry:
    """One embedded table.

    Attributes
    ----------
    name : str
        Name of the table.
    file : str
        File name in `references/data`.
    species : tuple of str
        Species it serves.
    version, sha256, licence, citation : str
        Version of the table, hash of the file, licence and citation of its content.
    sources : tuple of str
        Packages it was made from, each `name version (licence), sha256 HASH`; `hand-written` where there are none.
    """

    name: str
    file: str
    species: tuple[str, ...]
    version: str
    sha256: str
    licence: str
    citation: str
    sources: tuple[str, ...]


def data_folder() -> Traversable:
    """Folder of the embedded tables."""
    return resources.files("organokine.references").joinpath("data")


@cache
def registry() -> tuple[TableEntry, ...]:
    """All embedded tables, as `registry.toml` lists them."""
    text = resources.files("organokine.references").joinpath("registry.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    packages = {
        name: f"{name} {source['version']} ({source['licence']}), sha256 {source['sha256']}"
        for name, source in content["source"].items()
    }
    return tuple(
        TableEntry(
            name=name,
            file=table["file"],
            species=tuple(table["species"]),
            version=table["version"],
            sha256=table["sha256"],
            licence=table["licence"],
            citation=table["citation"],
            sources=tuple(packages.get(source, source) for source in table["sources"]),
        )
        for name, table in content["table"].items()
    )


def read_verified(entry: TableEntry) -> bytes:
    """Content of an embedded table.

    Raises
    ------
    ReferenceError
        If the file is absent or its SHA-256 is not that of the registry.
    """
    try:
        content = data_folder().joinpath(entry.file).read_bytes()
    except FileNotFoundError as error:
        raise _damaged(entry, "the file is missing") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise _damaged(entry, "the file differs from what the registry lists (SHA-256)")
    return content


def read_table(entry: TableEntry) -> pd.DataFrame:
    """An embedded table as text, after its hash was checked; an empty cell is the empty string."""
    import pandas as pd

    content = read_verified(entry)
    if entry.file.endswith(".gz"):
        content = gzip.decompress(content)
    return pd.read_csv(io.BytesIO(content), sep="\t", dtype=str, keep_default_na=False)


def _damaged(entry: TableEntry, what: str) -> errors.ReferenceError:
    return errors.ReferenceError(
        Problem(
            f"references/data/{entry.file}",
            what,
            "Secretion routes and receptors cannot be trusted, and a run could not be repeated",
            "Install the package again",
        )
    )
