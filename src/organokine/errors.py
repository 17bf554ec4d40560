"""What a user may see when something is wrong.

Every message has one form: *where: what (how many, first example). Why it matters. What to do.*
All problems of one kind of input are collected and raised together, so that a user mends them in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, said so that a user can mend it.

    Attributes
    ----------
    where : str
        The file, table, key or column at fault.
    what : str
        What is wrong, with a count and a first example where there are several.
    why : str
        Why it matters, one sentence.
    remedy : str
        What to do, one sentence.
    """

    where: str
    what: str
    why: str
    remedy: str

    def __str__(self) -> str:
        sentences = " ".join(_sentence(part) for part in (self.what, self.why, self.remedy))
        return f"{self.where}: {sentences}"


class OrganokineError(Exception):
    """Something the user can mend. The command line prints it without a traceback and exits 1.

    Parameters
    ----------
    problems : Problem or iterable of Problem
        Everything that is wrong, in reading order.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StudyFileError(OrganokineError):
    """The study file cannot be read as written."""


class NotSearchedError(OrganokineError):
    """Raw runs of a study are fit to be searched, and nobody has asked for it yet."""


class DataError(OrganokineError):
    """A table, a sample sheet or a join between them is at fault."""


class OutputError(OrganokineError):
    """The output folder cannot be used."""


class ReferenceError(OrganokineError):  # noqa: A001  the field's word for it, always used as errors.ReferenceError
    """Reference knowledge is missing or damaged."""


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def first_line(error: Exception, limit: int = 120) -> str:
    """The first line of what a library says of an error, or its type if it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0][:limit] if len(lines) > 0 else type(error).__name__


def first_examples(values: Iterable[object], limit: int = 3) -> str:
    """Name the first few values for a message, and say how many more there are.

    Parameters
    ----------
    values : iterable
        The values at fault.
    limit : int
        How many are named.

    Returns
    -------
    str
        For example ``"'a', 'b', 'c' and 4 more"``.
    """
    listed = [repr(str(value)) for value in values]
    shown = ", ".join(listed[:limit])
    rest = len(listed) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that a misspelt one probably means.

    Parameters
    ----------
    word : str
        What was written.
    known : iterable of str
        What might have been meant.

    Returns
    -------
    str or None
        The nearest known word, compared without regard to case; None if nothing is near.
    """
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if len(found) > 0 else None
