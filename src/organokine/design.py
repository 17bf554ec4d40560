"""From a sample sheet to a design matrix, and the contrast that is asked of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from organokine.errors import DataError, Problem, first_examples

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from organokine.study_file import ContrastSection

_CATEGORY = re.compile(r"C\((?P<column>.+)\)")


class LevelContrast(NamedTuple):
    """A weighted sum of the means of some levels of a factor, all of whose levels enter the model.

    Attributes
    ----------
    factor : str
        Column of the sample sheet.
    weights : mapping of str to float
        Weight by level; levels that are not named have weight 0. The weights of a difference sum to 0.
    covariates : tuple of str
        Columns that are adjusted for.
    """

    factor: str
    weights: Mapping[str, float]
    covariates: tuple[str, ...] = ()


class Slope(NamedTuple):
    """Change per unit of a factor that holds numbers, such as hours or a dose."""

    factor: str
    covariates: tuple[str, ...] = ()


class AnyLevel(NamedTuple):
    """Any difference between the means of the levels of a factor."""

    factor: str
    covariates: tuple[str, ...] = ()


Asked: TypeAlias = "ContrastSection | LevelContrast | Slope | AnyLevel"
"""What can be asked of a factor: case against control, a contrast of levels, a slope, any difference."""


class Design(NamedTuple):
    """A design matrix and the contrast asked of it.

    Attributes
    ----------
    matrix : numpy.ndarray
        (n_samples, n_coefficients): the columns of the factor (intercept and case indicator, or one mean per level, or
        intercept and centred number), then covariates.
    names : tuple of str
        Names of the columns.
    contrast : numpy.ndarray
        (n_coefficients,), or (n_coefficients, n_levels - 1) for any difference between levels.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    contrast: np.ndarray


def covariate_column(covariate: str) -> str:
    """Name of the sample-sheet column behind a covariate: `batch` for `batch` and for `C(batch)`."""
    match = _CATEGORY.fullmatch(covariate)
    return covariate if match is None else match["column"].strip()


def design_matrix(obs: pd.DataFrame, asked: Asked, where: str = "samples") -> Design:
    """Code the samples of one assay for the linear model.

    Text covariates become one indicator per level but the first in sorted order; numeric covariates are centred and
    enter as numbers; `C(name)` makes a numeric column categorical.

    Parameters
    ----------
    obs : pandas.DataFrame
        One row per sample of the contrast, with the columns of the factor and of all covariates, none missing.
    asked : ContrastSection, LevelContrast, Slope or AnyLevel
        Factor, what is asked of it, and covariates.
    where : str
        What to call the samples in a message.

    Returns
    -------
    Design
        Full-rank design.

    Raises
    ------
    DataError
        If a column of the factor or of a covariate is a linear combination of the columns before it; a constant covariate
        is.
    """
    match asked:
        case Slope():
            coded, contrast = _slope(obs, asked.factor)
        case LevelContrast():
            coded, _ = _levels(obs, asked.factor)
            contrast = np.array([asked.weights.get(level, 0.0) for level in np.unique(obs[asked.factor].astype(str))])
        case AnyLevel():
            coded, contrast = _levels(obs, asked.factor)
        case _:
            is_case = (obs[asked.factor].astype(str) == asked.case).to_numpy(dtype=float)
            coded = [("intercept", np.ones(len(obs))), (f"{asked.factor}={asked.case}", is_case)]
            contrast = np.array([0.0, 1.0])
    n_factor = len(coded)
    for covariate in asked.covariates:
        coded.extend(_coded(obs, covariate))
    names = [name for name, _ in coded]
    matrix = np.column_stack([values for _, values in coded])
    _refuse_confounded(matrix, names, where)
    _refuse_saturated(matrix, names, where)
    padding = [(0, len(names) - n_factor)] + [(0, 0)] * (contrast.ndim - 1)
    return Design(matrix, tuple(names), np.pad(contrast, padding))


def _slope(obs: pd.DataFrame, factor: str) -> tuple[list[tuple[str, np.ndarray]], np.ndarray]:
    numbers = obs[factor].to_numpy(dtype=float)
    return [("intercept", np.ones(len(obs))), (factor, numbers - numbers.mean())], np.array([0.0, 1.0])


def _levels(obs: pd.DataFrame, factor: str) -> tuple[list[tuple[str, np.ndarray]], np.ndarray]:
    """One mean per level, and every level but the first against the first."""
    text = obs[factor].astype(str).to_numpy(dtype=str)
    coded = [(f"{factor}={level}", (text == level).astype(float)) for level in np.unique(text)]
    against_first = np.vstack([-np.ones(len(coded) - 1), np.eye(len(coded) - 1)])
    return coded, against_first


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
            "Leave the covariate out, or restrict the samples",
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
            "Leave covariates out, or bring more samples",
        )
    )
