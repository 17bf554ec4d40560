from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.raw.acceptance import accept, decoy_groups, decoy_remarks
from organokine.raw.result import MATCH_COLUMNS
from organokine.raw.settings import SearchSettings


def matches_of(score: list[float], decoy: list[bool], sequence: list[str], engine_q: list[float] | None = None):
    n = len(score)
    frame = pd.DataFrame({name: np.zeros(n) for name in MATCH_COLUMNS})
    return frame.assign(
        sample=pd.Categorical(["a"] * n),
        spectrum=range(n),
        sequence=sequence,
        peptide=sequence,
        decoy=decoy,
        score=score,
        proteins=[(f"P{i}",) for i in range(n)],
        engine_q=[1.0] * n if engine_q is None else engine_q,
    )


def simulated(seed: int, n_true: int, n_false: int):
    """True peptides score high, the others as their decoys do."""
    rng = np.random.default_rng(seed)
    names = [f"T{i}" for i in range(n_true)] + [f"F{i}" for i in range(n_false)]
    score = np.concatenate([rng.normal(8, 1, n_true), rng.normal(0, 1, n_false)])
    decoy = np.concatenate([np.zeros(n_true, bool), rng.random(n_false) < 0.5])
    return matches_of(score.tolist(), decoy.tolist(), names)


def test_peptides_above_all_decoys_are_accepted_and_no_decoy_is():
    found = accept(simulated(1, 500, 400), 0.01)
    accepted = found.matches[found.matches["accepted"]]
    assert not accepted["decoy"].any()
    assert accepted["sequence"].str.startswith("T").sum() == 500
    assert found.peptides.enough
    assert found.peptides.n_accepted == accepted["sequence"].nunique()


def test_the_share_of_false_peptides_is_what_was_asked_for():
    n_false = n_accepted = 0
    for seed in range(30):
        frame = simulated(seed, 300, 2000)
        frame["score"] -= 5 * frame["sequence"].str.startswith("T")  # true and false overlap
        accepted = accept(frame, 0.05).matches.query("accepted")
        n_accepted += len(accepted)
        n_false += int(accepted["sequence"].str.startswith("F").sum())
    assert n_accepted > 1000
    assert n_false <= stats.binom.ppf(0.999, n_accepted, 0.05)
    assert n_false >= stats.binom.ppf(0.001, n_accepted, 0.02)  # and not by accepting next to nothing


def test_a_peptide_competes_with_its_own_reversal():
    frame = matches_of([9.0] * 200 + [10.0], [False] * 200 + [True], [f"T{i}" for i in range(200)] + ["T7"])
    found = accept(frame, 0.02)
    assert "T7" not in found.sequences
    assert len(found.sequences) == 199
    assert found.decoy_peptides == ("T7",)


def test_nothing_comes_from_nothing():
    found = accept(matches_of([], [], []), 0.01)
    assert found.sequences == frozenset()
    assert not found.peptides.enough
    remarks = decoy_remarks(found, 0, 0, 0.01)
    assert "too few" in remarks[0].what


def test_few_targets_without_decoys_are_told():
    found = accept(matches_of([5.0] * 50, [False] * 50, [f"T{i}" for i in range(50)]), 0.01)
    assert found.sequences == frozenset()  # (0 + 1) / 50 is above 1 %
    assert "0 decoys beside 50 targets" in decoy_remarks(found, 0, 0, 0.01)[0].what


def test_an_engine_that_disagrees_is_told():
    frame = simulated(2, 500, 400)
    assert any(
        "the engine's own q-values accept 0" in each.what for each in decoy_remarks(accept(frame, 0.01), 9, 0, 0.01)
    )
    frame["engine_q"] = np.where(frame["sequence"].str.startswith("T"), 0.001, 1.0)
    assert decoy_remarks(accept(frame, 0.01), 9, 0, 0.01) == []


def test_decoys_that_would_make_proteins_are_counted_and_told():
    n = 600
    frame = matches_of(
        [9.0] * n + [9.5, 9.5], [False] * n + [True, True], [f"T{i}" for i in range(n)] + ["D1", "D2"], [0.0] * (n + 2)
    )
    frame["proteins"] = [*frame["proteins"][:n], ("Q",), ("Q",)]
    found = accept(frame, 0.01)
    assert decoy_groups(found, SearchSettings()) == 1
    assert decoy_groups(found, SearchSettings(least_unique=3)) == 0
    assert "decoys alone would give 2 protein groups" in decoy_remarks(found, 90, 2, 0.01)[-1].what


@settings(max_examples=25)  # each builds two frames
@given(st.integers(0, 2**31), st.integers(0, 60), st.integers(0, 60))
def test_order_does_not_matter_and_a_looser_level_accepts_no_less(seed, n_true, n_false):
    frame = simulated(seed, n_true, n_false)
    rng = np.random.default_rng(seed)
    shuffled = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    strict = accept(frame, 0.02)
    assert accept(shuffled, 0.02).sequences == strict.sequences
    assert strict.sequences <= accept(frame, 0.2).sequences


@pytest.mark.parametrize("q", [0.0, 0.01])
def test_what_the_engine_accepts_is_counted_beside(q):
    frame = simulated(3, 500, 400)
    frame["engine_q"] = np.where(frame["score"] > 7, q, 1.0)
    found = accept(frame, 0.01)
    assert found.engine_accepted == int(((frame["score"] > 7) & ~frame["decoy"]).sum())
    assert found.both_accepted == found.engine_accepted
