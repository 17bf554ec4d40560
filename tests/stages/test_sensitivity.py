from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

from organokine import tables
from organokine.stages.differential import assay_differential
from organokine.stages.sensitivity import imputation_sensitivity
from organokine.study_file import ContrastSection, DifferentialSection

CONTRAST = ContrastSection(factor="age", case="old", control="young")
OPTIONS = DifferentialSection()
N = 5


@pytest.fixture(scope="module")
def adata() -> anndata.AnnData:
    """Features 0-19 rise and are complete, 20-29 rise and lack values in the case group, 30-39 are absent from it."""
    rng = np.random.default_rng(1)
    values = rng.normal(22, 2, (400, 1)) + rng.normal(0, 0.2, (400, 2 * N))
    values[:30, N:] += 2.0
    values[20:30, N : N + 2] = np.nan
    values[30:40, N:] = np.nan
    lost = rng.random((360, 2 * N)) < 0.03
    values[40:][lost] = np.nan
    measured = np.isfinite(values)
    few = (measured[:, :N].sum(axis=1) < 3) | (measured[:, N:].sum(axis=1) < 3)
    names = [f"s{sample}" for sample in range(2 * N)]
    obs = pd.DataFrame({"subject": names, "age": ["young"] * N + ["old"] * N}, index=names)
    var = pd.DataFrame(
        {
            "gene": "", "protein": "", "representative": True, "precursors": np.nan, "kept": ~few,
            "reason": np.where(few, "too_few_values", ""), "mean_log2": np.nanmean(values, axis=1),
        },
        index=[f"f{row:03d}" for row in range(400)],
    )  # fmt: skip
    about = {"name": "muscle_protein", "organ": "muscle", "modality": "protein", "scale": "log2"}
    return anndata.AnnData(values.T.copy(), obs=obs, var=var, uns={"organokine": about})


@pytest.fixture(scope="module")
def found(adata) -> pd.DataFrame:
    return imputation_sensitivity({"muscle": adata}, CONTRAST, OPTIONS, seed=1, draws=5)


def test_verdicts_are_what_the_three_tests_say(adata, found: pd.DataFrame) -> None:
    assert list(found.columns) == tables.SENSITIVITY.names()
    measured = assay_differential(adata, CONTRAST, OPTIONS).set_index("feature")
    rows = found.set_index("feature")
    pd.testing.assert_series_equal(rows["q"], measured.loc[rows.index, "q"])
    called = pd.DataFrame({name: rows[name] < 0.05 for name in ("q", "downshift_q", "neighbours_q")})
    assert called.any(axis=1).all()
    assert set(rows.index[called["q"]]) == set(measured.index[measured["q"] < 0.05])
    assert (rows["verdict"] == "only_with_imputation").equals(~called["q"])
    assert called[rows["verdict"] == "stable"].all(axis=None)
    assert set(rows["verdict"]) == {"stable", "depends_on_imputation", "only_with_imputation"}


def test_what_depends_on_imputation_is_what_was_missing(found: pd.DataFrame) -> None:
    rows = found.set_index("feature")
    assert (rows.loc[[f"f{row:03d}" for row in range(20)], "verdict"] == "stable").all()
    # Two of five values drawn from the lower flank undo the rise of most of these.
    assert (rows.loc[[f"f{row:03d}" for row in range(20, 30)], "verdict"] == "depends_on_imputation").mean() > 0.5
    absent = [f"f{row:03d}" for row in range(30, 40)]
    assert (rows.reindex(absent).dropna(subset=["verdict"])["verdict"] == "only_with_imputation").all()
    assert rows.reindex(absent)["q"].isna().all()


def test_seed_decides_and_workers_do_not(adata, found: pd.DataFrame) -> None:
    again = imputation_sensitivity({"muscle": adata}, CONTRAST, OPTIONS, seed=1, draws=5, workers=2)
    pd.testing.assert_frame_equal(again, found)
    other = imputation_sensitivity({"muscle": adata}, CONTRAST, OPTIONS, seed=2, draws=5)
    assert not other["downshift_q"].equals(found["downshift_q"])


def test_assays_are_left_alone_and_those_without_gaps_passed_over(adata) -> None:
    before = adata.X.copy(), adata.var.copy()
    imputation_sensitivity({"muscle": adata}, CONTRAST, OPTIONS, seed=1, draws=2)
    np.testing.assert_array_equal(adata.X, before[0])
    pd.testing.assert_frame_equal(adata.var, before[1])
    complete = adata[:, np.isfinite(adata.X).all(axis=0)].copy()
    assert len(imputation_sensitivity({"muscle": complete}, CONTRAST, OPTIONS, seed=1, draws=2)) == 0
    counts = adata.copy()
    counts.uns["organokine"]["modality"] = "rna"
    assert len(imputation_sensitivity({"muscle": counts}, CONTRAST, OPTIONS, seed=1, draws=2)) == 0
