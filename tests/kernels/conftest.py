from __future__ import annotations

import fnmatch
import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "golden"


class Golden:
    """One golden: `input`, and the `expected` table of R with the tolerance of each column."""

    def __init__(self, name: str) -> None:
        folder = FOLDER / name
        self.about: dict[str, Any] = tomllib.loads((folder / "about.toml").read_text(encoding="utf-8"))
        for file, digest in self.about["sha256"].items():
            assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest, f"{name}/{file} was changed"
        self.input = pd.read_csv(folder / "input.csv", index_col=0)
        self.expected = pd.read_csv(folder / "expected.csv", index_col=0)
        self.design = np.array(self.about.get("design", {}).get("matrix", []), dtype=float)
        self.contrast = np.array(self.about.get("design", {}).get("contrast", []), dtype=float)

    def check(self, actual: pd.DataFrame, columns: list[str]) -> None:
        """Compare index, columns, where NaN and infinity stand, then the values at the column's rtol and atol."""
        expected = self.expected[columns]
        pd.testing.assert_index_equal(actual.index, expected.index)
        assert list(actual.columns) == columns
        for column in columns:
            ours, theirs = actual[column].to_numpy(dtype=float), expected[column].to_numpy(dtype=float)
            np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs), err_msg=f"NaN pattern of {column}")
            np.testing.assert_array_equal(np.isinf(ours), np.isinf(theirs), err_msg=f"infinities of {column}")
            tolerance = self.tolerance(column)
            np.testing.assert_allclose(
                ours, theirs, rtol=tolerance["rtol"], atol=tolerance["atol"], equal_nan=True, err_msg=column
            )

    def tolerance(self, column: str) -> dict[str, Any]:
        for entry in self.about["tolerance"]:
            if any(fnmatch.fnmatchcase(column, pattern) for pattern in entry["columns"]):
                return dict(entry)
        raise KeyError(column)


@pytest.fixture
def golden() -> Callable[[str], Golden]:
    return Golden
