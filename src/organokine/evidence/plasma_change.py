"""Is the candidate seen moving in blood?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import ASKED, by_gene, effect_columns, one_sided, source_change


def run(given: EvidenceInput) -> pd.DataFrame:
    """Moderated t in plasma, one-sided in the direction of the source.

    Null hypothesis: the plasma level does not move in the direction of the source.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect in log2.
    """
    source = source_change(given)
    plasma = by_gene(given, "plasma", "protein").reindex(source.index)
    direction = np.sign(source["log2fc"].to_numpy(dtype=float))
    p = one_sided(plasma["t"].to_numpy(dtype=float), plasma["df"].to_numpy(dtype=float), direction)
    absent = "not_measured_in_plasma" if ("plasma", "protein") in given.prepared else "plasma_not_measured"
    state = np.where(np.isfinite(p), ASKED, np.where(plasma["state"].notna(), "not_testable", absent))
    return pd.DataFrame(effect_columns(plasma) | {"p": p, "state": state}, index=source.index)


LINE = Line(
    name="plasma_change",
    question="Is it seen moving in blood, in the direction of the source?",
    needs=("plasma protein",),
    null="The plasma level does not move in the direction of the source.",
    unit="log2",
    reference="10.2202/1544-6115.1027",
    run=run,
    role="support",
    columns={"plasma_p": "p"},
)
