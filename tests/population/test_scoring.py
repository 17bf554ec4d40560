"""Two tables in, scores out: what is refused, what is counted, and what a step of adjustment needs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.population.scoring import SecretionScore, secretion_score

N = 30


def organs(index: list[object] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    names = [f"donor{i}" for i in range(N)] if index is None else index
    liver = pd.DataFrame(rng.normal(size=(N, 12)), index=names, columns=[f"L{i}" for i in range(12)])
    fat = pd.DataFrame(rng.normal(size=(N, 25)), index=names, columns=[f"F{i}" for i in range(25)])
    fat.iloc[:, :8] += 2 * liver[["L0"]].to_numpy()
    return liver, fat


def scored(liver: pd.DataFrame, fat: pd.DataFrame, **given: object) -> SecretionScore:
    return secretion_score(liver, fat, **({"secreted": ["L0", "L1"], "factors": [0], "permutations": 999} | given))


def test_individuals_called_by_numbers_meet_their_traits() -> None:
    liver, fat = organs(list(range(N)))
    traits = pd.DataFrame({"insulin": fat["F0"]})
    found = scored(liver, fat, traits=traits)
    assert set(found.traits["state"]) == {"asked"}
    assert set(found.traits["n"]) == {N}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda traits: pd.concat([traits, traits.iloc[:1]]), "individuals stand there more than once: 'donor0'"),
        (lambda traits: traits.assign(diet="chow"), "traits are not numbers: 'diet'"),
    ],
)
def test_traits_that_cannot_be_used_are_refused(spoil, said: str) -> None:
    liver, fat = organs()
    with pytest.raises(DataError, match=said):
        scored(liver, fat, traits=spoil(pd.DataFrame({"insulin": fat["F0"]})))


def test_a_pair_without_a_step_of_adjustment_is_refused() -> None:
    with pytest.raises(DataError, match=r"25 hidden factors, .* leave fewer than 10 degrees of freedom"):
        scored(*organs(), factors=[25])


def test_more_hidden_factors_than_genes_are_remarked_on() -> None:
    liver, fat = organs()
    found = scored(liver[["L0", "L1", "L2", "L3"]], fat, factors=[0, 5])
    assert "only 2 genes without a secretion route" in found.pair["note"].iloc[0]
    assert "only" not in scored(liver, fat, factors=[0, 5]).pair["note"].iloc[0]


def test_individuals_that_lack_a_covariate_are_told_of_where_none_are_left() -> None:
    liver, fat = organs()
    samples = pd.DataFrame({"age": np.nan}, index=liver.index)
    with pytest.raises(DataError, match="30 individuals have both organs, 30 of them without a value of age"):
        scored(liver, fat, samples=samples, covariates=["age"])


def test_targets_that_are_constant_are_counted_as_left_out() -> None:
    liver, fat = organs()
    pair = scored(liver, fat.assign(F20=1.0, F21=np.nan)).pair.iloc[0]
    assert (pair["n_targets"], pair["n_targets_left_out"]) == (23, 2)
    assert set(scored(liver, fat.assign(F20=1.0, F21=np.nan)).scores["n_targets"]) == {23}


def test_a_gene_that_bicor_is_not_defined_for_is_flagged() -> None:
    liver, fat = organs()
    liver["L1"] = np.where(np.arange(N) < 18, 0.0, np.arange(N))
    scores = scored(liver, fat).scores.set_index("gene")
    assert scores["flags"]["L1"].split(";")[-2:] == ["own_null", "pearson"]
    assert "pearson" not in scores["flags"]["L0"]


def test_the_deviate_is_finite_and_falls_with_p() -> None:
    scores = scored(*organs(), secreted=[f"L{i}" for i in range(10)]).scores.sort_values("p")
    assert np.isfinite(scores["z"]).all()
    assert scores["z"].is_monotonic_decreasing
