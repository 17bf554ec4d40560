"""Reading a report keeps its own columns only, names once: memory grows with its rows and not with its columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from organokine.readers.precursors.diann import DIANN
from organokine.readers.precursors.long import read_precursors
from organokine.study_file import AssaySection

N_RUNS, N_PRECURSORS, N_OTHERS = 10, 5000, 60


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50,000 rows of seven columns that are read and sixty that are not."""
    rng = np.random.default_rng(0)
    names = np.array([f"PEPTIDESEQUENCENUMBER{number}2" for number in range(N_PRECURSORS)])
    rows = pd.DataFrame({"Precursor.Id": np.tile(names, N_RUNS)})
    rows["Protein.Group"] = [f"P{number % N_PRECURSORS // 5:05d}" for number in range(len(rows))]
    rows["Genes"] = "Gene" + rows["Protein.Group"]
    rows["Run"] = np.repeat([f"run_{number}" for number in range(N_RUNS)], N_PRECURSORS)
    rows["Precursor.Normalised"] = rng.lognormal(10, 1, len(rows))
    rows["Q.Value"] = rows["PG.Q.Value"] = 0.001
    others = {f"Other.{number}": rows["Precursor.Id"] for number in range(N_OTHERS)}
    path = tmp_path_factory.mktemp("memory") / "report.parquet"
    pd.concat([rows, pd.DataFrame(others)], axis="columns").to_parquet(path)
    return path


def test_columns_that_are_not_needed_are_never_in_memory(report: Path) -> None:
    section = AssaySection(name="a", organ="muscle", modality="protein", file=report.name)
    ordinary = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(ordinary)
    pa.set_memory_pool(pool)
    try:
        rows = read_precursors(report, DIANN, section, None, "t").rows
    finally:
        pa.set_memory_pool(ordinary)
    n_rows = N_PRECURSORS * N_RUNS
    assert len(rows) == n_rows
    # four columns of codes (4 bytes) and three of numbers (8), and as much again while they become a frame
    assert 0 < pool.max_memory() < 120 * n_rows
    assert rows.memory_usage(index=False, deep=True).sum() < 60 * n_rows
