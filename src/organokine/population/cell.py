"""One cell: every candidate of a pair of organs at one step of adjustment, against permuted individuals and matched genes."""

from __future__ import annotations

from organokine.population.cohort import Cell, CellResult, Cohort


def run_cell(cohort: Cohort, cell: Cell) -> CellResult:
    """Score all candidates of a cell.

    Parameters
    ----------
    cohort : Cohort
        The population.
    cell : Cell
        What to compute.

    Returns
    -------
    CellResult
        The same whatever else is computed, where, and in which order.
    """
    raise NotImplementedError
