from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from organokine.errors import DataError
from organokine.phenotype.models import contrast_of, ordinary, random_intercepts

TERMS = {
    "(Intercept)": lambda d: np.ones(len(d)),
    "group": lambda d: d.group,
    "centred": lambda d: d.day - 2,
    "sex": lambda d: d.sex,
    "weight": lambda d: d.weight,
    "group:centred": lambda d: d.group * (d.day - 2),
}
CASES = ["balanced", "drop_outs", "covariates", "cages", "cages_drop_outs", "large_variance", "boundary"]


def of_case(golden, name: str) -> tuple:
    """The golden cut to one of its fits: its trials, its design, what R found."""
    case = golden("mixed_models")
    trials = case.input[case.input["case"] == name]
    case.expected = case.expected[case.expected["case"] == name]
    terms = [row.partition("/")[2] for row in case.expected.index]
    return case, trials, np.column_stack([TERMS[term](trials) for term in terms]).astype(float)


def contrasts(fit, n: int, **options) -> pd.DataFrame:
    return pd.DataFrame([contrast_of(fit, weights, **options)._asdict() for weights in np.eye(n)])


def layout(n: int, trials: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Animals of the trials, and a design of group, day and their product, of 2n animals."""
    animal = np.repeat(np.arange(2 * n), trials)
    day, group = np.tile(np.arange(trials) % 3 - 1.0, 2 * n), (animal % 2).astype(float)
    return animal, np.column_stack([np.ones(len(animal)), group, day, group * day])


def simulated(n: int, spread: float, seed: int, trials: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    animal, design = layout(n, trials)
    return 100 + spread * rng.normal(size=2 * n)[animal] + rng.normal(size=len(animal)), design, animal


def means(value: np.ndarray, animal: np.ndarray) -> np.ndarray:
    return np.array([np.nanmean(value[animal == each]) for each in np.unique(animal)])


@pytest.mark.parametrize("name", CASES)
def test_fits_are_lme4s_with_degrees_of_freedom_of_lmertest(golden, name: str) -> None:
    case, trials, design = of_case(golden, name)
    fit = random_intercepts(trials.value, design, trials.animal, trials.cage if name.startswith("cages") else None)
    theirs = replace(fit, covariance=fit.model_covariance)
    rows = [contrast_of(theirs, w, df=fit.satterthwaite_df(w))._asdict() for w in np.eye(design.shape[1])]
    found = pd.DataFrame(rows, index=case.expected.index)
    found = found.assign(log_likelihood=fit.log_likelihood, **fit.variances._asdict())
    case.check(found, [column for column in case.expected if column != "case"])
    assert fit.at_boundary == (("subject",) if name == "boundary" else ())
    assert fit.n_values + fit.n_not_measured == len(trials)


@pytest.mark.parametrize("name", ["balanced", "cages", "large_variance"])
def test_degrees_of_freedom_by_strata_are_exact_in_balanced_data(golden, name: str) -> None:
    case, trials, design = of_case(golden, name)
    fit = random_intercepts(trials.value, design, trials.animal)
    n_animals = trials.animal.nunique()
    left = [n_animals - 2, n_animals - 2, len(trials) - n_animals - 2, len(trials) - n_animals - 2]
    np.testing.assert_allclose([fit.df_of(w) for w in np.eye(4)], left, atol=1e-6)
    if name != "cages":
        np.testing.assert_allclose(left, case.expected.df, atol=0.01)
    np.testing.assert_allclose(fit.covariance, fit.model_covariance, rtol=1e-9)


@pytest.mark.parametrize("name", ["drop_outs", "covariates", "cages_drop_outs", "cages"])
def test_degrees_of_freedom_by_strata_are_near_those_of_lmertest(golden, name: str) -> None:
    case, trials, design = of_case(golden, name)
    fit = random_intercepts(trials.value, design, trials.animal, trials.cage if name.startswith("cages") else None)
    np.testing.assert_allclose([fit.df_of(w) for w in np.eye(design.shape[1])], case.expected.df, rtol=0.12)
    assert fit.strata.df.sum() == pytest.approx(fit.n_values - design.shape[1])


@pytest.mark.parametrize("name", ["drop_outs", "covariates", "cages_drop_outs"])
def test_fits_are_those_of_statsmodels(golden, name: str) -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    _, trials, design = of_case(golden, name)
    kept = trials.value.notna().to_numpy()
    value, rows, animal = trials.value[kept].to_numpy(), design[kept], trials.animal[kept].to_numpy()
    cage = trials.cage[kept].to_numpy() if name.startswith("cages") else None
    extra = {}
    if cage is not None:
        blocks = [animal[cage == each][:, None] == np.unique(animal[cage == each]) for each in np.unique(cage)]
        names = [[str(k) for k in range(block.shape[1])] for block in blocks]
        extra["exog_vc"] = VCSpec(["animal"], [names], [[block.astype(float) for block in blocks]])
        extra["exog_re"] = np.ones((len(value), 1))
    theirs = MixedLM(value, rows, groups=animal if cage is None else cage, **extra).fit(
        reml=True, method=["bfgs", "cg"]
    )
    ours = random_intercepts(value, rows, animal, cage)
    np.testing.assert_allclose(ours.coefficients, theirs.fe_params, rtol=1e-3)
    # The height of its search, which stops early, is ours at least to this.
    assert -1e-6 < ours.log_likelihood - theirs.llf < 1e-3


def test_one_trial_per_animal_is_ordinary_least_squares_as_of_r(golden) -> None:
    case, trials, design = of_case(golden, "one_trial")
    linear, mixed = ordinary(trials.value, design), random_intercepts(trials.value, design, trials.animal)
    for fit in (linear, mixed):
        found = contrasts(fit, 3).set_index(case.expected.index)
        case.check(found, ["estimate", "se", "df", "t", "p", "ci_low", "ci_high"])
    assert linear.log_likelihood == pytest.approx(case.expected.log_likelihood.iloc[0], abs=1e-6)
    assert linear.residual_variance == pytest.approx(case.expected.residual.iloc[0])
    assert np.isnan(mixed.variances.subject)
    assert mixed.variances.residual == pytest.approx(linear.residual_variance)


@given(st.integers(3, 8), st.integers(1, 9), st.sampled_from([0.0, 0.3, 2.0, 50.0]), st.integers(0, 10**6))
@settings(max_examples=40)
def test_the_group_effect_of_balanced_data_is_the_t_test_of_the_animals_means(n, trials, spread, seed) -> None:
    value, design, animal = simulated(n, spread, seed, trials)
    fit = random_intercepts(value, design if trials > 1 else design[:, :2], animal)
    # The difference on the mean day, which is day 0 where every day has as many trials.
    centre = design[:trials, 2].mean() if trials > 1 else 0.0
    weights = np.zeros(len(fit.coefficients))
    weights[1], weights[-1] = (1.0, centre) if trials > 1 else (1.0, 1.0)
    found = contrast_of(fit, weights)
    of_animal = means(value, animal)
    theirs = ttest_ind(of_animal[1::2], of_animal[::2])
    assert found.df == pytest.approx(2 * n - 2)
    assert found.t == pytest.approx(theirs.statistic, rel=1e-5)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-4)


@given(st.integers(0, 10**6), st.floats(0.01, 1e4), st.floats(-1e4, 1e4), st.booleans())
@settings(max_examples=25)
def test_fits_follow_scale_and_shift_and_ignore_the_order_of_rows(seed, scale, shift, missing) -> None:
    value, design, animal = simulated(4, 1.0, seed)
    rng = np.random.default_rng(seed)
    if missing:
        value[rng.random(len(value)) < 0.2] = np.nan
    cage, order = animal // 2, rng.permutation(len(value))
    fit = random_intercepts(value, design, animal, cage)
    other = random_intercepts(
        (shift + scale * value)[order], design[order], [f"mouse {each}" for each in animal[order]], cage[order]
    )
    for weights in np.eye(4)[1:]:
        ours, theirs = contrast_of(fit, weights), contrast_of(other, weights)
        assert theirs.estimate == pytest.approx(scale * ours.estimate, rel=1e-4, abs=1e-6 * scale)
        assert theirs.t == pytest.approx(ours.t, rel=1e-3, abs=1e-6)
        assert theirs.df == pytest.approx(ours.df, rel=1e-3)


def test_a_design_in_other_words_gives_the_same_contrast() -> None:
    value, design, animal = simulated(4, 0.0, seed=3)
    value[:7] = np.nan
    turned = design @ np.array([[1.0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0.5, 1, 1, 1]]).T
    ours = contrast_of(random_intercepts(value, design, animal), [0, 1, 0, 0])
    turned_weights = np.linalg.lstsq(design, turned, rcond=None)[0].T @ [0, 1, 0, 0]
    theirs = contrast_of(random_intercepts(value, turned, animal), turned_weights)
    np.testing.assert_allclose(theirs, ours, rtol=1e-5)


def test_cages_of_one_treatment_are_the_unit() -> None:
    rng = np.random.default_rng(5)
    animal = np.repeat(np.arange(24), 3)
    cage = animal // 4
    design = np.column_stack([np.ones(72), cage % 2])
    value = 3 * rng.normal(size=6)[cage] + rng.normal(size=24)[animal] + rng.normal(size=72)
    found = contrast_of(random_intercepts(value, design, animal, cage), [0, 1])
    theirs = ttest_ind(*[means(value, cage)[start::2] for start in (1, 0)])
    assert (found.df, found.t) == (pytest.approx(4), pytest.approx(theirs.statistic, rel=1e-5))
    two = contrast_of(random_intercepts(value[:24], design[:24], animal[:24], cage[:24]), [0, 1])
    assert np.isfinite(two.estimate)
    assert np.isnan([two.df, two.t, two.p, two.ci_low, two.ci_high]).all()


def test_cages_of_one_animal_are_no_cages() -> None:
    value, design, animal = simulated(4, 1.0, seed=6)
    alone = random_intercepts(value, design, animal, animal)
    without = random_intercepts(value, design, animal)
    assert np.isnan(alone.variances.cage)
    assert (alone.n_cages, without.n_cages) == (8, 0)
    np.testing.assert_array_equal(alone.covariance, without.covariance)


def test_what_cannot_be_fitted_is_refused_with_the_reason() -> None:
    value, design, animal = simulated(3, 1.0, seed=7)
    hole = design.copy()
    hole[4, 2] = np.nan
    lost = animal.astype(object)
    lost[2] = None
    refused = [
        ("lack a covariate", (value, hole, animal)),
        ("infinite", (np.where(animal == 1, np.inf, value), design, animal)),
        ("determine 3 of 5", (value, np.column_stack([design[:, :3], design[:, 1:3]]), animal)),
        ("have no animal", (value, design, lost)),
        ("no value was measured", (np.full(54, np.nan), design, animal)),
        ("in several cages", (value, design, animal, np.arange(54) % 2)),
        ("do not vary", (animal.astype(float), design, animal)),
        ("do not vary", (np.ones(54), design, animal)),
        ("4 measured values for 4", (np.where(np.isin(np.arange(54), [0, 1, 9, 10]), value, np.nan), design, animal)),
    ]
    for words, arguments in refused:
        with pytest.raises(DataError, match=words):
            random_intercepts(*arguments)
    with pytest.raises(DataError) as caught:
        random_intercepts(np.where(animal == 1, np.inf, value), hole, animal)
    assert len(caught.value.problems) == 2
    with pytest.raises(ValueError, match="4 finite weights"):
        contrast_of(random_intercepts(value, design, animal), [0, 1])


def test_a_missing_covariate_of_a_missing_trial_is_no_fault() -> None:
    value, design, animal = simulated(3, 1.0, seed=8)
    value[5], design[5] = np.nan, np.nan
    assert random_intercepts(value, design, animal).n_not_measured == 1
