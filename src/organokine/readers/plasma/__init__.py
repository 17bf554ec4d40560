"""Plasma panels: Olink NPX and SomaScan ADAT."""

from __future__ import annotations

from organokine.readers.base import Reader
from organokine.readers.plasma.olink import is_olink, read_olink
from organokine.readers.plasma.somascan import is_adat, read_adat

PLASMA_READERS = (
    Reader(
        "olink",
        "Olink NPX in long form, csv or parquet, with quality flags and limits of detection",
        is_olink,
        read_olink,
    ),
    Reader("somascan", "SomaScan ADAT", is_adat, read_adat),
)
