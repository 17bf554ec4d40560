"""Module of a candidate and traits of the individuals: plain computation, null, and why a trait is not asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from organokine.population.adjusted import Adjusted, Candidate
from organokine.population.targets import strongest_targets
from organokine.population.traits import Module, individual_rows, module_of, trait_rows
from tests.population.small_cohort import adjusted_of, candidate_in, cohort_of, sheet

Floats = NDArray[np.float64]
N = 60


def organs(seed: int) -> tuple[Floats, Floats]:
    """The first source gene moves twenty targets, half of them down."""
    rng = np.random.default_rng(seed)
    source, target = rng.normal(size=(3, N)), rng.normal(size=(60, N))
    target[:20] += np.where(np.arange(20) < 13, 1.5, -1.5)[:, None] * source[0]
    return source + 20, target + 18


def looked_at(adjusted: Adjusted, gene: str = "S0", p: float = 0.001, n_listed: int = 20) -> tuple[Candidate, Module]:
    candidate = candidate_in(adjusted, gene, p)
    return candidate, module_of(adjusted, candidate, strongest_targets(adjusted, candidate, n_listed))


def left_of(values: Floats, design: Floats) -> Floats:
    return np.asarray(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])


def test_the_module_is_the_first_component_and_rises_with_the_candidate() -> None:
    source, target = organs(1)
    for sign in (1.0, -1.0):
        adjusted = adjusted_of(cohort_of(sign * source, target, covariates=("batch",), statistic="pearson"))
        candidate, module = looked_at(adjusted)
        unit = np.array([left_of(values, adjusted.design) for values in target[:20]])
        unit /= np.linalg.norm(unit, axis=1)[:, None]
        component = np.linalg.eigh(unit.T @ unit)[1][:, -1]
        assert abs(np.corrcoef(component, module.score)[0, 1]) == pytest.approx(1.0, abs=1e-6)
        assert np.corrcoef(left_of(candidate.values, adjusted.design), module.score)[0, 1] > 0.8
        assert module.n_genes == 20
        assert np.mean(module.score) == pytest.approx(0.0, abs=1e-9)
        assert np.std(module.score, ddof=1) == pytest.approx(1.0)


def test_correlations_are_partial_ones_on_the_individuals_with_all_three() -> None:
    source, target = organs(2)
    source[0, :4] = np.nan
    rng = np.random.default_rng(3)
    trait = target[:10].mean(axis=0) + rng.normal(size=N)
    trait[-6:] = np.nan
    traits = pd.DataFrame({"insulin": trait}, index=sheet(N).index)
    adjusted = adjusted_of(cohort_of(source, target, covariates=("batch",), statistic="pearson"))
    candidate, module = looked_at(adjusted)
    row = trait_rows(adjusted, candidate, module, traits, 10).iloc[0]
    used = np.isfinite(source[0]) & np.isfinite(trait)
    design = adjusted.design[used]
    left = [left_of(each[used], design) for each in (source[0], module.score, trait)]
    r = np.corrcoef(left)
    assert row["n"] == N - 10
    assert [row["module_r"], row["candidate_r"], row["trait_r"]] == pytest.approx([r[0, 1], r[0, 2], r[1, 2]], abs=1e-6)
    both = np.column_stack([design, module.score[used]])
    given = np.corrcoef(left_of(source[0][used], both), left_of(trait[used], both))[0, 1]
    assert row["given_module_r"] == pytest.approx(given, abs=1e-5)
    df = N - 10 - 2 - adjusted.n_adjusted
    assert row["trait_p"] == pytest.approx(
        2 * stats.t.sf(abs(r[1, 2]) * np.sqrt(df / (1 - r[1, 2] ** 2)), df), rel=1e-4
    )
    assert row["candidate_p"] == pytest.approx(
        2 * stats.t.sf(abs(r[0, 2]) * np.sqrt(df / (1 - r[0, 2] ** 2)), df), rel=1e-4
    )


@pytest.mark.parametrize("statistic", ["bicor", "spearman"])
def test_traits_that_have_nothing_to_do_with_the_target_are_called_as_often_as_said(statistic: str) -> None:
    n_traits = 2000
    traits = pd.DataFrame(np.random.default_rng(4).normal(size=(N, n_traits)), index=sheet(N).index)
    adjusted = adjusted_of(cohort_of(*organs(5), covariates=("batch",), statistic=statistic))
    rows = trait_rows(adjusted, *looked_at(adjusted), traits, 10)
    low, high = stats.binom.ppf([0.001, 0.999], n_traits, 0.05)
    assert low <= (rows["trait_p"] <= 0.05).sum() <= high
    assert low <= (rows["candidate_p"] <= 0.05).sum() <= high


def test_the_joint_p_is_the_larger_of_the_two_arms() -> None:
    source, target = organs(6)
    traits = pd.DataFrame({"near": source[0], "far": np.random.default_rng(7).normal(size=N)}, index=sheet(N).index)
    adjusted = adjusted_of(cohort_of(source, target))
    rows = trait_rows(adjusted, *looked_at(adjusted, p=0.02), traits, 10).set_index("trait")
    assert rows.loc["near", "trait_p"] < 1e-6
    assert rows.loc["near", "p"] == 0.02
    assert rows.loc["far", "p"] == rows.loc["far", "trait_p"]
    assert rows.loc["far", "p"] > 0.02


def test_covariates_are_taken_out_of_the_trait() -> None:
    source, target = organs(8)
    individuals = sheet(N)
    shift = np.where(individuals["sex"] == "M", 5.0, 0.0)
    traits = pd.DataFrame({"weight": shift + np.random.default_rng(9).normal(size=N)}, index=individuals.index)
    adjusted = adjusted_of(cohort_of(source + shift, target + shift))
    row = trait_rows(adjusted, *looked_at(adjusted), traits, 10).iloc[0]
    assert row["trait_p"] > 0.05


def test_why_a_trait_is_not_asked() -> None:
    individuals = sheet(N)
    few = np.where(np.arange(N) < 19, np.arange(N), np.nan)
    columns = {
        "few": few,
        "constant": 2.0,
        "sex": (individuals["sex"] == "M") * 1.0,
        "none": np.nan,
        "fine": np.arange(N) % 7,
    }
    traits = pd.DataFrame(columns, index=individuals.index)
    adjusted = adjusted_of(cohort_of(*organs(10)))
    rows = trait_rows(adjusted, *looked_at(adjusted), traits, 10).set_index("trait")
    assert rows["state"].to_dict() == {
        "few": "too_few_individuals",
        "constant": "constant",
        "sex": "constant",
        "none": "too_few_individuals",
        "fine": "asked",
    }
    numbers = ["module_r", "trait_r", "trait_p", "candidate_r", "candidate_p", "given_module_r", "p"]
    assert rows.loc[rows["state"] != "asked", numbers].isna().all(axis=None)
    assert rows.loc["fine", numbers].notna().all()
    assert list(rows["n"]) == [19, N, N, 0, N]
    assert set(trait_rows(adjusted, *looked_at(adjusted), traits, 58)["state"]) == {
        "too_few_individuals",
        "no_degrees_of_freedom",
    }


def test_individuals_that_the_traits_do_not_name_are_left_out() -> None:
    adjusted = adjusted_of(cohort_of(*organs(11)))
    traits = pd.DataFrame({"weight": np.arange(30.0)}, index=[*sheet(28).index, "stranger", "other"])
    assert trait_rows(adjusted, *looked_at(adjusted), traits, 10)["n"].tolist() == [28]


def test_no_traits_give_no_rows() -> None:
    adjusted = adjusted_of(cohort_of(*organs(12)))
    assert len(trait_rows(adjusted, *looked_at(adjusted), pd.DataFrame(), 10)) == 0


def test_the_same_gene_is_no_part_of_the_module_and_alone_makes_none() -> None:
    source, target = organs(13)
    target[0] = source[0]
    adjusted = adjusted_of(cohort_of(source, target, shared=1))
    _, module = looked_at(adjusted, "G0")
    assert module.n_genes == 19
    candidate, none = looked_at(adjusted, "G0", n_listed=1)
    assert none.n_genes == 0
    traits = pd.DataFrame({"weight": np.arange(N) % 7}, index=sheet(N).index)
    assert trait_rows(adjusted, candidate, none, traits, 10)["state"].tolist() == ["no_module"]


def test_one_target_is_its_own_module() -> None:
    source, target = organs(14)
    adjusted = adjusted_of(cohort_of(source, target, statistic="pearson"))
    candidate, module = looked_at(adjusted, n_listed=1)
    place = int(strongest_targets(adjusted, candidate, 1).place[0])
    assert abs(np.corrcoef(left_of(target[place], adjusted.design), module.score)[0, 1]) == pytest.approx(1.0, abs=1e-6)


def test_individuals_have_the_level_that_the_covariates_leave_and_the_score() -> None:
    source, target = organs(15)
    source[0, 2] = np.nan
    target[:, 5] = np.nan
    adjusted = adjusted_of(cohort_of(source, target, covariates=("batch",)))
    candidate, module = looked_at(adjusted)
    told = pd.DataFrame({"sex": "F", "group": "b0"}, index=adjusted.data.individuals.index)
    rows = individual_rows(adjusted, candidate, module, told).set_index("subject")
    used = np.isfinite(source[0])
    np.testing.assert_allclose(rows["candidate"][used], left_of(source[0][used], adjusted.design[used]), atol=1e-9)
    assert rows.index[rows["candidate"].isna()].tolist() == ["s002"]
    assert rows.index[rows["module"].isna()].tolist() == ["s005"]
