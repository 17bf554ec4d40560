"""Our numbers against those of R, each to the tolerance written beside the golden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.kernels.counts import expressed, tmm_factors, voom_weights
from organokine.kernels.linear_model import moderated_test

KINDS = {
    "plain": {"trend": False, "robust": False},
    "trend": {"trend": True, "robust": False},
    "robust": {"trend": False, "robust": True},
    "trend_robust": {"trend": True, "robust": True},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["limma_complete", "limma_missing", "limma_alike"])
def test_moderated_t_is_limmas(golden, name: str, kind: str) -> None:
    case = golden(name)
    test = moderated_test(case.input.to_numpy(), case.design, case.contrast, legacy=True, **KINDS[kind])
    columns = {"effect": np.where(test.estimable, test.effect, np.nan)}
    columns |= {f"{field}_{kind}": getattr(test, field) for field in ("t", "p", "sd", "df")}
    case.check(pd.DataFrame(columns, index=case.input.index), list(columns))


@pytest.mark.parametrize("name", ["limma_complete", "limma_missing"])
def test_the_kinds_of_prior_differ_in_the_goldens(golden, name: str) -> None:
    columns = golden(name).expected[[f"sd_{kind}" for kind in KINDS]].dropna()
    for first, second in ((0, 1), (2, 3), (0, 3), (1, 3)):
        assert np.abs(columns.iloc[:, first] / columns.iloc[:, second] - 1).max() > 1e-3


def test_complete_data_need_no_legacy_switch(golden) -> None:
    case = golden("limma_complete")
    varying = case.input.to_numpy()[np.ptp(case.input.to_numpy(), axis=1) > 0]
    plain = moderated_test(varying, case.design, case.contrast)
    legacy = moderated_test(varying, case.design, case.contrast, legacy=True)
    np.testing.assert_array_equal(plain.p, legacy.p)


def test_contrasts_fit_is_approximate_where_we_are_exact(golden) -> None:
    case = golden("limma_missing")
    cells = case.design.copy()
    cells[:, 0] -= cells[:, 1]
    test = moderated_test(
        case.input.to_numpy(), cells, np.array([-1.0, 1.0, 0.0]), trend=False, robust=False, legacy=True
    )
    # The same question asked of cell means has the same answer here ...
    case.check(pd.DataFrame({"t_plain": test.t}, index=case.input.index), ["t_plain"])
    # ... while the answer of contrasts.fit is off by more than 5 % in over half of the features with missing values, in none without.
    complete = case.input.notna().all(axis=1).to_numpy()
    off = np.abs(case.expected["t_plain_contrasts"].to_numpy() / test.t - 1)
    assert np.nanmax(off[complete]) < 1e-8
    assert np.nanmean(off[~complete & test.estimable] > 0.05) > 0.5


def test_voom_and_its_weighted_t_are_limmas(golden) -> None:
    case = golden("limma_voom")
    counts = case.input.to_numpy(dtype=float)
    size = counts.sum(axis=0) * tmm_factors(counts)
    voom = voom_weights(counts, case.design, size)
    samples = list(case.input.columns)
    table = pd.DataFrame(voom.log2_cpm, case.input.index, [f"log2_cpm_{sample}" for sample in samples])
    table[[f"weight_{sample}" for sample in samples]] = voom.weights
    for kind in ("plain", "robust"):
        test = moderated_test(voom.log2_cpm, case.design, case.contrast, weights=voom.weights, **KINDS[kind])
        table["effect"] = test.effect
        table[f"t_{kind}"] = test.t
    table["expressed"] = expressed(counts, 4, size)
    case.check(table, list(table))


def test_tmm_factors_are_edgers(golden) -> None:
    case = golden("edger_tmm")
    factors = tmm_factors(case.input.to_numpy(dtype=float))
    table = pd.DataFrame({"factor": factors}, index=pd.Index(case.input.columns, name="sample"))
    case.check(table, ["factor"])
    assert factors.max() / factors.min() > 1.2
    np.testing.assert_allclose(factors.prod(), 1.0, rtol=1e-12)


@pytest.mark.parametrize("damage", ["index", "nan", "value", "column"])
def test_the_reader_of_goldens_sees_damage(golden, damage: str) -> None:
    case = golden("edger_tmm")
    table = case.expected.copy()
    if damage == "index":
        table = table.iloc[::-1]
    elif damage == "nan":
        table.iloc[0, 0] = np.nan
    elif damage == "value":
        table.iloc[0, 0] *= 1 + 1e-7
    else:
        table = table.rename(columns={"factor": "other"})
    with pytest.raises(AssertionError):
        case.check(table, ["factor"])
