"""The stages of a run that decide a tier, for tests that run many studies; what is left out is most of the time of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

import organokine as ok
from organokine import pipeline

if TYPE_CHECKING:
    import pandas as pd

    from organokine.references import References
    from organokine.study import Study

BESIDE = ("quality", "detection", "pathways", "sensitivity", "appraise")
"""Stages whose tables no other stage here reads: they describe, and come after the tiers or beside them."""


def run_chain(study: Study, references: References, *, until: str = "rank") -> dict[str, pd.DataFrame]:
    """Tables of the stages of `pipeline.run` up to one of them, without those of `BESIDE`.

    `test_calibration` holds them against the tables of a whole run.
    """
    assert study.file.contrast is not None
    assert study.file.axis is not None
    session = pipeline.Session(study, references, ok.LINES, study.file.contrast, study.file.axis, workers=1)
    with threadpool_limits(limits=1):
        for stage in pipeline.STAGES:
            if stage.name not in BESIDE:
                session.tables |= stage.run(session).tables
            if stage.name == until:
                break
    return session.tables
