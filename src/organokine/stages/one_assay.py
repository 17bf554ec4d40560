"""One table, two groups: the moderated linear model without a study around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers import RawMatrix
from organokine.readers.scale import to_scale
from organokine.references import load_references
from organokine.stages.differential import differential_table
from organokine.stages.prepare import prepare
from organokine.study import assemble_study
from organokine.study_file import StudyFile

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.study_file import Modality, Normalisation, Scale

NAME = "table"


def differential(
    values: pd.DataFrame | AnnData,
    samples: pd.DataFrame | None = None,
    *,
    factor: str,
    case: str,
    control: str,
    covariates: Sequence[str] = (),
    modality: Modality = "protein",
    scale: Scale = "auto",
    normalise: Normalisation = "median",
) -> pd.DataFrame:
    """Compare two groups in one table.

    Null hypothesis: case and control have the same mean log2 level, given the covariates.

    Parameters
    ----------
    values : pandas.DataFrame or anndata.AnnData
        A frame of features x samples, NaN not measured; or AnnData of samples x features, `var["gene"]` used if there.
    samples : pandas.DataFrame, optional
        Columns `sample` (or the index) and design columns; `subject` if animals have a name of their own. By default the
        `obs` of an AnnData.
    factor, case, control : str
        Column of the samples, and its two levels.
    covariates : sequence of str
        Columns to adjust for; `C(name)` makes numbers categories.
    modality : str
        `protein` or `rna`.
    scale : str
        `auto`, `log2`, `linear` or `counts`.
    normalise : str
        `median`, `none`, `quantile` or `cyclic_loess`; counts are always scaled by TMM.

    Returns
    -------
    pandas.DataFrame
        Table `differential`, one row per feature in the order given.

    Raises
    ------
    DataError
        If samples, groups or values are at fault; all that is wrong is said at once.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> values = pd.DataFrame(np.random.default_rng(1).normal(20, 1, (50, 6)), columns=list("abcdef"))
    >>> samples = pd.DataFrame({"sample": list("abcdef"), "age": ["old"] * 3 + ["young"] * 3})
    >>> differential(values, samples, factor="age", case="old", control="young").shape[0]
    50
    """
    frame, gene, sheet = _frames(values, samples)
    file = StudyFile.model_validate(
        {
            "study": {"name": NAME, "species": "human", "samples": "samples"},
            "contrast": {"factor": factor, "case": case, "control": control, "covariates": tuple(covariates)},
            "assay": [{"name": NAME, "organ": NAME, "modality": modality, "file": NAME, "scale": scale}],
            "prepare": {"normalise": normalise},
        }
    )
    scaled = to_scale(frame, scale, "auto", modality, NAME)
    features = pd.DataFrame({"gene": gene}, index=frame.index)
    raw = RawMatrix(values=scaled.values, features=features, scale=scaled.scale, detected=scaled.detected)
    study = assemble_study(file, {NAME: raw}, sheet)
    contrast = study.file.contrast
    if contrast is None:
        message = "the contrast was lost on the way"
        raise RuntimeError(message)
    assays = prepare(study, load_references(study.file.study.species)).assays
    return differential_table(assays, contrast, study.file.differential)


def _frames(
    values: pd.DataFrame | AnnData, samples: pd.DataFrame | None
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Features x samples, gene of each feature (empty if unknown), and the sample sheet."""
    if isinstance(values, pd.DataFrame):
        if samples is None:
            raise DataError(
                Problem(
                    "samples",
                    "a data frame came without its samples",
                    "Groups cannot be told apart",
                    "Give a data frame with a column `sample` and the design columns",
                )
            )
        frame, gene, sheet = values, np.full(len(values), "", dtype=object), samples
    else:
        frame = pd.DataFrame(np.asarray(values.X, dtype=float).T, index=values.var_names, columns=values.obs_names)
        gene = values.var["gene"].to_numpy() if "gene" in values.var else np.full(len(frame), "", dtype=object)
        sheet = values.obs if samples is None else samples
    if "sample" not in sheet.columns:
        sheet = sheet.assign(sample=sheet.index.astype(str))
    if "subject" not in sheet.columns:
        sheet = sheet.assign(subject=sheet["sample"])
    named = frame.set_axis(frame.index.astype(str), axis=0).set_axis(frame.columns.astype(str), axis=1)
    repeated = named.index[named.index.duplicated()]
    if len(repeated) > 0:
        raise DataError(
            Problem(
                "values",
                f"{len(repeated)} feature names repeat, first {first_examples(repeated)}",
                "Rows could not be told apart",
                "Make the index unique",
            )
        )
    return named, gene, sheet.reset_index(drop=True)
