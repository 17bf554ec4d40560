"""What every functional test keeps to."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from organokine.phenotype import TESTS, Findings, Trials
from organokine.phenotype.effects import ESTIMATED, NO_EVENT, STATES
from organokine.phenotype_tables import (
    PHENOTYPE_ANIMALS,
    PHENOTYPE_CURVES,
    PHENOTYPE_DAYS,
    PHENOTYPE_POWER,
    PHENOTYPES,
)
from tests.simulated_function import SIMULATED

ROLES = {"primary", "secondary", "estimate", "sensitivity", "adjusted"}
SCHEMAS = {
    "effects": PHENOTYPES,
    "animals": PHENOTYPE_ANIMALS,
    "days": PHENOTYPE_DAYS,
    "curves": PHENOTYPE_CURVES,
    "power": PHENOTYPE_POWER,
}


def simulated(name: str, layout: str) -> Trials:
    rng = np.random.default_rng(len(layout))
    match layout:
        case "two per group":
            return SIMULATED[name](rng, 2)
        case "both sexes":
            return SIMULATED[name](rng, 6, sex=True)
        case "no animal alike":
            return SIMULATED[name](rng, 5)
        case "cages":
            trials = SIMULATED[name](rng, 4, sex=True)
            cage = trials.rows["group"] + trials.rows["subject"].str[-1].map(lambda digit: str(int(digit) % 2))
            return replace(trials, rows=trials.rows.assign(cage=cage))
        case "lost values":
            trials = SIMULATED[name](rng, 6, sex=True)
            kept = rng.random(len(trials.rows)) > 0.15
            return replace(trials, rows=trials.rows[kept].reset_index(drop=True))
    trials = SIMULATED[name](rng, 4)
    alike = trials.rows["value"].where(trials.rows["group"] == "old", 0.0 if name == "beam" else 20.0)
    # The logarithm of a crossing time needs one.
    alike = alike.where((trials.rows["measure"] != "time") | (alike > 0), 8.0)
    return replace(trials, rows=trials.rows.assign(value=alike))


LAYOUTS = ("two per group", "both sexes", "no animal alike", "cages", "lost values", "one group all alike")


def check_rows(table: pd.DataFrame) -> None:
    assert set(table["state"]) <= set(STATES)
    assert set(table["role"]) <= ROLES
    assert set(table["scale"]) <= {"difference", "ratio"}
    has_p = table["state"].isin([ESTIMATED, NO_EVENT])
    assert (table.loc[~has_p, "note"] != "").all()
    assert table.loc[~has_p, "p"].isna().all()
    assert table.loc[table["state"] == ESTIMATED, "estimate"].notna().all()
    without = table[has_p & table["p"].isna()]
    assert (without["note"] != "").all()
    assert table["p"].dropna().between(0, 1).all()
    assert np.isfinite(table[["estimate", "se", "ci_low", "ci_high"]].to_numpy(dtype=float, na_value=0)).all()
    inside = table.dropna(subset=["estimate", "ci_low", "ci_high"])
    assert (inside["ci_low"] <= inside["estimate"]).all()
    assert (inside["estimate"] <= inside["ci_high"]).all()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", TESTS)
def test_findings_keep_to_the_tables(name: str, layout: str) -> None:
    trials = simulated(name, layout)
    found = TESTS[name].run(trials)
    assert isinstance(found, Findings)
    for field, schema in SCHEMAS.items():
        pd.testing.assert_frame_equal(schema.conform(getattr(found, field)), getattr(found, field))
    check_rows(found.effects)
    primary = found.effects[(found.effects["role"] == "primary") & (found.effects["term"] == "group")]
    assert primary["measure"].tolist() == list(trials.measures)
    assert (found.effects["phenotype"] == trials.name).all()
    assert (found.effects["test"] == name).all()
    animals = trials.rows.drop_duplicates(["measure", "subject"])
    assert len(found.animals) == len(animals)
    assert int(found.animals["n_values"].sum()) == len(trials.rows)


@pytest.mark.parametrize("name", TESTS)
def test_the_trials_given_are_left_as_they_were(name: str) -> None:
    trials = SIMULATED[name](np.random.default_rng(1), 4)
    before = trials.rows.copy()
    TESTS[name].run(trials)
    pd.testing.assert_frame_equal(trials.rows, before)


@pytest.mark.parametrize("card", TESTS.values(), ids=list(TESTS))
def test_cards_say_what_is_asked(card) -> None:
    assert TESTS[card.name] is card
    assert card.question.endswith("?")
    assert card.null.endswith(".")
    assert card.better in {"higher", "lower", ""}
    assert re.fullmatch(r"10\.\d{4,9}/\S+", card.reference)
    assert card.primary != ""
    assert len(card.measures) > 0
