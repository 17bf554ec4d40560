from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest

import organokine as ok
from organokine.errors import DataError


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
        var=pd.DataFrame({"gene": "x"}, index=values.index.astype(str)),
    )
    from_adata = ok.differential(adata, factor="age", case="old", control="young")
    np.testing.assert_array_equal(from_adata["t"], expected["t"])
    assert (from_adata["gene"] == "x").all()


def test_bad_groups_are_refused(table: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    values, samples = table
    with pytest.raises(DataError, match="ancient"):
        ok.differential(values, samples, factor="age", case="ancient", control="young")
    with pytest.raises(DataError, match="without its samples"):
        ok.differential(values, factor="age", case="old", control="young")
    with pytest.raises(DataError, match="feature names repeat"):
        ok.differential(values.set_axis(["a"] * 300), samples, factor="age", case="old", control="young")
