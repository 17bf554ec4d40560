"""What ion mobility contributes: counted by hand, planted interference found with its size, plain JSON whatever comes in."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.raw.mobility_use import Uses, mobility_use

NAN = np.nan


def uses(rows: dict[tuple[str, int], list[float]], accepted: str = "", samples: str = "abc") -> Uses:
    index = pd.MultiIndex.from_tuples(list(rows), names=["sequence", "charge"])
    values = np.array(list(rows.values()), dtype=float).reshape(len(rows), len(samples))
    return Uses(frozenset(accepted), pd.DataFrame(values, index=index, columns=list(samples)))


WITH = uses({("A", 2): [8, 8, 8], ("B", 2): [4, 8, NAN], ("C", 3): [1, 0, NAN], ("D", 2): [NAN] * 3}, "ABCD")
WITHOUT = uses({("A", 2): [8, 16, 64], ("B", 2): [4, 8, 8], ("E", 3): [1, NAN, NAN]}, "ABE")


def test_everything_by_hand() -> None:
    found = mobility_use(WITH, WITHOUT, 3)
    assert found["window_percent"] == 3.0
    assert found["peptides"] == {"with": 4, "without": 3, "both": 2, "only_with": 2, "only_without": 1}
    assert found["quantities"] == {
        "precursors_with": 3, "cells_with": 6, "precursors_without": 3, "cells_without": 7, "cells_both": 5
    }  # fmt: skip
    # log2 ratios 0, 1, 3 of A and 0, 0 of B: exactly twice as large is not more than twice.
    assert found["interference"] == pytest.approx({"median_log2": 0.0, "high_log2": 2.2, "share_twice": 0.2})
    # With: A deviates by 0, 0, 0 and B by -1/2, 1/2; levels of samples -1/4, 1/4, 0; what is left of A is 1/4, -1/4, 0 and of B -1/4, 1/4.
    # Without: A by -1, 0, 2, B by -1/2, 1/2; levels -3/4, 1/4, 2; what is left of A is -1/4, -1/4, 0 and of B 1/4, 1/4.
    assert found["spread_between_samples"] == pytest.approx({"precursors": 2, "with": 0.375, "without": 0.125})


def test_without_the_comparison_only_one_side_is_told() -> None:
    found = mobility_use(WITH, None, 3.0)
    assert found["peptides"] == {"with": 4, "without": None, "both": None, "only_with": None, "only_without": None}
    assert found["quantities"]["cells_with"] == 6
    assert found["quantities"]["cells_without"] is None
    assert found["interference"] is found["spread_between_samples"] is None


def test_planted_interference_and_noise_are_found_with_their_size() -> None:
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_tuples([(f"P{n}", 2) for n in range(800)], names=["sequence", "charge"])
    log2 = rng.normal(15, 3, (800, 1)) + rng.normal(0, 0.2, (800, 6)) + np.array([0, 1, -1, 0, 2, 0])
    inside = pd.DataFrame(2**log2, index=index, columns=list("abcdef"))
    is_disturbed = rng.random((800, 6)) < 0.3
    outside = inside * np.where(is_disturbed, 2 ** rng.uniform(1.5, 3, (800, 6)), 1.0)
    same = mobility_use(Uses(frozenset(), inside), Uses(frozenset(), inside), 3.0)
    # Two normal values of SD 0.2 differ by 0.6745 x 0.2 x sqrt(2) in the median; a tenth less in six samples of which the median is taken.
    assert same["spread_between_samples"]["with"] == pytest.approx(0.6745 * 0.2 * 2**0.5, rel=0.1)
    assert same["spread_between_samples"]["with"] == same["spread_between_samples"]["without"]
    assert same["interference"] == {"median_log2": 0.0, "high_log2": 0.0, "share_twice": 0.0}
    found = mobility_use(Uses(frozenset(), inside), Uses(frozenset(), outside), 3.0)
    assert found["interference"]["share_twice"] == pytest.approx(is_disturbed.mean())
    assert found["spread_between_samples"]["without"] > 2 * found["spread_between_samples"]["with"]
    fewer = mobility_use(Uses(frozenset(), inside), Uses(frozenset(), outside), 3.0, most_precursors=200)
    assert fewer["spread_between_samples"]["without"] == pytest.approx(
        found["spread_between_samples"]["without"], rel=0.15
    )


@pytest.mark.parametrize("samples", ["", "a", "ab"])
def test_nothing_measured_is_no_number_and_no_warning(samples: str) -> None:
    none = uses({}, samples=samples)
    missing = uses({("A", 2): [NAN] * len(samples)}, samples=samples)
    for one, other in ((none, none), (none, missing), (missing, missing), (missing, none)):
        found = mobility_use(one, other, 3.0)
        assert found["interference"] is found["spread_between_samples"] is None
        assert found["quantities"]["cells_both"] == 0


CELL = st.sampled_from([NAN, 0.0, 1.0, 3.0, 1e12, np.inf])
ROWS = st.dictionaries(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from([2, 3])), st.lists(CELL, min_size=3, max_size=3)
)


@settings(max_examples=25, deadline=None)
@given(ROWS, ROWS, st.permutations("abc"))
def test_any_cells_give_plain_json_and_order_does_not_matter(one: Any, other: Any, samples: Any) -> None:
    first, second = uses(one, "AB"), uses(other, "B")
    found = mobility_use(first, second, 3.0)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    turned = Uses(first.accepted, first.quantities.iloc[::-1][list(samples)])
    again = mobility_use(turned, Uses(second.accepted, second.quantities.iloc[::-1]), 3.0)
    spread, spread_again = found.pop("spread_between_samples"), again.pop("spread_between_samples")
    assert again == found
    assert (spread is None) == (spread_again is None)
    if spread is not None:
        assert spread_again == pytest.approx(spread)
