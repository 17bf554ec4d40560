"""A folder that DIA-NN wrote, such as `diann-output` of FragPipe: its report, else a matrix of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count, RawTable, ReadTable
from organokine.readers.precursors.diann import is_diann, read_diann
from organokine.readers.precursors.wide_engines import is_diann_matrix, read_diann_matrix
from organokine.readers.search_engines.diann_proteins import is_diann_proteins, read_diann_proteins
from organokine.readers.sniff import Sniffed, sniff

if TYPE_CHECKING:
    from organokine.study_file import AssaySection

_TABLE = re.compile(r"[^/]+\.(?:parquet|tsv|tsv\.gz)", re.IGNORECASE)
_FIRST_PASS = re.compile(r"first[-_.]?pass", re.IGNORECASE)
_KINDS: tuple[tuple[Callable[[Sniffed], bool], ReadTable], ...] = (
    (is_diann, read_diann),
    (is_diann_matrix, read_diann_matrix),
    (is_diann_proteins, read_diann_proteins),
)
"""What to look for: precursors go before proteins, the report before a matrix."""


class _Found(NamedTuple):
    """Tables of the first kind that is there, and how to read them."""

    files: list[str]
    read: ReadTable


def is_of_first_pass(name: str) -> bool:
    """Whether a file is named as the report of the first of two passes, which stands beside the main one."""
    return _FIRST_PASS.search(name) is not None


def is_diann_folder(sniffed: Sniffed) -> bool:
    """A folder that holds a table of DIA-NN, not in a folder of its own."""
    return sniffed.kind == "folder" and _found(sniffed) is not None


def read_diann_folder(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read the table of a folder of DIA-NN.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`.

    Returns
    -------
    RawTable
        Of the report; of the matrix of precursors or proteins where there is no report. One report written as tsv and Parquet
        is read from Parquet.

    Raises
    ------
    DataError
        If there is no such table, or more than one report; and as the reader of the table.
    """
    found = _found(sniff(path))
    if found is None:
        what = f"{path.name!r} is no folder with a report or matrix of DIA-NN"
        remedy = "Name the folder that holds report.parquet or report.tsv, or the file itself"
        raise DataError(Problem(where, what, "There is nothing to read", remedy))
    names = sorted(found.files, key=lambda name: (not name.lower().endswith(".parquet"), name))
    if len({_stem(name) for name in names}) > 1:
        what = f"there are {len(names)} tables of one kind: {first_examples(names)}"
        raise DataError(Problem(where, what, "It is not known which one is meant", "Name the file itself"))
    table = found.read(path / names[0], assay, folder, known, where)
    count = Count("tables of DIA-NN in the folder", len(names), None, names[0], "the one named here is read")
    return replace(table, counts=(count, *table.counts))


def _found(sniffed: Sniffed) -> _Found | None:
    names = [name for name in sniffed.files if _TABLE.fullmatch(name) is not None and not is_of_first_pass(name)]
    looks = [(name, sniff(sniffed.path / name)) for name in names]
    for is_kind, read in _KINDS:
        files = [name for name, look in looks if is_kind(look)]
        if len(files) > 0:
            return _Found(files, read)
    return None


def _stem(name: str) -> str:
    return re.sub(r"\.(?:parquet|tsv|tsv\.gz)$", "", name, flags=re.IGNORECASE)
