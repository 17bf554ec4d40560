"""Without an effect the models reject as often as they say, and counting trials as animals does not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, ttest_1samp

from behaviour_models import learning_rejections, rotarod_rejections, slips

LEVEL = 0.05


def shares(one, n_studies: int, seed: int, *arguments, **options) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    found = [one(rng, *arguments, **options) for _ in range(n_studies)]
    return {way: sum(each[way] for each in found) for way in found[0]}


def within(rejected: int, n_studies: int) -> bool:
    """Whether so many rejections are what 5 % brings in all but one of a thousand tries."""
    return bool(binom.ppf(0.0005, n_studies, LEVEL) <= rejected <= binom.ppf(0.9995, n_studies, LEVEL))


@pytest.mark.parametrize(
    ("n", "animal_sd", "options"),
    [
        (4, 0.0, {"missing": True}),
        (4, 0.8, {"missing": True}),
        (8, 0.5, {"missing": True}),
        (8, 0.7, {"missing": True, "n_cages": 8, "by_cage": True, "cage_sd": 1.0}),
    ],
)
def test_the_mixed_model_keeps_its_level(n: int, animal_sd: float, options: dict) -> None:
    n_studies = 120
    found = shares(rotarod_rejections, n_studies, 5, n, animal_sd, **options)
    assert within(found["mixed model"], n_studies)
    assert within(found["learning"], n_studies)
    # What is done instead: trials as animals where animals differ, animals where cages are the unit.
    if animal_sd > 0:
        assert not within(found["trials"], n_studies)
    if "n_cages" in options:
        assert found["means"] > found["mixed model"]


def test_learning_is_tested_by_the_slopes_of_animals() -> None:
    found = shares(learning_rejections, 120, 8, 8, 0.6)
    assert within(found["slopes of animals"], 120)
    assert not within(found["random intercepts"], 120)


@pytest.mark.parametrize(("n", "shape"), [(4, 1.5), (8, 1.5), (8, np.inf)])
def test_rates_keep_their_level(n: int, shape: float) -> None:
    n_studies = 250
    found = shares(slips, n_studies, 6, n, 8.0, shape)
    assert found["held"] <= binom.ppf(0.9995, n_studies, LEVEL)
    assert found["held"] <= found["not held"]
    assert within(found["not held"], n_studies)
    if np.isfinite(shape):
        assert found["trials"] > binom.ppf(0.9995, n_studies, LEVEL)


def test_the_check_of_levels_can_fail() -> None:
    rng = np.random.default_rng(7)
    too_small = sum(ttest_1samp(rng.normal(size=4), 0).statistic.__abs__() > 1.96 for _ in range(250))
    assert not within(too_small, 250)
