"""The simulated study: for the demo, for calibration and for teaching. Everything it writes says that it is simulated."""

from __future__ import annotations

from organokine.simulate.folder import write_study
from organokine.simulate.options import Options
from organokine.simulate.study import Simulated, simulate_tables

__all__ = ["Options", "Simulated", "simulate_tables", "write_study"]
