"""Balance beam: slips as over-dispersed counts, crossing time, failures to cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from organokine.errors import DataError
from organokine.phenotype.base import Findings, FunctionalTest, Trials
from organokine.phenotype.censoring import censored_effect
from organokine.phenotype.design import GROUP, make_design
from organokine.phenotype.effects import (
    ALL_ALIKE,
    ESTIMATED,
    NO_EVENT,
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
    trials_with_blocks,
)
from organokine.phenotype.planning import power_table
from organokine.phenotype.structure import Structure, find_structure
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
    facts = totals(rows, trials)
    structure = find_structure(facts)
    by_cage = structure.kind in {"cage_unit", "one_cage"}
    units = _cages(facts, trials) if by_cage else facts
    about = counts_of(facts, trials) | {"n_units": len(units), "n_values": len(rows)}
    unit = "cage" if by_cage else "animal"
    blocked = facts.assign(block=facts["cage"])
    is_blocked = structure.kind == "partly_mixed"
    method = f"quasi-Poisson of {unit} totals"
    row = _rate_row(blocked, trials_with_blocks(trials), method) if is_blocked else _rate_row(units, trials, method)
    row |= about
    row["standardised"] = hedges_g(_rate_difference(facts, trials), facts, trials)
    notes = [_exposure_note(rows), _structure_note(structure), str(row["note"])]
    row["note"] = "; ".join(note for note in notes if note != "")
    effects = [row]
    if structure.kind in {"few_cages", "random_cage"}:
        second = _rate_row(blocked, trials_with_blocks(trials), "quasi-Poisson of animal totals, cages as blocks")
        effects.append(second | about | {"role": "sensitivity"})
    over = "crossing" if not rows["exposure"].notna().all() else "unit of exposure"
    return effects, animal_table(facts, trials, SLIPS, unit=f"slips per {over}"), PHENOTYPE_POWER.empty()


def _rate_row(units: pd.DataFrame, trials: Trials, method: str) -> Row:
    """Ratio of rates of animals or cages; where one group never slips there is no ratio, and only whether they slip at all is compared."""
    from organokine.phenotype.models import contrast_of, over_dispersed_counts

    row = row_of(trials, SLIPS, GROUP, "primary", method) | {"scale": "ratio", "unit": ""}
    counts = units.groupby("group")["count"].sum().reindex([trials.case, trials.control])
    if (counts == 0).any():
        return row | _never(units, trials)
    design = make_design(units, trials)
    row["adjusted_for"] = ";".join(design.adjusted_for)
    try:
        fit = over_dispersed_counts(design.rows["count"], design.matrix, np.log(design.rows["total"]))
    except DataError as error:
        return row | {"state": NOT_ESTIMATED, "note": "; ".join([*design.notes, error.problems[0].what])}
    found = numbers_of(contrast_of(fit, design.weights(GROUP)), is_log=True)
    return row | found | {"state": ESTIMATED, "note": "; ".join(design.notes)}


def _never(units: pd.DataFrame, trials: Trials) -> Row:
    """Numbers of the row where a group has no slip."""
    without = [
        level for level in (trials.case, trials.control) if not (units["group"] == level)[units["count"] > 0].any()
    ]
    if len(without) == 2:
        return {"state": ALL_ALIKE, "note": "no animal slipped", "adjusted_for": ""}
    table = odds_table(units["count"] > 0, units["group"] == trials.case)
    note = f"no slip of {without[0]}, so that a ratio of rates has no estimate"
    method = "Fisher's exact test of who slipped at all"
    return {"state": NO_EVENT, "note": note, "adjusted_for": "", "method": method, "p": fisher_p(table)}


def _exposure_note(rows: pd.DataFrame) -> str:
    n = int(rows["exposure"].isna().sum())
    return "" if n in {0, len(rows)} else f"the exposure of {n} crossings is not known, so each crossing counts one"


def _structure_note(structure: Structure) -> str:
    """What of the cages concerns counts of animals, in which no variance between cages is fitted."""
    if structure.kind == "random_cage":
        return "cages hold both groups; see the sensitivity analysis with cages as blocks"
    return structure.note


def _cages(facts: pd.DataFrame, trials: Trials) -> pd.DataFrame:
    """Totals of cages, all of whose animals are of one group, with the mean of what their animals are adjusted for."""
    by_cage = facts.groupby("cage", sort=True)
    sums = by_cage[["count", "total"]].sum()
    shared = {"sex": by_cage["sex"].agg(_one_or_none)}
    for name in trials.covariates:
        numbers = pd.to_numeric(facts[name], errors="coerce")
        is_number = bool(numbers.notna().all())
        shared[name] = numbers.groupby(facts["cage"]).mean() if is_number else by_cage[name].agg(_one_or_none)
    return sums.assign(group=by_cage["group"].first(), **shared).reset_index(names="subject")


def _one_or_none(column: pd.Series) -> str:
    return str(column.iloc[0]) if len(set(column)) == 1 else ""


def _rate_difference(facts: pd.DataFrame, trials: Trials) -> float:
    means = facts.groupby("group")["value"].mean()
    return float(means[trials.case] - means[trials.control])


def _time(rows: pd.DataFrame, trials: Trials) -> tuple[list[Row], pd.DataFrame, pd.DataFrame]:
    positive = rows[rows["value"] > 0].reset_index(drop=True)
    logs = positive.assign(value=np.log(positive["value"]))
    row = linear_effect(logs, trials, TIME, told=Told(is_log=True))
    n_cut = 0 if trials.ceiling is None else int((rows["value"] >= trials.ceiling).sum())
    n_zero = len(rows) - len(positive)
    notes = [
        str(row["note"]),
        f"{n_zero} crossings of no time are left out" if n_zero > 0 else "",
        f"{n_cut} crossings ended at the ceiling and count as if they had taken just that long" if n_cut > 0 else "",
    ]
    row["note"] = "; ".join(note for note in notes if note != "")
    log_facts = animal_facts(logs, trials)
    row["standardised"] = hedges_g(np.log(row.get("estimate", np.nan)), log_facts, trials)
    effects = [
        row,
        *censored_effect(positive, trials, TIME, is_log=True),
        *cage_sensitivity(logs, trials, TIME, is_log=True),
        *sex_interaction(logs, trials, TIME, is_log=True),
    ]
    facts = animal_facts(rows, trials)
    return (
        effects,
        animal_table(facts, trials, TIME, unit="s"),
        power_table(logs, replace(trials, unit="s"), TIME, is_log=True),
    )


def _failures(rows: pd.DataFrame, trials: Trials) -> tuple[list[Row], pd.DataFrame, pd.DataFrame]:
    """Animals that failed at least once, by Fisher's exact test; crossings of one animal are not independent."""
    facts = animal_facts(rows, trials)
    structure = find_structure(facts)
    by_cage = structure.kind in {"cage_unit", "one_cage"}
    units = facts if not by_cage else facts.groupby("cage", sort=True)[["group", "value"]].max()
    table = odds_table(units["value"] > 0, units["group"] == trials.case)
    what = "cages with an animal that failed" if by_cage else "animals that failed"
    row = row_of(trials, FAILED, GROUP, "primary", f"Fisher's exact test of {what}") | counts_of(facts, trials)
    row |= {"adjusted_for": "", "scale": "ratio", "unit": "", "n_values": len(rows), "n_units": len(units)}
    said = [f"{one} of {one + other} {'cages' if by_cage else 'animals'}" for one, other in table]
    notes = [
        f"failed at least once: {said[0]} of {trials.case} and {said[1]} of {trials.control}; the ratio is one of odds"
    ]
    if structure.kind not in {"animals", "few_cages"}:
        notes.append(structure.note if by_cage else "cages are not taken into account")
    found, note = _odds(table, structure)
    row |= found | {"note": "; ".join([*notes, *([note] if note != "" else [])])}
    return [row], animal_table(facts, trials, FAILED, unit="share of crossings"), PHENOTYPE_POWER.empty()


def _odds(table: list[list[int]], structure: Structure) -> tuple[Row, str]:
    """Ratio of odds, interval and p of a table of two rows, as far as they exist."""
    from scipy.stats.contingency import odds_ratio

    if structure.kind == "one_cage":
        return {"state": NOT_ESTIMATED}, "there is no degree of freedom left for a test"
    if min(sum(column) for column in zip(*table, strict=True)) == 0:
        return {"state": ALL_ALIKE}, "all are alike, so there is nothing to compare"
    found = odds_ratio(table)
    low, high = found.confidence_interval(0.95)
    numbers = {"ci_low": low, "ci_high": high if np.isfinite(high) else np.nan, "p": fisher_p(table)}
    if min(min(row) for row in table) == 0:
        return numbers | {"state": NO_EVENT}, "with none, or all, of a group the ratio has no estimate; p stands"
    return numbers | {"estimate": found.statistic, "state": ESTIMATED}, ""


def odds_table(event: pd.Series, is_case: pd.Series) -> list[list[int]]:
    """Units with and without an event: first those of the case, then those of the control."""
    return [[int((event & side).sum()), int((~event & side).sum())] for side in (is_case, ~is_case)]


def fisher_p(table: list[list[int]]) -> float:
    """Two-sided p of Fisher's exact test."""
    from scipy.stats import fisher_exact

    return float(fisher_exact(np.array(table)).pvalue)


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
