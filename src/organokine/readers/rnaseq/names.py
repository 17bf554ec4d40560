"""Samples that are named by paths: of alignments in a header, or of files in a folder with one per sample."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count

_ENDING = re.compile(
    r"(?:[._-](?:gz|bam|sam|cram|txt|tsv|tab|csv|sf|out|counts?|htseq|sorted|sortedbycoord|sortedbyname|markdups?|dedup|"
    r"umi_dedup|quant|genes|results)|[._-]?(?:aligned|readspergene))$",
    re.IGNORECASE,
)
"""What programs hang behind the name of a sample; taken off one after the other."""
_NO_NAMES = frozenset({"", ".", "..", "quant", "abundance", "accepted_hits", "counts", "genes", "star", "salmon"})


def sample_names(written: Sequence[str], known: Collection[str] | None) -> list[str]:
    """Samples behind paths.

    Parameters
    ----------
    written : sequence of str
        Paths or names, with either slash.
    known : collection of str or None
        Samples of the sheet.

    Returns
    -------
    list of str
        For each path the first of these that is known: the path, its file with fewer and fewer endings of programs, the
        folders around it, nearest first. If none is known: the file without endings where that tells the samples apart, else
        the nearest folder that does, else the path.
    """
    options = [_options(path) for path in written]
    bare = _apart(written, options)
    if known is None:
        return bare
    return [
        next((name for part in [[path], *parts] for name in part if name in known), plain)
        for path, parts, plain in zip(written, options, bare, strict=True)
    ]


def keep_known(
    names: Sequence[str], known: Collection[str] | None, item: str, where: str
) -> tuple[list[int], list[Count]]:
    """Positions of the samples that the sheet names, and the others counted.

    Parameters
    ----------
    names : sequence of str
        Samples of the table.
    known : collection of str or None
        Samples of the sheet; None keeps all.
    item : str
        What one sample is in the file, in the plural, such as `columns` or `files`.
    where : str
        What to call the table in messages.

    Returns
    -------
    tuple
        Positions in `names`, and what was left out.

    Raises
    ------
    DataError
        If no sample is left, or one stands more than once.
    """
    kept = [position for position, name in enumerate(names) if known is None or name in known]
    if len(kept) == 0:
        raise DataError(_none_known(names, known, item, where))
    repeated = [name for name, n in Counter(names[position] for position in kept).items() if n > 1]
    if len(repeated) > 0:
        what = f"{len(repeated)} samples stand for several {item}: {first_examples(repeated)}"
        why = f"It is not known which of the {item} is the sample"
        raise DataError(Problem(where, what, why, "Give each its own name, or leave the copy out"))
    rest = [name for name in names if known is not None and name not in known]
    if len(rest) == 0:
        return kept, []
    note = f"{item} that the sample sheet does not name: left out"
    return kept, [Count(f"{item} without a row in the sheet", len(rest), len(names), first_examples(rest), note)]


def _none_known(names: Sequence[str], known: Collection[str] | None, item: str, where: str) -> Problem:
    if len(names) == 0 or known is None:
        return Problem(where, f"there are no {item} of samples", "There is nothing to read", "Export the table again")
    shown, wanted = first_examples(names, 2), first_examples(sorted(known), 2)
    what = f"none of the {len(known)} samples of the sample sheet ({wanted}) is among the {item} ({shown})"
    remedy = f"Write these names of {item} into the column `sample` of the sample sheet"
    return Problem(where, what, "Values are joined to animals by the name of the sample", remedy)


def _options(path: str) -> list[list[str]]:
    """Names by part of a path, the file first, then the folders from near to far; each with fewer and fewer endings."""
    return [_shorter(part) for part in reversed(re.split(r"[\\/]+", path.strip()))]


def _shorter(name: str) -> list[str]:
    names = [name]
    while (shorter := _ENDING.sub("", names[-1])) not in ("", names[-1]):
        names.append(shorter)
    if shorter == "":
        names.append("")
    return names


def _apart(written: Sequence[str], options: list[list[list[str]]]) -> list[str]:
    for depth in range(min((len(parts) for parts in options), default=0)):
        names = [parts[depth][-1] for parts in options]
        if len(set(names)) == len(names) and _NO_NAMES.isdisjoint(name.lower() for name in names):
            return names
    return list(written)
