"""Counts by htseq-count: genes with their counts, and rows of reads without a gene at the end."""

from __future__ import annotations

import gzip
import os
import zlib
from collections import deque
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import DataError, Problem
from organokine.readers.base import RawTable
from organokine.readers.known_samples import keep_known
from organokine.readers.rnaseq.files import first_cells, numbers_of, text_columns
from organokine.readers.rnaseq.names import sample_names
from organokine.readers.rnaseq.tables import gene_table, merged_table, summary_count, together
from organokine.readers.sniff import sniff

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

_WORDS = ("no_feature", "ambiguous", "too_low_aQual", "not_aligned", "alignment_not_unique")
SUMMARY = frozenset({*_WORDS, *(f"__{word}" for word in _WORDS)})
"""Rows that are no genes; until version 0.6 they had no underscores."""
_TAIL = 4096


def is_htseq(sniffed: Sniffed) -> bool:
    """A text of whole numbers, or a folder with some, that has the summary rows of htseq-count near its end."""
    if sniffed.kind == "folder":
        return len(_files(sniffed.path, sniffed.files)) > 0
    if sniffed.kind != "text" or len(sniffed.lines) < 2:
        return False
    return _is_counted(sniffed.lines[1].split("\t")) and _has_summary(sniffed.path)


def read_htseq(path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str) -> RawTable:
    """Read a folder with one file of htseq-count per sample, one file, or one table with a column per sample.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`.

    Returns
    -------
    RawTable
        Counts of genes; the summary rows are removed and counted. A column of text between gene and count is an attribute,
        taken for the symbol.

    Raises
    ------
    DataError
        With what is wrong with the files.
    """
    if path.is_dir():
        written = _files(path, sniff(path).files)
        paths = [path / name for name in written]
    elif _is_counted(first_cells(path)):
        written, paths = [f"{path.absolute().parent.name}/{path.name}"], [path]
    else:
        return merged_table(path, assay, folder, known, where, engine="HTSeq", summary=SUMMARY)
    names = sample_names(written, known)
    kept, counts = keep_known(names, known, "files", where)
    tables = {names[position]: _one_sample(paths[position], where) for position in kept}
    values = together({name: table["count"] for name, table in tables.items()}, where)
    symbols = next(iter(tables.values()))["gene_name"]
    is_summary = values.index.isin(SUMMARY)
    counts = [*counts, *summary_count(values.index[is_summary].to_series(), len(values))]
    annotation = symbols[~is_summary].to_frame()
    annotation = annotation if annotation["gene_name"].ne("").any() else annotation[[]]
    return gene_table(values[~is_summary], annotation, assay, folder, where, counts=counts, engine="HTSeq")


def _one_sample(path: Path, where: str) -> pd.DataFrame:
    text = text_columns(path, where)
    if text.shape[1] not in (2, 3):
        what = f"{path.name} has {text.shape[1]} columns and no header, so its samples have no names"
        remedy = "Count with --with-header, or one file per sample"
        raise DataError(Problem(where, what, "Values are joined to animals by the name of the sample", remedy))
    last = text.shape[1] - 1
    numbers = numbers_of(text[last], f"{where} {path.name}", "count")
    symbols = text[1].str.strip().to_numpy() if last == 2 else ""
    return pd.DataFrame({"count": numbers, "gene_name": symbols}, index=pd.Index(text[0].str.strip(), dtype=object))


def _files(folder: Path, files: Collection[str]) -> list[str]:
    return [name for name in files if _is_counted(first_cells(folder / name)) and _has_summary(folder / name)]


def _is_counted(cells: list[str]) -> bool:
    """Whether cells are a row of counts: a name, perhaps an attribute, whole numbers."""
    return len(cells) > 1 and all(cell.strip().isdigit() for cell in (cells[2:] if len(cells) > 2 else cells[1:]))


def _has_summary(path: Path) -> bool:
    """Whether one of the last lines, or of the first, is a summary row."""
    try:
        with path.open("rb") as file:
            start = file.read(_TAIL)
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
            end = file.read()
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as unpacked:
                start = unpacked.read(_TAIL)
                chunks = deque(iter(lambda: unpacked.read(_TAIL), b""), maxlen=2)
                end = b"".join(chunks)
    except (OSError, EOFError, zlib.error):
        return False
    lines = (start + b"\n" + end).decode("utf-8", errors="replace").splitlines()
    return any(line.split("\t")[0].strip().strip('"') in SUMMARY for line in lines)
