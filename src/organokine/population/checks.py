"""What is wrong with the individuals of a population."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pandas as pd

from organokine.errors import Problem, first_examples
from organokine.population.cohort import ALL, OrganMatrix
from organokine.readers.cells import alike, plain_spelling

SEX_INITIALS = {"f": "female", "m": "male"}
"""Words that sample sheets mix; what other letters stand for is not guessed."""


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


def sex_problems(values: pd.Series, where: str) -> Iterator[Problem]:
    """Find a sex that is written in two ways, and a level that is called as the tables call all individuals.

    Parameters
    ----------
    values : pandas.Series
        The sex of each individual as text; empty is not known.
    where : str
        What to call the column in messages.

    Yields
    ------
    Problem
        One for each sex with several spellings, and one for a level named `all`.
    """
    levels = sorted(set(values) - {""})
    for spellings in alike(levels, _sex_word):
        what = f"{len(spellings)} values mean the same sex: {' and '.join(map(repr, spellings))}"
        yield Problem(where, what, "Each would be adjusted for and scored as a sex of its own", "Write them alike")
    if ALL in levels:
        what = f"a sex is called {ALL!r}"
        yield Problem(where, what, "The tables call all individuals together so", "Give it another name")


def _sex_word(text: str) -> str:
    plain = plain_spelling(text)
    return SEX_INITIALS.get(plain, plain)
