"""Precursors of all runs as compact columns: one row per precursor and run, names as integer codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from organokine.errors import first_examples
from organokine.readers.base import Count

if TYPE_CHECKING:
    import pandas as pd

Repeats = Literal["sum", "same"]
OPTIONAL = ("engine_quantity", "mobility", "predicted_mobility", "mz", "charge", "rt")


@dataclass(frozen=True)
class PrecursorTable:
    """Precursors of all runs.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row per precursor, protein group and run. Categories `run`, `precursor`, `protein` (the group as the engine wrote it)
        and `genes`; number `quantity` (linear, above zero); where the file has them `engine_quantity` (of the protein group
        in the run, linear), `mobility` and `predicted_mobility` (1/K0 in V s/cm2, or CCS in square angstrom, as in the file;
        NaN is none), `mz`, `charge` and `rt` (minutes), and the category `sequence` (with modifications, as in the file).
    counts : tuple of Count
        What was left out or put together on the way.
    contaminants : pandas.DataFrame or None
        Rows left out as contaminants, in the form of `rows`; None if the file does not mark them.
    mobility_unit : str
        `1/K0` or `CCS`; empty if the file has no column of ion mobility.
    """

    rows: pd.DataFrame
    counts: tuple[Count, ...] = ()
    contaminants: pd.DataFrame | None = None
    mobility_unit: str = ""


class Wide(NamedTuple):
    """Quantities of precursors by run.

    Attributes
    ----------
    quantities : numpy.ndarray
        (n_precursors, n_runs) float64, NaN is not measured; rows in the order of protein, then precursor.
    protein : numpy.ndarray
        (n_precursors,) position of the protein of each row in `proteins`, rising.
    proteins, precursors, runs : list of str
        Names of proteins, of rows and of columns; every protein has a row.
    repeated : int
        Rows of the table that repeat a precursor in a run.
    differing : int
        Cells whose rows have different quantities.
    """

    quantities: np.ndarray
    protein: np.ndarray
    proteins: list[str]
    precursors: list[str]
    runs: list[str]
    repeated: int
    differing: int


def measured(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Count]]:
    """Keep rows with a quantity above zero; a zero is how engines write that nothing was measured."""
    quantity = rows["quantity"].to_numpy(dtype=float)
    faults = {
        "precursors without a quantity": np.isnan(quantity),
        "quantities of zero": quantity == 0,
        "quantities below zero or infinite": (quantity < 0) | np.isinf(quantity),
    }
    note = "precursors in a run, taken as not measured"
    counts = [Count(item, int(rows_.sum()), len(rows), "", note) for item, rows_ in faults.items() if rows_.any()]
    good = np.isfinite(quantity) & (quantity > 0)
    return (rows if good.all() else rows[good]), counts


def to_wide(rows: pd.DataFrame, repeats: Repeats) -> Wide:
    """Spread precursors over runs.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a `PrecursorTable`.
    repeats : str
        A precursor that stands several times in a run: several features or fractions, which are summed (`sum`), or one
        quantity written again, as beside each of its fragments (`same`; the largest is taken if they differ).

    Returns
    -------
    Wide
        The same for any order of the rows.
    """
    runs, n_runs = rows["run"].cat.codes.to_numpy(), len(rows["run"].cat.categories)
    protein_names, protein = _sorted_codes(rows["protein"])
    precursor_names, precursor = _sorted_codes(rows["precursor"])
    pairs, row = np.unique(protein * len(precursor_names) + precursor, return_inverse=True)
    cell = row * n_runs + runs
    quantity = rows["quantity"].to_numpy(dtype=float)
    filled = np.full(len(pairs) * n_runs, np.nan)
    filled[cell] = quantity
    again = np.bincount(cell, minlength=len(filled))[cell] > 1
    places, put_together, differing = _put_together(cell[again], quantity[again], repeats)
    filled[places] = put_together
    used, position = np.unique(pairs // len(precursor_names), return_inverse=True)
    return Wide(
        quantities=filled.reshape(len(pairs), n_runs),
        protein=position,
        proteins=[protein_names[code] for code in used.tolist()],
        precursors=[precursor_names[code] for code in (pairs % len(precursor_names)).tolist()],
        runs=[str(name) for name in rows["run"].cat.categories],
        repeated=int(again.sum()) - len(places),
        differing=differing,
    )


def _put_together(cell: np.ndarray, quantity: np.ndarray, repeats: Repeats) -> tuple[np.ndarray, np.ndarray, int]:
    """Cells, one value for each, and how many had several values; small quantities are added first, in whatever order they came."""
    if len(cell) == 0:
        return cell, quantity, 0
    order = np.lexsort((quantity, cell))
    cell, quantity = cell[order], quantity[order]
    starts = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    lowest, highest = quantity[starts], np.maximum.reduceat(quantity, starts)
    values = np.add.reduceat(quantity, starts) if repeats == "sum" else highest
    return cell[starts], values, int((lowest != highest).sum())


def _sorted_codes(column: pd.Series) -> tuple[list[str], np.ndarray]:
    """Names in alphabetical order, and the position of each row among them."""
    names = [str(name) for name in column.cat.categories]
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    return [names[i] for i in order], rank[column.cat.codes.to_numpy()]


def genes_of(rows: pd.DataFrame) -> dict[str, str]:
    """All genes of each protein group, joined by `;` in the order in which the file first names them."""
    pairs = rows[["protein", "genes"]].drop_duplicates()
    found: dict[str, dict[str, None]] = {}
    for protein, genes in zip(pairs["protein"], pairs["genes"], strict=True):
        members = found.setdefault(str(protein), {})
        members.update(dict.fromkeys(part.strip() for part in str(genes).split(";") if part.strip() != ""))
    return {protein: ";".join(members) for protein, members in found.items()}


def count_repeats(wide: Wide, n_rows: int, repeats: Repeats) -> list[Count]:
    """What was put together when precursors were spread over runs."""
    if wide.repeated == 0:
        return []
    if repeats == "sum":
        note = "several features or fractions of one precursor in a sample: summed"
    else:
        note = f"one quantity written again; of {wide.differing} that differ the largest is taken"
    return [Count("precursors repeated in a run", wide.repeated, n_rows, "", note)]


def several_groups(rows: pd.DataFrame) -> list[Count]:
    """Precursors that the engine puts into several protein groups."""
    pairs = rows[["precursor", "protein"]].drop_duplicates()
    names = pairs["precursor"][pairs["precursor"].duplicated()].unique()
    if len(names) == 0:
        return []
    note = "they count for each of their groups"
    n_all = pairs["precursor"].nunique()
    return [Count("precursors in several protein groups", len(names), n_all, first_examples(names), note)]
