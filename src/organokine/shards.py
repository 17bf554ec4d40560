"""Parts of the work of population mode: which cells a shard computes, and which shards a merge still waits for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from organokine.errors import Problem, first_examples

FOLDER = "shards"
_AT_WORK = "at_work"
_TEXT = re.compile(r"\s*([0-9]+)\s*/\s*([0-9]+)\s*")
_NOTE = re.compile(r"([0-9]+)_of_([0-9]+)")


class Shard(NamedTuple):
    """One part of the work: the cells whose place in the plan is `number` - 1 modulo `of`."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def places(self, n_cells: int) -> range:
        """Places of its cells in the plan."""
        return range(self.number - 1, n_cells, self.of)


def parse_shard(text: str) -> Shard:
    """Read `i/N`, the i-th of N shards.

    Parameters
    ----------
    text : str
        Such as `3/8`.

    Raises
    ------
    ValueError
        If it is not two whole numbers, or the first is not from 1 to the second.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        message = f"{text!r} is no shard; write its number and how many there are, such as 3/8"
        raise ValueError(message)
    shard = Shard(int(found[1]), int(found[2]))
    if not 1 <= shard.number <= shard.of:
        message = f"there is no shard {text.strip()}: its number goes from 1 to the number of shards, such as 3/8"
        raise ValueError(message)
    return shard


def note_shard(folder: Path, shard: Shard) -> None:
    """Leave word that a shard was at work, so that a merge can say which are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{uuid4().hex}.part"
    aside.touch()
    aside.replace(folder / f"{shard.number}_of_{shard.of}")


@contextmanager
def at_work(folder: Path, shard: Shard) -> Iterator[None]:
    """Leave word for as long as a shard is at work; one that was killed seems to be so until it is started again and ends."""
    mark = folder / _AT_WORK / f"{shard.number}_of_{shard.of}"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def is_any_at_work(folder: Path) -> bool:
    """Whether a shard may still be writing."""
    return (folder / _AT_WORK).is_dir() and any((folder / _AT_WORK).iterdir())


def missing_cells(folder: Path, names: Sequence[str], absent: Sequence[int], n_other: int) -> Problem:
    """Say which cells a merge lacks, and which shards they belong to.

    Parameters
    ----------
    folder : pathlib.Path
        Output folder, in whose hidden part shards left their notes.
    names : sequence of str
        Names of all cells of the plan.
    absent : sequence of int
        Places of those that are missing.
    n_other : int
        Finished cells in the folder that are not of this plan.
    """
    what = f"{len(absent)} of {len(names)} cells are missing: {first_examples(names[place] for place in absent)}"
    remedy = "Run the shards that compute them, or leave --merge out to compute them here"
    of = _number_of_shards(folder / ".organokine" / FOLDER)
    if of is not None:
        lacking = sorted({place % of + 1 for place in absent})
        listed = ", ".join(str(Shard(number, of)) for number in lacking[:20])
        more = f" and {len(lacking) - 20} more" if len(lacking) > 20 else ""
        several = "" if len(lacking) == 1 else "s"
        what = f"{what}; they belong to shard{several} {listed}{more}"
        remedy = f"Run shard{several} {listed}{more} (--shard), or leave --merge out to compute them here"
    if n_other > 0:
        what = (
            f"{what}. {n_other} cells are there of another state of the study: its file, its data or organokine itself "
            "changed since they were computed"
        )
    return Problem(str(folder), what, "Tables of a part would look like those of the whole", remedy)


def _number_of_shards(folder: Path) -> int | None:
    """Into how many shards the work was divided: that of most notes, since it may have been divided anew."""
    found = [_NOTE.fullmatch(path.name) for path in folder.glob("*_of_*")] if folder.is_dir() else []
    counts = Counter(int(each[2]) for each in found if each is not None)
    return max(counts, key=lambda of: (counts[of], of)) if len(counts) > 0 else None
