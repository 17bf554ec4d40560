"""Settings of a search from a TOML file of their own (`--config`), read as strictly as a study file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from organokine.errors import Problem, StudyFileError, nearest
from organokine.raw.settings import SearchSettings


def read_settings(path: Path | None) -> SearchSettings:
    """Read settings; the defaults without a file.

    Parameters
    ----------
    path : pathlib.Path or None
        TOML with keys of `SearchSettings`.

    Raises
    ------
    StudyFileError
        With everything that is wrong: no such file, broken TOML, unknown keys, values that do not fit.
    """
    if path is None:
        return SearchSettings()
    why = "It holds how the runs are searched"
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise StudyFileError(
            Problem(str(path), f"the settings cannot be read ({reason})", why, "Check the path")
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise StudyFileError(Problem(str(path), f"it is not valid TOML: {error}", why, "Mend that line")) from None
    try:
        return SearchSettings.model_validate(given)
    except ValidationError as error:
        raise StudyFileError([_problem(str(path), dict(details)) for details in error.errors()]) from None


def _problem(name: str, details: dict[str, Any]) -> Problem:
    place = ".".join(str(part) for part in details["loc"])
    where = f"{name} {place}".strip()
    if details["type"] == "extra_forbidden":
        known = list(SearchSettings.model_fields)
        near = nearest(place, known)
        remedy = f"Write {near!r}" if near is not None else f"Known are {', '.join(known)}"
        return Problem(where, f"the key {place!r} is unknown", "It would be ignored in silence", remedy)
    message = str(details["msg"]).removeprefix("Value error, ")
    what = f"{details['input']!r} does not fit: {message}"
    return Problem(where, what, "The value cannot be used as written", "Correct the value")
