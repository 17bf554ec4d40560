"""Gait: many parameters, one declared family, given walking speed."""

from __future__ import annotations

import pandas as pd

from organokine.phenotype.base import Findings, FunctionalTest, Trials
from organokine.phenotype.effects import Row, Told, effect_table, linear_effect, primary_effects
from organokine.phenotype.planning import power_table
from organokine.phenotype.summary import animal_facts, animal_table
from organokine.phenotype_tables import PHENOTYPE_CURVES, PHENOTYPE_DAYS
from organokine.readers.base import Remark

SPEED = "speed"


def run(trials: Trials) -> Findings:
    """Compare each declared parameter at equal speed, with the animal as the unit.

    Null hypothesis of each parameter: animals that walk equally fast have the same mean in both groups. `q` is over the family.

    Parameters
    ----------
    trials : Trials
        One row per run (or animal) and parameter; `speed` where known.

    Returns
    -------
    Findings
        One primary row per parameter; where it is adjusted for speed, a secondary row without it.
    """
    effects: list[Row] = []
    animals, power = [], []
    for measure in trials.measures:
        rows = trials.of(measure)
        facts = animal_facts(rows, trials)
        numbers = _held_equal(rows)
        effects += primary_effects(rows, trials, measure, facts, numbers=numbers)
        if len(numbers) > 0:
            effects.append(linear_effect(rows, trials, measure, told=Told("secondary", "speed not adjusted for")))
        animals.append(animal_table(facts, trials, measure))
        power.append(power_table(rows, trials, measure, numbers=numbers))
    return Findings(
        effect_table(effects),
        pd.concat(animals, ignore_index=True),
        PHENOTYPE_DAYS.empty(),
        PHENOTYPE_CURVES.empty(),
        pd.concat(power, ignore_index=True),
        _speed_remark(trials),
    )


def _held_equal(rows: pd.DataFrame) -> tuple[str, ...]:
    """Speed, where it is known and is not the parameter itself."""
    known = rows[rows[SPEED].notna()]
    is_speed = bool((known["value"] == known[SPEED]).all())
    return () if len(known) == 0 or is_speed else (SPEED,)


def _speed_remark(trials: Trials) -> tuple[Remark, ...]:
    if trials.rows[SPEED].notna().any():
        return ()
    detail = (
        "no walking speed is known; most parameters of gait change with it, so that a difference may be one of speed"
    )
    return (Remark("study", trials.name, "no_speed", detail),)


TEST = FunctionalTest(
    name="gait",
    question="Do animals that walk equally fast walk alike?",
    measures=("value",),
    primary="difference of each declared parameter at equal speed, with the false discovery rate over the family",
    null="Animals that walk equally fast have the same mean in both groups.",
    unit="",
    better="",
    domain="coordination",
    reference="10.2307/2529876",
    run=run,
)
