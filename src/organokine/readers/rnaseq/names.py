"""Samples that are named by paths: of alignments in a header, or of files in a folder with one per sample."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

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
