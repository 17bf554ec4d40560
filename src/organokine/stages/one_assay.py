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
from organokine.study_file import ContrastSection, StudyFile

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.study_file import Modality, Normalisation, Scale, Species

SPECIES: Species = "mouse"
"""A study has a species, but nothing that it decides (symbols, blood, references) enters this table."""
ORGAN = "unnamed"


def differential(  # noqa: PLR0913  each argument is one fact of the comparison
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
    genes: pd.Series | None = None,
    proteins: pd.Series | None = None,
    name: str = "table",
) -> pd.DataFrame:
    """Compare two groups in one table, exactly as a run does: same normalisation, filter, model and prior.

    Null hypothesis: case and control have the same mean log2 level, given the covariates.

    Parameters
    ----------
    values : pandas.DataFrame or anndata.AnnData
        A frame of features x samples, NaN not measured; or AnnData of samples x features, `var["gene"]` and `var["protein"]` used if there.
    samples : pandas.DataFrame, optional
        Columns `sample` (or the index) and design columns; `subject` if animals have a name of their own; with a column
        `assay`, only rows of `name` are used. By default the `obs` of an AnnData.
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
    genes : pandas.Series, optional
        Gene symbols by feature, shown as they are; empty where unknown.
    proteins : pandas.Series, optional
        Leading protein accessions by feature, shown as they are; empty where unknown.
    name : str
        Name of the assay in the table and in messages.

    Returns
    -------
    pandas.DataFrame
        Table `differential`, one row per feature in the order given; the organ is `unnamed`.

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
    frame, features, sheet = _frames(values, samples)
    given = {"gene": genes, "protein": proteins}
    features = features.assign(
        **{name: text.reindex(frame.index).fillna("") for name, text in given.items() if text is not None}
    )
    file = StudyFile.model_validate(
        {
            "study": {"name": name, "species": SPECIES, "samples": "samples"},
            "contrast": {"factor": factor, "case": case, "control": control, "covariates": tuple(covariates)},
            "assay": [{"name": name, "organ": ORGAN, "modality": modality, "file": name, "scale": scale}],
            "prepare": {"normalise": normalise},
        }
    )
    scaled = to_scale(frame, scale, "auto", modality, f"table {name}")
    raw = RawMatrix(
        values=scaled.values, features=features, scale=scaled.scale, detected=scaled.detected, counts=scaled.counts
    )
    study = assemble_study(file, {name: raw}, _rows_of(sheet, name))
    assays = prepare(study, load_references(SPECIES)).assays
    contrast = ContrastSection(factor=factor, case=case, control=control, covariates=tuple(covariates))
    return differential_table(assays, contrast, file.differential)


def _rows_of(samples: pd.DataFrame, name: str) -> pd.DataFrame:
    if "assay" not in samples.columns:
        return samples
    rows = samples[samples["assay"] == name]
    if len(rows) == 0:
        raise DataError(
            Problem(
                "sample sheet assay",
                f"no row is of the assay {name!r}; there are {first_examples(samples['assay'].unique(), 8)}",
                "A sheet with a column `assay` says which rows belong to the table",
                "Name the assay of the table, or leave the column out",
            )
        )
    return rows


def _frames(
    values: pd.DataFrame | AnnData, samples: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Features x samples, gene and protein of each feature (empty if unknown), and the sample sheet."""
    known: dict[str, object] = {"gene": "", "protein": ""}
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
        frame, sheet = values, samples
    else:
        frame = pd.DataFrame(np.asarray(values.X, dtype=float).T, index=values.var_names, columns=values.obs_names)
        sheet = values.obs if samples is None else samples
        known |= {name: values.var[name].to_numpy() for name in known if name in values.var}
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
    features = pd.DataFrame(known, index=named.index, dtype=object)
    return named, features, sheet.reset_index(drop=True)
