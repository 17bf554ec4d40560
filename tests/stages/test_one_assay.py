from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import organokine as ok
from organokine.errors import DataError
from organokine.pipeline import run
from organokine.readers.sample_sheet import read_samples
from organokine.stages.one_assay import differential
from organokine.study import read_study
from tests.small_study import write_small_study

CONTRAST = {"factor": "group", "case": "aged", "control": "young", "covariates": ["sex"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_small_study(tmp_path_factory.mktemp("one_assay")).parent


@pytest.fixture(scope="module")
def of_the_run(folder):
    return run(read_study(folder / "study.toml")).differential


@pytest.fixture(scope="module")
def sheet(folder):
    return read_samples(folder / "samples.tsv", "samples.tsv").samples


@pytest.mark.parametrize(("name", "modality"), [("cerebellum_protein", "protein"), ("muscle_rna", "rna")])
def test_one_assay_alone_gives_what_the_whole_run_gives(folder, of_the_run, sheet, name, modality):
    table = pd.read_csv(folder / f"{name}.tsv", sep="\t", index_col=0)
    values = table.select_dtypes("number").drop(columns="precursors", errors="ignore")
    precursors = table.get("precursors")
    alone = differential(values, sheet, **CONTRAST, modality=modality, name=name, precursors=precursors)
    whole = of_the_run[of_the_run["assay"] == name].reset_index(drop=True)
    said_by_the_study = ["organ", "gene", "protein", "representative"]
    assert alone["p"].notna().sum() > 20
    assert_frame_equal(alone.drop(columns=said_by_the_study), whole.drop(columns=said_by_the_study), check_exact=True)


def test_symbols_are_shown_and_what_was_given_is_not_changed(sheet):
    rows = sheet[sheet["assay"] == "muscle_protein"].drop(columns="assay")
    values = pd.DataFrame(
        np.random.default_rng(1).normal(20, 1, (30, len(rows))),
        index=[f"f{number}" for number in range(30)],
        columns=rows["sample"].to_list(),
    )
    before = values.copy()
    table = differential(
        values, rows, **CONTRAST, scale="log2", genes=pd.Series({"f3": "Anxa2"}), proteins=pd.Series({"f4": "P07356"})
    )
    shown = table.set_index("feature")
    assert shown["gene"].loc[["f3", "f4"]].to_list() == ["Anxa2", ""]
    assert shown["protein"].loc[["f3", "f4"]].to_list() == ["", "P07356"]
    assert_frame_equal(values, before)


def test_a_sheet_of_other_assays_is_refused_by_name(sheet):
    with pytest.raises(DataError, match="no row is of the assay 'liver'; there are 'muscle_protein'"):
        differential(pd.DataFrame({"a": [1.0]}, index=["f"]), sheet, **CONTRAST, scale="log2", name="liver")


def test_an_absent_factor_is_the_users(sheet):
    rows = sheet[sheet["assay"] == "muscle_protein"].drop(columns="assay")
    values = pd.DataFrame(20.0, index=["f1", "f2"], columns=rows["sample"].to_list())
    with pytest.raises(DataError, match="treatment"):
        differential(values, rows, **CONTRAST | {"factor": "treatment"}, scale="log2")


@pytest.fixture
def table() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(4)
    names = [f"s{i}" for i in range(12)]
    samples = pd.DataFrame({"sample": names, "age": ["old", "young"] * 6, "sex": (["f"] * 2 + ["m"] * 2) * 3})
    values = pd.DataFrame(rng.normal(0, 0.3, (300, 12)) + rng.uniform(15, 25, (300, 1)), columns=names)
    values.loc[0, samples.loc[samples["age"] == "old", "sample"]] += 2.0
    values.loc[1, samples.loc[samples["sex"] == "f", "sample"]] += 2.0
    values.loc[2, "s0"] = np.nan
    return values, samples


def test_finds_what_was_planted(table: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = ok.differential(*table, factor="age", case="old", control="young", covariates=["sex"])
    assert found["feature"].tolist() == [str(i) for i in range(300)]
    assert found.loc[0, "log2fc"] == pytest.approx(2.0, abs=0.4)
    assert found["q"].idxmin() == 0
    assert found.loc[1, "p"] > 0.01, "the covariate explains it"
    assert found.loc[2, "n_missing"] == 1


def test_linear_intensities_and_anndata_give_the_same(table: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    values, samples = table
    expected = ok.differential(values, samples, factor="age", case="old", control="young")
    linear = ok.differential(2.0**values, samples, factor="age", case="old", control="young")
    np.testing.assert_allclose(linear["t"], expected["t"], rtol=1e-6)
    adata = anndata.AnnData(
        values.to_numpy().T.copy(),
        obs=samples.set_index("sample"),
        var=pd.DataFrame({"gene": "x", "protein": "P07356"}, index=values.index.astype(str)),
    )
    from_adata = ok.differential(adata, factor="age", case="old", control="young")
    np.testing.assert_array_equal(from_adata["t"], expected["t"])
    assert (from_adata["gene"] == "x").all()
    assert (from_adata["protein"] == "P07356").all()


def test_bad_groups_are_refused(table: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    values, samples = table
    with pytest.raises(DataError, match="ancient"):
        ok.differential(values, samples, factor="age", case="ancient", control="young")
    with pytest.raises(DataError, match="without its samples"):
        ok.differential(values, factor="age", case="old", control="young")
    with pytest.raises(DataError, match="feature names repeat"):
        ok.differential(values.set_axis(["a"] * 300), samples, factor="age", case="old", control="young")
