"""Any one value per animal, such as the distance walked in an open field."""

from __future__ import annotations

import pandas as pd

from organokine.phenotype.base import Findings, FunctionalTest, Trials
from organokine.phenotype.effects import Row, effect_table, primary_effects
from organokine.phenotype.planning import power_table
from organokine.phenotype.summary import animal_facts, animal_table
from organokine.phenotype_tables import PHENOTYPE_CURVES, PHENOTYPE_DAYS


def run(trials: Trials) -> Findings:
    """Compare the means of the animals, adjusted for sex and covariates; several rows of an animal are averaged first.

    Null hypothesis: both groups have the same mean, given what is adjusted for.

    Parameters
    ----------
    trials : Trials
        One row per animal and measure, or several.

    Returns
    -------
    Findings
        One primary row per declared measure.
    """
    effects: list[Row] = []
    animals, power = [], []
    for measure in trials.measures:
        facts = animal_facts(trials.of(measure), trials)
        effects += primary_effects(facts, trials, measure, facts)
        animals.append(animal_table(facts, trials, measure))
        power.append(power_table(facts, trials, measure))
    return Findings(
        effect_table(effects),
        pd.concat(animals, ignore_index=True),
        PHENOTYPE_DAYS.empty(),
        PHENOTYPE_CURVES.empty(),
        pd.concat(power, ignore_index=True),
    )


TEST = FunctionalTest(
    name="scalar",
    question="Do the groups differ in this value?",
    measures=("value",),
    primary="difference of the means of the animals, adjusted for sex and covariates",
    null="Both groups have the same mean, given what is adjusted for.",
    unit="",
    better="",
    domain="other",
    reference="10.1371/journal.pbio.3000411",
    run=run,
)
