"""Whether the MS1 frames of all runs fit into memory together, which the engine's quantities need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from organokine.errors import Problem
from organokine.raw.folder import RawFolder

BYTES_PER_ION = 40
"""Memory for each ion of an MS1 frame if none is merged with another: m/z, intensity and mobility in single precision, as read, as sorted
and as centroided. `benchmarks/raw.py` measures 10 in the joint step where 3.4 ions are merged into one."""
MOST_PEAKS = 10_000
"""Peaks of one MS1 frame that the engine keeps after centroiding, the highest ones: a constant of its reader. Frames of a long run have
some hundred thousand ions."""


def survey_bytes(folders: Sequence[RawFolder]) -> int:
    """Estimate of the memory for the MS1 frames of runs.

    Parameters
    ----------
    folders : sequence of RawFolder
        The runs.
    """
    ions = (each.frames.loc[each.frames["msms_type"] == 0, "n_peaks"].clip(upper=MOST_PEAKS) for each in folders)
    return BYTES_PER_ION * sum(int(each.sum()) for each in ions)


def available_bytes() -> int | None:
    """Memory that is free or may be freed; None where the system does not tell."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    lines = [line.split() for line in text.splitlines() if line.startswith("MemAvailable:")]
    return int(lines[0][1]) * 1024 if len(lines) == 1 else None


def too_large(needed: int, available: int | None, n_runs: int) -> list[Problem]:
    """Refuse runs that do not fit, before hours are lost; nothing is said where the system does not tell what it has."""
    if available is None or needed <= available:
        return []
    what = f"their MS1 frames need about {needed / 1e9:.1f} GB of memory, and {available / 1e9:.1f} GB are free"
    why = "Quantities are sought in all runs at once; the system would kill this, or swap for days"
    remedy = "Run `organokine raw combine` on a machine with more memory (its searches are kept), or combine fewer runs at a time"
    return [Problem(f"{n_runs} runs", what, why, remedy)]
