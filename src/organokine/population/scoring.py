"""The secretion score of two tables, without a study around them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError
from threadpoolctl import threadpool_limits

from organokine.errors import DataError, Problem, first_examples, nearest
from organokine.population.assemble import assemble
from organokine.population.cell import run_cell
from organokine.population.checks import copies
from organokine.population.cohort import Cohort, OrganMatrix, Words
from organokine.population.given import (
    other_problems,
    pair_problems,
    secreted_problems,
    sheet_problems,
    table_problems,
    trait_problems,
)
from organokine.population.pairing import NO_FREEDOM, NO_TARGETS, TOO_FEW
from organokine.population.plan import candidate_rows, plan
from organokine.population_section import PopulationSection
from organokine.study_file import RankingSection

if TYPE_CHECKING:
    from organokine.references.signatures import SignatureSet

_SOURCE, _TARGET = "source", "target"
_REMEDIES = {
    TOO_FEW: "Bring more individuals, or lower `minimum_subjects` and say so",
    NO_FREEDOM: "Adjust for less, ask for fewer `factors`, or lower `minimum_df` and say so",
    NO_TARGETS: "Give a target of more genes",
}


@dataclass(frozen=True)
class SecretionScore:
    """What two organs of the same individuals say.

    Attributes
    ----------
    scores : pandas.DataFrame
        Table `population`: one row per candidate, best first.
    ladder, null, pair, same_gene, targets, pathways, traits, individuals : pandas.DataFrame
        Tables `population_ladder`, `population_null`, `population_pairs` (one row), and so on.
    """

    scores: pd.DataFrame
    ladder: pd.DataFrame
    null: pd.DataFrame
    pair: pd.DataFrame
    same_gene: pd.DataFrame
    targets: pd.DataFrame
    pathways: pd.DataFrame
    traits: pd.DataFrame
    individuals: pd.DataFrame


def secretion_score(
    source: pd.DataFrame,
    target: pd.DataFrame,
    *,
    species: str | None = None,
    secreted: Collection[str] | None = None,
    samples: pd.DataFrame | None = None,
    traits: pd.DataFrame | None = None,
    gene_sets: Sequence[SignatureSet] = (),
    seed: int = 1,
    **options: Any,
) -> SecretionScore:
    """Score the secreted genes of one organ by how the other organ goes with them across individuals.

    The score of a gene is the mean over all genes of the target of -ln p of their correlation (QENIE). Its p is the share of
    permuted individuals that score as high, given covariates and hidden factors.

    Null hypothesis: given what is adjusted for, which individual of the source belongs to which of the target does not matter.

    Parameters
    ----------
    source, target : pandas.DataFrame
        (n_individuals, n_genes) normalised levels, log2; index individuals, columns gene symbols; NaN is not measured.
        Individuals are matched by name; those of one table alone are counted in `pair`.
    species : str, optional
        `human`, `mouse` or `rat`: which genes have a secretion route is then taken from the reference tables.
    secreted : collection of str, optional
        Genes that are secreted, in place of the reference tables. All others are what they are held against.
    samples : pandas.DataFrame, optional
        Index individuals; columns to adjust for. A column named `sex` is adjusted for, and each sex is scored by itself;
        others are if `covariates` names them.
    traits : pandas.DataFrame, optional
        Index individuals; columns of numbers.
    gene_sets : sequence of SignatureSet
        Sets that the targets of leading candidates are held against; see `organokine.references.gene_sets.load_gene_sets`.
    seed : int
        Seed of the permutations.
    **options
        Keys of `[population]` in the study file: `statistic`, `covariates`, `factors`, `permutations`, `minimum_subjects`
        and so on.

    Returns
    -------
    SecretionScore
        The same arguments always give the same tables.

    Raises
    ------
    DataError
        If tables, samples or options are at fault; all that is wrong is said at once.

    References
    ----------
    Seldin et al. 2018, doi:10.1016/j.cmet.2018.03.015.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> names = [f"donor{i}" for i in range(40)]
    >>> liver = pd.DataFrame(rng.normal(size=(40, 60)), index=names, columns=[f"L{i}" for i in range(60)])
    >>> fat = pd.DataFrame(rng.normal(size=(40, 80)), index=names, columns=[f"F{i}" for i in range(80)])
    >>> fat.iloc[:, :30] += liver[["L0"]].to_numpy()
    >>> found = secretion_score(liver, fat, secreted=["L0", "L1"], factors=[0], permutations=999)
    >>> found.scores["gene"].iloc[0]
    'L0'
    """
    settings = _settings(options)
    problems = [
        *table_problems(_SOURCE, source),
        *table_problems(_TARGET, target),
        *secreted_problems(species, secreted),
        *other_problems(seed, gene_sets),
    ]
    _raise(problems)
    problems.extend(pair_problems(source, target))
    people = {str(name) for name in source.index} & {str(name) for name in target.index}
    if samples is not None:
        problems.extend(sheet_problems(samples, settings, people))
    elif len(settings.covariates) > 0:
        why = "They are to be adjusted for"
        problems.append(Problem("samples", "covariates are named and no samples given", why, "Give samples"))
    if traits is not None:
        problems.extend(trait_problems(traits, people))
    _raise(problems)
    known = pd.DataFrame(index=source.index) if samples is None else samples.infer_objects()
    matrices = {name: _matrix(name, table, _by_name(known)) for name, table in ((_SOURCE, source), (_TARGET, target))}
    _raise([problem for matrix in matrices.values() for problem in copies(matrix)])
    cohort = Cohort(
        matrices,
        _routes(sorted({*map(str, source.columns), *map(str, target.columns)}), species, secreted),
        settings.model_copy(update={"pairs": ((_SOURCE, _TARGET),)}),
        seed=int(seed),
        traits=pd.DataFrame() if traits is None else _by_name(traits),
    )
    planned = plan(cohort)
    _raise([*_no_candidate(cohort), *_not_asked(planned.pairs.iloc[0])])
    # The blocks are too small for several threads, which would only wait for each other.
    with threadpool_limits(limits=1):
        tables = assemble(cohort, planned, {cell: run_cell(cohort, cell) for cell in planned.cells}, gene_sets)
    rest = ("ladder", "null", "pairs", "same_gene", "targets", "pathways", "traits", "individuals")
    return SecretionScore(tables["population"], *(tables[f"population_{name}"] for name in rest))


def _settings(options: dict[str, Any]) -> PopulationSection:
    own = ("pairs", "across_modalities", "within", "traits")
    known = [name for name in PopulationSection.model_fields if name not in own]
    problems = []
    for name in options:
        if name not in known:
            near = nearest(name, known)
            remedy = f"Write {near!r}" if near is not None else f"Known are {', '.join(known)}"
            why = "An option that is not understood would be ignored in silence"
            problems.append(Problem("secretion_score", f"the option {name!r} is unknown", why, remedy))
    if len(problems) > 0:
        raise DataError(problems)
    try:
        return PopulationSection(**options)
    except ValidationError as error:
        raise DataError(
            Problem(
                f"secretion_score {each['loc'][0]}",
                f"{each['input']!r} does not fit: {str(each['msg']).removeprefix('Value error, ')}",
                "The value cannot be used as written",
                "Correct the value",
            )
            for each in error.errors()
        ) from error


def _raise(problems: list[Problem]) -> None:
    if len(problems) > 0:
        raise DataError(problems)


def _no_candidate(cohort: Cohort) -> Iterator[Problem]:
    if len(candidate_rows(cohort, _SOURCE)) == 0:
        genes = cohort.matrices[_SOURCE].genes
        what = f"none of the {len(genes)} genes ({first_examples(genes)}) is secreted"
        remedy = "Name genes in columns as `secreted` or the species does, or write candidates='all'"
        yield Problem(_SOURCE, what, "Only genes whose product leaves the cell are scored", remedy)


def _not_asked(row: pd.Series) -> Iterator[Problem]:
    if row["state"] != "asked":
        why = "With few individuals everything correlates by chance"
        yield Problem("secretion_score", str(row["note"]), why, _REMEDIES[str(row["state"])])


def _matrix(name: str, table: pd.DataFrame, samples: pd.DataFrame) -> OrganMatrix:
    individuals = samples.reindex(pd.Index([str(each) for each in table.index], dtype=object))
    genes: Words = np.array([str(column) for column in table.columns], dtype=object)
    values = np.ascontiguousarray(table.to_numpy(dtype=float, na_value=np.nan).T)
    return OrganMatrix(name, name, "", values, genes, np.full(len(genes), "", dtype=object), individuals)


def _by_name(table: pd.DataFrame) -> pd.DataFrame:
    """The table with texts for names: 7 and "7" are one individual."""
    return table.set_axis([str(each) for each in table.index]).set_axis([str(each) for each in table.columns], axis=1)


def _routes(genes: list[str], species: str | None, secreted: Collection[str] | None) -> pd.DataFrame:
    index = pd.Index(genes, dtype=object, name="gene")
    if secreted is not None:
        marked = index.isin(list(secreted))
        return pd.DataFrame({"route": np.where(marked, "given", "not_given"), "secreted": marked}, index=index)
    from organokine.references import load_references

    route = load_references(str(species)).routes(genes)["route"]
    weight = route.map(RankingSection().route_weights).fillna(0.0)
    return pd.DataFrame({"route": route.to_numpy(), "secreted": (weight > 0).to_numpy()}, index=index)
