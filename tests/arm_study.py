"""A small simulated study with two perturbation arms, in memory, to be bent by tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from organokine.randomness import named_generator
from organokine.simulate import Simulated, simulate_tables
from organokine.stages.differential import differential_table
from organokine.stages.perturbation import perturbation_tables
from organokine.stages.prepare import prepare
from organokine.study import Study, assemble_study

SMALL: dict[str, Any] = {
    "n_genes": 350, "n_proteins": 300, "n_plasma": 60, "with_rna": False, "with_plasma": False, "perturbations": True,
    "changed_share": 0.25, "changed_size": (0.6, 0.6),
}  # fmt: skip
GAIN, LOSS = "cerebellum_protein_gain", "cerebellum_protein_loss"


def simulated(seed: int = 1, **options: Any) -> Simulated:
    """Proteins of two organs, and the two arms, of a study in which much ages."""
    return simulate_tables(seed, **{**SMALL, **options})


def with_arms(made: Simulated, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Simulated:
    """The same study with its sections of perturbations changed."""
    sections = made.file.model_dump(exclude_none=True)
    sections["perturbation"] = [change(arm) for arm in sections["perturbation"]]
    return made._replace(file=type(made.file).model_validate(sections))


def arms(study: Study) -> dict[str, pd.DataFrame]:
    """Tables of the arms, without the stages in between that they do not need."""
    assays = prepare(study, None).assays
    compared = {name: adata for name, adata in assays.items() if name not in study.file.arm_assays}
    table = differential_table(compared, study.file.contrast, study.file.differential)
    return perturbation_tables(study.file, assays, table, partial(named_generator, 1))


def assembled(made: Simulated) -> Study:
    """The study, joined and checked."""
    return assemble_study(made.file, made.tables, made.samples)


def renamed(study: Study, assay: str, change: Callable[[pd.Series], pd.Series]) -> Study:
    """The same study with other names for the animals of one assay."""
    copy = study.assays[assay].copy()
    copy.obs["subject"] = change(copy.obs["subject"])
    return replace(study, assays={**study.assays, assay: copy})
