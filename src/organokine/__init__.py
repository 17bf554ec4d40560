"""organokine: which protein does one organ send that the other one receives, and how sure may we be?"""

from __future__ import annotations

__version__ = "0.1.0"
