"""Design matrices: what is in them, what is left out, and that this is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.phenotype import Trials
from organokine.phenotype.design import make_design
from tests.simulated_function import as_trials


def some(**columns: list) -> Trials:
    """Six animals, three of each group, with further columns; those not known to `Trials` are covariates."""
    frame = pd.DataFrame(
        {
            "subject": list("abcdef"),
            "group": ["old"] * 3 + ["young"] * 3,
            "measure": "x",
            "value": [1.0, 2, 3, 4, 5, 6],
            **columns,
        }
    )
    extra = tuple(name for name in columns if name not in {"sex", "cage", "weight", "speed", "day"})
    return as_trials("scalar", frame, covariates=extra)


def test_the_group_is_half_a_unit_to_either_side() -> None:
    trials = some()
    design = make_design(trials.rows, trials)
    assert design.names == ("intercept", "group")
    assert design.matrix[:, 1].tolist() == [0.5] * 3 + [-0.5] * 3
    assert (design.adjusted_for, design.notes) == ((), ())
    swapped = make_design(trials.rows, replace(trials, case="young", control="old"))
    assert swapped.matrix[:, 1].tolist() == [-0.5] * 3 + [0.5] * 3


def test_what_is_adjusted_for_is_centred_over_animals() -> None:
    trials = some(sex=list("fmmffm"), weight=[20.0, 25, 30, 35, 22, 28], batch=["1", "2", "3", "1", "2", "3"])
    design = make_design(trials.rows, trials, numbers=("weight",))
    assert design.names == ("intercept", "group", "sex", "batch", "weight")
    assert design.adjusted_for == ("sex", "batch", "weight")
    np.testing.assert_allclose(design.matrix[:, 2:].mean(axis=0), 0, atol=1e-12)
    # An animal with more rows does not move the middle.
    rows = pd.concat([trials.rows, trials.rows.iloc[[0, 0, 0]]], ignore_index=True)
    more = make_design(rows, trials, numbers=("weight",))
    np.testing.assert_allclose(more.matrix[:6], design.matrix, atol=1e-12)


def test_days_are_centred_over_the_days_tested() -> None:
    trials = some(day=[1.0, 1, 2, 1, 2, 4])
    design = make_design(trials.rows, trials, numbers=("day",), interaction="day")
    assert design.names == ("intercept", "group", "day", "group x day")
    middle = (1 + 2 + 4) / 3
    np.testing.assert_allclose(design.matrix[:, 2], trials.rows["day"] - middle)
    np.testing.assert_allclose(design.matrix[:, 3], design.matrix[:, 1] * design.matrix[:, 2])


def test_a_text_covariate_has_a_column_for_each_level_but_the_first() -> None:
    trials = some(cohort=["a", "b", "c", "a", "b", "c"])
    design = make_design(trials.rows, trials)
    assert design.names == ("intercept", "group", "cohort b", "cohort c")
    assert design.adjusted_for == ("cohort",)


@pytest.mark.parametrize(
    "columns",
    [
        {"sex": list("fffmmm")},
        {"cohort": ["1", "1", "1", "2", "2", "2"]},
        {"cohort": ["a", "a", "a", "b", "b", "b"]},
    ],
)
def test_what_goes_with_the_group_leaves_the_group_and_is_told(columns: dict) -> None:
    trials = some(**columns)
    design = make_design(trials.rows, trials)
    assert design.names == ("intercept", "group")
    name = next(iter(columns))
    assert len(design.notes) == 1
    assert name in design.notes[0]
    assert "cannot be told from the group" in design.notes[0]


@pytest.mark.parametrize(
    "columns",
    [
        {"sex": ["f", "m", "", "f", "m", "f"]},
        {"age": ["3", "4", "", "5", "4", "6"]},
        {"room": ["a", "b", "", "a", "b", "a"]},
    ],
)
def test_what_is_not_known_of_all_is_not_adjusted_for(columns: dict) -> None:
    trials = some(**columns)
    design = make_design(trials.rows, trials)
    assert (design.names, len(design.rows)) == (("intercept", "group"), 6)
    assert "not known of 1 animals" in design.notes[0]


def test_animals_without_a_number_are_left_out_and_counted() -> None:
    trials = some(weight=[20.0, np.nan, 30, 35, 22, 28])
    design = make_design(trials.rows, trials, numbers=("weight",))
    assert sorted(design.rows["subject"]) == list("acdef")
    assert design.notes == ("1 animal without weight is left out",)
    np.testing.assert_allclose(design.matrix[:, 2].mean(), 0, atol=1e-12)


def test_values_without_a_number_are_counted_too() -> None:
    trials = some(speed=[1.0, 2, 3, 4, 5, 6])
    rows = pd.concat([trials.rows, trials.rows.assign(speed=np.nan).iloc[:2]], ignore_index=True)
    design = make_design(rows, trials, numbers=("speed",))
    assert design.notes == ("2 values without speed of other animals are left out",)


def test_a_number_that_nobody_has_is_not_asked_for() -> None:
    trials = some()
    design = make_design(trials.rows, trials, numbers=("weight",))
    assert (design.names, len(design.rows), design.adjusted_for) == (("intercept", "group"), 6, ())


@given(
    sex=st.lists(st.sampled_from("fm"), min_size=6, max_size=6),
    weight=st.lists(st.integers(1, 3), min_size=6, max_size=6),
    room=st.lists(st.sampled_from(["1", "2", "a", ""]), min_size=6, max_size=6),
    unit=st.sampled_from([1e-9, 1.0, 1e9]),
)
@settings(max_examples=60)
def test_designs_have_full_rank_in_any_unit(sex: list, weight: list, room: list, unit: float) -> None:
    def design_of(scale: float):
        trials = some(sex=sex, weight=[scale * each for each in weight], room=room)
        return make_design(trials.rows, trials, numbers=("weight",), interaction="weight")

    found = design_of(unit)
    size = np.linalg.norm(found.matrix, axis=0)
    assert (size > 0).all()
    assert np.linalg.matrix_rank(found.matrix / size) == len(found.names)
    assert found.names[:2] == ("intercept", "group")
    assert found.names == design_of(1.0).names
