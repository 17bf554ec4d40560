from __future__ import annotations

from tests.kernels.conftest import golden

__all__ = ["golden"]
