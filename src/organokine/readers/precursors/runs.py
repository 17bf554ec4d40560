"""Names of runs: a raw file named by its path is known by its stem."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count

_SUFFIX = re.compile(r"\.(?:raw|d|mzml|mzxml|wiff2?|dia|htrms|tdf|gz|zip)$", re.IGNORECASE)


class Chosen(NamedTuple):
    """Runs that become samples.

    Attributes
    ----------
    samples : dict of str to str
        Name in the file to name of the sample, in the order of the file; a run that is left out is absent.
    counts : tuple of Count
        Runs that the sheet does not name.
    """

    samples: dict[str, str]
    counts: tuple[Count, ...]


def run_stem(name: str) -> str:
    r"""A run without its folder and the suffix of its raw file: `D:\data\m1.raw` is `m1`."""
    stem = re.split(r"[\\/]", name.strip().rstrip("\\/"))[-1]
    while _SUFFIX.search(stem) is not None:
        stem = _SUFFIX.sub("", stem)
    return stem


def n_known(names: Iterable[str], known: Collection[str]) -> int:
    """How many runs the sample sheet names, as written or by their stems."""
    by_stem = {run_stem(name) for name in known}
    return sum(name in known or run_stem(name) in by_stem for name in names)


def choose_runs(names: Iterable[str], known: Collection[str] | None, where: str) -> Chosen:
    """Choose the runs that the sample sheet names.

    Parameters
    ----------
    names : iterable of str
        Runs as the file names them.
    known : collection of str or None
        Samples of the sheet; None if every run is a sample, named by its stem.
    where : str
        What to call the table in messages.

    Returns
    -------
    Chosen
        Which run is which sample.

    Raises
    ------
    DataError
        If no run is a sample, or two runs are the same one.
    """
    listed = list(dict.fromkeys(names))
    if known is None:
        samples = {name: run_stem(name) for name in listed}
    else:
        by_stem = {run_stem(name): name for name in known}
        samples = {name: name if name in known else by_stem.get(run_stem(name), "") for name in listed}
    rest = [run_stem(name) for name, sample in samples.items() if sample == ""]
    samples = {name: sample for name, sample in samples.items() if sample != ""}
    if len(samples) == 0:
        raise DataError(_none(rest, known, where))
    twice = sorted({sample for sample in samples.values() if list(samples.values()).count(sample) > 1})
    if len(twice) > 0:
        what = f"{len(twice)} runs go by the same name in several folders, first {first_examples(twice)}"
        why = "It is not known which of them is the sample"
        raise DataError(Problem(where, what, why, "Give each run its own name, or leave the copy out"))
    if len(rest) == 0:
        return Chosen(samples, ())
    note = "runs that the sample sheet does not name: left out"
    return Chosen(
        samples, (Count("runs without a row in the sheet", len(rest), len(listed), first_examples(rest), note),)
    )


def _none(rest: list[str], known: Collection[str] | None, where: str) -> Problem:
    if known is None:
        return Problem(where, "no run has a name", "A run is a sample", "Export the table with the names of its runs")
    return Problem(
        where,
        f"none of the {len(known)} samples of the sample sheet ({first_examples(sorted(known), 2)}) is a run of the table "
        f"({first_examples(rest, 2)})",
        "Values are joined to animals by the name of the sample",
        "Write the names of the runs into the column `sample` of the sample sheet",
    )
