"""Gene Ontology: annotations with their evidence codes, and which term lies below which (doi:10.1093/genetics/iyad031)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.references.routes import EXACT_GROUPS, GROUP_ROOTS
from organokine.references.updates.faults import FORMAT_CHANGED, NOT_WHOLE, SourceFault
from organokine.references.updates.reading import Read, opened, parsed

if TYPE_CHECKING:
    from organokine.references.updates.cards import Card

GAF_COLUMNS = (
    "db",
    "object_id",
    "symbol",
    "qualifier",
    "term",
    "reference",
    "code",
    "with",
    "aspect",
    "name",
    "synonym",
    "type",
    "taxon",
    "date",
    "assigned_by",
    "extension",
    "form",
)
"""Columns of a gene association file, version 2.2, which has no header."""
DISTRUSTED = ("Reactome",)
"""Assigners whose annotations are left out: Reactome states that what platelets and neutrophils let go is outside the cell, titin
and NF-kappa B among it."""
UPWARDS = ("is_a", "part_of")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_annotations(path: Path, card: Card) -> Read:
    """Read the annotations of one species.

    Parameters
    ----------
    path : pathlib.Path
        A gene association file (GAF 2.1 or 2.2), compressed or not.
    card : Card
        The source.

    Returns
    -------
    Read
        Annotations to cellular components and molecular functions: object_id (accession without its database), symbol, term,
        code. Negated ones (`NOT`) and those of `DISTRUSTED` are left out and counted. The version is the date of the file.
    """
    named = {name: name for name in ("object_id", "symbol", "qualifier", "term", "code", "aspect", "assigned_by")}
    with opened(path, card) as stream:
        version = _gaf_header(stream)
        table = parsed(stream, GAF_COLUMNS, named, card, keep=lambda piece: piece["aspect"].isin(["C", "F"]))
    negated = table["qualifier"].str.split("|").map(lambda parts: "NOT" in parts)
    distrusted = table["assigned_by"].isin(DISTRUSTED)
    kept = table.loc[~negated & ~distrusted, ["object_id", "symbol", "term", "code"]]
    skipped = {"negated": int(negated.sum()), "assigned by Reactome": int((distrusted & ~negated).sum())}
    return Read(kept.drop_duplicates(ignore_index=True), version, skipped)


def _gaf_header(stream: io.BufferedReader) -> str:
    """Skip the comments at the head and give the date they name; the stream stands at the first row after it."""
    version, seen = "", False
    while stream.peek(1)[:1] == b"!":
        line = stream.readline().decode("utf-8", errors="replace")
        seen = seen or line.startswith("!gaf-version: 2")
        if line.startswith("!date-generated:") and version == "":
            found = _DATE.search(line)
            version = "" if found is None else found.group()
    if not seen:
        what = "it does not begin with `!gaf-version: 2`, so it is no gene association file"
        raise SourceFault(what, FORMAT_CHANGED)
    return version


def read_terms(path: Path, card: Card) -> Read:
    """Read the ontology.

    Parameters
    ----------
    path : pathlib.Path
        `go-basic.obo`.
    card : Card
        The source.

    Returns
    -------
    Read
        Pairs of term and the term right above it (by `is_a` or `part_of`), columns term, above; a replaced term points to the
        one that replaced it. The version is that of the ontology.
    """
    rows: list[tuple[str, str]] = []
    version, term, n_terms, in_term = "", "", 0, False
    with opened(path, card) as stream:
        for raw in stream:
            line = raw.decode("utf-8", errors="replace").rstrip()
            key, _, value = line.partition(": ")
            if line.startswith("["):
                in_term = line == "[Term]"
                n_terms += in_term
            elif key == "data-version" and n_terms == 0:
                version = value.rpartition("/")[2]
            elif in_term and key == "id":
                term = value
                rows.append((term, term))
            elif in_term:
                rows += _links(term, key, value)
    if n_terms < card.fewest:
        what = f"it has {n_terms:,} terms, at least {card.fewest:,} are expected: it is not whole"
        raise SourceFault(what, NOT_WHOLE)
    return Read(pd.DataFrame(rows, columns=["term", "above"]), version)


def _links(term: str, key: str, value: str) -> list[tuple[str, str]]:
    if key == "is_a":
        return [(term, value.split(" ", maxsplit=1)[0])]
    if key == "relationship" and value.split(" ", maxsplit=1)[0] in UPWARDS:
        return [(term, value.split(" ")[1])]
    return [(value, term)] if key == "alt_id" else []


def terms_of_groups(links: pd.DataFrame) -> pd.DataFrame:
    """Terms of each group of `organokine.references.routes.GROUP_ROOTS`.

    Parameters
    ----------
    links : pandas.DataFrame
        Columns term, above.

    Returns
    -------
    pandas.DataFrame
        Columns group, term: the roots, and unless the group holds its roots only, all terms below them.
    """
    below: dict[str, list[str]] = {}
    for term, above in zip(links["term"], links["above"], strict=True):
        below.setdefault(above, []).append(term)
    rows = [
        (group, term)
        for group, roots in GROUP_ROOTS.items()
        for term in sorted(set(roots) if group in EXACT_GROUPS else _closure(roots, below))
    ]
    return pd.DataFrame(rows, columns=["group", "term"])


def _closure(roots: Iterable[str], below: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while len(waiting) > 0:
        term = waiting.pop()
        if term not in found:
            found.add(term)
            waiting += below.get(term, [])
    return found
