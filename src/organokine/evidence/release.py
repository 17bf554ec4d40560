"""Can the candidate leave the cell, and by which route?"""

from __future__ import annotations

import pandas as pd

from organokine.evidence.base import EvidenceInput, Line
from organokine.references.routes import ORTHOLOGY


def run(given: EvidenceInput) -> pd.DataFrame:
    """Look up the secretion route; its declared weight is a prior, not a p-value.

    Parameters
    ----------
    given : EvidenceInput
        Tables of the study.

    Returns
    -------
    pandas.DataFrame
        One row per candidate; `state` is the leading route, `note` says on what it rests.
    """
    known = given.references.routes(list(given.candidates.index))
    weights = given.file.ranking.route_weights
    note = [
        _in_words(route, routes, grade, evidence)
        for route, routes, grade, evidence in zip(
            known["route"], known["routes"], known["grade"], known["evidence"], strict=True
        )
    ]
    return pd.DataFrame(
        {
            "state": known["route"].to_numpy(),
            "weight": known["route"].map(weights).fillna(0.0).to_numpy(dtype=float),
            "note": note,
        },
        index=given.candidates.index,
    )


def _in_words(route: str, routes: str, grade: str, evidence: str) -> str:
    """What the leading route rests on, and which others hold; each route has its own text in `evidence`."""
    if route == "unknown":
        return "no reference knows a way out"
    texts = dict(part.split(": ", 1) for part in evidence.split(" | ") if ": " in part)
    others = [other for other in routes.split(";") if other != route]
    also = f"; also {', '.join(others)}" if len(others) > 0 else ""
    return f"{grade.removesuffix(ORTHOLOGY).replace('_', ' ')} evidence: {texts.get(route, evidence)}{also}"


LINE = Line(
    name="release",
    question="Can it leave the cell, by which route?",
    needs=("reference knowledge",),
    null="None: a prior declared before the data are seen.",
    unit="",
    reference="10.1093/nar/gkae1010",
    run=run,
    role="weight",
    columns={"route": "state"},
)
