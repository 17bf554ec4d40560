"""Files that are no tables, known by their first bytes, so that the message can say what they are."""

from __future__ import annotations

from typing import NamedTuple


class Stranger(NamedTuple):
    """What a file is instead of a table, and what to do about it."""

    what: str
    remedy: str


_UNPACK = "Unpack it, and name the table in it"
_AS_TEXT = "Export the table as text with tabs, or as .xlsx"
_AS_UTF_8 = "Save the table as UTF-8 (in Excel: CSV UTF-8)"
_FIRST_BYTES: tuple[tuple[tuple[bytes, ...], Stranger], ...] = (
    ((b"\xff\xfe", b"\xfe\xff"), Stranger("the file is UTF-16 text", _AS_UTF_8)),
    ((b"\x1f\x8b",), Stranger("the file is compressed twice", "Uncompress it once")),
    ((b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!"), Stranger("the file is a compressed one", _UNPACK)),
    ((b"PK\x03\x04",), Stranger("the file is a zip archive or a workbook", _UNPACK)),
    ((b"%PDF",), Stranger("the file is a PDF", _AS_TEXT)),
    ((b"{\\rtf",), Stranger("the file is a text document", _AS_TEXT)),
    ((b"\xd0\xcf\x11\xe0",), Stranger("the file has the old Excel format (.xls)", "Save it as .xlsx, or as text with tabs")),
    (
        (b"<!doctype html", b"<html", b"<?xml"),
        Stranger("the file is a web page or XML", "Download the table itself; the page may be a message of the server"),
    ),
    (
        (b"version https://git-lfs",),
        Stranger("the file is a pointer of Git LFS, not the table", "Get the table with: git lfs pull"),
    ),
)  # fmt: skip
_LOOKED_AT = 4096


def stranger(content: bytes) -> Stranger | None:
    """Say what a file is that is no text and neither workbook, Parquet nor HDF5.

    Parameters
    ----------
    content : bytes
        The file, uncompressed, or its start.

    Returns
    -------
    Stranger or None
        None if it may be text.
    """
    start = content[:_LOOKED_AT]
    lower = start[:64].lstrip().lower()
    for beginnings, found in _FIRST_BYTES:
        if start.startswith(beginnings) or lower.startswith(beginnings):
            return found
    n_nul = start.count(b"\0")
    if 4 * n_nul > len(start) and len(start.rstrip(b"\0")) > 0 and _is_text(start.replace(b"\0", b"")):
        return Stranger("the file is UTF-16 text", _AS_UTF_8)
    if b"\0" in content:
        return Stranger("the file holds bytes that no text has", _AS_TEXT)
    return None


def _is_text(start: bytes) -> bool:
    """Whether nearly all bytes are printed signs of ASCII, tabs or line ends."""
    plain = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in start)
    return plain > 0.9 * len(start)
