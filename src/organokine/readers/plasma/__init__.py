"""Plasma panels: Olink NPX and SomaScan ADAT."""

from __future__ import annotations

from organokine.readers.base import Reader
from organokine.readers.plasma.olink import is_olink, read_olink
from organokine.readers.plasma.olink_wide import is_olink_wide, read_olink_wide
from organokine.readers.plasma.somascan import is_adat, read_adat

PLASMA_READERS = (
    Reader(
        "olink",
        "Olink NPX in long form, csv or parquet, with quality flags and limits of detection",
        is_olink,
        read_olink,
    ),
    Reader(
        "olink_wide",
        "Olink NPX or concentrations in wide form, xlsx or csv: Target, Flex and Focus panels",
        is_olink_wide,
        read_olink_wide,
    ),
    Reader("somascan", "SomaScan ADAT", is_adat, read_adat),
)
