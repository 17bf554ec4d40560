"""From a study to the cohort that population mode computes on: normalised, one row per gene, one column per individual."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from organokine import tables
from organokine.design import covariate_column
from organokine.errors import DataError, Problem
from organokine.population.cohort import Cohort, OrganMatrix
from organokine.stages.prepare import prepare
from organokine.study_join import as_text, rows_within

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.population_section import PopulationSection
    from organokine.references import References
    from organokine.study import Study


class Gathered(NamedTuple):
    """A cohort, and what was counted and seen on the way.

    Attributes
    ----------
    cohort : Cohort
        The individuals and their organs.
    joins : pandas.DataFrame
        Table `joins`: samples that `within` leaves out, rows without a gene or with another for their gene, genes that were not
        kept and why, genes with a secretion route, individuals with traits.
    qc, flags : pandas.DataFrame
        Tables `qc` and `flags` of the preparation.
    """

    cohort: Cohort
    joins: pd.DataFrame
    qc: pd.DataFrame
    flags: pd.DataFrame


def make_cohort(study: Study, references: References) -> Cohort:
    """Prepare the organs of a study for population mode; see `gather_cohort`."""
    return gather_cohort(study, references).cohort


def gather_cohort(study: Study, references: References) -> Gathered:
    """Prepare the organs of a study for population mode, and count what is left out.

    The samples that `within` keeps are normalised as in a run; a gene needs as many measured values, or counts, as one group of a run
    does, over all individuals. The contrast, if there is one, plays no part in this: its factor
    and its covariates are covariates.

    Parameters
    ----------
    study : Study
        The study as read, with `[population]`.
    references : References
        Secretion routes; the study's own lists are laid over it beforehand.

    Returns
    -------
    Gathered
        The cohort; genes in the order of the table, individuals sorted by name.

    Raises
    ------
    DataError
        If the study file has no `[population]`, or an assay cannot be normalised.
    """
    options = study.file.population
    if options is None:
        why = "Population mode is asked of a study only where its file says so"
        raise DataError(
            Problem("study.toml", "[population] is absent", why, "Add [population]; all its keys have defaults")
        )
    if study.file.contrast is not None:
        named = dict.fromkeys([*options.covariates, *study.file.contrast.covariates])
        options = options.model_copy(update={"covariates": tuple(named)})
    counts: list[tuple[object, ...]] = []
    prepared = prepare(_population_part(study, options, counts), references)
    matrices = {name: _matrix(name, adata, options, counts) for name, adata in prepared.assays.items()}
    routes = _routes(study, references, matrices)
    for name, matrix in matrices.items():
        n_secreted = int(routes.loc[list(matrix.genes), "secreted"].sum())
        counts.append((name, "genes with a secretion route", n_secreted, len(matrix.genes), "", "weight above 0"))
    plain = options.model_copy(update={"covariates": tuple(map(covariate_column, options.covariates))})
    cohort = Cohort(
        matrices=matrices,
        routes=routes,
        options=plain,
        factor=None if study.file.contrast is None else study.file.contrast.factor,
        seed=study.file.study.seed,
        fdr=study.file.ranking.fdr,
        traits=_traits(study, matrices),
    )
    joins = tables.JOINS.conform(pd.DataFrame(counts, columns=tables.JOINS.names()))
    return Gathered(cohort, joins, prepared.qc, prepared.flags)


def _population_part(study: Study, options: PopulationSection, counts: list[tuple[object, ...]]) -> Study:
    """The study without contrast, perturbations and the samples that `within` leaves out."""
    assays = {}
    for name, adata in study.assays.items():
        if name in study.file.arm_assays:
            continue
        kept = rows_within(adata.obs, options.within).to_numpy(dtype=bool)
        if len(options.within) > 0:
            note = "those that `within` of [population] keeps"
            counts.append((name, "samples of the population", int(kept.sum()), len(kept), "", note))
        assays[name] = adata[kept].copy()
    samples = {(name, sample) for name, adata in assays.items() for sample in adata.obs_names}
    rows = [key in samples for key in zip(study.runs["assay"], study.runs["sample"], strict=True)]
    file = study.file.model_copy(update={"contrast": None, "axis": None, "perturbation": ()})
    return replace(study, file=file, assays=assays, runs=study.runs[np.array(rows, dtype=bool)].reset_index(drop=True))


def _matrix(name: str, adata: AnnData, options: PopulationSection, counts: list[tuple[object, ...]]) -> OrganMatrix:
    var, about = adata.var, adata.uns["organokine"]
    has_gene = (var["gene"] != "").to_numpy()
    stands = var["representative"].to_numpy(dtype=bool)
    kept = var["kept"].to_numpy(dtype=bool)
    counts.append((name, "rows without a gene", int((~has_gene).sum()), len(var), "", "they take no part"))
    several = has_gene & ~stands
    counts.append((name, "rows beside the one of their gene", int(several.sum()), len(var), "", "they take no part"))
    for reason, rows in var[stands & ~kept].groupby("reason", sort=True):
        note = f"genes left out: {str(reason).replace('_', ' ')}"
        counts.append((name, f"genes with {reason}", len(rows), int(stands.sum()), str(rows["gene"].iloc[0]), note))
    chosen = np.flatnonzero(stands & kept)
    order = np.argsort(adata.obs["subject"].to_numpy(dtype=str), kind="stable")
    individuals = adata.obs.iloc[order].drop(columns=["subject"])
    individuals.index = pd.Index(adata.obs["subject"].to_numpy(dtype=object)[order], name="subject", dtype=object)
    labels = [covariate_column(each) for each in options.covariates if each != covariate_column(each)]
    individuals = individuals.assign(**{label: as_text(individuals[label]) for label in labels})
    return OrganMatrix(
        name=name,
        organ=str(about["organ"]),
        modality=str(about["modality"]),
        values=np.ascontiguousarray(np.asarray(adata.X, dtype=float).T[np.ix_(chosen, order)]),
        genes=var["gene"].to_numpy(dtype=object)[chosen],
        proteins=var["protein"].to_numpy(dtype=object)[chosen],
        individuals=individuals,
    )


def _routes(study: Study, references: References, matrices: dict[str, OrganMatrix]) -> pd.DataFrame:
    genes = sorted({gene for matrix in matrices.values() for gene in matrix.genes})
    route = references.routes(genes)["route"]
    weight = route.map(study.file.ranking.route_weights).fillna(0.0)
    return pd.DataFrame({"route": route, "secreted": weight.to_numpy(dtype=float) > 0}, index=route.index)


def _traits(study: Study, matrices: dict[str, OrganMatrix]) -> pd.DataFrame:
    """Traits of the individuals that have an organ; what others there are is counted when the study is read."""
    people = sorted({subject for matrix in matrices.values() for subject in matrix.individuals.index})
    if study.traits is None:
        return pd.DataFrame(index=pd.Index(people, dtype=object, name="subject"))
    return study.traits.loc[[name for name in people if name in study.traits.index]]
