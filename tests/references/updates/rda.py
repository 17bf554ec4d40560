"""Data frames in a file of the R language (`save`), enough to read the shared tables: vectors, lists, attributes, and no more."""

from __future__ import annotations

import bz2
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NOTHING, REFERENCE, POINTER = 254, 255, 22
SYMBOL, PAIRS, CHARACTERS, LOGICALS, INTEGERS, REALS, STRINGS, LIST = 1, 2, 9, 10, 13, 14, 16, 19
MISSING = -(2**31)


def read_frame(path: Path) -> pd.DataFrame:
    """The one data frame in a file, columns as objects; a missing value is None or NaN."""
    content = bz2.decompress(path.read_bytes())
    assert content[:7] in {b"RDX2\nX\n", b"RDX3\nX\n"}
    stream = _Stream(content, 7)
    version = stream.integers(3)[0]
    if version == 3:
        stream.raw(stream.integers(1)[0])
    ((_, (columns, attributes)),) = stream.item()
    return pd.DataFrame(dict(zip(attributes["names"], columns, strict=True)))


class _Stream:
    def __init__(self, content: bytes, position: int) -> None:
        self._content, self._position = content, position
        self._symbols: list[str] = []

    def raw(self, n: int) -> bytes:
        self._position += n
        return self._content[self._position - n : self._position]

    def integers(self, n: int) -> tuple[int, ...]:
        return struct.unpack(f">{n}i", self.raw(4 * n))

    def item(self) -> Any:
        flags = self.integers(1)[0]
        kind = flags & 255
        if kind in (NOTHING, REFERENCE):
            return None if kind == NOTHING else self._symbols[(flags >> 8) - 1]
        if kind in (SYMBOL, PAIRS):
            return self._symbol() if kind == SYMBOL else self._pairs(flags)
        if kind == CHARACTERS:
            length = self.integers(1)[0]
            return None if length == -1 else self.raw(length).decode("utf-8")
        value = self._vector(kind)
        attributes = dict(self.item()) if flags & 512 else {}
        return (value, {name: _plain(each) for name, each in attributes.items()}) if len(attributes) > 0 else value

    def _symbol(self) -> str:
        self._symbols.append(self.item())
        return self._symbols[-1]

    def _pairs(self, flags: int) -> list[tuple[str, Any]]:
        rows = []
        while flags & 255 == PAIRS:
            if flags & 512:
                self.item()
            tag = self.item() if flags & 1024 else ""
            rows.append((tag, self.item()))
            flags = self.integers(1)[0]
        assert flags & 255 == NOTHING
        return rows

    def _vector(self, kind: int) -> Any:
        if kind == POINTER:  # of a reader of tables; it leads nowhere once saved
            self._symbols.append("")
            return [self.item(), self.item()]
        length = self.integers(1)[0]
        if kind in (LOGICALS, INTEGERS):
            found = np.frombuffer(self.raw(4 * length), dtype=">i4").astype(float)
            return np.where(found == MISSING, np.nan, found)
        if kind == REALS:
            return np.frombuffer(self.raw(8 * length), dtype=">f8").astype(float)
        assert kind in (STRINGS, LIST), kind
        return [_plain(self.item()) if kind == LIST else self.item() for _ in range(length)]


def _plain(value: Any) -> Any:
    """A vector without its attributes."""
    return value[0] if isinstance(value, tuple) else value
