"""What is wrong with the individuals of an organ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from organokine.errors import Problem, first_examples
from organokine.population.cohort import OrganMatrix


def copies(matrix: OrganMatrix) -> Iterator[Problem]:
    """Find individuals whose every value is that of another: copies, which would count as more individuals than there are.

    Parameters
    ----------
    matrix : OrganMatrix
        One organ.

    Yields
    ------
    Problem
        One, naming the first of them.
    """
    seen: dict[bytes, str] = {}
    found = []
    for name, column in zip(matrix.individuals.index, matrix.values.T, strict=True):
        if not np.isfinite(column).any():
            continue
        key = hashlib.sha256(np.ascontiguousarray(column, dtype=float).tobytes()).digest()
        if key in seen:
            found.append(f"{name} = {seen[key]}")
        seen.setdefault(key, str(name))
    if len(found) > 0:
        yield Problem(
            f"assay {matrix.name}",
            f"{len(found)} individuals have exactly the values of another: {first_examples(found)}",
            "A copy counts as one more individual and makes every correlation look surer than it is",
            "Keep one of each, or mend the names of the samples",
        )
