"""Does the target organ as a whole vary with the candidate in the source?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import ASKED, organ_of
from organokine.population.matching import LIKE_MATCHED_P

NOT_ASKED = "no_population"
NOT_SCORED = "not_scored"
LIKE_MATCHED = "like_matched"


def run(given: EvidenceInput) -> pd.DataFrame:
    """The secretion score of every candidate from source to target, as population mode gives it.

    Protein where its score could be had, else RNA. The groups are taken out like a covariate, so that what the contrast does to
    both organs counts for nothing here.

    Null hypothesis: given group, covariates and hidden factors, which individual of the source belongs to which of the target
    does not matter.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study; `population` holds the scores.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect is the score (mean -ln p over the genes of the target) less the mean of its null.
    """
    genes = given.candidates.index
    table = given.population
    if table is None:
        return pd.DataFrame({"state": NOT_ASKED}, index=genes)
    own = table[
        (table["source_organ"] == organ_of(given, "source")) & (table["target_organ"] == organ_of(given, "target"))
    ]
    if len(own) == 0:
        return pd.DataFrame({"state": NOT_SCORED}, index=genes)
    ordered = own.assign(_second=[_modality(given, name) != "protein" for name in own["source"]], _none=own["p"].isna())
    first = ordered.sort_values(["_none", "_second"], kind="stable").drop_duplicates("gene").set_index("gene")
    rows = first.reindex(genes)
    like = (rows["p_competitive"] > LIKE_MATCHED_P).to_numpy(dtype=bool)
    scored = rows["p"].notna().to_numpy(dtype=bool)
    state = np.select(
        [rows["state"].isna(), ~scored, like], [NOT_SCORED, rows["state"].fillna(""), LIKE_MATCHED], ASKED
    )
    return pd.DataFrame(
        {
            "effect": (rows["score"] - rows["null_mean"]).to_numpy(dtype=float),
            "se": rows["null_sd"].to_numpy(dtype=float),
            "p": rows["p"].to_numpy(dtype=float),
            "n": rows["n"].to_numpy(dtype=float, na_value=np.nan),
            "state": state,
            "note": [_note(row) if known else "" for known, (_, row) in zip(scored, rows.iterrows(), strict=True)],
        },
        index=genes,
    )


def _modality(given: EvidenceInput, assay: str) -> str:
    return next((str(each.modality) for each in given.file.assay if each.name == assay), "")


def _note(row: pd.Series) -> str:
    p = row["p_competitive"]
    matched = (
        "no matched gene to hold it against"
        if np.isnan(p)
        else f"against matched genes without secretion route p = {p:.2g}"
    )
    return (
        f"score {row['score']:.2f} where {row['null_mean']:.2f} is usual ({row['score_unadjusted']:.2f} with nothing taken out); "
        f"{matched}; {row['within_sex']}; a correlation, which has no direction"
    )


LINE = Line(
    name="population",
    question="Does the target organ as a whole vary with the candidate in the source?",
    needs=("a section [population]", "both organs of twenty individuals"),
    null="Given group, covariates and hidden factors, which individual of the source belongs to which of the target does not matter.",
    unit="mean -ln p above the null's",
    reference="10.1016/j.cmet.2018.03.015",
    run=run,
    role="support",
)
