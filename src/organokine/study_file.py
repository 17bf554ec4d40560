"""The study file, `study.toml`: what a user writes, and every default it resolves to.

The file holds all the science; the command line holds only the machine. Unknown keys are refused. After reading, the model
holds no `auto` that mattered: what was detected is written into it and saved with the run.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from organokine.errors import Problem, StudyFileError, first_examples, nearest

Species = Literal["human", "mouse", "rat"]
Modality = Literal["protein", "rna"]
Scale = Literal["auto", "log2", "linear", "counts"]
Normalisation = Literal["median", "none", "quantile", "cyclic_loess"]
Name = Annotated[str, Field(min_length=1)]

PLASMA = "plasma"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StudySection(_Section):
    """`[study]`: name, species, sample sheet and seed."""

    name: Name = Field(description="what the study is called, in the report and in the name of the output folder")
    species: Species = Field(description="species of all samples; decides the reference knowledge")
    samples: Name = Field(
        description="sample sheet: columns assay (optional), sample, subject, then any design columns"
    )
    seed: int = Field(default=1, ge=0, description="one seed for everything random")


class ContrastSection(_Section):
    """`[contrast]`: case against control of one factor, given covariates."""

    factor: Name = Field(description="column of the sample sheet that tells the groups apart")
    case: Name = Field(description="its value for the group of interest")
    control: Name = Field(description="its value for the group compared against")
    covariates: tuple[Name, ...] = Field(
        default=(), description="columns of the sample sheet that are adjusted for, such as sex or batch"
    )
    within: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="keep only samples with these values"
    )


class AxisSection(_Section):
    """`[axis]`: which organ sends, which one receives."""

    source: Name = Field(description="organ that sends")
    target: Name = Field(description="organ that receives")


class ColumnsSection(_Section):
    """`columns` of an assay: where to find what in the table or its feature annotation."""

    id: str | None = Field(default=None, description="unique identifier of a row")
    gene: str | None = Field(default=None, description="gene symbol, or symbols joined by `;`")
    protein: str | None = Field(default=None, description="protein accession")
    precursors: str | None = Field(default=None, description="number of precursors or peptides a row rests on")


class AssaySection(_Section):
    """`[[assay]]`: one measured matrix, an (organ, modality) of the study."""

    name: Name = Field(description="name of the assay, as in the column `assay` of the sample sheet")
    organ: Name = Field(description="organ of the samples; `plasma` is blood plasma or serum")
    modality: Modality = Field(description="what was measured")
    file: Name = Field(description="the table: features in rows, samples in columns")
    format: Name = Field(default="auto", description="`auto`, or the name of a reader")
    scale: Scale = Field(default="auto", description="scale of the values; detected and shown unless given")
    zeros: Literal["auto", "missing", "value"] = Field(
        default="auto", description="what a zero means: not measured, or a value"
    )
    features: str | None = Field(
        default=None, description="table that annotates the rows, if they are not annotated already"
    )
    columns: ColumnsSection = Field(default=ColumnsSection(), description="where to find what, if not found by itself")
    normalise: Normalisation | None = Field(default=None, description="overrides [prepare] for this assay")


class PerturbationSection(_Section):
    """`[[perturbation]]`: an arm in which the candidate was moved."""

    name: Name = Field(description="name of the arm")
    gene: Name = Field(description="candidate that was moved")
    kind: Literal["gain", "loss", "inhibitor", "compound"] = Field(description="how it was moved")
    assay: Name = Field(description="an `[[assay]]` with its own samples; used for this arm only")
    factor: Name = Field(description="column of the sample sheet that tells its groups apart")
    case: Name = Field(description="value of the perturbed group")
    control: Name = Field(description="value of its control")


class PhenotypeSection(_Section):
    """`[[phenotype]]`: one functional test."""

    name: Name = Field(description="name of the test in the report")
    test: Literal["rotarod", "beam", "grip", "gait", "scalar"] = Field(description="kind of test")
    file: Name = Field(description="table of the measured values")
    columns: dict[str, str] = Field(
        default_factory=dict, description="which column holds what: subject, value, day, trial"
    )
    ceiling: float | None = Field(default=None, description="value at which a trial ends, in its unit")


class PrepareSection(_Section):
    """`[prepare]`: normalisation and filtering. Nothing is imputed."""

    normalise: Normalisation = Field(
        default="median", description="log2 shift per sample so that medians agree; counts use TMM and log-cpm"
    )
    minimum_values: int = Field(
        default=2, ge=2, description="measured values per group below which a feature is not tested"
    )
    minimum_values_large: int = Field(default=3, ge=2, description="the same once the smaller group has `large_group`")
    large_group: int = Field(default=5, ge=2, description="samples per group from which `minimum_values_large` holds")
    minimum_cpm_count: int = Field(
        default=10,
        ge=0,
        description="counts a gene needs, scaled to the median library, in the smaller group's number of samples",
    )


class DifferentialSection(_Section):
    """`[differential]`: options of the moderated linear model."""

    trend: bool = Field(default=True, description="prior variance follows the mean level (limma-trend)")
    robust: bool = Field(default=True, description="prior is protected from hypervariable features")


def _route_weights() -> dict[str, float]:
    return {
        "classical": 1.0,
        "unconventional": 1.0,
        "shed": 1.0,
        "ecm": 0.5,
        "ev_cargo": 0.25,
        "intracellular": 0.0,
        "unknown": 0.0,
    }


def _receptor_weights() -> dict[str, float]:
    return {"present": 1.0, "none_known": 0.7, "not_detected": 0.5}


class RankingSection(_Section):
    """`[ranking]`: error rate, and the weights declared before the data are seen."""

    fdr: float = Field(default=0.1, gt=0, lt=1, description="false discovery rate of each tier")
    route_weights: dict[str, float] = Field(
        default_factory=_route_weights, description="prior by secretion route; 0 leaves a candidate at tier 0"
    )
    receptor_weights: dict[str, float] = Field(
        default_factory=_receptor_weights, description="prior by receptor state; soft, never 0"
    )
    minimum_pairs: int = Field(default=5, ge=3, description="animals per group from which the link counts as an arm")
    relevant_log2fc: float = Field(
        default=0.585, gt=0, description="change worth finding (1.5-fold), for animal numbers"
    )
    relevant_correlation: float = Field(
        default=0.7, gt=0, lt=1, description="animal-level link worth finding, for animal numbers"
    )
    power: float = Field(default=0.8, gt=0, lt=1, description="power for which animal numbers are given")

    @field_validator("route_weights")
    @classmethod
    def _complete_routes(cls, given: dict[str, float]) -> dict[str, float]:
        return _completed(given, _route_weights())

    @field_validator("receptor_weights")
    @classmethod
    def _complete_receptors(cls, given: dict[str, float]) -> dict[str, float]:
        return _completed(given, _receptor_weights())


def _completed(given: dict[str, float], defaults: dict[str, float]) -> dict[str, float]:
    """Put the user's weights over the defaults, so that naming one weight does not lose the others."""
    unknown = [name for name in given if name not in defaults]
    if len(unknown) > 0:
        message = f"{first_examples(unknown)} is not one of {', '.join(defaults)}"
        raise ValueError(message)
    if any(not 0 <= weight < float("inf") for weight in given.values()):
        message = "a weight is a finite number from 0 upwards"
        raise ValueError(message)
    return defaults | given


class StudyFile(_Section):
    """A whole study file.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the file; all paths in it are relative to this. Not a key of the file.
    """

    study: StudySection
    contrast: ContrastSection | None = None
    axis: AxisSection | None = None
    assay: tuple[AssaySection, ...] = Field(min_length=1)
    perturbation: tuple[PerturbationSection, ...] = ()
    phenotype: tuple[PhenotypeSection, ...] = ()
    declared: dict[str, bool | str] = Field(
        default_factory=dict, description="What data cannot tell, such as `randomised = true`; shown as declared."
    )
    prepare: PrepareSection = PrepareSection()
    differential: DifferentialSection = DifferentialSection()
    ranking: RankingSection = RankingSection()
    folder: Path = Field(default=Path(), exclude=True)


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
    from organokine.contradictions import contradictions

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
    if len(rest) > 0 and isinstance(rest[0], int):
        section = f"{section} {rest.pop(0) + 1}"  # type: ignore[operator]
    keys = ".".join(str(part) for part in rest if str(part) not in {"str", "bool", "tuple[str, ...]"})
    return f"{name} [{section}] {keys}".strip()


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    if len(location) == 1:
        return [*_SECTIONS, "declared"]
    if location[0] == "assay" and "columns" in location[2:-1]:
        return list(ColumnsSection.model_fields)
    return list(_SECTIONS[str(location[0])].model_fields)


def _problem(name: str, details: dict[str, Any]) -> Problem:
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
