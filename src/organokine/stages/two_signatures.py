"""A perturbation without a study around it: two matrices with their samples, or two tables of changes alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numpy as np
import pandas as pd
from pydantic import BaseModel, ValidationError

from organokine import tables
from organokine.errors import DataError, Problem
from organokine.perturbation_section import DECLARED, PerturbationSection, moves_problem
from organokine.randomness import named_generator
from organokine.readers import RawMatrix
from organokine.readers.scale import to_scale
from organokine.stages.arm_tables import Answer, Question, table_rows
from organokine.stages.arms import Engagement, background_of, can_show, engagement
from organokine.stages.differential import assay_differential
from organokine.stages.one_table_input import frames, question, rows_of
from organokine.stages.perturbation import answer_question
from organokine.stages.prepare import prepare
from organokine.stages.two_tables import (
    NO_GENE,
    Expectation,
    changes_by_gene,
    compare_changes,
    direction_of,
    same_table,
)
from organokine.study import assemble_study
from organokine.study_arms import (
    absent_gene,
    background_against_sheet,
    background_problems,
    dose_problems,
    few_common_genes,
)
from organokine.study_file import ContrastSection, StudyFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anndata import AnnData

    from organokine.study_file import Modality, Normalisation, Scale

Model = TypeVar("Model", bound=BaseModel)


class TwoSignatures(NamedTuple):
    """What a contrast and an arm have in common.

    Attributes
    ----------
    summary : pandas.DataFrame
        One row of the table `perturbations`.
    scores, doses, genes, overlap : pandas.DataFrame
        Tables `perturbation_scores`, `perturbation_doses`, `perturbation_genes` and `perturbation_overlap`.
    asked : ContrastSection or None
        The contrast, if it came with samples.
    """

    summary: pd.DataFrame
    scores: pd.DataFrame
    doses: pd.DataFrame
    genes: pd.DataFrame
    overlap: pd.DataFrame
    asked: ContrastSection | None = None


class Samples(NamedTuple):
    """The samples of one matrix, and how they are grouped.

    Attributes
    ----------
    table : pandas.DataFrame
        Column `sample` (or the index) and the design columns; `subject` if animals have a name of their own.
    factor, case, control : str
        Column that tells the groups apart, and two of its levels.
    covariates : sequence of str
        Columns to adjust for.
    """

    table: pd.DataFrame
    factor: str
    case: object
    control: object
    covariates: Sequence[str] = ()


def perturbation(  # noqa: PLR0913  each argument is one fact of the comparison
    contrast: pd.DataFrame,
    arm: pd.DataFrame,
    contrast_samples: Samples | tuple[Any, ...] | None = None,
    arm_samples: Samples | tuple[Any, ...] | None = None,
    *,
    gene: str | None = None,
    kind: str = "gain",
    moves: str | None = None,
    expects: Expectation | None = None,
    background: str | None = None,
    dose: str | None = None,
    declared: bool = False,
    genes: tuple[pd.Series | None, pd.Series | None] = (None, None),
    modality: Modality = "rna",
    scale: Scale = "auto",
    normalise: Normalisation | None = None,
    permutations: int = 1000,
    seed: int = 1,
) -> TwoSignatures:
    """Ask whether an arm in which a gene was moved reproduces, or reverses, the signature of a contrast.

    With samples, both are matrices, and the answer is that of a run. Without, both are tables of the stage `differential`, and
    there is neither p nor interval: those rest on animals, and whether two tables share animals cannot be seen.

    Null hypothesis: which animals of the arm were perturbed does not matter.

    Parameters
    ----------
    contrast, arm : pandas.DataFrame
        Features x samples, NaN not measured; or tables `differential` with the columns gene, log2fc, se, df, t and p.
    contrast_samples, arm_samples : Samples, optional
        Samples of the two matrices; a tuple of its fields will do.
    gene : str, optional
        The gene that was moved: left out of the signatures, and looked at to see that it moved.
    kind : str
        How it was moved: `gain`, `loss`, `inhibitor`, `compound`, `recombinant` or `transfer`.
    moves : str, optional
        `up` or `down`, for a compound or a transfer.
    expects : str, optional
        `reproduces` or `reverses`, if declared beforehand; by default it follows from where the arm and the contrast move the
        gene, if both are known: the contrast is seen to move it at p of at most 0.05.
    background : str, optional
        Level of the contrast factor that the arm's animals have.
    dose : str, optional
        Column of doses of the arm.
    declared : bool
        Whether the gene is known to have moved though no matrix shows it.
    genes : (pandas.Series, pandas.Series)
        Gene symbols by feature of both; by default the features are the symbols.
    modality, scale, normalise
        As in `compare`, for both matrices.
    permutations : int
        Arrangements of labels; all are used if there are no more than this.
    seed : int
        Seed of the drawn ones.

    Returns
    -------
    TwoSignatures
        One row, and the tables behind it.

    Raises
    ------
    DataError
        If a table, its samples or its groups are at fault, the two have no genes in common or are one and the same, or neither has
        the gene.
    """
    if (contrast_samples is None) != (arm_samples is None):
        raise DataError(
            Problem(
                "samples",
                "one of the two came with samples and the other without",
                "Two matrices need the samples of both; two tables of changes need none",
                "Give both, or neither",
            )
        )
    settings = {"gene": gene or NO_GENE, "kind": kind, "moves": moves, "background": background, "dose": dose}
    if contrast_samples is None or arm_samples is None:
        return _of_tables(contrast, arm, settings, expects, declared=declared)
    whole, part = Samples(*contrast_samples), Samples(*arm_samples)
    how = {"modality": modality, "scale": scale, "normalise": normalise}
    first, asked = _prepared(contrast, whole, genes[0], "contrast", how)
    second, of_arm = _prepared(arm, part, genes[1], "arm", how)
    _refuse_strangers(first.var["gene"], second.var["gene"])
    section = _section(settings, of_arm, declared=declared)
    problems = [
        *_gene_problems(section, {*first.var["gene"], *second.var["gene"]}),
        *background_problems("arm", section, asked),
        *background_against_sheet("arm", section, second.obs, asked),
    ]
    if dose is not None:
        problems += dose_problems(
            "arm", section, part.table.rename_axis("sample").reset_index() if "sample" not in part.table else part.table
        )
    if len(problems) > 0:
        raise DataError(problems)
    file = _file(asked, {"permutations": permutations}, section)
    differential = assay_differential(first, asked, file.differential)
    one = _question(file, asked, section, of_arm, first, second, differential, expects)
    streams = partial(named_generator, seed)
    return _tables(one, answer_question(file, asked, one, differential, streams), streams, asked)


def _prepared(
    values: pd.DataFrame, samples: Samples, genes: pd.Series | None, name: str, how: Mapping[str, Any]
) -> tuple[AnnData, ContrastSection]:
    asked = cast(
        "ContrastSection",
        question(
            samples.factor, samples.case, samples.control, None, samples.covariates, per_unit=False, any_level=False
        ),
    )
    symbols = pd.Series(values.index.astype(str), index=values.index) if genes is None else genes
    # The sheet of a study has rows of other assays too; those of this matrix are known by their samples.
    own = samples.table.drop(columns="assay", errors="ignore")
    frame, features, sheet = frames(values, own, {"gene": symbols})
    scaled = to_scale(frame, how["scale"], "auto", how["modality"], f"table {name}")
    raw = RawMatrix(
        values=scaled.values, features=features, scale=scaled.scale, detected=scaled.detected, counts=scaled.counts
    )
    file = _file(asked, {}, None, name=name, modality=how["modality"], normalise=how["normalise"])
    try:
        study = assemble_study(file, {name: raw}, rows_of(sheet, frame, name))
    except DataError as error:
        raise DataError(
            [replace(problem, where=problem.where.replace("[contrast]", f"[{name}]")) for problem in error.problems]
        ) from None
    return prepare(study, None).assays[name], asked


def _file(
    asked: ContrastSection,
    ranking: Mapping[str, Any],
    arm: PerturbationSection | None,
    *,
    name: str = "contrast",
    modality: str = "protein",
    normalise: str | None = None,
) -> StudyFile:
    return _checked(
        StudyFile,
        {
            # A study has a species, but nothing that it decides is asked here.
            "study": {"name": name, "species": "mouse", "samples": "samples"},
            "assay": [{"name": name, "organ": "unnamed", "modality": modality, "file": name}],
            "contrast": asked,
            "prepare": {} if normalise is None else {"normalise": normalise},
            "perturbation": () if arm is None else (arm,),
            "ranking": dict(ranking),
        },
    )


def _section(settings: Mapping[str, Any], asked: ContrastSection, *, declared: bool) -> PerturbationSection:
    given = dict(settings) | {"name": "arm", "assay": "arm", "engagement": "declared" if declared else None}
    return _checked(
        PerturbationSection,
        given | {"factor": asked.factor, "case": asked.case, "control": asked.control, "covariates": asked.covariates},
    )


def _checked(model: type[Model], given: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
        raise DataError(Problem("perturbation", wrong, "It decides what is asked", "Correct it")) from error


def _question(
    file: StudyFile,
    asked: ContrastSection,
    section: PerturbationSection,
    of_arm: ContrastSection,
    contrast: AnnData,
    arm: AnnData,
    differential: pd.DataFrame,
    expects: Expectation | None,
) -> Question:
    moves = section.direction
    rows = differential[(differential["gene"] == section.gene) & differential["representative"].astype(bool)]
    change, p = (float(rows[name].iloc[0]) if len(rows) > 0 else float("nan") for name in ("log2fc", "p"))
    direction = direction_of(moves, change, p, expects)
    background = background_of(section, arm.obs, asked)
    moved = Engagement(section.engagement or "not_measured", np.nan, np.nan, "", "")
    if section.gene != NO_GENE:
        moved = engagement(arm, of_arm, section, moves, file.differential, file.ranking)
    return Question(
        arm=section,
        comparison="perturbed",
        asked=of_arm,
        contrast_factor=asked.factor,
        moves=moves,
        direction=direction,
        data=arm,
        contrast=contrast,
        engagement=moved,
        background=background,
        shows=can_show(section, "perturbed", direction, background, asked),
        own_change=(change, "contrast" if np.isfinite(change) else ""),
    )


def _gene_problems(section: PerturbationSection, known: set[str]) -> Iterator[Problem]:
    wrong_way = moves_problem("arm", section)
    if wrong_way is not None:
        yield wrong_way
    if section.gene not in {NO_GENE, *known} and section.engagement != DECLARED:
        found = absent_gene("arm", section.gene, known)
        yield replace(
            found,
            what=f"neither table has a gene {section.gene!r}",
            remedy=f"{found.remedy.partition(', or leave')[0]}; leave the gene out, or say that it is declared to have moved",
        )


def _of_tables(
    contrast: pd.DataFrame,
    arm: pd.DataFrame,
    settings: Mapping[str, Any],
    expects: Expectation | None,
    *,
    declared: bool,
) -> TwoSignatures:
    first, second = (changes_by_gene(table, name) for table, name in ((contrast, "contrast"), (arm, "arm")))
    _refuse_strangers(pd.Series(first.index), pd.Series(second.index))
    section = _section(settings, ContrastSection(factor="arm", case="case", control="control"), declared=declared)
    problems = [*_gene_problems(section, {*first.index, *second.index}), *same_table(first, second)]
    if len(problems) > 0:
        raise DataError(problems)
    return _conformed(compare_changes(first, second, section, expects), None)


def _refuse_strangers(first: pd.Series, second: pd.Series) -> None:
    problem = few_common_genes("contrast and arm", {"contrast": first, "arm": second}, "")
    if problem is not None:
        raise DataError(problem)


def _tables(one: Question, answer: Answer, streams: Any, asked: ContrastSection) -> TwoSignatures:
    rows = table_rows(one, answer, streams)
    rows["perturbations"]["gene"] = rows["perturbations"]["gene"].replace(NO_GENE, "")
    return _conformed(rows, asked)


def _conformed(rows: Mapping[str, pd.DataFrame], asked: ContrastSection | None) -> TwoSignatures:
    schemas = (
        tables.PERTURBATIONS,
        tables.PERTURBATION_SCORES,
        tables.PERTURBATION_DOSES,
        tables.PERTURBATION_GENES,
        tables.PERTURBATION_OVERLAP,
    )
    summary, scores, doses, genes, overlap = (_one_table(table, rows) for table in schemas)
    return TwoSignatures(summary, scores, doses, genes, overlap, asked)


def _one_table(table: tables.Table, rows: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = rows.get(table.name, pd.DataFrame())
    return table.conform(found.assign(arm="arm", comparison="perturbed")) if len(found) > 0 else table.empty()
