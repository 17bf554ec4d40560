"""The time that is left is the cost that is left, at the speed so far."""

from __future__ import annotations

import pytest

from organokine.population.cohort import Cell
from organokine.population.plan import plan
from organokine.work_left import cell_costs, in_words, seconds_left
from tests.population.cohorts import small_cohort


def test_pieces_of_equal_speed() -> None:
    costs = [4.0, 2.0, 2.0, 1.0, 1.0]
    assert seconds_left({0: 8.0}, costs, 1) == pytest.approx(12.0)
    assert seconds_left({0: 8.0, 1: 4.0}, costs, 2) == pytest.approx(4.0)
    assert seconds_left({0: 8.0}, costs, 100) == pytest.approx(3.0), "four pieces keep no more than four busy"


def test_nothing_is_told_before_or_after() -> None:
    assert seconds_left({}, [1.0, 2.0], 1) is None
    assert seconds_left({0: 1.0, 1: 2.0}, [1.0, 2.0], 1) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0.01, "about 1 s left"),
        (80, "about 80 s left"),
        (90, "about 2 min left"),
        (5300, "about 88 min left"),
        (9000, "about 2 h left"),
    ],
)
def test_in_words(seconds: float | None, said: str) -> None:
    assert in_words(seconds) == said


def test_costs_follow_individuals_genes_and_draws() -> None:
    cohort = small_cohort(1, n_genes=40)
    cells = plan(cohort).cells
    costs = dict(zip(cells, cell_costs(cohort, cells), strict=True))
    whole = costs[Cell("muscle", "fat", "all", "0")]
    assert whole == 40 * 40 * (40 + 999)
    halves = [cost for cell, cost in costs.items() if cell.stratum != "all" and cell.source == "muscle"]
    assert sum(halves) == pytest.approx(whole)
