from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from organokine.phenotype.models import Layout, Variances, animals_for_power, power_of_layout, smallest_difference

NAN = float("nan")


def test_one_trial_per_animal_is_the_power_of_a_t_test(golden) -> None:
    case = golden("two_groups")
    case.expected = case.expected[case.expected.index.str.startswith("plan/")]
    rows = []
    for name in case.expected.index:
        difference, sd, n = (float(each) for each in name.split("/")[1:])
        variances, layout = Variances(NAN, NAN, sd**2), Layout()
        rows.append(
            {
                "animals": animals_for_power(difference, variances, layout),
                "power": power_of_layout(difference, variances, layout, int(n)),
                "smallest": smallest_difference(int(n), variances, layout),
            }
        )
    case.check(pd.DataFrame(rows, index=case.expected.index), ["animals", "power", "smallest"])


@pytest.mark.parametrize("by_cage", [False, True])
def test_power_with_cages_is_that_of_simulated_studies(by_cage: bool) -> None:
    rng = np.random.default_rng(11)
    n, per_cage, trials, difference, n_studies = 12, 4, 6, 60.0, 4000
    variances = Variances(900.0 if by_cage else 4e4, 1600.0, 2500.0)
    animal = np.arange(2 * n)
    cage, group = animal // per_cage, (animal // per_cage if by_cage else animal) % 2
    value = rng.normal(0, variances.cage**0.5, (n_studies, cage.max() + 1))[:, cage]
    value = value + rng.normal(0, (variances.subject + variances.residual / trials) ** 0.5, (n_studies, 2 * n))
    value += difference * group
    if by_cage:
        means = value.reshape(n_studies, -1, per_cage).mean(axis=2)
        p = ttest_ind(means[:, 1::2], means[:, ::2], axis=1).pvalue
    else:
        p = np.array([blocked_p(each, group, cage) for each in value])
    layout = Layout(trials, per_cage, treatment_by_cage=by_cage)
    expected = power_of_layout(difference, variances, layout, n)
    assert 0.3 < expected < 0.95
    assert np.mean(p < 0.05) == pytest.approx(expected, abs=3.5 * np.sqrt(expected * (1 - expected) / n_studies))


def blocked_p(value: np.ndarray, group: np.ndarray, cage: np.ndarray) -> float:
    """Two-way analysis of variance with as many animals of either group in every cage: t of the pooled within-cell error."""
    from scipy.stats import t

    design = np.column_stack([cage[:, None] == np.unique(cage), group]).astype(float)
    coefficients, rss, rank, _ = np.linalg.lstsq(design, value, rcond=None)
    df = len(value) - rank
    se = np.sqrt(rss[0] / df * 4 / len(value))
    return float(2 * t.sf(abs(coefficients[-1]) / se, df))


@settings(max_examples=20)
@given(st.floats(0, 1e4), st.floats(1, 1e4), st.integers(1, 12), st.integers(3, 30), st.booleans())
def test_numbers_and_differences_agree(subject: float, residual: float, trials: int, n: int, in_cages: bool) -> None:
    layout = Layout(trials, 2 if in_cages else None, treatment_by_cage=in_cages)
    variances = Variances(100.0, subject, residual)
    n = 2 * n
    least = smallest_difference(n, variances, layout)
    assert power_of_layout(least, variances, layout, n) == pytest.approx(0.8, abs=1e-6)
    assert power_of_layout(-least, variances, layout, n) == pytest.approx(0.8, abs=1e-6)
    assert animals_for_power(least * 1.0001, variances, layout) == n
    assert smallest_difference(n, variances, Layout(trials + 3, layout.animals_per_cage, in_cages)) < least


def test_more_trials_do_not_replace_animals() -> None:
    variances = Variances(NAN, 1600.0, 1600.0)
    numbers = [animals_for_power(60, variances, Layout(trials)) for trials in (1, 3, 9, 1000)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == animals_for_power(60, Variances(NAN, NAN, 1601.6), Layout())


def test_what_the_variances_do_not_tell_is_refused() -> None:
    variances = Variances(NAN, NAN, 100.0)
    with pytest.raises(ValueError, match="more trials"):
        animals_for_power(10, variances, Layout(trials=3))
    with pytest.raises(ValueError, match="between cages"):
        animals_for_power(10, variances, Layout(1, 3, treatment_by_cage=True))
    with pytest.raises(ValueError, match="per cage"):
        Layout(1, treatment_by_cage=True)
    with pytest.raises(ValueError, match="alpha"):
        smallest_difference(4, variances, Layout(), alpha=0.9)
    assert animals_for_power(0.001, variances, Layout()) is None
    assert np.isnan(smallest_difference(4, Variances(4.0, 1.0, 1.0), Layout(1, 4, treatment_by_cage=True)))
    assert power_of_layout(3, Variances(4.0, 1.0, 1.0), Layout(1, 4, treatment_by_cage=True), 3) == 0
