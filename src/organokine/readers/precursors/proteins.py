"""From precursors to protein groups: directLFQ on the precursors, or the engine's own quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count
from organokine.readers.precursors.filters import leading_accession
from organokine.readers.precursors.lfq import protein_profiles
from organokine.readers.precursors.table import (
    PrecursorTable,
    Repeats,
    Wide,
    count_repeats,
    genes_of,
    measured,
    several_groups,
    to_wide,
)

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["auto", "directlfq", "engine"]


class Proteins(NamedTuple):
    """Protein groups by run.

    Attributes
    ----------
    values : pandas.DataFrame
        Protein groups x runs, linear, NaN is not measured.
    features : pandas.DataFrame
        Same index; `gene` (all genes of the group, joined by `;`), `protein` (accession of the first member) and `precursors`
        (number of precursors of the group in the table).
    counts : tuple of Count
        How it was done, and what was left out.
    """

    values: pd.DataFrame
    features: pd.DataFrame
    counts: tuple[Count, ...]


def to_proteins(
    precursors: PrecursorTable,
    method: Method,
    where: str,
    repeats: Repeats = "same",
    anchors: int = 10,
    most: int = 100,
) -> Proteins:
    """Bring precursors together to the protein groups of the engine.

    Samples are not normalised here: a shift of all precursors of a run shifts its protein intensities by as much and changes
    nothing else, so it is left to `[prepare]`.

    Parameters
    ----------
    precursors : PrecursorTable
        Precursors of the runs that are samples.
    method : str
        `directlfq` (also `auto`), or `engine`: the quantity that the engine gave the group in the run.
    where : str
        What to call the table in messages.
    repeats : str
        What a precursor repeated in a run means; see `to_wide`.
    anchors : int
        Precursors of a protein with the fewest missing values, which directLFQ aligns pair by pair; 10 as its authors advise.

    most : int
        Precursors of a protein that directLFQ uses at most; 100 as in the package.

    Returns
    -------
    Proteins
        Groups in alphabetical order, so that the order of the rows does not matter.

    Raises
    ------
    DataError
        If nothing was measured, or the table holds no quantity of the engine and it is asked for.

    References
    ----------
    Ammar, Schessner, Willems, Michaelis and Mann, Molecular & Cellular Proteomics 22, 100581 (2023).
    """
    import pandas as pd

    rows, counts = measured(precursors.rows)
    if len(rows) == 0:
        why = "There is nothing to compare"
        remedy = "Look at the filters, which q_values of the assay sets, and at the samples of the sheet"
        raise DataError(Problem(where, "no precursor with a quantity is left", why, remedy))
    wide = to_wide(rows, repeats)
    counts += [*count_repeats(wide, len(rows), repeats), *several_groups(rows)]
    if method == "engine":
        values, more = _engine_quantity(rows, wide, where)
    else:
        values, more = _directlfq(wide, anchors, most)
    genes = genes_of(rows)
    per_protein = np.bincount(wide.protein, minlength=len(wide.proteins)).astype(float)
    features = pd.DataFrame(
        {
            "gene": [genes[name] for name in wide.proteins],
            "protein": [leading_accession(name) for name in wide.proteins],
            "precursors": per_protein,
        },
        index=pd.Index(wide.proteins, dtype=object),
    )
    return Proteins(values, features.loc[values.index], (*counts, *more))


def _engine_quantity(rows: pd.DataFrame, wide: Wide, where: str) -> tuple[pd.DataFrame, list[Count]]:
    import pandas as pd

    if "engine_quantity" not in rows.columns:
        why = 'quantity = "engine" asks for the engine\'s own protein intensities'
        remedy = 'Write quantity = "directlfq", or read the table of proteins that the engine writes'
        raise DataError(
            Problem(f"{where} quantity", "the table of precursors holds no quantity of proteins", why, remedy)
        )
    held = rows[rows["engine_quantity"].to_numpy(dtype=float) > 0]
    cells = held.groupby(["protein", "run"], observed=True)["engine_quantity"].agg(["min", "max"]).reset_index()
    differing = int((cells["max"] > cells["min"] * (1 + 1e-4)).sum())  # written with five digits at least
    grid = np.full((len(wide.proteins), len(wide.runs)), np.nan)
    places = pd.Index(wide.proteins).get_indexer(pd.Index(cells["protein"].astype(str)))
    grid[places, cells["run"].cat.codes.to_numpy()] = cells["max"].to_numpy(dtype=float)
    values = _values(grid, wide)
    counts = [Count("protein intensities by the engine", len(values), len(values), "", "its own quantity of the group")]
    if differing > 0:
        note = "quantities of a group that differ between its rows in a run: the largest is taken"
        counts.append(Count("protein quantities that differ", differing, len(cells), "", note))
    return _with_values(values, "the engine gives", "", counts)


def _directlfq(wide: Wide, anchors: int, most: int) -> tuple[pd.DataFrame, list[Count]]:
    values = _values(2.0 ** protein_profiles(np.log2(wide.quantities), wide.protein, anchors, most), wide)
    note = f"directLFQ on {len(wide.protein)} precursors; samples are normalised by [prepare], not here"
    counts = [Count("protein intensities by directLFQ", len(values), len(values), "", note)]
    return _with_values(values, "directLFQ gives", ": it needs a precursor that was measured in two samples", counts)


def _values(grid: np.ndarray, wide: Wide) -> pd.DataFrame:
    import pandas as pd

    index, columns = pd.Index(wide.proteins, dtype=object), pd.Index(wide.runs, dtype=object)
    return pd.DataFrame(grid, index=index, columns=columns)


def _with_values(values: pd.DataFrame, who: str, why: str, counts: list[Count]) -> tuple[pd.DataFrame, list[Count]]:
    empty = values.isna().all(axis="columns")
    if empty.any():
        examples = first_examples(empty.index[empty])
        counts.append(Count(f"proteins {who} no value", int(empty.sum()), len(empty), examples, f"left out{why}"))
    return values[~empty], counts
