"""Spinocerebellar-ataxia mice of two published cohorts (Sucha 2023, Int J Mol Sci; Tichanek 2020, Sci Rep)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from organokine.phenotype import FunctionalResult, analyse
from organokine.phenotype.effects import STATES

pytestmark = pytest.mark.public
ROD = "rotarod_data.tsv.gz"
ROD_COLUMNS = {"day": "day", "trial": "session", "sex": "sex"}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "sca1_mouse_behaviour"


def rotarod(folder: Path, group: str, **within: str) -> FunctionalResult:
    return analyse(
        folder / ROD, "rotarod", subject="id", group=group, value="rot_latency", columns=ROD_COLUMNS, within=within, ceiling=300.0
    )  # fmt: skip


def effect(found: FunctionalResult, term: str = "group") -> pd.Series:
    table = found.findings.effects
    return table[table["term"] == term].iloc[0]


def test_before_treatment_the_animal_is_the_unit(folder: Path) -> None:
    found = effect(rotarod(folder, "genotype", pre_post="pre"))
    rows = pd.read_csv(folder / ROD, sep="\t").query("pre_post == 'pre'")
    is_case = rows["genotype"] == "sca"
    as_units = ttest_ind(rows.loc[is_case, "rot_latency"], rows.loc[~is_case, "rot_latency"]).pvalue
    assert as_units == pytest.approx(2e-5, rel=0.15)
    means = rows.groupby(["genotype", "id"])["rot_latency"].mean()
    animals = ttest_ind(means["sca"], means["wt"]).pvalue
    assert animals == pytest.approx(0.033, abs=0.001)
    assert 0.01 < found["p"] < 0.05
    assert found["p"] == pytest.approx(animals, rel=0.1)
    assert found["estimate"] == pytest.approx(means["sca"].mean() - means["wt"].mean(), abs=0.01)
    assert (found["n_units"], found["n_values"], found["df"]) == (80, 960, pytest.approx(77))


def test_the_difference_grows_from_the_first_to_the_third_day(folder: Path) -> None:
    result = rotarod(folder, "genotype", pre_post="pre")
    found = effect(result, "group x day")
    assert found["estimate"] < -5
    assert found["p"] < 0.01
    curve = result.findings.curves.query("curve == 'learning'").set_index(["group", "x"])["y"]
    differences = [curve["sca", day] - curve["wt", day] for day in (1, 2, 3)]
    assert abs(differences[0]) < 5
    assert differences[2] < -20


def test_edaravone_does_nothing_within_the_sick(folder: Path) -> None:
    result = rotarod(folder, "treatment", pre_post="post", genotype="sca")
    found = effect(result)
    assert found["p"] > 0.3
    assert (found["n_case"], found["n_control"]) == (20, 20)
    assert effect(result, "group x day")["p"] > 0.3
    assert (result.trials.case, result.trials.control) == ("eda", "ctrl")


@pytest.mark.parametrize(
    ("test", "options", "n_measures"),
    [
        ("grip", {"value": [f"grip_strength{pull}" for pull in (1, 2, 3, 4)]}, 1),
        (
            "gait",
            {
                "measures": ("RH_StrideLength_(cm)_Mean", "BOS_HindPaws_Mean_(cm)", "StepSequence_RegularityIndex_(%)", "RH_Swing_(s)_Mean"),
                "columns": {"sex": "sex", "speed": "Run_Average_Speed_(cm/s)_Mean"},
            },
            4,
        ),
        ("scalar", {"measures": ("distance_01", "distance_10", "thigmo_proptime"), "domain": "activity"}, 3),
    ],
)  # fmt: skip
def test_the_other_tests_of_the_same_mice_run_through(
    folder: Path, test: str, options: dict[str, Any], n_measures: int
) -> None:
    found = analyse(
        folder / "behav_dat.tsv.gz", test, subject="id", group="genotype", **({"columns": {"sex": "sex"}} | options)
    )
    table = found.findings.effects
    primary = table[(table["role"] == "primary") & (table["term"] == "group")]
    assert len(primary) == n_measures
    assert primary["state"].eq("estimated").all()
    assert primary["n_units"].eq(80).all()
    assert primary["p"].between(0, 1).all()
    assert set(table["state"]) <= set(STATES)
    assert len(found.findings.animals) == 80 * n_measures


def test_a_wide_table_of_five_days_and_five_trials(folder: Path) -> None:
    """The older cohort: genotypes are called tg+ and w, weight is known, three age cohorts."""
    columns = [f"rotarod{day}_{trial}" for day in range(1, 6) for trial in range(1, 6)]
    result = analyse(
        folder / "cohort2020_wide.tsv.gz", "rotarod", subject="id", group="genotype", value=columns, covariates=("age_cohort",)
    )  # fmt: skip
    wide = pd.read_csv(folder / "cohort2020_wide.tsv.gz", sep="\t")
    assert (result.trials.case, result.trials.control) == ("tg+", "w")
    assert int(result.trials.rows["value"].notna().sum()) == int(wide[columns].notna().sum().sum())
    assert set(result.trials.rows["day"]) == {1.0, 2.0, 3.0, 4.0, 5.0}
    found = effect(result)
    assert found["adjusted_for"].split(";")[0] == "age_cohort"
    means = wide.assign(mean=wide[columns].mean(axis=1)).groupby("genotype")["mean"].mean()
    assert found["estimate"] == pytest.approx(means["tg+"] - means["w"], rel=0.2)
    assert found["p"] < 1e-6
    assert np.isfinite(found["standardised"])
