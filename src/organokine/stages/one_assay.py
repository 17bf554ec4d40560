"""One table and its samples: the moderated linear model without a study around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pandas as pd
from pydantic import ValidationError

from organokine import tables
from organokine.design import AnyLevel, Slope
from organokine.errors import DataError, Problem, first_examples
from organokine.readers import RawMatrix
from organokine.readers.scale import to_scale
from organokine.stages.detection import detection_table
from organokine.stages.differential import examine_assay
from organokine.stages.one_table_facts import blocks_in_words, facts_of, question_in_words
from organokine.stages.one_table_input import (
    blocks_of,
    checked_sheet,
    fewest_blocks,
    frames,
    question,
    rows_of,
)
from organokine.stages.prepare import prepare
from organokine.stages.sensitivity import imputation_sensitivity
from organokine.study import assemble_study
from organokine.study_file import ContrastSection, DifferentialSection, StudyFile
from organokine.study_join import as_text

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.design import Asked
    from organokine.stages.differential import Tested
    from organokine.stages.prepare import Prepared
    from organokine.study import Study
    from organokine.study_file import Modality, Normalisation, Scale, Species

SPECIES: Species = "mouse"
"""A study has a species, but nothing that it decides (symbols, blood, references) is asked of one table."""
ORGAN = "unnamed"
FDR = 0.05
"""Level at which the sensitivity check calls a feature, unless told otherwise: the usual one for a single table."""


class Comparison(NamedTuple):
    """What one table said.

    Attributes
    ----------
    table : pandas.DataFrame
        Table `differential`, or `joint` for any difference between levels: one row per feature in the order given.
    detection : pandas.DataFrame
        Table `detection`: in which group a feature was measured at all; empty for counts and where it was not case against
        control.
    sensitivity : pandas.DataFrame or None
        Table `sensitivity`, if asked for.
    qc, joins, flags : pandas.DataFrame
        Tables of samples, of what was matched and lost, and of remarks.
    facts : dict of str to str
        What was done, in words.
    asked : ContrastSection, LevelContrast, Slope or AnyLevel
        The question. For a slope the column `group` of `qc` holds the number of each sample as text.
    """

    table: pd.DataFrame
    detection: pd.DataFrame
    sensitivity: pd.DataFrame | None
    qc: pd.DataFrame
    joins: pd.DataFrame
    flags: pd.DataFrame
    facts: dict[str, str]
    asked: Asked


def differential(values: pd.DataFrame | AnnData, samples: pd.DataFrame | None = None, **asked: Any) -> pd.DataFrame:
    """Compare groups in one table, exactly as a run does: same normalisation, filter, model and prior.

    Null hypothesis: case and control have the same mean log2 level, given the covariates.

    Parameters
    ----------
    values : pandas.DataFrame or anndata.AnnData
        A frame of features x samples, NaN not measured; or AnnData of samples x features.
    samples : pandas.DataFrame, optional
        Column `sample` (or the index) and the design columns.
    **asked
        What is asked and how, as in `compare`.

    Returns
    -------
    pandas.DataFrame
        Table `differential` (`joint` for any difference between levels), one row per feature in the order given.

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
    return compare(values, samples, **{**asked, "details": False}).table


def compare(  # noqa: PLR0913  each argument is one fact of the comparison
    values: pd.DataFrame | AnnData,
    samples: pd.DataFrame | None = None,
    *,
    factor: str,
    case: object = None,
    control: object = None,
    contrast: Mapping[str, float] | None = None,
    per_unit: bool = False,
    any_level: bool = False,
    covariates: Sequence[str] = (),
    block: str | None = None,
    correlation: Literal["consensus", "feature"] = "consensus",
    modality: Modality = "protein",
    scale: Scale = "auto",
    normalise: Normalisation | None = None,
    genes: pd.Series | None = None,
    proteins: pd.Series | None = None,
    precursors: pd.Series | None = None,
    fdr: float = FDR,
    seed: int = 1,
    name: str = "table",
    details: bool = True,
    **options: Any,
) -> Comparison:
    """Compare groups in one table, and say all that a run would say of it.

    Exactly one question is asked of the factor: case against control, a contrast of levels, a change per unit of a
    factor that holds numbers, or any difference between its levels.

    Parameters
    ----------
    values : pandas.DataFrame or anndata.AnnData
        A frame of features x samples, NaN not measured; or AnnData of samples x features, `var["gene"]`, `var["protein"]` and
        `var["precursors"]` used if there.
    samples : pandas.DataFrame, optional
        Columns `sample` (or the index) and design columns; `subject` if animals have a name of their own; with a column
        `assay`, only rows of `name` are used. By default the `obs` of an AnnData.
    factor : str
        Column of the samples.
    case, control : str or number, optional
        Two of its levels; the samples of others are left out.
    contrast : mapping of str to float, optional
        Weights of its levels, with sum zero, such as ``{"high": 0.5, "middle": 0.5, "low": -1}``; the samples of all levels
        tell the spread.
    per_unit : bool
        Ask for the change per unit of the factor (hours, dose): the slope of a straight line.
    any_level : bool
        Ask whether its levels differ at all (F-test).
    covariates : sequence of str
        Columns to adjust for; `C(name)` makes numbers categories.
    block : str, optional
        Column that names what several samples come from (the animal): their correlation is estimated and taken into
        account.
    correlation : str
        `consensus`, one for all features, or `feature`, each feature's own, shrunken towards the others. Neither holds
        the level exactly where features differ much; the consensus is the simpler one.
    modality : str
        `protein` or `rna`.
    scale : str
        `auto`, `log2`, `linear` or `counts`.
    normalise : str, optional
        `stable` (default), `median`, `none`, `quantile` or `cyclic_loess`; counts are always scaled by TMM.
    genes, proteins : pandas.Series, optional
        Gene symbols and leading accessions by feature, shown as they are; empty where unknown.
    precursors : pandas.Series, optional
        Number of precursors or peptides by feature; where all tested features have one, the prior variance follows it.
    fdr : float
        Level at which the sensitivity check calls a feature.
    seed : int
        Seed of the sensitivity check.
    name : str
        Name of the assay in the table and in messages.
    details : bool
        Ask for presence and absence, and for the sensitivity if it is on, as well.
    **options
        Keys of `[differential]` in the study file: `trend`, `robust`, `precursor_trend`, `minimum_log2fc`,
        `sample_weights`, `multiple_testing`, `engine`, `detection`, `sensitivity`.

    Returns
    -------
    Comparison
        The table and what goes with it; the organ is `unnamed`.

    Raises
    ------
    DataError
        If samples, groups or values are at fault; all that is wrong is said at once.
    TypeError
        If an option is unknown.
    """
    unknown = sorted(set(options) - set(DifferentialSection.model_fields))
    if len(unknown) > 0:
        message = f"compare() got unknown options {unknown}; there are {sorted(DifferentialSection.model_fields)}"
        raise TypeError(message)
    _refuse_arguments(correlation, fdr, modality)
    asked = question(factor, case, control, contrast, covariates, per_unit=per_unit, any_level=any_level)
    known = {"gene": genes, "protein": proteins, "precursors": precursors}
    frame, features, sheet = frames(values, samples, known)
    sheet = checked_sheet(rows_of(sheet, frame, name), asked)
    blocks = None
    if block is not None:
        blocks = blocks_of(sheet, block)
        # The animal is in the model; for the joins each sample stands for itself.
        sheet = sheet.assign(subject=sheet["sample"])
    file = _study_file(name, modality, scale, asked, normalise, options)
    scaled = to_scale(frame, scale, "auto", modality, f"table {name}")
    raw = RawMatrix(
        values=scaled.values, features=features, scale=scaled.scale, detected=scaled.detected, counts=scaled.counts
    )
    _refuse_engine(file, asked, blocks, scaled.scale)
    _refuse_without_meaning(file.differential, asked)
    study = assemble_study(file, {name: raw}, sheet)
    fewest = None if blocks is None else fewest_blocks(study.assays[name].obs, asked, blocks)
    prepared = prepare(study, None, asked)
    tested = examine_assay(prepared.assays[name], asked, file.differential, blocks=blocks, correlation=correlation)
    found = _comparison(study, prepared, asked, tested)
    left_out = sheet.loc[sheet[factor].isna(), "sample"]
    if len(left_out) > 0:
        found.facts["left out"] = f"{first_examples(left_out)}: no value of {factor}"
    if blocks is not None:
        found.facts["blocks"] = blocks_in_words(blocks.loc[prepared.assays[name].obs_names], fewest)
    return _with_details(found, study, prepared, asked, fdr=fdr, seed=seed) if details else found


def _refuse_arguments(correlation: str, fdr: float, modality: str) -> None:
    reasons = {
        f"correlation is {correlation!r}, not 'consensus' or 'feature'": correlation not in {"consensus", "feature"},
        f"fdr is {fdr:g}, not between 0 and 1": not 0 < fdr < 1,
        f"modality is {modality!r}, not 'protein' or 'rna'": modality not in {"protein", "rna"},
    }
    _refuse_any(reasons, "comparison", "It decides how the table is compared", "Correct it")


def _study_file(
    name: str,
    modality: Modality,
    scale: Scale,
    asked: Asked,
    normalise: Normalisation | None,
    options: Mapping[str, Any],
) -> StudyFile:
    sections: dict[str, Any] = {
        "study": {"name": name, "species": SPECIES, "samples": "samples"},
        "assay": [{"name": name, "organ": ORGAN, "modality": modality, "file": name, "scale": scale}],
        "prepare": {} if normalise is None else {"normalise": normalise},
        "differential": dict(options),
    }
    if isinstance(asked, ContrastSection):
        sections["contrast"] = asked
    try:
        return StudyFile.model_validate(sections)
    except ValidationError as error:
        wrong = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
        raise DataError(
            Problem(f"table {name}", wrong, "It decides how the table is compared", "Correct it")
        ) from error


def _refuse_engine(file: StudyFile, asked: Asked, blocks: pd.Series | None, scale: str) -> None:
    if file.differential.engine != "deseq2":
        return
    reasons = {
        "the table does not hold counts": scale != "counts",
        "any difference between levels is an F-test of the moderated model": isinstance(asked, AnyLevel),
        "a block is part of the moderated model only": blocks is not None,
        "a smallest change worth claiming is part of the moderated model only": file.differential.minimum_log2fc > 0,
        "sample weights are part of the moderated model only": file.differential.sample_weights,
    }
    _refuse_any(reasons, "engine deseq2", "DESeq2 models counts of independent samples", "Use engine moderated")


def _refuse_without_meaning(options: DifferentialSection, asked: Asked) -> None:
    """An option that the question has no use for must not be passed over in silence."""
    is_joint = isinstance(asked, AnyLevel)
    reasons = {
        "a smallest change worth claiming belongs to one change, not to several levels at once": is_joint
        and options.minimum_log2fc > 0,
        "its q is that of Benjamini and Hochberg, not of Storey": is_joint and options.multiple_testing == "storey",
        "sensitivity to missing values is worked out for case against control only": options.sensitivity
        and not isinstance(asked, ContrastSection),
    }
    remedy = "Leave it out, or ask for case against control"
    _refuse_any(reasons, question_in_words(asked), "The option would change nothing", remedy)


def _refuse_any(reasons: Mapping[str, bool], where: str, why: str, remedy: str) -> None:
    """Refuse the reasons that hold, all at once."""
    wrong = [reason for reason, holds in reasons.items() if holds]
    if len(wrong) > 0:
        raise DataError(Problem(where, "; ".join(wrong), why, remedy))


def _comparison(study: Study, prepared: Prepared, asked: Asked, tested: Tested) -> Comparison:
    schema = tables.JOINT if isinstance(asked, AnyLevel) else tables.DIFFERENTIAL
    return Comparison(
        schema.conform(tested.table),
        tables.DETECTION.empty(),
        None,
        _with_numbers(prepared.qc, study, asked),
        study.joins,
        pd.concat([study.flags, prepared.flags], ignore_index=True),
        facts_of(study, prepared, asked) | tested.facts,
        asked,
    )


def _with_numbers(qc: pd.DataFrame, study: Study, asked: Asked) -> pd.DataFrame:
    """A slope has no groups: what tells samples apart is their number."""
    if not isinstance(asked, Slope):
        return qc
    (adata,) = study.assays.values()
    return qc.assign(group=as_text(adata.obs[asked.factor]).reindex(qc["sample"]).to_numpy())


def _with_details(
    found: Comparison, study: Study, prepared: Prepared, asked: Asked, *, fdr: float, seed: int
) -> Comparison:
    if not isinstance(asked, ContrastSection):
        return found
    options = study.file.differential
    sensitivity = None
    if options.sensitivity:
        sensitivity = imputation_sensitivity(prepared.assays, asked, options, seed=seed, fdr=fdr)
    detection = detection_table(prepared.assays, asked) if options.detection else found.detection
    return found._replace(detection=detection, sensitivity=sensitivity)
