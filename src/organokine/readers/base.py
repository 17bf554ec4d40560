"""What every reader gives: a table as the file holds it, and the same after repair."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection, Scale


@dataclass(frozen=True)
class Count:
    """One row of the table `joins`, without its assay: what was counted, and what was done with it."""

    item: str
    n: int
    of: int | None = None
    example: str = ""
    note: str = ""


@dataclass(frozen=True)
class Remark:
    """One row of the table `flags`, without its source."""

    scope: Literal["gene", "sample", "assay", "study"]
    name: str
    flag: str
    detail: str


@dataclass(frozen=True)
class RawTable:
    """One table as its file holds it: numbers are numbers, symbols and scale are untouched.

    Attributes
    ----------
    values : pandas.DataFrame
        Features x samples, float64, NaN where the cell is empty or a mark of a missing value. The index holds unique native
        identifiers, in the order of the file.
    features : pandas.DataFrame
        Same index; text columns `gene` and `protein` as written (empty if absent), float column `precursors` (NaN if
        unknown).
    counts : tuple of Count
        What was repaired or left out on the way.
    remarks : tuple of Remark
        What a user should know of the table.
    engine, version : str
        Program that wrote the table, such as `DIA-NN` and `2.1`, as far as the table shows it; empty if it does not.
    runs : pandas.DataFrame or None
        What the file tells about its runs: column `sample` and columns of the table `runs`, one row per column of `values`; None
        if it tells nothing.
    scale : str
        Scale of `values` where the format fixes it, such as `counts` by Salmon, which are not whole; `auto` if it does not. The
        key `scale` of the assay goes before it.
    """

    values: pd.DataFrame
    features: pd.DataFrame
    counts: tuple[Count, ...] = ()
    remarks: tuple[Remark, ...] = ()
    engine: str = ""
    version: str = ""
    runs: pd.DataFrame | None = None
    scale: Scale = "auto"


@dataclass(frozen=True)
class MetNames:
    """Names of genes in one table whose meaning another table of the study may tell.

    Attributes
    ----------
    aliases : mapping of str to str
        Symbols that the reference tables do not know, to the gene of their accession.
    replaced : mapping of str to str
        Identifier of a row, to the synonym that was replaced there.
    kept : frozenset of str
        Synonyms that stayed, since the gene they are a synonym of has a row of its own.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RawMatrix:
    """One table ready to be joined with a sample sheet. Made by `read_assay`, or in memory.

    Attributes
    ----------
    values : pandas.DataFrame
        Features x samples, float64; NaN is not measured. The index holds unique native identifiers.
    features : pandas.DataFrame
        Same index; column `gene` (symbol, empty if unmapped), and optionally `genes` (all symbols, joined by `;`),
        `protein` (accession) and `precursors` (float).
    scale : str
        Scale of `values`: `log2` or `counts`.
    detected : str
        Scale of the file: `log2`, `linear` or `counts`; a linear table has been turned to log2.
    zeros : str
        What a zero of the file means: `missing` or `value`; `auto` if nobody asked.
    counts : tuple of Count
        Rows for the table `joins`.
    remarks : tuple of Remark
        Rows for the table `flags`.
    file, sha256, reader : str
        Where it came from.
    engine, version : str
        Program that wrote the file, as far as the file shows it.
    runs : pandas.DataFrame or None
        What the file tells about its runs: column `sample` and columns of the table `runs`, one row per column of `values`; None
        if it tells nothing.
    names : MetNames
        Names of genes that all tables of a study must take alike.
    """

    values: pd.DataFrame
    features: pd.DataFrame
    scale: Literal["log2", "counts"]
    detected: Scale = "auto"
    zeros: Literal["auto", "missing", "value"] = "auto"
    counts: tuple[Count, ...] = ()
    remarks: tuple[Remark, ...] = ()
    file: str = ""
    sha256: str = ""
    reader: str = "memory"
    engine: str = ""
    version: str = ""
    runs: pd.DataFrame | None = None
    names: MetNames = field(default_factory=MetNames)


ReadTable: TypeAlias = "Callable[[Path, AssaySection, Path, Collection[str] | None, str], RawTable]"
"""How every reader is called; see `Reader.read`."""


@dataclass(frozen=True)
class Reader:
    """The card of a reader.

    Attributes
    ----------
    name : str
        Value of `format` in the study file.
    reads : str
        What it reads, in one sentence.
    detect : callable
        First look at a file or folder (`Sniffed`) to whether this reader is the one, by its columns and never by its name.
        The first that says yes is taken.
    read : callable
        Path of the file, section of the assay, folder of the study file, names of samples in the sample sheet (None if there
        is no sheet: every column of numbers is then a sample), and what to call the assay in messages, to a `RawTable`.
    """

    name: str
    reads: str
    detect: Callable[[Sniffed], bool]
    read: ReadTable
