"""The cards of all engines that are run where the user has installed them."""

from __future__ import annotations

from organokine.raw.engines.alphadia import ALPHADIA
from organokine.raw.engines.diann import DIANN

ENGINES = (DIANN, ALPHADIA)
