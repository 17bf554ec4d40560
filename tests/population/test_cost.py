"""What the score costs beside the matrix products that it cannot do without."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from organokine.population.blocks import SOURCE_BLOCK, TARGET_BLOCK, score_rows
from organokine.population.units import unit_rows


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_the_score_costs_at_most_twice_its_matrix_products() -> None:
    rng = np.random.default_rng(1)
    source, target = (unit_rows(rng.normal(size=(m, 200)), np.ones((200, 1)), "bicor") for m in (500, 5000))

    def products() -> None:
        for i in range(0, 500, SOURCE_BLOCK):
            for j in range(0, 5000, TARGET_BLOCK):
                _ = source.vectors[i : i + SOURCE_BLOCK] @ target.vectors[j : j + TARGET_BLOCK].T

    def score() -> None:
        score_rows(source, target, 0, 20)

    with threadpool_limits(1):
        score()
        rounds = [(seconds(score), seconds(products)) for _ in range(25)]
    # The best of each: whatever else the machine does only adds.
    ours, bare = (min(column) for column in zip(*rounds, strict=True))
    assert ours <= 2 * bare
