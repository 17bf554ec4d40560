"""Stage: every perturbation arm held against the contrast. Did it move its gene, and does it reproduce or reverse the signature?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import DataError
from organokine.perturbation_tables import ARM_TABLES
from organokine.stages.arm_tables import Answer, Question, table_rows
from organokine.stages.arms import background_of, can_show, divide_shared, engagement, samples_of, side_of
from organokine.stages.concordance import NOTHING, Concordance, compare_signatures
from organokine.stages.differential import assay_differential
from organokine.study_arms import comparisons, contrast_assay

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.perturbation_section import PerturbationSection
    from organokine.study_file import ContrastSection, StudyFile

LARGE_MOVE = 4.0
"""Times the contrast's own change of the gene from which a note says that the arm moved it further than the contrast does."""
Streams = Callable[[str], np.random.Generator]


def perturbation_tables(
    file: StudyFile, assays: Mapping[str, AnnData], differential: pd.DataFrame, rng: Streams
) -> dict[str, pd.DataFrame]:
    """Hold every arm against the contrast.

    Null hypothesis of each p: which animals of the arm were perturbed does not matter.

    Parameters
    ----------
    file : StudyFile
        Study file with a contrast.
    assays : mapping of str to anndata.AnnData
        All prepared assays, those of the arms too.
    differential : pandas.DataFrame
        Table of that name.
    rng : callable
        Name to a numpy Generator.

    Returns
    -------
    dict of str to pandas.DataFrame
        The tables of `perturbation_tables.ARM_TABLES`, by name; empty without arms.
    """
    parts: dict[str, list[pd.DataFrame]] = {table.name: [] for table in ARM_TABLES}
    if file.contrast is not None:
        for arm in file.perturbation:
            for name, asked in comparisons(arm).items():
                question = _question(file, file.contrast, arm, (name, asked), assays, differential)
                answer = answer_question(file, file.contrast, question, differential, rng)
                for table, rows in table_rows(question, answer, rng).items():
                    parts[table].append(rows.assign(arm=arm.name, comparison=name))
    filled = {name: [rows for rows in found if len(rows) > 0] for name, found in parts.items()}
    return {
        table.name: table.conform(pd.concat(filled[table.name], ignore_index=True))
        if len(filled[table.name]) > 0
        else table.empty()
        for table in ARM_TABLES
    }


def _question(
    file: StudyFile,
    contrast: ContrastSection,
    arm: PerturbationSection,
    comparison: tuple[str, ContrastSection],
    assays: Mapping[str, AnnData],
    differential: pd.DataFrame,
) -> Question:
    name, asked = comparison
    moves = arm.direction * (-1 if name == "rescue" else 1)
    change = _source_change(file, arm, differential)
    direction = 0 if not np.isfinite(change) else int(moves * np.sign(change))
    data = samples_of(assays[arm.assay], asked, arm)
    seen_in = arm.assays[-1]
    plain = asked if seen_in == arm.assay else asked.model_copy(update={"covariates": ()})
    other = contrast_assay(file, assays, arm.assay)
    background = background_of(arm, data.obs, contrast)
    return Question(
        arm=arm,
        comparison=name,
        asked=asked,
        contrast_factor=contrast.factor,
        moves=moves,
        direction=direction,
        data=data,
        contrast=None if other is None else assays[other],
        engagement=engagement(
            samples_of(assays[seen_in], plain, arm), plain, arm, moves, file.differential, file.ranking
        ),
        background=background,
        shows=can_show(arm, name, direction, background, contrast),
        own_change=_change_where_seen(arm, differential, assays[seen_in]),
    )


def _source_change(file: StudyFile, arm: PerturbationSection, differential: pd.DataFrame) -> float:
    """Change of the gene in the sending organ, which says what moving it should do: protein first, then RNA."""
    organ = None if file.axis is None else file.axis.source
    for modality in ("protein", "rna"):
        rows = _rows_of_gene(differential, arm.gene, organ, modality)
        if len(rows) > 0:
            return float(rows["log2fc"].iloc[0])
    return float("nan")


def _change_where_seen(arm: PerturbationSection, differential: pd.DataFrame, seen_in: AnnData) -> tuple[float, str]:
    """The contrast's own change of the gene in the organ where the arm is seen to move it, the same modality first."""
    about = seen_in.uns["organokine"]
    for modality in dict.fromkeys((about["modality"], "protein", "rna")):
        rows = _rows_of_gene(differential, arm.gene, about["organ"], modality)
        if len(rows) > 0:
            return float(rows["log2fc"].iloc[0]), str(rows["assay"].iloc[0])
    return float("nan"), ""


def _rows_of_gene(differential: pd.DataFrame, gene: str, organ: str | None, modality: str) -> pd.DataFrame:
    chosen = (
        (differential["gene"] == gene)
        & (differential["modality"] == modality)
        & differential["representative"].fillna(value=False).astype(bool)
        & differential["log2fc"].notna()
    )
    return differential[chosen & (differential["organ"] == organ)] if organ is not None else differential[chosen]


def answer_question(
    file: StudyFile, contrast: ContrastSection, question: Question, differential: pd.DataFrame, rng: Streams
) -> Answer:
    """Hold one comparison of one arm against the contrast.

    Parameters
    ----------
    file : StudyFile
        Options of the model and of the permutations.
    contrast : ContrastSection
        The contrast.
    question : Question
        The comparison.
    differential : pandas.DataFrame
        Table of that name, with the assay of the contrast.
    rng : callable
        Name to a numpy Generator.

    Returns
    -------
    Answer
        With a state where nothing could be compared, or claimed.
    """
    said = [question.engagement.note, _large_move(question)]
    if question.contrast is None:
        said.insert(0, "the contrast was not measured in this organ and modality")
        return Answer("no_contrast_assay", NOTHING, 0, _joined(said), None, question.data.obs)
    stream = f"perturbation/{question.arm.name}/{question.comparison}"
    split = divide_shared(question.contrast, contrast, question.data, question.asked, rng(f"{stream}/split"))
    said.insert(0, split.note)
    if split.contrast is None or split.arm is None:
        return Answer("shared_samples", NOTHING, split.n_shared, _joined(said), None, question.data.obs)
    of_contrast, data = question.contrast[split.contrast], question.data[split.arm]
    try:
        table = _contrast_table(file, contrast, of_contrast, differential, whole=split.n_shared == 0)
        sides = side_of(of_contrast, contrast), side_of(data, question.asked, question.arm)
    except DataError as error:
        said.insert(1, error.problems[0].what)
        return Answer("confounded", NOTHING, split.n_shared, _joined(said), None, data.obs)
    found = compare_signatures(
        table,
        *sides,
        direction=question.direction,
        masked=[question.arm.gene],
        n_permutations=file.ranking.permutations,
        rng=rng(f"{stream}/labels"),
    )
    state = _state(question, found)
    if state == "not_engaged":
        found = found._replace(p=float("nan"))
    return Answer(state, found, split.n_shared, _joined(said), of_contrast.obs, data.obs)


def _contrast_table(
    file: StudyFile, asked: ContrastSection, adata: AnnData, differential: pd.DataFrame, *, whole: bool
) -> pd.DataFrame:
    """The contrast by gene: as tested, or tested anew where some of its animals went to the arm."""
    rows = differential[differential["assay"] == adata.uns["organokine"]["name"]]
    if not whole:
        rows = assay_differential(adata, asked, file.differential)
    chosen = rows["representative"].fillna(value=False).astype(bool) & (rows["gene"] != "")
    found: pd.DataFrame = rows[chosen].set_index("gene")
    return found


def _state(question: Question, found: Concordance) -> str:
    """The first reason, in the order of what a reader must know first, why there is nothing to claim; or `tested`."""
    if found.state == "too_few_shared_genes":
        return found.state
    if question.engagement.state == "not_engaged":
        return "not_engaged"
    if found.state != "tested":
        return found.state
    if question.engagement.state == "not_measured":
        return "engagement_not_measured"
    return "direction_unknown" if question.direction == 0 else "tested"


def _joined(said: list[str]) -> str:
    return "; ".join(each for each in said if each != "")


def _large_move(question: Question) -> str:
    moved, own = question.engagement.log2fc, question.own_change[0]
    if not (np.isfinite(moved) and np.isfinite(own)) or abs(moved) < abs(own) + np.log2(LARGE_MOVE):
        return ""
    return (
        f"the arm moved {question.arm.gene} {2 ** abs(moved):.2g}-fold, the contrast {2 ** abs(own):.2g}-fold: what it does at that "
        "level need not be what it does in the contrast"
    )
