from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organokine.errors import DataError
from organokine.phenotype.models import contrast_of, over_dispersed_counts


@pytest.mark.parametrize("column", ["over", "under", "with_zeros"])
def test_fits_are_glms_and_a_low_dispersion_is_held_at_one(golden, column: str) -> None:
    case = golden("slips")
    case.expected = case.expected[case.expected.index.str.startswith(f"{column}/")]
    data = case.input
    fit = over_dispersed_counts(
        data[column], np.column_stack([np.ones(20), data.group, data.sex]), np.log(data.crossings)
    )
    se = np.sqrt(np.diag(fit.unheld_covariance))
    rows = [contrast_of(fit, w) for w in np.eye(3)]
    found = {"estimate": fit.coefficients, "se": se, "t": fit.coefficients / se, "dispersion": fit.dispersion}
    found = pd.DataFrame({**found, "df": [row.df for row in rows], "deviance": fit.deviance}, index=case.expected.index)
    if fit.dispersion > 1:
        found["p"] = [row.p for row in rows]
    case.check(found, list(found))
    np.testing.assert_allclose(fit.standard_errors, se / min(np.sqrt(fit.dispersion), 1))
    assert (fit.dispersion < 1) == (column == "under")


@given(st.integers(0, 10**6), st.floats(0.01, 100))
@settings(max_examples=20)
def test_ratios_do_not_depend_on_the_unit_of_exposure_or_the_order(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    count, exposure = rng.poisson(8, 10) + 1.0, rng.uniform(1, 3, 10)
    count[2] = np.nan
    design, order = np.column_stack([np.ones(10), np.arange(10) % 2]), rng.permutation(10)
    ours = contrast_of(over_dispersed_counts(count, design, np.log(exposure)), [0, 1])
    theirs = contrast_of(over_dispersed_counts(count[order], design[order], np.log(unit * exposure[order])), [0, 1])
    np.testing.assert_allclose(theirs, ours, rtol=1e-6, atol=1e-9)
    assert ours.df == 7


def test_what_has_no_finite_ratio_is_refused_with_the_reason() -> None:
    design = np.column_stack([np.ones(8), np.arange(8) % 2])
    count = np.array([0, 3, 0, 2, 0, 5, 0, 1.0])
    refused = [
        ("all of one group", count, np.zeros(8)),
        ("no event at all", np.zeros(8), np.zeros(8)),
        ("no whole numbers, first 1.5", count + 1.5, np.zeros(8)),
        ("no exposure", count + 1, np.array([-np.inf, *np.zeros(7)])),
    ]
    for words, counts, offset in refused:
        with pytest.raises(DataError, match=words):
            over_dispersed_counts(counts, design, offset)
    count[0] = 1
    assert np.isfinite(contrast_of(over_dispersed_counts(count, design, np.zeros(8)), [0, 1])).all()
