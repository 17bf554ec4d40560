from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.discriminant import cross_fitted_scores
from organokine.kernels.target_decoy import picked_q_values


def matches(rng: np.random.Generator, n_true: int, n_false: int, n_noise: int):
    """True matches differ in two features; of the false ones half are decoys, which differ in nothing. Each is found twice."""
    n = n_true + n_false
    base = rng.normal(size=(n, 2 + n_noise))
    base[:n_true, :2] += 3.0
    features = np.repeat(base, 2, axis=0) + rng.normal(scale=0.3, size=(2 * n, 2 + n_noise))
    decoy = np.r_[np.zeros(n_true, bool), rng.random(n_false) < 0.5]
    return features, np.repeat(decoy, 2), np.repeat(np.arange(n), 2), np.repeat(np.arange(n) < n_true, 2)


def accepted(scores: np.ndarray, decoy: np.ndarray, pair: np.ndarray, is_true: np.ndarray, level: float):
    picked = picked_q_values(scores, decoy, pair)
    rows = picked.row[~picked.decoy & (picked.q <= level)]
    return len(rows), int((~is_true[rows]).sum())


def pooled(fold_of_all: bool, level: float = 0.05) -> tuple[int, int]:
    """Accepted and false over small studies; with `fold_of_all` learned from the matches that are then scored."""
    total = np.zeros(2, dtype=int)
    for seed in range(60):
        features, decoy, pair, is_true = matches(np.random.default_rng(seed), 200, 200, 20)
        if fold_of_all:
            scores = features @ np.linalg.solve(
                np.cov(features[~decoy].T) + np.cov(features[decoy].T),
                features[~decoy].mean(0) - features[decoy].mean(0),
            )
        else:
            scores = cross_fitted_scores(features, decoy, pair)
        total += accepted(scores, decoy, pair, is_true, level)
    return int(total[0]), int(total[1])


def test_no_more_is_false_than_was_asked_for_and_learning_from_what_is_counted_would_break_it():
    n, n_false = pooled(fold_of_all=False)
    assert n > 8000
    assert n_false <= stats.binom.ppf(0.999, n, 0.05)
    n, n_false = pooled(fold_of_all=True)
    assert n_false > stats.binom.ppf(0.999, n, 0.05)  # the bound can be broken


def test_features_together_tell_more_than_the_best_of_them():
    features, decoy, pair, is_true = matches(np.random.default_rng(0), 500, 1500, 5)
    scores = cross_fitted_scores(features, decoy, pair)
    assert (
        accepted(scores, decoy, pair, is_true, 0.02)[0] > accepted(features[:, 0], decoy, pair, is_true, 0.02)[0] + 50
    )


def test_scores_are_standard_deviations_of_decoys():
    features, decoy, pair, _ = matches(np.random.default_rng(1), 500, 3000, 2)
    scores = cross_fitted_scores(features, decoy, pair)
    for fold in range(3):
        held = scores[decoy & (pair % 3 == fold)]
        assert abs(np.median(held)) < 0.15
        assert abs(held.std() - 1) < 0.1


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-50, 50))
def test_neither_units_nor_order_matter(seed, unit, shift):
    rng = np.random.default_rng(seed)
    features, decoy, pair, _ = matches(rng, 100, 200, 3)
    scores = cross_fitted_scores(features, decoy, pair)
    other = cross_fitted_scores(features * [unit, 1, 1, 1, 1] + shift, decoy, pair)
    assert np.allclose(scores, other, rtol=1e-6, atol=1e-6)
    order = rng.permutation(len(decoy))
    assert np.allclose(
        cross_fitted_scores(features[order], decoy[order], pair[order]), scores[order], rtol=1e-9, atol=1e-9
    )


def test_a_feature_that_says_nothing_and_one_that_says_the_same_do_no_harm():
    features, decoy, pair, _ = matches(np.random.default_rng(2), 300, 600, 2)
    more = np.column_stack([features, np.ones(len(features)), features[:, 0]])
    assert np.corrcoef(cross_fitted_scores(features, decoy, pair), cross_fitted_scores(more, decoy, pair))[0, 1] > 0.999


def test_too_few_to_learn_from_give_none():
    features, decoy, pair, _ = matches(np.random.default_rng(3), 300, 40, 2)
    assert np.isnan(cross_fitted_scores(features, decoy, pair)).all()
    assert cross_fitted_scores(np.zeros((0, 3)), [], []).size == 0


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="a row for every entry"):
        cross_fitted_scores(np.zeros((3, 2)), [True, False], [0, 1])
    with pytest.raises(ValueError, match="finite"):
        cross_fitted_scores([[np.nan]], [True], [0])
