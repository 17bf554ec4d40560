"""How long work of unequal pieces will still take, from the pieces that are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from organokine.population.cohort import ALL, Cell, Cohort, Pair
from organokine.population.pairing import shared_individuals, strata_of


def cell_costs(cohort: Cohort, cells: Sequence[Cell]) -> list[float]:
    """What each cell costs beside the others: products of individuals, targets, and scored genes with draws.

    Parameters
    ----------
    cohort : Cohort
        The cohort.
    cells : sequence of Cell
        Cells of its plan.

    Returns
    -------
    list of float
        Above 0, in no unit.
    """
    people: dict[tuple[Pair, str], int] = {}
    costs = []
    for cell in cells:
        pair = Pair(cell.source, cell.target)
        if (pair, cell.stratum) not in people:
            for stratum, names in _strata(cohort, pair).items():
                people[pair, stratum] = len(names)
        n = max(people.get((pair, cell.stratum), 1), 1)
        source, target = cohort.matrices[cell.source], cohort.matrices[cell.target]
        costs.append(float(n) * max(len(target.genes), 1) * (len(source.genes) + cohort.options.permutations))
    return costs


def seconds_left(done: Mapping[int, float], costs: Sequence[float], n_slots: int) -> float | None:
    """Seconds until all is done.

    Parameters
    ----------
    done : mapping of int to float
        Seconds that each finished piece took, by its place.
    costs : sequence of float
        What each piece costs beside the others.
    n_slots : int
        Pieces that are computed at a time.

    Returns
    -------
    float or None
        The cost of what is left at the speed so far, shared by the slots; None before anything is done, and once all is.
    """
    paid = sum(costs[place] for place in done)
    left = [cost for place, cost in enumerate(costs) if place not in done]
    if paid == 0 or len(left) == 0:
        return None
    return sum(done.values()) / paid * sum(left) / min(n_slots, len(left))


def in_words(seconds: float | None) -> str:
    """A time that is left as one would say it; empty if it is not known."""
    if seconds is None:
        return ""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * size:
            return f"about {seconds / size:.0f} {unit} left"
    return f"about {max(round(seconds), 1)} s left"


def _strata(cohort: Cohort, pair: Pair) -> dict[str, list[str]]:
    return strata_of(cohort, pair) | {ALL: shared_individuals(cohort, pair).both}
