from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine.errors import DataError
from organokine.phenotype.models import contrast_of, cox_clustered, kaplan_meier


def cut(case, prefix: str):
    case.expected = case.expected[case.expected.index.str.startswith(f"{prefix}/")]
    return case


def test_the_hazard_model_is_coxph_with_clusters(golden) -> None:
    case = cut(golden("time_to_fall"), "cox")
    data = case.input
    fit = cox_clustered(data.time, data.fell, data[["group", "weight"]], data.animal)
    naive, robust = (np.sqrt(np.diag(each)) for each in (fit.model_covariance, fit.robust_covariance))
    found = {
        "estimate": fit.coefficients,
        "se": robust,
        "naive_se": naive,
        "log_likelihood": fit.log_likelihood,
    }
    case.check(pd.DataFrame(found, index=case.expected.index), list(found))
    assert contrast_of(fit, [1, 0]).df == 13
    np.testing.assert_allclose(fit.standard_errors, robust * np.sqrt(16 / 13))
    assert (fit.n_subjects, fit.n_events) == (16, data.fell.sum())


@pytest.mark.parametrize("group", [0, 1])
def test_curves_are_survfits(golden, group: int) -> None:
    case = cut(golden("time_to_fall"), f"curve{group}")
    data = case.input
    plain = kaplan_meier(data.time, data.fell, data.group)[group]
    clustered = kaplan_meier(data.time, data.fell, data.group, data.animal)[group]
    np.testing.assert_array_equal(plain.time, [float(row.partition("/")[2]) for row in case.expected.index])
    columns = {"at_risk": plain.at_risk, "survival": plain.share, "se": plain.se}
    columns |= {"ci_low": plain.ci_low, "ci_high": plain.ci_high, "clustered_se": clustered.se}
    columns |= {"clustered_low": clustered.ci_low, "clustered_high": clustered.ci_high}
    case.check(pd.DataFrame(columns, index=case.expected.index), list(columns))


def test_curves_are_those_of_statsmodels() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    rng = np.random.default_rng(1)
    time, fell = rng.integers(1, 20, 40).astype(float), rng.random(40) < 0.7
    theirs, ours = SurvfuncRight(time, fell), kaplan_meier(time, fell)[None]
    share = dict(zip(theirs.surv_times, theirs.surv_prob, strict=True))
    np.testing.assert_allclose(ours.share, [share[each] for each in ours.time])


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.integers(0, 4)), min_size=1, max_size=30))
def test_curves_fall_from_one_and_lie_in_their_interval(trials: list) -> None:
    time, fell, animal = (np.array(each) for each in zip(*trials, strict=True))
    curve = kaplan_meier(time, fell, subject=animal)[None]
    assert (np.diff(curve.share, prepend=1.0) < 0).all()
    seen = ~np.isnan(curve.ci_low)
    assert seen.sum() >= len(seen) - 1
    assert ((curve.ci_low <= curve.share + 1e-12) & (curve.share <= curve.ci_high + 1e-12))[seen].all()
    assert not np.isinf(np.concatenate(curve)).any()


def test_where_all_fell_the_interval_is_not_known() -> None:
    curve = kaplan_meier([1.0, 2.0, np.nan], [True, True, True])[None]
    np.testing.assert_array_equal(curve.share, [0.5, 0])
    assert np.isnan([curve.se[1], curve.ci_low[1], curve.ci_high[1]]).all()


def test_without_a_fall_there_is_no_step() -> None:
    assert len(kaplan_meier([3.0, 4.0], [False, False])[None].time) == 0


def test_what_has_no_hazard_ratio_is_refused_with_the_reason() -> None:
    time, group = np.arange(1.0, 13.0), np.arange(12) % 2
    with pytest.raises(DataError, match="do not determine 1 coefficients"):
        cox_clustered(time, group == 1, group[:, None], np.arange(12))
    with pytest.raises(DataError, match="2 animals"):
        cox_clustered(time, np.ones(12), group[:, None], group)
    with pytest.raises(DataError, match="negative"):
        cox_clustered(time - 5, np.ones(12), group[:, None], np.arange(12))
    with pytest.raises(ValueError, match="true or false"):
        kaplan_meier(time, np.full(12, 2))
