"""Counts by featureCounts: one table, a comment with the command above its header, columns named by alignments."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import RawTable
from organokine.readers.grid import read_grid
from organokine.readers.rnaseq.tables import counted_columns, gene_table
from organokine.readers.sniff import sniff

if TYPE_CHECKING:
    from organokine.readers.sniff import Sniffed
    from organokine.study_file import AssaySection

IDENTIFIER = "Geneid"
PLACE = ("Chr", "Start", "End", "Strand", "Length")


def is_featurecounts(sniffed: Sniffed) -> bool:
    """A text whose header, below its comment, names gene and place."""
    header = next((line.split("\t") for line in sniffed.lines if not line.startswith("#")), [])
    columns = {name.strip().strip('"') for name in header}
    return IDENTIFIER in columns and (set(PLACE) <= columns or sniffed.lines[0].startswith("# Program:featureCounts"))


def read_featurecounts(
    path: Path, assay: AssaySection, folder: Path, known: Collection[str] | None, where: str
) -> RawTable:
    """Read the table of featureCounts.

    Parameters
    ----------
    path, assay, folder, known, where
        As of every reader; see `Reader`. A column named by an alignment is known by its stem.

    Returns
    -------
    RawTable
        Counts; extra attributes such as `gene_name` are annotation.

    Raises
    ------
    DataError
        With what is wrong with the table.
    """
    grid = read_grid(path, where)
    if IDENTIFIER not in grid.header:
        what = f"there is no column {IDENTIFIER!r}; columns are {first_examples(grid.header, 8)}"
        why = "featureCounts names genes in that column"
        raise DataError(
            Problem(where, what, why, 'Give the table as featureCounts wrote it, or write format = "matrix"')
        )
    identifiers = grid.body[IDENTIFIER].str.strip()
    columns = [name for name in grid.header if name not in (IDENTIFIER, *PLACE)]
    values, rest, counts = counted_columns(grid.body, columns, known, where)
    values.index = pd.Index(identifiers, dtype=object)
    lines = sniff(path).lines
    program = re.search(r"featureCounts v?([0-9][\w.]*)", lines[0]) if len(lines) > 0 else None
    return gene_table(
        values,
        grid.body[rest],
        assay,
        folder,
        where,
        counts=[*grid.counts, *counts],
        engine="featureCounts",
        version="" if program is None else program[1],
    )
