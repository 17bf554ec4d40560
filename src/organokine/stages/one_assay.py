"""Differential abundance of one assay alone: a table and a sample sheet, without a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from organokine.errors import DataError, Problem, first_examples
from organokine.readers import RawMatrix
from organokine.readers.scale import to_scale
from organokine.references import load_references
from organokine.stages.differential import differential_table
from organokine.stages.prepare import prepare
from organokine.study import assemble_study
from organokine.study_file import AssaySection, ContrastSection, StudyFile, StudySection

if TYPE_CHECKING:
    from organokine.study_file import Modality, Scale, Species

# A study has a species, but nothing that it decides (symbols, blood, references) enters this table.
_SPECIES: Species = "mouse"
_ORGAN = "unnamed"


def differential(  # noqa: PLR0913  each argument is one fact of the comparison
    frame: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    factor: str,
    case: str,
    control: str,
    covariates: Sequence[str] = (),
    modality: Modality = "protein",
    scale: Scale = "auto",
    genes: pd.Series | None = None,
    name: str = "table",
) -> pd.DataFrame:
    """Compare case with control in one table, exactly as a run does: same normalisation, filter, model and prior.

    Null hypothesis: case and control have the same mean log2 level, given the covariates.

    Parameters
    ----------
    frame : pandas.DataFrame
        Features x samples, numbers; the index holds unique identifiers. NaN is not measured.
    samples : pandas.DataFrame
        Columns `sample`, `subject`, then design columns; with a column `assay`, only rows of `name` are used.
    factor, case, control : str
        Column that tells the groups apart, and its two values.
    covariates : sequence of str
        Columns that are adjusted for.
    modality : str
        `protein` or `rna`.
    scale : str
        `auto`, `log2`, `linear` or `counts`.
    genes : pandas.Series, optional
        Gene symbols by feature, shown as they are; empty where unknown.
    name : str
        Name of the assay in the table and in messages.

    Returns
    -------
    pandas.DataFrame
        Table `differential`; the organ is `unnamed`.

    Raises
    ------
    DataError
        With everything that is wrong with the values, the sample sheet or the design.
    """
    scaled = to_scale(frame, scale, "auto", modality, f"table {name}")
    symbols = pd.Series("", index=frame.index) if genes is None else genes.reindex(frame.index).fillna("")
    table = RawMatrix(
        values=scaled.values,
        features=pd.DataFrame({"gene": symbols}, index=frame.index),
        scale=scaled.scale,
        detected=scaled.detected,
        counts=scaled.counts,
    )
    contrast = ContrastSection(factor=factor, case=case, control=control, covariates=tuple(covariates))
    file = StudyFile(
        study=StudySection(name=name, species=_SPECIES, samples="of the table"),
        contrast=contrast,
        assay=(AssaySection(name=name, organ=_ORGAN, modality=modality, file=name, scale=scale),),
    )
    study = assemble_study(file, {name: table}, _rows_of(samples, name), scaled.counts)
    prepared = prepare(study, load_references(_SPECIES))
    return differential_table(prepared.assays, contrast, file.differential)


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
