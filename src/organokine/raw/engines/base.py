"""What an engine for diaPASEF is to this package: a card that says how it is called and what it leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, model_validator

from organokine.errors import DataError, Problem, first_examples
from organokine.raw.folder import FRAMES_FILE, TABLES_FILE
from organokine.readers.precursors.layout import Layout
from organokine.readers.precursors.runs import run_stem
from organokine.study_file_base import Section

Modification = Literal["oxidation", "acetyl"]
HALVES = "quant"
"""Folder of what an engine keeps of each run, so that a run that was cut short goes on; of one set of settings only."""
_GZIP = b"\x1f\x8b"


class EngineSettings(Section):
    """What every engine for diaPASEF can be told; the enzyme is trypsin, cutting before proline as well.

    The defaults are those of DIA-NN and AlphaDIA where both agree. A wider search space costs time and identifications.
    """

    missed_cleavages: int = Field(default=1, ge=0, le=5, description="cleavage sites a peptide may hold")
    minimum_length: int = Field(default=7, ge=5, le=60, description="residues; shorter ones belong to many proteins")
    maximum_length: int = Field(default=30, ge=5, le=60, description="residues; longer ones are hardly ever measured")
    minimum_charge: int = Field(
        default=2, ge=1, le=8, description="singly charged ions lie outside the windows of diaPASEF"
    )
    maximum_charge: int = Field(default=4, ge=1, le=8, description="tryptic peptides seldom carry more")
    carbamidomethyl: bool = Field(default=True, description="cysteine was alkylated by iodoacetamide: fixed +57.02146")
    variable: tuple[Modification, ...] = Field(
        default=("oxidation", "acetyl"), description="of methionine; of the N-terminus of the protein"
    )
    maximum_variable: int = Field(default=1, ge=0, le=5, description="variable modifications that a peptide may carry")
    mass_accuracy: float = Field(
        default=15.0,
        gt=0,
        le=100,
        description="ppm in MS1 and MS2; the author of DIA-NN advises 10 to 15 for any timsTOF, and fixed rather than "
        "found from the first run, since results then depend neither on the order of runs nor on interruptions",
    )
    fdr: float = Field(
        default=0.01, gt=0, le=0.01, description="largest q-value of a precursor; reports are read at 1 % at most"
    )
    extra: tuple[str, ...] = Field(default=(), description="words handed to the engine as they are, after all others")

    @model_validator(mode="after")
    def _ranges(self) -> EngineSettings:
        for low, high in (("minimum_length", "maximum_length"), ("minimum_charge", "maximum_charge")):
            if getattr(self, low) > getattr(self, high):
                message = f"{low} ({getattr(self, low)}) is above {high} ({getattr(self, high)})"
                raise ValueError(message)
        return self


@dataclass(frozen=True)
class EngineJob:
    """One run of an engine.

    Attributes
    ----------
    folders : tuple of pathlib.Path
        `.d` folders, one per sample.
    samples : tuple of str
        Names of the samples, in the same order.
    fasta : pathlib.Path
        Proteins to search; plain text.
    out : pathlib.Path
        Folder of the engine's files, which holds nothing else; made if absent.
    settings : EngineSettings
        What is searched for.
    threads : int
        How many the engine may use; results do not depend on it.
    """

    folders: tuple[Path, ...]
    samples: tuple[str, ...]
    fasta: Path
    out: Path
    settings: EngineSettings
    threads: int


class Engine(NamedTuple):
    """The card of an engine. All functions are pure.

    Attributes
    ----------
    name, title : str
        As in `--engine`; as people call it.
    modes : tuple of str
        Acquisition modes it searches, in the words of `organokine.raw.folder.MODES`.
    executables : tuple of str
        Names looked for on PATH and in a folder; a version may follow, as in `diann-1.8.1`.
    licence : str
        What the user must accept, in a sentence; no engine is shipped.
    get_it : str
        Where to get it.
    format : str
        Reader of its report, as in `format` of a study file.
    layout : Layout
        Columns of its report.
    commands : callable
        Path of the executable and job to lists of arguments, to be run one after the other in `out`.
    files : callable
        Job to text files that the commands name, by their name in `out`.
    products : callable
        Job to the files that each command leaves, alternatives in order of preference; those of the last are its report.
    faults : callable
        Job to what the engine cannot take.
    version : callable
        Text of the log to the version of the engine; empty if it does not tell.
    """

    name: str
    title: str
    modes: tuple[str, ...]
    executables: tuple[str, ...]
    licence: str
    get_it: str
    format: str
    layout: Layout
    commands: Callable[[Path, EngineJob], list[list[str]]]
    files: Callable[[EngineJob], Mapping[str, str]]
    products: Callable[[EngineJob], list[tuple[Path, ...]]]
    faults: Callable[[EngineJob], list[Problem]]
    version: Callable[[str], str]

    @property
    def import_it(self) -> str:
        """How its report is read where the engine was run elsewhere, as a sentence."""
        report = "report.parquet" if self.name == "diann" else "precursors.parquet"
        return (
            f"A report of {self.title} made elsewhere goes into a study file: under [[assay]], "
            f'file = "{report}" and format = "{self.format}"'
        )


def check_job(engine: Engine, job: EngineJob) -> None:
    """Refuse a job that cannot end well.

    Raises
    ------
    DataError
        With everything that is wrong: no folders, absent files, runs or samples of one name, a packed FASTA, and what this
        engine cannot take.
    """
    problems = [*_absent(job), *_twice(job), *_fasta_faults(engine, job), *engine.faults(job)]
    if len(problems) > 0:
        raise DataError(problems)


def version_in(pattern: re.Pattern[str], log: str) -> str:
    """The version that a log tells, by the first group of a pattern; empty if it does not."""
    found = pattern.search(log)
    return "" if found is None else found[1]


def own_words(title: str, extra: Iterable[str], words: Iterable[str]) -> list[Problem]:
    """Words among `extra` that this package sets itself, and without which it would not find the results."""
    taken = set(words)
    clashing = [word for word in extra if word.partition("=")[0] in taken]
    if len(clashing) == 0:
        return []
    what = f"{first_examples(dict.fromkeys(clashing))} cannot be handed to {title}"
    why = "It is set here, and without it the results would not be found"
    return [Problem("extra", what, why, "Leave it out; files and folders are chosen by the command raw run")]


def _absent(job: EngineJob) -> list[Problem]:
    if len(job.folders) == 0:
        return [Problem("samples", "there is no run", "Nothing can be searched", "Name the .d folders of the samples")]
    if len(job.folders) != len(job.samples):
        what = f"{len(job.folders)} folders have {len(job.samples)} names"
        return [Problem("samples", what, "A folder is a sample", "Give each folder the name of its sample")]
    missing = [f for folder in job.folders for f in (folder / TABLES_FILE, folder / FRAMES_FILE) if not f.is_file()]
    if len(missing) == 0:
        return []
    what = f"{len(missing)} files of raw folders are absent: {first_examples(missing)}"
    return [Problem("samples", what, "A run is both files together", "Check the paths of the folders")]


def _twice(job: EngineJob) -> list[Problem]:
    problems = []
    for what, names, remedy in (
        ("folders go by the same name", [stem_of(folder) for folder in job.folders], "Rename a folder"),
        ("samples have the same name", list(job.samples), "Give each sample its own name"),
    ):
        again = sorted({name for name in names if names.count(name) > 1})
        if len(again) > 0:
            n = sum(names.count(name) for name in again)
            why = "An engine names a run by its folder without the path, so they could not be told apart in its report"
            problems.append(Problem("samples", f"{n} {what}: {first_examples(again)}", why, remedy))
    return problems


def _fasta_faults(engine: Engine, job: EngineJob) -> list[Problem]:
    try:
        with job.fasta.open("rb") as file:
            start = file.read(2)
    except OSError as error:
        what = f"it cannot be read: {error.strerror or error}"
        return [Problem(str(job.fasta), what, "Peptides are made from its sequences", "Check the path")]
    if start != _GZIP:
        return []
    what, why = "it is packed with gzip", f"{engine.title} reads plain text only"
    return [Problem(str(job.fasta), what, why, "Unpack it, and name the file without .gz")]


def stem_of(folder: Path) -> str:
    """Name of a run in the report of an engine."""
    return run_stem(folder.name)
