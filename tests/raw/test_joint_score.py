from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.raw.joint_score import FEATURES, joint_score


def made(n_true: int, n_false: int, seed: int = 0) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """True matches have higher spectrum scores and lie near their predictions; half of the false ones are decoys."""
    rng = np.random.default_rng(seed)
    n = n_true + n_false
    features = pd.DataFrame({name: rng.uniform(0.1, 0.5, n) for name in FEATURES})
    is_true = np.arange(n) < n_true
    features["hyperscore"] = rng.normal(20, 4, n) + 4 * is_true
    features["mobility_off"] = rng.uniform(0, 0.4, n) * np.where(is_true, 0.1, 1.0)
    decoy = pd.Series(~is_true & (rng.random(n) < 0.5))
    return features, decoy, pd.Series([f"P{place}" for place in range(n)])


def told_apart(score: np.ndarray, n_true: int) -> float:
    """Chance that a true match scores higher than a false one."""
    return float((score[:n_true, None] > score[None, n_true:]).mean())


def test_mobility_counts_if_it_is_asked_for() -> None:
    features, decoy, peptide = made(300, 600)
    alone = told_apart(features["hyperscore"].to_numpy(), 300)
    without = joint_score(features, decoy, peptide, use_mobility=False)
    assert abs(told_apart(without.score, 300) - alone) < 0.05
    within = joint_score(features, decoy, peptide, use_mobility=True)
    assert told_apart(within.score, 300) > alone + 0.1
    assert within.missing == without.missing == ()


def test_with_too_few_decoys_the_score_of_the_spectrum_is_taken_and_told() -> None:
    features, decoy, peptide = made(300, 40)
    found = joint_score(features, decoy, peptide, use_mobility=True)
    assert np.array_equal(found.score, features["hyperscore"])
    assert found.missing == ("joint score of spectrum, mass and time",)
    empty = joint_score(features[:0], decoy[:0], peptide[:0], use_mobility=True)
    assert (len(empty.score), empty.missing) == (0, ())


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_the_engine_could_not_compute_does_not_stop_the_score(value: float) -> None:
    features, decoy, peptide = made(300, 600)
    features.loc[5, "minus_log_poisson"] = value
    assert np.isfinite(joint_score(features, decoy, peptide, use_mobility=True).score).all()
    features["delta_next"] = np.nan
    assert np.isfinite(joint_score(features, decoy, peptide, use_mobility=True).score).all()


def test_the_order_of_the_matches_does_not_matter() -> None:
    features, decoy, peptide = made(200, 400)
    order = np.random.default_rng(1).permutation(len(peptide))
    score = joint_score(features, decoy, peptide, use_mobility=True).score
    shuffled = joint_score(features.iloc[order], decoy.iloc[order], peptide.iloc[order], use_mobility=True).score
    assert np.allclose(shuffled, score[order], rtol=1e-9, atol=1e-9)
