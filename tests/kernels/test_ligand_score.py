"""Scores of signatures against a regression by loops, and their two nulls against simulated ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from organokine.kernels.ligand_score import (
    animal_p,
    competitive_p,
    effective_number,
    score,
    scores,
    signatures,
    standardised,
)
from organokine.kernels.relabeling import relabeled_t, relabelings

DESIGN = np.column_stack([np.ones(12), np.repeat([0.0, 1.0], 6)])
CONTRAST = np.array([0.0, 1.0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0))
def test_a_score_is_the_t_of_the_slope_over_the_genes_that_are_not_masked(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    t, w, hidden = rng.normal(size=(30, 5)), rng.normal(size=(30, 4)), rng.random((30, 4)) < 0.1
    w[rng.random(w.shape) < 0.3] = np.nan
    hidden[0], w[0] = True, 1e6
    prepared = signatures(w * factor, hidden)
    found = score(t, prepared)
    for k in range(4):
        seen = ~hidden[:, k]
        x = np.nan_to_num(w[seen, k])
        assert prepared.overlap[k] == np.count_nonzero(x)
        for b in range(5):
            line = stats.linregress(x, t[seen, b])
            np.testing.assert_allclose(found[k, b], line.slope / line.stderr, rtol=1e-9)


def test_what_cannot_be_scored_is_missing() -> None:
    t = np.array([[1.0, 0.0], [2.0, 0.0], [np.nan, 0.0], [0.5, 0.0]])
    w = np.array([[1.0, 0.0, 1.0], [2.0, 0.0, 1.0], [3.0, 0.0, 1.0], [0.0, np.nan, 1.0]])
    found = score(t, signatures(w))
    np.testing.assert_array_equal(np.isfinite(found), [[True, False], [False, False], [False, False]])
    np.testing.assert_allclose(found[0, 0], score(np.nan_to_num(t), signatures(w))[0, 0])
    assert list(signatures(w).overlap) == [3, 0, 4]
    way = np.ones(3)
    assert list(np.isnan(animal_p(found, way))) == [False, True, True]
    assert np.isnan(standardised(found[1:])).all()
    p, n = competitive_p([1.0, np.nan, 2.0], [10, 10, 10], [1, 1, 0])
    assert list(np.isnan(p)) == [False, True, True]
    assert list(n) == [1, 0, 0]
    assert np.isnan(competitive_p([1.0, 2.0], [10, 100], [1, 1]).p).all(), "nothing of like size"
    assert np.isnan(effective_number(np.full((3, 4), np.nan)))


def test_p_by_hand() -> None:
    scored = np.array([[3.0, 1.0, 5.0, -4.0], [-3.0, 1.0, 5.0, -4.0]])
    np.testing.assert_allclose(animal_p(scored, [1, 1]), [2 / 4, 3 / 4])
    np.testing.assert_allclose(animal_p(scored, [-1, -1]), [3 / 4, 2 / 4])
    p, n = competitive_p([2.0, 1.0, 3.0, -1.0, 9.0], [100, 60, 190, 120, 500], [1, -1, 1, -1, 1])
    np.testing.assert_allclose(p[:4], [2 / 4, 2 / 3, 1 / 3, 1 / 4])
    assert list(n) == [3, 2, 2, 3, 0]


def test_the_effective_number_counts_independent_signatures() -> None:
    rng = np.random.default_rng(1)
    independent = rng.normal(size=(3, 4000))
    assert effective_number(np.repeat(independent, 5, axis=0)) == pytest.approx(3.0, rel=0.01)
    assert effective_number(independent[:1]) == pytest.approx(1.0)


def gene_factors(rng: np.random.Generator, n_genes: int, n_signatures: int) -> tuple[np.ndarray, np.ndarray]:
    """Loadings of genes on four factors, and signatures that are made of them, as those learned from co-expression are."""
    loadings = rng.normal(size=(n_genes, 4))
    return loadings, loadings @ rng.normal(size=(4, n_signatures)) + rng.normal(size=(n_genes, n_signatures))


def ask(
    rng: np.random.Generator, values: np.ndarray, weights: np.ndarray, direction: np.ndarray
) -> dict[str, np.ndarray]:
    """p of every signature: as if genes were replicates, by animals, among signatures, and the larger of the last two."""
    orders = relabelings(list(DESIGN[:, 1]), [0] * 12, 99, rng).orders
    prepared = signatures(weights)
    scored = scores(relabeled_t(values, DESIGN, CONTRAST, orders), len(orders), prepared)
    animals = animal_p(scored, direction)
    competitive = competitive_p(standardised(scored), prepared.overlap, direction).p
    by_genes = stats.t.sf(direction * scored[:, 0], len(values) - 2)
    return {"genes": by_genes, "animals": animals, "competitive": competitive, "both": np.maximum(animals, competitive)}


def test_meaningless_labels_confirm_no_more_than_declared() -> None:
    """The labels say nothing; genes share factors, and signatures are made of them. Half of all would pass by the genes."""
    rng = np.random.default_rng(5)
    n_studies, n_signatures = 100, 40
    passed = dict.fromkeys(("genes", "animals", "competitive", "both"), 0)
    one = dict.fromkeys(passed, 0)
    for _ in range(n_studies):
        loadings, weights = gene_factors(rng, 200, n_signatures)
        values = loadings @ rng.normal(size=(4, 12)) * 0.5 + rng.normal(size=(200, 12))
        found = ask(rng, values, weights, rng.choice([-1.0, 1.0], n_signatures))
        for name, p in found.items():
            passed[name] += int((p <= 0.05).sum())
            one[name] += int(p[0] <= 0.05)
    # Signatures of one study move together: the bound for one of them is binomial, that for all counts studies.
    for name in ("animals", "competitive", "both"):
        assert one[name] <= stats.binom.ppf(0.999, n_studies, 0.05), name
        assert passed[name] / n_signatures <= stats.binom.ppf(0.999, n_studies, 0.05), name
    assert passed["genes"] > 0.35 * n_studies * n_signatures


def test_an_organ_that_changes_confirms_nobody_in_particular_but_its_ligand() -> None:
    """The organ follows one factor. Most signatures see it by their animals; among signatures only a few stand out."""
    rng = np.random.default_rng(6)
    seen = {"animals": [], "competitive": []}
    of_ligand = []
    for _ in range(20):
        loadings, weights = gene_factors(rng, 200, 60)
        values = rng.normal(size=(200, 12)) + np.outer(loadings[:, 0], DESIGN[:, 1])
        found = ask(rng, values, weights, np.sign(loadings[:, 0] @ weights))
        for name, shares in seen.items():
            shares.append((found[name] <= 0.05).mean())
        values = rng.normal(size=(200, 12)) + np.outer(weights[:, 7] / 2, DESIGN[:, 1])
        of_ligand.append(ask(rng, values, weights, np.ones(60))["both"][7])
    assert np.mean(seen["animals"]) > 0.6
    assert np.mean(seen["competitive"]) < 0.12
    assert np.mean(np.array(of_ligand) <= 0.05) > 0.8
