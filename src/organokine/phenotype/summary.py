"""What stands for each animal, each animal's days, and the learning curve of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from organokine.phenotype_tables import PHENOTYPE_ANIMALS, PHENOTYPE_CURVES, PHENOTYPE_DAYS

if TYPE_CHECKING:
    from organokine.phenotype.base import Trials


def animal_facts(rows: pd.DataFrame, trials: Trials) -> pd.DataFrame:
    """One row per animal: group, sex, cage, covariates, weight (mean over its rows), number of values and of those at the ceiling.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one measure.
    trials : Trials
        The test.

    Returns
    -------
    pandas.DataFrame
        Columns `subject`, `group`, `sex`, `cage`, the covariates, `weight`, `value` (mean), `n_values`, `n_at_ceiling`; in the
        order of the names of the animals.
    """
    by_animal = rows.groupby("subject", sort=True)
    text = by_animal[["group", "sex", "cage", *trials.covariates]].first()
    ceiling = np.inf if trials.ceiling is None else trials.ceiling
    facts = text.assign(
        weight=by_animal["weight"].mean(),
        speed=by_animal["speed"].mean(),
        value=by_animal["value"].mean(),
        n_values=by_animal.size(),
        n_at_ceiling=(rows["value"] >= ceiling).groupby(rows["subject"]).sum(),
    )
    return facts.reset_index()


def survival_curves(rows: pd.DataFrame, trials: Trials, measure: str) -> pd.DataFrame:
    """Rows `survival` of the table `phenotype_curves`: share of trials still on the rod by time, with an interval over animals."""
    from organokine.phenotype.models import kaplan_meier

    time = rows["value"].to_numpy(dtype=float)
    fell = time < (np.inf if trials.ceiling is None else trials.ceiling)
    n_animals = rows.drop_duplicates("subject")["group"].value_counts().to_dict()
    parts = []
    for group, curve in kaplan_meier(time, fell, rows["group"], rows["subject"]).items():
        start = pd.DataFrame({"x": [0.0], "y": [1.0]})
        steps = pd.DataFrame({"x": curve.time, "y": curve.share, "y_low": curve.ci_low, "y_high": curve.ci_high})
        both = pd.concat([start, steps[steps["x"] > 0]], ignore_index=True)
        parts.append(both.assign(group=str(group), n=int(n_animals[str(group)])))
    curves = pd.concat(parts, ignore_index=True)
    return PHENOTYPE_CURVES.conform(curves.assign(phenotype=trials.name, measure=measure, curve="survival"))


def animal_table(animals: pd.DataFrame, trials: Trials, measure: str, *, unit: str | None = None) -> pd.DataFrame:
    """Table `phenotype_animals` of one measure, from `animal_facts` whose column `value` may have been replaced."""
    known = animals[["subject", "group", "sex", "cage", "weight", "value", "n_values", "n_at_ceiling"]]
    return PHENOTYPE_ANIMALS.conform(
        known.assign(
            phenotype=trials.name,
            test=trials.test,
            domain=trials.domain,
            measure=measure,
            is_case=animals["group"] == trials.case,
            unit=trials.unit if unit is None else unit,
            better=trials.better,
        )
    )


def day_table(rows: pd.DataFrame, trials: Trials, measure: str) -> pd.DataFrame:
    """Table `phenotype_days` of one measure; empty with fewer than two days."""
    if rows["day"].nunique() < 2:
        return PHENOTYPE_DAYS.empty()
    by_day = rows.groupby(["subject", "group", "day"], sort=True)["value"]
    days = by_day.agg(value="mean", n_values="size").reset_index()
    return PHENOTYPE_DAYS.conform(days.assign(phenotype=trials.name, measure=measure))


def learning_curve(days: pd.DataFrame) -> pd.DataFrame:
    """Rows `learning` of the table `phenotype_curves`: mean of the animals of each group and day, with a t interval over animals."""
    if len(days) == 0:
        return PHENOTYPE_CURVES.empty()
    keys = ["phenotype", "measure", "group", "day"]
    curve = days.groupby(keys, sort=True)["value"].agg(y="mean", sd="std", n="size").reset_index()
    half = stats.t.ppf(0.975, np.maximum(curve["n"] - 1, 1)) * curve["sd"] / np.sqrt(curve["n"])
    curve = curve.assign(curve="learning", x=curve["day"], y_low=curve["y"] - half, y_high=curve["y"] + half)
    return PHENOTYPE_CURVES.conform(curve.drop(columns=["day", "sd"]))
