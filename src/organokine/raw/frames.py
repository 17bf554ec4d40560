"""Frames of a `.d` folder: ions by scan and time of flight, from the blocks of `analysis.tdf_bin`.

A block is two uint32 (its length in bytes with these eight, and the number of scans) and a zstd payload. Unpacked, the payload is an
array of uint32 written as four planes, all lowest bytes first. The array is the number of scans; twice the number of ions of every
scan but the last, whose number is what remains; then pairs of a step of the time of flight and an intensity. Steps count
within a scan, the first from -1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

from organokine.errors import DataError, OrganokineError, Problem

HEADER = struct.Struct("<II")
MOST_OF_HEADER = 18
"""Bytes of the longest header of a zstd frame (RFC 8878)."""
ZSTD = 2
"""`TimsCompressionType` of the blocks described above; 1 is that of instruments before 2018."""


class Frame(NamedTuple):
    """Ions of one frame, in order of scan and time of flight.

    Attributes
    ----------
    scan, tof, intensity : numpy.ndarray
        (n_ions,) scan from 0, index of the digitizer from 0, and counts.
    """

    scan: np.ndarray
    tof: np.ndarray
    intensity: np.ndarray


def require_zstandard() -> ModuleType:
    """The module `zstandard`; an `OrganokineError` with what to install if it is absent."""
    try:
        import zstandard
    except ImportError as error:
        problem = Problem(
            "raw data",
            "the package zstandard is not installed",
            "Frames of a timsTOF are compressed with it; it is an extra of organokine and not part of it",
            "pip install 'organokine[raw]'",
        )
        raise OrganokineError(problem) from error
    return zstandard


def read_frame(file: Path, offset: int) -> Frame:
    """Decode one frame.

    Parameters
    ----------
    file : pathlib.Path
        `analysis.tdf_bin`.
    offset : int
        First byte of the block (`Frames.TimsId`).

    Returns
    -------
    Frame
        Its ions.

    Raises
    ------
    DataError
        If the block is damaged or cut short.
    OrganokineError
        If the package zstandard is absent.
    """
    zstandard = require_zstandard()
    with file.open("rb") as opened:
        opened.seek(offset)
        head = opened.read(HEADER.size)
        if len(head) < HEADER.size:
            raise _damaged(file, offset, "it begins beyond the end of the file")
        length, n_scans = HEADER.unpack(head)
        payload = opened.read(max(length - HEADER.size, 0))
    if len(payload) != length - HEADER.size:
        raise _damaged(file, offset, f"{length} bytes are announced, and {len(payload) + HEADER.size} are there")
    if len(payload) == 0:
        return unpack(np.zeros(0, dtype=np.uint8), n_scans)
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    try:
        data = unpacker.decompress(payload)
    except zstandard.ZstdError as error:
        raise _damaged(file, offset, "it cannot be unpacked") from error
    if not unpacker.eof:
        raise _damaged(file, offset, "its packed part ends too early")
    try:
        return unpack(np.frombuffer(data, dtype=np.uint8), n_scans)
    except ValueError as error:
        raise _damaged(file, offset, str(error)) from error


def unpack(data: np.ndarray, n_scans: int) -> Frame:
    """Ions from an unpacked payload.

    Parameters
    ----------
    data : numpy.ndarray
        (n_bytes,) uint8; empty for a frame without ions.
    n_scans : int
        Number of scans that the block announces.

    Returns
    -------
    Frame
        Its ions.

    Raises
    ------
    ValueError
        If the numbers of scans, ions and bytes do not fit together.
    """
    if len(data) == 0:
        return Frame(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    if len(data) % 4 != 0:
        message = f"{len(data)} bytes are no whole numbers"
        raise ValueError(message)
    planes = data.reshape(4, -1)
    values = np.ascontiguousarray(planes.T).view("<u4").ravel().astype(np.int64)
    if values[0] != n_scans or len(values) < n_scans or (len(values) - n_scans) % 2 != 0:
        message = f"{values[0]} scans and {len(values)} numbers do not fit the {n_scans} scans announced"
        raise ValueError(message)
    n_ions = (len(values) - n_scans) // 2
    counts = np.empty(n_scans, dtype=np.int64)
    counts[:-1] = values[1:n_scans] // 2
    counts[-1] = n_ions - counts[:-1].sum()
    if counts[-1] < 0:
        message = f"its scans announce more than the {n_ions} ions there are"
        raise ValueError(message)
    steps, intensity = values[n_scans::2], values[n_scans + 1 :: 2]
    scan = np.repeat(np.arange(n_scans), counts)
    starts = np.cumsum(counts) - counts
    summed = np.concatenate([[0], np.cumsum(steps)])
    return Frame(scan, summed[1:] - summed[starts][scan] - 1, intensity)


def read_heads(file: Path, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lengths and numbers of scans that blocks announce, without unpacking any.

    Parameters
    ----------
    file : pathlib.Path
        `analysis.tdf_bin`.
    offsets : numpy.ndarray
        (n_frames,) first bytes of the blocks.

    Returns
    -------
    length, n_scans : numpy.ndarray
        (n_frames,) bytes and scans; -1 where the block begins beyond the end of the file.
    """
    heads = np.full((len(offsets), 2), -1, dtype=np.int64)
    for place, head in enumerate(block_starts(file, offsets, HEADER.size)):
        if len(head) == HEADER.size:
            heads[place] = HEADER.unpack(head)
    return heads[:, 0], heads[:, 1]


def announced_sizes(file: Path, offsets: np.ndarray) -> np.ndarray:
    """Bytes that the packed part of every block announces to become, without unpacking any.

    Readers take as much memory as a block announces, so a damaged one must be found before.

    Parameters
    ----------
    file : pathlib.Path
        `analysis.tdf_bin`.
    offsets : numpy.ndarray
        (n_frames,) first bytes of the blocks.

    Returns
    -------
    numpy.ndarray
        (n_frames,) bytes; 0 for a block without a packed part or that does not tell, -1 where it is not packed with zstd, or is cut.

    Raises
    ------
    OrganokineError
        If the package zstandard is absent.
    """
    zstandard = require_zstandard()
    sizes = np.zeros(len(offsets), dtype=np.int64)
    for place, start in enumerate(block_starts(file, offsets, HEADER.size + MOST_OF_HEADER)):
        length = HEADER.unpack(start[: HEADER.size])[0] if len(start) >= HEADER.size else -1
        if length == HEADER.size:
            continue
        try:
            sizes[place] = max(zstandard.frame_content_size(start[HEADER.size :]), 0)
        except (zstandard.ZstdError, OverflowError):
            sizes[place] = -1
    return sizes


def block_starts(file: Path, offsets: np.ndarray, n: int) -> Iterator[bytes]:
    """First bytes of every block.

    Parameters
    ----------
    file : pathlib.Path
        `analysis.tdf_bin`.
    offsets : numpy.ndarray
        (n_frames,) first bytes of the blocks.
    n : int
        How many bytes of each.

    Yields
    ------
    bytes
        Fewer where the file ends, none where an offset is no place in it.
    """
    with file.open("rb") as opened:
        for offset in offsets:
            opened.seek(max(int(offset), 0))
            yield opened.read(n) if offset >= 0 else b""


def are_unpackable(file: Path, offsets: np.ndarray) -> np.ndarray:
    """Whether the packed part of every block can be unpacked and begins as it should.

    Parameters
    ----------
    file : pathlib.Path
        `analysis.tdf_bin`.
    offsets : numpy.ndarray
        (n_frames,) first bytes of the blocks, none of which announces more memory than there is (`announced_sizes`).

    Returns
    -------
    numpy.ndarray
        (n_frames,) bool. There are no checksums: bytes that were changed and still unpack are not seen.

    Raises
    ------
    OrganokineError
        If the package zstandard is absent.
    """
    zstandard = require_zstandard()
    unpacker = zstandard.ZstdDecompressor()
    whole = np.ones(len(offsets), dtype=bool)
    with file.open("rb") as opened:
        for place, offset in enumerate(offsets):
            opened.seek(int(offset))
            length, n_scans = HEADER.unpack(opened.read(HEADER.size))
            if length == HEADER.size:
                continue
            try:
                data = unpacker.decompressobj().decompress(opened.read(length - HEADER.size))
            except zstandard.ZstdError:
                whole[place] = False
                continue
            n = len(data) // 4
            first = sum(data[n * plane] << (8 * plane) for plane in range(4)) if n > 0 else -1
            whole[place] = len(data) == 4 * n and first == n_scans
    return whole


def _damaged(file: Path, offset: int, what: str) -> DataError:
    return DataError(
        Problem(
            f"{file}, byte {offset}",
            f"the block of this frame is damaged: {what}",
            "Its ions are lost",
            "Copy the folder from the instrument again",
        )
    )
