"""A perturbation without a study around it: two matrices with their samples, or two tables of changes alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, cast

import numpy as np
import pandas as pd
from pydantic import BaseModel, ValidationError

from organokine import tables
from organokine.errors import DataError, Problem, first_examples
from organokine.perturbation_section import PerturbationSection
from organokine.readers import RawMatrix
from organokine.readers.scale import to_scale
from organokine.stages.arm_tables import Answer, Question, table_rows
from organokine.stages.arms import MOVES, Engagement, background_of, can_show, engagement, engagement_of
from organokine.stages.concordance import Concordance, compare_tables
from organokine.stages.differential import assay_differential
from organokine.stages.evidence import named_generator
from organokine.stages.one_table_input import frames, question, rows_of
from organokine.stages.perturbation import answer_question
from organokine.stages.prepare import prepare
from organokine.study import assemble_study
from organokine.study_arms import background_problems, dose_problems, few_common_genes
from organokine.study_file import ContrastSection, RankingSection, StudyFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anndata import AnnData

    from organokine.study_file import Modality, Normalisation, Scale

NO_GENE = "(no gene named)"
NEEDED = ("gene", "log2fc", "se", "df", "t", "p")
EXPECTED = {"reproduces": 1, "reverses": -1}
Expectation = Literal["reproduces", "reverses"]
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
        gene, if both are known.
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
        If a table, its samples or its groups are at fault, or the two have no genes in common.
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
        return _of_tables(contrast, arm, settings, expects)
    whole, part = Samples(*contrast_samples), Samples(*arm_samples)
    how = {"modality": modality, "scale": scale, "normalise": normalise}
    first, asked = _prepared(contrast, whole, genes[0], "contrast", how)
    second, of_arm = _prepared(arm, part, genes[1], "arm", how)
    _refuse_strangers(first.var["gene"], second.var["gene"])
    section = _section(settings, of_arm, declared=declared)
    problems = [*background_problems("arm", section, asked)]
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
    frame, features, sheet = frames(values, samples.table, {"gene": symbols})
    scaled = to_scale(frame, how["scale"], "auto", how["modality"], f"table {name}")
    raw = RawMatrix(
        values=scaled.values, features=features, scale=scaled.scale, detected=scaled.detected, counts=scaled.counts
    )
    file = _file(asked, {}, None, name=name, modality=how["modality"], normalise=how["normalise"])
    study = assemble_study(file, {name: raw}, rows_of(sheet, frame, name))
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
    moves = {"up": 1, "down": -1}.get(section.moves or "", MOVES.get(section.kind, 0))
    rows = differential[(differential["gene"] == section.gene) & differential["representative"].astype(bool)]
    change = float(rows["log2fc"].iloc[0]) if len(rows) > 0 else float("nan")
    direction = int(moves * np.sign(change)) if np.isfinite(change) else 0
    direction = direction if expects is None else EXPECTED[expects]
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


def _of_tables(
    contrast: pd.DataFrame, arm: pd.DataFrame, settings: Mapping[str, Any], expects: Expectation | None
) -> TwoSignatures:
    first, second = (_by_gene(table, name) for table, name in ((contrast, "contrast"), (arm, "arm")))
    _refuse_strangers(pd.Series(first.index), pd.Series(second.index))
    gene = settings["gene"]
    found = compare_tables(first, second, [gene])
    moves = {"up": 1, "down": -1}.get(settings["moves"] or "", MOVES.get(settings["kind"], 0))
    own = float(first["log2fc"].get(gene, np.nan))
    moved = _moved(second, gene, settings["kind"], moves)
    direction = EXPECTED.get(expects or "", int(np.nan_to_num(moves * np.sign(own))))
    row = {
        "gene": "" if gene == NO_GENE else gene,
        "kind": settings["kind"],
        "moves": {1: "up", -1: "down"}.get(moves, ""),
        "shows": "undirected",
        "engagement": moved.state,
        "engagement_assay": moved.assay,
        "engagement_log2fc": moved.log2fc,
        "engagement_p": moved.p,
        "contrast_log2fc": own,
        "contrast_assay": "contrast",
        "direction": direction,
        "state": found.state,
        "rho": found.rho,
        "fraction": found.fraction.slope,
        "n_genes": found.n_genes,
        "note": "animals that the two tables share cannot be seen, and would make them agree by construction",
    }
    return _conformed({"perturbations": pd.DataFrame([row | found.quadrants._asdict()])} | _pictures(found), None)


def _moved(table: pd.DataFrame, gene: str, kind: str, moves: int) -> Engagement:
    if gene not in table.index:
        return Engagement("not_measured", np.nan, np.nan, "arm", "")
    log2fc, t, df = (float(table[name].get(gene, np.nan)) for name in ("log2fc", "t", "df"))
    return engagement_of(log2fc, t, df, kind, moves, RankingSection().engagement_p, "arm")


def _pictures(found: Concordance) -> dict[str, pd.DataFrame]:
    grid = found.overlap
    size = len(grid.steps)
    overlap = {"contrast_top": np.repeat(grid.steps, size), "arm_top": np.tile(grid.steps, size)}
    return {
        "perturbation_genes": found.points.rename_axis("gene").reset_index(),
        "perturbation_overlap": pd.DataFrame(overlap | {"signed": grid.signed.ravel()}),
    }


def _by_gene(table: pd.DataFrame, name: str) -> pd.DataFrame:
    absent = [column for column in NEEDED if column not in table.columns]
    if len(absent) > 0:
        raise DataError(
            Problem(
                f"table {name}",
                f"the columns {first_examples(absent, 6)} are absent; there are {first_examples(table.columns, 8)}",
                "Signatures are compared by the columns that `organokine differential --out` writes",
                "Give such a table, or matrices with their samples",
            )
        )
    rows = table[table["gene"].fillna("").astype(str).str.strip() != ""]
    if "representative" in rows.columns:
        rows = rows[rows["representative"].astype(str).str.lower() == "true"]
    numbers = rows[list(NEEDED[1:])].apply(pd.to_numeric, errors="coerce")
    found: pd.DataFrame = numbers.set_axis(pd.Index(rows["gene"].astype(str)), axis=0)
    several = found.index[found.index.duplicated()].unique()
    if len(several) > 0:
        raise DataError(
            Problem(
                f"table {name}",
                f"{len(several)} genes stand in several rows: {first_examples(several)}",
                "A signature has one change per gene",
                "Keep one row per gene, or the column `representative` that marks it",
            )
        )
    return found


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
