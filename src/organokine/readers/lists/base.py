"""What every reader of lists gives, and what all of them need: columns by name, numbers, and text put in order first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.readers.annotation import COLUMN_NAMES, simple_name
from organokine.readers.base import Count, Remark
from organokine.readers.cells import to_numbers
from organokine.readers.grid import Grid, grid_of_text, read_grid, read_text
from organokine.readers.sniff import sniff
from organokine.readers.workbook import workbook_rows

if TYPE_CHECKING:
    from organokine.study_file import ListSection

Signal = Literal["peptide", "none", "membrane", ""]
"""What a predictor says of the start of a sequence: a signal peptide, none, a membrane helix instead; empty if it did not look."""

COLUMNS = ("label", "gene", "protein", "route", "signal", "score", "text")
RECEPTOR_COLUMNS = ("ligand", "receptor", "reference", "score")


@dataclass(frozen=True)
class ListTable:
    """A list as its file holds it.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row per statement. Of proteins: text columns `label` (as written, for examples), `gene` and `protein` (symbol and
        accession or sequence header, either may be empty), `route` (of `ROUTES`, or `outside`; empty if none is told),
        `signal` (see `Signal`), `text` (what is said, for the evidence), float `score` (NaN if there is none). Of
        receptors: text columns `ligand`, `receptor`, `reference`, float `score`.
    counts : tuple of Count
        What was repaired or left out.
    remarks : tuple of Remark
        What a user should know of the list.
    version : str
        Program that wrote it, such as `SignalP-6.0`; empty if the file does not say.
    """

    rows: pd.DataFrame
    counts: tuple[Count, ...] = ()
    remarks: tuple[Remark, ...] = ()
    version: str = ""


ReadList = Callable[[Path, "ListSection", str], ListTable]


@dataclass(frozen=True)
class ListReader:
    """The card of a kind of list.

    Attributes
    ----------
    kind : str
        Value of `kind` in the study file.
    read : callable
        Path, section and what to call the list in messages, to a `ListTable`.
    grade : str
        Grade of its evidence unless the key `grade` says otherwise; empty where evidence has none.
    is_prediction : bool
        Whether it speaks of sequences alone.
    """

    kind: str
    read: ReadList
    grade: str
    is_prediction: bool = False


def read_cells(path: Path, where: str, prepare: Callable[[str], str] | None = None) -> Grid:
    """Read a list as text cells.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    where : str
        What to call it in messages.
    prepare : callable, optional
        Puts the text of a text file or a workbook in the order of a table; the cells of a workbook come with tabs between them.

    Returns
    -------
    Grid
        Header and cells.
    """
    kind = sniff(path).kind
    if prepare is not None and kind == "text":
        return grid_of_text(prepare(read_text(path, where)), where)
    if prepare is not None and kind == "workbook":
        rows, _ = workbook_rows(path.read_bytes(), where)
        lines = ("\t".join(" ".join(cell.split()) for cell in row) for row in rows)
        return grid_of_text(prepare("\n".join(lines)), where)
    return read_grid(path, where)


def cells(grid: Grid, key: str, named: str | None, usual: Iterable[str], where: str) -> pd.Series | None:
    """Find a column by the name in the study file, else by the names it usually has.

    Parameters
    ----------
    grid : Grid
        The list.
    key : str
        Key of `columns`, for messages.
    named : str or None
        Its value; a column that was asked for by name must exist.
    usual : iterable of str
        Usual names, lower-case letters and digits only, best first.
    where : str
        What to call the list in messages.

    Returns
    -------
    pandas.Series or None
        Stripped text; None if no column has a usual name.

    Raises
    ------
    DataError
        If the named column does not exist.
    """
    by_name = {simple_name(name): name for name in reversed(grid.header)}
    found = named if named is not None else next((by_name[name] for name in usual if name in by_name), None)
    if found is None:
        return None
    if found not in grid.header:
        near = nearest(found, grid.header)
        remedy = f"Write {near!r}" if near is not None else f"Columns are {first_examples(grid.header, 8)}"
        why = "It was asked for by name, so none is guessed"
        raise DataError(Problem(f"{where} columns.{key}", f"there is no column {found!r}", why, remedy))
    return grid.body[found].str.strip()


def needed_cells(grid: Grid, key: str, named: str | None, usual: Iterable[str], where: str, why: str) -> pd.Series:
    """Find a column as `cells` does; `why` the list cannot do without it is said in the `DataError` if there is none."""
    found = cells(grid, key, named, usual, where)
    if found is None:
        what = f"no column of {key}s was found among {first_examples(grid.header, 8)}"
        raise DataError(Problem(where, what, why, f"Name it: columns = {{ {key} = ... }}"))
    return found


def gene_and_protein(
    grid: Grid, section: ListSection, where: str, usual_protein: Iterable[str] = ()
) -> tuple[pd.Series, pd.Series]:
    """Columns of symbols and of accessions; one of them may be absent, and is then empty.

    Raises
    ------
    DataError
        If there is neither.
    """
    named = section.columns
    gene = cells(grid, "gene", named.gene, COLUMN_NAMES["gene"], where)
    protein = cells(grid, "protein", named.protein, (*usual_protein, *COLUMN_NAMES["protein"]), where)
    if gene is None and protein is None:
        raise DataError(
            Problem(
                where,
                f"no column of genes or proteins was found among {first_examples(grid.header, 8)}",
                "Rows of a list are joined with the study by their gene",
                "Name the column of symbols or of accessions: columns = { gene = ... } or columns = { protein = ... }",
            )
        )
    none = pd.Series("", index=grid.body.index, dtype=object)
    return (none if gene is None else gene), (none if protein is None else protein)


def scores(column: pd.Series | None, index: pd.Index, key: str, where: str) -> pd.Series:
    """A column as numbers, NaN where a cell is empty or there is no column; text that is no number is refused."""
    if column is None:
        return pd.Series(np.nan, index=index)
    read = to_numbers(column.to_frame())
    if len(read.refused) > 0:
        examples = first_examples(dict.fromkeys(text for _, _, text in read.refused))
        what = f"{len(read.refused)} cells of the column {column.name!r} are no number: {examples}"
        raise DataError(
            Problem(f"{where} {key}", what, "The threshold is compared with it", "Name the column of the score")
        )
    return pd.Series(read.numbers[:, 0], index=index)


def statements(
    gene: pd.Series, protein: pd.Series, route: pd.Series, signal: pd.Series, score: pd.Series, text: pd.Series
) -> pd.DataFrame:
    """Put the columns of a `ListTable` of proteins together."""
    label = protein.where(protein != "", gene)
    label = label.where(label != "", "an empty cell")
    columns = dict(zip(COLUMNS, (label, gene, protein, route, signal, score, text), strict=True))
    return pd.DataFrame(columns).reset_index(drop=True)
