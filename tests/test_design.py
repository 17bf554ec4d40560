from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from organokine.design import covariate_column, design_matrix
from organokine.errors import DataError
from organokine.study_file import ContrastSection

OBS = pd.DataFrame(
    {
        "age": ["old", "young"] * 4,
        "sex": ["f", "f", "m", "m"] * 2,
        "weight": [20.0, 23.0, 24.0, 26.0, 21.0, 22.0, 25.0, 27.0],
        "batch": [1, 1, 2, 2, 3, 3, 1, 2],
    }
)


def contrast(*covariates: str) -> ContrastSection:
    return ContrastSection(factor="age", case="old", control="young", covariates=covariates)


def test_text_becomes_indicators_and_numbers_are_centred() -> None:
    design = design_matrix(OBS, contrast("sex", "weight"))
    assert design.names == ("intercept", "age=old", "sex=m", "weight")
    np.testing.assert_array_equal(design.matrix[:, 1], [1, 0] * 4)
    np.testing.assert_array_equal(design.matrix[:, 2], [0, 0, 1, 1] * 2)
    assert design.matrix[:, 3].sum() == 0
    assert design.contrast.tolist() == [0, 1, 0, 0]


def test_numbers_become_categories_when_asked() -> None:
    assert design_matrix(OBS, contrast("batch")).names[2:] == ("batch",)
    assert design_matrix(OBS, contrast("C(batch)")).names[2:] == ("batch=2", "batch=3")
    assert covariate_column("C(batch)") == "batch"


def test_a_covariate_that_follows_the_contrast_is_refused_by_name() -> None:
    confounded = OBS.assign(run=np.where(OBS["age"] == "old", "a", "b"))
    with pytest.raises(DataError, match="run=b"):
        design_matrix(confounded, contrast("run"))


def test_a_design_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="4 samples leave no residual degree of freedom beside 4 coefficients"):
        design_matrix(OBS.iloc[:4].assign(batch=["x", "x", "y", "z"]), contrast("batch"))
