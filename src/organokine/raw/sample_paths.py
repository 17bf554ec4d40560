"""From what a sheet writes to the folder of a run, or to what is there instead and what was probably meant."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath
from typing import Literal, NamedTuple

from organokine.errors import Problem, first_examples, nearest
from organokine.raw.folder import FRAMES_FILE, TABLES_FILE

BACKSLASHES = "backslashes taken as separators"
UNPACKED = "archives found unpacked"
_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tar\.gz|tar\.bz2|7z|rar)$", re.IGNORECASE)
_SPECTRA = (".raw", ".mzml", ".mzxml", ".mgf", ".wiff", ".mzb", ".ms2", ".lrp", ".hdf")
_FILE_URI = "file://"
_RUN = "A timsTOF run is a folder whose name ends in .d"


class Found(NamedTuple):
    """What a cell of the sheet leads to.

    Attributes
    ----------
    path : pathlib.Path
        The folder, or where it was looked for.
    problem : Problem or None
        None if it is the folder of a run; whether it is whole is not looked at.
    is_absent : bool
        Whether there is nothing.
    repair : str
        What was read otherwise than written; empty if nothing was.
    """

    path: Path
    problem: Problem | None = None
    is_absent: bool = False
    repair: str = ""


def find_folder(written: str, beside: Path, where: str) -> Found:
    """Find the folder of a run.

    Parameters
    ----------
    written : str
        Path or `file:///` address as the sheet has it, stripped; relative ones start from the folder of the sheet.
    beside : pathlib.Path
        Folder of the sheet.
    where : str
        What to call the cell in messages.

    Returns
    -------
    Found
        The folder, or what is wrong.
    """
    if written == "":
        why, remedy = "A run is found through its path", "Fill in the .d folder, or remove the row"
        return Found(beside, Problem(where, "the path is empty", why, remedy))
    text = _without_scheme(written)
    slashed = text.replace("\\", "/")
    # What is written goes before every reading of it.
    tried = [(text, ""), (slashed, BACKSLASHES), (_ARCHIVE.sub("", slashed), UNPACKED)]
    places: dict[Path, str] = {}
    for each, repair in tried:
        places.setdefault(_placed(each, beside), repair)
    for path, repair in places.items():
        if _kind(path) == "folder":
            return Found(path, _no_run(path, where), repair=repair)
    for path in places:
        if _kind(path) == "file":
            return Found(path, _file(path, where))
    path = _placed(slashed, beside)
    return Found(path, _absent(path, written, beside, where), is_absent=True)


def _without_scheme(written: str) -> str:
    if not written.lower().startswith(_FILE_URI):
        return written
    from urllib.request import url2pathname

    host, _, rest = written[len(_FILE_URI) :].partition("/")
    return url2pathname(f"/{rest}") if host.lower() in ("", "localhost") else written


def _placed(text: str, beside: Path) -> Path:
    path = Path(text)
    try:
        path = path.expanduser()
    except RuntimeError:  # ~ of a user there is none of is the beginning of a name
        path = Path(text)
    return beside / path


def _kind(path: Path) -> Literal["folder", "file", "nothing"]:
    try:
        if path.is_dir():
            return "folder"
        return "file" if path.exists() else "nothing"
    except (OSError, ValueError):  # a name the file system does not allow, or a folder that may not be looked into
        return "nothing"


def _is_run_name(name: str) -> bool:
    return name.lower().endswith(".d")


def _runs_in(folder: Path) -> list[str]:
    """Names of the `.d` folders in a folder; none if it cannot be looked into."""
    try:
        return sorted(each.name for each in folder.iterdir() if _is_run_name(each.name) and each.is_dir())
    except OSError:
        return []


def _no_run(path: Path, where: str) -> Problem | None:
    if _is_run_name(path.resolve().name) or _is_run_name(path.name) or _kind(path / TABLES_FILE) == "file":
        return None
    runs = _runs_in(path)
    what = f"{path.name!r} is no run: its name does not end in .d, and it holds no {TABLES_FILE}"
    remedy = "Name the .d folder itself"
    if len(runs) > 0:
        remedy = f"Name each .d folder in it in a row of its own; it has {first_examples(runs)}"
    return Problem(where, what, _RUN, remedy)


def _file(path: Path, where: str) -> Problem:
    suffix = path.suffix.lower()
    if path.name.lower() in (TABLES_FILE, FRAMES_FILE) or suffix in (".tdf", ".tdf_bin"):
        what = f"{path.name!r} is a file inside a run"
        return Problem(where, what, "A run is the whole folder", f"Name the folder that holds it, {path.parent.name!r}")
    if _ARCHIVE.search(path.name) is not None:
        return _packed(path.name, where)
    what = f"{path.name!r} is a file, not a folder"
    remedy = "Name the .d folder of the run"
    if suffix in _SPECTRA:
        remedy = "Name the .d folder it was made from; runs of other instruments are not searched"
    return Problem(where, what, _RUN, remedy)


def _packed(name: str, where: str) -> Problem:
    what = f"{name!r} is packed"
    return Problem(where, what, "The run is read from the folder itself", "Unpack it, so that the .d folder lies there")


def _absent(path: Path, written: str, beside: Path, where: str) -> Problem:
    """The nearest run where it was looked for, or else beside the sheet, is what was probably meant."""
    if re.match(r"[a-z][a-z0-9+]+://", written.lower()) is not None and not written.lower().startswith(_FILE_URI):
        what, remedy = f"{written!r} is an address, not a folder", "Download and unpack the run, and name its folder"
        return Problem(where, what, "Runs are read from this machine", remedy)
    name = PureWindowsPath(written).name if "\\" in written else path.name
    # As written: the repr of a Windows path has its backslashes twice.
    what, why = f"there is no folder '{written}'", f"It was looked for in {path.absolute().parent}"
    packed = next(
        (
            f"{name}{end}"
            for end in (".zip", ".tar.gz", ".tgz", ".tar")
            if _kind(path.parent / f"{name}{end}") == "file"
        ),
        None,
    )
    if packed is not None:
        return Problem(where, f"{what}, only {packed!r}", why, "Unpack it")
    if _ARCHIVE.search(name) is not None:
        return Problem(
            where, what, why, f"Put the run there and unpack it, so that {_ARCHIVE.sub('', name)!r} is a folder"
        )
    for folder, place in ((path.parent, "there"), (beside, "beside the sheet")):
        runs = _runs_in(folder)
        near = name if name in runs else nearest(name, runs) or nearest(f"{name}.d", runs)
        if near is not None:
            return Problem(where, what, why, f"Did you mean {near!r}, which lies {place}? Correct the path")
    return Problem(where, what, why, "Correct the path; a relative one starts from the folder of the sheet")
