"""A first look at a file or folder: what kind it is and what its columns are called, without reading it whole."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["text", "parquet", "workbook", "hdf5", "folder", "unknown"]
FIRST_BYTES = 256 * 1024
"""Enough for the header of a table of some thousand samples and a few of its rows."""
FIRST_ROWS = 12
"""Of a workbook; some exports have several rows above the names of their columns."""
MOST_FILES = 10_000
_FIRST_BYTES_OF: tuple[tuple[bytes, Kind], ...] = ((b"PAR1", "parquet"), (b"PK", "workbook"))
_HDF5_PLACES = (0, 512, 1024, 2048)
"""Where HDF5 may begin; h5mu has a block of text before it."""
_DELIMITERS = ("\t", ";", ",")


@dataclass(frozen=True)
class Sniffed:
    """What a first look shows.

    Attributes
    ----------
    path : pathlib.Path
        The file or folder.
    kind : str
        By content, not by name: `text` (gzip or not), `parquet`, `workbook` (xlsx), `hdf5` (h5ad, h5mu), `folder`, or
        `unknown`.
    header : tuple of str
        Names of the columns, stripped of blanks and quotation marks: of a Parquet file, of the first sheet of a workbook, or
        of the first line of a text. Empty for the other kinds.
    lines : tuple of str
        First lines of a text as they are, without line ends; the last one may be cut off. Of a workbook the first
        `FIRST_ROWS` rows, cells joined by tabs.
    files : tuple of str
        Files of a folder, relative to it, sorted.
    """

    path: Path
    kind: Kind
    header: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def has(self, *columns: str) -> bool:
        """Whether the header holds all of these columns."""
        return set(columns) <= set(self.header)


def sniff(path: Path) -> Sniffed:
    """Look at a file or folder.

    Parameters
    ----------
    path : pathlib.Path
        What to look at.

    Returns
    -------
    Sniffed
        Never an error: what cannot be looked at is `unknown`, and its reader says why.
    """
    try:
        if path.is_dir():
            names = (file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
            return Sniffed(
                path, "folder", files=tuple(sorted(name for _, name in zip(range(MOST_FILES), names, strict=False)))
            )
        start = _start(path)
    except OSError:
        start = b""
    kind = next((kind for first, kind in _FIRST_BYTES_OF if start.startswith(first)), None)
    if kind is not None:
        return _workbook(path) if kind == "workbook" else Sniffed(path, kind, header=_parquet_columns(path))
    if any(start.startswith(b"\x89HDF", place) for place in _HDF5_PLACES):
        return Sniffed(path, "hdf5")
    text = _decompressed(start).decode("utf-8-sig", errors="replace")
    lines = tuple(text.splitlines())
    if len(lines) == 0 or "\0" in text:
        return Sniffed(path, "unknown")
    return Sniffed(path, "text", header=_columns(lines[0]), lines=lines)


def _start(path: Path) -> bytes:
    """First bytes of an ordinary file; reading a pipe would wait, and take from it what cannot be put back."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(FIRST_BYTES)


def _workbook(path: Path) -> Sniffed:
    from organokine.readers.workbook import workbook_start

    rows = workbook_start(path, FIRST_ROWS)
    header = tuple(cell.strip() for cell in rows[0]) if len(rows) > 0 else ()
    return Sniffed(path, "workbook", header=header, lines=tuple("\t".join(row) for row in rows))


def _parquet_columns(path: Path) -> tuple[str, ...]:
    from pyarrow import ArrowException
    from pyarrow.parquet import read_schema

    try:
        return tuple(read_schema(path).names)
    except (ArrowException, OSError):
        return ()


def _decompressed(start: bytes) -> bytes:
    if not start.startswith(b"\x1f\x8b"):
        return start
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(start, FIRST_BYTES)
    except (zlib.error, gzip.BadGzipFile):
        return b""


def _columns(line: str) -> tuple[str, ...]:
    delimiter = max(_DELIMITERS, key=line.count)
    return tuple(name.strip().strip('"') for name in line.split(delimiter))
