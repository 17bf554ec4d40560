"""The releases at hand, their tables and sources: what `organokine refs list` and `verify` print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from organokine.errors import OrganokineError, Problem
from organokine.references.registry import SourceEntry, TableEntry, data_folder, faults, listed
from organokine.references.releases import EMBEDDED, current_release, release_folder, stored_releases
from organokine.references.wrapping import wrapped

_DAMAGED = "damaged, see `organokine refs verify`"


@dataclass(frozen=True)
class Release:
    """One release at hand.

    Attributes
    ----------
    name : str
        `embedded`, or its name in the store.
    is_current : bool
        It is the newest of the store.
    tables : tuple of TableEntry
        Its tables; empty if its registry is damaged.
    sizes : tuple of int or None
        Bytes of each table; None if it is missing.
    sources : tuple of SourceEntry
        What it was made from.
    """

    name: str
    is_current: bool
    tables: tuple[TableEntry, ...]
    sizes: tuple[int | None, ...]
    sources: tuple[SourceEntry, ...]


def all_releases() -> list[Release]:
    """The embedded tables, then the releases of the store by name."""
    newest = current_release()
    return [_release(name, is_current=name == newest) for name in (EMBEDDED, *stored_releases())]


def _release(name: str, *, is_current: bool) -> Release:
    try:
        tables, made_from = listed(name)
    except OrganokineError:
        return Release(name, is_current, (), (), ())
    return Release(name, is_current, tables, tuple(_size(table) for table in tables), made_from)


def _size(table: TableEntry) -> int | None:
    if table.release != EMBEDDED:
        path = release_folder(table.release) / table.file
        return path.stat().st_size if path.is_file() else None
    file = data_folder().joinpath(table.file)
    return len(file.read_bytes()) if file.is_file() else None


def damage() -> dict[str, list[Problem]]:
    """Everything that is missing or damaged in each release at hand, every file read anew; an empty list where nothing is."""
    return {name: faults(name) for name in (EMBEDDED, *stored_releases())}


def as_text(releases: Sequence[Release]) -> str:
    """Releases to read on a terminal of 80 columns."""
    lines: list[str] = []
    for release in releases:
        about = (
            "comes with organokine; used unless a study names another" if release.name == EMBEDDED else "in the store"
        )
        about += ", current" if release.is_current else ""
        about = about if len(release.tables) > 0 else _DAMAGED
        lines += [f"{release.name}  ({about})", ""]
        for table, size in zip(release.tables, release.sizes, strict=True):
            lines += [f"  {table.name:<28}{table.version:<26}{_bytes(size):>10}"]
            lines += wrapped("", f"{table.licence}. {table.citation}", 6)
        if release.name != EMBEDDED and len(release.sources) > 0:
            lines += ["", "  made from"]
        for source in release.sources if release.name != EMBEDDED else ():
            lines += [f"  {source.name:<28}{source.version:<26}{_bytes(source.size):>10}"]
            lines += wrapped("", f"{source.licence}. {source.citation}", 6)
        lines += [""]
    return "\n".join(lines).rstrip()


def as_json(releases: Sequence[Release]) -> str:
    """Releases as JSON: a list of objects with name, is_current, tables (with their size in bytes) and sources."""
    rows: list[dict[str, Any]] = []
    for release in releases:
        row = asdict(release)
        del row["sizes"]
        row["tables"] = [
            asdict(table) | {"size": size} for table, size in zip(release.tables, release.sizes, strict=True)
        ]
        rows.append(row)
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _bytes(size: int | None) -> str:
    if size is None:
        return "-"
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
