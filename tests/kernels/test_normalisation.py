from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.kernels.normalisation import (
    cyclic_loess,
    median_shift,
    quantile_normalise,
    reference_features,
    stable_shift,
)


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.normal(17.0, 2.0, size=(400, 1)) + rng.normal(0.0, 0.2, size=(400, 6))


def test_quantile_and_cyclic_loess_are_limmas(golden) -> None:
    case = golden("limma_normalise")
    given = case.input.to_numpy()
    complete = np.isfinite(given).all(axis=1)
    loess = np.full(given.shape, np.nan)
    loess[complete] = cyclic_loess(given[complete], minimum_complete=1)
    table = pd.DataFrame(
        np.hstack([quantile_normalise(given), loess]), index=case.input.index, columns=case.expected.columns
    )
    case.check(table, list(table.columns))


@pytest.mark.parametrize("shift_of", [median_shift, stable_shift])
def test_a_shift_finds_planted_shifts(values, shift_of) -> None:
    planted = np.array([0.0, 1.0, -1.0, 0.5, -0.5, 0.0])
    np.testing.assert_allclose(shift_of(values + planted) - planted, shift_of(values), atol=0.05)


@pytest.mark.parametrize("shift_of", [median_shift, stable_shift])
def test_a_shift_is_not_fooled_by_missing_low_values(values, shift_of) -> None:
    damaged = values.copy()
    damaged[damaged[:, 0] < 16.5, 0] = np.nan
    naive = np.nanmedian(damaged, axis=0)
    assert naive[0] - np.median(naive[1:]) > 0.5
    assert abs(shift_of(damaged)[0]) < 0.1


def test_too_few_complete_features_fall_back_to_all_measured(values) -> None:
    few = values[:60].copy()
    few[:15, 0] = np.nan
    assert reference_features(few).sum() == 60
    assert reference_features(few, minimum_complete=45).sum() == 45
    few[3] = np.nan
    assert not reference_features(few)[3]


@pytest.mark.parametrize("shift_of", [median_shift, stable_shift])
def test_a_shift_follows_location_and_has_median_zero(values, shift_of) -> None:
    shift = shift_of(values)
    np.testing.assert_allclose(shift_of(values + 1e6), shift, atol=1e-8)
    np.testing.assert_allclose(shift_of(values * 3.0), shift * 3.0, rtol=1e-12)
    assert np.median(shift) == 0.0


def test_a_sample_without_values_stays_without(values) -> None:
    values[:, 2] = np.nan
    for shift_of in (median_shift, stable_shift):
        assert np.isnan(shift_of(values)).tolist() == [False, False, True, False, False, False]
    for normalised in (quantile_normalise(values), cyclic_loess(values)):
        np.testing.assert_array_equal(np.isnan(normalised), np.isnan(values))


@pytest.mark.parametrize("changed", [0.1, 0.3, 0.4])
def test_the_stable_shift_is_not_moved_by_features_that_change_one_way(changed: float) -> None:
    rng = np.random.default_rng(7)
    table = rng.normal(20.0, 2.0, (2000, 1)) + rng.normal(0.0, 0.2, (2000, 8))
    planted = rng.normal(0.0, 0.3, 8)
    table[: int(2000 * changed), 4:] += 1.0
    table[rng.random(table.shape) < 0.02] = np.nan

    def error(shift: np.ndarray) -> float:
        off = shift - planted
        return abs(off[4:].mean() - off[:4].mean())

    assert error(stable_shift(table + planted)) < 0.02
    assert error(median_shift(table + planted)) > changed / 2


def test_a_feature_measured_once_does_not_make_a_sample_stable() -> None:
    """Alone, it agrees with its own mean; as one of the stable half it would hold the shift at zero."""
    rng = np.random.default_rng(8)
    table = rng.normal(20.0, 2.0, (40, 1)) + rng.normal(0.0, 0.2, (40, 4))
    table[:, 3] += 1.0
    once = np.full((30, 4), np.nan)
    once[:, 3] = 25.0
    found = stable_shift(np.vstack([table, once]))
    np.testing.assert_allclose(found - np.median(found[:3]), [0, 0, 0, 1], atol=0.25)


def test_quantile_gives_complete_samples_one_distribution_and_keeps_their_order(values) -> None:
    normalised = quantile_normalise(values * np.array([1.0, 2.0, 1.0, 1.0, 1.0, 0.5]))
    expected = np.sort(values * np.array([1.0, 2.0, 1.0, 1.0, 1.0, 0.5]), axis=0).mean(axis=1)
    for sample in range(6):
        np.testing.assert_allclose(np.sort(normalised[:, sample]), expected, rtol=1e-12)
        np.testing.assert_array_equal(np.argsort(normalised[:, sample]), np.argsort(values[:, sample]))


def test_cyclic_loess_takes_a_level_dependent_bias_away_also_from_incomplete_features(values) -> None:
    bent = values.copy()
    bent[:, 0] += 0.1 * (values[:, 0] - 17.0) ** 2
    bent[::10, 5] = np.nan
    incomplete = np.isnan(bent).any(axis=1)
    normalised = cyclic_loess(bent)
    middle = np.abs(values[:, 0] - 17.0) < 3.5
    for rows in (incomplete & middle, ~incomplete & middle):
        before = (bent[rows, 0] - bent[rows, 1]) - (values[rows, 0] - values[rows, 1])
        after = (normalised[rows, 0] - normalised[rows, 1]) - (values[rows, 0] - values[rows, 1])
        assert np.abs(before).mean() > 0.2
        assert np.abs(after).mean() < 0.06
    np.testing.assert_array_equal(np.isnan(normalised), np.isnan(bent))


@pytest.mark.parametrize("normalise", [quantile_normalise, cyclic_loess])
def test_order_of_features_and_samples_does_not_matter_and_input_is_not_changed(values, normalise) -> None:
    values[5:40, 1] = np.nan
    before = values.copy()
    normalised = normalise(values)
    np.testing.assert_array_equal(values, before)
    rows, columns = np.random.default_rng(1).permutation(400), np.array([3, 0, 5, 1, 4, 2])
    moved = normalise(values[rows][:, columns])
    np.testing.assert_allclose(moved, normalised[rows][:, columns], atol=1e-9)
