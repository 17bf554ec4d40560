"""Read `study.toml` strictly: every fault at once, each with its place, its reason and its remedy."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from organokine.contradictions import contradictions
from organokine.errors import Problem, StudyFileError, nearest
from organokine.perturbation_section import InteractionSection, PerturbationSection
from organokine.phenotype_section import PhenotypeColumnsSection, PhenotypeSection
from organokine.population_section import PopulationSection, TraitsSection
from organokine.study_file import (
    AssaySection,
    AxisSection,
    ColumnsSection,
    ContrastSection,
    DifferentialSection,
    ListColumnsSection,
    ListSection,
    PrepareSection,
    RankingSection,
    ReferencesSection,
    StudyFile,
    StudySection,
)
from organokine.study_file_raw import RawSection
from organokine.study_file_sets import PathwaysSection, ResponseSection

_SECTIONS: dict[str, type[BaseModel]] = {
    "study": StudySection,
    "contrast": ContrastSection,
    "axis": AxisSection,
    "assay": AssaySection,
    "perturbation": PerturbationSection,
    "phenotype": PhenotypeSection,
    "prepare": PrepareSection,
    "differential": DifferentialSection,
    "ranking": RankingSection,
    "references": ReferencesSection,
    "response": ResponseSection,
    "pathways": PathwaysSection,
    "population": PopulationSection,
}
_INNER_SECTIONS: dict[tuple[str, str], type[BaseModel]] = {
    ("assay", "columns"): ColumnsSection,
    ("assay", "raw"): RawSection,
    ("phenotype", "columns"): PhenotypeColumnsSection,
    ("perturbation", "interaction"): InteractionSection,
    ("population", "traits"): TraitsSection,
}


def read_study_file(path: str | Path) -> StudyFile:
    """Read a study file strictly.

    Parameters
    ----------
    path : str or pathlib.Path
        A TOML file in UTF-8; a byte order mark and Windows line ends are accepted.

    Returns
    -------
    StudyFile
        The file with all defaults, and `folder` set to where it lies.

    Raises
    ------
    StudyFileError
        With everything that is wrong: unreadable file, broken TOML (with its line), unknown or missing keys, values that do
        not fit, and sections that contradict each other.
    """
    path = Path(path)
    raw = _parsed(_text(path), path.name)

    try:
        file = StudyFile.model_validate({key: value for key, value in raw.items() if key != "folder"})
    except ValidationError as error:
        problems = [_problem(path.name, dict(details)) for details in error.errors()]
        raise StudyFileError(problems) from None
    problems = [*_unknown_folder(raw, path.name), *contradictions(file, path.name)]
    if len(problems) > 0:
        raise StudyFileError(problems)
    return file.model_copy(update={"folder": path.resolve().parent})


def _text(path: Path) -> str:
    why = "The study file holds all of the science, so nothing can be done without it"
    if path.is_dir():
        held = "study.toml" if (path / "study.toml").is_file() else "the study file in it"
        raise StudyFileError(Problem(str(path), "it is a folder, not a study file", why, f"Name {held}"))
    if not path.is_file():
        remedy = "Check the path, or write a first study file with `organokine new FOLDER`"
        raise StudyFileError(Problem(str(path), "the study file does not exist", why, remedy))
    try:
        content = path.read_bytes()
    except OSError as error:
        what = f"it cannot be opened ({error.strerror})"
        raise StudyFileError(Problem(str(path), what, why, "Look at the rights of the file")) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"line {line} is not UTF-8 text"
        raise StudyFileError(Problem(path.name, what, why, "Save the file as UTF-8")) from None
    if text.strip() == "":
        remedy = "Write [study], [contrast], [axis] and one [[assay]] per table, or use `organokine new FOLDER`"
        raise StudyFileError(Problem(path.name, "the study file is empty", why, remedy))
    return text


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyFileError(
            Problem(
                name,
                f"it is not valid TOML: {error}",
                "Nothing after that place can be read",
                "Mend that line: text stands in quotes, lists in [ ], and each key stands once in its section",
            )
        ) from None


def _place(name: str, location: tuple[int | str, ...]) -> str:
    """Name a place as a user sees it: `study.toml [assay 2] scale`."""
    if len(location) == 0:
        return name
    section, rest = str(location[0]), list(location[1:])
    if len(rest) > 1 and isinstance(rest[1], int):
        section = f"{section}.{rest.pop(0)}"
    if len(rest) > 0 and isinstance(rest[0], int):
        section = f"{section} {rest.pop(0) + 1}"  # type: ignore[operator]
    keys = ".".join(str(part) for part in rest if str(part) not in {"str", "bool", "tuple[str, ...]"})
    return f"{name} [{section}] {keys}".strip()


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    if len(location) == 1:
        return [*_SECTIONS, "declared"]
    if location[0] == "references" and "list" in location[1:-1]:
        return list((ListColumnsSection if "columns" in location[3:-1] else ListSection).model_fields)
    for (section, key), model in _INNER_SECTIONS.items():
        if location[0] == section and key in location[1:-1]:
            return list(model.model_fields)
    return list(_SECTIONS[str(location[0])].model_fields)


def _problem(name: str, details: dict[str, Any]) -> Problem:
    location = details["loc"]
    if location[:2] == ("population", "pairs") and len(location) > 2:
        where, what = f"{name} [population] pairs", f"{details['input']!r} is no pair of organs"
        remedy = 'Write pairs = [["liver", "plasma"]], source first'
        return Problem(where, what, "A pair has a sending and a receiving organ", remedy)
    return _problem_of_key(name, details)


def _problem_of_key(name: str, details: dict[str, Any]) -> Problem:
    location: tuple[int | str, ...] = details["loc"]
    where, kind, given = _place(name, location), details["type"], details["input"]
    key = str(location[-1])
    if kind == "extra_forbidden":
        known = _known_keys(location)
        near = nearest(key, known)
        remedy = f"Write {near!r}" if near is not None else f"Known here are {', '.join(known)}"
        why = "A key that is not understood would be ignored in silence"
        return Problem(where, f"the key {key!r} is unknown", why, remedy)
    if kind == "missing":
        return Problem(where, f"{key!r} is missing", "The study cannot be read without it", f"Add {key!r}")
    if kind in {"tuple_type", "model_type", "model_attributes_type", "dict_type"}:
        brackets = "[[ ]]" if kind == "tuple_type" else "[ ]"
        remedy = f"Write the section as a table, with {brackets} around its name"
        return Problem(where, f"{key!r} has the wrong form", "Its keys cannot be found", remedy)
    if kind == "literal_error":
        allowed = details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        near = nearest(str(given), allowed)
        remedy = f"Write {near!r}" if near is not None else f"Choose one of {', '.join(allowed)}"
        return Problem(where, f"{given!r} is not one of {', '.join(allowed)}", "No other value has a meaning", remedy)
    if kind == "string_type":
        return Problem(where, f"{given!r} is not text", "Names and levels are compared as text", "Put it in quotes")
    message = str(details["msg"]).removeprefix("Value error, ")
    return Problem(
        where, f"{given!r} does not fit: {message}", "The value cannot be used as written", "Correct the value"
    )


def _unknown_folder(raw: dict[str, Any], name: str) -> list[Problem]:
    if "folder" not in raw:
        return []
    why = "A key that is not understood would be ignored in silence"
    return [
        Problem(f"{name} [folder]", "the key 'folder' is unknown", why, "Leave it out: paths are relative to the file")
    ]
