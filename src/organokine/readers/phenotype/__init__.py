"""Tables of functional tests: long or wide, one row per trial or per animal."""

from __future__ import annotations

from organokine.readers.phenotype.checks import spelling_problems
from organokine.readers.phenotype.columns import text_of
from organokine.readers.phenotype.table import Asked, grid_of, read_phenotype, trials_of

__all__ = ["Asked", "grid_of", "read_phenotype", "spelling_problems", "text_of", "trials_of"]
