"""What a ceiling hides: the effect of the group had no trial been stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError
from organokine.phenotype.design import GROUP, make_design
from organokine.phenotype.effects import ESTIMATED, NOT_ESTIMATED, Row, counts_of, numbers_of, row_of

if TYPE_CHECKING:
    from organokine.phenotype.base import Trials

CENSORED_SHARE = 0.1
"""Share of trials at the ceiling above which a censored estimate stands beside the mean: with two fifths of the trials of one group at
the ceiling, means of animals show about three quarters of a true difference, a Tobit model all of it (benchmarks/phenotype.py)."""
NOTE = "what the effect would be without the ceiling; its p is not calibrated with few animals and is not given"


def censored_effect(
    rows: pd.DataFrame,
    trials: Trials,
    measure: str,
    *,
    numbers: Sequence[str] = (),
    interaction: str | None = None,
    is_log: bool = False,
) -> list[Row]:
    """Difference, or ratio of geometric means, of values of which those at the ceiling are known to be at least that.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one measure; above zero for a ratio.
    trials : Trials
        The test, with its ceiling.
    measure : str
        Name of the measure in the table.
    numbers, interaction
        As in `effects.linear_effect`.
    is_log : bool
        The model is one of natural logarithms, and the row a ratio.

    Returns
    -------
    list of dict
        One row of the table `phenotypes` with the role `estimate` and without p; none unless more than `CENSORED_SHARE` of the trials
        ended at the ceiling.
    """
    if trials.ceiling is None or float((rows["value"] >= trials.ceiling).mean()) <= CENSORED_SHARE:
        return []
    from organokine.phenotype.models import contrast_of, random_intercept_tobit

    design = make_design(rows, trials, numbers=numbers, interaction=interaction)
    row = row_of(trials, measure, GROUP, "estimate", "Tobit, random intercepts") | counts_of(design.rows, trials)
    row |= {"adjusted_for": ";".join(design.adjusted_for), "scale": "ratio" if is_log else "difference"}
    row["unit"] = "" if is_log else trials.unit
    value, ceiling = design.rows["value"].to_numpy(dtype=float), trials.ceiling
    if is_log:
        # The ceiling itself where a value reaches it: logarithms of equal numbers may differ by rounding.
        ceiling = float(np.log(trials.ceiling))
        value = np.where(value >= trials.ceiling, ceiling, np.log(value))
    try:
        fit = random_intercept_tobit(value, design.matrix, design.rows["subject"], ceiling=ceiling)
    except DataError as error:
        return [row | {"state": NOT_ESTIMATED, "note": error.problems[0].what}]
    found = numbers_of(contrast_of(fit, design.weights(GROUP)), is_log=is_log) | {"p": np.nan}
    return [row | found | {"state": ESTIMATED, "note": "; ".join([*design.notes, NOTE])}]
