"""Tables of functional tests: long or wide, one row per trial or per animal."""

from __future__ import annotations

from organokine.readers.phenotype.columns import text_of
from organokine.readers.phenotype.table import Asked, grid_of, read_phenotype, trials_of

__all__ = ["Asked", "grid_of", "read_phenotype", "text_of", "trials_of"]
