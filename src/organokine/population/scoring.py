"""The secretion score of two tables, without a study around them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from organokine.population.plan import plan
from organokine.population_section import PopulationSection
from organokine.study_file import RankingSection

if TYPE_CHECKING:
    from organokine.references.signatures import SignatureSet

_SOURCE, _TARGET = "source", "target"


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
    problems = [*_faults(source, _SOURCE), *_faults(target, _TARGET)]
    if secreted is None and species is None:
        what = "neither `species` nor `secreted` is given"
        why = "Only genes whose product leaves the cell can carry a message"
        problems.append(Problem("secretion_score", what, why, "Give species='mouse', or the secreted genes themselves"))
    known = pd.DataFrame(index=source.index) if samples is None else samples
    problems.extend(_sample_faults(known, settings))
    if len(problems) > 0:
        raise DataError(problems)
    matrices = {name: _matrix(name, table, known) for name, table in ((_SOURCE, source), (_TARGET, target))}
    problems = [problem for matrix in matrices.values() for problem in copies(matrix)]
    if len(problems) > 0:
        raise DataError(problems)
    cohort = Cohort(
        matrices,
        _routes(sorted({*map(str, source.columns), *map(str, target.columns)}), species, secreted),
        settings.model_copy(update={"pairs": ((_SOURCE, _TARGET),)}),
        seed=seed,
        traits=pd.DataFrame() if traits is None else traits,
    )
    planned = plan(cohort)
    row = planned.pairs.iloc[0]
    if row["state"] != "asked":
        where, remedy = (
            "secretion_score",
            "Bring more individuals, adjust for less, or lower `minimum_subjects` and say so",
        )
        raise DataError(
            Problem(where, str(row["note"]), "With few individuals everything correlates by chance", remedy)
        )
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


def _faults(table: pd.DataFrame, name: str) -> list[Problem]:
    found = []
    for axis, what in ((table.index, "individuals"), (table.columns, "genes")):
        repeated = axis[axis.duplicated()].unique()
        if len(repeated) > 0:
            why = "Each is one row or column; which of them is meant cannot be told"
            problem = f"{len(repeated)} {what} stand there more than once: {first_examples(repeated)}"
            found.append(Problem(name, problem, why, "Keep one of each, or take their mean"))
    text = [column for column, kind in zip(table.columns, table.dtypes, strict=True) if kind.kind not in "iuf"]
    if len(text) > 0:
        why = "Only numbers can be correlated"
        what = f"{len(text)} columns are not numbers: {first_examples(text)}"
        found.append(Problem(name, what, why, "Give individuals in rows, genes in columns, and names in the index"))
    elif np.isinf(table.to_numpy(dtype=float)).any():
        why = "An infinite level, often the logarithm of zero, is no measurement"
        found.append(Problem(name, "holds infinite values", why, "Write NaN for what was not measured"))
    return found


def _sample_faults(samples: pd.DataFrame, settings: PopulationSection) -> list[Problem]:
    found = []
    repeated = samples.index[samples.index.duplicated()].unique()
    if len(repeated) > 0:
        what = f"{len(repeated)} individuals stand there more than once: {first_examples(repeated)}"
        found.append(Problem("samples", what, "An individual has one value of a covariate", "Keep one row of each"))
    for name in settings.covariates:
        if name not in samples:
            near = nearest(name, [str(column) for column in samples.columns])
            remedy = f"Write {near!r}" if near is not None else f"Columns are {first_examples(samples.columns, 8)}"
            found.append(Problem("samples", f"there is no column {name!r}", "It is to be adjusted for", remedy))
    return found


def _matrix(name: str, table: pd.DataFrame, samples: pd.DataFrame) -> OrganMatrix:
    individuals = samples.reindex(table.index)
    individuals.index = individuals.index.astype(str)
    genes: Words = np.array([str(column) for column in table.columns], dtype=object)
    values = np.ascontiguousarray(table.to_numpy(dtype=float).T)
    return OrganMatrix(name, name, "", values, genes, np.full(len(genes), "", dtype=object), individuals)


def _routes(genes: list[str], species: str | None, secreted: Collection[str] | None) -> pd.DataFrame:
    index = pd.Index(genes, dtype=object, name="gene")
    if secreted is not None:
        marked = index.isin(list(secreted))
        return pd.DataFrame({"route": np.where(marked, "given", "not_given"), "secreted": marked}, index=index)
    from organokine.references import load_references

    route = load_references(str(species)).routes(genes)["route"]
    weight = route.map(RankingSection().route_weights).fillna(0.0)
    return pd.DataFrame({"route": route.to_numpy(), "secreted": (weight > 0).to_numpy()}, index=index)
