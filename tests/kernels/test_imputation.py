from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine.kernels.imputation import downshift, nearest_neighbours


def with_gaps(seed: int, n_features: int = 40, n_samples: int = 7, share: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(20, 3, (n_features, 1)) + rng.normal(0, 0.5, (n_features, n_samples))
    values[rng.random(values.shape) < share] = np.nan
    return values


def plain_neighbours(values: np.ndarray, k: int) -> np.ndarray:
    """One missing value at a time, as the paper says it."""
    filled = values.copy()
    for row, sample in zip(*np.nonzero(np.isnan(values)), strict=True):
        near = []
        for other in range(len(values)):
            both = np.isfinite(values[row]) & np.isfinite(values[other])
            if np.isfinite(values[other, sample]) and both.any():
                distance = np.sqrt(np.mean((values[row, both] - values[other, both]) ** 2))
                near.append((distance, values[other, sample]))
        if len(near) > 0:
            distance, level = np.array(sorted(near)[:k]).T
            filled[row, sample] = np.average(level, weights=1 / np.maximum(distance, 1e-6))
    return filled


@pytest.mark.parametrize("k", [1, 3, 10, 100])
def test_neighbours_are_those_of_the_plain_version(k: int) -> None:
    values = with_gaps(1)
    values[5] = np.nan
    filled = nearest_neighbours(values, k=k)
    np.testing.assert_allclose(filled, plain_neighbours(values, k), rtol=1e-10)
    assert np.isnan(filled[5]).all()
    assert np.isfinite(np.delete(filled, 5, axis=0)).all()


def test_many_features_are_filled_in_parts_alike() -> None:
    values = with_gaps(2, n_features=700, share=0.1)
    np.testing.assert_allclose(nearest_neighbours(values), plain_neighbours(values, 10), rtol=1e-9)


@given(st.integers(0, 2**32 - 1), st.floats(-1e8, 1e8))
def test_order_and_shift_do_not_matter_to_neighbours(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    values = with_gaps(seed)
    filled = nearest_neighbours(values)
    rows, samples = rng.permutation(len(values)), rng.permutation(values.shape[1])
    np.testing.assert_allclose(nearest_neighbours(values[rows][:, samples]), filled[rows][:, samples], rtol=1e-9)
    np.testing.assert_allclose(nearest_neighbours(values + shift) - shift, filled, rtol=0, atol=1e-5)


def test_what_was_measured_stays_and_the_input_is_left_alone() -> None:
    values = with_gaps(3)
    before = values.copy()
    for filled in (nearest_neighbours(values), downshift(values, np.random.default_rng(1))):
        measured = np.isfinite(values)
        np.testing.assert_array_equal(filled[measured], values[measured])
        assert np.isfinite(filled).all()
    np.testing.assert_array_equal(values, before)


def test_downshift_draws_from_the_lower_flank_of_each_sample() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal([20.0, 26.0], [2.0, 4.0], (20000, 2))
    lost = rng.random(values.shape) < 0.3
    values[lost] = np.nan
    filled = downshift(values, rng)
    for sample, (mean, sd) in enumerate([(20.0, 2.0), (26.0, 4.0)]):
        drawn = filled[lost[:, sample], sample]
        # Three standard errors of a mean and of a standard deviation of about 6,000 draws, and of the sample's own.
        assert drawn.mean() == pytest.approx(mean - 1.8 * sd, abs=0.07 * sd)
        assert drawn.std() == pytest.approx(0.3 * sd, rel=0.05)
    wider = downshift(values, rng, shift=0.0, width=1.0)
    assert wider[lost[:, 0], 0].mean() == pytest.approx(20.0, abs=0.12)


def test_draws_are_those_of_the_generator() -> None:
    values = with_gaps(5)
    first, again = (downshift(values, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, downshift(values, np.random.default_rng(10)))


def test_nothing_to_fill_from_stays_missing() -> None:
    nothing = np.full((4, 3), np.nan)
    assert np.isnan(nearest_neighbours(nothing)).all()
    assert np.isnan(downshift(nothing, np.random.default_rng(1))).all()
    apart = np.array([[1.0, np.nan], [np.nan, 2.0]])
    np.testing.assert_array_equal(nearest_neighbours(apart), apart)
    with pytest.raises(ValueError, match="at least one neighbour"):
        nearest_neighbours(nothing, k=0)
