"""Tables on the page of a population: pairs of organs, candidates, steps of adjustment, pathways and traits of a candidate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from organokine.population_tables import POPULATION, POPULATION_PATHWAYS, POPULATION_TRAITS
from organokine.report import words
from organokine.report.comparison_tables import columns_of
from organokine.report.population_figures import LEADING, steps_of
from organokine.report.population_pairs import LIKE_MATCHED, UNADJUSTED, Pair, split
from organokine.report.population_words import FLAGS, reason, rung_name, score, why_not
from organokine.table_schema import Table

CANDIDATE = (
    "gene",
    "q",
    "p_competitive",
    "flags",
    "p",
    "p_extrapolated",
    "z_score",
    "score_unadjusted",
    "score",
    "score_most_adjusted",
    "within_sex",
    "same_gene_r",
    "route",
    "n",
)
"""Columns of the candidates in their order: a narrow screen shows how sure a candidate is before anything else."""
PATHWAY = ("set", "n_genes", "mean_r", "other_mean_r", "r", "p", "q")
TRAIT = ("trait", "p", "q", "candidate_r", "candidate_p", "trait_r", "trait_p", "given_module_r", "n")
N_PATHWAYS = 6
"""Gene sets shown of a candidate, the smallest p first."""
N_TRAITS = 8
HEADINGS = {
    "score_unadjusted": "score before adjustment",
    "score": "with covariates",
    "score_most_adjusted": "most adjusted",
    "p_competitive": "p against matched genes",
    "p_extrapolated": "p extrapolated",
    "z_score": "null SDs above",
    "same_gene_r": "r with itself",
    "n_genes": "genes",
    "other_mean_r": "mean r of others",
    "r": "r beyond others",
    "trait_r": "module and trait, r",
    "trait_p": "its p",
    "candidate_r": "candidate and trait, r",
    "candidate_p": "its p",
    "given_module_r": "r, module held equal",
}
"""Headings that say more than the name of the column."""
_WRITERS: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(("p", "q", "p_competitive", "trait_p", "candidate_p"), words.probability),
    **dict.fromkeys(
        ("same_gene_r", "mean_r", "other_mean_r", "r", "trait_r", "candidate_r", "given_module_r"), words.signed
    ),
    **dict.fromkeys(("score_unadjusted", "score", "score_most_adjusted"), score),
    **dict.fromkeys(("n", "n_genes"), words.count),
    **dict.fromkeys(("route", "within_sex"), lambda text: words.typeset(words.spaced(str(text)))),
    "p_extrapolated": lambda p: f"≈ {words.probability(p)}",
    "z_score": lambda height: f"{float(height):.1f}".replace("-", "−"),
}
"""By column: how a value is written; names of genes, sets and traits as they are."""


def candidates(pair: Pair, rows: pd.DataFrame, links: Mapping[str, str]) -> dict[str, Any]:
    """Columns and rows of the candidates of a pair; a gene in `links` leads to that anchor."""
    # Nearly all candidates that were not found are like matched genes: a badge on every row would hide the others.
    is_found = (rows["q"] <= pair.fdr).to_numpy(dtype=bool)
    flags = [flag if found else _without_like(flag) for flag, found in zip(rows["flags"], is_found, strict=True)]
    asked_within = rows["within_sex"].where(rows["within_sex"].str.contains(r"\d"), "")
    rows = rows.assign(flags=flags, within_sex=asked_within)
    names = [name for name in CANDIDATE if name in {"gene", "p", "q"} or _has_value(rows[name])]
    lines = [
        {
            "link": links.get(row["gene"], ""),
            "found": bool(row["q"] <= pair.fdr),
            "cells": [_cell(name, row[name]) for name in names],
        }
        for row in rows.to_dict("records")
    ]
    return {"columns": _columns(POPULATION, names), "rows": lines}


def _without_like(flags: str) -> str:
    return ";".join(flag for flag in split(flags) if flag != LIKE_MATCHED)


def pathways(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Gene sets of one candidate, the smallest p first; None without any."""
    known = rows[rows["p"].notna()].sort_values("p", kind="stable").head(N_PATHWAYS)
    return _table(POPULATION_PATHWAYS, PATHWAY, known)


def traits(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Traits of one candidate, the smallest p first; None without any."""
    return _table(POPULATION_TRAITS, TRAIT, rows.sort_values("p", kind="stable", na_position="last").head(N_TRAITS))


def steps(pair: Pair) -> dict[str, Any] | None:
    """Probabilities of the leading candidates at every step, the numbers behind the plot; None without any."""
    table = steps_of(pair)
    rungs = [rung for rung in (UNADJUSTED, *pair.rungs) if rung in set(table["rung"])]
    if len(rungs) == 0:
        return None
    known = dict(zip(zip(table["gene"], table["rung"], strict=True), table["p"], strict=True))
    genes = [gene for gene in pair.scored["gene"].head(LEADING) if (table["gene"] == gene).any()]
    return {
        "rungs": [rung_name(rung, is_adjusted=pair.is_adjusted) for rung in rungs],
        "rows": [(gene, [words.probability(known.get((gene, rung), np.nan)) for rung in rungs]) for gene in genes],
    }


def pairs(listed: Sequence[Pair]) -> list[dict[str, str]]:
    """One line per pair: individuals, candidates, how many stand, and the anchor of its part."""
    return [
        {
            "name": pair.name,
            "label": f"{pair.source} → {pair.target}",
            "n": words.count(pair.row["n"]),
            "scored": words.count(len(pair.scored)) if pair.is_scored else words.MISSING,
            "significant": words.count(len(pair.significant)) if pair.is_scored else words.MISSING,
            "specific": words.count(len(pair.specific)) if pair.is_scored else words.MISSING,
            "best": _best(pair),
            "state": f"not scored for {why_not(pair)}" if not pair.is_scored else "",
        }
        for pair in listed
    ]


def _best(pair: Pair) -> str:
    if not pair.is_scored:
        return words.MISSING
    row = pair.scored.iloc[0]
    return f"{row['gene']}, q\u00a0{words.probability(row['q'])}"


def _table(schema: Table, wanted: Sequence[str], rows: pd.DataFrame) -> dict[str, Any] | None:
    if len(rows) == 0:
        return None
    names = [name for name in wanted if _has_value(rows[name])]
    return {
        "columns": _columns(schema, names),
        "rows": [[_cell(name, row[name]) | _reason(name, row) for name in names] for row in rows.to_dict("records")],
    }


def _reason(name: str, row: Mapping[Any, Any]) -> dict[str, str]:
    """Why a trait has no p stands where the p would."""
    is_reason = name == "p" and words.is_missing(row["p"]) and str(row.get("state", "")) not in {"", "asked"}
    return {"text": reason(row["state"])} if is_reason else {}


def _columns(schema: Table, names: Sequence[str]) -> list[dict[str, str]]:
    return [
        column | {"heading": HEADINGS.get(column["name"], column["heading"])} for column in columns_of(schema, names)
    ]


def _cell(name: str, value: Any) -> dict[str, Any]:
    if name == "flags":
        badges = [FLAGS.get(flag, (words.spaced(flag), "")) for flag in split(value)]
        return {"name": name, "text": words.MISSING, "badges": badges}
    return {"name": name, "text": _text(name, value), "badges": ()}


def _text(name: str, value: Any) -> str:
    """One cell in words: probabilities by size, correlations signed, names spaced."""
    if words.is_missing(value):
        return words.MISSING
    return _WRITERS.get(name, str)(value)


def _has_value(values: pd.Series) -> bool:
    return not all(words.is_missing(value) for value in values)
