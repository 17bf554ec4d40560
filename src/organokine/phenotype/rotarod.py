"""Rotarod: trials over days, with learning and a ceiling."""

from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.phenotype.base import Findings, FunctionalTest, Trials
from organokine.phenotype.censoring import censored_effect
from organokine.phenotype.design import GROUP
from organokine.phenotype.effects import (
    Row,
    Told,
    cage_sensitivity,
    effect_table,
    linear_effect,
    sex_interaction,
    standardised,
)
from organokine.phenotype.planning import power_table
from organokine.phenotype.summary import animal_facts, animal_table, day_table, learning_curve, survival_curves
from organokine.phenotype_tables import PHENOTYPE_CURVES
from organokine.readers.base import Remark

MEASURE = "latency"
MANY_ALIKE = 3
"""Trials of just the longest latency from which a ceiling may have been forgotten; it is asked after, and changes nothing."""


def run(trials: Trials) -> Findings:
    """Compare the latencies of two groups over days, with the animal as the unit.

    Null hypotheses: of `group`, both groups stay on the rod equally long, averaged over days; of `group x day`, both learn equally
    fast.

    Parameters
    ----------
    trials : Trials
        Latencies to fall; with a ceiling if the trial ends there.

    Returns
    -------
    Findings
        The primary row is the difference averaged over days, by a mixed model with random intercepts of animals (and cages); beside
        it the difference of the learning slopes, by the slope of each animal, and above `CENSORED_SHARE` of trials at the ceiling a
        censored estimate without p.
    """
    rows = trials.of(MEASURE)
    facts = animal_facts(rows, trials)
    days = _days(rows)
    interaction = None if len(days) == 0 else "day"
    main = linear_effect(rows, trials, MEASURE, numbers=days, interaction=interaction)
    main = standardised(main, facts, trials)
    effects = [
        main,
        *censored_effect(rows, trials, MEASURE, numbers=days, interaction=interaction),
        *_learning(rows, trials),
    ]
    effects += cage_sensitivity(rows, trials, MEASURE, numbers=days, interaction=interaction)
    effects += sex_interaction(rows, trials, MEASURE, numbers=days)
    by_day = day_table(rows, trials, MEASURE)
    curves = [part for part in (learning_curve(by_day), survival_curves(rows, trials, MEASURE)) if len(part) > 0]
    return Findings(
        effect_table(effects),
        animal_table(facts, trials, MEASURE),
        by_day,
        pd.concat(curves, ignore_index=True) if len(curves) > 0 else PHENOTYPE_CURVES.empty(),
        power_table(rows, trials, MEASURE, numbers=days),
        _ceiling_remark(facts, trials),
    )


def _days(rows: pd.DataFrame) -> tuple[str, ...]:
    """`day` as a number to adjust for, if there are several days."""
    return ("day",) if len(set(rows["day"].dropna())) > 1 else ()


def slopes(rows: pd.DataFrame) -> pd.DataFrame:
    """The slope of each animal over days by least squares, in `value`; animals tested on one day only have none."""
    parts = []
    for _, own in rows.groupby("subject", sort=True):
        day = own["day"].to_numpy(dtype=float)
        centred = day - day.mean()
        if np.ptp(day) > 0:
            slope = float(centred @ own["value"].to_numpy(dtype=float) / (centred @ centred))
            parts.append(own.iloc[[0]].assign(value=slope))
    return pd.concat(parts, ignore_index=True) if len(parts) > 0 else rows.iloc[:0]


def _learning(rows: pd.DataFrame, trials: Trials) -> list[Row]:
    """Difference of the learning slopes.

    Slopes differ between animals, so each animal gives one number (Matthews et al. 1990, doi:10.1136/bmj.300.6719.230).
    """
    if len(_days(rows)) == 0:
        return []
    own = slopes(rows)
    if own.groupby("group")["subject"].nunique().reindex([trials.case, trials.control], fill_value=0).min() < 2:
        return []
    unit = f"{trials.unit} per day".strip()
    row = linear_effect(own, trials, MEASURE, told=Told("secondary", "slope of each animal", unit))
    return [row | {"term": f"{GROUP} x day", "n_values": len(rows)}]


def _ceiling_remark(facts: pd.DataFrame, trials: Trials) -> tuple[Remark, ...]:
    if trials.ceiling is None:
        return _unnamed_ceiling(trials)
    if facts["n_at_ceiling"].sum() == 0:
        return ()
    sums = facts.groupby("group")[["n_at_ceiling", "n_values"]].sum().astype(float)
    shares = (sums["n_at_ceiling"] / sums["n_values"]).to_dict()
    said = [f"{shares[level]:.0%} of the trials of {level}" for level in (trials.case, trials.control)]
    detail = f"{' and '.join(said)} ended at the ceiling of {trials.ceiling:g} {trials.unit}".strip()
    return (Remark("study", trials.name, "ceiling", detail),)


def _unnamed_ceiling(trials: Trials) -> tuple[Remark, ...]:
    """Latencies are hardly ever alike to the digit, unless the trial was stopped."""
    values = trials.of(MEASURE)["value"]
    n = int((values == values.max()).sum())
    if n < MANY_ALIKE:
        return ()
    detail = (
        f"{n} of {len(values)} trials last exactly {values.max():g} {trials.unit}, and none longer; if they were stopped there, name it "
        "as the ceiling"
    )
    return (Remark("study", trials.name, "ceiling_not_named", detail),)


TEST = FunctionalTest(
    name="rotarod",
    question="Do the animals stay on the rod as long, and do they learn as fast?",
    measures=(MEASURE,),
    primary="difference of the latency averaged over days, by a mixed model with the animal as the unit",
    null="Both groups stay on the rod equally long, averaged over days, given what is adjusted for.",
    unit="s",
    better="higher",
    domain="coordination",
    reference="10.2307/2529876",
    run=run,
)
