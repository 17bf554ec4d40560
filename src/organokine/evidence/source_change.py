"""Does the candidate change in the source organ?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.evidence.lookup import ASKED, by_gene, effect_columns, source_change


def run(given: EvidenceInput) -> pd.DataFrame:
    """Moderated t of the source protein; of the source RNA where the protein could not be tested.

    Null hypothesis: case and control have the same mean level in the source organ.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; effect in log2; the RNA result stands beside it in `note`.
    """
    chosen = source_change(given)
    rna = by_gene(given, "source", "rna").reindex(chosen.index)
    protein = by_gene(given, "source", "protein").reindex(chosen.index)
    why_not = protein["state"].where(protein["state"].notna(), rna["state"])
    state = np.where(
        chosen["modality"] == "protein", ASKED, np.where(chosen["modality"] == "rna", "rna_only", why_not.astype(str))
    )
    beside = [
        f"mRNA log2FC {effect:+.2f}, p = {p:.2g}" if np.isfinite(p) else "mRNA not tested"
        for effect, p in zip(rna["log2fc"], rna["p"], strict=True)
    ]
    return pd.DataFrame(
        effect_columns(chosen)
        | {
            "p": chosen["p"].to_numpy(dtype=float),
            "state": state,
            "note": np.where(chosen["modality"] == "protein", beside, ""),
            "flags": np.where(chosen["modality"] == "rna", "rna_only", ""),
        },
        index=chosen.index,
    )


LINE = Line(
    name="source_change",
    question="Does it change in the source organ?",
    needs=("protein or RNA of the source organ",),
    null="The mean level in the source organ is the same in case and control.",
    unit="log2",
    reference="10.2202/1544-6115.1027",
    run=run,
    role="arm",
    tier=1,
    columns={"source_log2fc": "effect", "source_p": "p", "source_q": "q"},
)
