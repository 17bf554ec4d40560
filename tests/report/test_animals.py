from __future__ import annotations

import numpy as np
from fake_run import RUNS

from organokine.report.animals import animal_plots, paired_residuals
from organokine.report.data import ReportData


def test_pairs_are_the_same_animals_and_only_measured_ones() -> None:
    animals = RUNS["plain"]().tables["animals"]
    rows = animals[animals["gene"] == "Gdf15"]
    modality, pairs = paired_residuals(rows)
    protein = rows[rows["modality"] == "protein"].pivot_table(index="subject", columns="role", values="residual")
    expected = protein[["source", "target"]].dropna()
    assert modality == "protein"
    assert list(pairs.index) == list(expected.index)
    assert np.array_equal(pairs["residual_source"], expected["source"])
    assert np.array_equal(pairs["residual_target"], expected["target"])


def test_rna_is_never_paired_with_protein() -> None:
    animals = RUNS["plain"]().tables["animals"]
    rows = animals[(animals["gene"] == "Gdf15") & ~((animals["role"] == "source") & (animals["modality"] == "protein"))]
    modality, pairs = paired_residuals(rows)
    assert modality == "rna"
    assert set(pairs["modality_source"]) == {"rna"}
    assert set(pairs["modality_target"]) == {"rna"}


def test_no_values_no_plots() -> None:
    run = RUNS["all_missing"]()
    assert animal_plots(ReportData(run.tables, run.manifest), "card-1", "Anxa2") == []
