"""What is asked of `organokine raw run`, what it reads, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from organokine.raw.settings import SearchSettings
from organokine.study_file_base import Species

if TYPE_CHECKING:
    from organokine.raw.fasta import Fasta
    from organokine.raw.result import RawResult
    from organokine.raw.samples import RawSamples

EngineName = Literal["auto", "sage", "diann", "alphadia"]
OWNER = "raw data"
SEARCHES = "searches"
TABLE = "precursors.parquet"
PROVENANCE = "provenance.json"
FORMAT = "raw_precursors"


@dataclass(frozen=True)
class RawJob:
    """What is asked.

    Attributes
    ----------
    samples, fasta : pathlib.Path
        Sheet of runs, and proteome.
    out : pathlib.Path
        Folder of the results.
    settings : SearchSettings
        How to search and join.
    species : str, optional
        Of the FASTA; None: not checked.
    engine : str
        `auto` is Sage for ddaPASEF, and a message for diaPASEF.
    engine_path : str, optional
        Program of an engine for diaPASEF.
    cache : pathlib.Path, optional
        Folder of finished searches; within `out` if None.
    workers : int
        Threads.
    scheduler : str, optional
        Address of a Dask scheduler for the searches.
    fail_fast : bool
        Stop at the first file that cannot be searched; else the others go on without it.
    search : bool
        Search what is not finished; else only join, and refuse what is missing.
    command : str
        For the page and `provenance.json`.
    """

    samples: Path
    fasta: Path
    out: Path
    settings: SearchSettings = field(default_factory=SearchSettings)
    species: Species | None = None
    engine: EngineName = "auto"
    engine_path: str | None = None
    cache: Path | None = None
    workers: int = 1
    scheduler: str | None = None
    fail_fast: bool = False
    search: bool = True
    command: str = ""


class RawOutput(NamedTuple):
    """What was left.

    Attributes
    ----------
    folder : pathlib.Path
        The results.
    table : pathlib.Path
        Table of precursors, for an assay with this `format`.
    format : str
        Name of its reader.
    reused : bool
        Everything was there already and is unchanged.
    n_proteins : int
        Protein groups in the table of proteins.
    warnings : tuple of str
        What must be read before the tables.
    """

    folder: Path
    table: Path
    format: str
    reused: bool
    n_proteins: int
    warnings: tuple[str, ...]


class Given(NamedTuple):
    """The inputs, read and found sound."""

    job: RawJob
    samples: RawSamples
    fasta: Fasta
    mode: str
    engine: str


class Ended(NamedTuple):
    """A result, and what it rests on."""

    result: RawResult
    searches: Mapping[str, str]
    commands: tuple[str, ...]
