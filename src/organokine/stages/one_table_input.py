"""A table in memory and its samples, brought into the form of a study of one assay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from organokine.design import AnyLevel, LevelContrast, Slope, covariate_column
from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.study_file import ContrastSection
from organokine.study_join import LEAST_SAMPLES, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anndata import AnnData

    from organokine.design import Asked

LARGEST_WEIGHT = 1000.0
"""Largest weight of a contrast, and its inverse the smallest: beyond, the unit of the effect is no longer that of a fold change."""
FEW_BLOCKS = 4
"""Animals per level from which a correlation estimated from them holds the level well (docs/statistics.md)."""
_SAMPLES = "samples"


def question(
    factor: str,
    case: object,
    control: object,
    contrast: Mapping[Any, float] | None,
    covariates: Sequence[str],
    *,
    per_unit: bool,
    any_level: bool,
) -> Asked:
    """What is asked: exactly one of case and control, a contrast of levels, a slope, any difference.

    A level given as a number is the text a sample sheet holds: 24 and 24.0 are `24`.

    Raises
    ------
    DataError
        If none or several are given, or the weights of a contrast do not sum to zero.
    """
    given = [case is not None or control is not None, contrast is not None, per_unit, any_level]
    if sum(given) != 1 or (case is None) != (control is None):
        raise DataError(
            Problem(
                f"factor {factor}",
                "exactly one question can be asked of it",
                "Case and control, a contrast of levels, a change per unit and any difference are different questions",
                "Give case and control, or a contrast, or per_unit, or any_level",
            )
        )
    names = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    if contrast is not None:
        weights = dict(zip(_texts(list(contrast)), map(float, contrast.values()), strict=True))
        _refuse_weights(factor, weights)
        return LevelContrast(factor, weights, names)
    if per_unit:
        return Slope(factor, names)
    if any_level:
        return AnyLevel(factor, names)
    case_text, control_text = _texts([case, control])
    if case_text in {"", control_text}:
        raise DataError(
            Problem(
                f"factor {factor}",
                f"case is {case_text!r} and control is {control_text!r}",
                "Two different levels are compared",
                "Name one level as case and another one as control",
            )
        )
    return ContrastSection(factor=factor, case=case_text, control=control_text, covariates=names)


def _texts(levels: list[object]) -> list[str]:
    return as_text(pd.Series(levels, dtype=object)).to_list()


def _refuse_weights(factor: str, contrast: Mapping[str, float]) -> None:
    weights = np.array(list(contrast.values()))
    size = np.abs(weights)
    in_range = np.all(np.isfinite(weights)) and 1 / LARGEST_WEIGHT <= size.max(initial=0.0) <= LARGEST_WEIGHT
    if in_range and abs(weights.sum()) <= 1e-9 * size.sum():
        return
    written = ", ".join(f"{level}={weight:g}" for level, weight in contrast.items())
    raise DataError(
        Problem(
            f"factor {factor} contrast",
            f"the weights {written} are no difference: their sum is {weights.sum():g}",
            f"Weights of a difference sum to zero, and the largest is no more than {LARGEST_WEIGHT:g}",
            "Correct the weights, such as high=1/2, middle=1/2, low=-1; thirds are exact as 1/3",
        )
    )


def checked_sheet(sheet: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """The sheet with the factor as text or, for a slope, as numbers.

    Case against control is checked where the study is put together; a contrast, a slope or any difference are checked here.

    Raises
    ------
    DataError
        All that is wrong with the factor and the covariates.
    """
    if isinstance(asked, ContrastSection):
        return sheet
    columns = [asked.factor, *(covariate_column(name) for name in asked.covariates)]
    absent = [name for name in columns if name not in sheet.columns]
    if len(absent) > 0:
        meant = nearest(absent[0], sheet.columns)
        raise DataError(
            Problem(
                _SAMPLES,
                f"no column {first_examples(absent)}; there are {first_examples(sheet.columns, 8)}",
                "The factor and every covariate are columns of the samples",
                "Add it" if meant is None else f"Did you mean {meant!r}?",
            )
        )
    problems = [*_gaps(sheet, columns)]
    if len(problems) == 0:
        problems.extend(_not_numbers(sheet, asked.factor) if isinstance(asked, Slope) else _levels(sheet, asked))
    if len(problems) > 0:
        raise DataError(problems)
    if isinstance(asked, Slope):
        return sheet.assign(**{asked.factor: pd.to_numeric(sheet[asked.factor])})
    return sheet.assign(**{asked.factor: as_text(sheet[asked.factor])})


def _gaps(sheet: pd.DataFrame, columns: list[str]) -> Iterator[Problem]:
    for column in dict.fromkeys(columns):
        empty = sheet[column].isna()
        if empty.any():
            yield Problem(
                f"{_SAMPLES} {column}",
                f"is missing in {int(empty.sum())} of {len(sheet)} samples, first {first_examples(sheet['sample'][empty])}",
                "A sample without it cannot enter the model, and leaving it out would be silent",
                "Fill it in, or take the samples out",
            )


def _not_numbers(sheet: pd.DataFrame, factor: str) -> Iterator[Problem]:
    numbers = pd.to_numeric(sheet[factor], errors="coerce").to_numpy(dtype=float)
    wrong = ~np.isfinite(numbers)
    if not wrong.any() and len(np.unique(numbers)) < 2:
        why = "A change per unit needs different numbers, such as hours or doses"
        yield Problem(f"{_SAMPLES} {factor}", f"is {numbers[0]:g} in all samples", why, "Name another factor")
    if wrong.any():
        yield Problem(
            f"{_SAMPLES} {factor}",
            f"{int(wrong.sum())} of {len(sheet)} values are no numbers, first {first_examples(sheet[factor][wrong])}",
            "A change per unit needs a number for every sample, such as hours or a dose",
            "Write numbers, or compare levels instead",
        )


def _levels(sheet: pd.DataFrame, asked: LevelContrast | AnyLevel) -> Iterator[Problem]:
    n = as_text(sheet[asked.factor]).value_counts()
    named = (
        [level for level, weight in asked.weights.items() if weight != 0] if isinstance(asked, LevelContrast) else []
    )
    where = f"{_SAMPLES} {asked.factor}"
    absent = [level for level in named if level not in n.index]
    if len(absent) > 0:
        what = f"no sample has the level {first_examples(absent)}; there are {first_examples(sorted(n.index), 8)}"
        yield Problem(where, what, "A contrast names levels that were measured", "Correct the contrast or the samples")
    few = [level for level in named or sorted(n.index) if 0 < n.get(level, 0) < LEAST_SAMPLES]
    if len(few) > 0 or (len(named) == 0 and len(n) < 2):
        what = f"levels and samples are {', '.join(f'{level}: {count}' for level, count in n.sort_index().items())}"
        why = f"A comparison needs two levels or more, with at least {LEAST_SAMPLES} samples each"
        yield Problem(where, what, why, "Add samples, or leave the level out of the samples")


def blocks_of(sheet: pd.DataFrame, block: str) -> pd.Series:
    """Block of every sample, by sample name.

    Raises
    ------
    DataError
        If the column is absent or has gaps, or no block has two samples.
    """
    if block not in sheet.columns:
        raise DataError(
            Problem(
                _SAMPLES,
                f"no column {block!r} for the blocks; there are {first_examples(sheet.columns, 8)}",
                "A block says which samples come from one animal",
                "Correct the name",
            )
        )
    gaps = [*_gaps(sheet, [block])]
    if len(gaps) > 0:
        raise DataError(gaps)
    labels = as_text(sheet[block]).set_axis(pd.Index(sheet["sample"].astype(str)), axis=0).rename(block)
    if not labels.duplicated().any():
        raise DataError(
            Problem(
                f"{_SAMPLES} {block}",
                f"all {len(labels)} blocks have one sample",
                "A correlation within blocks needs blocks of two samples or more",
                "Leave the block out, or name the column that holds the animal",
            )
        )
    return labels


def rows_of(samples: pd.DataFrame, values: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of a sheet that are of one assay, by its name if the sheet has a column `assay`.

    Raises
    ------
    DataError
        If none is of the assay, none is a column of the table, or a sample stands twice.
    """
    rows = samples if "assay" not in samples.columns else samples[samples["assay"] == name]
    if len(rows) == 0:
        raise DataError(
            Problem(
                "sample sheet assay",
                f"no row is of the assay {name!r}; there are {first_examples(samples['assay'].unique(), 8)}",
                "A sheet with a column `assay` says which rows belong to the table",
                "Name the assay of the table, or leave the column out",
            )
        )
    _refuse_names(_SAMPLES, "samples", rows["sample"])
    if not rows["sample"].isin(values.columns).any():
        raise DataError(
            Problem(
                _SAMPLES,
                f"none of the {len(rows)} samples ({first_examples(rows['sample'], 2)}) is a column of the table "
                f"({first_examples(values.columns, 2)})",
                "Values are joined to samples by name",
                "Write the names of the columns into the column `sample`",
            )
        )
    return rows


def fewest_blocks(obs: pd.DataFrame, asked: Asked, blocks: pd.Series) -> int | None:
    """Blocks of the level that has fewest, where every block is of one level.

    Parameters
    ----------
    obs : pandas.DataFrame
        Samples that are compared, by name.
    asked : ContrastSection, LevelContrast, Slope or AnyLevel
        What is asked of the factor.
    blocks : pandas.Series
        Block of every sample of the sheet, by name.

    Returns
    -------
    int or None
        Blocks of the smallest level; of all together where blocks hold several levels, for then each is its own control.
        None for a slope, which has no levels.

    Raises
    ------
    DataError
        If a level has one block: one animal is no group, however many samples it gave.
    """
    if isinstance(asked, Slope):
        return None
    levels, labels = obs[asked.factor].astype(str), blocks.loc[obs.index]
    several = levels.groupby(labels).nunique().max() > 1
    n_blocks = labels.groupby(levels).nunique()
    fewest = int(labels.nunique() if several else n_blocks.min())
    if fewest < LEAST_SAMPLES:
        numbers = ", ".join(f"{level}: {count}" for level, count in n_blocks.items())
        raise DataError(
            Problem(
                f"{_SAMPLES} {blocks.name}",
                f"blocks by level are {numbers}",
                "The animal is the unit of replication: samples of one animal are no group",
                "Bring more animals",
            )
        )
    return fewest


def frames(
    values: pd.DataFrame | AnnData, samples: pd.DataFrame | None, given: Mapping[str, pd.Series | None]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Features x samples, what is known of each feature (`given` first, then `var`), and the sample sheet."""
    known: dict[str, object] = {"gene": "", "protein": "", "precursors": np.nan}
    if isinstance(values, pd.DataFrame):
        frame, sheet = values, samples
    else:
        frame, sheet = values.to_df().T, values.obs if samples is None else samples
        known |= {name: values.var[name].to_numpy() for name in known if name in values.var}
    if sheet is None:
        why = "Groups cannot be told apart"
        remedy = "Give a data frame with a column `sample` and the design columns"
        raise DataError(Problem(_SAMPLES, "a data frame came without its samples", why, remedy))
    _refuse_names("samples", "columns", sheet.columns)
    if "sample" not in sheet.columns:
        sheet = sheet.assign(sample=sheet.index)
    sheet = sheet.assign(sample=as_text(sheet["sample"]))
    if "subject" not in sheet.columns:
        sheet = sheet.assign(subject=sheet["sample"])
    # An empty cell is no level, whether the sheet came from a file or from memory.
    sheet = sheet.apply(lambda column: column.mask(as_text(column).str.strip() == ""))
    named = frame.set_axis(_as_names(frame.index), axis=0).set_axis(_as_names(frame.columns), axis=1)
    _refuse_names("values", "feature names", named.index)
    _refuse_names("values", "sample names", named.columns)
    features = pd.DataFrame(known, index=named.index, dtype=object)
    for column, series in given.items():
        if series is not None:
            features[column] = _of_features(series, frame.index, column)
    for column in ("gene", "protein"):
        features[column] = features[column].fillna("")
    return named, features.assign(precursors=_numbers_of(features["precursors"])), sheet.reset_index(drop=True)


def _as_names(index: pd.Index) -> pd.Index:
    if isinstance(index, pd.MultiIndex):
        what = f"names have {index.nlevels} levels, such as {index[0]!r}"
        raise DataError(Problem("values", what, "A feature or sample has one name", "Join the levels into one name"))
    names: pd.Index = pd.Index(as_text(pd.Series(index)).to_numpy(), dtype=object)
    return names


def _refuse_names(where: str, what: str, names: pd.Index | pd.Series) -> None:
    repeated = names[names.duplicated()].unique()
    if len(repeated) > 0:
        raise DataError(
            Problem(
                where,
                f"{len(repeated)} {what} repeat: {first_examples(repeated)}",
                "They could not be told apart",
                "Make them unique",
            )
        )


def _of_features(series: pd.Series, index: pd.Index, column: str) -> np.ndarray:
    if not series.index.isin(index).any():
        raise DataError(
            Problem(
                f"{column} of the features",
                f"none of its {len(series)} names ({first_examples(series.index, 2)}) is a feature of the table "
                f"({first_examples(index, 2)})",
                "It is joined to the table by the name of the feature",
                "Give a series with the index of the table",
            )
        )
    return series.reindex(index).to_numpy()


def _numbers_of(precursors: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(precursors, errors="coerce").astype(float)
    wrong = (numbers.isna() & precursors.notna()) | (numbers < 0) | np.isinf(numbers)
    if wrong.any():
        raise DataError(
            Problem(
                "precursors of the features",
                f"{int(wrong.sum())} are no counts, first {first_examples(precursors[wrong])}",
                "The prior variance follows the number of precursors",
                "Write numbers from 0 on, or leave a cell empty where it is not known",
            )
        )
    return numbers
