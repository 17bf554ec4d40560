"""Balance beam: slips as over-dispersed counts, crossing time, failures to cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from organokine.errors import DataError
from organokine.phenotype.base import Findings, FunctionalTest, Trials
from organokine.phenotype.design import GROUP, make_design
from organokine.phenotype.effects import (
    ESTIMATED,
    NOT_ESTIMATED,
    Row,
    Told,
    cage_sensitivity,
    counts_of,
    effect_table,
    hedges_g,
    linear_effect,
    numbers_of,
    row_of,
    sex_interaction,
)
from organokine.phenotype.planning import power_table
from organokine.phenotype.structure import find_structure
from organokine.phenotype.summary import animal_facts, animal_table
from organokine.phenotype_tables import PHENOTYPE_CURVES, PHENOTYPE_DAYS, PHENOTYPE_POWER

SLIPS, TIME, FAILED = "slips", "time", "failed"


def run(trials: Trials) -> Findings:
    """Compare slips, crossing time and failures, each with the animal as the unit.

    Null hypotheses: both groups slip at the same rate; take equally long (ratio of geometric means); fail equally often.

    Parameters
    ----------
    trials : Trials
        Measures `slips` (counts), `time` and `failed` (0 or 1), as far as they were recorded; `exposure` is what slips are counted
        over, one crossing each where it is not known.

    Returns
    -------
    Findings
        One primary row for each measure that is there.
    """
    parts = {SLIPS: _slips, TIME: _time, FAILED: _failures}
    found = [
        parts[measure](trials.of(measure), trials) for measure in parts if (trials.rows["measure"] == measure).any()
    ]
    return Findings(
        effect_table([row for effects, _, _ in found for row in effects]),
        pd.concat([animals for _, animals, _ in found], ignore_index=True),
        PHENOTYPE_DAYS.empty(),
        PHENOTYPE_CURVES.empty(),
        pd.concat([power for _, _, power in found], ignore_index=True),
    )


def totals(rows: pd.DataFrame, trials: Trials) -> pd.DataFrame:
    """One row per animal: `count` of slips and `total` exposure over its crossings, and their ratio as `value`.

    Where the exposure is not known of every crossing, each counts one.
    """
    known = bool(rows["exposure"].notna().all())
    exposure = rows["exposure"] if known else pd.Series(1.0, index=rows.index)
    by_animal = rows.assign(exposure=exposure).groupby("subject", sort=True)
    facts = animal_facts(rows, trials)
    count, total = (by_animal[name].sum().to_numpy(dtype=float) for name in ("value", "exposure"))
    return facts.assign(count=count, total=total, value=count / total)


def _slips(rows: pd.DataFrame, trials: Trials) -> tuple[list[Row], pd.DataFrame, pd.DataFrame]:
    from organokine.phenotype.models import contrast_of, over_dispersed_counts

    facts = totals(rows, trials)
    structure = find_structure(facts)
    by_cage = structure.kind in {"cage_unit", "one_cage"}
    units = _cages(facts) if by_cage else facts
    design = make_design(units, trials if not by_cage else replace(trials, covariates=()))
    method = f"quasi-Poisson of {'cage' if by_cage else 'animal'} totals"
    row = row_of(trials, SLIPS, GROUP, "primary", method) | counts_of(facts, trials) | {"n_units": len(units)}
    notes = [*design.notes, *([structure.note] if structure.kind != "animals" else [])]
    over = "crossing" if not rows["exposure"].notna().all() else "unit of exposure"
    row |= {"adjusted_for": ";".join(design.adjusted_for), "scale": "ratio", "unit": "", "n_values": len(rows)}
    row["standardised"] = hedges_g(_rate_difference(facts, trials), facts, trials)
    try:
        fit = over_dispersed_counts(design.rows["count"], design.matrix, np.log(design.rows["total"]))
        row |= numbers_of(contrast_of(fit, design.weights(GROUP)), is_log=True) | {"state": ESTIMATED}
    except DataError as error:
        notes.append(error.problems[0].what)
        row |= {"state": NOT_ESTIMATED}
    row["note"] = "; ".join(notes)
    return [row], animal_table(facts, trials, SLIPS, unit=f"slips per {over}"), PHENOTYPE_POWER.empty()


def _cages(facts: pd.DataFrame) -> pd.DataFrame:
    """Totals of cages, all of whose animals are of one group; what differs within a cage cannot be adjusted for."""
    by_cage = facts.groupby("cage", sort=True)
    sums = by_cage[["count", "total"]].sum()
    sex = by_cage["sex"].agg(lambda column: column.iloc[0] if len(set(column)) == 1 else "")
    return sums.assign(group=by_cage["group"].first(), sex=sex).reset_index(names="subject")


def _rate_difference(facts: pd.DataFrame, trials: Trials) -> float:
    means = facts.groupby("group")["value"].mean()
    return float(means[trials.case] - means[trials.control])


def _time(rows: pd.DataFrame, trials: Trials) -> tuple[list[Row], pd.DataFrame, pd.DataFrame]:
    positive = rows[rows["value"] > 0]
    logs = positive.assign(value=np.log(positive["value"]))
    row = linear_effect(logs, trials, TIME, told=Told(is_log=True))
    n_cut = 0 if trials.ceiling is None else int((rows["value"] >= trials.ceiling).sum())
    if n_cut > 0:
        cut = f"{n_cut} crossings ended at the ceiling and count as if they had taken just that long"
        row["note"] = "; ".join(part for part in (str(row["note"]), cut) if part != "")
    log_facts = animal_facts(logs, trials)
    row["standardised"] = hedges_g(np.log(row.get("estimate", np.nan)), log_facts, trials)
    effects = [
        row,
        *cage_sensitivity(logs, trials, TIME, is_log=True),
        *sex_interaction(logs, trials, TIME, is_log=True),
    ]
    facts = animal_facts(rows, trials)
    return effects, animal_table(facts, trials, TIME, unit="s"), power_table(rows, trials, TIME)


def _failures(rows: pd.DataFrame, trials: Trials) -> tuple[list[Row], pd.DataFrame, pd.DataFrame]:
    """Animals that failed at least once, by Fisher's exact test; crossings of one animal are not independent."""
    from scipy.stats import fisher_exact
    from scipy.stats.contingency import odds_ratio

    facts = animal_facts(rows, trials)
    ever = facts["value"] > 0
    is_case = facts["group"] == trials.case
    table = [[int((ever & side).sum()), int((~ever & side).sum())] for side in (is_case, ~is_case)]
    row = row_of(trials, FAILED, GROUP, "primary", "Fisher's exact test of animals that failed") | counts_of(
        facts, trials
    )
    row |= {"adjusted_for": "", "scale": "ratio", "unit": "", "n_values": len(rows), "state": ESTIMATED}
    said = [f"{one} of {one + other}" for one, other in table]
    row["note"] = (
        f"failed at least once: {said[0]} {trials.case} and {said[1]} {trials.control}; the ratio is one of odds"
    )
    if ever.any() and not ever.all():
        found = odds_ratio(table)
        interval = found.confidence_interval(0.95)
        row |= {"estimate": found.statistic, "ci_low": interval.low, "ci_high": interval.high}
        row["p"] = float(fisher_exact(table).pvalue)
    else:
        row |= {"state": "all_alike", "p": np.nan}
    return [row], animal_table(facts, trials, FAILED, unit="share of crossings"), PHENOTYPE_POWER.empty()


TEST = FunctionalTest(
    name="beam",
    question="Do the animals slip as often, cross as fast, and fail as rarely?",
    measures=(SLIPS, TIME, FAILED),
    primary="ratio of the rates of slips, by over-dispersed counts of animals",
    null="Both groups slip at the same rate; take equally long; fail equally often.",
    unit="",
    better="lower",
    domain="coordination",
    reference="10.1093/biomet/61.3.439",
    run=run,
)
