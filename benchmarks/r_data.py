"""Read the data frames of an R data file (`save`, binary, any compression) without R.

    python benchmarks/r_data.py FILE.rda

Prints what is in the file. Only what such tables need is understood: pairs, vectors, strings, and the compact row numbers of R 3.5.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import lzma
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

OPENERS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZ": bz2.decompress,
    b"\xfd7": lzma.decompress,
}
SYMBOL, PAIRS, STRING, LOGICAL, INTEGER, REAL, STRINGS, LIST, POINTER = 1, 2, 9, 10, 13, 14, 16, 19, 22
COMPACT, NOTHING, SEEN = 238, 254, 255
HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400
MISSING_INTEGER = -(2**31)


def read_frames(path: Path) -> dict[str, pd.DataFrame]:
    """The data frames of an R data file by name; a missing string, number or truth value is NaN or None.

    Raises
    ------
    ValueError
        If the file is no R data file, or holds something that is not understood.
    """
    raw = path.read_bytes()
    raw = OPENERS.get(raw[:2], bytes)(raw)
    if raw[:7] not in (b"RDX2\nX\n", b"RDX3\nX\n"):
        message = f"{path.name} is no binary R data file"
        raise ValueError(message)
    stream = _Stream(raw, 7)
    version, _, _ = stream.integers(3)
    if version == 3:
        stream.take(stream.integer())
    objects = stream.item()
    return {
        name: _frame(value) for name, value in objects if isinstance(value, _Vector) and "names" in value.attributes
    }


class _Vector:
    def __init__(self, values: Any) -> None:
        self.values = values
        self.attributes: dict[str, Any] = {}


class _Stream:
    """Reads one serialised value after the other."""

    def __init__(self, raw: bytes, position: int) -> None:
        self.raw, self.position = raw, position
        self.symbols: list[Any] = []

    def take(self, length: int) -> bytes:
        self.position += length
        return self.raw[self.position - length : self.position]

    def integers(self, length: int) -> tuple[int, ...]:
        return struct.unpack(f">{length}i", self.take(4 * length))

    def integer(self) -> int:
        return self.integers(1)[0]

    def item(self) -> Any:
        """The next value: a string, a list of pairs (tag, value), or a vector."""
        flags = self.integer()
        kind = flags & 0xFF
        readers = {NOTHING: list, SYMBOL: self._symbol, STRING: self._string, COMPACT: self._compact}
        if kind in readers:
            return readers[kind]()
        if kind == SEEN:
            index = flags >> 8
            return self.symbols[(index if index > 0 else self.integer()) - 1]
        if kind == PAIRS:
            return self._pairs(flags)
        vector = _Vector(self._values(kind))
        if flags & HAS_ATTRIBUTES > 0:
            vector.attributes = dict(self.item())
        return vector

    def _symbol(self) -> str | None:
        self.symbols.append(self.item())
        return self.symbols[-1]

    def _string(self) -> str | None:
        length = self.integer()
        return None if length == -1 else self.take(length).decode("utf-8", errors="replace")

    def _pairs(self, flags: int) -> list[tuple[Any, Any]]:
        pairs = []
        while flags & 0xFF == PAIRS:
            if flags & HAS_ATTRIBUTES > 0:
                self.item()
            tag = self.item() if flags & HAS_TAG > 0 else None
            pairs.append((tag, self.item()))
            flags = self.integer()
        return pairs

    def _values(self, kind: int) -> Any:
        if kind == POINTER:
            self.symbols.append(None)
            return [self.item(), self.item()]
        if kind not in (LOGICAL, INTEGER, REAL, STRINGS, LIST):
            message = f"R values of type {kind} are not understood"
            raise ValueError(message)
        length = self.integer()
        if kind in (STRINGS, LIST):
            return [self.item() for _ in range(length)]
        if kind == REAL:
            return np.frombuffer(self.take(8 * length), dtype=">f8").astype(float)
        return np.frombuffer(self.take(4 * length), dtype=">i4").astype(int)

    def _compact(self) -> _Vector:
        """Row numbers (length, first, step), or a wrapped vector; the values themselves are all that is kept."""
        self.item()
        state = self.item()
        self.item()
        if isinstance(state, _Vector) and isinstance(state.values, np.ndarray):
            length, first, step = state.values
            return _Vector(np.arange(int(length)) * int(step) + int(first))
        return state[0][1] if isinstance(state, list) else state.values[0]


def _frame(table: _Vector) -> pd.DataFrame:
    names = table.attributes["names"].values
    return pd.DataFrame({name: _column(vector) for name, vector in zip(names, table.values, strict=True)})


def _column(vector: _Vector) -> Any:
    values = vector.values
    if isinstance(values, list):
        return np.array(values, dtype=object)
    levels = vector.attributes.get("levels")
    if levels is not None:
        return np.array([None if code < 1 else levels.values[code - 1] for code in values], dtype=object)
    return np.where(values == MISSING_INTEGER, np.nan, values) if values.dtype.kind == "i" else values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="R data file")
    for name, table in read_frames(parser.parse_args().file).items():
        print(f"{name}: {len(table)} rows; columns {', '.join(table.columns)}")


if __name__ == "__main__":
    main()
