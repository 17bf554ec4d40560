from __future__ import annotations

import pandas as pd
import pytest

from cards import MEDIATOR, simulated_study, tables_of
from organokine.appraisal.given import AppraisalInput
from organokine.evidence import LINES
from organokine.study import Study


@pytest.fixture(scope="session")
def chain() -> tuple[Study, dict[str, pd.DataFrame]]:
    """A simulated study in which the whole chain was planted, and its tables with the leading candidates."""
    study = simulated_study(1)
    return study, tables_of(study, (MEDIATOR, "Gdf15", "Igf1"))


@pytest.fixture
def given(chain: tuple[Study, dict[str, pd.DataFrame]]) -> AppraisalInput:
    study, found = chain
    designs = {name: adata.obs for name, adata in study.assays.items()}
    return AppraisalInput(study.file, dict(found), designs, LINES)
