"""The store of releases that `organokine refs update` made: where it is, what it holds, and which release is current.

A release is a folder of tables with a registry. Its name ends with the hash of the registry, which holds the hashes of all tables
and sources: whoever names a release in a study file has named every byte of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path

from organokine import errors
from organokine.errors import Problem, nearest
from organokine.output import write_text

EMBEDDED, CURRENT = "embedded", "current"
FOLDER_VARIABLE = "ORGANOKINE_REFS"
REGISTRY = "registry.toml"
HASH_LENGTH = 12
_NAME = re.compile(rf"[0-9A-Za-z][0-9A-Za-z-]*-[0-9a-f]{{{HASH_LENGTH}}}")


def store_folder() -> Path:
    """Folder of the store: `ORGANOKINE_REFS`, else the user's folder for data of programs on this system.

    Not the folder for caches: a release that a study names cannot be fetched again once its sources have moved on.
    """
    named = os.environ.get(FOLDER_VARIABLE, "")
    if named != "":
        return Path(named).expanduser().absolute()
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", str(home / "AppData" / "Local")))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "organokine" / "references"


def release_folder(name: str) -> Path:
    """Folder of a release in the store, there or not."""
    return store_folder() / "releases" / name


def stored_releases() -> tuple[str, ...]:
    """Names of the releases in the store, sorted."""
    folder = store_folder() / "releases"
    try:
        found = sorted(each.name for each in folder.iterdir() if (each / REGISTRY).is_file())
    except OSError:
        return ()
    return tuple(name for name in found if _NAME.fullmatch(name) is not None)


def current_release() -> str | None:
    """Name of the newest release, None if there is none."""
    try:
        name = (store_folder() / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return name if name in stored_releases() else None


def set_current(name: str) -> None:
    """Make a release the current one."""
    write_text(store_folder() / CURRENT, name + "\n")


def resolve_release(asked: str) -> str:
    """Name of the release that is meant.

    Parameters
    ----------
    asked : str
        `embedded`, `current` or the name of a release in the store.

    Returns
    -------
    str
        `embedded`, or the name of a release that is there.

    Raises
    ------
    ReferenceError
        If there is no such release here.
    """
    stored = stored_releases()
    if asked == EMBEDDED or asked in stored:
        return asked
    newest = current_release()
    if asked == CURRENT and newest is not None:
        return newest
    held = f"the store {store_folder()} holds {', '.join(stored) if len(stored) > 0 else 'none'}"
    near = nearest(asked, [EMBEDDED, CURRENT, *stored])
    what = "no release was made here yet" if asked == CURRENT else f"there is no release {asked!r}: {held}"
    remedy = (
        f"Write {near!r}"
        if near is not None and asked != CURRENT
        else "Make one with `organokine refs update`, copy the folder of that release from where it was made into "
        f"{store_folder() / 'releases'}, or write 'embedded'"
    )
    why = "With other reference knowledge the study could come out otherwise"
    raise errors.ReferenceError(Problem("[references] release", what, why, remedy))


def name_of(date: str, registry_text: str) -> str:
    """Name of a release: the date of its newest source, and the beginning of the hash of its registry."""
    return f"{date}-{hashlib.sha256(registry_text.encode()).hexdigest()[:HASH_LENGTH]}"


def registry_is_intact(name: str, content: bytes) -> bool:
    """Whether the registry of a release is the one that gave it its name."""
    return hashlib.sha256(content).hexdigest()[:HASH_LENGTH] == name.rpartition("-")[2]
