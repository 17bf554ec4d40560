"""Can the target organ hear the candidate?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import measured_genes
from organokine.references.lists import LIST


def run(given: EvidenceInput) -> pd.DataFrame:
    """Look for known receptor complexes among what is detected in the target; soft, it never removes a candidate.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; `state` is `present` (all parts of a complex detected), `not_detected` or `none_known`;
        `n` counts the complexes found.
    """
    genes = given.candidates.index
    seen = measured_genes(given, "target")
    known = given.references.receptors(list(genes))
    found = [all(part in seen for part in receptor.split("+")) for receptor in known["receptor"]]
    by_list = known["source"].where(known["source"].str.startswith(LIST), "")
    named = known.assign(
        found=np.asarray(found, dtype=bool), shown=known["receptor"] + (" (" + by_list + ")").where(by_list != "", "")
    ).drop_duplicates(["ligand", "receptor"])
    n_known = named.groupby("ligand")["receptor"].size().reindex(genes, fill_value=0).to_numpy()
    present = named[named["found"]].groupby("ligand")["shown"]
    n_found = present.size().reindex(genes, fill_value=0).to_numpy()
    names = present.agg(lambda receptors: ", ".join(sorted(receptors)[:5])).reindex(genes).fillna("")
    missing = named.groupby("ligand")["shown"].agg(lambda all_of: ", ".join(sorted(all_of)[:5]))
    state = np.select([n_found > 0, n_known > 0], ["present", "not_detected"], "none_known")
    note = np.select(
        [n_found > 0, n_known > 0],
        ["detected: " + names, "known, not detected: " + missing.reindex(genes).fillna("")],
        "no receptor known",
    )
    weights = given.file.ranking.receptor_weights
    return pd.DataFrame(
        {"state": state, "weight": [weights[each] for each in state], "n": n_found, "note": note}, index=genes
    )


LINE = Line(
    name="receptor",
    question="Can the target organ hear it?",
    needs=("protein or RNA of the target organ", "reference knowledge"),
    null="None: a soft prior declared before the data are seen.",
    unit="",
    reference="10.1038/s41467-020-18873-z",
    run=run,
    role="weight",
    columns={"receptor_state": "state"},
)
