"""Downloaded files as tables: compressed or in an archive, checked before anything of them is believed."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, cast

import pandas as pd

from organokine.errors import first_examples
from organokine.references.updates.faults import FORMAT_CHANGED, NOT_WHOLE, SourceFault

if TYPE_CHECKING:
    from pyarrow.csv import InvalidRow

    from organokine.references.updates.cards import Card

GZIP_MAGIC = b"\x1f\x8b"
BLOCK = 1 << 24
"""Bytes of a table that are read at once while it is filtered."""
_DAMAGED = "the compressed file is damaged or cut short"


class Read(NamedTuple):
    """A source as read.

    Attributes
    ----------
    table : pandas.DataFrame
        Its rows; columns by source.
    version : str
        Release that the content names, empty if it names none.
    skipped : mapping of str to int
        Rows that were left out, by reason.
    """

    table: pd.DataFrame
    version: str = ""
    skipped: Mapping[str, int] = {}


class _Limited(io.RawIOBase):
    """A stream of bytes that refuses to give more than it may."""

    def __init__(self, stream: IO[bytes], largest: int) -> None:
        self._stream, self._left, self._largest = stream, largest, largest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        self._left -= len(block)
        if self._left < 0:
            what = f"unpacked it is larger than {self._largest:,} bytes"
            raise SourceFault(what, FORMAT_CHANGED)
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def opened(path: Path, card: Card) -> Iterator[io.BufferedReader]:
    """Open a file that may be compressed by gzip, whatever it is called.

    Raises
    ------
    SourceFault
        While it is read: if it is damaged, cut short, or expands beyond all measure.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        plain = cast("IO[bytes]", gzip.GzipFile(fileobj=raw) if packed else raw)
        try:
            yield io.BufferedReader(_Limited(plain, card.unpacked), buffer_size=1 << 20)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise SourceFault(_DAMAGED, NOT_WHOLE) from None


def read_table(
    path: Path,
    card: Card,
    columns: Mapping[str, str],
    *,
    sep: str = "\t",
    keep: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> pd.DataFrame:
    """Read a table with a header.

    Parameters
    ----------
    path : pathlib.Path
        The file, compressed or not.
    card : Card
        The source.
    columns : mapping of str to str
        Columns needed, and what to call them.
    sep : str
        What stands between columns.
    keep : callable, optional
        Tells the rows to keep from a piece of the table.

    Returns
    -------
    pandas.DataFrame
        These columns as text; an empty cell is the empty string.

    Raises
    ------
    SourceFault
        If a column is missing, a row is cut short, or there are fewer rows than the source ever had.
    """
    with opened(path, card) as stream:
        header = names_in(stream.readline(), sep)
        check_columns(header, list(columns))
        return parsed(stream, header, columns, card, sep=sep, keep=keep)


def names_in(line: bytes, sep: str) -> list[str]:
    """Names of the columns in a header line."""
    text = line.decode("utf-8-sig", errors="replace").rstrip("\r\n").removeprefix("#")
    return [name.strip('"') for name in text.split(sep)]


def check_columns(header: Sequence[str], needed: Sequence[str]) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    SourceFault
        Naming the columns that are missing, and those that are there.
    """
    missing = [name for name in needed if name not in header]
    if len(missing) > 0:
        shown = first_examples([name[:60] for name in header], 4)
        what = f"the column {first_examples(missing)} is missing; its columns are {shown}"
        raise SourceFault(what, FORMAT_CHANGED)


def parsed(
    stream: IO[bytes],
    header: Sequence[str],
    columns: Mapping[str, str],
    card: Card,
    *,
    sep: str = "\t",
    keep: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> pd.DataFrame:
    """Rows of a stream whose header was read already; see `read_table`. A row may lack cells that are not needed."""
    from pyarrow import ArrowInvalid, csv, string

    quoted = sep == ","
    odd = _OddRows(sep, [header.index(name) for name in columns])
    options = {
        "read_options": csv.ReadOptions(column_names=list(header), use_threads=False, block_size=BLOCK),
        "parse_options": csv.ParseOptions(
            delimiter=sep, quote_char='"' if quoted else False, newlines_in_values=quoted, invalid_row_handler=odd
        ),
        "convert_options": csv.ConvertOptions(
            include_columns=list(columns), column_types=dict.fromkeys(columns, string()), strings_can_be_null=False
        ),
    }
    n_rows = 0
    pieces = [pd.DataFrame(columns=list(columns.values()), dtype=str)]
    try:
        for batch in csv.open_csv(stream, **options):
            named = batch.to_pandas().rename(columns=dict(columns))
            n_rows += len(named)
            pieces.append(named if keep is None else named[keep(named)])
    except ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise odd.fault(str(error)) from None
    rescued = pd.DataFrame(odd.rows, columns=list(columns.values()), dtype=str)
    pieces.append(rescued if keep is None else rescued[keep(rescued)])
    n_rows += len(rescued)
    if n_rows < card.fewest:
        what = f"it has {n_rows:,} rows, at least {card.fewest:,} are expected: it is not whole"
        raise SourceFault(what, NOT_WHOLE)
    return pd.concat(pieces, ignore_index=True)


class _OddRows:
    """Rows with another number of cells than the header: kept if all cells that are needed are there, else the end."""

    def __init__(self, sep: str, places: Sequence[int]) -> None:
        self._sep, self._places = sep, places
        self._cut = ""
        self.rows: list[list[str]] = []

    def __call__(self, row: InvalidRow) -> str:
        cells = row.text.split(self._sep)
        if self._sep == "," or len(cells) <= max(self._places):  # cells in quotes may hold commas
            self._cut = row.text
            return "error"
        self.rows.append([cells[place] for place in self._places])
        return "skip"

    def fault(self, message: str) -> SourceFault:
        """What ended the reading."""
        if self._cut != "":
            return SourceFault(f"the row {self._cut[:60]!r} is cut short", NOT_WHOLE)
        return SourceFault(f"it cannot be read as a table ({message.strip()})", FORMAT_CHANGED)


def archive_members(path: Path, card: Card, endings: Sequence[str]) -> dict[str, bytes]:
    """Files of a ZIP archive, read into memory; nothing is unpacked to the disk.

    Parameters
    ----------
    path : pathlib.Path
        The archive.
    card : Card
        The source.
    endings : sequence of str
        How the names of the wanted files end; each must fit exactly one file.

    Returns
    -------
    dict of str to bytes
        Content by ending.

    Raises
    ------
    SourceFault
        If the archive is damaged, holds a name that leads out of a folder, a link, or a file that expands beyond all
        measure, or lacks a wanted file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
            for each in listed:
                _check_member(each)
            found = {ending: _only(listed, ending) for ending in endings}
            return {ending: _content(archive, each, card) for ending, each in found.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        what = "the archive is damaged, cut short or locked"
        raise SourceFault(what, NOT_WHOLE) from None


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
        what = f"the archive holds {member.orig_filename!r}, a name that leads out of its folder"
        raise SourceFault(what, "Do not use this archive, and tell whoever keeps it")
    if stat.S_ISLNK(member.external_attr >> 16):
        what = f"the archive holds a link, {member.orig_filename!r}, which may lead out of its folder"
        raise SourceFault(what, "Do not use this archive, and tell whoever keeps it")


def _only(members: Sequence[zipfile.ZipInfo], ending: str) -> zipfile.ZipInfo:
    fitting = [each for each in members if f"/{each.filename}".endswith(f"/{ending}")]
    if len(fitting) != 1:
        what = f"the archive holds {len(fitting)} files {ending!r}, one is expected"
        raise SourceFault(what, FORMAT_CHANGED)
    return fitting[0]


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, card: Card) -> bytes:
    largest = card.unpacked
    with archive.open(member) as stream:
        content = stream.read(largest + 1)
    if len(content) > largest:
        what = f"{member.filename!r} is larger than {largest:,} bytes unpacked"
        raise SourceFault(what, FORMAT_CHANGED)
    return content
