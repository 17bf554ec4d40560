"""How many animals the next study needs, and what this one could have seen: from the fitted variances, never from the p at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError
from organokine.phenotype.design import make_design
from organokine.phenotype.structure import find_structure
from organokine.phenotype_tables import PHENOTYPE_POWER

if TYPE_CHECKING:
    from organokine.phenotype.base import Trials
    from organokine.phenotype.models import Layout, Variances

SHARES = (0.1, 0.2, 0.3, 0.5)
"""Sizes of effect that a study may want to see, as shares of the mean of the controls: what a reader can weigh, unlike standard
deviations; the effect found here is not among them, since the power to find it again only says the p-value again
(Hoenig and Heisey 2001, doi:10.1198/000313001300339897)."""
POWER = 0.8
"""Power planned for: the custom of the field."""


def power_table(
    rows: pd.DataFrame,
    trials: Trials,
    measure: str,
    *,
    numbers: Sequence[str] = (),
    is_log: bool = False,
    power: float = POWER,
) -> pd.DataFrame:
    """Plan a study of two equal groups with as many trials per animal, and as many animals per cage, as this one.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one measure.
    trials : Trials
        The test.
    measure : str
        Name of the measure in the table.
    numbers : sequence of str
        Columns of numbers that the analysis adjusts for.
    is_log : bool
        Values are natural logarithms, as in the test: sizes are rises over the geometric mean of the controls, and standard deviations
        those of logarithms.
    power : float
        Wanted power of the two-sided test at 0.05.

    Returns
    -------
    pandas.DataFrame
        Table `phenotype_power`: one row per size of effect; empty where the variances cannot be fitted, or the controls have a mean
        of zero.
    """
    from organokine.phenotype.models import animals_for_power, random_intercepts, smallest_difference

    structure = find_structure(rows)
    caged = structure.kind in {"cage_unit", "random_cage"}
    design = make_design(rows, trials, numbers=numbers)
    try:
        fit = random_intercepts(
            design.rows["value"], design.matrix, design.rows["subject"], design.rows["cage"] if caged else None
        )
        layout = _layout(design.rows, structure.kind, len(design.names) - 2 - len({"day"} & set(design.names)))
        smallest = smallest_difference(_animals_now(design.rows, trials), fit.variances, layout, power=power)
    except (DataError, ValueError):
        return PHENOTYPE_POWER.empty()
    control = design.rows[design.rows["group"] == trials.control]
    middle = float(control.groupby("subject")["value"].mean().mean())
    level = float(np.exp(middle)) if is_log else abs(middle)
    if not level > 0:
        return PHENOTYPE_POWER.empty()
    sizes = {share: float(np.log1p(share)) if is_log else share * level for share in SHARES}
    found = [
        {
            "share": share,
            "difference": share * level,
            "n_per_group": animals_for_power(size, fit.variances, layout, power=power),
            "smallest_detectable": float(np.expm1(smallest)) * level if is_log else smallest,
        }
        for share, size in sizes.items()
    ]
    about = _spread(fit.variances) | {
        "phenotype": trials.name,
        "measure": measure,
        "unit": trials.unit,
        "trials": layout.trials,
    }
    return PHENOTYPE_POWER.conform(pd.DataFrame([row | about for row in found]))


def _layout(rows: pd.DataFrame, kind: str, n_covariates: int) -> Layout:
    """The layout of this study."""
    from organokine.phenotype.models import Layout

    per_cage = None
    if kind in {"cage_unit", "random_cage"}:
        per_cage = max(1, round(float(rows.drop_duplicates("subject").groupby("cage").size().median())))
    n_trials = max(1, round(float(rows.groupby("subject").size().median())))
    return Layout(n_trials, per_cage, treatment_by_cage=kind == "cage_unit", covariates=max(0, n_covariates))


def _animals_now(rows: pd.DataFrame, trials: Trials) -> int:
    """Animals per group of a balanced study that would be as exact as this one: the harmonic mean, rounded down."""
    sizes = rows.drop_duplicates("subject")["group"].value_counts().reindex([trials.case, trials.control], fill_value=0)
    if sizes.min() == 0:
        return 0
    return int(2 / (1 / sizes.to_numpy(dtype=float)).sum())


def _spread(variances: Variances) -> dict[str, float]:
    """Standard deviations; with one value per animal the residual is between animals."""
    one_each = np.isnan(variances.subject)
    return {
        "sd_animals": float(np.sqrt(variances.residual if one_each else variances.subject)),
        "sd_trials": float("nan") if one_each else float(np.sqrt(variances.residual)),
        "sd_cages": float(np.sqrt(variances.cage)),
    }
