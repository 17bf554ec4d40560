"""Coordination with strength held equal: what strength explains goes, what it does not explain stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from organokine.phenotype import TESTS, Trials
from organokine.phenotype.adjusted import adjusted_for_strength
from organokine.stages.phenotype import phenotype_tables
from tests.simulated_function import as_trials


def planted(
    seed: int, n: int = 8, *, weaker: float = 0.0, clumsier: float = 0.0, with_weight: bool = False
) -> list[Trials]:
    """The latency is what the force makes of it, and what the group takes besides."""
    rng = np.random.default_rng(seed)
    who = pd.DataFrame({"subject": [f"m{k:02d}" for k in range(2 * n)], "group": np.repeat(["old", "young"], n)})
    is_old = (who["group"] == "old").to_numpy(dtype=float)
    force = 100 - weaker * is_old + 10 * rng.normal(size=2 * n)
    latency = 150 + 2 * (force - 100) - clumsier * is_old + 10 * rng.normal(size=2 * n)
    code = np.repeat(np.arange(2 * n), 3)
    rod = who.iloc[code].assign(
        measure="latency", value=latency[code] + 5 * rng.normal(size=len(code)), trial=np.tile(list("123"), 2 * n)
    )
    grips = who.assign(measure="force", value=force, weight=25 + rng.normal(size=2 * n) if with_weight else np.nan)
    return [as_trials("rotarod", rod), as_trials("grip", grips)]


def adjusted(tests: list[Trials]) -> pd.DataFrame:
    animals = pd.concat([TESTS[each.test].run(each).animals for each in tests], ignore_index=True)
    return adjusted_for_strength(tests, animals, TESTS)


@pytest.mark.parametrize("seed", range(4))
def test_a_difference_that_strength_explains_disappears(seed: int) -> None:
    without, given = adjusted(planted(seed, 30, weaker=25)).to_dict("records")
    assert without["estimate"] < -30
    assert without["p"] < 1e-6
    assert given["p"] > 0.01
    assert abs(given["estimate"]) < 0.3 * abs(without["estimate"])


@pytest.mark.parametrize("seed", range(4))
def test_a_difference_of_coordination_alone_stays(seed: int) -> None:
    without, given = adjusted(planted(seed, clumsier=50)).to_dict("records")
    assert given["p"] < 0.001
    assert given["estimate"] == pytest.approx(-50, abs=20)
    assert given["se"] < without["se"]


def test_rows_are_least_squares_with_and_without_the_force() -> None:
    tests = planted(6, with_weight=True)
    rod, force = (each.rows.groupby("subject")["value"].mean() for each in tests)
    table = pd.DataFrame({"y": rod, "force": force, "weight": tests[1].rows.set_index("subject")["weight"]})
    table["case"] = (tests[1].rows.set_index("subject")["group"] == "old") * 1.0
    without, given = adjusted(tests).to_dict("records")
    assert without["p"] == pytest.approx(smf.ols("y ~ case", table).fit().pvalues["case"], rel=1e-4)
    assert given["p"] == pytest.approx(smf.ols("y ~ case + force + weight", table).fit().pvalues["case"], rel=1e-4)
    assert {without["role"], given["role"]} == {"adjusted"}
    assert given["adjusted_for"] == "grip force;body weight"
    assert "that part is taken out" in given["note"]
    assert "that part" not in without["note"]


def test_both_rows_are_of_the_same_animals() -> None:
    rod, grips = planted(7)
    fewer = replace(grips, rows=grips.rows.iloc[2:].reset_index(drop=True))
    table = adjusted([rod, fewer])
    assert table["n_units"].tolist() == [14, 14]


def test_nothing_is_adjusted_without_strength_or_with_too_few_animals() -> None:
    rod, grips = planted(8)
    assert len(adjusted([rod])) == 0
    assert len(adjusted([grips])) == 0
    assert len(adjusted(planted(8, n=3))) == 0
    elsewhere = replace(grips, rows=grips.rows.assign(subject="other " + grips.rows["subject"]))
    assert len(adjusted([rod, elsewhere])) == 0
    few = replace(grips, rows=grips.rows.iloc[::3].reset_index(drop=True))
    assert len(adjusted([rod, few])) == 0


def test_a_covariate_of_the_same_name_is_no_obstacle() -> None:
    rod, grips = planted(9, with_weight=True)
    rows = rod.rows.assign(**{"body weight": [str(k % 4) for k in range(len(rod.rows))]})
    rows["body weight"] = rows.groupby("subject")["body weight"].transform("first")
    table = adjusted([replace(rod, rows=rows, covariates=("body weight",)), grips])
    assert "body weight (other test)" in table["adjusted_for"].iloc[1].split(";")


def test_the_stage_puts_them_beside_the_rest() -> None:
    found = phenotype_tables(planted(10))
    assert found.effects["role"].value_counts()["adjusted"] == 2
    assert len(found.effects[["phenotype", "measure", "term", "method"]].drop_duplicates()) == len(found.effects)
