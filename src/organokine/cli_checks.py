"""What is refused of the options of `differential` before any file is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer

from organokine.errors import DataError, OutputError, Problem

_READ = {"table": "TABLE", "samples": "--samples", "features": "--features"}
_WRITTEN = {"out": "--out", "report": "--report"}


def between(least: float, most: float) -> Callable[[float], float]:
    """A check of a number; written out because a range lets `nan` pass or says that it is too large."""

    def checked(value: float) -> float:
        if not least <= value <= most:
            message = f"{value:g} is not a number from {least:g} to {most:g}."
            raise typer.BadParameter(message)
        return value

    return checked


def named(assay: str) -> str:
    """The name of an assay as given; an empty one is refused."""
    if assay.strip() == "":
        raise DataError(
            Problem(
                "--assay", "the name is empty", "It names the table on the page", "Name it, or leave the option out"
            )
        )
    return assay


def refuse_paths(
    given: Mapping[str, Any], read: Mapping[str, str] = _READ, written: Mapping[str, str] = _WRITTEN
) -> None:
    """Before anything is read: a table that is a folder, and a result that would replace another file of the command.

    Parameters
    ----------
    given : mapping
        Parameters of the command.
    read, written : mapping of str to str
        Parameters that name files to read and to write, and how each stands on the command line; those in capitals are tables.
    """
    for name, option in read.items():
        if option.isupper() and _is_folder(given[name]):
            raise DataError(
                Problem(
                    str(given[name]),
                    f"{option} is a folder",
                    "One table is compared",
                    "Name the file of the table in it",
                )
            )
    paths = [(option, given[name]) for name, option in {**read, **written}.items() if given[name] is not None]
    for place, (option, path) in enumerate(paths):
        twice = [other for other, earlier in paths[:place] if _is_same_file(path, earlier)]
        if option in written.values() and len(twice) > 0:
            raise OutputError(
                Problem(
                    str(path),
                    f"is named by both {twice[0]} and {option}",
                    "One would replace the other",
                    f"Name another file for {option}",
                )
            )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name longer than the file system allows
        return False


def _is_same_file(first: Path, second: Path) -> bool:
    """Whether two paths are one file; links of either kind count as what they lead to."""
    try:
        return first.samefile(second)
    except OSError:
        return first.resolve() == second.resolve()
