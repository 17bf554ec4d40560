"""One assay of the study file, from its file to a matrix ready to be joined: reader, symbols, scale."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from organokine.errors import DataError, Problem, nearest
from organokine.readers import READERS, RawMatrix, RawTable, Reader
from organokine.readers.identifiers import map_identifiers
from organokine.readers.scale import to_scale
from organokine.readers.sniff import sniff
from organokine.readers.symbols import tidy_symbols
from organokine.references.releases import EMBEDDED
from organokine.study_file_raw import RAW

if TYPE_CHECKING:
    from pathlib import Path

    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection, Species


def read_assay(
    folder: Path,
    assay: AssaySection,
    species: Species,
    known: Collection[str] | None = None,
    release: str = EMBEDDED,
) -> RawMatrix:
    """Read one assay.

    Parameters
    ----------
    folder : pathlib.Path
        What the paths in the section are relative to.
    assay : AssaySection
        The section.
    species : str
        `human`, `mouse` or `rat`.
    known : collection of str or None
        Samples of the sheet; None if every column of numbers is a sample.
    release : str
        Release of the references whose names of genes are used.

    Returns
    -------
    RawMatrix
        log2 or counts, one official symbol per row, all repairs counted.

    Raises
    ------
    DataError
        With everything that is wrong with the file.
    """
    where = f"[assay {assay.name}] {assay.file}"
    path = folder / assay.file
    reader = _reader(path, assay, where)
    table = reader.read(path, assay, folder, known, where)
    _refuse_mobility(table, assay, where)
    declared = table.scale if assay.scale == "auto" else assay.scale
    scaled = to_scale(table.values, declared, assay.zeros, assay.modality, where)
    symbols = tidy_symbols(table.features["gene"], table.features["protein"], species, assay.name)
    mapped = map_identifiers(symbols, table.features["protein"], species, release)
    features = table.features.assign(gene=mapped.gene, genes=mapped.genes)
    return RawMatrix(
        values=scaled.values,
        features=features,
        scale=scaled.scale,
        detected=scaled.detected,
        zeros=scaled.zeros,
        counts=(*table.counts, *symbols.counts, *mapped.counts, *scaled.counts),
        remarks=(*table.remarks, *symbols.remarks, *mapped.remarks),
        file=assay.file,
        sha256=content_sha256(path),
        reader=reader.name,
        engine=table.engine,
        version=table.version,
        runs=table.runs,
        names=mapped.names,
    )


def _refuse_mobility(table: RawTable, assay: AssaySection, where: str) -> None:
    """Precursors can be left out by their ion mobility only where the file holds some."""
    runs = table.runs
    has_mobility = runs is not None and "mobility_unit" in runs.columns
    if assay.mobility_outliers == "exclude" and not has_mobility:
        what = "precursors are to be left out by their ion mobility, and the file holds none"
        why = "Nothing would be left out, although the study file says so"
        remedy = "Leave mobility_outliers out, or name a table of precursors with their ion mobility"
        raise DataError(Problem(f"{where} mobility_outliers", what, why, remedy))


def detect_reader(sniffed: Sniffed) -> Reader:
    """The reader of a file by its content; the plain matrix if no other knows it."""
    return next(reader for reader in READERS.values() if reader.detect(sniffed))


def content_sha256(path: Path) -> str:
    """SHA-256 of a file, or of the names and hashes of the files of a folder."""
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    lines = [
        f"{content_sha256(file)}  {file.relative_to(path).as_posix()}"
        for file in sorted(path.rglob("*"))
        if file.is_file()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _reader(path: Path, assay: AssaySection, where: str) -> Reader:
    if assay.format != "auto":
        if assay.format in READERS:
            return READERS[assay.format]
        if assay.format == RAW:
            what, why = "raw runs are no table", "They are searched when the whole study is read"
            raise DataError(Problem(where, what, why, "Use read_study, or name a table that a search left"))
        near = nearest(assay.format, (RAW, *READERS))
        remedy = f"Write {near!r}" if near is not None else f"Choose one of auto, {RAW}, {', '.join(READERS)}"
        why = "The format decides how the table is read"
        raise DataError(Problem(f"{where} format", f"no reader is called {assay.format!r}", why, remedy))
    return detect_reader(sniff(path))
