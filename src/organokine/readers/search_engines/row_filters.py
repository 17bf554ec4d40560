"""Rows of a table of proteins that are left out: contaminants, decoys, flagged rows, and q-values above a level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count
from organokine.readers.cells import is_missing, to_numbers
from organokine.readers.grid import Grid
from organokine.readers.precursors.filters import CONTAMINANTS, is_contaminant, is_decoy, q_value_limits
from organokine.readers.scale import detect_scale

if TYPE_CHECKING:
    from organokine.study_file import AssaySection

_SET = frozenset({"+", "true", "1", "1.0", "yes"})
_NOT_SET = frozenset({"false", "0", "0.0", "no"})


class RowFilter(NamedTuple):
    """Rows to leave out.

    Attributes
    ----------
    item : str
        What they are, for the table `joins`.
    rows : pandas.Series
        Whether each row is one.
    note : str
        How they were known.
    """

    item: str
    rows: pd.Series
    note: str


def keep_rows(
    body: pd.DataFrame, identifier: str, filters: Sequence[RowFilter], where: str
) -> tuple[pd.DataFrame, list[Count]]:
    """Leave rows out; a row is counted under the first filter that holds it.

    Parameters
    ----------
    body : pandas.DataFrame
        Cells of the table.
    identifier : str
        Column that names a row in messages.
    filters : sequence of RowFilter
        What to leave out, in order.
    where : str
        What to call the table in messages.

    Returns
    -------
    tuple
        Rows that stay, with a plain index, and one count per filter that held a row.

    Raises
    ------
    DataError
        If no row stays.
    """
    stays = pd.Series(data=True, index=body.index)
    counts: dict[str, Count] = {}
    for item, rows, note in filters:
        dropped = stays & rows
        stays &= ~rows
        n = int(dropped.sum())
        if n == 0:
            continue
        example = first_examples(body[identifier][dropped], 1)
        earlier = counts.get(item, Count(item, 0, len(body), example))
        notes = note if earlier.note in ("", note) else f"{earlier.note}, {note}"
        counts[item] = replace(earlier, n=earlier.n + n, note=notes)
    if not stays.any():
        what = (
            f"none of its {len(body)} rows stays ({', '.join(f'{count.n} {item}' for item, count in counts.items())})"
        )
        remedy = "Look at the flags and q-values of the table"
        raise DataError(Problem(where, what, "There is nothing left to read", remedy))
    return body[stays].reset_index(drop=True), list(counts.values())


def prefixed(identifiers: pd.Series) -> list[RowFilter]:
    """Rows whose protein group has the prefix of decoys or contaminants, by the rule for precursors; none where no row has one."""
    decoy = "the accession has the prefix of a decoy"
    contaminant = "a member of the group has the prefix of a contaminant"
    filters = [
        RowFilter("decoys", identifiers.map(is_decoy).astype(bool), decoy),
        RowFilter(CONTAMINANTS, identifiers.map(is_contaminant).astype(bool), contaminant),
    ]
    return [each for each in filters if each.rows.any()]


def contaminant_fraction(
    grid: Grid, filters: Sequence[RowFilter], columns: Sequence[str], assay: AssaySection
) -> np.ndarray | None:
    """Share of the summed intensity of each sample that is in rows left out as contaminants and for no other reason.

    Parameters
    ----------
    grid : Grid
        The table, nothing left out yet.
    filters : sequence of RowFilter
        What is left out.
    columns : sequence of str
        Columns of the samples.
    assay : AssaySection
        Its key `scale` says on which scale the intensities are, if they do not show it; logarithms are summed as intensities.

    Returns
    -------
    numpy.ndarray or None
        (n_columns,) shares; NaN in a sample without intensities. None if the table does not mark contaminants.
    """
    marks = [each.rows.to_numpy(dtype=bool) for each in filters if each.item == CONTAMINANTS]
    if len(marks) == 0:
        return None
    others = [each.rows.to_numpy(dtype=bool) for each in filters if each.item != CONTAMINANTS]
    held = ~np.any([np.zeros(len(grid.body), dtype=bool), *others], axis=0)
    values = to_numbers(grid.body[list(columns)]).numbers
    scale = detect_scale(values[held], assay.modality) if assay.scale == "auto" else assay.scale
    values = np.where(np.isfinite(values), values, -np.inf if scale == "log2" else 0.0)[held]
    if scale == "log2":
        values = np.exp2(values - np.max(values, axis=0, initial=0.0))  # shares need no unit, and large powers overflow
    dropped = values[np.any(marks, axis=0)[held]].sum(axis=0)
    total = values.sum(axis=0)
    fraction = np.full(len(total), np.nan)
    np.divide(dropped, total, out=fraction, where=total > 0)
    return fraction


def flagged(grid: Grid, column: str, item: str, where: str) -> list[RowFilter]:
    """Rows with a mark in a column of flags; none if the table has no such column.

    Parameters
    ----------
    grid : Grid
        The table.
    column : str
        Column of flags: `+`, `True`, `1` or `yes` is set; empty, `False`, `0` or `no` is not.
    item : str
        What flagged rows are.
    where : str
        What to call the table in messages.

    Returns
    -------
    list of RowFilter
        One, or none.

    Raises
    ------
    DataError
        If a cell is neither.
    """
    if column not in grid.header:
        return []
    cells = grid.body[column].str.strip().str.lower()
    is_set = cells.isin(_SET)
    odd = cells[~is_set & ~cells.isin(_NOT_SET) & ~is_missing(cells)]
    if len(odd) > 0:
        what = f"{len(odd)} cells of the column {column!r} are no flags, first {first_examples(odd.unique())}"
        why = "Rows that are no proteins of the sample must be told from those that are"
        raise DataError(Problem(where, what, why, "Write + or nothing, and look whether columns were shifted"))
    return [RowFilter(item, is_set, f"by the column {column!r}")]


def q_value_filters(grid: Grid, assay: AssaySection, where: str) -> list[RowFilter]:
    """Rows above the limits that the key `q_values` gives, and rows without these q-values; none without the key."""
    filters = []
    for column, limit in q_value_limits({}, assay.q_values, tuple(grid.header), where).items():
        cells = to_numbers(grid.body[[column]])
        if len(cells.refused) > 0:
            _, _, text = cells.refused[0]
            what = f"{len(cells.refused)} cells of the column {column!r} are no numbers, first {text!r}"
            raise DataError(Problem(f"{where} q_values", what, "A row is kept by its q-value", "Correct these cells"))
        q_values = pd.Series(cells.numbers[:, 0], index=grid.body.index)
        note = "left out, since the filter cannot be asked"
        filters.append(RowFilter(f"rows without {column}", q_values.isna(), note))
        note = "left out; set by q_values of the assay"
        filters.append(RowFilter(f"rows with {column} above {limit:g}", q_values > limit, note))
    return filters
