"""Two organs of the same individuals: who is in both, what is adjusted for, and the hidden factors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from organokine.kernels.linear_model import residuals
from organokine.population.cohort import ALL, UNADJUSTED, Cohort, OrganMatrix, Pair

Floats = NDArray[np.float64]
Words = NDArray[np.object_]

TOO_FEW = "too_few_individuals"
NO_FREEDOM = "no_degrees_of_freedom"
NO_TARGETS = "no_target_genes"
_MEASURED_SHARE = 0.5
"""Share of the individuals above which a gene takes part in hidden factors. Where it was not measured it says nothing, so that one with
more gaps than values would mostly tell who was measured."""


class PairData(NamedTuple):
    """What a pair of organs is computed from, in one stratum.

    Attributes
    ----------
    source_values, target_values : numpy.ndarray
        (n_genes, n_individuals) log2; NaN is not measured. All genes of the assay.
    source_genes, target_genes : numpy.ndarray
        (n_genes,) symbols.
    secreted : numpy.ndarray
        (n_source_genes,) bool.
    individuals : pandas.DataFrame
        Index subject, in the order of the columns; what the sample sheet says of the source samples.
    design : numpy.ndarray
        (n_individuals, n_columns) of full rank: the intercept, then covariates.
    adjusted_for : tuple of str
        Covariates that the design holds.
    least_pairs : int
        Pairs below which two genes are not correlated.
    """

    source_values: Floats
    target_values: Floats
    source_genes: Words
    target_genes: Words
    secreted: NDArray[np.bool_]
    individuals: pd.DataFrame
    design: Floats
    adjusted_for: tuple[str, ...]
    least_pairs: int


class Shared(NamedTuple):
    """Individuals of a pair: those with both organs and all covariates, and those that are not used, by reason."""

    both: list[str]
    source_only: list[str]
    target_only: list[str]
    no_covariate: list[str]


def covariates_of(cohort: Cohort, pair: Pair) -> list[str]:
    """Columns adjusted for: those named, the factor of the contrast, and sex, as far as the sample sheet has them."""
    known = set(cohort.matrices[pair.source].individuals) | set(cohort.matrices[pair.target].individuals)
    wanted = [*cohort.options.covariates, *([] if cohort.factor is None else [cohort.factor]), cohort.options.sex]
    return [name for name in dict.fromkeys(wanted) if name in known]


def shared_individuals(cohort: Cohort, pair: Pair) -> Shared:
    """Who has both organs."""
    source, target = (cohort.matrices[name].individuals for name in pair)
    both = sorted(set(source.index) & set(target.index))
    lacking = {
        name
        for column in covariates_of(cohort, pair)
        for table in (source, target)
        if column in table
        for name in table.index[_missing(table[column])]
    }
    return Shared(
        [name for name in both if name not in lacking],
        sorted(set(source.index) - set(target.index)),
        sorted(set(target.index) - set(source.index)),
        [name for name in both if name in lacking],
    )


def strata_of(cohort: Cohort, pair: Pair) -> dict[str, list[str]]:
    """Individuals by stratum: all, then each sex that has enough of them (only if there is more than one sex)."""
    both = shared_individuals(cohort, pair).both
    found = {ALL: both}
    sheets = [cohort.matrices[name].individuals for name in pair]
    told = [sheet.loc[both, cohort.options.sex].astype(str) for sheet in sheets if cohort.options.sex in sheet]
    if len(told) == 0:
        return found
    sexes = told[0]
    levels = sorted(set(sexes))
    return (
        found
        if len(levels) < 2
        else found | {level: [name for name in both if sexes[name] == level] for level in levels}
    )


def least_individuals(cohort: Cohort, stratum: str) -> int:
    """Individuals below which a stratum is not scored."""
    return cohort.options.minimum_subjects if stratum == ALL else cohort.options.minimum_subjects_within_sex


def pair_data(cohort: Cohort, pair: Pair, stratum: str = ALL) -> PairData | str:
    """Both organs of the individuals of a stratum, or the state that says why they cannot be compared.

    A pair that does not allow even the fewest of the `factors` asked for is not scored: it would have no row at any step.
    """
    names = strata_of(cohort, pair).get(stratum, [])
    if len(names) < least_individuals(cohort, stratum):
        return TOO_FEW
    source, target = (cohort.matrices[name] for name in pair)
    design, used = _design(cohort, pair, names)
    if len(names) - design.shape[1] - 1 - min(cohort.options.factors) < cohort.options.minimum_df:
        return NO_FREEDOM
    if len(target.genes) < 2:
        return NO_TARGETS
    least = cohort.options.minimum_pairs
    if stratum != ALL:
        least = min(least, cohort.options.minimum_subjects_within_sex)
    return PairData(
        _columns(source, names),
        _columns(target, names),
        source.genes,
        target.genes,
        cohort.secreted[pair.source],
        source.individuals.loc[names],
        design,
        used,
        least,
    )


def rungs_of(cohort: Cohort, data: PairData, stratum: str) -> tuple[list[str], list[int]]:
    """Names of the steps of adjustment, and the numbers of factors left out since they leave too few degrees of freedom.

    Within one sex only the fewest factors are taken out: there are half the individuals.
    """
    free = len(data.individuals) - data.design.shape[1] - 1
    possible = [k for k in cohort.options.factors if free - k >= cohort.options.minimum_df]
    left_out = [k for k in cohort.options.factors if k not in possible]
    if stratum != ALL:
        return [str(k) for k in possible[:1]], left_out
    return [UNADJUSTED, *(str(k) for k in possible)], left_out


def rung_design(data: PairData, rung: str) -> Floats:
    """Columns taken out at one step: the intercept alone, or covariates and hidden factors.

    Hidden factors are the leading principal components, over individuals, of those genes of the source that have no secretion
    route, after the covariates. What a messenger does to the target is thereby not taken out, unless genes that cannot be the
    messenger follow the same course in the source.
    """
    if rung == UNADJUSTED:
        return data.design[:, :1]
    n_factors = int(rung)
    if n_factors == 0:
        return data.design
    factors = hidden_factors(data.source_values[~data.secreted], data.design, n_factors)
    return np.hstack([data.design, factors])


def most_factors(data: PairData) -> int:
    """Genes that hidden factors are made of: there are no more factors than these."""
    return int((np.isfinite(data.source_values[~data.secreted]).mean(axis=1) > _MEASURED_SHARE).sum())


def hidden_factors(values: Floats, design: Floats, n_factors: int) -> Floats:
    """Leading principal components of the individuals over genes, after a design.

    Every gene that most individuals have counts alike (unit length); where it was not measured it says nothing.

    Parameters
    ----------
    values : numpy.ndarray
        (n_genes, n_individuals) log2; NaN is not measured.
    design : numpy.ndarray
        (n_individuals, n_columns) of full rank, with intercept.
    n_factors : int
        How many.

    Returns
    -------
    numpy.ndarray
        (n_individuals, n_factors or fewer) orthonormal, orthogonal to the design; fewer if the genes have fewer directions.
    """
    known = values[np.isfinite(values).mean(axis=1) > _MEASURED_SHARE]
    left = np.nan_to_num(residuals(known, design).values)
    length = np.linalg.norm(left, axis=1)
    rows = length > 1e-10 * np.linalg.norm(np.nan_to_num(known), axis=1)
    left = left[rows] / length[rows, None]
    size, directions = np.linalg.eigh(left.T @ left)
    chosen = directions[:, ::-1][:, :n_factors]
    chosen = chosen[:, size[::-1][:n_factors] > 1e-9 * max(size.max(initial=0.0), 1e-300)]
    basis = np.linalg.qr(design)[0]
    found = np.linalg.qr(chosen - basis @ (basis.T @ chosen))[0]
    return np.asarray(found)


def _columns(matrix: OrganMatrix, names: list[str]) -> Floats:
    places = matrix.individuals.index.get_indexer(pd.Index(names))
    return np.asarray(matrix.values[:, places], dtype=np.float64)


def _missing(column: pd.Series) -> NDArray[np.bool_]:
    return (column.isna() | (column.astype(str).str.strip() == "")).to_numpy(dtype=bool)


def _design(cohort: Cohort, pair: Pair, names: list[str]) -> tuple[Floats, tuple[str, ...]]:
    """Intercept and covariates of both organs; a column that follows from those before it adds nothing and is left out."""
    columns = [np.ones(len(names))]
    used = []
    for covariate in covariates_of(cohort, pair):
        before = len(columns)
        for name in pair:
            table = cohort.matrices[name].individuals
            for coded in _coded(table.loc[names, covariate]) if covariate in table else ():
                if np.linalg.matrix_rank(np.column_stack([*columns, coded])) > len(columns):
                    columns.append(coded)
        if len(columns) > before:
            used.append(covariate)
    return np.column_stack(columns), tuple(used)


def _coded(values: pd.Series) -> list[Floats]:
    if values.dtype.kind in "iuf":
        numbers = values.to_numpy(dtype=float)
        spread = numbers.std()
        return [] if spread == 0 else [(numbers - numbers.mean()) / spread]
    text = values.astype(str).to_numpy(dtype=str)
    return [(text == level).astype(float) for level in np.unique(text)[1:]]
