"""Stage: population mode over the axis of a study that has a contrast as well, for the evidence line that carries it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from organokine.parallel import map_items
from organokine.population_tables import POPULATION
from organokine.stages.population import make_cohort

if TYPE_CHECKING:
    from organokine.references import References
    from organokine.study import Study


def axis_scores(study: Study, references: References, workers: int = 1) -> pd.DataFrame:
    """Score the candidates of the source over the target of the axis, with the contrast's factor taken out.

    Parameters
    ----------
    study : Study
        The study as read.
    references : References
        Secretion routes.
    workers : int
        Processes; never changes an answer.

    Returns
    -------
    pandas.DataFrame
        Table `population`; empty if the study file has no `[population]`.
    """
    options, axis = study.file.population, study.file.axis
    if options is None or axis is None:
        return POPULATION.empty()
    # Their loops are compiled by numba, which a run without population mode need not load.
    from organokine.population.assemble import assemble
    from organokine.population.cell import run_cell
    from organokine.population.plan import plan

    cohort = make_cohort(study, references)
    # The line shows scores alone; what goes with leading candidates is the page of `organokine population`.
    own = options.model_copy(update={"pairs": ((axis.source, axis.target),), "covariates": cohort.options.covariates})
    cohort = replace(cohort, options=own, traits=pd.DataFrame())
    planned = plan(cohort)
    cells = planned.cells
    results = map_items(partial(run_cell, cohort), cells, workers)
    return assemble(cohort, planned, dict(zip(cells, results, strict=True)))["population"]
