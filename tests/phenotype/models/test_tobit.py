from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.errors import DataError
from organokine.phenotype.models import contrast_of, random_intercept_tobit, random_intercepts


def latencies(n: int, seed: int, spread: float = 30.0, trials: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    animal = np.repeat(np.arange(2 * n), trials)
    design = np.column_stack([np.ones(len(animal)), animal % 2])
    return (
        290 - 60 * design[:, 1] + spread * rng.normal(size=2 * n)[animal] + 40 * rng.normal(size=len(animal)),
        design,
        animal,
    )


@pytest.mark.parametrize(
    ("column", "ceiling", "floor"), [("one_ceiling", 300.0, None), ("own_ceiling", "own", None), ("both", 300.0, 220.0)]
)
def test_one_value_per_animal_is_survreg(golden, column: str, ceiling: float | str, floor: float | None) -> None:
    case = golden("tobit")
    case.expected = case.expected[case.expected.index.str.startswith(f"{column}/")]
    data = case.input
    design = np.column_stack([np.ones(len(data)), data.group, data.weight])
    limit = data[ceiling] if isinstance(ceiling, str) else ceiling
    fit = random_intercept_tobit(data[column], design, data.index, limit, floor)
    found = {"estimate": fit.coefficients, "se": fit.standard_errors, "log_likelihood": fit.log_likelihood}
    found = pd.DataFrame({**found, "sd": np.sqrt(fit.variances.residual)}, index=case.expected.index)
    case.check(found, list(found))
    assert np.isnan(fit.variances.subject)
    assert fit.df_of(np.eye(3)[1]) == pytest.approx(len(data) - 3)


def test_without_ceiling_it_is_the_mixed_model_by_maximum_likelihood() -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    value, design, animal = latencies(6, seed=1, spread=80)
    ours = random_intercept_tobit(value, design, animal, np.inf)
    theirs = MixedLM(value, design, groups=animal).fit(reml=False)
    np.testing.assert_allclose(ours.coefficients, theirs.fe_params, rtol=1e-5)
    np.testing.assert_allclose(ours.standard_errors, theirs.bse_fe, rtol=1e-4)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=1e-5)
    assert ours.variances.residual == pytest.approx(theirs.scale, rel=1e-3)
    assert contrast_of(ours, [0, 1]).df == pytest.approx(10)


def test_it_finds_what_the_ceiling_hides() -> None:
    mixed, tobit = [], []
    for seed in range(5):
        value, design, animal = latencies(8, seed)
        seen = np.minimum(value, 300)
        mixed.append(random_intercepts(seen, design, animal).coefficients[1])
        tobit.append(random_intercept_tobit(seen, design, animal, 300).coefficients[1])
    assert np.mean(tobit) == pytest.approx(-60, abs=10)
    assert np.mean(mixed) > np.mean(tobit) + 10


@given(st.integers(0, 10**6), st.sampled_from([0.01, 3.0, 1e3]))
@settings(max_examples=4)
def test_fits_follow_scale_and_ignore_the_order_of_rows(seed: int, scale: float) -> None:
    value, design, animal = latencies(5, seed, trials=4)
    value[3] = np.nan
    seen, order = np.minimum(value, 300), np.random.default_rng(seed).permutation(len(value))
    ours = random_intercept_tobit(seen, design, animal, 300)
    theirs = random_intercept_tobit(
        scale * seen[order], design[order], [f"m{each}" for each in animal[order]], scale * 300.0
    )
    np.testing.assert_allclose(theirs.coefficients, scale * ours.coefficients, rtol=1e-4)
    np.testing.assert_allclose(theirs.standard_errors, scale * ours.standard_errors, rtol=1e-3)
    assert theirs.n_at_ceiling == ours.n_at_ceiling
    assert (ours.n_not_measured, ours.n_values) == (1, 39)


def test_what_cannot_be_estimated_is_refused_with_the_reason() -> None:
    value, design, animal = latencies(4, seed=2)
    refused = [
        ("all of one group", np.full(len(value), 300.0)),
        ("all of one group", np.where(design[:, 1] == 0, 300, np.minimum(value, 290))),
        ("above the ceiling", value + 200),
    ]
    for words, given_values in refused:
        with pytest.raises(DataError, match=words):
            random_intercept_tobit(given_values, design, animal, 300)
    with pytest.raises(DataError, match="below the floor"):
        random_intercept_tobit(np.minimum(value, 300), design, animal, 300, 299)
    with pytest.raises(DataError, match="floor is not below"):
        random_intercept_tobit(np.minimum(value, 300), design, animal, 300, 300)
    with pytest.raises(ValueError, match="NaN"):
        random_intercept_tobit(value, design, animal, np.nan)
