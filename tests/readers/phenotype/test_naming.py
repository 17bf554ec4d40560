"""What the names of wide columns tell."""

from __future__ import annotations

import pytest

from organokine.errors import DataError
from organokine.readers.phenotype.naming import places_of

PLACES = {
    "day and trial": (["d1t1", "d1t2", "d2t1"], ["day 1, trial 1", "day 1, trial 2", "day 2, trial 1"]),
    "trial before day": (["trial1_day2", "trial2_day2"], ["day 2, trial 1", "day 2, trial 2"]),
    "two numbers": (["rotarod1_1", "rotarod1_10"], ["day 1, trial 1", "day 1, trial 10"]),
    "days alone": (["Day 1", "Day 2"], ["day 1", "day 2"]),
    "one number": (["pull 1", "pull 2"], ["trial 1", "trial 2"]),
    "no number": (["first", "second"], ["trial 1", "trial 2"]),
    "a copy with a number": (["latency", "latency.1"], ["trial 1", "trial 2"]),
    "a number that all share": (["P7_d1_t1", "P7_d1_t2"], ["day 1, trial 1", "day 1, trial 2"]),
    "three, without words": (["x2024_1_1", "x2024_1_2", "x2024_2_1"], ["day 1, trial 1", "day 1, trial 2", "day 2, trial 1"]),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "expected"), PLACES.values(), ids=PLACES)
def test_names_tell_day_and_trial(columns: list[str], expected: list[str]) -> None:
    assert [str(place) for place in places_of(columns, "rod.tsv")] == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["d1t1", "mean"], "'d1t1' and 'mean' do not have as many numbers"),
        (["left1", "right1"], "'left1' and 'right1' are both read as trial 1"),
        (["a1b1c1", "a2b2c2"], "more numbers in its name than a day and a trial"),
    ],
)
def test_names_that_could_mean_anything_are_refused(columns: list[str], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        places_of(columns, "rod.tsv")
