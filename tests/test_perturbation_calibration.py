"""Under the null an arm says nothing more often than declared: separate and shared controls, no effect, few animals."""

from __future__ import annotations

from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine.kernels.concordance import rank_correlations
from organokine.kernels.linear_model import moderated_test
from organokine.kernels.relabeling import permutation_p, relabeled_t, relabelings
from organokine.stages.arms import divide_shared
from organokine.study_file import ContrastSection

CHANCE_OF_FAILURE = 1e-4
N_STUDIES, N_GENES = 80, 120
CASE = np.array([0.0, 1.0])
OF_CONTRAST = ContrastSection(factor="age", case="old", control="young")
OF_ARM = ContrastSection(factor="virus", case="aav", control="gfp")


def animals(rng: np.random.Generator, n: int, loadings: np.ndarray) -> np.ndarray:
    """Correlated genes: 40 % of the variance in five factors."""
    own = rng.normal(size=(N_GENES, n))
    return np.sqrt(0.4) * loadings @ rng.normal(size=(5, n)) + np.sqrt(0.6) * own


def two_groups(n_case: int, n_control: int) -> np.ndarray:
    label = np.repeat([1.0, 0.0], [n_case, n_control])
    return np.column_stack([np.ones(len(label)), label])


def p_of(contrast: np.ndarray, whole: np.ndarray, arm: np.ndarray, part: np.ndarray, rng: np.random.Generator) -> float:
    """One-sided p of the concordance of two signatures."""
    t = moderated_test(contrast, whole, CASE, trend=False, robust=False).t
    orders = relabelings(part[:, 1].tolist(), [0] * len(part), 99, rng).orders
    rho = np.concatenate([rank_correlations(t, found) for _, found in relabeled_t(arm, part, CASE, orders)])
    return permutation_p(rho)


def effects(rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(N_GENES) < 0.3, rng.normal(0, 1.5, N_GENES), 0.0)


def loadings_of(rng: np.random.Generator) -> np.ndarray:
    """Alike in both sides: the same genes go together in all animals, which is what misleads tests that permute genes."""
    return rng.normal(size=(N_GENES, 5)) / np.sqrt(5)


def null_p(n: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    loadings, design = loadings_of(rng), two_groups(n, n)
    contrast = animals(rng, 2 * n, loadings) + np.outer(effects(rng), design[:, 1])
    return p_of(contrast, design, animals(rng, 2 * n, loadings), design, rng)


def is_at_most(p: list[float], level: float) -> bool:
    """Whether the rate of p at or below a level is no larger than the level, within what chance gives."""
    return sum(each <= level for each in p) <= stats.binom.ppf(1 - CHANCE_OF_FAILURE, len(p), level)


@pytest.mark.parametrize("n", [3, 4, 6])
def test_with_separate_controls_and_correlated_genes_the_level_is_held(n: int) -> None:
    p = [null_p(n, seed) for seed in range(N_STUDIES)]
    for level in (0.05, 0.1, 0.25):
        assert is_at_most(p, level), (level, np.mean(np.array(p) <= level))
    assert is_at_most([1.0 - each + 1e-9 for each in p], 0.1), "nor does the other side have too many"


def test_where_genes_are_taken_as_independent_the_level_is_lost() -> None:
    wrong = 0
    for seed in range(N_STUDIES):
        rng = np.random.default_rng(seed)
        loadings, design = loadings_of(rng), two_groups(4, 4)
        sides = [moderated_test(animals(rng, 8, loadings), design, CASE, trend=False, robust=False).t for _ in range(2)]
        wrong += stats.spearmanr(*sides, alternative="greater").pvalue <= 0.05
    assert wrong > 0.15 * N_STUDIES, "the p of genes is the one this package does not use"


def adata(values: np.ndarray, subjects: list[str], levels: list[str], factor: str) -> anndata.AnnData:
    obs = pd.DataFrame({"subject": subjects, factor: levels}, index=[f"{factor}_{subject}" for subject in subjects])
    var = pd.DataFrame(index=[f"g{place}" for place in range(N_GENES)])
    return anndata.AnnData(values.T.copy(), obs=obs, var=var)


def shared(seed: int, *, divide: bool) -> float:
    """Six young animals are the controls of both sides; nothing changes."""
    rng = np.random.default_rng(seed)
    loadings = loadings_of(rng)
    old, young, treated = (animals(rng, n, loadings) for n in (6, 6, 6))
    names = [f"young{place}" for place in range(6)]
    contrast = adata(
        np.hstack([old, young]), [f"old{place}" for place in range(6)] + names, ["old"] * 6 + ["young"] * 6, "age"
    )
    arm = adata(
        np.hstack([treated, young]), [f"aav{place}" for place in range(6)] + names, ["aav"] * 6 + ["gfp"] * 6, "virus"
    )
    if divide:
        split = divide_shared(contrast, OF_CONTRAST, arm, OF_ARM, rng)
        assert split.contrast is not None
        assert split.arm is not None
        contrast, arm = contrast[split.contrast], arm[split.arm]
    designs = [
        np.column_stack([np.ones(side.n_obs), (side.obs[asked.factor] == asked.case).to_numpy(dtype=float)])
        for side, asked in ((contrast, OF_CONTRAST), (arm, OF_ARM))
    ]
    return p_of(np.asarray(contrast.X).T, designs[0], np.asarray(arm.X).T, designs[1], rng)


def test_shared_controls_mislead_and_divided_ones_do_not() -> None:
    n = 30
    misled = [shared(seed, divide=False) for seed in range(n)]
    assert np.mean(np.array(misled) <= 0.05) > 0.3, "shared controls agree by construction: what the division is for"
    divided = [shared(seed, divide=True) for seed in range(N_STUDIES)]
    for level in (0.05, 0.25):
        assert is_at_most(divided, level)


@pytest.mark.parametrize(("sign", "least"), [(1.0, 0.3), (-1.0, 0.0)])
def test_a_gain_is_found_and_one_of_the_opposite_sign_is_not(sign: float, least: float) -> None:
    found = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        loadings, design = loadings_of(rng), two_groups(4, 4)
        effect = effects(rng)
        contrast = animals(rng, 8, loadings) + np.outer(effect, design[:, 1])
        arm = animals(rng, 8, loadings) + sign * 0.7 * np.outer(effect, design[:, 1])
        found.append(p_of(contrast, design, arm, design, rng))
    share = np.mean(np.array(found) <= 0.05)
    assert share >= least
    assert sign > 0 or share == 0


INTERACTION = np.array([0.0, 0.0, 0.0, 1.0])


def four_cells(n: int) -> np.ndarray:
    """Intercept, virus, genotype and their product; n animals in each of the four groups."""
    virus, genotype = np.repeat([1.0, 1.0, 0.0, 0.0], n), np.repeat([1.0, 0.0, 1.0, 0.0], n)
    return np.column_stack([np.ones(4 * n), virus, genotype, virus * genotype])


def p_of_two_factors(n: int, seed: int, asked: np.ndarray, share: float = 0.0) -> float:
    """The virus carries the contrast, the genotype changes genes of its own, and their interaction carries a share of the contrast."""
    rng = np.random.default_rng(seed)
    loadings, whole, design = loadings_of(rng), two_groups(6, 6), four_cells(n)
    effect = effects(rng)
    contrast = animals(rng, 12, loadings) + np.outer(effect, whole[:, 1])
    changes = (
        np.outer(effect, design[:, 1]) + np.outer(effects(rng), design[:, 2]) + share * np.outer(effect, design[:, 3])
    )
    arm = animals(rng, 4 * n, loadings) + changes
    t = moderated_test(contrast, whole, CASE, trend=False, robust=False).t
    orders = relabelings([tuple(row) for row in design], [0] * len(design), 39, rng).orders
    return permutation_p(
        np.concatenate([rank_correlations(t, found) for _, found in relabeled_t(arm, design, asked, orders)])
    )


@pytest.mark.parametrize("n", [3, 6])
def test_main_effects_are_not_taken_for_an_interaction(n: int) -> None:
    p = [p_of_two_factors(n, seed, INTERACTION) for seed in range(1000, 1000 + N_STUDIES)]
    for level in (0.05, 0.1, 0.25):
        assert is_at_most(p, level), (level, np.mean(np.array(p) <= level))
    assert is_at_most([1.0 - each + 1e-9 for each in p], 0.1), "nor does the other side have too many"


def test_main_effects_are_there_to_be_mistaken_and_an_interaction_is_found() -> None:
    virus = np.array([0.0, 1.0, 0.0, 0.0])
    assert np.mean([p_of_two_factors(4, seed, virus) <= 0.05 for seed in range(12)]) > 0.5
    assert np.mean([p_of_two_factors(4, seed, INTERACTION, share=1.0) <= 0.05 for seed in range(12)]) > 0.5


def test_the_time_of_many_relabelings_does_not_grow_with_their_memory() -> None:
    rng = np.random.default_rng(0)
    values, design = rng.normal(size=(3000, 12)), two_groups(6, 6)
    orders = relabelings(list(range(12)), [0] * 12, 400, rng).orders
    sizes: list[Any] = [t.shape for _, t in relabeled_t(values, design, CASE, orders)]
    assert sum(size[1] for size in sizes) == 401
    assert max(size[0] * size[1] for size in sizes) <= 2**20
