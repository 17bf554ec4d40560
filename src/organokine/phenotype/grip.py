"""Grip strength: force given body weight."""

from __future__ import annotations

import pandas as pd

from organokine.phenotype.base import Findings, FunctionalTest, Trials
from organokine.phenotype.design import GROUP
from organokine.phenotype.effects import LEAST_DF, Row, Told, effect_table, linear_effect, primary_effects
from organokine.phenotype.planning import power_table
from organokine.phenotype.summary import animal_facts, animal_table
from organokine.phenotype_tables import PHENOTYPE_CURVES, PHENOTYPE_DAYS
from organokine.readers.base import Remark

MEASURE = "force"
BEST = 3
"""Pulls of an animal whose mean stands for it, the strongest ones: weak pulls are often slips of the hand or of motivation
(the standard protocol TREAT-NMD DMD_M.2.2.001)."""


def run(trials: Trials) -> Findings:
    """Compare forces given body weight (ANCOVA); force divided by weight stands beside it as secondary.

    Null hypothesis: animals of one weight (and sex) have the same mean force in both groups.

    Parameters
    ----------
    trials : Trials
        One row per pull, or per animal; `weight` where known.

    Returns
    -------
    Findings
        The primary row is adjusted for weight if any is known.
    """
    rows = trials.of(MEASURE)
    facts = animal_facts(rows, trials).assign(value=_best(rows))
    has_weight = bool(facts["weight"].notna().any())
    numbers = ("weight",) if has_weight else ()
    given = facts if not has_weight else facts[facts["weight"].notna()]
    told = Told(method="linear model of animals (ANCOVA)" if has_weight else "")
    effects = primary_effects(facts, trials, MEASURE, given, numbers=numbers, told=told)
    if has_weight:
        effects += _secondary(facts, trials)
    return Findings(
        effect_table(effects),
        animal_table(facts, trials, MEASURE),
        PHENOTYPE_DAYS.empty(),
        PHENOTYPE_CURVES.empty(),
        power_table(facts, trials, MEASURE, numbers=numbers),
        (*_weight_remarks(facts, trials), *_unit_remark(trials)),
    )


def _best(rows: pd.DataFrame) -> pd.Series:
    """Mean of the strongest pulls of each animal, in the order of the names."""
    strongest = rows.sort_values("value", ascending=False, kind="stable").groupby("subject", sort=True).head(BEST)
    return strongest.groupby("subject", sort=True)["value"].mean().reset_index(drop=True)


def _secondary(facts: pd.DataFrame, trials: Trials) -> list[Row]:
    per_weight = f"{trials.unit} per unit of weight".strip()
    raw = linear_effect(
        facts, trials, MEASURE, told=Told("secondary", "linear model of animals, weight not adjusted for")
    )
    ratio = linear_effect(
        facts.assign(value=facts["value"] / facts["weight"])[facts["weight"] > 0],
        trials,
        MEASURE,
        told=Told("secondary", "force divided by weight", per_weight),
    )
    note = "for comparison with the literature only: heavier animals have a lower ratio at equal strength"
    ratio["note"] = "; ".join(part for part in (note, str(ratio["note"])) if part != "")
    if len(facts) - 4 < LEAST_DF:
        return [raw, ratio]
    slopes = linear_effect(
        facts,
        trials,
        MEASURE,
        numbers=("weight",),
        interaction="weight",
        term=f"{GROUP} x weight",
        told=Told("secondary", unit=per_weight),
    )
    return [raw, ratio, slopes]


def _weight_remarks(facts: pd.DataFrame, trials: Trials) -> tuple[Remark, ...]:
    n = int(facts["weight"].isna().sum())
    if n == 0:
        return ()
    if n == len(facts):
        detail = "no body weight is known, so force is compared without it; a difference may be one of weight"
        return (Remark("study", trials.name, "no_weight", detail),)
    detail = f"{n} of {len(facts)} animals {'has' if n == 1 else 'have'} no body weight and {'is' if n == 1 else 'are'} left out of the comparison at equal weight"
    return (Remark("study", trials.name, "weight_missing", detail),)


def _unit_remark(trials: Trials) -> tuple[Remark, ...]:
    """Grams and newtons are both common, so that neither is taken for granted."""
    if trials.unit != "":
        return ()
    return (Remark("study", trials.name, "no_unit", "the unit of force is not named, such as g or N"),)


TEST = FunctionalTest(
    name="grip",
    question="Do animals of one body weight grip as hard?",
    measures=(MEASURE,),
    primary="difference of force at equal body weight (ANCOVA)",
    null="Animals of one weight have the same mean force in both groups.",
    unit="",
    better="higher",
    domain="strength",
    reference="10.1258/la.2012.012003",
    run=run,
)
