"""What was done with one table, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.design import AnyLevel, Slope
from organokine.manifest import NORMALISATION
from organokine.stages.one_table_input import FEW_BLOCKS
from organokine.study_file import ContrastSection

if TYPE_CHECKING:
    import pandas as pd

    from organokine.design import Asked
    from organokine.stages.prepare import Prepared
    from organokine.study import Study
    from organokine.study_file import DifferentialSection


def facts_of(study: Study, prepared: Prepared, asked: Asked) -> dict[str, str]:
    """Question, samples, normalisation, model and rules of a comparison."""
    (adata,) = prepared.assays.values()
    about = adata.uns["organokine"]
    facts = {"question": question_in_words(asked)}
    if not isinstance(asked, Slope):
        n = adata.obs[asked.factor].astype(str).value_counts().sort_index()
        facts["samples"] = ", ".join(f"{level}: {count}" for level, count in n.items())
    else:
        facts["samples"] = str(adata.n_obs)
    if len(asked.covariates) > 0:
        facts["adjusted for"] = ", ".join(asked.covariates)
    counts = {"tmm": "Counts were scaled by TMM.", "library_size": "Counts were scaled by library size."}
    facts["normalisation"] = (NORMALISATION | counts)[about["normalisation"]]
    facts["model"] = (
        "DESeq2"
        if study.file.differential.engine == "deseq2"
        else "linear model on measured values, variance moderated over features"
    )
    kept = adata.var["kept"].to_numpy(dtype=bool)
    facts |= _rules(study.file.differential, asked)
    facts["features"] = f"{int(kept.sum())} of {len(kept)} had enough values for a test"
    return facts


def _rules(options: DifferentialSection, asked: Asked) -> dict[str, str]:
    """How p became q, and which change the null allows."""
    least = options.minimum_log2fc
    unit = f"log2 per unit of {asked.factor}" if isinstance(asked, Slope) else "log2"
    rule = "Benjamini and Hochberg on p"
    if options.engine == "moderated" and not isinstance(asked, AnyLevel):
        if options.multiple_testing == "storey":
            rule = "Storey on p, with the share of unchanged features estimated"
        elif options.multiple_testing == "discovery" and least == 0:
            rule = "Benjamini and Hochberg in the order of discovery, which weighs p by how plausible the size of the change is"
    return {
        "multiple testing": rule,
        "smallest change": "none: the null is no change at all"
        if least == 0
        else f"{least:g} {unit} in either direction: the null is any change up to this (TREAT)",
    }


def question_in_words(asked: Asked) -> str:
    """The question, as it is written in messages and on the page."""
    match asked:
        case Slope():
            return f"change per unit of {asked.factor}"
        case AnyLevel():
            return f"any difference between the levels of {asked.factor}"
        case ContrastSection():
            return f"{asked.factor}: {asked.case} against {asked.control}"
        case _:
            return f"{asked.factor}: " + ", ".join(f"{weight:g} x {level}" for level, weight in asked.weights.items())


def blocks_in_words(labels: pd.Series, fewest: int | None) -> str:
    """How many animals stand behind the samples; `fewest` are those of the smallest level, None for a slope."""
    text = f"{labels.nunique()} of {len(labels)} samples by {labels.name}"
    if fewest is None:
        return text
    few = f"; with fewer than {FEW_BLOCKS} to a level, small p are too frequent" if fewest < FEW_BLOCKS else ""
    return f"{text}, at least {fewest} to a level{few}"
