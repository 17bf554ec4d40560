"""What is wrong with the arguments of `secretion_score`: tables, sheet, traits and the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.errors import Problem, first_examples, nearest
from organokine.population.checks import sex_problems

if TYPE_CHECKING:
    from organokine.population_section import PopulationSection

TABLES_ARE = (
    "Give a pandas.DataFrame: individuals in rows with their names in the index, names of what was measured in columns"
)


def table_problems(name: str, table: object) -> Iterator[Problem]:
    """Find what keeps a table of individuals x genes from being correlated: no table, names, text, infinite values."""
    faults = list(_name_problems(name, table, "genes"))
    yield from faults
    if not isinstance(table, pd.DataFrame) or len(faults) > 0:
        return
    if table.shape[1] == 0:
        yield Problem(name, "has no column", "There is no gene to correlate", TABLES_ARE)
    if len(table) == 0:
        yield Problem(name, "has no row", "There is no individual to correlate over", TABLES_ARE)
    text = [column for column, kind in zip(table.columns, table.dtypes, strict=True) if kind.kind not in "iuf"]
    if len(text) > 0:
        what = f"{len(text)} columns are not numbers: {first_examples(text)}"
        remedy = (
            "Give individuals in rows, genes in columns, and names in the index; numbers kept as objects become "
            "numbers by `.astype(float)`"
        )
        yield Problem(name, what, "Only numbers can be correlated", remedy)
    else:
        yield from _infinite_problems(name, table)


def pair_problems(source: pd.DataFrame, target: pd.DataFrame) -> Iterator[Problem]:
    """Find two tables that are one, or that share nobody."""
    if source.equals(target):
        why = "Genes of one sample correlate for many reasons that are no message"
        yield Problem("target", "is the same table as the source", why, "Give two organs")
    elif len(set(source.index.map(str)) & set(target.index.map(str))) == 0:
        what = f"no individual is one of the source ({_few(target)} against {_few(source)})"
        remedy = "Name individuals alike in the index of both; they stand in rows, genes in columns"
        yield Problem("target", what, "Organs are held against each other individual by individual", remedy)


def sheet_problems(samples: object, settings: PopulationSection, people: set[str]) -> Iterator[Problem]:
    """Find covariates that are not there or infinite, a sex that is written in two ways, individuals that nobody knows."""
    faults = list(_name_problems("samples", samples, "columns"))
    yield from faults
    if not isinstance(samples, pd.DataFrame) or len(faults) > 0:
        return
    wanted = [*settings.covariates, *([settings.sex] if "sex" in settings.model_fields_set else [])]
    for name in dict.fromkeys(wanted):
        if name not in samples:
            near = nearest(name, [str(column) for column in samples.columns])
            remedy = f"Write {near!r}" if near is not None else f"Columns are {first_examples(samples.columns, 8)}"
            yield Problem("samples", f"there is no column {name!r}", "It is to be adjusted for", remedy)
    used = samples[[name for name in dict.fromkeys([*settings.covariates, settings.sex]) if name in samples]]
    yield from _infinite_problems("samples", used.select_dtypes("number"))
    if settings.sex in used:
        yield from sex_problems(used[settings.sex].dropna().astype(str), f"samples {settings.sex}")
    if used.shape[1] > 0:
        yield from _nobody("samples", samples, people)


def trait_problems(traits: object, people: set[str]) -> Iterator[Problem]:
    """Find traits that are no numbers, infinite, told twice, or of nobody."""
    faults = list(_name_problems("traits", traits, "traits"))
    yield from faults
    if not isinstance(traits, pd.DataFrame) or len(faults) > 0:
        return
    text = [column for column, kind in zip(traits.columns, traits.dtypes, strict=True) if kind.kind not in "iuf"]
    if len(text) > 0:
        what = f"{len(text)} traits are not numbers: {first_examples(text)}"
        yield Problem("traits", what, "A trait is a number for each individual", "Leave them out, or write numbers")
    else:
        yield from _infinite_problems("traits", traits)
    yield from _nobody("traits", traits, people)


def secreted_problems(species: str | None, secreted: Collection[str] | None) -> Iterator[Problem]:
    """Find that it is not said which genes are secreted, or not in a form that can be read."""
    why = "Only genes whose product leaves the cell can carry a message"
    if secreted is None and species is None:
        what = "neither `species` nor `secreted` is given"
        yield Problem("secretion_score", what, why, "Give species='mouse', or the secreted genes themselves")
    elif secreted is not None and (isinstance(secreted, str) or not isinstance(secreted, (Collection, pd.Index))):
        remedy = "Give a list of gene symbols, such as ['Alb']"
        yield Problem("secreted", f"{secreted!r} is no list of genes", why, remedy)


def other_problems(seed: object, gene_sets: object) -> Iterator[Problem]:
    """Find a seed that is no whole number, and gene sets that are none."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        yield Problem(
            "seed",
            f"{seed!r} is no whole number from 0 on",
            "The same seed gives the same draws",
            "Write such as seed=1",
        )
    if (
        not isinstance(gene_sets, Sequence)
        or isinstance(gene_sets, str)
        or not all(hasattr(each, "over") for each in gene_sets)
    ):
        remedy = "Give a list of what `organokine.references.gene_sets.load_gene_sets` gives"
        yield Problem("gene_sets", "are no list of sets", "Targets are held against sets of genes", remedy)


def _name_problems(name: str, table: object, columns: str) -> Iterator[Problem]:
    if not isinstance(table, pd.DataFrame):
        why = "Individuals and genes are known by their names"
        yield Problem(name, f"is a {type(table).__name__} and no table", why, TABLES_ARE)
        return
    for axis, what in ((table.index, "individuals"), (table.columns, columns)):
        if isinstance(axis, pd.MultiIndex):
            problem = f"the names of the {what} have {axis.nlevels} levels"
            yield Problem(name, problem, "A name is one text", "Choose one level, or join them to one text")
            continue
        nameless = int((axis.isna() | (axis.map(str).str.strip() == "")).sum())
        if nameless > 0:
            yield Problem(name, f"{nameless} {what} have no name", "Tables are joined by name", "Name or remove them")
        words = pd.Index([str(each) for each in axis], dtype=object)
        repeated = words[words.duplicated() & axis.notna()].unique()
        if len(repeated) > 0:
            why = "Each is one row or column; which of them is meant cannot be told"
            problem = f"{len(repeated)} {what} stand there more than once: {first_examples(repeated)}"
            yield Problem(name, problem, why, "Keep one of each, or take their mean")


def _infinite_problems(name: str, table: pd.DataFrame) -> Iterator[Problem]:
    infinite = [
        column for column in table.columns if np.isinf(table[column].to_numpy(dtype=float, na_value=np.nan)).any()
    ]
    if len(infinite) > 0:
        what = f"holds infinite values in {len(infinite)} columns: {first_examples(infinite)}"
        why = "An infinite level, often the logarithm of zero, is no measurement"
        yield Problem(name, what, why, "Write NaN for what was not measured")


def _nobody(name: str, table: pd.DataFrame, people: set[str]) -> Iterator[Problem]:
    if len(set(table.index.map(str)) & people) == 0:
        what = f"no individual is one of both organs ({_few(table)} against {first_examples(sorted(people), 2)})"
        yield Problem(name, what, "Tables are joined by the names in the index", "Name individuals alike in all tables")


def _few(table: pd.DataFrame) -> str:
    return first_examples(map(str, table.index), 2)
