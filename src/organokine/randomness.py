"""Random numbers: one seed, and a stream for every name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def named_generator(seed: int, name: str) -> np.random.Generator:
    """A generator that depends on the study's seed and a name only, never on order or number of workers."""
    import numpy as np

    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=tuple(name.encode())))
