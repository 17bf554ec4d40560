from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from organokine.kernels.mobility import charge_trend_residuals, mobility_quality


def ions(n: int, seed: int, noise: float = 0.01) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mobility, m/z and charge on one bent line per charge."""
    rng = np.random.default_rng(seed)
    mz, charge = rng.uniform(400, 1200, n), rng.choice([2.0, 3.0], n)
    line = 0.5 + 6e-4 * mz + 1e-7 * mz**2 - 0.15 * (charge - 2)
    return line + rng.normal(0, noise, n), mz, charge


def test_residuals_are_what_is_off_the_line() -> None:
    mobility, mz, charge = ions(2000, seed=0, noise=0.0)
    off = np.zeros(2000)
    off[:200] = 0.2
    residuals = charge_trend_residuals(mobility + off, mz, charge)
    np.testing.assert_allclose(residuals, off, atol=1e-6)


def test_residuals_follow_scale_and_ignore_shift_and_order() -> None:
    mobility, mz, charge = ions(500, seed=1)
    residuals = charge_trend_residuals(mobility, mz, charge)
    np.testing.assert_allclose(charge_trend_residuals(300 * mobility + 1e4, mz, charge), 300 * residuals, atol=1e-6)
    order = np.random.default_rng(2).permutation(500)
    shuffled = charge_trend_residuals(mobility[order], mz[order], charge[order])
    np.testing.assert_allclose(shuffled, residuals[order], atol=1e-9)


def test_few_precursors_and_missing_values_have_no_residual() -> None:
    mobility, mz, charge = ions(200, seed=3)
    charge[:5] = 5.0
    mobility[5], mz[6], charge[7] = np.nan, np.nan, np.nan
    residuals = charge_trend_residuals(mobility, mz, charge)
    assert np.isnan(residuals[:8]).all()
    assert np.isfinite(residuals[8:]).all()


def test_one_m_over_z_and_one_mobility_are_no_error() -> None:
    same = np.full(50, 0.9)
    residuals = charge_trend_residuals(same, np.full(50, 600.0), np.full(50, 2.0))
    np.testing.assert_array_equal(residuals, np.zeros(50))


def test_deviation_from_prediction_is_summarised_and_flagged() -> None:
    mobility, mz, charge = ions(3000, seed=4)
    rng = np.random.default_rng(5)
    predicted = mobility - 0.02 + rng.normal(0, 0.01, 3000)
    predicted[:10] += 0.3
    quality = mobility_quality(mobility, predicted, mz, charge)
    assert quality.n == quality.n_with_mobility == 3000
    assert quality.median_deviation == pytest.approx(0.02, abs=1e-3)
    assert quality.mad_deviation == pytest.approx(0.01 / 1.4826, rel=0.1)
    assert np.flatnonzero(quality.flagged).tolist() == list(range(10))


def test_without_prediction_the_trend_flags() -> None:
    mobility, mz, charge = ions(3000, seed=6)
    mobility[:20] += 0.3
    quality = mobility_quality(mobility, np.full(3000, np.nan), mz, charge)
    assert np.isnan(quality.median_deviation)
    assert np.flatnonzero(quality.flagged).tolist() == list(range(20))


def test_by_chance_almost_nothing_is_flagged() -> None:
    mobility, mz, charge = ions(50_000, seed=7)
    flagged = mobility_quality(mobility, np.full(50_000, np.nan), mz, charge).flagged
    assert flagged.sum() <= 2
    assert mobility_quality(mobility, np.full(50_000, np.nan), mz, charge, k=2.0).flagged.mean() > 0.03


def test_nothing_measured_and_no_spread_flag_nothing() -> None:
    none = np.full(4, np.nan)
    quality = mobility_quality(none, none, none, none)
    assert quality.n_with_mobility == 0
    assert np.isnan([quality.median_deviation, quality.mad_deviation, quality.mad_trend]).all()
    assert not quality.flagged.any()
    assert not mobility_quality(np.ones(4), np.ones(4), none, none).flagged.any()


@pytest.mark.public
def test_real_timstof_ions_lie_on_a_line_for_each_charge(shared_data: Path) -> None:
    real = pd.read_csv(shared_data / "search_engine_reports" / "timstof_mz_1overK0_charge_10k.tsv.gz", sep="\t")
    mobility, mz, charge = (real[name].to_numpy(dtype=float) for name in ("one_over_k0", "mz", "charge"))
    none = np.full(len(real), np.nan)
    quality = mobility_quality(mobility, none, mz, charge)
    assert quality.mad_trend < 0.03
    assert quality.flagged.mean() < 0.01
    wrong = charge_trend_residuals(np.where(charge == 3, np.roll(mobility, 1), mobility), mz, charge)
    assert np.median(np.abs(wrong[charge == 3])) > 2 * quality.mad_trend
