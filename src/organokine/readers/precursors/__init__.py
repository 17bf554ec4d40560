"""Tables of precursors by search engines, and protein intensities from them."""

from __future__ import annotations

from organokine.readers.precursors.proteins import to_proteins
from organokine.readers.precursors.table import PrecursorTable

__all__ = ["PrecursorTable", "to_proteins"]
