"""Population mode: which secreted genes of one organ go with another organ, across individuals.

>>> import organokine as ok
>>> result = ok.population.run(ok.read_study("study.toml"), "study_population")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from organokine.population.scoring import SecretionScore, secretion_score
    from organokine.population_run import PopulationResult, run_shard
    from organokine.population_run import run_population as run

__all__ = ["PopulationResult", "SecretionScore", "run", "run_shard", "secretion_score"]

_HOMES = {
    "PopulationResult": ("organokine.population_run", "PopulationResult"),
    "SecretionScore": ("organokine.population.scoring", "SecretionScore"),
    "run": ("organokine.population_run", "run_population"),
    "run_shard": ("organokine.population_run", "run_shard"),
    "secretion_score": ("organokine.population.scoring", "secretion_score"),
}


def __getattr__(name: str) -> object:
    """What computes is loaded when it is first used; what runs a whole study stands above this room."""
    from importlib import import_module

    if name not in _HOMES:
        message = f"module 'organokine.population' has no attribute {name!r}"
        raise AttributeError(message)
    home, held = _HOMES[name]
    return getattr(import_module(home), held)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
