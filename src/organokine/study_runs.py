"""What is known of each run of a study: what its file tells, and when it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine import tables
from organokine.errors import Problem, first_examples, nearest
from organokine.readers import Count, RawMatrix
from organokine.readers.cells import is_missing
from organokine.study_join import as_text

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.study_file import StudyFile

RUN_ORDER = "run_order"
"""Column of the sample sheet that is taken if `[prepare] run_order` names none."""
NO_RUN_ORDER = "no run order in the sample sheet"


class RunOrder(NamedTuple):
    """When the samples of a sheet were measured.

    Attributes
    ----------
    column : str or None
        Column of the sheet it was read from; None if there is none.
    values : pandas.Series
        One number per row of the sheet: its own, or hours since the first run; NaN is not known.
    counts : list of Count
        What was read, and what not.
    problems : list of Problem
        Why a column that was asked for by name cannot be used.
    """

    column: str | None
    values: pd.Series
    counts: list[Count]
    problems: list[Problem]


def read_run_order(file: StudyFile, samples: pd.DataFrame) -> RunOrder:
    """Find when each sample was measured; where the sheet does not say, nothing is guessed.

    Parameters
    ----------
    file : StudyFile
        Its key `[prepare] run_order` names a column; without it a column `run_order` is taken if there is one.
    samples : pandas.DataFrame
        The sample sheet.

    Returns
    -------
    RunOrder
        Numbers as they are; times (ISO 8601, such as `2024-05-01 13:20`, which no country reads otherwise) in hours since the
        first.
    """
    column = RUN_ORDER if file.prepare.run_order is None else file.prepare.run_order
    unknown = pd.Series(np.nan, index=samples.index)
    if column not in samples.columns:
        if file.prepare.run_order is None:
            return RunOrder(None, unknown, [], [])
        return RunOrder(None, unknown, [], [_absent(column, samples)])
    values, refused = _numbers_or_hours(samples[column])
    if len(refused) > 0:
        what = f"{len(refused)} values of the run order are neither numbers nor times, first {first_examples(refused)}"
        if file.prepare.run_order is not None:
            remedy = "Write numbers, or times such as 2024-05-01 13:20"
            why = "Runs are put in the order in which they were measured"
            return RunOrder(None, unknown, [], [Problem(f"sample sheet {column}", what, why, remedy)])
        note = f"{what}; not used"
        return RunOrder(None, unknown, [Count("samples with a run order", 0, len(samples), "", note)], [])
    n_known = int(values.notna().sum())
    note = f"column {column} of the sample sheet"
    return RunOrder(column, values, [Count("samples with a run order", n_known, len(samples), "", note)], [])


def run_table(
    file: StudyFile,
    raw: Mapping[str, RawMatrix],
    assays: Mapping[str, AnnData],
    samples: pd.DataFrame,
    order: RunOrder,
) -> pd.DataFrame:
    """One row for each sample of each assay of a study.

    Parameters
    ----------
    file : StudyFile
        The study file.
    raw : mapping of str to RawMatrix
        Tables as they were read, by assay.
    assays : mapping of str to anndata.AnnData
        The same joined; their samples are the rows.
    samples : pandas.DataFrame
        The sample sheet.
    order : RunOrder
        When each row of the sheet was measured.

    Returns
    -------
    pandas.DataFrame
        Table `runs`; missing where a file does not tell.
    """
    parts = []
    for section in file.assay:
        obs = assays[section.name].obs
        contrast = file.contrast_of(section.name)
        part = pd.DataFrame(
            {
                "assay": section.name,
                "organ": section.organ,
                "modality": section.modality,
                "sample": obs.index.to_numpy(dtype=object),
                "subject": obs["subject"].to_numpy(dtype=object),
                "group": "" if contrast is None else obs[contrast.factor].to_numpy(dtype=object),
                "run_order": _of_assay(order.values, samples, section.name).reindex(obs.index).to_numpy(),
            }
        )
        told = raw[section.name].runs
        parts.append(part if told is None else part.merge(told, on="sample", how="left", validate="one_to_one"))
    return tables.RUNS.conform(pd.concat(parts, ignore_index=True))


def _of_assay(order: pd.Series, samples: pd.DataFrame, assay: str) -> pd.Series:
    """The order of the samples of one assay, by sample."""
    everywhere = np.ones(len(samples), dtype=bool)
    own = (samples["assay"] == assay).to_numpy() if "assay" in samples.columns else everywhere
    names = pd.Index(samples["sample"].to_numpy(dtype=object)[own])
    return pd.Series(order.to_numpy(dtype=float)[own], index=names)


def _numbers_or_hours(column: pd.Series) -> tuple[pd.Series, list[str]]:
    """Values as numbers, and the cells that are neither numbers nor times."""
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.astype("float64")
        return numbers.where(np.isfinite(numbers)), []
    text = as_text(column).str.strip()
    is_absent = is_missing(text)
    times = pd.to_datetime(text.mask(is_absent), format="ISO8601", errors="coerce", utc=True)
    refused = text[times.isna() & ~is_absent].unique()
    return (times - times.min()).dt.total_seconds() / 3600, list(refused)


def _absent(column: str, samples: pd.DataFrame) -> Problem:
    names = [str(name) for name in samples.columns]
    near = nearest(column, names)
    remedy = f"Write {near!r}" if near is not None else "Add the column, or leave the key out"
    why = "It was asked for by name, so no other order is guessed"
    return Problem("[prepare] run_order", f"the sample sheet has no column {column!r}", why, remedy)
