"""What all models ask of their arrays, with every fault told at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from organokine.errors import DataError, Problem, first_examples

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Codes = NDArray[np.intp]


class Measured(NamedTuple):
    """The values that were measured, with their rows of the design; `kept` says which of the given values they are."""

    value: Floats
    design: Floats
    kept: Booleans

    @property
    def n_not_measured(self) -> int:
        """Values left out since they are NaN."""
        return int((~self.kept).sum())


def measured(model: str, value: ArrayLike, design: ArrayLike) -> Measured:
    """Check values and design, and keep the values that are not NaN.

    Raises
    ------
    DataError
        If a value is infinite, the design has missing entries, or the measured values do not determine its coefficients.
    ValueError
        If the shapes do not fit: a fault of the caller.
    """
    values, matrix = np.asarray(value, dtype=np.float64), np.asarray(design, dtype=np.float64)
    if values.ndim != 1 or matrix.ndim != 2 or len(matrix) != len(values):
        message = f"needed: n values and a design of n rows; given shapes: {values.shape} and {matrix.shape}"
        raise ValueError(message)
    kept = ~np.isnan(values)
    unusable = ~np.isfinite(matrix).all(axis=1) & kept
    if np.isinf(values).any() or unusable.any():
        raise DataError(_not_finite(model, np.isinf(values), unusable))
    if not kept.any():
        raise DataError(
            Problem(model, "no value was measured", "There is nothing to fit", "Check the column of values")
        )
    rank = int(np.linalg.matrix_rank(_unit_columns(matrix[kept])))
    if rank < matrix.shape[1]:
        raise DataError(
            Problem(
                model,
                f"{int(kept.sum())} measured values determine {rank} of {matrix.shape[1]} coefficients",
                "Terms that go together (a group with one sex only, one cage per group) cannot be told apart",
                "Leave a term out, or add animals that separate them",
            )
        )
    return Measured(values[kept], matrix[kept], kept)


def spare_values(model: str, n_values: int, n_coefficients: int, what: str = "measured values") -> None:
    """Raise DataError if there are no more values than coefficients."""
    if n_values <= n_coefficients:
        raise DataError(
            Problem(
                model,
                f"{n_values} {what} for {n_coefficients} coefficients",
                "Nothing is left to estimate the variation from",
                "Add animals, or leave terms out",
            )
        )


def codes_of(model: str, kind: str, labels: ArrayLike, kept: Booleans) -> Codes:
    """Number the labels (animals, cages) of the kept values from 0 without gaps.

    Raises
    ------
    DataError
        If a kept value has no label (None, NaN or an empty text).
    ValueError
        If the labels are not one per value.
    """
    listed = np.asarray(labels, dtype=object)
    if listed.shape != kept.shape:
        message = f"needed: one {kind} per value ({len(kept)}); given: shape {listed.shape}"
        raise ValueError(message)
    names = listed[kept].tolist()
    missing = [place for place, name in enumerate(names) if name is None or name == "" or name != name]  # noqa: PLR0124  NaN
    if len(missing) > 0:
        raise DataError(
            Problem(
                model,
                f"{len(missing)} measured values have no {kind}",
                f"Values of one {kind} are not independent, so that each must be known",
                f"Fill in the {kind}, or leave these values out",
            )
        )
    number = {name: code for code, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], dtype=np.intp)


def check_nested(model: str, subject: Codes, cage: Codes) -> None:
    """Raise DataError if an animal is in several cages."""
    pairs = np.unique(np.column_stack([subject, cage]), axis=0)
    n_cages = np.bincount(pairs[:, 0])
    if (n_cages > 1).any():
        raise DataError(
            Problem(
                model,
                f"{int((n_cages > 1).sum())} animals are in several cages",
                "The cage is a random effect over its animals, so that an animal has one",
                "Name the cage in which the animal was treated, or leave the cages out",
            )
        )


def infinite_direction(design: Floats, informative: Booleans) -> bool:
    """Whether the informative rows leave a coefficient without a finite estimate."""
    if not informative.any():
        return True
    rank = int(np.linalg.matrix_rank(_unit_columns(design[informative])))
    return rank < int(design.shape[1])


def _unit_columns(matrix: Floats) -> Floats:
    size = np.sqrt((matrix**2).sum(axis=0))
    return matrix / np.where(size > 0, size, 1.0)


def _not_finite(model: str, infinite: Booleans, unusable: Booleans) -> list[Problem]:
    faults = []
    if infinite.any():
        what = f"{int(infinite.sum())} values are infinite, first at row {first_examples(np.flatnonzero(infinite), 1)}"
        faults.append(Problem(model, what, "An infinite value has no mean", "Correct it, or leave it empty"))
    if unusable.any():
        rows = first_examples(np.flatnonzero(unusable), 3)
        what = f"{int(unusable.sum())} measured values lack a covariate, rows {rows}"
        why = "A value without its covariate cannot be adjusted, and none is made up"
        faults.append(Problem(model, what, why, "Fill in the covariate, or leave these animals out"))
    return faults
