"""Balance beam: slips, crossing time, failures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, ttest_ind
from statsmodels.stats.power import TTestIndPower

from organokine.phenotype import TESTS, Trials
from organokine.phenotype.beam import totals
from tests.simulated_function import beam


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def effects(trials: Trials, measure: str) -> pd.DataFrame:
    table = TESTS["beam"].run(trials).effects
    return table[table["measure"] == measure].reset_index(drop=True)


def primary(trials: Trials, measure: str) -> pd.Series:
    return effects(trials, measure).iloc[0]


def only(trials: Trials, measure: str) -> Trials:
    rows = trials.rows[trials.rows["measure"] == measure].reset_index(drop=True)
    return replace(trials, rows=rows, measures=(measure,))


def set_values(trials: Trials, measure: str, values: np.ndarray) -> Trials:
    rows = trials.rows.copy()
    rows.loc[rows["measure"] == measure, "value"] = values
    return replace(trials, rows=rows)


def test_slips_are_a_quasi_poisson_model_of_the_animals() -> None:
    trials = only(beam(rng(1), 6, spread=0.8), "slips")
    sums = trials.rows.groupby(["subject", "group"])["value"].agg(["sum", "size"]).reset_index()
    design = sm.add_constant((sums["group"] == "old").astype(float))
    fit = sm.GLM(sums["sum"], design, family=sm.families.Poisson(), offset=np.log(sums["size"])).fit(scale="X2")
    found = primary(trials, "slips")
    assert fit.scale > 1
    assert found["estimate"] == pytest.approx(np.exp(fit.params["group"]))
    assert found["se"] == pytest.approx(fit.bse["group"])
    assert (found["df"], found["n_units"], found["n_values"]) == (10, 12, 48)


def test_exposure_is_what_slips_are_counted_over() -> None:
    trials = only(beam(rng(2), 4), "slips")
    steps = np.where(trials.rows["group"] == "old", 20.0, 10.0)
    per_step = primary(replace(trials, rows=trials.rows.assign(exposure=steps)), "slips")
    assert per_step["estimate"] == pytest.approx(primary(trials, "slips")["estimate"] / 2)
    unknown = trials.rows.assign(exposure=np.where(np.arange(len(trials.rows)) == 0, np.nan, steps))
    partly = primary(replace(trials, rows=unknown), "slips")
    assert partly["estimate"] == pytest.approx(primary(trials, "slips")["estimate"])
    assert "exposure of 1 crossings is not known" in partly["note"]
    facts = totals(trials.rows.assign(exposure=steps), trials)
    assert set(facts["total"]) == {40.0, 80.0}


def test_unequal_numbers_of_crossings_do_not_change_a_rate() -> None:
    trials = only(beam(rng(3), 5, spread=0), "slips")
    rows = trials.rows.assign(value=2.0)
    rows = rows[(rows["group"] == "young") | (rows["trial"] == "1")].reset_index(drop=True)
    assert primary(replace(trials, rows=rows), "slips")["estimate"] == pytest.approx(1)


@pytest.mark.parametrize("level", ["old", "young"])
def test_a_group_that_never_slips_has_a_p_of_who_slipped(level: str) -> None:
    trials = only(beam(rng(4), 4, slips=5), "slips")
    none = set_values(trials, "slips", np.where(trials.rows["group"] == level, 0.0, trials.rows["value"] + 1))
    found = primary(none, "slips")
    assert found["state"] == "no_event"
    assert found["p"] == pytest.approx(fisher_exact([[4, 0], [0, 4]]).pvalue)
    assert np.isnan(found["estimate"])
    assert f"no slip of {level}" in found["note"]
    nobody = primary(set_values(trials, "slips", np.zeros(len(trials.rows))), "slips")
    assert (nobody["state"], nobody["note"]) == ("all_alike", "no animal slipped")


def test_slips_of_cages_of_one_group_are_totals_of_cages() -> None:
    trials = only(beam(rng(5), 6, cages="of one group", cage_sd=0.5), "slips")
    sums = trials.rows.groupby(["cage", "group"])["value"].agg(["sum", "size"]).reset_index()
    design = sm.add_constant((sums["group"] == "old").astype(float))
    fit = sm.GLM(sums["sum"], design, family=sm.families.Poisson(), offset=np.log(sums["size"])).fit(scale="X2")
    found = primary(trials, "slips")
    assert (found["df"], found["n_units"]) == (4, 6)
    assert found["se"] == pytest.approx(np.sqrt(fit.cov_params().loc["group", "group"] / min(fit.scale, 1)))
    assert "the cage is the unit" in found["note"]


def test_totals_of_cages_are_adjusted_for_the_means_of_their_animals() -> None:
    trials = only(beam(rng(6), 8, cages="of one group"), "slips")
    force = trials.rows["subject"].map({name: float(k) for k, name in enumerate(sorted(set(trials.rows["subject"])))})
    adjusted = replace(trials, rows=trials.rows.assign(force=force), covariates=("force",))
    found = primary(adjusted, "slips")
    assert (found["adjusted_for"], found["df"]) == ("force", 5)


def test_one_cage_per_group_has_no_p() -> None:
    trials = beam(rng(7), 4, cages="of one group", of_cage=4)
    table = TESTS["beam"].run(trials).effects
    assert table["p"].isna().all()
    assert table["note"].str.contains("cannot be told from the cage").all()


def test_slips_in_cages_of_both_groups_have_cages_as_blocks_beside_them() -> None:
    table = effects(beam(rng(8), 8, cages="mixed", of_cage=4), "slips")
    assert table["role"].tolist() == ["primary", "sensitivity"]
    assert table["df"].tolist() == [14, 11]


def test_time_is_a_ratio_of_geometric_means() -> None:
    trials = only(beam(rng(9), 5, time_ratio=2), "time")
    logs = np.log(trials.rows["value"]).groupby([trials.rows["group"], trials.rows["subject"]]).mean()
    found = primary(trials, "time")
    assert found["estimate"] == pytest.approx(np.exp(logs["old"].mean() - logs["young"].mean()), rel=1e-5)
    assert found["p"] == pytest.approx(ttest_ind(logs["old"], logs["young"]).pvalue, rel=1e-4)
    assert (found["scale"], found["unit"]) == ("ratio", "")


def test_crossings_cut_off_are_told_and_estimated_beyond_the_ceiling() -> None:
    trials = only(beam(rng(10), 8, time_ratio=1.6, spread=0.1), "time")
    values = trials.rows["value"].clip(upper=12.0)
    values.iloc[0] = 0.0
    table = effects(replace(trials, rows=trials.rows.assign(value=values), ceiling=12.0), "time")
    first, censored = table.iloc[0], table[table["role"] == "estimate"].iloc[0]
    n_cut = int((values >= 12).sum())
    assert f"{n_cut} crossings ended at the ceiling" in first["note"]
    assert "1 crossings of no time are left out" in first["note"]
    assert censored["estimate"] > first["estimate"] > 1
    assert np.isnan(censored["p"])
    assert censored["scale"] == "ratio"


def test_failures_are_fishers_test_of_the_animals() -> None:
    trials = only(beam(rng(11), 6, failing=0.3), "failed")
    ever = trials.rows.groupby(["group", "subject"])["value"].max()
    table = [[int(ever[level].sum()), int(6 - ever[level].sum())] for level in ("old", "young")]
    found = primary(trials, "failed")
    assert found["p"] == pytest.approx(fisher_exact(table).pvalue)
    assert f"{table[0][0]} of 6 animals of old" in found["note"]


def test_all_of_a_group_failing_has_a_p_and_no_ratio() -> None:
    trials = only(beam(rng(12), 5), "failed")
    found = primary(set_values(trials, "failed", (trials.rows["group"] == "old").to_numpy(dtype=float)), "failed")
    assert found["state"] == "no_event"
    assert found["p"] == pytest.approx(fisher_exact([[5, 0], [0, 5]]).pvalue)
    assert np.isnan(found["estimate"])
    nobody = primary(set_values(trials, "failed", np.zeros(len(trials.rows))), "failed")
    assert (nobody["state"], np.isnan(nobody["p"])) == ("all_alike", True)


def test_failures_of_cages_of_one_group_count_cages() -> None:
    trials = only(beam(rng(13), 6, cages="of one group", failing=0.4), "failed")
    found = primary(trials, "failed")
    assert found["n_units"] == 6
    assert "of 3 cages of old" in found["note"]


@given(seed=st.integers(0, 10_000), copies=st.integers(2, 4))
@settings(max_examples=8)
def test_swapping_inverts_the_ratio_and_copies_add_no_animals(seed: int, copies: int) -> None:
    trials = only(beam(rng(seed), 4, spread=0.8, slips=4), "slips")
    one, swapped = primary(trials, "slips"), primary(replace(trials, case="young", control="old"), "slips")
    assert swapped["estimate"] == pytest.approx(1 / one["estimate"])
    assert [swapped["ci_low"], swapped["ci_high"]] == pytest.approx([1 / one["ci_high"], 1 / one["ci_low"]])
    assert swapped["p"] == pytest.approx(one["p"])
    many = primary(replace(trials, rows=pd.concat([trials.rows] * copies, ignore_index=True)), "slips")
    assert (many["df"], many["estimate"]) == (one["df"], pytest.approx(one["estimate"]))
    # The dispersion grows with the copies, unless it was held at one.
    assert many["se"] >= 0.5 * one["se"]


def test_crossing_times_are_planned_as_they_are_tested_on_logarithms() -> None:
    trials = beam(rng(4), 8, n_trials=1)
    plan = TESTS["beam"].run(trials).power.set_index("share")
    logs = trials.of("time").assign(value=lambda rows: np.log(rows["value"]))
    by_group = logs.groupby("group")["value"]
    sd = np.sqrt(by_group.var().mean())
    middle = np.exp(by_group.mean()[trials.control])
    for share in (0.3, 0.5):
        # statsmodels leaves out the chance to find the difference on the wrong side as well.
        needed = TTestIndPower().solve_power(np.log1p(share) / sd, alpha=0.05, power=0.8)
        assert plan.loc[share, "n_per_group"] == np.ceil(needed)
        assert plan.loc[share, "difference"] == pytest.approx(share * middle)
    seen = TTestIndPower().solve_power(None, nobs1=8, alpha=0.05, power=0.8) * sd
    assert plan["smallest_detectable"].iloc[0] == pytest.approx(np.expm1(seen) * middle, rel=1e-3)
    assert set(plan["unit"]) == {"s"}
