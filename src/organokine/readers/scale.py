"""Which scale a table is on, what its zeros mean, and how it becomes log2 or counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers.base import Count

if TYPE_CHECKING:
    from organokine.study_file import Modality, Scale

KnownScale = Literal["log2", "linear", "counts"]
Zeros = Literal["missing", "value"]
MAXIMUM_LOG2 = 100.0  # no detector spans 2 to the power of 100
LARGEST_DECLARED = 1e100  # on a declared scale nothing is judged, but sums of squares of larger values overflow
MAXIMUM_COUNT = 2.0**53  # above it a floating-point number no longer holds every whole number


class Scaled(NamedTuple):
    """A table on a scale the package works with.

    Attributes
    ----------
    values : pandas.DataFrame
        Features x samples, log2 or counts; NaN is not measured.
    scale : str
        Scale of `values`: `log2` or `counts`.
    detected : str
        Scale of the file.
    zeros : str
        What a zero of the file means: `missing` or `value`.
    counts : tuple of Count
        What was detected and changed.
    """

    values: pd.DataFrame
    scale: Literal["log2", "counts"]
    detected: KnownScale
    zeros: Zeros
    counts: tuple[Count, ...]


def detect_scale(
    values: np.ndarray, modality: Modality, minimum_count: float = 1000.0, maximum_log2: float = MAXIMUM_LOG2
) -> KnownScale:
    """Tell counts, linear intensities and log2 values apart by the bulk of a table, not by its extremes.

    Parameters
    ----------
    values : numpy.ndarray
        (n_features, n_samples) or any other shape, NaN is missing.
    modality : str
        `protein` or `rna`. Whole numbers are counts in RNA only: search engines round intensities to whole numbers too.
    minimum_count : float
        Whole RNA numbers are counts if the largest reaches this; any sequencing library has such a gene.
    maximum_log2 : float
        A table is linear if a hundredth of its values are above this, or if one feature is above it in at least two samples
        and half of those that measured it (most genes of a TPM table are small): no detector spans 2 to the power of 100,
        and a slip of the pen is one cell.

    Returns
    -------
    str
        `counts`, `linear` or `log2`. Values that cannot be on that scale are for `to_scale` to refuse.
    """
    measured = values[np.isfinite(values)]
    if measured.size == 0:
        return "log2"
    if modality == "rna" and measured.max() >= minimum_count and bool((measured == np.rint(measured)).all()):
        return "counts"
    if np.quantile(measured, 0.99, method="lower") > maximum_log2:
        return "linear"
    by_feature = np.atleast_2d(values)
    n_above = (np.isfinite(by_feature) & (by_feature > maximum_log2)).sum(axis=1)
    is_above = (n_above >= 2) & (2 * n_above >= np.isfinite(by_feature).sum(axis=1))
    return "linear" if bool(is_above.any()) else "log2"


def zeros_mean_missing(values: np.ndarray, detected: KnownScale, percentile: float = 1.0, floor: float = 1.0) -> bool:
    """Whether a zero stands for a missing value.

    Parameters
    ----------
    values : numpy.ndarray
        Any shape, on the scale `detected`; NaN is missing.
    detected : str
        Scale of the values.
    percentile, floor : float
        In log2 intensities (never negative) a zero is a mark of a missing value if this percentile of the other values lies
        above `floor`: zero then stands apart from what was measured. In log2 ratios zero is a value like any other.

    Returns
    -------
    bool
        Always true for linear intensities, which a detector never measures as exactly zero; never for counts.
    """
    if detected != "log2":
        return detected == "linear"
    measured = values[np.isfinite(values)]
    others = measured[measured != 0]
    return bool(others.size > 0 and measured.min() >= 0 and np.percentile(others, percentile) > floor)


def to_scale(
    values: pd.DataFrame, declared: Scale, zeros: Literal["auto", "missing", "value"], modality: Modality, where: str
) -> Scaled:
    """Bring a table to log2 or counts.

    Parameters
    ----------
    values : pandas.DataFrame
        Features x samples as the file holds them. Numbers kept as text are read as numbers, and empty text is missing.
    declared, zeros : str
        Keys `scale` and `zeros` of the assay.
    modality : str
        `protein` or `rna`.
    where : str
        What to call the table in messages.

    Returns
    -------
    Scaled
        Counts as they are, log2 as it is, linear values as log2.

    Raises
    ------
    DataError
        If cells are not numbers, if values are infinite, negative where that cannot be, all zero, above what the detected
        scale can hold, or if the keys contradict each other.
    """
    numbers = _numbers(values, where)
    detected = detect_scale(numbers, modality) if declared == "auto" else declared
    problems = [*_impossible(values, numbers, detected, where), *_contradicting(detected, zeros, where)]
    if detected == "counts":
        problems.extend(_above_counts(values, numbers, where))
    if detected == "log2":
        limit = MAXIMUM_LOG2 if declared == "auto" else LARGEST_DECLARED
        problems.extend(_above_log2(values, numbers, where, limit))
    if len(problems) > 0:
        raise DataError(problems)
    n_zeros = int((numbers == 0).sum())
    is_missing = zeros_mean_missing(numbers, detected) if zeros == "auto" else zeros == "missing"
    if is_missing:
        numbers[numbers == 0] = np.nan
    if detected == "linear":
        numbers = np.log2(numbers)
    counts = (
        Count(
            "scale detected" if declared == "auto" else "scale declared",
            values.size,
            None,
            detected,
            _scale_note(detected),
        ),
        *_zero_count(n_zeros, values.size, detected, is_missing=is_missing),
        *_not_whole(numbers, detected),
    )
    frame = pd.DataFrame(numbers, index=values.index, columns=values.columns)
    return Scaled(
        frame, "counts" if detected == "counts" else "log2", detected, "missing" if is_missing else "value", counts
    )


def _numbers(values: pd.DataFrame, where: str) -> np.ndarray:
    """Copy of the values as floating-point numbers; whatever is not one is refused, never made missing or 1."""
    numbers = np.full(values.shape, np.nan)
    refused = np.zeros(values.shape, dtype=bool)
    for position in range(values.shape[1]):
        column = values.iloc[:, position]
        if pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype):
            numbers[:, position] = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            is_empty = column.isna() | (column.astype(str).str.strip() == "")
            refused[:, position] = np.isnan(numbers[:, position]) & ~is_empty.to_numpy(dtype=bool)
        elif column.dtype.kind in "iuf":
            numbers[:, position] = column.to_numpy(dtype=float, na_value=np.nan)
        else:
            refused[:, position] = True
    if refused.any():
        row, position = np.argwhere(refused)[0]
        first = f"{str(values.iloc[row, position])!r} in row {values.index[row]}, column {values.columns[position]}"
        what = f"{int(refused.sum())} cells are no numbers, first {first}"
        why = "A value that cannot be read must not be taken for a missing one"
        remedy = "Correct these cells, or leave them empty if nothing was measured"
        raise DataError(Problem(where, what, why, remedy))
    return numbers


def _scale_note(detected: KnownScale) -> str:
    return {
        "linear": "turned to log2; set `scale` if this is wrong",
        "log2": "taken as it is; set `scale` if this is wrong",
        "counts": "kept as counts; set `scale` if this is wrong",
    }[detected]


def _zero_count(n_zeros: int, size: int, detected: KnownScale, *, is_missing: bool) -> list[Count]:
    if n_zeros == 0:
        return []
    if is_missing:
        return [
            Count("zeros that mean missing", n_zeros, size, "", f"a zero among {detected} intensities is not measured")
        ]
    return [Count("zeros kept as values", n_zeros, size, "", f"a zero among these {detected} values is a value")]


def _not_whole(numbers: np.ndarray, detected: KnownScale) -> list[Count]:
    if detected != "counts":
        return []
    n_odd = int((np.isfinite(numbers) & (numbers != np.rint(numbers))).sum())
    note = "expected counts, as Salmon writes them: used as they are"
    return [Count("counts that are not whole", n_odd, numbers.size, "", note)] if n_odd > 0 else []


def _impossible(values: pd.DataFrame, numbers: np.ndarray, detected: KnownScale, where: str) -> list[Problem]:
    problems = []
    infinite = np.isinf(numbers)
    if infinite.any():
        why = "An infinite value is a logarithm of zero or a division by zero, not a measurement"
        what = f"{int(infinite.sum())} values are infinite, first at {_cells(values, infinite)}"
        problems.append(Problem(where, what, why, "Leave these cells empty"))
    negative = np.isfinite(numbers) & (numbers < 0)
    if detected != "log2" and negative.any():
        what = f"{int(negative.sum())} values are negative, first at {_cells(values, negative)}"
        why = f"The scale is {detected!r}, where nothing is below zero"
        remedy = 'Set scale = "log2" if these are logarithms, else correct these cells or leave them empty'
        problems.append(Problem(where, what, why, remedy))
    if not (np.isnan(numbers) | (numbers == 0)).all():
        return problems
    why = "A table in which nothing was measured cannot be normalised or tested"
    return [Problem(where, "no value is other than zero or missing", why, "Look at the table, or leave the assay out")]


def _above_log2(values: pd.DataFrame, numbers: np.ndarray, where: str, limit: float) -> list[Problem]:
    above = np.isfinite(numbers) & (numbers > limit)
    if not above.any():
        return []
    what = f"{int(above.sum())} values are above {limit:g}, first at {_cells(values, above)}"
    why = (
        "The bulk of the table is on a log2 scale, which cannot hold them, so either these cells or the scale are wrong"
    )
    remedy = 'Correct these cells, or declare scale = "log2", "linear" or "counts"'
    return [Problem(where, what, why, remedy)]


def _above_counts(values: pd.DataFrame, numbers: np.ndarray, where: str) -> list[Problem]:
    above = np.isfinite(numbers) & (numbers > MAXIMUM_COUNT)
    if not above.any():
        return []
    what = f"{int(above.sum())} counts are above 2 to the power of 53, first at {_cells(values, above)}"
    why = "No library has so many reads, and a computer no longer tells such whole numbers apart"
    return [Problem(where, what, why, "Correct these cells or leave them empty")]


def _contradicting(detected: KnownScale, zeros: str, where: str) -> list[Problem]:
    if detected == "linear" and zeros == "value":
        why = "Linear values become log2, and zero has no logarithm"
        return [
            Problem(
                f"{where} zeros",
                'zeros = "value" cannot hold on a linear scale',
                why,
                'Leave `zeros` out, or write "missing"',
            )
        ]
    if detected == "counts" and zeros == "missing":
        why = "A count of zero is a measurement, and the model of counts needs it"
        return [
            Problem(
                f"{where} zeros", 'zeros = "missing" cannot hold for counts', why, 'Leave `zeros` out, or write "value"'
            )
        ]
    return []


def _cells(values: pd.DataFrame, mask: np.ndarray) -> str:
    rows, columns = np.nonzero(mask)
    cells = (f"row {values.index[i]}, column {values.columns[j]}" for i, j in zip(rows[:3], columns[:3], strict=True))
    return first_examples(cells)
