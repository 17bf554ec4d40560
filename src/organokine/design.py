"""From a sample sheet to a design matrix: intercept, case indicator, covariates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from organokine.errors import DataError, Problem, first_examples

if TYPE_CHECKING:
    import pandas as pd

    from organokine.study_file import ContrastSection

_CATEGORY = re.compile(r"C\((?P<column>.+)\)")


class Design(NamedTuple):
    """A design matrix and the contrast asked of it.

    Attributes
    ----------
    matrix : numpy.ndarray
        (n_samples, n_coefficients): intercept, case (1) or control (0), then covariates.
    names : tuple of str
        Names of the columns.
    contrast : numpy.ndarray
        (n_coefficients,): 1 at the case column, else 0.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    contrast: np.ndarray


def covariate_column(covariate: str) -> str:
    """Name of the sample-sheet column behind a covariate: `batch` for `batch` and for `C(batch)`."""
    match = _CATEGORY.fullmatch(covariate)
    return covariate if match is None else match["column"].strip()


def design_matrix(obs: pd.DataFrame, contrast: ContrastSection, where: str = "samples") -> Design:
    """Code the samples of one assay for the linear model.

    Text covariates become one indicator per level but the first in sorted order; numeric covariates are centred and
    enter as numbers; `C(name)` makes a numeric column categorical.

    Parameters
    ----------
    obs : pandas.DataFrame
        One row per sample of the contrast, with the columns of the factor and of all covariates, none missing.
    contrast : ContrastSection
        Factor, case, control and covariates.
    where : str
        What to call the samples in a message.

    Returns
    -------
    Design
        Full-rank design.

    Raises
    ------
    DataError
        If the case indicator or a covariate is a linear combination of the columns before it; a constant covariate is.
    """
    is_case = (obs[contrast.factor].astype(str) == contrast.case).to_numpy(dtype=float)
    columns = [np.ones(len(obs)), is_case]
    names = ["intercept", f"{contrast.factor}={contrast.case}"]
    for covariate in contrast.covariates:
        for name, values in _coded(obs, covariate):
            names.append(name)
            columns.append(values)
    matrix = np.column_stack(columns)
    _refuse_confounded(matrix, names, where)
    _refuse_saturated(matrix, names, where)
    indicator = np.zeros(len(names))
    indicator[1] = 1.0
    return Design(matrix, tuple(names), indicator)


def _coded(obs: pd.DataFrame, covariate: str) -> list[tuple[str, np.ndarray]]:
    column = covariate_column(covariate)
    values = obs[column]
    if column == covariate and values.dtype.kind in "iuf":
        numbers = values.to_numpy(dtype=float)
        return [(column, numbers - numbers.mean())]
    text = values.astype(str).to_numpy(dtype=str)
    levels = np.unique(text)
    # The indicator of a single level equals the intercept, so that a constant covariate is refused by name.
    coded = levels if len(levels) == 1 else levels[1:]
    return [(f"{column}={level}", (text == level).astype(float)) for level in coded]


def _refuse_confounded(matrix: np.ndarray, names: list[str], where: str) -> None:
    dependent = [
        names[index]
        for index in range(1, matrix.shape[1])
        if np.linalg.matrix_rank(matrix[:, : index + 1]) == np.linalg.matrix_rank(matrix[:, :index])
    ]
    if len(dependent) == 0:
        return
    raise DataError(
        Problem(
            where,
            f"the design cannot tell apart {first_examples(names[1:], 6)}: {first_examples(dependent)} "
            f"{'follows' if len(dependent) == 1 else 'follow'} from the columns before",
            "The effect of the contrast cannot be separated from that covariate",
            "Leave the covariate out of [contrast] covariates, or restrict the samples with [contrast] within",
        )
    )


def _refuse_saturated(matrix: np.ndarray, names: list[str], where: str) -> None:
    n_samples, n_coefficients = matrix.shape
    if n_samples > n_coefficients:
        return
    raise DataError(
        Problem(
            where,
            f"{n_samples} samples leave no residual degree of freedom beside {n_coefficients} coefficients "
            f"({first_examples(names, 6)})",
            "Without one there is no variance to hold an effect against",
            "Leave covariates out of [contrast] covariates, or bring more samples",
        )
    )
