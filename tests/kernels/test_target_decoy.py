from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.target_decoy import decoy_verdict, false_targets_interval, picked_q_values

quick = settings(max_examples=40, deadline=None)
rows = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 9)), min_size=1, max_size=40)


def simulate(rng, n_true, n_false, shift=4.0):
    """Scores of targets and decoys: true targets are shifted, all else are of one distribution."""
    n = n_true + n_false
    score = rng.normal(size=2 * n)
    score[:n_true] += shift
    return score, np.repeat([False, True], n), np.tile(np.arange(n), 2)


def plain(scores, decoy, pair, added):
    """The same in loops: the best of each pair, then every threshold."""
    winners = []
    for code in sorted(set(pair)):
        mine = [i for i in range(len(scores)) if pair[i] == code]
        best = max(scores[i] for i in mine)
        winners.append((best, any(decoy[i] for i in mine if scores[i] == best)))
    q = []
    for score, _ in winners:
        rates = []
        for threshold in {s for s, _ in winners if s <= score}:
            n_decoys = sum(d for s, d in winners if s >= threshold)
            n_targets = sum(not d for s, d in winners if s >= threshold)
            rates.append((n_decoys + added) / max(n_targets, 1))
        q.append(min(1.0, *rates))
    return winners, q


def test_of_a_case_counted_by_hand():
    #            a target wins, a decoy wins, a target wins, a pair with its target only
    scores = [9.0, 1.0, 3.0, 8.0, 7.0, 2.0, 6.0]
    decoy = [False, True, False, True, False, True, False]
    picked = picked_q_values(scores, decoy, [0, 0, 1, 1, 2, 2, 3], add_one=False)
    assert picked.row.tolist() == [0, 3, 4, 6]
    assert picked.decoy.tolist() == [False, True, False, False]
    np.testing.assert_allclose(picked.q, [0, 1 / 3, 1 / 3, 1 / 3])
    added = picked_q_values(scores, decoy, [0, 0, 1, 1, 2, 2, 3])
    np.testing.assert_allclose(added.q, [2 / 3] * 4)


@quick
@given(rows, st.booleans())
def test_agrees_with_loops(table, add_one):
    scores, decoy, pair = (list(column) for column in zip(*table, strict=True))
    picked = picked_q_values(scores, decoy, pair, add_one=add_one)
    winners, q = plain(scores, decoy, pair, int(add_one))
    assert list(zip(picked.score, picked.decoy, strict=True)) == winners
    np.testing.assert_allclose(picked.q, q)


@quick
@given(rows, st.randoms(use_true_random=False))
def test_neither_order_nor_scale_nor_shift_matters(table, random):
    scores, decoy, pair = (np.array(column) for column in zip(*table, strict=True))
    picked = picked_q_values(scores, decoy, pair)
    order = np.array(random.sample(range(len(scores)), len(scores)))
    other = picked_q_values(np.exp(scores[order] / 3) + 1e6, decoy[order], pair[order])
    np.testing.assert_array_equal(picked.pair, other.pair)
    np.testing.assert_array_equal(picked.decoy, other.decoy)
    np.testing.assert_array_equal(picked.q, other.q)


def test_a_row_without_score_takes_no_part_and_nothing_is_no_error():
    picked = picked_q_values([np.nan, 2.0, np.nan], [False, True, False], [0, 0, 1])
    assert picked.pair.tolist() == [0]
    assert picked.decoy.tolist() == [True]
    nothing = picked_q_values([], [], [])
    assert nothing.q.size == 0
    assert not decoy_verdict(nothing).enough


def test_a_tie_goes_to_the_decoy_and_lengths_must_agree():
    assert picked_q_values([1.0, 1.0], [False, True], [0, 0]).decoy.tolist() == [True]
    with pytest.raises(ValueError, match="one length"):
        picked_q_values([1.0], [True, False], [0, 0])


def test_false_discovery_rate_is_controlled_on_average():
    rng = np.random.default_rng(1)
    proportions, powers = [], []
    for _ in range(300):
        score, decoy, pair = simulate(rng, 300, 300)
        picked = picked_q_values(score, decoy, pair)
        accepted = picked.pair[~picked.decoy & (picked.q <= 0.05)]
        proportions.append(np.mean(accepted >= 300) if accepted.size > 0 else 0.0)
        powers.append(np.sum(accepted < 300) / 300)
    error = np.std(proportions) / np.sqrt(300)
    assert 0.03 < np.mean(proportions) <= 0.05 + 2.6 * error
    assert np.mean(powers) > 0.9


def test_without_the_added_one_few_decoys_deceive():
    """With 30 true and 30 false pairs the plain count exceeds its level; this is why one is added."""
    rng = np.random.default_rng(2)
    proportions = {True: [], False: []}
    for _ in range(400):
        score, decoy, pair = simulate(rng, 30, 30, shift=6.0)
        for add_one, found in proportions.items():
            picked = picked_q_values(score, decoy, pair, add_one=add_one)
            accepted = picked.pair[~picked.decoy & (picked.q <= 0.05)]
            found.append(np.mean(accepted >= 30) if accepted.size > 0 else 0.0)
    assert np.mean(proportions[False]) > 0.055
    assert np.mean(proportions[True]) <= 0.05


@pytest.mark.parametrize("n_decoys", [0, 1, 6, 40])
def test_ends_of_the_interval_are_those_of_the_binomial_test(n_decoys):
    """The outside oracle: the exact one-sided test of one half, number of false targets by number of false targets."""
    fewest, most = false_targets_interval(n_decoys)

    def p(n_false, alternative):
        return stats.binomtest(n_decoys, n_false + n_decoys, 0.5, alternative=alternative).pvalue

    assert p(max(most, 1), "less") > 0.05
    assert p(most + 1, "less") <= 0.05
    if n_decoys > 0:
        assert p(fewest, "greater") >= 0.05
        assert fewest == 0 or p(fewest - 1, "greater") < 0.05


def test_bound_covers_the_false_targets_of_accepted_lists():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(400):
        score, decoy, pair = simulate(rng, 900, 300)
        picked = picked_q_values(score, decoy, pair)
        verdict = decoy_verdict(picked)
        n_false = np.sum(picked.pair[~picked.decoy & (picked.q <= 0.01)] >= 900)
        covered.append(n_false <= round(verdict.false_high * verdict.n_targets))
    # Nominal 95 % is for a threshold fixed in advance; the chosen one favours few decoys.
    assert np.mean(covered) > 0.88


def test_verdict_by_size():
    rng = np.random.default_rng(4)
    verdicts = {}
    for n_true in (50, 110, 2000):
        picked = picked_q_values(*simulate(rng, n_true, n_true // 3, shift=6.0))
        verdicts[n_true] = decoy_verdict(picked)
    assert not verdicts[50].enough  # one decoy more than none is already above 1 %
    assert verdicts[50].n_accepted == 0
    assert not verdicts[110].enough
    assert verdicts[110].n_accepted > 0
    assert verdicts[2000].enough
    assert verdicts[2000].false_high <= 0.02


def test_verdict_of_too_clean_data_and_of_noise():
    no_decoy = picked_q_values(np.arange(200.0), np.zeros(200, bool), np.arange(200))
    verdict = decoy_verdict(no_decoy)
    assert (verdict.n_targets, verdict.n_decoys, verdict.n_accepted) == (200, 0, 200)
    assert verdict.false_high == pytest.approx(4 / 200)
    assert verdict.enough  # 4 of 200 are 2 %, twice the level
    assert not decoy_verdict(picked_q_values(np.arange(150.0), np.zeros(150, bool), np.arange(150))).enough
    noise = picked_q_values(*simulate(np.random.default_rng(5), 0, 500))
    verdict = decoy_verdict(noise)
    assert verdict.n_accepted == 0
    assert verdict.enough  # nothing accepted, and rightly
    all_decoys = picked_q_values([1.0, 2.0], [True, True], [0, 1])
    assert not decoy_verdict(all_decoys).enough
