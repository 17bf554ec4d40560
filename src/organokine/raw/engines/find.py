"""Where an engine is installed, and what to say if it is not."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.raw.engines.base import Engine
from organokine.raw.engines.cards import ENGINES


def engine_of(name: str) -> Engine:
    """The card of an engine.

    Raises
    ------
    DataError
        If there is none of this name.
    """
    known = {engine.name: engine for engine in ENGINES}
    if name not in known:
        near = nearest(name, known)
        remedy = f"Write {near!r}" if near is not None else f"Engines are {first_examples(known)}"
        what = f"there is no engine {name!r}"
        raise DataError(Problem("--engine", what, "It is not known how it would be called", remedy))
    return known[name]


def find_engine(name: str, path: str | Path | None = None) -> Path:
    """Find the executable of an engine.

    Parameters
    ----------
    name : str
        Name of the engine, such as `diann`.
    path : str or pathlib.Path, optional
        The executable, or a folder that holds it under one of its usual names; None: the usual names are looked for on PATH.

    Returns
    -------
    pathlib.Path
        Absolute.

    Raises
    ------
    DataError
        If there is no such engine or file, or the file cannot be executed.
    """
    engine = engine_of(name)
    if path is None:
        found = [place for each in engine.executables if (place := shutil.which(each)) is not None]
        if len(found) == 0:
            what = f"{engine.title} is not on PATH; looked for {', '.join(engine.executables)}"
            raise DataError(_absent(engine, "--engine", what))
        return Path(found[0]).absolute()
    given = Path(path).expanduser().absolute()
    if given.is_dir():
        return _in_folder(engine, given)
    if not given.exists():
        raise DataError(_absent(engine, "--engine-path", f"there is no file {str(given)!r}"))
    if not _is_executable(given):
        what = f"{str(given)!r} is a file that may not be executed"
        why, remedy = (
            f"{engine.title} is run as a program",
            f"Name the program itself, or make it one: chmod +x {given}",
        )
        raise DataError(Problem("--engine-path", what, why, remedy))
    return given


def no_engine_problem(where: str) -> Problem:
    """What to say where runs are of diaPASEF and no engine was named.

    Parameters
    ----------
    where : str
        The runs, as a message calls them.
    """
    title = " or ".join(engine.title for engine in ENGINES)
    licences = ". ".join(engine.licence for engine in ENGINES)
    get = "; or ".join(engine.get_it for engine in ENGINES)
    name = ENGINES[0].name
    return Problem(
        where,
        "they are of diaPASEF, and no engine is named that searches them",
        f"None is shipped with this package; {title} does it where you have installed it. {licences}",
        f"To have it run here: {get}; then add --engine {name} --engine-path PATH. {'. '.join(engine.import_it for engine in ENGINES)}",
    )


def _in_folder(engine: Engine, folder: Path) -> Path:
    """The executable in a folder: a usual name first, else the highest version."""
    usual = "|".join(re.escape(name) for name in engine.executables)
    versioned = re.compile(rf"(?:{usual})-\d[\w.]*")
    names = [name for name in engine.executables if _is_executable(folder / name)]
    later = [item.name for item in folder.iterdir() if versioned.fullmatch(item.name) and _is_executable(item)]
    names += sorted(later, key=lambda name: [int(part) for part in re.findall(r"\d+", name)], reverse=True)
    if len(names) == 0:
        what = f"the folder {str(folder)!r} holds no program named {', '.join(engine.executables)}"
        raise DataError(_absent(engine, "--engine-path", what))
    return folder / names[0]


def _is_executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _absent(engine: Engine, where: str, what: str) -> Problem:
    why = f"{engine.title} is not shipped with this package. {engine.licence}"
    remedy = f"Name its program with --engine-path, or {engine.get_it}. {engine.import_it}"
    return Problem(where, what, why, remedy)
